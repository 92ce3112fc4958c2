package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// AddNote writes a note on a record.
func (a *App) AddNote(ctx context.Context, actor access.Actor, id ident.Record, body string) (store.Note, error) {
	return store.Note{}, errUnbuilt
}
