package action

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// maxNote is the longest note, in characters.
const maxNote = 10_000

// AddNote writes a note on a record. Whoever may see a record and edit any may remark on it.
func (a *App) AddNote(ctx context.Context, actor access.Actor, id ident.Record, body string) (store.Note, error) {
	if err := may(actor, access.EditRecords); err != nil {
		return store.Note{}, err
	}
	body = strings.TrimSpace(clean(body))
	switch {
	case body == "":
		return store.Note{}, fault.Field("body", "required", "The note is empty.")
	case utf8.RuneCountInString(body) > maxNote:
		return store.Note{}, fault.Field("body", "too_long", fmt.Sprintf("The note is longer than %d characters.", maxNote))
	}
	var n store.Note
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.GetRecord(id)
		if err != nil {
			return err
		}
		n, err = tx.InsertNote(r.ID, actor.ID, body)
		n.UserName = actor.Name
		return err
	})
	if err != nil {
		return store.Note{}, err
	}
	return n, nil
}
