package action

import (
	"context"
	"fmt"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/report"
	"cadenza/internal/store"
)

// SequenceFigures are the figures of a sequence, or of one version of it.
type SequenceFigures struct {
	// Number is that of the version, 0 for all versions together.
	Number int
	// Def is what the figures are laid out on: that version, or the newest one.
	Def flow.Sequence
	// Titles are the names of Def's steps by their ids.
	Titles map[string]string
	// Versions are those that records were ever connected to, newest first.
	Versions []int
	// Connected is how many records were put on it, Here how many stand on one of its steps now.
	Connected, Here int64
	// Exits counts those that ended, by why.
	Exits map[string]int64
	// Steps are the figures of the steps by their ids.
	Steps map[string]report.StepFigures
	// Gone are the ids of steps with figures that Def does not have, in their order.
	Gone []string
}

// Finished is how many ended.
func (f SequenceFigures) Finished() int64 { return report.StepFigures{Exits: f.Exits}.Gone() }

// Figures gives what became of the records on a sequence, step by step: true to the moment. number is that of a version, 0 for all
// of them, whose steps then count together by their ids.
func (a *App) Figures(ctx context.Context, actor access.Actor, id ident.Sequence, number int) (SequenceFigures, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return SequenceFigures{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (SequenceFigures, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return SequenceFigures{}, err
		}
		newest := number
		if number == 0 {
			newest = s.VersionNumber
		}
		if number < 0 || newest > s.VersionNumber {
			return SequenceFigures{}, fault.New(fault.NotFound, "There is no such version.").WithHint(fmt.Sprintf("The newest one is version %d.", s.VersionNumber))
		}
		f := SequenceFigures{Number: number, Def: s.Draft}
		if newest > 0 {
			v, err := tx.VersionByNumber(id, newest)
			if err != nil {
				return SequenceFigures{}, err
			}
			f.Def = v.Def
		}
		outcomes, err := tx.Outcomes()
		if err != nil {
			return SequenceFigures{}, err
		}
		f.Titles = map[string]string{}
		for _, st := range f.Def.Each() {
			f.Titles[st.ID] = f.Def.Title(st, outcomes)
		}
		list, err := tx.StepFigures(id)
		f.count(list)
		return f, err
	})
}

// count brings the counts of the store into their shape.
func (f *SequenceFigures) count(list []store.StepFigure) {
	f.Exits, f.Steps = map[string]int64{}, map[string]report.StepFigures{}
	for _, c := range list {
		if c.Kind == store.FigureConnected {
			f.Versions = append(f.Versions, c.Number)
		}
		if f.Number != 0 && c.Number != f.Number {
			continue
		}
		f.add(c)
	}
	slices.Sort(f.Versions)
	slices.Reverse(f.Versions)
	for id := range f.Steps {
		if _, known := f.Titles[id]; !known {
			f.Gone = append(f.Gone, id)
		}
	}
	slices.Sort(f.Gone)
}

func (f *SequenceFigures) add(c store.StepFigure) {
	if c.Kind == store.FigureConnected {
		f.Connected += c.Count
		return
	}
	if c.Kind == store.FigureExits {
		f.Exits[c.Outcome] += c.Count
	}
	if c.Step == "" {
		return // it ended before its first step
	}
	s, ok := f.Steps[c.Step]
	if !ok {
		s = report.StepFigures{Ended: map[string]int64{}, Exits: map[string]int64{}}
	}
	switch c.Kind {
	case store.FigureEntered:
		s.Entered += c.Count
	case store.FigureHere:
		s.Here += c.Count
		f.Here += c.Count
	case store.FigureEnded:
		s.Ended[c.Outcome] += c.Count
		s.Spent += c.Spent
	case store.FigureExits:
		s.Exits[c.Outcome] += c.Count
	case store.FigureConnected: // it is of no step
	}
	f.Steps[c.Step] = s
}
