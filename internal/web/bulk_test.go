package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func selected(list ...store.Activity) url.Values {
	form := url.Values{}
	for _, a := range list {
		form.Add("activity", a.ID.String())
	}
	return form
}

// TestBulk does one thing with what is selected in the work list, and takes it back.
func TestBulk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tasks := h.three()
	seller := h.as(access.Seller)
	seller.get("/work").labels("Select Lindqvist", "Select Herrera").buttons("Complete D", "Skip", "Snooze", "Hand over")
	seller.post("/bulk/paint", selected(tasks...)).is(http.StatusNotFound, "")
	if to := seller.post("/bulk/skip?kind=task", url.Values{}).leadsTo("/work"); to != "/work?kind=task" {
		t.Errorf("nothing selected leads to %s", to)
	}
	seller.get("/work").sees("Nothing is selected any more.")
	seller.post("/bulk/complete?kind=task", selected(tasks[:2]...)).leadsTo("/work?kind=task")
	seller.get("/work").sees("Completing 2 activities.", "Undo", "Okafor").misses("Herrera")
	batches := seller.get("/batches").is(http.StatusOK, "Batches").sees("Completing 2 activities", "Waiting")
	batch := batches.link("Completing 2 activities")
	seller.get(batch).is(http.StatusOK, "Completing 2 activities").sees("It begins", "Lindqvist", "Task 1", "Waiting").buttons("Undo U")
	seller.post(batch+"/undo", nil).leadsTo(batch)
	seller.get(batch).is(http.StatusOK, "Complete 2 activities").sees("It was taken back.", "Taken back. Nothing was changed.")
	seller.get("/work").sees("Herrera", "Lindqvist")
	seller.post(batch+"/undo", nil).leadsTo(batch)
	seller.get(batch).sees("This batch was taken back already.")
}

// TestBulkAsks asks for what a verb needs: a time, a user, the outcome of calls.
func TestBulkAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tasks := h.three()
	call := h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman"}), "phone_call", "Ring up", -time.Minute)
	seller := h.as(access.Seller)
	seller.post("/bulk/snooze", selected(tasks...)).is(http.StatusOK, "Snooze 3 activities").sees(" morning")
	form := selected(tasks...)
	form.Set("go", "1")
	form.Set("until", "2020-01-01T09:00")
	seller.post("/bulk/snooze", form).is(http.StatusUnprocessableEntity, "Snooze 3 activities").sees("Choose a time that is still to come.")
	seller.post("/bulk/reassign", selected(tasks...)).is(http.StatusOK, "Hand over 3 activities").labels("Who does them")
	form.Set("to", "")
	seller.post("/bulk/reassign", form).is(http.StatusUnprocessableEntity, "Hand over 3 activities").sees("Choose who gets the activities.")
	seller.post("/bulk/complete", selected(tasks[0], call)).is(http.StatusOK, "Complete 2 activities").sees("How did the calls end?")
	done := selected(tasks[0], call)
	done.Set("go", "1")
	done.Set("outcome", "no_answer")
	seller.post("/bulk/complete", done).leadsTo("/work")
	all := url.Values{"all": {"1"}, "go": {"1"}, "choice": {"tomorrow"}}
	seller.post("/bulk/snooze?kind=task", all).leadsTo("/work")
	seller.get("/work").sees("Snoozing 2 activities.")
	page, err := h.app.Batches(t.Context(), h.actor(access.Seller), h.users[access.Seller].ID, "", 0)
	if err != nil || len(page.Rows) != 2 || page.Rows[0].Verb != action.BulkSnooze {
		t.Errorf("the batches are %v, %v", page.Rows, err)
	}
}
