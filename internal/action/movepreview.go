package action

import (
	"context"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// MovePreview is one page of what a move would do.
type MovePreview struct {
	// Number is the version to which records would be moved, Draft tells that it is the draft.
	Number int
	Draft  bool
	// Total is how many records the mapping names, on all pages.
	Total int
	Rows  []MovePreviewRow
	// Next is the cursor of the page after this one; "" for none.
	Next string
}

// MovePreviewRow says what a move would do with one record.
type MovePreviewRow struct {
	// Enrollment is as it stands now.
	store.Enrollment
	// StepName is where it stands, in words.
	StepName string
	// Destination is what the mapping says, ToName where that is, in words.
	flow.Destination
	ToName string
	// Same tells that it goes on in the very same step.
	Same bool
	// Blocked says why it cannot be moved now; "" when it can.
	Blocked string
	// Cancels says what is called off; "" for nothing.
	Cancels string
	// Then says what happens to it next, At when; zero where nobody can know.
	Then string
	At   time.Time
}

// PreviewMove says who would be moved where and what would happen to them next, without a change: to the draft of a sequence where that
// has changes, else to its newest version.
func (a *App) PreviewMove(ctx context.Context, actor access.Actor, id ident.Sequence, in MoveInput, cursor string, limit int) (MovePreview, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return MovePreview{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (MovePreview, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return MovePreview{}, err
		}
		to, draft, err := versionAhead(tx, s)
		if err != nil {
			return MovePreview{}, err
		}
		if in, err = checkMove(tx, id, to, in); err != nil {
			return MovePreview{}, err
		}
		p := MovePreview{Number: to.Number, Draft: draft}
		at, err := p.places(tx, id, in.Mapping)
		if err != nil {
			return p, err
		}
		page, err := tx.EnrollmentsAt(id, at, cursor, limit)
		if err != nil {
			return p, err
		}
		p.Next = page.Next
		p.Rows, err = previewRows(tx, to, actor, in, page.Rows)
		return p, err
	})
}

// places lists the steps of the mapping on which records stand, and counts those.
func (p *MovePreview) places(tx *store.Tx, id ident.Sequence, m flow.Mapping) ([]store.StandingAt, error) {
	counted, err := tx.Standings(id)
	if err != nil {
		return nil, err
	}
	var list []store.StandingAt
	for _, c := range counted {
		v, err := tx.Version(c.Version)
		if err != nil {
			return nil, err
		}
		if m.Of(flow.VersionStep{Number: v.Number, Step: c.Step}).Kind != flow.Stay {
			list = append(list, store.StandingAt{Version: c.Version, Step: c.Step})
			p.Total += c.Count
		}
	}
	return list, nil
}

func previewRows(tx *store.Tx, to *flow.Version, actor access.Actor, in MoveInput, list []store.Enrollment) ([]MovePreviewRow, error) {
	wire, err := tx.OnTheWire(list)
	if err != nil {
		return nil, err
	}
	known, err := tx.Outcomes()
	if err != nil {
		return nil, err
	}
	rows := make([]MovePreviewRow, 0, len(list))
	for _, e := range list {
		from, err := tx.Version(e.Version)
		if err != nil {
			return nil, err
		}
		order := flow.Transfer{
			From: from, Destination: in.Mapping.Of(flow.VersionStep{Number: from.Number, Step: e.State.Step}), By: actor.ID, Reason: in.Reason, OnWire: wire[e.ID],
		}
		row, err := previewRow(tx, to, order, e, known)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// previewRow plays the move of one record, and what comes after it.
func previewRow(tx *store.Tx, to *flow.Version, order flow.Transfer, e store.Enrollment, known step.Outcomes) (MovePreviewRow, error) {
	row := MovePreviewRow{Enrollment: e, Destination: order.Destination, StepName: titleIn(order.From, e.State.Step, known)}
	on := to
	if order.Kind == flow.Finish {
		on, row.ToName = order.From, "Finished"
	} else {
		row.ToName = titleIn(to, order.Step, known)
		row.Same = order.Step == e.State.Step && flow.Same(order.From, to, order.Step)
	}
	rec, err := tx.GetRecord(e.Record)
	if err != nil {
		return row, err
	}
	around, err := tx.SurroundingsOn(e, on, rec)
	if err != nil {
		return row, err
	}
	move := flow.Relocate(flow.Snapshot{Enrollment: e.ID, Version: on, State: e.State, Facts: around.Facts}, order, tx.Now)
	if move.Ignored {
		row.Blocked = flow.OnWireReason
		return row, nil
	}
	if !row.Same {
		row.Cancels = cancels(e.State.Wait)
	}
	return row, row.foresee(tx, on, move, around, known)
}

// titleIn names a step of a version.
func titleIn(v *flow.Version, id string, known step.Outcomes) string {
	if st, ok := v.Step(id); ok {
		return v.Def.Title(st, known)
	}
	return "The beginning"
}

// cancels says what is called off when a step is left.
func cancels(w step.Wait) string {
	switch w {
	case step.ForPerson:
		return "The open activity is cancelled."
	case step.ForMail:
		return "The message that waits to be sent is withdrawn."
	case step.ForTime:
		return "The wait is called off."
	case step.NoWait:
	}
	return ""
}

// foresee says what happens next to a record that was moved.
func (row *MovePreviewRow) foresee(tx *store.Tx, v *flow.Version, move flow.Move, around flow.Surroundings, known step.Outcomes) error {
	st := move.State
	if st.Status == flow.Finished {
		row.Then, row.At = "The sequence ends: "+lowerFirst(st.Exit.Describe())+".", tx.Now
		return nil
	}
	on := flow.Standing{Enrollment: row.ID, State: st}
	if err := row.kept(tx, &on); err != nil {
		return err
	}
	for _, p := range move.Effects {
		if open, ok := p.Effect.(step.OpenActivity); ok {
			on.Due = open.DueAt
		}
	}
	way := flow.ForeseeOn(v, on, around, tx.Now, func(step.Step) bool { return true })
	title := titleIn(v, st.Step, known)
	row.Then = title + " goes on."
	if len(way.Visits) > 0 {
		first := way.Visits[0]
		row.At = first.LeftAt
		row.Then = nextWords(first, st.Wait, v.Def.Title(first.Step, known))
	}
	switch {
	case st.Status == flow.Paused:
		row.Then, row.At = "It stays paused; when it is resumed it goes on with "+title+".", time.Time{}
	case len(way.Visits) == 0 && way.Stuck != "":
		row.Then = way.Stuck
	}
	return nil
}

// kept notes the activity or message that goes on with the record.
func (row *MovePreviewRow) kept(tx *store.Tx, on *flow.Standing) error {
	if !row.Same {
		return nil
	}
	token := step.Token{Enrollment: row.ID, Step: row.State.Step, Visit: row.State.Visit}
	activities, err := tx.UndoneActivities(row.Record)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(activities, func(a store.Activity) bool { return a.Token == token }); i >= 0 {
		on.Due = activities[i].DueAt
	}
	messages, err := tx.MessagesOf(row.Record, recentMessages)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(messages, func(m store.Message) bool { return m.Token == token }); i >= 0 {
		on.Mail = unsentOf(&messages[i])
	}
	return nil
}

// nextWords says what the end of the first visit is.
func nextWords(v flow.Visit, w step.Wait, title string) string {
	switch {
	case v.ByHand:
		return title + " is due."
	case v.Step.When != nil:
		return title + " is answered."
	case w == step.ForMail:
		return title + " is sent."
	case w == step.ForTime:
		return title + " is over."
	}
	return title + " is done."
}
