package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ConnectResult says which records were connected and which were not, and why.
type ConnectResult struct {
	Connected []store.Enrollment
	Refused   []Refusal
}

// Connect puts up to 10,000 records on an active sequence. A record that cannot be connected does not hold up the others.
// A dry run answers the same without connecting.
func (a *App) Connect(ctx context.Context, actor access.Actor, seq ident.Sequence, records []ident.Record, dryRun bool) (ConnectResult, error) {
	return ConnectResult{}, errUnbuilt
}

// Disconnect ends enrollments. Their open activities are cancelled, and their unsent mail is withdrawn.
func (a *App) Disconnect(ctx context.Context, actor access.Actor, ids []ident.Enrollment) (done int, refused []Refusal, err error) {
	return 0, nil, errUnbuilt
}
