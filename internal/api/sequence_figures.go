package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/report"
)

// sequenceFiguresShape are the figures of a sequence.
type sequenceFiguresShape struct {
	Version   int                `json:"version,omitempty" doc:"Absent for all versions together."`
	Versions  []int              `json:"versions" doc:"Those that records were connected to, newest first."`
	Connected int64              `json:"connected" doc:"How many records were put on it."`
	Here      int64              `json:"here" doc:"How many stand on one of its steps now."`
	Exits     map[string]int64   `json:"exits" doc:"How many ended, by why."`
	Steps     []stepFiguresShape `json:"steps" doc:"In the order of the version, or of the newest one; after them those that it does not have any more."`
}

// stepFiguresShape are those of one step.
type stepFiguresShape struct {
	Step    string           `json:"step" doc:"The id of the step."`
	Title   string           `json:"title,omitempty" doc:"Absent for a step that is gone."`
	Entered int64            `json:"entered" doc:"How many visits of it began."`
	Here    int64            `json:"here" doc:"How many stand there now."`
	Ended   map[string]int64 `json:"ended" doc:"How many visits ended by themselves, by how: completed, skipped, sent, waited, yes, no and others."`
	Exits   map[string]int64 `json:"exits" doc:"How many enrollments ended here, by why."`
	Average int64            `json:"average_seconds" doc:"How long a visit took that ended by itself."`
}

type sequenceFiguresQuery struct {
	One[ident.Sequence]
	Version int `query:"version" minimum:"0" doc:"The number of one version; without it all of them together."`
}

func (d *door) sequenceFigures() {
	handle(d, with(get("/sequences/{id}/figures", "get-sequence-figures", "Say what became of the records on a sequence, step by step"), "Counted as it happens: what is read is true to the moment."),
		func(ctx context.Context, actor access.Actor, in *sequenceFiguresQuery) (sequenceFiguresShape, error) {
			f, err := d.app.Figures(ctx, actor, in.ID.Key, in.Version)
			return sequenceFiguresOf(f), err
		})
}

func sequenceFiguresOf(f action.SequenceFigures) sequenceFiguresShape {
	out := sequenceFiguresShape{Version: f.Number, Versions: append([]int{}, f.Versions...), Connected: f.Connected, Here: f.Here, Exits: f.Exits, Steps: []stepFiguresShape{}}
	for _, st := range f.Def.Each() {
		shape := stepFiguresOf(st.ID, f.Steps[st.ID])
		shape.Title = f.Titles[st.ID]
		out.Steps = append(out.Steps, shape)
	}
	for _, id := range f.Gone {
		out.Steps = append(out.Steps, stepFiguresOf(id, f.Steps[id]))
	}
	return out
}

func stepFiguresOf(id string, f report.StepFigures) stepFiguresShape {
	full := func(counts map[string]int64) map[string]int64 {
		if counts == nil {
			return map[string]int64{}
		}
		return counts
	}
	return stepFiguresShape{
		Step: id, Entered: f.Entered, Here: f.Here, Ended: full(f.Ended), Exits: full(f.Exits), Average: int64(f.Average() / time.Second),
	}
}
