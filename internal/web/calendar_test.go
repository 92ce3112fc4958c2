package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// planned makes an activity of a role at an hour of the day after tomorrow, in Berlin.
func (h *house) planned(role access.Role, hour int, name string) store.Activity {
	h.t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		h.t.Fatal(err)
	}
	y, m, d := time.Now().In(zone).AddDate(0, 0, 2).Date()
	lead := h.record(role, record.Lead, record.Values{"last_name": "Noor", "first_name": "Ines", "company": "Kühn & Söhne"})
	a, err := h.app.CreateActivity(h.t.Context(), h.actor(role), action.NewActivity{
		Record: lead.ID, Kind: "task", Name: name, DueAt: time.Date(y, m, d, hour, 15, 0, 0, zone), Assignee: h.users[role].ID,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// TestCalendar looks at a day, moves an activity by the form without scripts, and takes that back.
func TestCalendar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	c.get("/calendar").is(http.StatusOK, "Calendar").sees("Nothing is planned", "Times are in your zone, Europe/Berlin.")
	a := h.planned(access.Seller, 10, "Send the offer")
	zone, _ := time.LoadLocation("Europe/Berlin")
	due := a.DueAt.In(zone)
	day := "/calendar?view=day&date=" + due.Format(time.DateOnly)
	c.get(day).is(http.StatusOK, "Calendar").sees(due.Format("Monday 2 January 2006"), "10:15", "Ines Noor", "Send the offer", "1 activity")
	c.get("/calendar?view=week&date="+due.Format(time.DateOnly)).is(http.StatusOK, "Calendar").sees("Ines Noor", "Send the offer")
	c.get("/calendar?view=month&date=never&user=nobody&moved=x").is(http.StatusOK, "Calendar")

	t.Log("work at night stands above the hour at which the page opens")
	h.planned(access.Seller, 2, "Call Tokyo")
	body := c.get(day).sees("02:15", "Call Tokyo").Body
	if opens := strings.Index(body, "data-begins"); strings.Count(body, "data-begins") != 1 || opens < strings.Index(body, "Call Tokyo") || opens > strings.Index(body, "10:15") {
		t.Errorf("the day opens %d times", strings.Count(body, "data-begins"))
	}

	move := "/calendar/" + a.ID.String() + "/move"
	c.get(move+"?back="+url.QueryEscape(day)).is(http.StatusOK, "Move “Send the offer”").labels("Due at")
	for _, bad := range []string{"2020-01-01T10:00", "soon", ""} {
		c.post(move, url.Values{"until": {bad}, "back": {day}}).is(http.StatusUnprocessableEntity, "Move “Send the offer”").sees("Choose a")
	}
	to := c.post(move, url.Values{"until": {due.Format("2006-01-02") + "T16:30"}, "back": {day}}).leadsTo("/calendar?")
	c.get(to).is(http.StatusOK, "Calendar").sees("is now due "+due.Format("Mon 2 Jan")+", 16:30", "16:30").buttons("Undo U")
	c.post("/calendar/"+a.ID.String()+"/undo", url.Values{"back": {day}}).leadsTo("/calendar?")
	c.get(to).is(http.StatusOK, "Calendar").sees("is due " + due.Format("Mon 2 Jan") + ", 10:15 again.").misses("is now due")
	c.post("/calendar/"+a.ID.String()+"/undo", url.Values{"back": {day}}).is(http.StatusConflict, "")
	c.get("/calendar/act_nothing/move").is(http.StatusNotFound, "")
	c.post(move, url.Values{"until": {due.Format("2006-01-02") + "T16:30"}, "back": {"//elsewhere.test/"}}).leadsTo("/calendar?moved=")
}

// TestCalendarOfOthers is for managers alone; sellers neither look at nor move what is another's.
func TestCalendarOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.planned(access.Seller, 10, "Send the offer")
	at := "/calendar?view=day&date=" + a.DueAt.Format(time.DateOnly) + "&user=" + h.users[access.Seller].ID.String()
	h.as(access.SalesManager).get(at).is(http.StatusOK, "Calendar of Seller Jones").sees("Send the offer").labels("Calendar of")
	other := h.as(access.SequenceManager)
	other.get(at).is(http.StatusForbidden, "")
	other.get("/calendar/"+a.ID.String()+"/move").is(http.StatusForbidden, "")
	other.post("/calendar/"+a.ID.String()+"/move", url.Values{"until": {"2030-01-01T10:00"}}).is(http.StatusForbidden, "")
}

// TestCalendarOfManyActivities shows some of an hour, and the way to the rest.
func TestCalendarOfManyActivities(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var a store.Activity
	for range 16 {
		a = h.planned(access.Seller, 10, "Call")
	}
	c := h.as(access.Seller)
	date := a.DueAt.Format(time.DateOnly)
	c.get("/calendar?view=week&date=" + date).sees("+13 more")
	c.get("/calendar?view=day&date="+date).sees("+4 more", "16 activities")
}
