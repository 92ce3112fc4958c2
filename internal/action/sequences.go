package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// SequenceView is a sequence with what its designer needs to know.
type SequenceView struct {
	store.SequenceRow
	// Problems are what keeps the draft from being activated.
	Problems []fault.Problem
	// MayEdit tells whether the actor may change it.
	MayEdit bool
}

// SequenceInput is the input for a new sequence.
type SequenceInput struct {
	Name, Description string
	// Record is the kind of records that it is for; lead when empty. It never changes.
	Record record.Kind
}

// ApplyResult says what became of a definition from a file.
type ApplyResult struct {
	Sequence store.Sequence
	// Change is created, updated or unchanged.
	Change   string
	Problems []fault.Problem
}

// ListSequences lists sequences.
func (a *App) ListSequences(ctx context.Context, actor access.Actor, q store.SequenceQuery) ([]store.SequenceRow, error) {
	return nil, errUnbuilt
}

// GetSequence gives one sequence with the problems of its draft.
func (a *App) GetSequence(ctx context.Context, actor access.Actor, id ident.Sequence) (SequenceView, error) {
	return SequenceView{}, errUnbuilt
}

// SequenceByName gives the sequence of this name, in any case of letters.
func (a *App) SequenceByName(ctx context.Context, actor access.Actor, name string) (store.Sequence, error) {
	return store.Sequence{}, errUnbuilt
}

// CreateSequence makes an empty, inactive sequence that the actor owns.
func (a *App) CreateSequence(ctx context.Context, actor access.Actor, in SequenceInput) (store.Sequence, error) {
	return store.Sequence{}, errUnbuilt
}

// SaveDraft replaces the draft. rev is the draft's revision that was read; a newer one is not overwritten.
func (a *App) SaveDraft(ctx context.Context, actor access.Actor, id ident.Sequence, rev int64, def flow.Sequence) (SequenceView, error) {
	return SequenceView{}, errUnbuilt
}

// CheckDraft lists what would keep a definition from being activated, without saving it.
func (a *App) CheckDraft(ctx context.Context, actor access.Actor, def flow.Sequence) ([]fault.Problem, error) {
	return nil, errUnbuilt
}

// DiscardDraft brings the draft back to the active version, or to the last one of an inactive sequence.
func (a *App) DiscardDraft(ctx context.Context, actor access.Actor, id ident.Sequence, rev int64) (SequenceView, error) {
	return SequenceView{}, errUnbuilt
}

// CopySequence makes a new, inactive sequence of the draft of another one.
func (a *App) CopySequence(ctx context.Context, actor access.Actor, id ident.Sequence, name string) (store.Sequence, error) {
	return store.Sequence{}, errUnbuilt
}

// DeleteSequence deletes a sequence. The records that are on it end with sequence_closed; affected counts them.
func (a *App) DeleteSequence(ctx context.Context, actor access.Actor, id ident.Sequence) (affected int, err error) {
	return 0, errUnbuilt
}

// ListVersions lists the frozen versions, newest first.
func (a *App) ListVersions(ctx context.Context, actor access.Actor, id ident.Sequence) ([]store.VersionRow, error) {
	return nil, errUnbuilt
}

// GetVersion gives the definition of one version by its number.
func (a *App) GetVersion(ctx context.Context, actor access.Actor, id ident.Sequence, number int) (flow.Sequence, error) {
	return flow.Sequence{}, errUnbuilt
}

// ApplySequence brings the sequence of the definition's name to that definition: it is created, its draft is changed, or
// nothing is to do. It never activates.
func (a *App) ApplySequence(ctx context.Context, actor access.Actor, def flow.Sequence, dryRun bool) (ApplyResult, error) {
	return ApplyResult{}, errUnbuilt
}

// AdvanceChoices lists the active sequences of a kind to which another one may advance.
func (a *App) AdvanceChoices(ctx context.Context, actor access.Actor, kind record.Kind, except ident.Sequence) ([]store.Sequence, error) {
	return nil, errUnbuilt
}
