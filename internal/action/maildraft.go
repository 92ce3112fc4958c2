package action

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// The limits of a draft, which may be half typed: what can be sent is bounded more tightly.
const (
	maxDraftLine = 10_000 // characters
)

// OpenMailDraft gives the email of an activity as the actor left it, or begins it from the step's template when nothing is kept.
func (a *App) OpenMailDraft(ctx context.Context, actor access.Actor, activity ident.Activity) (Draft, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return Draft{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Draft, error) {
		kept, found, err := tx.MailDraft(activity, actor.ID)
		if err != nil {
			return Draft{}, err
		}
		if !found {
			d, _, err := a.compose(tx, actor, activity, "", "")
			return d, err
		}
		return a.reopen(tx, actor, kept)
	})
}

// reopen gives what was kept, and says how things stand with it now.
func (a *App) reopen(tx *store.Tx, actor access.Actor, kept store.MailDraft) (Draft, error) {
	d, l, err := a.compose(tx, actor, kept.Activity, "", Thread(kept.Thread))
	if len(fault.ProblemsOf(err)) > 0 { // what it answered is gone, or the template
		d, l, err = a.compose(tx, actor, kept.Activity, "", "")
	}
	if err != nil {
		return Draft{}, err
	}
	d.To, d.CC, d.BCC, d.HTML, d.Template = kept.Recipient, kept.CC, kept.BCC, kept.HTML, kept.Template
	if d.Thread != ReplyThread {
		d.Subject = kept.Subject
	}
	d.Follow, d.Unsigned, d.Rev, d.KeptAt = kept.Follow, kept.Unsigned, kept.Rev, kept.UpdatedAt
	files, err := presentFiles(tx, kept.Files.IDs())
	if err != nil {
		return Draft{}, err
	}
	d.Files = append([]ident.File{}, idsOfFiles(files)...)
	if err := l.lookOver(tx, &d); err != nil {
		return Draft{}, err
	}
	return d, nil
}

func (a *App) keptDraft(ctx context.Context, actor access.Actor, activity ident.Activity) (kept store.MailDraft, found bool, err error) {
	if err := may(actor, access.DoActivities); err != nil {
		return kept, false, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		kept, found, err = tx.MailDraft(activity, actor.ID)
		return err
	})
	return kept, found, err
}

// KeepMailDraft keeps what the actor has typed for an activity, over d.Rev, the revision that it began from (0 for none). It may be
// half typed. One that was kept elsewhere meanwhile is a Stale fault, and nothing is lost.
func (a *App) KeepMailDraft(ctx context.Context, actor access.Actor, activity ident.Activity, d Draft) (store.MailDraft, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.MailDraft{}, err
	}
	if err := fault.Of(d.tooLong()...); err != nil {
		return store.MailDraft{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.MailDraft, error) {
		act, err := tx.LockActivity(activity)
		if err != nil {
			return store.MailDraft{}, err
		}
		if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
			return store.MailDraft{}, err
		}
		if act.State != store.ActivityHeld {
			if err := stillOpen(tx, actor, act); err != nil {
				return store.MailDraft{}, err
			}
		}
		if act.Kind != "email" && act.Kind != "automated_email" {
			return store.MailDraft{}, fault.New(fault.Conflict, "%q is no email.", act.Name).WithHint("Complete it or skip it.")
		}
		files, err := checkFiles(tx, d.Files)
		if err != nil {
			return store.MailDraft{}, err
		}
		kept := store.MailDraft{
			Activity: activity, User: actor.ID, Recipient: clean(d.To), CC: clean(d.CC), BCC: clean(d.BCC), Subject: clean(d.Subject), HTML: sanitizeMail(clean(d.HTML)),
			Template: clean(d.Template), Thread: string(d.Thread), Follow: d.Follow, Unsigned: d.Unsigned, Files: store.ListOfFiles(idsOfFiles(files)), Rev: d.Rev,
		}
		return saveMailDraft(tx, actor, kept)
	})
}

