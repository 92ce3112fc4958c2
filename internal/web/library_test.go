package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/step"
)

// TestLibrary looks through the library, reads an entry with its emails, and takes a copy.
func TestLibrary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	c.get("/sequences").sees("Choose from the library")
	c.get("/sequences/new").sees("Begin with one from the library", "Begin with a file", "or begin with an empty one")
	c.get("/library").is(http.StatusOK, "Library").sees("Trial has started", "Leads who have started a trial", "6 steps · 9 days · 4 emails", "Missed meeting")
	c.get("/library?record=account").sees("Renewal in two months").misses("Trial has started")
	c.get("/library/trial").is(http.StatusOK, "Trial has started").sees("What should the trial show you?", "Suggest one real case, goes out by itself", "Ask where it stopped, a seller reads it over and sends it")
	c.get("/library/trial/trial-purpose/mail").is(http.StatusOK, "").sees("Hello [First name],")
	c.get("/library/trial/no-show-missed/mail").is(http.StatusNotFound, "Not found")
	c.get("/library/sorcery").is(http.StatusNotFound, "Not found")

	c.get("/library/trial/use").is(http.StatusOK, "Use “Trial has started”").labels("Name")
	to := c.post("/library/trial/use", url.Values{"name": {"Our trial"}}).leadsTo("/sequences/seq_")
	c.get(to).is(http.StatusOK, "Our trial").sees("This is your copy, with 4 email templates.", "Ask what the trial is for")
	c.post("/library/trial/use", url.Values{"name": {"our TRIAL"}}).is(http.StatusUnprocessableEntity, "Use “Trial has started”").sees("There is a sequence")
	c.post("/library/trial/use", url.Values{"name": {" "}}).is(http.StatusUnprocessableEntity, "Use “Trial has started”").sees("Name is required")

	if _, err := h.app.SaveOutcomes(t.Context(), h.actor(access.Admin), action.OutcomeList{Outcomes: step.CallOutcomes{{Label: "Talked"}, {Key: "busy", Label: "Busy"}}}); err != nil {
		t.Fatal(err)
	}
	to = c.post("/library/enquiry/use", url.Values{"name": {"Our enquiries"}}).leadsTo("/sequences/seq_")
	c.get(to).is(http.StatusOK, "Our enquiries").sees("Before it is activated, mend this: A call has no outcome \"connected\".")
}
