package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
)

type activation struct {
	Rev    int64      `json:"rev,omitempty" doc:"The draft's rev that was read; a newer draft is not activated."`
	Note   string     `json:"note,omitempty" doc:"What is new, for the history of versions."`
	Moves  []moveRule `json:"moves,omitempty" doc:"Move records on older versions to this one, in the background, as POST /sequences/{id}/moves does."`
	Reason string     `json:"reason,omitempty" maxLength:"500" doc:"Why they are moved, for the history of each record."`
}

// move gives the move that goes with an activation; nil for none.
func (a activation) move() *action.MoveInput {
	if len(a.Moves) == 0 {
		return nil
	}
	in := moving{Moves: a.Moves, Reason: a.Reason}.input()
	return &in
}

type activateRequest struct {
	ID     id[ident.Sequence] `path:"id"`
	DryRun bool               `query:"dry_run" doc:"Change nothing; problems of the answer say what stands in the way."`
	Body   *activation
}

type deactivation struct {
	Mode string `json:"mode,omitempty" enum:"pause,disconnect" default:"pause" doc:"What becomes of the records that are on it: paused ones go on with the next activation."`
}

// affected says how many records were moved by a change of their sequence.
type affected struct {
	Affected int           `json:"affected" doc:"How many records were paused or disconnected by it."`
	Sequence sequenceShape `json:"sequence"`
}

type copied struct {
	Name string `json:"name,omitempty" doc:"\"Copy of …\" when it is left out."`
}

type discarding struct {
	Rev int64 `json:"rev,omitempty" doc:"The draft's rev that was read; a newer draft is not discarded."`
}

type connecting struct {
	Records []id[ident.Record] `json:"records" minItems:"1" doc:"At most 10,000."`
}

type connectRequest struct {
	ID     id[ident.Sequence] `path:"id"`
	DryRun bool               `query:"dry_run" doc:"Connect nothing, answer the same."`
	Body   connecting
}

// connected says which records were connected and which were not, and why.
type connected struct {
	Connected []enrollmentShape `json:"connected"`
	Refused   []refusalShape    `json:"refused"`
	Unmailed  []unreachedShape  `json:"unmailed" doc:"Those of the connected that cannot be emailed though the sequence has email steps."`
	Untexted  []unreachedShape  `json:"untexted" doc:"Those of the connected that cannot be sent text messages though the sequence has text steps."`
}

// unreachedShape says of a connected record why it cannot be written to, and what becomes of the steps that would.
type unreachedShape struct {
	Record string `json:"record"`
	Name   string `json:"name"`
	Code   string `json:"code" enum:"do_not_contact,suppressed,no_address"`
	Reason string `json:"reason" doc:"A sentence for people."`
	Fate   string `json:"fate" enum:"ends,skips,waits" doc:"ends: the sequence ends at the first step that would write. skips: automated messages are skipped. waits: these steps wait for a person."`
	Then   string `json:"then" doc:"The fate as a sentence for people."`
}

func unreachedOf(u action.Unreached) unreachedShape {
	return unreachedShape{Record: u.Record.String(), Name: u.Name, Code: string(u.Code), Reason: u.Reason, Fate: string(u.Fate), Then: u.Then}
}

func (d *door) sequenceVerbs() {
	handle(d, with(post("/sequences/{id}/activate", "activate-sequence", "Freeze the draft as the next version and open the sequence"),
		"A draft with problems is refused (422), each problem with its step. Records that were paused by a deactivation go on."),
		func(ctx context.Context, actor access.Actor, in *activateRequest) (sequenceShape, error) {
			a := optional(in.Body)
			view, err := d.app.Activate(ctx, actor, in.ID.Key, action.ActivateInput{Move: a.move(), Rev: a.Rev, Note: a.Note, DryRun: in.DryRun})
			return sequenceOf(view), err
		})
	handle(d, post("/sequences/{id}/deactivate", "deactivate-sequence", "Close the sequence for records"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, *deactivation]) (affected, error) {
			moved, err := d.app.Deactivate(ctx, actor, in.ID.Key, action.DeactivateMode(optional(in.Body).Mode))
			if err != nil {
				return affected{}, err
			}
			view, err := d.app.GetSequence(ctx, actor, in.ID.Key)
			return affected{Affected: moved, Sequence: sequenceOf(view)}, err
		})
	handle(d, create("/sequences/{id}/copy", "copy-sequence", "Make a new sequence of the draft of this one"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, *copied]) (sequenceShape, error) {
			s, err := d.app.CopySequence(ctx, actor, in.ID.Key, optional(in.Body).Name)
			if err != nil {
				return sequenceShape{}, err
			}
			view, err := d.app.GetSequence(ctx, actor, s.ID)
			return sequenceOf(view), err
		})
	handle(d, post("/sequences/{id}/discard", "discard-draft", "Bring the draft back to the last version"),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Sequence, *discarding]) (sequenceShape, error) {
			view, err := d.app.DiscardDraft(ctx, actor, in.ID.Key, optional(in.Body).Rev)
			return sequenceOf(view), err
		})
	handle(d, with(post("/sequences/{id}/connect", "connect-records", "Put records on an active sequence"),
		"A record that cannot be connected does not hold up the others; refused says why. One that cannot be emailed or sent text messages is connected, and unmailed and untexted say what becomes of it."), d.connect)
}

func (d *door) connect(ctx context.Context, actor access.Actor, in *connectRequest) (connected, error) {
	records := make([]ident.Record, 0, len(in.Body.Records))
	for _, r := range in.Body.Records {
		records = append(records, r.Key)
	}
	result, err := d.app.Connect(ctx, actor, in.ID.Key, records, in.DryRun)
	return connectedOf(result), err
}

func connectedOf(result action.ConnectResult) connected {
	return connected{
		Connected: each(result.Connected, enrollmentOf), Refused: each(result.Refused, refusalOf),
		Unmailed: each(result.Unmailed, unreachedOf), Untexted: each(result.Untexted, unreachedOf),
	}
}

// optional gives the zero value for a body that was left out.
func optional[T any](b *T) T {
	if b == nil {
		var zero T
		return zero
	}
	return *b
}
