package web_test

import (
	"net/http"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/record"
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
