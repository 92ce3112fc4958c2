package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
)

// whyShape says why nothing happens with a record, and why messages went out to it.
type whyShape struct {
	Record    ref           `json:"record"`
	Live      []explanation `json:"live" doc:"The sequences that it is on, each with what holds it there."`
	Ended     []endedShape  `json:"ended" doc:"Those that are over for it, newest first, at most 10."`
	Obstacles []holdShape   `json:"obstacles" doc:"What keeps it from being connected, or messages from going to it: record_closed, or a blocker of messages."`
	Messages  []causeShape  `json:"messages" doc:"Its messages, newest first, at most 20."`
}

type endedShape struct {
	Enrollment enrollmentShape `json:"enrollment"`
	Reason     string          `json:"reason"`
	At         time.Time       `json:"at"`
}

// causeShape says why a message came about, and what became of it.
type causeShape struct {
	ID         string        `json:"id"`
	Subject    string        `json:"subject,omitempty"`
	State      string        `json:"state"`
	Sequence   string        `json:"sequence,omitempty" doc:"The name of the sequence that led to it."`
	Enrollment string        `json:"enrollment_id,omitempty"`
	Reasons    []reasonShape `json:"reasons" doc:"Oldest first; the last one says what became of it."`
}

func whyOf(w action.Why) whyShape {
	return whyShape{
		Record: *refTo(w.Record.ID, w.Record.Name()), Live: each(w.Live, explanationOf),
		Ended: each(w.Ended, func(e action.Ended) endedShape {
			return endedShape{Enrollment: enrollmentOf(e.Enrollment), Reason: e.Reason.Text, At: e.Reason.At.UTC()}
		}),
		Obstacles: each(w.Obstacles, holdOf), Messages: each(w.Causes, causeOf),
	}
}

func causeOf(c action.Cause) causeShape {
	return causeShape{
		ID: c.Message.ID.String(), Subject: c.Message.Subject, State: c.Message.State.String(), Sequence: c.SequenceName,
		Enrollment: c.Message.Enrollment.String(), Reasons: each(c.Reasons, reasonOf),
	}
}

func reasonOf(r action.Reason) reasonShape { return reasonShape{At: r.At.UTC(), Text: r.Text} }

func holdOf(h action.Hold) holdShape {
	return holdShape{Code: h.Code, Text: h.Text, Until: moment(h.Until), Change: h.Change}
}

func (d *door) whys() {
	handle(d, get("/records/{id}/why", "why-record", "Say why nothing happens with a record, and why messages went out to it"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (whyShape, error) {
			w, err := d.app.WhyOf(ctx, actor, in.ID.Key)
			if err != nil {
				return whyShape{}, err
			}
			return whyOf(w), nil
		})
	handle(d, get("/messages/{id}/why", "why-message", "Say why a message came about, and what became of it"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Message]) (causeShape, error) {
			c, err := d.app.CauseOf(ctx, actor, in.ID.Key)
			return causeOf(c), err
		})
}
