package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
)

// TestCleanUp shows a plan for overdue work, carries it out, and does not carry out one that has changed meanwhile.
func TestCleanUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	seller.get("/clean-up").is(http.StatusOK, "Clean up").sees("Nothing is overdue")
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.due(lead, "task", "Old", -50*time.Hour)
	h.due(lead, "task", "Ancient", -1000*time.Hour)
	seller.get("/work").sees("Clean up")
	seller.get("/clean-up?per_day=0").is(http.StatusUnprocessableEntity, "Clean up").sees("A day holds 1 to 500 activities.", "No plan yet")
	seller.get("/clean-up?per_day=few").is(http.StatusUnprocessableEntity, "Clean up").sees("A day holds 1 to 500 activities.")
	for _, wrong := range []string{"0", "-1", "99999", "text", "2020-01-01", "1.5", ""} {
		q := "/clean-up?order=best&per_day=" + wrong + "&skip_older=7"
		page := seller.get(q).is(http.StatusUnprocessableEntity, "Clean up").sees("A day holds 1 to 500 activities.", "No plan yet", "2 activities are overdue").misses("Carry out")
		if !strings.Contains(page.Body, `value="7"`) || wrong != "" && !strings.Contains(page.Body, `value="`+wrong+`"`) {
			t.Errorf("%s does not keep what was typed", q)
		}
		if wrong == "" {
			continue // skips nothing
		}
		page = seller.get("/clean-up?per_day=7&skip_older="+wrong).is(http.StatusUnprocessableEntity, "Clean up").sees("Give 1 to 3650 days, or nothing to skip nothing.").misses("Carry out")
		if !strings.Contains(page.Body, `value="7"`) || !strings.Contains(page.Body, `value="`+wrong+`"`) {
			t.Errorf("skip_older=%s does not keep what was typed", wrong)
		}
	}
	shown := seller.get("/clean-up?per_day=5&skip_older=30").is(http.StatusOK, "Clean up").
		sees("2 activities are overdue", "1 activity moves to 1 day, 1 is skipped.", "Lindqvist · Ancient").buttons("Carry out")
	form := url.Values{"per_day": {"5"}, "skip_older": {"30"}, "mark": {regexp.MustCompile(`name="mark" value="(\w+)"`).FindStringSubmatch(shown.Body)[1]}}
	h.due(lead, "task", "Another", -51*time.Hour)
	to := seller.post("/clean-up", form).leadsTo("/clean-up?")
	shown = seller.get(to).sees("Your work has changed meanwhile, so nothing was done.", "2 activities move to 1 day")
	form.Set("mark", regexp.MustCompile(`name="mark" value="(\w+)"`).FindStringSubmatch(shown.Body)[1])
	batch := seller.post("/clean-up", form).leadsTo("/batches/")
	seller.get(batch).is(http.StatusOK, "Cleaning up 3 activities").sees("To ", "Skipped").buttons("Undo U")
	seller.get("/clean-up").sees("Nothing is overdue")
	seller.post(batch+"/undo", nil).leadsTo(batch)
	seller.get("/clean-up").sees("3 activities are overdue")
}
