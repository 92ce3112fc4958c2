package flow

import (
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Exits say what ends an enrollment before its last step. A closed record, and whoever disconnects it, always do.
type Exits struct {
	// ExitOnReply ends it when the customer answers a message of the sequence.
	ExitOnReply bool
	// ColleagueReplies has the answer of somebody else of the customer's count, too.
	ColleagueReplies bool
	// OtherReplies has the answer to a message count that the record got from another sequence or by hand.
	OtherReplies bool
	// AnswerReplies leaves an activity to whoever owns the answered mail, when a reply ends the enrollment or comes after its end.
	AnswerReplies bool
	// ExitOnBounce ends it when the record's address takes no mail.
	ExitOnBounce bool
	// ExitOnOptOut ends it when the customer wants no more messages on a channel that the sequence writes on, or somebody says that they
	// must get none there.
	ExitOnOptOut bool
	// ExitOnMeeting ends it when somebody says that a meeting is booked.
	ExitOnMeeting bool
	// ExitWhen ends it as soon as the record fulfils the condition; nil for none.
	ExitWhen *record.Condition
}

// DefaultExits are those of a definition that says nothing of them. What makes a further mail useless or unwanted ends the
// enrollment; a reply does when the sequence says so (spec.md 7.1), and then one of a colleague does as well.
func DefaultExits() Exits {
	return Exits{ColleagueReplies: true, AnswerReplies: true, ExitOnBounce: true, ExitOnOptOut: true, ExitOnMeeting: true}
}

// What the seller reads who is to answer a reply: one that ends the enrollment, one that comes after its end, and one to a mail of no sequence.
const (
	endingReply = "The customer replied, and the sequence ended. Answer the email."
	lateReply   = "The customer replied after the sequence had ended. Answer the email."
	handReply   = "The customer replied to an email that was written by hand. Answer it."
)

// AnswerByHand is the activity that a reply leaves to a mail of no sequence.
func AnswerByHand(e step.Replied, due time.Time) step.LeaveActivity { return answer(e, handReply, due) }

func answer(e step.Replied, description string, due time.Time) step.LeaveActivity {
	return step.LeaveActivity{Kind: "email", Name: "Answer this reply", Description: description, DueAt: due, For: e.Owner, Answers: e.Mail}
}

// exits handles the events that end an enrollment wherever it stands, before its step sees them.
func (d *decision) exits(ev step.Event) bool {
	o := d.snap.Version.Def.Options
	switch e := ev.(type) {
	case step.Stopped:
		d.finish(e.Exit, "", e.By)
	case step.RecordClosed:
		d.finish(step.ExitRecordClosed, "", e.By)
	case step.Replied:
		d.replied(e)
	case step.Bounced:
		d.finishIf(o.ExitOnBounce, step.ExitBounced, e.Detail, 0)
	case step.OptedOut:
		d.finishIf(o.ExitOnOptOut && d.snap.Version.Def.writesOn(e.Channel), step.ExitOptedOut, e.Detail, e.By)
	case step.Suppressed:
		d.finishIf(o.ExitOnOptOut && d.snap.Version.Def.writesOn(e.Channel), step.ExitSuppressed, e.Detail, e.By)
	case step.MeetingBooked:
		d.finishIf(o.ExitOnMeeting, step.ExitMeetingBooked, "", e.By)
	case step.FieldsChanged:
		d.finishIf(d.fulfilled(), step.ExitFieldCondition, d.condition(), e.By)
	default:
		return false
	}
	return true
}

// finishIf ends the enrollment, or drops the event: conditions learn of what matters to them by Engaged.
func (d *decision) finishIf(ends bool, exit step.Exit, detail string, who ident.User) {
	if !ends {
		d.move.Ignored = true
		return
	}
	d.finish(exit, detail, who)
}

func (d *decision) replied(e step.Replied) {
	o := d.snap.Version.Def.Options
	ends := o.ExitOnReply && (!e.Colleague || o.ColleagueReplies) && (!e.Other || o.OtherReplies)
	detail := ""
	switch {
	case e.Other:
		detail = "It answered another message of the record."
	case e.Colleague:
		detail = "A colleague of theirs answered."
	}
	d.finishIf(ends, step.ExitReplied, detail, e.By)
	// Where nobody knows the mail, that of another enrollment is answered there. Else each of them leaves its activity: that enrollment may be over, or
	// go on, and the store makes one of those that are about the same conversation.
	if ends && (!e.Other || e.Mail != 0) {
		d.leaveAnswer(e, endingReply)
	}
}

// repliedLate has somebody answer what the customer writes to an enrollment that is over: nothing else would come of it.
func (d *decision) repliedLate(ev step.Event) {
	e, ok := ev.(step.Replied)
	d.move.Ignored = true
	if ok && !e.Other && (!e.Colleague || d.snap.Version.Def.Options.ColleagueReplies) {
		d.leaveAnswer(e, lateReply)
	}
}

// leaveAnswer leaves the activity, unless the sequence wants none. Whoever reported the reply has seen it.
func (d *decision) leaveAnswer(e step.Replied, description string) {
	if !d.snap.Version.Def.Options.AnswerReplies || e.By != 0 {
		return
	}
	d.move.Ignored = false
	d.effect(answer(e, description, d.move.Facts.WorkingMoment(d.now)))
}

// ends tells which exit keeps the enrollment from entering a step: the record's own condition, or that it must not be
// written to (spec.md 13, decision 9). detail says why.
func (d *decision) ends(kind step.Kind) (exit step.Exit, detail string) {
	if d.fulfilled() {
		return step.ExitFieldCondition, d.condition()
	}
	f := d.move.Facts
	for _, s := range []struct {
		writes bool
		step.Suppression
	}{{kind.Mails, f.EmailSuppression}, {kind.Texts, f.TextSuppression}} {
		if s.writes && d.snap.Version.Def.Options.endsWith(s.Suppression) {
			return s.Exit, s.Told()
		}
	}
	return step.NoExit, ""
}

// endsWith tells whether the enrollment of a record with this suppression ends at the first step that would write to it.
func (e Exits) endsWith(s step.Suppression) bool {
	return s.Exit == step.ExitBounced && e.ExitOnBounce || (s.Exit == step.ExitOptedOut || s.Exit == step.ExitSuppressed) && e.ExitOnOptOut
}

// fulfilled tells whether the record fulfils the condition that ends the enrollment. One about a field that the kind does
// not have never holds: activation says so.
func (d *decision) fulfilled() bool {
	when := d.snap.Version.Def.Options.ExitWhen
	if when == nil {
		return false
	}
	holds, missing := when.Holds(d.move.Facts.Kind, d.move.Facts.Values)
	return holds && missing == ""
}

// condition words what ends the enrollment: "Country is AT"; "" for nothing.
func (d *decision) condition() string {
	when := d.snap.Version.Def.Options.ExitWhen
	if when == nil {
		return ""
	}
	return when.Describe(d.move.Facts.Kind)
}

// writesOn tells whether a step sends messages on the channel; on any for the empty one.
func (s Sequence) writesOn(c message.Channel) bool {
	for _, st := range s.Each() {
		if st.Mails() && c != message.TextChannel || st.Texts() && c != message.EmailChannel {
			return true
		}
	}
	return false
}