// saveMailDraft writes a draft, and says of one that was kept elsewhere meanwhile when that was.
func saveMailDraft(tx *store.Tx, actor access.Actor, kept store.MailDraft) (store.MailDraft, error) {
	rev, err := tx.SaveMailDraft(kept)
	if fault.Is(err, fault.Stale) {
		newer, found, lookErr := tx.MailDraft(kept.Activity, kept.User)
		switch {
		case lookErr != nil:
			return kept, lookErr
		case found:
			return newer, fault.New(fault.Stale, "You have changed this draft in another window %s.", sayWhen(actor, newer.UpdatedAt, tx.Now)).
				WithHint("Load that one, or keep what stands here instead.")
		}
		return kept, fault.New(fault.Stale, "The draft was discarded in another window.").WithHint("Close this one, or keep what stands here.")
	}
	kept.Rev, kept.UpdatedAt = rev, tx.Now
	return kept, err
}

// KeptMailDraft gives what the actor has kept for an activity; a NotFound fault when nothing is.
func (a *App) KeptMailDraft(ctx context.Context, actor access.Actor, activity ident.Activity) (Draft, error) {
	_, found, err := a.keptDraft(ctx, actor, activity)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "You have no draft for this activity.")
	}
	if err != nil {
		return Draft{}, err
	}
	return a.OpenMailDraft(ctx, actor, activity)
}

// DiscardMailDraft throws away what the actor has kept for an activity.
func (a *App) DiscardMailDraft(ctx context.Context, actor access.Actor, activity ident.Activity) error {
	if err := may(actor, access.DoActivities); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error { return tx.DropMailDraft(activity, actor.ID) })
}

// MailDraftsOf tells for which of the activities the actor has a draft, and since when it is as it is.
func (a *App) MailDraftsOf(ctx context.Context, actor access.Actor, activities []ident.Activity) (map[ident.Activity]time.Time, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (map[ident.Activity]time.Time, error) { return tx.MailDraftsOf(actor.ID, activities) })
}

// BegunMail is an email that a user has begun, with the activity that it is for.
type BegunMail struct {
	store.Activity
	To, Subject string
	KeptAt      time.Time
}

// BegunMails lists what the actor has begun and not sent, the newest first, at most 200. One whose activity is gone is left out.
func (a *App) BegunMails(ctx context.Context, actor access.Actor) ([]BegunMail, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]BegunMail, error) {
		kept, err := tx.MailDraftsBy(actor.ID, store.MaxPageSize)
		if err != nil {
			return nil, err
		}
		ids := make([]ident.Activity, 0, len(kept))
		for _, d := range kept {
			ids = append(ids, d.Activity)
		}
		list, err := tx.ActivitiesByID(ids)
		if err != nil {
			return nil, err
		}
		of := make(map[ident.Activity]store.Activity, len(list))
		for _, act := range list {
			of[act.ID] = act
		}
		var begun []BegunMail
		for _, d := range kept {
			if act, there := of[d.Activity]; there {
				begun = append(begun, BegunMail{Activity: act, To: d.Recipient, Subject: d.Subject, KeptAt: d.UpdatedAt})
			}
		}
		return begun, nil
	})
}

func (d Draft) tooLong() []fault.Problem {
	var problems []fault.Problem
	for _, f := range []struct{ name, label, text string }{{"to", "To", d.To}, {"cc", "CC", d.CC}, {"bcc", "BCC", d.BCC}, {"subject", "The subject", d.Subject}} {
		if utf8.RuneCountInString(f.text) > maxDraftLine {
			problems = append(problems, fault.Problem{Field: f.name, Code: "too_long", Message: fmt.Sprintf("%s is longer than 10,000 characters.", f.label)})
		}
	}
	if len(d.HTML) > maxMailHTML {
		problems = append(problems, fault.Problem{Field: "html", Code: "too_long", Message: "The email is longer than 1 MiB."})
	}
	switch d.Thread {
	case "", ReplyThread, NewThread:
	default:
		problems = append(problems, fault.Problem{Field: "thread", Code: "unknown", Message: fmt.Sprintf("Thread is reply or new, not %q.", string(d.Thread))})
	}
	return problems
}
