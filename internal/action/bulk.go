package action

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// maxBatch is how many activities a batch holds.
const maxBatch = 1000

// Bulk is one thing to do with many activities, or a plan, which says of each what is done with it.
type Bulk struct {
	// Verb is complete, skip, snooze, reassign, email, or clean_up for a plan.
	Verb       string           `json:"-"`
	Activities []ident.Activity `json:"-"`
	// Each is what is different for single activities: a plan's verb and time, or an email of one's own.
	Each map[ident.Activity]Bulk `json:"-"`

	// Outcome is that of phone calls; other activities have none.
	Outcome  string     `json:"outcome,omitempty"`
	Note     string     `json:"note,omitempty"`
	Until    time.Time  `json:"until,omitzero"`
	Assignee ident.User `json:"assignee,omitzero"`
	// Mail is the email to all, or what is different in one's own; At is when it is sent, zero for at once.
	Mail BulkMail  `json:"mail,omitzero"`
	At   time.Time `json:"at,omitzero"`
}

// The verbs of batches. CleanUp stands for a plan, whose activities have verbs of their own.
const (
	BulkComplete = "complete"
	BulkSkip     = "skip"
	BulkSnooze   = "snooze"
	BulkReassign = "reassign"
	BulkCleanUp  = "clean_up"
	BulkEmail    = "email"
)

// CanUndo tells whether what a batch of the verb has done can be put back, as far as it is a move or a hand-over.
func CanUndo(verb string) bool {
	return verb == BulkSnooze || verb == BulkReassign || verb == BulkCleanUp
}

// alter gives what the bulk does with one activity; nil for a verb that nobody knows.
func (b Bulk) alter(actor access.Actor, kind string) alteration {
	switch b.Verb {
	case BulkComplete:
		done := Done{Outcome: b.Outcome, Note: b.Note}
		if kind != "phone_call" { // one outcome counts for all calls; a meeting in the same batch was held
			done.Outcome = ""
		}
		return completing(actor, done)
	case BulkSkip:
		return skipping(actor, b.Note)
	case BulkSnooze:
		return snoozing(b.Until)
	case BulkReassign:
		return handing(b.Assignee)
	case BulkEmail:
		return mailingMany(actor, b)
	}
	return nil
}

// of gives what is to be done with one activity.
func (b Bulk) of(id ident.Activity) Bulk {
	own, ok := b.Each[id]
	switch {
	case !ok:
		return b
	case b.Verb == BulkEmail:
		own.Verb, own.At, own.Mail = b.Verb, b.At, b.Mail.with(own.Mail)
	}
	return own
}

// row gives the bulk's row for an activity, before anybody has asked whether it can be done.
func (b Bulk) row(id ident.Activity) store.BatchRow {
	row := store.BatchRow{Activity: id, Verb: b.Verb, State: store.RowWaiting}
	if own, ok := b.Each[id]; ok {
		own.Verb = cmp.Or(own.Verb, b.Verb)
		row.Verb, row.Arguments = own.Verb, encodeJSON(own)
	}
	return row
}

// read gives what a row of a batch says is to be done.
func readBulk(b store.Batch, row store.BatchRow) (Bulk, error) {
	in := Bulk{Verb: row.Verb}
	for _, text := range []string{b.Arguments, row.Arguments} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return in, fmt.Errorf("read a batch: %w", err)
		}
	}
	return in, nil
}

func (b Bulk) check(actor access.Actor) error {
	known := b.Verb == BulkCleanUp || b.alter(actor, "") != nil
	switch {
	case !known:
		return fault.Field("verb", "unknown", "The verb must be complete, skip, snooze, reassign or email.")
	case len(b.Activities) == 0:
		return fault.Field("activities", "required", "Choose at least one activity.")
	case len(b.Activities) > maxBatch:
		return fault.Field("activities", "too_many", fmt.Sprintf("A batch has at most %d activities.", maxBatch))
	}
	return nil
}

// CheckBatch says of each activity whether the bulk could be done with it, and changes nothing. What could not be has failed, with
// the reason.
func (a *App) CheckBatch(ctx context.Context, actor access.Actor, in Bulk) (store.Batch, []store.BatchRow, error) {
	b := store.Batch{User: actor.ID, UserName: actor.Name, Verb: in.Verb, Counts: map[store.BatchRowState]int{}}
	if err := may(actor, access.DoActivities); err != nil {
		return b, nil, err
	}
	if err := in.check(actor); err != nil {
		return b, nil, err
	}
	rows, err := look(ctx, a, func(tx *store.Tx) ([]store.BatchRow, error) {
		b.RunAt, b.CreatedAt = tx.Now.Add(batchGrace), tx.Now
		if in.Verb == BulkEmail {
			if err := oneStep(tx, in.Activities); err != nil {
				return nil, err
			}
		}
		return checkBatch(tx, actor, in, b.Counts)
	})
	return b, rows, err
}

