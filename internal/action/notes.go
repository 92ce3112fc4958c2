package action

import (
	"context"
	"fmt"
	"strings"
	"time"
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
	body, err := noteText(body)
	if err != nil {
		return store.Note{}, err
	}
	var n store.Note
	err = a.db.Write(ctx, func(tx *store.Tx) error {
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

// ListNotes gives the newest notes of a record, at most 200.
func (a *App) ListNotes(ctx context.Context, actor access.Actor, id ident.Record, limit int) ([]store.Note, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	if limit < 1 || limit > store.MaxPageSize {
		return nil, fault.Field("limit", "range", fmt.Sprintf("The limit must be from 1 to %d.", store.MaxPageSize))
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Note, error) {
		if _, err := tx.GetRecord(id); err != nil {
			return nil, err
		}
		return tx.ListNotes(id, limit)
	})
}

func noteText(body string) (string, error) {
	body = strings.TrimSpace(clean(body))
	switch {
	case body == "":
		return "", fault.Field("body", "required", "The note is empty.")
	case utf8.RuneCountInString(body) > maxNote:
		return "", fault.Field("body", "too_long", fmt.Sprintf("The note is longer than %d characters.", maxNote))
	}
	return body, nil
}

// MayChangeNote tells whether the actor may edit and delete a note: who wrote it, and who may edit its record.
func MayChangeNote(actor access.Actor, author, owner ident.User) bool {
	return (author != 0 && author == actor.ID && access.May(actor, access.EditRecords)) || access.MayOn(actor, access.EditRecords, owner)
}

// GetNote gives a note that is not deleted.
func (a *App) GetNote(ctx context.Context, actor access.Actor, id ident.Note) (store.Note, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.Note{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Note, error) {
		n, err := tx.GetNote(id)
		if err == nil && !n.DeletedAt.IsZero() {
			return store.Note{}, noNote()
		}
		return n, err
	})
}

// EditNote changes the text of a note. The timeline says that it was edited; the same text changes nothing.
func (a *App) EditNote(ctx context.Context, actor access.Actor, id ident.Note, body string) (store.Note, error) {
	body, err := noteText(body)
	return a.changeNote(ctx, actor, id, func(tx *store.Tx, n *store.Note) error {
		if err != nil {
			return err
		}
		if !n.DeletedAt.IsZero() {
			return noNote()
		}
		if n.Body != body {
			n.Body, n.EditedAt = body, tx.Now
		}
		return nil
	})
}

// DeleteNote takes a note off its record. RestoreNote brings it back within 30 days.
func (a *App) DeleteNote(ctx context.Context, actor access.Actor, id ident.Note) (store.Note, error) {
	return a.changeNote(ctx, actor, id, func(tx *store.Tx, n *store.Note) error {
		if !n.DeletedAt.IsZero() {
			return noNote()
		}
		n.DeletedAt = tx.Now
		return nil
	})
}

// RestoreNote brings a deleted note back; one that is not deleted stays as it is.
func (a *App) RestoreNote(ctx context.Context, actor access.Actor, id ident.Note) (store.Note, error) {
	return a.changeNote(ctx, actor, id, func(_ *store.Tx, n *store.Note) error {
		n.DeletedAt = time.Time{}
		return nil
	})
}

// changeNote asks for the right first, so that nobody learns from an error what they may not change.
func (a *App) changeNote(ctx context.Context, actor access.Actor, id ident.Note, fn func(*store.Tx, *store.Note) error) (store.Note, error) {
	if err := may(actor, access.EditRecords); err != nil {
		return store.Note{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Note, error) {
		n, err := tx.GetNote(id)
		if err != nil {
			return n, err
		}
		r, err := tx.GetRecord(n.Record)
		if err != nil {
			return n, err
		}
		if !MayChangeNote(actor, n.User, r.Owner) {
			return n, fault.New(fault.Forbidden, "Only who wrote a note or may edit its record can change it.").WithHint("Ask one of them.")
		}
		if err := fn(tx, &n); err != nil {
			return n, err
		}
		return n, tx.SaveNote(n)
	})
}

func noNote() error {
	return fault.New(fault.NotFound, "There is no such note; it may have been deleted.")
}
