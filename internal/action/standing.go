package action

import (
	"cmp"
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Standing says where the records on older versions of a sequence stand, and where they could go.
type Standing struct {
	Sequence ident.Sequence
	Name     string
	// Number is the version to which they would be moved.
	Number int
	// Draft tells that this is the draft, which the next activation makes a version.
	Draft bool
	// Steps are those of that version, in the order of its file.
	Steps []StandingStep
	// Rows are the steps of older versions on which records stand, the newest version first.
	Rows []StandingRow
	// Running is a move that is not over yet; nil for none.
	Running *store.MoveRun
}

// Count is how many records stand on older versions.
func (s Standing) Count() (n int) {
	for _, r := range s.Rows {
		n += r.Count
	}
	return n
}

// StandingStep is a step to which records can be moved.
type StandingStep struct{ ID, Name, Type string }

// StandingRow is one step of an older version.
type StandingRow struct {
	Version ident.Version
	Number  int
	// Step is "" for records that have not begun.
	Step, Name, Type string
	// Count is how many records stand there, paused ones included.
	Count, Paused int
	// Time, Mail and Person count what they wait for.
	Time, Mail, Person int
	// Onward is the step with which they would go on, GoesOn tells that there is one. Same tells that it is the very same
	// step, so that they keep their activity, mail or wait.
	Onward       string
	GoesOn, Same bool
}

// At is the row's place in a mapping.
func (r StandingRow) At() flow.VersionStep { return flow.VersionStep{Number: r.Number, Step: r.Step} }

// StandOf says where the records on older versions of a sequence stand: older than its draft where that has changes, else than
// its newest version.
func (a *App) StandOf(ctx context.Context, actor access.Actor, id ident.Sequence) (Standing, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return Standing{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Standing, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return Standing{}, err
		}
		return standOf(tx, s)
	})
}

func standOf(tx *store.Tx, s store.Sequence) (Standing, error) {
	to, draft, err := versionAhead(tx, s)
	if err != nil {
		return Standing{}, err
	}
	known, err := tx.Outcomes()
	if err != nil {
		return Standing{}, err
	}
	list := Standing{Sequence: s.ID, Name: s.Name, Number: to.Number, Draft: draft}
	for _, st := range to.Def.Each() {
		list.Steps = append(list.Steps, StandingStep{ID: st.ID, Name: to.Def.Title(st, known), Type: st.Type})
	}
	counted, err := tx.Standings(s.ID)
	if err != nil {
		return Standing{}, err
	}
	places := map[flow.VersionStep]int{}
	for _, c := range counted {
		v, err := tx.Version(c.Version)
		if err != nil {
			return Standing{}, err
		}
		if v.ID == to.ID {
			continue
		}
		if _, known := places[flow.VersionStep{Number: v.Number}]; !known {
			notePlaces(places, v)
		}
		list.Rows = append(list.Rows, standingRow(v, to, c, known))
	}
	slices.SortStableFunc(list.Rows, func(a, b StandingRow) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), cmp.Compare(places[a.At()], places[b.At()]))
	})
	runs, err := tx.ListMoveRuns(s.ID, "", 1)
	if err == nil && len(runs.Rows) > 0 && !runs.Rows[0].Over() {
		list.Running = &runs.Rows[0]
	}
	return list, err
}

// notePlaces numbers the steps of a version in the order of its file; 0 is its beginning.
func notePlaces(places map[flow.VersionStep]int, v *flow.Version) {
	places[flow.VersionStep{Number: v.Number}] = 0
	n := 0
	for _, st := range v.Def.Each() {
		n++
		places[flow.VersionStep{Number: v.Number, Step: st.ID}] = n
	}
}

// versionAhead gives the version to which records of a sequence would be moved: its draft where that has changes.
func versionAhead(tx *store.Tx, s store.Sequence) (to *flow.Version, draft bool, err error) {
	if s.Version != 0 {
		if to, err = tx.Version(s.Version); err != nil || store.SameSteps(s.Draft, to.Def) {
			return to, false, err
		}
	}
	return flow.NewVersion(0, s.ID, s.VersionNumber+1, s.Draft), true, nil
}

func standingRow(from, to *flow.Version, c store.StandingRow, known step.Outcomes) StandingRow {
	row := StandingRow{
		Version: from.ID, Number: from.Number, Step: c.Step, Name: "Not begun", Count: c.Count, Paused: c.Paused,
		Time: c.Waits[step.ForTime], Mail: c.Waits[step.ForMail], Person: c.Waits[step.ForPerson],
	}
	if st, ok := from.Step(c.Step); ok {
		row.Name, row.Type = from.Def.Title(st, known), st.Type
	}
	row.Onward, row.GoesOn = flow.Suggest(from, to)[c.Step]
	row.Same = row.GoesOn && row.Onward == c.Step && flow.Same(from, to, c.Step)
	return row
}
