package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// explanation says why a record stands where it stands on a sequence.
type explanation struct {
	Enrollment enrollmentShape `json:"enrollment"`
	Position   int             `json:"position" doc:"Which step it stands at, from 1; 0 before the first."`
	Total      int             `json:"total" doc:"How many steps the longest way from here has, those that are over included."`
	Current    *stepName       `json:"current,omitempty"`
	Reasons    []reasonShape   `json:"reasons" doc:"How it came there, oldest first."`
	Holds      []holdShape     `json:"holds" doc:"What keeps it from going on, and who can change that."`
	IfResumed  bool            `json:"if_resumed,omitempty" doc:"It is paused, and the times count as if it were resumed now."`
	Next       []foreseenStep  `json:"next" doc:"The steps that come in any case, after the present one."`
	Fork       *forkShape      `json:"fork,omitempty" doc:"The first condition that nobody can answer yet, with both of its ways."`
	Exit       string          `json:"exit,omitempty" doc:"How the way ends that does not part, or how the enrollment ended."`
	EndAt      *time.Time      `json:"end_at,omitempty" doc:"When that is."`
	Stuck      string          `json:"stuck,omitempty" doc:"What the way waits for that nobody can foresee the end of."`
	Ends       []string        `json:"ends" doc:"What ends the sequence for the record at any time."`
}

type reasonShape struct {
	At    time.Time  `json:"at"`
	Until *time.Time `json:"until,omitempty" doc:"When that was over, of what kept a message waiting."`
	Text  string     `json:"text"`
}

type holdShape struct {
	Code   string     `json:"code" doc:"paused, sequence_inactive, time, condition, person, trouble, sending, scheduled, unknown, away, engine, or the blocker of a message; ended, not_connected or record_closed of what does not go on at all."`
	Text   string     `json:"text"`
	Since  *time.Time `json:"since,omitempty" doc:"From when on it holds; absent when that is not known."`
	Until  *time.Time `json:"until,omitempty" doc:"When it is over; absent when that is not known."`
	Change string     `json:"change,omitempty" doc:"Who can change that, and how."`
	Path   string     `json:"path,omitempty" doc:"The page where it is changed; absent for who may not open it."`
}

type forkShape struct {
	Step  stepName `json:"step"`
	Title string   `json:"title"`
	Yes   forkWay  `json:"yes"`
	No    forkWay  `json:"no"`
}

type forkWay struct {
	At    time.Time      `json:"at" doc:"When it is taken: at the earliest for Yes, at the latest for No."`
	Steps []foreseenStep `json:"steps" doc:"What comes then. Later conditions that nobody can answer yet are taken as yes."`
	Exit  string         `json:"exit,omitempty"`
	EndAt *time.Time     `json:"end_at,omitempty"`
	Stuck string         `json:"stuck,omitempty"`
}

func explanationOf(x action.Explanation) explanation {
	seen := func(v flow.Visit) foreseenStep { return visitOf(x.Version.Def, x.Outcomes, v) }
	out := explanation{
		Enrollment: enrollmentOf(x.Enrollment), Position: x.Position, Total: x.Total, Current: maybe(x.Current, stepOf),
		Reasons: each(x.Reasons, reasonOf), Holds: each(x.Holds, holdOf),
		IfResumed: x.Paused, Next: each(x.Coming(), seen), Exit: string(x.End.Exit), EndAt: moment(x.End.EndAt), Stuck: x.End.Stuck,
		Ends: each(x.Ends, func(s string) string { return s }),
	}
	side := func(w action.ForkWay) forkWay {
		return forkWay{At: w.At.UTC(), Steps: each(w.Visits, seen), Exit: string(w.Exit), EndAt: moment(w.EndAt), Stuck: w.Stuck}
	}
	if f := x.Fork; f != nil {
		out.Fork = &forkShape{Step: stepOf(f.Step), Title: x.Version.Def.Title(f.Step, x.Outcomes), Yes: side(f.Yes), No: side(f.No)}
	}
	return out
}

func (d *door) explanations() {
	d.whys()
	handle(d, get("/enrollments/{id}/explanation", "explain-enrollment", "Say why a record stands where it stands on a sequence, what comes next and when, and what holds it"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Enrollment]) (explanation, error) {
			x, err := d.app.Explain(ctx, actor, in.ID.Key)
			if err != nil {
				return explanation{}, err
			}
			return explanationOf(x), nil
		})
	handle(d, get("/records/{id}/explanations", "explain-record", "Explain every sequence that a record is on"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (page[explanation], error) {
			found, err := d.app.ExplainRecord(ctx, actor, in.ID.Key)
			return list(found, explanationOf), err
		})
}
