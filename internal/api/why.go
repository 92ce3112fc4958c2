package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// whyShape says why nothing happens with a record, and why messages went out to it.
type whyShape struct {
	Record    ref           `json:"record"`
	Idle      *holdShape    `json:"idle,omitempty" doc:"Why nothing comes by itself of a record that is on no sequence."`
	Live      []explanation `json:"live" doc:"The sequences that it is on, each with what holds it there."`
	Ended     []endedShape  `json:"ended" doc:"Those that are over for it, newest first, at most 10."`
	Obstacles []holdShape   `json:"obstacles" doc:"What keeps it from being connected, or messages from going to it: record_closed, or a blocker of messages."`
	Messages  []causeShape  `json:"messages" doc:"Its messages, newest first, at most 20."`
	Sequences []chanceShape `json:"sequences" doc:"What a connect would say now, of the first 20 by name of the active sequences that you see and it is not on; those that say the same are together."`
	More      int           `json:"more_sequences,omitempty" doc:"How many of them are left out."`
}

type endedShape struct {
	Enrollment enrollmentShape `json:"enrollment"`
	Reason     string          `json:"reason"`
	At         time.Time       `json:"at"`
	Change     string          `json:"change,omitempty" doc:"Who can put it there again, or what keeps everybody from it."`
	Path       string          `json:"path,omitempty" doc:"The page where that is done; absent for who may not open it."`
}

// chanceShape says of some sequences what a connect would say now.
type chanceShape struct {
	Code      string   `json:"code,omitempty" doc:"Why they refuse it, as connect does; absent where they would take it."`
	Reason    string   `json:"reason,omitempty"`
	Notes     []string `json:"notes,omitempty" doc:"What of such a sequence would not reach the record."`
	Change    string   `json:"change,omitempty" doc:"Who can connect it, or what else somebody can do about it."`
	Path      string   `json:"path,omitempty" doc:"The page where that is done; absent for who may not open it."`
	Sequences []ref    `json:"sequences"`
}

// causeShape says why a message came about, and what became of it.
type causeShape struct {
	ID         string        `json:"id"`
	Subject    string        `json:"subject,omitempty"`
	State      string        `json:"state"`
	Sequence   string        `json:"sequence,omitempty" doc:"The name of the sequence that led to it."`
	Enrollment string        `json:"enrollment_id,omitempty"`
	Hold       *holdShape    `json:"hold,omitempty" doc:"What keeps it from being sent; absent for one that is out, or that nobody waits for any more."`
	Reasons    []reasonShape `json:"reasons" doc:"Oldest first; the last one says what became of it."`
}

func whyOf(w action.Why) whyShape {
	return whyShape{
		Record: *refTo(w.Record.ID, w.Record.Name()), Live: each(w.Live, explanationOf),
		Ended: each(w.Ended, func(e action.Ended) endedShape {
			return endedShape{Enrollment: enrollmentOf(e.Enrollment), Reason: e.Reason.Text, At: e.Reason.At.UTC(), Change: e.Change, Path: e.Place.Path()}
		}),
		Idle: maybe(w.Idle, holdOf), Obstacles: each(w.Obstacles, holdOf), Messages: each(w.Causes, causeOf),
		Sequences: each(w.Chances, chanceOf), More: w.MoreChances,
	}
}

func causeOf(c action.Cause) causeShape {
	return causeShape{
		ID: c.Message.ID.String(), Subject: c.Message.Subject, State: c.Message.State.String(), Sequence: c.SequenceName,
		Enrollment: c.Enrollment.String(), Hold: maybe(c.Hold, holdOf), Reasons: each(c.Reasons, reasonOf),
	}
}

func chanceOf(c action.Chance) chanceShape {
	return chanceShape{
		Code: c.Code, Reason: c.Reason, Notes: c.Notes, Change: c.Change, Path: c.Place.Path(),
		Sequences: each(c.Sequences, func(s store.Sequence) ref { return *refTo(s.ID, s.Name) }),
	}
}

func reasonOf(r action.Reason) reasonShape {
	return reasonShape{At: r.At.UTC(), Until: moment(r.Until), Text: r.Text}
}

func holdOf(h action.Hold) holdShape {
	return holdShape{Code: h.Code, Text: h.Text, Since: moment(h.Since), Until: moment(h.Until), Change: h.Change, Path: h.Place.Path()}
}

func (d *door) whys() {
	handle(d, get("/records/{id}/why", "why-record", "Say why nothing happens with a record, and why messages went out to it"),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (whyShape, error) {
			w, err := d.app.WhyOf(ctx, actor, in.ID.Key, 0)
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
