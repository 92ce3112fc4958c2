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

// writer makes a seller with a mailbox and an email to write to Marta in Tokyo.
func (h *house) writer() (*client, store.Activity) {
	h.t.Helper()
	if _, err := h.app.SaveMailbox(h.t.Context(), h.actor(access.Seller), action.MailboxInput{
		User: h.users[access.Seller].ID, Address: "seller@cadenza.test", Signature: "Sam Seller\nCadenza",
		SenderName: "Sam Seller", Host: "127.0.0.1", Port: 2525, Security: store.NoTLS,
	}); err != nil {
		h.t.Fatal(err)
	}
	rec := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@nordlys.test", "time_zone": "Asia/Tokyo"})
	return h.as(access.Seller), h.due(rec, "email", "Write to her", 0)
}

func TestComposerDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller, a := h.writer()
	seller.get(opened(a, "?do=email")).is(http.StatusOK, "Work list").sees("Sam Seller Cadenza", "Signature", "Send later").misses("Draft kept")
	typed := url.Values{"mail_to": {"marta@nordlys.test"}, "cc": {"wrong"}, "bcc": {"log"}, "subject": {"Hello 日本"}, "html": {"<p>Hi {{ city }}</p>"}, "rev": {"0"}, "signature": {"1"}}
	page := seller.post(opened(a, "/keep"), typed, "HX-Request", "true").is(http.StatusOK, "").sees("Draft kept", "Discard", "“wrong” is no email address. CC takes", "“log” is no email address. BCC takes", "“City” is empty")
	if !strings.Contains(page.Body, `name="rev" value="1"`) {
		t.Errorf("no revision in %s", page.Body)
	}
	seller.post(opened(a, "/keep"), typed, "HX-Request", "true").is(http.StatusConflict, "").sees("This draft is open elsewhere", "Load that one", "Keep what stands here")
	typed.Set("over", "1")
	typed.Set("subject", "Mine")
	seller.post(opened(a, "/keep"), typed, "HX-Request", "true").is(http.StatusOK, "").sees("Draft kept")
	seller.get("/work").sees("Draft", "Go on with the draft")
	page = seller.get(opened(a, "?do=email")).sees("Draft kept", "{{ city }}")
	if !strings.Contains(page.Body, `value="Mine"`) {
		t.Error("the draft is not there again")
	}
	h.as(access.SalesManager).get(opened(a, "?do=email")).misses("Draft kept")
	seller.get(opened(a, "")).sees("Go on with the draft")

	t.Log("without scripts")
	typed.Set("rev", "2")
	seller.post(opened(a, "/keep"), typed).leadsTo(opened(a, ""))
	typed.Del("over")
	seller.post(opened(a, "/keep"), typed).is(http.StatusUnprocessableEntity, "").sees("You have changed this draft in another window")
	typed.Set("rev", "3")
	typed.Set("thread", "maybe")
	seller.post(opened(a, "/keep"), typed, "HX-Request", "true").is(http.StatusUnprocessableEntity, "").sees("Not kept: Thread is reply or new")
	seller.post(opened(a, "/discard"), url.Values{}).leadsTo(opened(a, ""))
	seller.get(opened(a, "?do=email")).misses("Draft kept")
	seller.get(opened(a, "")).sees("Write email")
}

