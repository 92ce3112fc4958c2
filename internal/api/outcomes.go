package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/step"
)

// outcomeShape is one way in which calls end.
type outcomeShape struct {
	Key     string `json:"key,omitempty" maxLength:"80" doc:"What conditions and activities name it by; it never changes. Left out for a new one."`
	Label   string `json:"label" doc:"At most 60 characters, unique."`
	Retired bool   `json:"retired,omitempty" doc:"No longer offered to sellers; conditions and history still understand it."`
	Default bool   `json:"default,omitempty" doc:"A call is completed with it of which nobody says how it ended; without such an outcome sellers must say. One at most."`
}

type outcomesShape struct {
	Outcomes []outcomeShape `json:"outcomes" doc:"In the order in which sellers choose; at most 30."`
	Rev      int64          `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

func outcomesOf(l action.OutcomeList, err error) (outcomesShape, error) {
	out := outcomesShape{Outcomes: []outcomeShape{}, Rev: l.Rev}
	for _, o := range l.Outcomes {
		out.Outcomes = append(out.Outcomes, outcomeShape(o))
	}
	return out, err
}

func (d *door) callOutcomes() {
	handle(d, get("/settings/call-outcomes", "get-call-outcomes", "Get how calls can end in this organisation"), func(ctx context.Context, actor access.Actor, _ *none) (outcomesShape, error) {
		return outcomesOf(d.app.OutcomeList(ctx, actor))
	})
	handle(d, with(put("/settings/call-outcomes", "set-call-outcomes", "Replace how calls can end in this organisation"),
		"A known outcome that is missing is deleted; one that a sequence asks for, or that calls ended with, can only be retired (409)."),
		func(ctx context.Context, actor access.Actor, in *body[outcomesShape]) (outcomesShape, error) {
			next := action.OutcomeList{Rev: in.Body.Rev}
			for _, o := range in.Body.Outcomes {
				next.Outcomes = append(next.Outcomes, step.CallOutcome(o))
			}
			return outcomesOf(d.app.SaveOutcomes(ctx, actor, next))
		})
}
