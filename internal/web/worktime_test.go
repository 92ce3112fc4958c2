package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestTimeOffPages enters time off, hands work over and takes it back, without scripts.
func TestTimeOffPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller, manager := h.users[access.Seller], h.users[access.SalesManager]
	c := h.as(access.Seller)
	at := "/users/" + seller.ID.String()
	c.get("/profile").sees("Working time")
	c.get(at+"/working-time").is(http.StatusOK, "Working time").labels("First day", "Last day", "Stands in", "Note", "Own working hours", "Monday", "Holidays").
		buttons("Add time off", "Save working time").sees("No time off is planned")
	zone, err := time.LoadLocation(seller.Zone) // by whose day it is over, or not
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(zone).Format(time.DateOnly)
	form := url.Values{"from": {today}, "to": {"2020-01-01"}, "substitute": {manager.ID.String()}, "note": {"Sailing"}, "open_too": {"1"}}
	refused := c.post(at+"/time-off", form).is(http.StatusUnprocessableEntity, "Working time").sees("before the first")
	if refused.value("note") != "Sailing" || refused.value("from") != today {
		t.Error("the refused form lost what was typed")
	}
	form.Set("to", "")
	c.post(at+"/time-off", form).leadsTo(at + "/working-time")
	page := c.get(at+"/working-time").sees("Time off added", "Away now", manager.Name, "Sailing")
	id := page.address(`href="(/time-off/\w+)"`)
	c.get(id).is(http.StatusOK, "Time off").buttons("Save time off", "Hand over now", "Delete time off")
	c.get("/availability").is(http.StatusOK, "Availability").sees("Away until", manager.Name+" stands in")
	h.as(access.Admin).get("/users").sees("Away until")
	h.as(access.SalesManager).get(at + "/working-time").buttons("Add time off")
	other := h.as(access.SequenceManager)
	other.get(at+"/working-time").is(http.StatusOK, "Working time").sees("Mon–Fri 08:00–17:00", "Sailing")
	other.get(id).is(http.StatusForbidden, "")
	other.post(at+"/time-off", form).is(http.StatusForbidden, "")

	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.due(lead, "task", "Write", 0)
	c.post(id+"/hand-over", nil).leadsTo(at + "/working-time")
	c.get(at+"/working-time").sees("Handed over: 1 activity", "Others do 1 open activity").buttons("Take back")
	h.as(access.SalesManager).get("/work").sees("For " + seller.Name)
	seq := h.active("Trial", step.Step{ID: "t", Type: "task", Name: "Ring", Config: step.Config{}})
	h.connect(seq, lead)
	c.get("/records/"+lead.ID.String()).sees(seller.Name+" is away until", manager.Name+" stands in and gets new activities")
	c.get("/sequences/" + seq.ID.String() + "/preview?record=" + lead.ID.String()).sees(seller.Name + " is away until")
	c.post(at+"/take-back", nil).leadsTo(at + "/working-time")
	form.Set("mail_waits", "1")
	c.post(id, form).leadsTo(at + "/working-time")
	form.Set("from", "never")
	c.post(id, form).is(http.StatusUnprocessableEntity, "Time off").sees("is not a date")
	c.post(id+"/delete", nil).leadsTo(at + "/working-time")
	c.get(at + "/working-time").sees("No time off is planned")
	c.get(id).is(http.StatusNotFound, "")
}

// TestWorkingHoursPages sets own hours and the holidays of the organisation.
func TestWorkingHoursPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, at := h.as(access.Seller), "/users/"+h.users[access.Seller].ID.String()+"/working-time"
	form := url.Values{"own": {"1"}, "hours/monday": {"8-12, 11-17"}, "region": {"AT"}}
	c.post(at, form).is(http.StatusUnprocessableEntity, "Working time").sees("Monday: 08:00-12:00 and 11:00-17:00 overlap")
	form.Set("hours/monday", "8-12, 13-17")
	c.post(at, form).leadsTo(at)
	if got := c.get(at).value("hours/monday"); got != "08:00-12:00, 13:00-17:00" {
		t.Errorf("own hours %q", got)
	}
	w, err := h.app.WorkingTime(t.Context(), h.actor(access.Seller), h.users[access.Seller].ID)
	if err != nil || !w.Own || w.Region != "AT" || w.Effective != "Austria" || w.Hours != (action.WeekHours{1: "08:00-12:00, 13:00-17:00"}) {
		t.Errorf("working time %+v, %v", w, err)
	}
	c.get("/settings/holidays").is(http.StatusForbidden, "")
	admin := h.as(access.Admin)
	admin.get("/settings").sees("Holidays")
	admin.get("/settings/holidays").is(http.StatusOK, "Holidays").labels("Country or region", "Date", "Name", "Where", "Every year", "Holidays of").sees("There are none")
	admin.post("/settings/holidays", url.Values{"region": {"moon"}}).is(http.StatusUnprocessableEntity, "Holidays")
	admin.post("/settings/holidays", url.Values{"region": {"DE-BY"}}).leadsTo("/settings/holidays")
	admin.get("/settings/holidays").sees("Germany: Bavaria", "Fronleichnam")
	admin.get("/settings/holidays?show=US").sees("Thanksgiving")
	add := url.Values{"date": {"2020-12-27"}, "yearly": {"1"}}
	admin.post("/settings/holidays/days", add).is(http.StatusUnprocessableEntity, "Holidays").sees("Name is required")
	add.Set("name", "Between the years")
	admin.post("/settings/holidays/days", add).leadsTo("/settings/holidays")
	page := admin.get("/settings/holidays").sees("27 Dec, every year", "Added by the organisation")
	admin.post(page.address(`action="(/settings/holidays/days/\w+/delete)"`), nil).leadsTo("/settings/holidays")
	admin.get("/settings/holidays").sees("Holiday deleted")
	const file = "date;name;region;yearly\n2031-05-02;Bridge;DE-BY;\n2031-05-02;Again;DE-BY;\n2.5.;Wrong\n2031-05-03;Odd;XX;\n"
	c.upload("/settings/holidays/days/import", "days.csv", file).is(http.StatusForbidden, "")
	admin.upload("/settings/holidays/days/import", "days.csv", file).is(http.StatusOK, "Holidays").
		sees("1 added, 1 known before", "Line 1 was taken for the header: date, name, region, yearly.", "2 rows were refused", "Row 4: The date is not one such as 2026-12-24.", "Row 5: The holidays of this region are not known.", "Bridge")
	admin.upload("/settings/holidays/days/import", "days.csv", "2.5.31,Wrong\n2031-05-04,\"Open\n2031-05-05,Last\n").is(http.StatusOK, "Holidays").
		sees("1 added, 0 known before", "2 rows were refused", "Row 1: The date is not one such as 2026-12-24.", "Row 2: A quoted cell begins here and does not end.", "Last")
	admin.post("/settings/holidays/days/import", nil).is(http.StatusUnprocessableEntity, "Holidays").sees("Choose a file.")
}

// address finds an address in the page's source.
func (a *answer) address(pattern string) string {
	a.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(a.Body)
	if found == nil {
		a.t.Fatalf("%s: nothing matches %s", a.what, pattern)
	}
	return found[1]
}
