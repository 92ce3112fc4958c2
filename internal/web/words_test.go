package web

import (
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

func TestStepWords(t *testing.T) {
	t.Parallel()
	templates := map[string]string{"intro": "Intro"}
	for _, c := range []struct {
		step       step.Step
		waits      flow.Waits
		title, sub string
	}{
		{step.Step{Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}}, flow.Elapsed, "Introduction", "Automated email · Intro"},
		{step.Step{Type: "automated_email", Config: step.Config{"template": "gone"}}, flow.Elapsed, "Automated email", "Automated email · gone"},
		{step.Step{Type: "email", Name: "Offer"}, flow.Elapsed, "Offer", "Email · no template"},
		{step.Step{Type: "phone_call", Name: "Phone call"}, flow.Elapsed, "Phone call", "Phone call"},
		{step.Step{Type: "wait", Config: step.Config{"for": "2d4h"}}, flow.Elapsed, "Wait 2 days 4 hours", "Clock time"},
		{step.Step{Type: "wait", Config: step.Config{"for": "90m"}}, flow.WorkingTime, "Wait 1 hour 30 minutes", "Working time"},
		{step.Step{Type: "wait", Name: "Let it sink in", Config: step.Config{"for": "1d"}}, flow.Elapsed, "Let it sink in", "Wait · 1 day"},
		{step.Step{Type: "wait", Config: step.Config{"for": "soon"}}, flow.Elapsed, "Wait soon", "Clock time"},
		{step.Step{Type: "advance", Config: step.Config{"to": "Nurture"}}, flow.Elapsed, "Advance to Nurture", "Ends this sequence"},
		{step.Step{Type: "fax"}, flow.Elapsed, "fax", "Unknown step type"},
	} {
		if title, sub := stepWords(c.step, templates, c.waits); title != c.title || sub != c.sub {
			t.Errorf("%s %v: %q, %q; want %q, %q", c.step.Type, c.step.Config, title, sub, c.title, c.sub)
		}
	}
}

func TestNextSort(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"", "name", "name"}, {"name", "name", "-name"}, {"-name", "name", "name"}, {"name", "connected", "-connected"}, {"-connected", "connected", "connected"}} {
		if got := nextSort(c[0], c[1]); got != c[2] {
			t.Errorf("from %q by %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestAheadText(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{0: "", 10 * time.Minute: "", time.Hour: "1 hour ahead", 48 * time.Hour: "2 days ahead", 27 * time.Hour: "1 day 3 hours ahead"} {
		if got := aheadText(ahead); got != want {
			t.Errorf("%s: %q, want %q", ahead, got, want)
		}
	}
}