func TestScheduleFromComposer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller, a := h.writer()
	mail := url.Values{"mail_to": {"marta@nordlys.test"}, "subject": {"Hello"}, "html": {"<p>Hi</p>"}, "signature": {"1"}}
	later := func(more ...string) url.Values {
		v := url.Values{}
		for k, one := range mail {
			v[k] = one
		}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	seller.post(opened(a, "/email"), later("at", "soon")).is(http.StatusUnprocessableEntity, "").sees("Choose one of the times")
	seller.post(opened(a, "/email"), later("later", "own", "own", "")).is(http.StatusUnprocessableEntity, "").sees("Choose a date and time.")
	seller.post(opened(a, "/email"), later("later", "own", "own", "2020-01-01T10:00")).is(http.StatusUnprocessableEntity, "").sees("Choose a time that is still to come")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(tokyo).AddDate(0, 0, 10).Format(time.DateOnly)
	seller.post(opened(a, "/email"), later("later", "own", "own", day+"T09:40", "own_zone", "theirs")).leadsTo("/work")
	seller.get(opened(a, "")).sees("09:40 in Tokyo", "Scheduled", "Send now", "Change time", "Take back", "The activity is completed when it is sent.").misses("Overdue since")
	seller.get("/work?due=all").sees("Scheduled")

	list, err := h.app.ListMessages(t.Context(), h.actor(access.Seller), store.MessageQuery{})
	if err != nil || len(list.Rows) != 1 {
		t.Fatal(list.Rows, err)
	}
	m := list.Rows[0]
	if want := day + " 09:40"; m.ScheduledAt.In(tokyo).Format("2006-01-02 15:04") != want {
		t.Errorf("scheduled at %v, want %s", m.ScheduledAt, want)
	}
	at := "/outbox/" + m.ID.String()
	seller.get("/outbox").sees("It is scheduled for this time.")
	seller.get(at).sees("It is scheduled", "Send now", "Take back")
	h.as(access.SequenceManager).get(at).sees("It is scheduled").misses("Take back")
	h.as(access.SequenceManager).post(at+"/take-back", url.Values{}).is(http.StatusForbidden, "")
	seller.get(at+"/time").is(http.StatusOK, "When is it sent?").sees("By which clock", " morning") // tomorrow's or Monday's, by today's weekday in Tokyo
	seller.post(at+"/time", url.Values{"later": {"own"}, "own": {"2020-01-01T10:00"}}).is(http.StatusUnprocessableEntity, "").sees("still to come")
	seller.post(at+"/time", url.Values{"later": {"own"}, "own": {day + "T11:30"}, "own_zone": {"theirs"}, "back": {opened(a, "")}}).leadsTo(opened(a, ""))
	seller.get(opened(a, "")).sees("11:30 in Tokyo")
	seller.post(at+"/take-back", url.Values{}).leadsTo(opened(a, "?do=email"))
	seller.get(opened(a, "?do=email")).sees("Its text is kept as a draft.", "Draft kept", "Signature")
	seller.get(at).sees("Taken back by Seller Jones.")

	seller.post(opened(a, "/email"), later("at", time.Now().Add(48*time.Hour).Format(time.RFC3339))).leadsTo("/work")
	list, err = h.app.ListMessages(t.Context(), h.actor(access.Seller), store.MessageQuery{State: store.MessageQueued})
	if err != nil || len(list.Rows) != 1 {
		t.Fatal(list.Rows, err)
	}
	seller.post("/outbox/"+list.Rows[0].ID.String()+"/send-now", url.Values{}).leadsTo("/outbox/" + list.Rows[0].ID.String())
	seller.get(opened(a, "")).sees("Sending").misses("Scheduled")
}

// TestComposerStops says what keeps an email from being sent before anybody writes one.
func TestComposerStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller, _ := h.writer()
	unwilling := h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor", "email": "sam@okafor.test", "do_not_email": "true", "phone": "+4930901820"})
	seller.get(opened(h.due(unwilling, "email", "Write", 0), "?do=email")).sees("must not be emailed", "Skip this step", "Call instead").misses("Send later")
	shut := h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman", "email": "raman@okafor.test"})
	if _, err := h.app.AddSuppression(t.Context(), h.actor(access.Admin), action.SuppressionInput{Address: "raman@okafor.test", Source: store.FromPerson}); err != nil {
		t.Fatal(err)
	}
	a := h.due(shut, "email", "Write", 0)
	seller.get(opened(a, "")).sees("No emails to raman@okafor.test", "The address is suppressed.", "Show suppressions")
	seller.get(opened(a, "?do=email")).sees("The address is suppressed.", "Send")
}
