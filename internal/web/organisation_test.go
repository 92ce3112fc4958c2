package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/step"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Admin)
	c.get("/users").is(http.StatusOK, "Users").sees("Admin Jones (you)", "seller@example.com", "4 users")
	c.get("/users/new").is(http.StatusOK, "New user").labels("Name", "Email", "First password", "Time zone", "Role")
	form := url.Values{"name": {"Ben Okafor"}, "email": {"ben"}, "password": {"short"}, "zone": {"Mars/Base"}, "role": {"seller"}}
	refused := c.post("/users", form).is(http.StatusUnprocessableEntity, "New user").sees("Email is not an email address", "Time zone is not known", "10 characters")
	if refused.value("name") != "Ben Okafor" || refused.value("zone") != "Mars/Base" {
		t.Error("the refused form lost what was typed")
	}
	form = url.Values{"name": {"Ben Okafor"}, "email": {"ben@example.com"}, "password": {"ten characters"}, "zone": {"Africa/Lagos"}, "role": {"seller"}}
	c.post("/users", form).leadsTo("/users")
	ben := c.get("/users").sees("Ben Okafor can sign in now", "5 users").link("Ben Okafor")
	form.Set("role", "sales_manager")
	form.Del("active")
	c.post(ben, form).leadsTo("/users")
	c.get("/users").sees("No access", "Ben Okafor was saved")
	c.get(ben).is(http.StatusOK, "Ben Okafor").sees("May sign in", "Set password")
	c.post(ben+"/password", url.Values{"password": {"short"}}).is(http.StatusUnprocessableEntity, "Ben Okafor").sees("10 characters")
	c.post(ben+"/password", url.Values{"password": {"another long one"}}).leadsTo(ben)
	form.Set("active", "on")
	c.post(ben, form).leadsTo("/users")
	h.nobody().post("/sign-in", url.Values{"email": {"ben@example.com"}, "password": {"another long one"}}).leadsTo("/")
}

// What an admin does to a user ends that user's sessions for good, and nobody else's.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, seller := h.as(access.Admin), h.users[access.Seller]
	path := "/users/" + seller.ID.String()
	c := h.as(access.Seller)
	admin.post(path+"/password", url.Values{"password": {housePassword}}).leadsTo(path)
	c.get("/profile").leadsTo("/sign-in")

	c = h.as(access.Seller)
	form := url.Values{"name": {seller.Name}, "email": {seller.Email}, "zone": {seller.Zone}, "role": {"seller"}}
	admin.post(path, form).leadsTo("/users")
	form.Set("active", "on")
	admin.post(path, form).leadsTo("/users")
	c.get("/profile").leadsTo("/sign-in")

	c = h.as(access.Seller)
	form.Set("name", "Sam Okafor")
	admin.post(path, form).leadsTo("/users")
	c.get("/profile").is(http.StatusOK, "Profile")
	admin.get("/profile").is(http.StatusOK, "Profile")
}

func TestLastAdmin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Admin)
	me := h.users[access.Admin]
	page := c.get("/users/"+me.ID.String()).is(http.StatusOK, "Admin Jones").sees("is the only active admin", "Change your own password on your profile")
	if !strings.Contains(page.Body, `name="role" value="admin"`) || page.value("active") != "on" {
		t.Error("role and access of the last admin are not carried along")
	}
	form := url.Values{"name": {me.Name}, "email": {me.Email}, "zone": {"UTC"}, "role": {"seller"}, "active": {"on"}}
	c.post("/users/"+me.ID.String(), form).is(http.StatusUnprocessableEntity, "Admin Jones").sees("last active admin", "Make somebody else an admin first")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Admin)
	c.get("/settings").is(http.StatusOK, "Settings").labels("Name", "Time zone", "Monday", "Sunday", "Follow emails", "Tracking address").sees("Opens and clicks are seen under http://cadenza.test.")
	form := url.Values{"organisation": {"Nordlys"}, "zone": {"Europe/Oslo"}, "hours/monday": {"17:00-09:00"}, "hours/saturday": {"10-14"}}
	refused := c.post("/settings", form).is(http.StatusUnprocessableEntity, "Settings").sees("Monday: 17:00-09:00 ends before it starts")
	if refused.value("organisation") != "Nordlys" || refused.value("hours/monday") != "17:00-09:00" {
		t.Error("the refused form lost what was typed")
	}
	form.Set("hours/monday", "17:00-24:00")
	form.Set("tracking_url", "links")
	c.post("/settings", form).is(http.StatusUnprocessableEntity, "Settings").sees("without a path")
	form.Set("tracking_url", "https://links.test")
	c.post("/settings", form).leadsTo("/settings")
	if got := c.get("/settings").sees("Settings saved").value("hours/monday"); got != "17:00-24:00" {
		t.Errorf("end of the day %q", got)
	}
	s, err := h.app.GetSettings(t.Context(), h.actor(access.Admin))
	if err != nil || s.Hours != (action.WeekHours{1: "17:00-24:00", 6: "10:00-14:00"}) || s.Organisation != "Nordlys" || s.Follow || s.TrackingURL != "https://links.test" {
		t.Errorf("settings %+v, %v", s, err)
	}
}

