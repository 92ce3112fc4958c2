package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Done is what a person says about an activity that is completed.
type Done struct {
	// Outcome is the key of an outcome that the organisation offers for phone calls, or for meetings, and empty for everything
	// else. Without one a call or a meeting ends with the organisation's default outcome, if it has one.
	Outcome, Note string
	// Duration of a call, in seconds.
	Duration int
}

// NewActivity is the input for an activity made by hand.
type NewActivity struct {
	Record ident.Record
	// Kind is email, phone_call, task, text_message or meeting.
	Kind, Name, Description string
	// DueAt is now when zero, but for a meeting, which begins then; Assignee is the actor when zero.
	DueAt    time.Time
	Assignee ident.User
	Meeting
}

// handKinds are the kinds of activities that people make by hand.
func handKinds() []string {
	return []string{"email", "phone_call", "task", "text_message", step.Meeting}
}

// The limits of activities (spec.md 4.8 for snoozes).
const (
	maxActivityNote = 10_000
	maxCall         = 24 * 60 * 60 // seconds
	maxSnoozes      = 10_000
	maxSnooze       = 366 * 24 * time.Hour
)

// WorkList gives one page of a seller's work list, by due time. The actor's own is meant when the query names nobody.
func (a *App) WorkList(ctx context.Context, actor access.Actor, q store.WorkQuery) (store.Page[store.Activity], error) {
	q, err := readable(actor, q)
	if err != nil {
		return store.Page[store.Activity]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Activity], error) {
		if err := chooseFilters(tx, actor, &q); err != nil {
			return store.Page[store.Activity]{}, err
		}
		return tx.WorkList(q)
	})
}

// readable completes a query for a work list: the actor's own when it names nobody. Lists of others are for those who may do their
// activities, too.
func readable(actor access.Actor, q store.WorkQuery) (store.WorkQuery, error) {
	q.Search = clean(q.Search)
	if q.Assignee == 0 && !q.Everybody {
		q.Assignee = actor.ID
	}
	if err := may(actor, access.DoActivities); err != nil {
		return q, err
	}
	return q, mayLook(actor, q.Assignee, q.Everybody)
}

// mayLook refuses the work lists of others to those who lead nobody.
func mayLook(actor access.Actor, of ident.User, everybody bool) error {
	if access.May(actor, access.ManageActivities) || !everybody && of == actor.ID {
		return nil
	}
	return fault.New(fault.Forbidden, "The role %s sees its own work list, not those of others.", actor.Role.Label()).
		WithHint("Ask a sales manager or an admin, or open the record: its activities stand there, whoever does them.")
}

// WorkCounts counts a seller's open activities: those that were due before now, and those due from now until the end
// of the seller's today.
func (a *App) WorkCounts(ctx context.Context, actor access.Actor, user ident.User, until time.Time) (overdue, today int, err error) {
	if err := may(actor, access.DoActivities); err != nil {
		return 0, 0, err
	}
	if err := mayLook(actor, user, false); err != nil {
		return 0, 0, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		overdue, today, err = tx.WorkCounts(user, until)
		return err
	})
	return overdue, today, err
}

// GetActivity gives one activity.
func (a *App) GetActivity(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Activity{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Activity, error) { return tx.GetActivity(id) })
}

// CreateActivity makes an activity by hand.
func (a *App) CreateActivity(ctx context.Context, actor access.Actor, in NewActivity) (store.Activity, error) {
	made, err := a.MakeActivity(ctx, actor, in)
	return made.Activity, err
}

// MakeActivity is CreateActivity for who wants to know what else came of it: a meeting ends the sequences of its record that end on
// one, in the same transaction.
func (a *App) MakeActivity(ctx context.Context, actor access.Actor, in NewActivity) (Made, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return Made{}, err
	}
	in.Name, in.Description = strings.Join(strings.Fields(clean(in.Name)), " "), strings.TrimSpace(clean(in.Description))
	in.trim()
	if err := fault.Of(in.problems()...); err != nil {
		return Made{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (Made, error) { return makeActivity(tx, actor, in) })
}

// makeActivity is MakeActivity within a transaction.
func makeActivity(tx *store.Tx, actor access.Actor, in NewActivity) (made Made, err error) {
	if err := begunLongAgo(in.Kind, in.DueAt, tx.Now); err != nil {
		return Made{}, err
	}
	r, err := tx.GetRecord(in.Record)
	if err != nil {
		return Made{}, err
	}
	act := store.Activity{Record: r.ID, Kind: in.Kind, Name: in.Name, Description: in.Description, DueAt: in.DueAt, Assignee: in.Assignee}
	if act.DueAt.IsZero() {
		act.DueAt = tx.Now
	}
	if act.Assignee == 0 {
		act.Assignee = actor.ID
	}
	if err := activeUser(tx, act.Assignee, "assignee"); err != nil {
		return Made{}, err
	}
	in.put(&act)
	if act.Kind == step.Meeting {
		if made.Ended, err = meetingMade(tx, actor, r.ID); err != nil {
			return Made{}, err
		}
	}
	id, err := tx.InsertActivity(act, actor.ID)
	if err != nil {
		return Made{}, err
	}
	if made.Activity, err = tx.GetActivity(id); err != nil {
		return Made{}, err
	}
	return made, tx.NotifyHandover(made.Activity, actor.ID)
}

