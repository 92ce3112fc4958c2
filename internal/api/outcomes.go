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

// meetingOutcomeShape is one way in which meetings end.
type meetingOutcomeShape struct {
	Key     string `json:"key,omitempty" maxLength:"80" doc:"What conditions and activities name it by; it never changes. Left out for a new one."`
	Label   string `json:"label" doc:"At most 60 characters, unique."`
	Retired bool   `json:"retired,omitempty" doc:"No longer offered to sellers; conditions and history still understand it."`
	Default bool   `json:"default,omitempty" doc:"A meeting ends so of which nobody says how it ended; without such an outcome sellers must say. One at most."`
	Held    bool   `json:"held,omitempty" doc:"Whether the meeting took place; in calendar feeds one that did not is cancelled. One of those that are offered must say so."`
}

type outcomesShape struct {
	Outcomes []outcomeShape `json:"outcomes" doc:"In the order in which sellers choose; at most 30."`
	Rev      int64          `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type meetingOutcomesShape struct {
	Outcomes []meetingOutcomeShape `json:"outcomes" doc:"In the order in which sellers choose; at most 30."`
	Rev      int64                 `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

func outcomesOf(l action.OutcomeList, err error) (outcomesShape, error) {
	out := outcomesShape{Outcomes: []outcomeShape{}, Rev: l.Rev}
	for _, o := range l.Outcomes {
		out.Outcomes = append(out.Outcomes, outcomeShape{Key: o.Key, Label: o.Label, Retired: o.Retired, Default: o.Default})
	}
	return out, err
}

func meetingOutcomesOf(l action.OutcomeList, err error) (meetingOutcomesShape, error) {
	out := meetingOutcomesShape{Outcomes: []meetingOutcomeShape{}, Rev: l.Rev}
	for _, o := range l.Outcomes {
		out.Outcomes = append(out.Outcomes, meetingOutcomeShape(o))
	}
	return out, err
}

func (d *door) callOutcomes() {
	handle(d, get("/settings/call-outcomes", "get-call-outcomes", "Get how calls can end in this organisation"), func(ctx context.Context, actor access.Actor, _ *none) (outcomesShape, error) {
		return outcomesOf(d.app.OutcomeList(ctx, actor, step.PhoneCall))
	})
	handle(d, with(put("/settings/call-outcomes", "set-call-outcomes", "Replace how calls can end in this organisation"),
		"A known outcome that is missing is deleted; one that a sequence asks for, or that calls ended with, can only be retired (409)."),
		func(ctx context.Context, actor access.Actor, in *body[outcomesShape]) (outcomesShape, error) {
			next := action.OutcomeList{Kind: step.PhoneCall, Rev: in.Body.Rev}
			for _, o := range in.Body.Outcomes {
				next.Outcomes = append(next.Outcomes, step.CallOutcome{Key: o.Key, Label: o.Label, Retired: o.Retired, Default: o.Default})
			}
			return outcomesOf(d.app.SaveOutcomes(ctx, actor, next))
		})
}

func (d *door) meetingOutcomes() {
	handle(d, get("/settings/meeting-outcomes", "get-meeting-outcomes", "Get how meetings can end in this organisation"), func(ctx context.Context, actor access.Actor, _ *none) (meetingOutcomesShape, error) {
		return meetingOutcomesOf(d.app.OutcomeList(ctx, actor, step.Meeting))
	})
	handle(d, with(put("/settings/meeting-outcomes", "set-meeting-outcomes", "Replace how meetings can end in this organisation"),
		"A known outcome that is missing is deleted; one that a sequence asks for, or that meetings ended with, can only be retired (409)."),
		func(ctx context.Context, actor access.Actor, in *body[meetingOutcomesShape]) (meetingOutcomesShape, error) {
			next := action.OutcomeList{Kind: step.Meeting, Rev: in.Body.Rev}
			for _, o := range in.Body.Outcomes {
				next.Outcomes = append(next.Outcomes, step.CallOutcome(o))
			}
			return meetingOutcomesOf(d.app.SaveOutcomes(ctx, actor, next))
		})
}
