package api

import (
	"context"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

type foreseeQuery struct {
	One[ident.Sequence]
	Record id[ident.Record] `query:"record" doc:"The record to play it with; without one a record without values."`
	No     string           `query:"no" doc:"The ids of the conditions that shall go No, with commas between them; the others go Yes where emails and calls decide."`
}

// foreseenStep is one step on the way.
type foreseenStep struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Title   string    `json:"title"`
	At      time.Time `json:"at" doc:"When it is reached."`
	LeftAt  time.Time `json:"left_at" doc:"When it is left."`
	Outcome string    `json:"outcome,omitempty" doc:"yes or no of a condition, sent of an email, and so on."`
	Detail  string    `json:"detail,omitempty"`
	Held    string    `json:"held,omitempty" doc:"What keeps an automated message up from at to left_at: a send window, a holiday at the customer's, time off of the sender."`
	ByHand  bool      `json:"by_hand,omitempty" doc:"Whether a seller gets an activity of it: a step by hand, or a message that cannot go by itself."`
	Other   string    `json:"other,omitempty" doc:"The id of the step to which the other side of a condition leads."`
}

type foreseen struct {
	Steps []foreseenStep `json:"steps"`
	Exit  string         `json:"exit,omitempty" doc:"How it ends; absent when it waits for something that nobody foresees."`
	EndAt *time.Time     `json:"end_at,omitempty"`
	Stuck string         `json:"stuck,omitempty" doc:"What the last message waits for, when nobody foresees its end, such as a window that never opens."`
}

func (d *door) foresee(ctx context.Context, actor access.Actor, in *foreseeQuery) (foreseen, error) {
	f, err := d.app.Foresee(ctx, actor, in.ID.Key, in.Record.Key, strings.Split(in.No, ","))
	out := foreseen{Steps: each(f.Visits, func(v flow.Visit) foreseenStep { return foreseenOf(f, v) }), Exit: string(f.Exit), EndAt: moment(f.EndAt), Stuck: f.Stuck}
	return out, err
}

func foreseenOf(f action.Foresight, v flow.Visit) foreseenStep {
	s := visitOf(f.Def, f.Outcomes, v)
	if next := f.Turns[v.Step.ID].Next; next != nil {
		s.Other = next.Step.ID
	}
	return s
}

func visitOf(def flow.Sequence, known step.Outcomes, v flow.Visit) foreseenStep {
	return foreseenStep{
		ID: v.Step.ID, Type: v.Step.Type, Title: def.Title(v.Step, known), At: v.At.UTC(), LeftAt: v.LeftAt.UTC(),
		Outcome: string(v.Outcome), Detail: v.Detail, Held: v.Held, ByHand: v.ByHand,
	}
}
