package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
)

func TestSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Admin)
	c.get("/settings/sending").is(http.StatusOK, "Sending").sees("At any hour", "Emails per day")
	form := url.Values{"windows": {"windows"}, "monday_from": {"18:00"}, "monday_to": {"08:00"}, "hour": {"many"}}
	c.post("/settings/sending", form).is(http.StatusUnprocessableEntity, "Sending").sees("The window of Monday ends before it begins.", "Emails per hour must be a number")
	form = url.Values{"windows": {"windows"}, "monday_from": {"08:00"}, "monday_to": {"00:00"}, "day": {"40"}, "gap": {"60"}}
	c.post("/settings/sending", form).leadsTo("/settings/sending")
	saved := c.get("/settings/sending")
	for name, want := range map[string]string{"monday_from": "08:00", "monday_to": "00:00", "day": "40", "gap": "60", "hour": ""} {
		if got := saved.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	h.as(access.Seller).get("/settings/sending").is(http.StatusForbidden, "")
}

func TestPaceOfMailbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	id := h.users[access.Seller].ID.String()
	c.post("/mailboxes/"+id, mailboxFields())
	to := "/mailboxes/" + id + "/pace"
	c.get(to).is(http.StatusOK, "Pace").sees("The limits of the organisation", "Last hour")
	c.post(to, url.Values{"own": {"own"}, "ramp_step": {"5"}}).is(http.StatusUnprocessableEntity, "Pace").sees("Say with how many mails a day the warm-up begins")
	c.post(to, url.Values{"own": {"own"}, "day": {"7"}}).leadsTo(to)
	c.get(to).sees("0 of 7")
	h.as(access.Admin).post("/settings/sending", url.Values{"windows": {"any"}, "day": {"40"}, "gap": {"60"}}).leadsTo("/settings/sending")
	c.get(to).sees("may be stricter than those of the organisation")
	c.post(to, url.Values{"own": {"own"}, "day": {"41"}}).is(http.StatusUnprocessableEntity, "Pace").sees("Emails per day may be at most 40", "There must be at least 60 seconds between emails")
	c.get(to).sees("0 of 7")
	h.as(access.Admin).post(to, url.Values{"own": {"own"}, "day": {"41"}}).leadsTo(to)
	c.get(to).sees("0 of 41")
	c.post(to, url.Values{"own": {"own"}, "day": {"7"}, "gap": {"60"}}).leadsTo(to)
	c.post("/mailboxes/"+id+"/pause", url.Values{"paused": {"true"}})
	c.get(to).sees("Paused by")
}

// TestSendingSavedTwice holds that of two who save from pages opened at the same time the second is told, and keeps what was typed.
func TestSendingSavedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Admin)
	id := h.users[access.Admin].ID.String()
	c.post("/mailboxes/"+id, mailboxFields())
	for _, one := range []struct{ path, title, field, told string }{
		{"/settings/sending", "Sending", "day", "Somebody else changed the rules of sending meanwhile."},
		{"/settings", "Settings", "organisation", "Somebody else changed the settings meanwhile."},
		{"/settings/opt-out", "Opt-out", "title", "Somebody else changed how customers opt out meanwhile."},
		{"/mailboxes/" + id + "/pace", "Pace", "day", "Somebody else changed the limits of this mailbox meanwhile."},
	} {
		rev := c.get(one.path).value("rev")
		form := url.Values{"rev": {rev}, "windows": {"any"}, "own": {"own"}, "language": {"en"}, "zone": {"UTC"}, "hours/monday": {"8-17"}, one.field: {"41"}}
		c.post(one.path, form).leadsTo(one.path)
		form.Set(one.field, "52")
		second := c.post(one.path, form).is(http.StatusUnprocessableEntity, one.title).sees(one.told)
		if second.value(one.field) != "52" || second.value("rev") != rev {
			t.Errorf("%s shows %s %q of revision %s again, want what was typed over revision %s", one.path, one.field, second.value(one.field), second.value("rev"), rev)
		}
		if got := c.get(one.path).value(one.field); got != "41" {
			t.Errorf("%s keeps %q, want what was saved first", one.path, got)
		}
	}
}
