package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// three gives the seller three tasks for three leads.
func (h *house) three() []store.Activity {
	h.t.Helper()
	var list []store.Activity
	for i, name := range []string{"Lindqvist", "Herrera", "Okafor"} {
		lead := h.record(access.Seller, record.Lead, record.Values{"last_name": name})
		list = append(list, h.due(lead, "task", fmt.Sprintf("Task %d", i+1), time.Duration(i-9)*time.Minute))
	}
	return list
}

func TestFlowMode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tasks := h.three()
	seller := h.as(access.Seller)
	seller.get("/work").buttons("Start F")
	in := func(i int) string { return opened(tasks[i], "?flow=1&record=lead") }

	to := seller.post("/work/flow?record=lead", nil).leadsTo("/work/")
	if to != in(0) {
		t.Fatalf("the run begins at %s, want %s", to, in(0))
	}
	seller.get(to).is(http.StatusOK, "Flow mode").sees("1 of 3 · 0 done · Next: Herrera", "Task 1", "Previous", "End").misses("Search the work list")
	// what comes up meanwhile does not push in
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman"}), "task", "Urgent", -time.Hour)
	answer := seller.post(opened(tasks[0], "/complete?flow=1&record=lead"), url.Values{"from": {"panel"}}, "HX-Request", "true").
		is(http.StatusOK, "Flow mode").sees("2 of 3 · 1 done · Next: Okafor", "Task 2", "“Task 1” is completed.")
	if got := answer.Header.Get("HX-Push-Url"); got != in(1) {
		t.Errorf("the address is %q, want %q", got, in(1))
	}
	// passed over, back again, skipped
	seller.get(in(2)).sees("3 of 3 · 1 done · Then: the end")
	seller.get(in(1)).sees("2 of 3")
	if to := seller.post(opened(tasks[1], "/skip?flow=1&record=lead"), nil).leadsTo("/work/"); to != in(2) {
		t.Errorf("after the skip comes %s", to)
	}
	if to := seller.post("/work/flow/end?flow=1&record=lead", nil).leadsTo("/work/flow"); to != "/work/flow?flow=1&record=lead" {
		t.Errorf("the end is %s", to)
	}
	seller.get("/work/flow?record=lead").is(http.StatusOK, "2 of 3 done").
		sees("1 completed, 1 skipped. It took less than a minute.", "1 activity of this run is still open.", "1 other has come up meanwhile.", "Go on")
	seller.post(opened(tasks[2], "/snooze?flow=1&record=lead"), url.Values{"choice": {"tomorrow"}}).leadsTo("/work/flow")
	seller.get("/work/flow?record=lead").is(http.StatusOK, "All through").sees("1 completed, 1 skipped, 1 snoozed.").misses("Go on")
}

func TestFlowModeWithoutWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	seller.get("/work/flow").leadsTo("/work")
	seller.post("/work/flow?kind=task", nil).leadsTo("/work?kind=task")
	seller.get("/work").sees("Nothing is due here").misses("Start")
	// an address of a run that is over, or another browser's
	seller.get(opened(h.three()[0], "?flow=1")).leadsTo("/work")
}

// What comes after a completed or skipped activity is for its seller to choose.
func TestAfterDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tasks := h.three()
	seller := h.as(access.Seller)
	seller.get("/profile").sees("How you work").labels("Go to the next one", "Stay on the record", "Ask me")
	seller.post("/profile/work", url.Values{"after_done": {"dance"}}).is(http.StatusUnprocessableEntity, "Profile").sees("must be next, stay or ask")

	seller.post("/profile/work", url.Values{"after_done": {"stay"}}).leadsTo("/profile")
	answer := seller.post(opened(tasks[0], "/complete"), url.Values{"from": {"panel"}}, "HX-Request", "true").
		is(http.StatusOK, "Work list").sees("“Task 1” is completed.", "Completed", "Next: Herrera").misses("Where to now?")
	if got, want := answer.Header.Get("HX-Push-Url"), opened(tasks[0], "?after=stay&next="+tasks[1].ID.String()); got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}

	seller.post("/profile/work", url.Values{"after_done": {"ask"}}).leadsTo("/profile")
	answer = seller.post(opened(tasks[1], "/skip"), nil, "HX-Request", "true").is(http.StatusOK, "Work list").sees("Where to now?", "Next: Okafor").buttons("Stay here")
	if got := answer.Header.Get("HX-Push-Url"); !strings.Contains(got, "after=stay") {
		t.Errorf("who loads %q again is asked again", got)
	}
	seller.post(opened(tasks[2], "/complete"), nil).leadsTo("/work/")
	// putting it off is no end: the next one comes at once
	late := h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman"}), "task", "Later", 0)
	seller.post(opened(late, "/snooze"), url.Values{"choice": {"1h"}}, "HX-Request", "true").misses("Where to now?")
}

// The last row of a page is followed by the first of the next one, not by the row above.
func TestDoneGoesOnToTheNextPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	var tasks []store.Activity
	for i := range 52 {
		tasks = append(tasks, h.due(lead, "task", fmt.Sprintf("Task %d", i), time.Duration(i-60)*time.Minute))
	}
	seller := h.as(access.Seller)
	to := seller.post(opened(tasks[49], "/complete"), url.Values{"from": {"panel"}}).leadsTo("/work/")
	if !strings.HasPrefix(to, opened(tasks[50], "?cursor=")) {
		t.Errorf("after the last row comes %s, want %s", to, opened(tasks[50], ""))
	}
}

// TestFlowModePassesOverBatches leads nobody to what waits in a batch: it is as good as done.
func TestFlowModePassesOverBatches(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tasks := h.three()
	seller := h.as(access.Seller)
	to := seller.post("/work/flow?record=lead", nil).leadsTo("/work/")
	if _, err := h.app.StartBatch(t.Context(), h.actor(access.Seller), action.Bulk{Verb: action.BulkSkip, Activities: []ident.Activity{tasks[1].ID}}); err != nil {
		t.Fatal(err)
	}
	seller.get(to).is(http.StatusOK, "Flow mode").sees("Next: Okafor")
}
