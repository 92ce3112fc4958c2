package web_test

import (
	"net/http"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestForesight shows what a sequence would do with a record, both ways at a condition.
func TestForesight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "stage": "qualify"})
	reached := step.Step{
		ID: "reached", Type: "condition", When: &step.When{Call: &step.CallTest{Step: callStep.ID, Outcomes: []string{"connected"}}},
		Yes: []step.Step{{ID: "visit", Type: "task", Name: "Offer a visit"}},
		No:  []step.Step{waitStep, {ID: "again", Type: "phone_call", Name: "Call again"}},
	}
	known := step.Step{
		ID: "known", Type: "condition", When: &step.When{Field: &record.Condition{Field: "stage", Op: record.Equals, Values: []string{"qualify"}}},
		No: []step.Step{{ID: "ask", Type: "task", Name: "Ask who decides"}},
	}
	seq := h.active("Branching", callStep, reached, known, taskStep)
	path := "/sequences/" + seq.ID.String() + "/preview"
	c := h.as(access.SequenceManager)
	page := c.get(path).is(http.StatusOK, "Branching").
		sees("First call", "“First call”: connected?", "Offer a visit", "No would lead to “Wait 2 days” on", "Yes, as the record stands now", "Schedule a meeting", "Completed,", "5 steps over 1 day").
		misses("Call again", "Ask who decides")
	if !strings.Contains(page.Body, "no=reached") {
		t.Error("the other side cannot be chosen")
	}
	c.get(path+"?no=reached&record="+lead.ID.String()).is(http.StatusOK, "Branching").
		sees("Call again", "Until", "Yes would lead to “Offer a visit” on", "6 steps over 3 days").misses("Ask who decides")
	other := h.record(access.Seller, record.Account, record.Values{"name": "Herrera y Hijos"})
	c.get(path+"?record="+other.ID.String()).is(http.StatusOK, "Branching").sees("Lindqvist") // one of another kind gives way
	c.get("/sequences/seq_0000000000000/preview").is(http.StatusNotFound, "")
}