func (in NewActivity) problems() []fault.Problem {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if !slices.Contains(handKinds(), in.Kind) {
		add("kind", "unknown", "The kind must be email, phone_call, task, text_message or meeting.")
	}
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		add("name", "required", "Say what is to be done.")
	case n > flow.MaxStepName:
		add("name", "too_long", fmt.Sprintf("The name is longer than %d characters.", flow.MaxStepName))
	}
	if utf8.RuneCountInString(in.Description) > flow.MaxStepDescription {
		add("description", "too_long", fmt.Sprintf("The description is longer than %d characters.", flow.MaxStepDescription))
	}
	return append(problems, in.Meeting.problems(in.Kind, in.DueAt)...)
}

// activeUser refuses a user who does not work here any more; nobody (zero) is fine for the server itself.
func activeUser(tx *store.Tx, id ident.User, field string) error {
	if id == 0 {
		return nil
	}
	u, err := tx.GetUser(id)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.Field(field, "unknown", "There is no such user. Choose one from the list.")
	case err != nil:
		return err
	case !u.Active:
		return fault.Field(field, "inactive", u.Name+" is deactivated. Choose another user.")
	}
	return nil
}

// Complete says that an activity was done; its sequence goes on.
func (a *App) Complete(ctx context.Context, actor access.Actor, id ident.Activity, done Done) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, completing(actor, done))
}

// alteration changes an open activity, and may give an event for its enrollment.
type alteration func(*store.Tx, *store.Activity) (step.Event, error)

func completing(actor access.Actor, done Done) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		done := done // a transaction may be tried again
		if err := done.check(tx, act.Kind); err != nil {
			return nil, err
		}
		act.State, act.Outcome, act.Note, act.Duration = store.ActivityCompleted, done.Outcome, strings.TrimSpace(clean(done.Note)), done.Duration
		act.DoneBy, act.DoneAt = actor.ID, tx.Now
		return step.ActivityDone{Token: act.Token, Outcome: done.Outcome, By: actor.ID}, nil
	}
}

// check holds what a person says about an activity of a kind against what can be said, and puts in what counts where
// nobody said how a call or a meeting ended.
func (d *Done) check(tx *store.Tx, kind string) error {
	if err := checkNote(d.Note); err != nil {
		return err
	}
	if d.Duration < 0 || d.Duration > maxCall {
		return fault.Field("duration", "range", "The duration must be from 0 seconds to 24 hours.")
	}
	outcomes, err := tx.Outcomes()
	if err != nil {
		return err
	}
	known := outcomes.Of(kind)
	if known == nil {
		if d.Outcome != "" {
			return fault.Field("outcome", "unknown", "Only a phone call or a meeting has an outcome.")
		}
		return nil
	}
	d.Outcome = cmp.Or(d.Outcome, known.Default())
	one, _ := OutcomeList{Kind: kind}.things()
	keys := known.Offered().Keys()
	switch {
	case d.Outcome == "":
		return fault.Field("outcome", "required", "Say how the "+one+" ended.")
	case !slices.Contains(keys, d.Outcome):
		return fault.Field("outcome", "unknown", "The outcome must be one of "+strings.Join(keys, ", ")+".")
	}
	return nil
}

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > maxActivityNote {
		return fault.Field("note", "too_long", "The note is longer than 10,000 characters.")
	}
	return nil
}

// SkipActivity leaves an activity out; its sequence goes on.
func (a *App) SkipActivity(ctx context.Context, actor access.Actor, id ident.Activity, note string) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, skipping(actor, note))
}

func skipping(actor access.Actor, note string) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if err := checkNote(note); err != nil {
			return nil, err
		}
		act.State, act.Note = store.ActivitySkipped, strings.TrimSpace(clean(note))
		act.DoneBy, act.DoneAt = actor.ID, tx.Now
		return step.ActivityDone{Token: act.Token, Skipped: true, By: actor.ID}, nil
	}
}

// Snooze moves an activity to a later time, at most one year ahead.
func (a *App) Snooze(ctx context.Context, actor access.Actor, id ident.Activity, until time.Time) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, snoozing(until))
}

func snoozing(until time.Time) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		switch {
		case !until.After(tx.Now):
			return nil, fault.Field("until", "past", "Choose a time in the future.")
		case until.Sub(tx.Now) > maxSnooze:
			return nil, fault.Field("until", "range", "Choose a time within one year.")
		case act.Snoozes >= maxSnoozes:
			return nil, fault.New(fault.Conflict, "The activity was snoozed 10,000 times, and no more is possible.").WithHint("Complete it or skip it.")
		}
		act.DueBefore, act.MovedAt = act.DueAt, tx.Now
		act.DueAt, act.Snoozes = until, act.Snoozes+1
		return nil, nil
	}
}

