package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// EngagementInput is what somebody outside reports of a customer: a reply that another system received, a link followed.
type EngagementInput struct {
	Enrollment ident.Enrollment
	// Step is the email step that it belongs to, or the text step that was replied to; empty for the email that was sent
	// last, or where none was the text message.
	Step   string
	Result step.Result
	// At is when it happened; zero for now.
	At time.Time
}

// ReportEngagement writes down what a customer did with the email of a step, and moves the enrollment by it. Reported again
// it changes nothing. A reply also ends a sequence that ends on replies.
func (a *App) ReportEngagement(ctx context.Context, actor access.Actor, in EngagementInput) (store.Enrollment, error) {
	if !in.Result.Known() {
		return store.Enrollment{}, fault.Field("result", "unknown", "This must be one of opened, replied, link_opened, attachment_downloaded.")
	}
	return a.moveEnrollment(ctx, actor, in.Enrollment, func(tx *store.Tx, e store.Enrollment) (step.Event, error) {
		if in.At.After(tx.Now) {
			return nil, fault.Field("at", "future", "This moment is still to come. Give the moment when it happened, or leave it out.")
		}
		if err := engage(tx, actor, e, in); err != nil {
			return nil, err
		}
		if in.Result == step.Answered {
			return step.Replied{By: actor.ID}, tellOthers(tx, actor, e)
		}
		return nil, nil
	})
}

// engage writes an engagement on an email step of the enrollment's version, or a reply on a text step.
func engage(tx *store.Tx, actor access.Actor, e store.Enrollment, in EngagementInput) error {
	if in.Step == "" {
		last, err := tx.LastWritten(e.ID)
		if err != nil {
			return err
		}
		if last == "" {
			return fault.New(fault.Conflict, "Nothing of %q was sent to %s yet.", e.SequenceName, e.RecordName)
		}
		in.Step = last
	}
	v, err := tx.Version(e.Version)
	if err != nil {
		return err
	}
	if s, ok := v.Step(in.Step); !ok || (!s.Mails() && (!s.Texts() || in.Result != step.Answered)) {
		return fault.Field("step", "unknown", "The sequence has no email step with this id; a text step can only be replied to.")
	}
	_, err = tx.Engage(store.Engagement{Enrollment: e.ID, Step: in.Step, Result: in.Result, At: in.At, By: actor.ID})
	return err
}

// MarkReplied says that the customer answered the last email, or where none was sent the last text message: a sequence that
// ends on a reply ends, and a condition that asks for one goes on.
func (a *App) MarkReplied(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return a.moveEnrollment(ctx, actor, id, func(tx *store.Tx, e store.Enrollment) (step.Event, error) {
		v, err := tx.Version(e.Version)
		if err != nil {
			return nil, err
		}
		last, err := tx.LastWritten(e.ID)
		switch {
		case err != nil:
			return nil, err
		case last == "" && v.Def.Options.ExitOnReply:
			// To no message of ours, but an answer all the same.
			return step.Replied{By: actor.ID}, tx.NotifyReply(e, actor.ID)
		case !v.Def.Options.ExitOnReply && !heedsReplies(v):
			return nil, fault.New(fault.Conflict, "%q does not end on a reply, and no condition of it asks for one.", e.SequenceName).
				WithHint("Disconnect the record instead, or switch the option on and activate.")
		}
		if err := engage(tx, actor, e, EngagementInput{Step: last, Result: step.Answered}); err != nil {
			return nil, err
		}
		return step.Replied{By: actor.ID}, tellOthers(tx, actor, e)
	})
}

// heedsReplies tells whether a condition of the version asks for a reply, or a test counts them.
func heedsReplies(v *flow.Version) bool {
	for _, s := range v.Def.Each() {
		if step.Result(s.Config.Text("metric")) == step.Answered {
			return true
		}
		if s.When == nil || s.When.Email == nil {
			continue
		}
		for _, r := range s.When.Email.Results {
			if r == step.Answered {
				return true
			}
		}
	}
	return false
}
