package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestBookMeeting books one from a record whose sequence it ends, changes it, and says how it went.
func TestBookMeeting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "first_name": "Marta"})
	h.connect(h.active("Inbound", callStep, taskStep), lead)
	seller := h.as(access.Seller)
	form := "/meetings/new?record=" + lead.ID.String()
	seller.get(recordAt(lead, "")).sees("Book meeting", "Book a meeting")
	seller.get(recordAt(lead, "/activities/new")).sees("book a meeting")
	seller.get(form).is(http.StatusOK, "Book a meeting").labels("Name", "Begins", "Lasts", "Place or link", "Who comes", "Who goes").
		sees("With Marta Lindqvist.", "“Inbound” ends when the meeting is booked")

	zone, _ := time.LoadLocation("Europe/Berlin")
	day := time.Now().In(zone).AddDate(0, 0, 3).Format(time.DateOnly)
	fields := url.Values{"record": {lead.ID.String()}, "begins": {day + "T10:00"}, "length": {"90"}, "place": {"https://meet.test/marta"}, "people": {"Marta\r\nher boss, Dan"}}
	for field, bad := range map[string]string{"begins": "soon", "length": "0", "place": strings.Repeat("p", 501), "assignee": "nobody"} {
		wrong := url.Values{}
		for k, v := range fields {
			wrong[k] = v
		}
		wrong.Set(field, bad)
		seller.post("/meetings", wrong).is(http.StatusUnprocessableEntity, "Book a meeting").labels("Begins")
	}
	seller.post("/meetings", fields).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("“Meeting with Marta Lindqvist” is booked for", "“Inbound” ended.", "10:00 – 11:30", "https://meet.test/marta", "Marta, her boss, Dan", "Did not come", "Inbound ended: a meeting was booked")

	meeting := meetingOf(t, h, access.Seller)
	seller.get(opened(meeting, "/edit")).is(http.StatusOK, "Edit meeting").labels("Begins", "Lasts", "Place or link").sees("1 hour 30 minutes")
	seller.post(opened(meeting, "/edit"), url.Values{"name": {"Demo"}, "begins": {day + "T11:00"}, "length": {"30"}, "place": {"Room 4"}, "people": {""}}).leadsTo(recordAt(lead, ""))
	seller.get(opened(meeting, "")).sees("Demo", "11:00 – 11:30", "Room 4", "Move").misses("meet.test")
	seller.get("/work?kind=meeting&due=all").sees("Meetings", "Demo")
	seller.post(opened(meeting, "/complete"), url.Values{"outcome": {"busy"}}).is(http.StatusUnprocessableEntity, "").sees("The outcome must be one of held, moved, did_not_come, called_off.")
	seller.post(opened(meeting, "/complete"), url.Values{"outcome": {"did_not_come"}, "note": {"Waited for half an hour"}, "back": {recordAt(lead, "")}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("Meeting Demo: did not come", "Room 4", "Waited for half an hour")
}

// meetingOf gives the only meeting of a role.
func meetingOf(t *testing.T, h *house, role access.Role) store.Activity {
	t.Helper()
	page, err := h.app.WorkList(t.Context(), h.actor(role), store.WorkQuery{Kinds: []string{step.Meeting}, Later: true})
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("%d meetings, %v", len(page.Rows), err)
	}
	return page.Rows[0]
}

// TestBookMeetingFromCalendar names the record, and brings the calendar back with the hours that the meeting takes.
func TestBookMeetingFromCalendar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range []string{"Noor", "Twin", "Twin"} {
		h.record(access.Seller, record.Lead, record.Values{"last_name": name, "first_name": "Ines"})
	}
	seller := h.as(access.Seller)
	zone, _ := time.LoadLocation("Europe/Berlin")
	date := time.Now().In(zone).AddDate(0, 0, 3)
	day := "/calendar?view=day&date=" + date.Format(time.DateOnly)
	form := "/meetings/new?" + url.Values{"back": {day}, "begins": {date.Format(time.DateOnly) + "T14:00"}}.Encode()
	seller.get(day).sees("Book meeting")
	seller.get(form).is(http.StatusOK, "Book a meeting").labels("With", "Begins", "Lasts")
	if body := seller.get("/meetings/suggest?with=Noor", "HX-Request", "true").is(http.StatusOK, "").Body; !strings.Contains(body, `value="Ines Noor"`) {
		t.Errorf("Ines Noor is not suggested: %s", body)
	}
	fields := url.Values{"back": {day}, "begins": {date.Format(time.DateOnly) + "T14:00"}, "length": {"150"}, "name": {"Walk through"}}
	for who, says := range map[string]string{"": "Say whom it is with.", "Nobody": "There is no record called “Nobody”.", "Ines Twin": "Several records are called “Ines Twin”", strings.Repeat("n", 500): "longer than"} {
		fields.Set("with", who)
		seller.post("/meetings", fields, "HX-Request", "true").is(http.StatusUnprocessableEntity, "").sees(says)
	}
	fields.Set("with", "Ines Noor")
	answer := seller.post("/meetings", fields, "HX-Request", "true").is(http.StatusOK, "Calendar").sees("Ines Noor", "14:00 – 16:30", "until 16:30", "Walk through", "1 activity")
	if got := answer.Header.Get("HX-Replace-Url"); !strings.HasPrefix(got, "/calendar?") {
		t.Errorf("it leads to %q", got)
	}
	seller.get("/calendar?view=week&date="+date.Format(time.DateOnly)).sees("14:00 – 16:30", "until 16:30")
}
