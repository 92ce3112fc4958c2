package flow

import (
	"cadenza/internal/fault"
	"cadenza/internal/record"
)

// ExitFlag is one switch among the exits: its key in a definition, and where it is kept.
type ExitFlag struct {
	Key string
	Of  func(*Exits) *bool
}

// ExitFlags lists the switches, in the order of forms.
func ExitFlags() []ExitFlag {
	return []ExitFlag{
		{"exit_on_reply", func(e *Exits) *bool { return &e.ExitOnReply }},
		{"colleague_replies", func(e *Exits) *bool { return &e.ColleagueReplies }},
		{"other_replies", func(e *Exits) *bool { return &e.OtherReplies }},
		{"answer_replies", func(e *Exits) *bool { return &e.AnswerReplies }},
		{"exit_on_bounce", func(e *Exits) *bool { return &e.ExitOnBounce }},
		{"exit_on_opt_out", func(e *Exits) *bool { return &e.ExitOnOptOut }},
		{"exit_on_meeting", func(e *Exits) *bool { return &e.ExitOnMeeting }},
	}
}

// exitWhenKey is the key of the condition that ends an enrollment.
const exitWhenKey = "exit_when"

func exitKeys() []string {
	var keys []string
	for _, f := range ExitFlags() {
		keys = append(keys, f.Key)
	}
	return append(keys, exitWhenKey)
}

func (r *reader) exits(tree map[string]any) Exits {
	e := DefaultExits()
	for _, f := range ExitFlags() {
		raw, given := tree[f.Key]
		if !given {
			continue
		}
		on, ok := raw.(bool)
		if !ok {
			r.add("/options/"+f.Key, "", "type", "This must be true or false.")
			continue
		}
		*f.Of(&e) = on
	}
	switch when := tree[exitWhenKey].(type) {
	case nil:
	case map[string]any:
		if len(when) > 0 {
			c := r.condition("/options/"+exitWhenKey, when, 1)
			e.ExitWhen = &c
		}
	default:
		r.add("/options/"+exitWhenKey, "", "type", "This must be an object: field, op and value, or a group of them.")
	}
	return e
}

// exitsTree gives the exits as a definition has them. The oldest is always written; the others where they differ from what
// is usual, so that a definition from before they existed reads as it did.
func exitsTree(kind record.Kind, e Exits) Map {
	usual := DefaultExits()
	var m Map
	for i, f := range ExitFlags() {
		if on := *f.Of(&e); i == 0 || on != *f.Of(&usual) {
			m = append(m, Entry{f.Key, on})
		}
	}
	if e.ExitWhen != nil {
		m = append(m, Entry{exitWhenKey, conditionTree(kind, *e.ExitWhen)})
	}
	return m
}

// exits checks what ends an enrollment. A reply needs a message of the sequence that it answers, or that replies to other
// messages of the record count.
func (c *checker) exits() {
	o := c.seq.Options
	if o.ExitOnReply && !o.OtherReplies && !writes(c.seq) {
		c.problems = append(c.problems, fault.Problem{
			Field: "/options/exit_on_reply", Code: "no_email",
			Message: "The sequence ends on a reply, but sends no email and no text message.", Hint: "Add an email or text message step, count replies to other messages of the record (other_replies), or switch the option off.",
		})
	}
	if o.ExitWhen == nil {
		return
	}
	for _, p := range o.ExitWhen.Check(c.seq.Record) {
		p.Field = "/options/" + exitWhenKey + p.Field
		c.problems = append(c.problems, p)
	}
}
