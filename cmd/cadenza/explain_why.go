package main

import (
	"strconv"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/store"
)

// telling prints what is explained, with times in a zone.
type telling struct {
	env  *environment
	zone *time.Location
}

func (t telling) at(moment time.Time) string { return moment.In(t.zone).Format("2006-01-02 15:04") }

// why tells of a record.
func (t telling) why(w action.Why) {
	if w.Idle != nil {
		t.env.say("%s:", w.Record.Name())
		t.hold(*w.Idle)
	}
	for i, x := range w.Live {
		if i > 0 {
			t.env.say("")
		}
		explainer{t, x}.say()
	}
	if len(w.Waiting) > 0 {
		t.env.say("Messages that wait:")
	}
	for _, c := range w.Waiting {
		t.env.say("  %s %q", c.Message.ID, c.Message.Subject)
		t.hold(*c.Hold)
	}
	if len(w.Obstacles) > 0 {
		t.env.say("In the way of every sequence:")
		t.holds(w.Obstacles)
	}
	t.chances(w)
	if len(w.Ended) > 0 {
		t.env.say("Ended:")
	}
	for _, e := range w.Ended {
		t.env.say("  %s  %s: %s", t.at(e.Reason.At), e.Enrollment.SequenceName, e.Reason.Text)
		if e.Change != "" {
			t.env.say("    %s", e.Change)
		}
	}
	if len(w.Causes) > 0 {
		t.env.say("Messages, each explained by cadenza explain ID:")
	}
	for _, c := range w.Causes {
		t.env.say("  %s  %s  %s  %s", t.at(c.Message.CreatedAt), c.Message.ID, c.Message.State, c.Message.Subject)
	}
}

// chances tell what a connect to other sequences would say.
func (t telling) chances(w action.Why) {
	if len(w.Chances) > 0 {
		t.env.say("A connect to other sequences would say now:")
	}
	for _, c := range w.Chances {
		t.env.say("  %s: %s", namesOf(c.Sequences), c.Verdict())
		for _, n := range c.Notes {
			t.env.say("    %s", n)
		}
		if c.Change != "" {
			t.env.say("    %s", c.Change)
		}
	}
	if w.MoreChances > 0 {
		t.env.say("  %d more sequences are not told of.", w.MoreChances)
	}
}

func namesOf(list []store.Sequence) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = strconv.Quote(s.Name)
	}
	return strings.Join(names, ", ")
}

// cause tells of a message.
func (t telling) cause(c action.Cause) {
	of := "by hand"
	if c.SequenceName != "" {
		of = "in " + strconv.Quote(c.SequenceName)
	}
	to := c.Message.RecordName
	if to == "" {
		to = c.Message.Recipient
	}
	t.env.say("%s %q to %s, %s: %s", c.Message.ID, c.Message.Subject, to, of, c.Message.State)
	t.env.say("Why:")
	t.reasons(c.Reasons)
	if c.Hold != nil {
		t.env.say("What holds it:")
		t.hold(*c.Hold)
	}
}

func (t telling) reasons(list []action.Reason) {
	for _, r := range list {
		until := ""
		if !r.Until.IsZero() {
			until = " Until " + t.at(r.Until) + "."
		}
		t.env.say("  %s  %s%s", t.at(r.At), r.Text, until)
	}
}

func (t telling) holds(list []action.Hold) {
	for _, h := range list {
		t.hold(h)
	}
}

// hold tells what holds, since when and until when, who can change that, and on which page.
func (t telling) hold(h action.Hold) {
	span := ""
	if !h.Since.IsZero() {
		span += " Since " + t.at(h.Since) + "."
	}
	if !h.Until.IsZero() {
		span += " Until " + t.at(h.Until) + "."
	}
	t.env.say("  %s%s", h.Sentence(), span)
	if change := strings.TrimSpace(h.Change + " " + bracket(h.Place.Path())); change != "" {
		t.env.say("    %s", change)
	}
}

func bracket(path string) string {
	if path == "" {
		return ""
	}
	return "(" + path + ")"
}
