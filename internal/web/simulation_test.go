package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestSimulation plays a sequence with many records, and says what is wrong with the figures that it is asked for.
func TestSimulation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seq := h.active("Calls", callStep, waitStep, taskStep)
	at := path(seq.ID, "/simulation")
	c := h.as(access.SequenceManager)
	c.get(at).is(http.StatusOK, "Calls").sees("Nothing happens", "There are no open leads to play with.").labels("Records", "Connected per day", "Opened")
	for _, name := range []string{"Lindqvist", "Tanaka", "Herrera"} {
		h.record(access.Seller, record.Lead, record.Values{"last_name": name})
	}
	page := c.get(at+"?days=2").is(http.StatusOK, "Calls").
		sees("Records played 3", "Automatic emails 0", "Activities 3", "Busiest day 3 activities", "Seller Jones", "3 completed.", "3 more behind these days.")
	if strings.Count(page.Body, "<title>") < 2 || strings.Contains(page.Body, "style=") {
		t.Error("the chart has no bars, or bears styles of its own")
	}
	c.get(at+"?per_day=1&records=2").sees("Records played 2", "Busiest day 1 activity")
	bad := c.get(at+"?records=9000&per_day=x&days=0&opened=120&hoped=abc").is(http.StatusUnprocessableEntity, "Calls")
	bad.sees("This must be from 1 to 500.", "This must be from 0 to 500.", "This must be from 1 to 365.", "A share must be from 0 to 100 percent.").misses("Records played")
	if !strings.Contains(bad.Body, `value="9000"`) || !strings.Contains(bad.Body, `value="abc"`) {
		t.Error("what was entered is lost")
	}
	c.get("/sequences/seq_0000000000000/simulation").is(http.StatusNotFound, "")
}

// TestForeseenMessages holds that the preview and the simulation say when messages leave, and who cannot be written to.
func TestForeseenMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tpl := h.template("Introduction")
	seq := h.active("Mail", step.Step{ID: "mail", Type: "automated_email", Name: "Hello", Config: step.Config{"template": tpl.Key}}, taskStep)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "email": "marta@example.com"})
	silent := h.record(access.Seller, record.Lead, record.Values{"last_name": "Tanaka", "email": "yuki@example.com", "do_not_email": "true"})
	nowhere := h.record(access.Seller, record.Lead, record.Values{"last_name": "Herrera"})
	c := h.as(access.SequenceManager)
	preview := func(rec ident.Record) string { return path(seq.ID, "/preview") + "?record=" + rec.String() }
	c.get(preview(lead.ID)).sees("The email is sent by itself").misses("waits until")
	c.get(preview(silent.ID)).sees("Skipped · The record must not be emailed.")
	c.get(preview(nowhere.ID)).sees("For Seller Jones to mend or skip: The record has no email address.")
	c.get(path(seq.ID, "/simulation")).sees("Not sent 1", "Not every record can be written to", "1 lead: The record has no email address.", "1 lead: The record must not be emailed.")

	in, err := h.app.GetSending(t.Context(), h.actor(access.Admin))
	if err != nil {
		t.Fatal(err)
	}
	in.Windows = true // a single minute, so that it is shut whenever this test runs, but for once a week
	in.Days[time.Sunday] = action.DayWindow{From: "03:17", To: "03:18"}
	if _, err := h.app.SaveSending(t.Context(), h.actor(access.Admin), in); err != nil {
		t.Fatal(err)
	}
	c.get(preview(lead.ID)).sees("The email waits until Sun", "03:17, then it is sent by itself. It is outside of the send window")
}