func TestCallOutcomes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SalesManager)
	page := c.get("/settings/call-outcomes").is(http.StatusOK, "Call outcomes").labels("Add an outcome", "Label of outcome 1").buttons("Save outcomes")
	form := url.Values{"rev": {page.value("rev")}, "new": {"Meeting booked"}}
	for i, o := range step.ShippedOutcomes() {
		form.Add("key", o.Key)
		form.Set("label-"+strconv.Itoa(i), o.Label)
		form.Set("offered-"+strconv.Itoa(i), "1")
	}
	form.Set("label-1", "Connected")
	c.post("/settings/call-outcomes", form).is(http.StatusUnprocessableEntity, "Call outcomes").sees("There are two outcomes “Connected”")
	form.Set("label-1", "Mailbox")
	form.Del("offered-3")
	form.Set("do", "up 1")
	form.Set("default", "no_answer")
	c.post("/settings/call-outcomes", form).leadsTo("/settings/call-outcomes")
	c.get("/settings/call-outcomes").sees("Call outcomes saved", "meeting_booked")
	known, err := h.app.Outcomes(t.Context(), h.actor(access.Seller))
	list := known.Calls
	if err != nil || fmt.Sprint(list.Offered().Keys()) != "[left_voicemail connected no_answer wrong_number meeting_booked]" || list[0].Label != "Mailbox" {
		t.Errorf("outcomes %+v, %v", list, err)
	}
	if got := list.Default(); got != "no_answer" {
		t.Errorf("calls end by themselves with %q", got)
	}
	h.as(access.Seller).get("/settings/call-outcomes").is(http.StatusForbidden, "")

	// Those of meetings say whether the meeting took place.
	meetings := "/settings/meeting-outcomes"
	page = c.get(meetings).is(http.StatusOK, "Meeting outcomes").labels("Add an outcome", "Took place", "It took place").buttons("Save outcomes")
	form = url.Values{"rev": {page.value("rev")}, "new": {"Held, wants an offer"}, "new-held": {"1"}}
	for i, o := range step.ShippedMeetingOutcomes() {
		form.Add("key", o.Key)
		form.Set("label-"+strconv.Itoa(i), o.Label)
		form.Set("offered-"+strconv.Itoa(i), "1")
	}
	c.post(meetings, form).leadsTo(meetings)
	c.get(meetings).sees("Meeting outcomes saved", "held_wants_an_offer")
	form.Set("rev", c.get(meetings).value("rev"))
	form.Del("new")
	c.post(meetings, form).is(http.StatusUnprocessableEntity, "Meeting outcomes").sees("must say that the meeting took place")
	known, err = h.app.Outcomes(t.Context(), h.actor(access.Seller))
	if last := known.Meetings[len(known.Meetings)-1]; err != nil || !last.Held || known.Meetings.Held("held") || known.Meetings.Default() != "" || len(known.Calls) != 6 {
		t.Errorf("outcomes %+v, %v", known, err)
	}
}

func TestAdminPagesAreForAdmins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	me := h.users[access.SalesManager]
	c := h.as(access.SalesManager)
	for _, path := range []string{"/users", "/users/new", "/users/" + me.ID.String(), "/settings"} {
		c.get(path).is(http.StatusForbidden, "")
	}
	c.post("/users", url.Values{"name": {"Eve"}}).is(http.StatusForbidden, "")
	c.post("/users/"+me.ID.String(), url.Values{"role": {"admin"}}).is(http.StatusForbidden, "")
	c.post("/settings", url.Values{"organisation": {"Mine"}}).is(http.StatusForbidden, "")
}
