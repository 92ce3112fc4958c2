package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

// DeactivateMode says what becomes of the records on a sequence that is deactivated.
type DeactivateMode string

// The modes. Paused records go on when the sequence is activated again.
const (
	PauseRecords      DeactivateMode = "pause"
	DisconnectRecords DeactivateMode = "disconnect"
)

// Activate freezes the draft as the next version and opens the sequence for records; those that were paused by its
// deactivation go on. A dry run only answers what stands in the way.
func (a *App) Activate(ctx context.Context, actor access.Actor, id ident.Sequence, rev int64, note string, dryRun bool) (SequenceView, error) {
	return SequenceView{}, errUnbuilt
}

// Deactivate closes the sequence for records. affected counts those that were on it.
func (a *App) Deactivate(ctx context.Context, actor access.Actor, id ident.Sequence, mode DeactivateMode) (affected int, err error) {
	return 0, errUnbuilt
}
