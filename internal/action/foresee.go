package action

import (
	"context"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Foresight is what a draft would do with a record.
type Foresight struct {
	Def    flow.Sequence
	Record store.Record
	flow.Way
	// Turns say for each condition on the way what its other side would have led to.
	Turns map[string]Turn
	// Outcomes are the words for outcomes.
	Outcomes step.Outcomes
	// Away is the absence of whoever would get the activities; nil for one who is there.
	Away *Absence
}

// Turn is the side of a condition that was not taken.
type Turn struct {
	// Possible is false for a condition that the record itself answers.
	Possible bool
	// Next is the first visit after the condition on the other side; nil where the sequence ends there.
	Next *flow.Visit
}

// Foresee plays a sequence's draft with a record, from now on, by the engine's own decisions. Nothing is changed or sent.
// Conditions about emails and calls go Yes, but for those in no. A zero record stands for one without values.
func (a *App) Foresee(ctx context.Context, actor access.Actor, id ident.Sequence, rec ident.Record, no []string) (Foresight, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return Foresight{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Foresight, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return Foresight{}, err
		}
		f := Foresight{Def: s.Draft, Turns: map[string]Turn{}}
		assignee := actor.ID
		if rec != 0 {
			if f.Record, err = tx.GetRecord(rec); err != nil {
				return f, err
			}
			if f.Record.Kind != s.Draft.Record {
				return f, fault.Field("record", "record_kind", "The sequence is for "+s.Draft.Record.Path()+".")
			}
			if s.Draft.Options.Assignee == flow.RecordOwner && f.Record.Owner != 0 {
				assignee = f.Record.Owner
			}
		}
		v := flow.NewVersion(0, s.ID, 0, s.Draft)
		around, err := tx.Surroundings(v, []store.Record{f.Record}, []ident.User{assignee})
		if err != nil {
			return f, err
		}
		if f.Outcomes, err = tx.Outcomes(); err != nil {
			return f, err
		}
		if f.Away, err = absenceOf(tx, assignee); err != nil {
			return f, err
		}
		f.look(v, around[0], tx.Now, no)
		return f, nil
	})
}

// look follows the way, and for each condition on it the way that its other side would have opened.
func (f *Foresight) look(v *flow.Version, around flow.Surroundings, now time.Time, no []string) {
	yes := func(s step.Step) bool { return !slices.Contains(no, s.ID) }
	f.Way = flow.Foresee(v, around, now, yes)
	for i, visit := range f.Visits {
		if visit.Step.When == nil {
			continue
		}
		other := flow.Foresee(v, around, now, func(s step.Step) bool { return yes(s) != (s.ID == visit.Step.ID) })
		turn := Turn{}
		if len(other.Visits) > i && other.Visits[i].Step.ID == visit.Step.ID {
			turn.Possible = other.Visits[i].Outcome != visit.Outcome
			if len(other.Visits) > i+1 {
				turn.Next = &other.Visits[i+1]
			}
		}
		f.Turns[visit.Step.ID] = turn
	}
}