// checkBatch asks each activity's own rules, without changing it. When none can be done, it says why as a fault.
func checkBatch(tx *store.Tx, actor access.Actor, in Bulk, counts map[store.BatchRowState]int) (rows []store.BatchRow, err error) {
	waiting, err := tx.WaitingInBatch(in.Activities)
	if err != nil {
		return nil, err
	}
	seen := map[ident.Activity]bool{}
	var first error
	for _, id := range in.Activities {
		if seen[id] {
			continue
		}
		seen[id] = true
		row := in.row(id)
		act, err := checkInBatch(tx, actor, in.of(id), id)
		if err == nil && waiting[id] != 0 {
			err = fault.New(fault.Conflict, "It waits in another batch.").WithHint("Take that one back first.")
		}
		if err != nil {
			if fault.CodeOf(err) == "" {
				return nil, err
			}
			if first == nil {
				first = err
			}
			row.State, row.Reason = store.RowFailed, reasonOf(err)
		}
		row.ActivityName, row.ActivityKind, row.RecordName, row.Record = act.Name, act.Kind, act.RecordName, act.Record
		counts[row.State]++
		rows = append(rows, row)
	}
	if counts[store.RowWaiting] == 0 {
		return nil, noneLeft(len(rows), first)
	}
	return rows, nil
}

// noneLeft says that nothing of a batch could be done. Where a field is wrong for all of them, that is what to mend.
func noneLeft(count int, first error) error {
	if count == 1 || len(fault.ProblemsOf(first)) > 0 || fault.Is(first, fault.Forbidden) {
		return first
	}
	return fault.New(fault.Conflict, "None of the %d activities can be changed that way.", count).WithHint("The first: " + reasonOf(first))
}

func checkInBatch(tx *store.Tx, actor access.Actor, in Bulk, id ident.Activity) (store.Activity, error) {
	act, err := tx.GetActivity(id)
	if err != nil {
		return act, err
	}
	if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
		return act, err
	}
	if err := stillOpen(tx, actor, act); err != nil {
		return act, err
	}
	alter := in.alter(actor, act.Kind)
	if alter == nil {
		return act, fault.Field("verb", "unknown", "The verb must be complete, skip, snooze, reassign or email.")
	}
	if in.Verb == BulkEmail {
		_, err = prepareBulkMail(tx, actor, act, in)
		return act, err
	}
	changed := act
	_, err = alter(tx, &changed)
	return act, err
}

// reasonOf gives a fault as one line.
func reasonOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	if len(f.Problems) > 0 {
		return strings.TrimSpace(f.Problems[0].Message + " " + f.Problems[0].Hint)
	}
	return strings.TrimSpace(f.Message + " " + f.Hint)
}

// WorkIDs gives the activities that a query selects, whatever its cursor and limit: as many as a batch holds, the first by due time. more
// tells that there are others.
func (a *App) WorkIDs(ctx context.Context, actor access.Actor, q store.WorkQuery) (ids []ident.Activity, more bool, err error) {
	if q, err = readable(actor, q); err != nil {
		return nil, false, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		if err := chooseFilters(tx, actor, &q); err != nil {
			return err
		}
		entries, looked, err := tx.WorkEntries(q, maxBatch+1)
		more = looked
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		return err
	})
	if len(ids) > maxBatch {
		more, ids = true, ids[:maxBatch]
	}
	return ids, more, err
}

// RowUntil gives to when a row of a batch moves its activity, as far as the row itself says so; zero when it does not.
func RowUntil(r store.BatchRow) time.Time {
	if r.Verb != BulkSnooze || r.Arguments == "" {
		return time.Time{}
	}
	in, err := readBulk(store.Batch{}, r)
	if err != nil {
		return time.Time{}
	}
	return in.Until
}

// KindsOf gives the kinds of activities that are among some, each once.
func (a *App) KindsOf(ctx context.Context, actor access.Actor, ids []ident.Activity) ([]string, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (kinds []string, err error) {
		list, err := tx.ActivitiesByID(ids)
		for _, act := range list {
			if !slices.Contains(kinds, act.Kind) {
				kinds = append(kinds, act.Kind)
			}
		}
		return kinds, err
	})
}
