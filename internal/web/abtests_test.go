package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/step"
)

// TestABTests shows a running test with its variants and stops it.
func TestABTests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, key := range []string{"ask", "tell"} {
		if _, err := h.app.CreateTemplate(t.Context(), h.actor(access.SequenceManager), action.TemplateInput{Key: key, Name: "Opener " + key, Subject: key, HTML: "<p>" + key + "</p>"}); err != nil {
			t.Fatal(err)
		}
	}
	seq := h.active("Openers", step.Step{ID: "opener", Type: "ab_test", Name: "Which opener?", Config: step.Config{
		"name_a": "Question", "template_a": "ask", "template_b": "tell", "share_a": 70.0, "metric": "opened", "default": "a",
	}}, taskStep)
	c := h.as(access.SequenceManager)
	c.get(path(seq.ID, "")).is(http.StatusOK, "Openers").sees("A/B tests", "Which opener?", "A/B test · Opener ask · Opener tell")
	c.get(path(seq.ID, "/tests")).is(http.StatusOK, "Openers").
		sees("Which opener?", "Running since", "A: Question", "Opener ask", "Variant B", "Opener tell", "70 %", "30 %", "Opened (counts)", "too early to say anything", "Stop the test")
	h.as(access.Seller).get(path(seq.ID, "/tests")).is(http.StatusOK, "Openers").sees("A: Question").misses("Stop the test")
	c.get(path(seq.ID, "/tests/opener/stop")).is(http.StatusOK, "Stop “Which opener?”?").sees("Variant A, Question", "Opened: 0 of 0 sent")
	c.post(path(seq.ID, "/tests/opener/stop"), url.Values{}).is(http.StatusUnprocessableEntity, "Stop “Which opener?”?").sees("The variant must be a or b.")
	c.post(path(seq.ID, "/tests/opener/stop"), url.Values{"variant": {"b"}}).leadsTo(path(seq.ID, "/tests"))
	c.get(path(seq.ID, "/tests")).is(http.StatusOK, "Openers").sees("Stopped", "Sent on", "Everybody gets variant B now.").misses("Stop the test")
	c.post(path(seq.ID, "/tests/opener/stop"), url.Values{"variant": {"a"}}).is(http.StatusUnprocessableEntity, "Stop “Which opener?”?").sees("is over already: everybody gets variant B")
	c.get(path(seq.ID, "/tests/gone/stop")).is(http.StatusNotFound, "")
}