// Unsnooze takes the last move of an activity back: it is due when it was due before, even if that has passed.
func (a *App) Unsnooze(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if act.DueBefore.IsZero() {
			return nil, fault.New(fault.Conflict, "There is no move of %q to take back.", act.Name).WithHint("Load the page again to see when it is due.")
		}
		act.DueAt, act.DueBefore, act.MovedAt = act.DueBefore, time.Time{}, tx.Now
		act.Snoozes = max(act.Snoozes-1, 0)
		return nil, nil
	})
}

// Reassign hands an activity to another user. Later activities of the sequence stay with their assignee.
func (a *App) Reassign(ctx context.Context, actor access.Actor, id ident.Activity, to ident.User) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		had := act.Assignee
		event, err := handing(to)(tx, act)
		if err != nil || had == to {
			return event, err
		}
		return event, tx.NotifyHandover(*act, actor.ID)
	})
}

func handing(to ident.User) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		if to == 0 {
			return nil, fault.Field("assignee", "required", "Choose a user.")
		}
		if err := activeUser(tx, to, "assignee"); err != nil {
			return nil, err
		}
		act.Assignee, act.Behalf = to, 0
		return nil, nil
	}
}

// Retry lets an automatic step that became this activity try again; the activity is cancelled by that.
func (a *App) Retry(ctx context.Context, actor access.Actor, id ident.Activity) (store.Activity, error) {
	return a.changeActivity(ctx, actor, id, func(_ *store.Tx, act *store.Activity) (step.Event, error) {
		kind, ok := step.KindOf(act.Kind)
		if act.Enrollment == 0 || act.Trouble == "" || !ok || kind.Human {
			return nil, fault.New(fault.Conflict, "There is nothing to try again: %q is an activity for a person.", act.Name).
				WithHint("Complete it or skip it.")
		}
		return step.Retry{Token: act.Token, By: actor.ID}, nil
	})
}

// changeActivity lets alter change an open activity, and plays the event that it gives, if any, on the activity's
// enrollment in the same transaction, so that the next step is there when the answer comes. An activity made by hand has
// no enrollment to move.
func (a *App) changeActivity(ctx context.Context, actor access.Actor, id ident.Activity, alter alteration) (store.Activity, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Activity{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Activity, error) { return alterActivity(tx, actor, id, alter) })
}

// alterActivity is changeActivity within a transaction.
func alterActivity(tx *store.Tx, actor access.Actor, id ident.Activity, alter alteration) (store.Activity, error) {
	act, err := tx.LockActivity(id)
	if err != nil {
		return store.Activity{}, err
	}
	if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
		return store.Activity{}, err
	}
	if err := stillOpen(tx, actor, act); err != nil {
		return store.Activity{}, err
	}
	event, err := alter(tx, &act)
	if err != nil {
		return store.Activity{}, err
	}
	if err := tx.SaveActivity(act); err != nil {
		return store.Activity{}, err
	}
	if event != nil && act.Enrollment != 0 {
		if _, err := tx.Advance([]ident.Enrollment{act.Enrollment}, func(flow.Snapshot) step.Event { return event }); err != nil {
			return store.Activity{}, fmt.Errorf("go on with the sequence: %w", err)
		}
	}
	return tx.GetActivity(id)
}

// stillOpen refuses an activity that cannot be changed any more, or not now, and says who did what with it.
func stillOpen(tx *store.Tx, actor access.Actor, act store.Activity) error {
	switch act.State {
	case store.ActivityOpen:
		return nil
	case store.ActivitySending:
		m, err := tx.GetMessage(act.Message)
		if err != nil {
			return err
		}
		if m.State == store.MessageUnknown {
			return fault.New(fault.Conflict, "Nobody knows whether the email of %q was sent.", act.Name).WithHint("Open the message and say what became of it.")
		}
		if m.Waits(tx.Now) {
			return fault.New(fault.Conflict, "The email of %q is scheduled and goes out %s.", act.Name, sayWhen(actor, m.ScheduledAt, tx.Now)).WithHint("Take it back first.")
		}
		return fault.New(fault.Conflict, "The email of %q is being sent.", act.Name).WithHint("Wait until it is sent; the activity is completed by that.")
	case store.ActivityHeld:
		return fault.New(fault.Conflict, "%q is paused for %s.", act.SequenceName, act.RecordName).WithHint("Resume it first.")
	case store.ActivityCancelled:
		return fault.New(fault.Stale, "%q was cancelled %s, because its step is over.", act.Name, sayWhen(actor, act.DoneAt, tx.Now)).WithHint("Load the page again.")
	case store.ActivityCompleted, store.ActivitySkipped:
	}
	who := "Somebody"
	if act.DoneBy == actor.ID && actor.ID != 0 {
		who = "You"
	} else if act.DoneBy != 0 {
		u, err := tx.GetUser(act.DoneBy)
		if err != nil {
			return err
		}
		who = u.Name
	}
	return fault.New(fault.Stale, "%s %s %q %s.", who, act.State, act.Name, sayWhen(actor, act.DoneAt, tx.Now)).WithHint("Load the page again.")
}
