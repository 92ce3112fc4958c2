package main

import (
	"fmt"
	"io"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type noteCommand struct {
	List    noteListCommand    `cmd:"" help:"List the notes of a record, newest first."`
	Add     noteAddCommand     `cmd:"" help:"Write a note on a record."`
	Edit    noteEditCommand    `cmd:"" help:"Change the text of a note."`
	Delete  noteDeleteCommand  `cmd:"" help:"Delete a note; it can be brought back for 30 days."`
	Restore noteRestoreCommand `cmd:"" help:"Bring a deleted note back."`
}

const seeNotes = "See cadenza note list."

type noteListCommand struct {
	site
	output
	Record string `arg:"" help:"The record: its id or email address."`
	Limit  int    `help:"How many at most." default:"50"`
}

// Run lists them.
func (c *noteListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		id, err := findAnyRecord(env, h, c.Record)
		if err != nil {
			return err
		}
		notes, err := h.app.ListNotes(env.ctx, access.System(), id, c.Limit)
		if err != nil {
			return byFlag(err, nil)
		}
		return c.show(env, shapes(notes, api.Note), func() {
			for _, n := range notes {
				env.note(n)
			}
		})
	})
}

// note prints a note below who wrote it, and when.
func (e *environment) note(n store.Note) {
	by, edited := "", ""
	if n.UserName != "" {
		by = "  " + n.UserName
	}
	if !n.EditedAt.IsZero() {
		edited = "  (edited)"
	}
	e.say("%s  %s%s%s", n.ID, n.CreatedAt.UTC().Format("2006-01-02 15:04"), by, edited)
	e.say("%s", indent(n.Body))
}

type noteAddCommand struct {
	site
	output
	theirs
	Record string `arg:"" help:"The record: its id or email address."`
	Text   string `arg:"" help:"The text; - reads it from standard input."`
}

// Run writes it.
func (c *noteAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := c.user(env, h)
		if err != nil {
			return err
		}
		id, err := findAnyRecord(env, h, c.Record)
		if err != nil {
			return err
		}
		text, err := typed(env, c.Text)
		if err != nil {
			return err
		}
		n, err := h.app.AddNote(env.ctx, actorOf(u), id, text)
		if err != nil {
			return byFlag(err, bodyOfNote())
		}
		return c.show(env, api.Note(n), func() { env.note(n) })
	})
}

// bodyOfNote names what the API calls body.
func bodyOfNote() map[string]string { return map[string]string{"body": "<text>"} }

type noteEditCommand struct {
	site
	output
	acting
	Note string `arg:"" help:"The id of the note."`
	Text string `arg:"" help:"The new text; - reads it from standard input."`
}

// Run changes it.
func (c *noteEditCommand) Run(env *environment) error {
	text, err := typed(env, c.Text)
	if err != nil {
		return err
	}
	return changeNote(env, c.site, c.output, c.acting, c.Note, func(a *action.App, actor access.Actor, id ident.Note) (store.Note, error) {
		return a.EditNote(env.ctx, actor, id, text)
	}, env.note)
}

type noteDeleteCommand struct {
	site
	output
	acting
	Note string `arg:"" help:"The id of the note."`
}

// Run deletes it.
func (c *noteDeleteCommand) Run(env *environment) error {
	return changeNote(env, c.site, c.output, c.acting, c.Note, func(a *action.App, actor access.Actor, id ident.Note) (store.Note, error) {
		return a.DeleteNote(env.ctx, actor, id)
	}, func(n store.Note) {
		env.say("deleted; cadenza note restore %s brings it back for 30 days", n.ID)
	})
}

type noteRestoreCommand struct {
	site
	output
	acting
	Note string `arg:"" help:"The id of the note."`
}

// Run brings it back.
func (c *noteRestoreCommand) Run(env *environment) error {
	return changeNote(env, c.site, c.output, c.acting, c.Note, func(a *action.App, actor access.Actor, id ident.Note) (store.Note, error) {
		return a.RestoreNote(env.ctx, actor, id)
	}, env.note)
}

// changeNote does something with a note and says what became of it.
func changeNote(env *environment, s site, o output, as acting, text string, do func(*action.App, access.Actor, ident.Note) (store.Note, error), words func(store.Note)) error {
	return within(env, s, func(h *house) error {
		actor, _, err := as.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.Note]("note", text, seeNotes)
		if err != nil {
			return err
		}
		n, err := do(h.app, actor, id)
		if err != nil {
			return byFlag(err, bodyOfNote())
		}
		return o.show(env, api.Note(n), func() { words(n) })
	})
}

// maxTyped bounds what standard input is read for: a text that somebody wrote.
const maxTyped = 2 << 20

// typed gives an argument, or standard input for -.
func typed(env *environment, text string) (string, error) {
	if text != "-" {
		return text, nil
	}
	read, err := io.ReadAll(io.LimitReader(env.stdin, maxTyped))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(read), nil
}
