package action

import (
	"context"
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/store"
)

// The limits of snippets. Choosing one brings all of them, so there are not more than people can choose from.
const (
	maxSnippets    = 500
	maxSnippetHTML = 16 << 10 // bytes
)

// SnippetInput is the input for a snippet.
type SnippetInput struct {
	// Key is made of the name when it is empty.
	Key, Name, HTML string
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// FilledSnippet is a snippet with the values of a record.
type FilledSnippet struct {
	store.Snippet
	// Filled is its HTML with the values. A field without value and fallback stays in it as a tag, so that it is not sent
	// by mistake.
	Filled string
	// Missing are those fields.
	Missing []string
}

// ListSnippets lists snippets by name.
func (a *App) ListSnippets(ctx context.Context, actor access.Actor, search string) ([]store.Snippet, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Snippet, error) { return tx.ListSnippets(clean(search)) })
}

// GetSnippet gives one snippet.
func (a *App) GetSnippet(ctx context.Context, actor access.Actor, id ident.Snippet) (store.Snippet, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Snippet{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Snippet, error) { return tx.GetSnippet(id) })
}

// CreateSnippet makes a snippet.
func (a *App) CreateSnippet(ctx context.Context, actor access.Actor, in SnippetInput) (store.Snippet, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Snippet{}, err
	}
	s, err := in.snippet()
	if err != nil {
		return store.Snippet{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Snippet, error) {
		all, err := tx.ListSnippets("")
		if err != nil {
			return store.Snippet{}, err
		}
		if len(all) >= maxSnippets {
			return store.Snippet{}, fault.New(fault.Conflict, "There are %d snippets, and no more can be.", maxSnippets).WithHint("Delete one that nobody uses.")
		}
		if s.Key == "" {
			if s.Key, err = freeOf(s.Name, func(k string) (bool, error) { return tx.SnippetKeyTaken(k, 0) }); err != nil {
				return store.Snippet{}, err
			}
		}
		made, err := tx.InsertSnippet(s, actor.ID)
		if err != nil {
			return store.Snippet{}, err
		}
		return made, tx.Audit(actor.ID, "create", "snippet", int64(made.ID), made.Key)
	})
}

// UpdateSnippet changes a snippet. What was copied from it stays as it is.
func (a *App) UpdateSnippet(ctx context.Context, actor access.Actor, id ident.Snippet, in SnippetInput) (store.Snippet, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Snippet{}, err
	}
	next, err := in.snippet()
	if err != nil {
		return store.Snippet{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Snippet, error) {
		old, err := tx.GetSnippet(id)
		if err != nil {
			return store.Snippet{}, err
		}
		if next.Key == "" {
			next.Key = old.Key
		}
		next.ID, next.Rev, next.CreatedAt = old.ID, old.Rev, old.CreatedAt
		if in.Rev != 0 {
			next.Rev = in.Rev
		}
		if next, err = tx.UpdateSnippet(next); err != nil {
			return store.Snippet{}, err
		}
		return next, tx.Audit(actor.ID, "update", "snippet", int64(id), next.Key)
	})
}

// DeleteSnippet deletes a snippet. What was copied from it stays.
func (a *App) DeleteSnippet(ctx context.Context, actor access.Actor, id ident.Snippet) error {
	if err := may(actor, access.EditTemplates); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.GetSnippet(id)
		if err != nil {
			return err
		}
		if err := tx.DeleteSnippet(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "snippet", int64(id), s.Key)
	})
}

// SnippetsForEmail fills every snippet for the email of an activity.
func (a *App) SnippetsForEmail(ctx context.Context, actor access.Actor, activity ident.Activity) ([]FilledSnippet, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]FilledSnippet, error) {
		act, err := tx.GetActivity(activity)
		if err != nil {
			return nil, err
		}
		l, err := newLetter(tx, actor, act)
		if err != nil {
			return nil, err
		}
		all, err := tx.ListSnippets("")
		if err != nil {
			return nil, err
		}
		related, err := tx.Related(l.record.Record)
		if err != nil {
			return nil, err
		}
		return fillSnippets(all, store.MergeValues(l.record.Record, related, l.sender, l.mailbox.Address, act.SequenceName))
	})
}

// FillSnippet fills a snippet for a record, as sent by the actor.
func (a *App) FillSnippet(ctx context.Context, actor access.Actor, id ident.Snippet, rec ident.Record) (FilledSnippet, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return FilledSnippet{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (FilledSnippet, error) {
		s, err := tx.GetSnippet(id)
		if err != nil {
			return FilledSnippet{}, err
		}
		r, err := tx.GetRecord(rec)
		if err != nil {
			return FilledSnippet{}, err
		}
		related, err := tx.Related(r.Record)
		if err != nil {
			return FilledSnippet{}, err
		}
		box, err := tx.MailboxOf(actor.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return FilledSnippet{}, err
		}
		sender := store.User{ID: actor.ID, Name: actor.Name, Email: actor.Email}
		filled, err := fillSnippets([]store.Snippet{s}, store.MergeValues(r.Record, related, sender, box.Address, ""))
		if err != nil {
			return FilledSnippet{}, err
		}
		return filled[0], nil
	})
}

func fillSnippets(list []store.Snippet, values merge.Values) ([]FilledSnippet, error) {
	filled := make([]FilledSnippet, 0, len(list))
	for _, s := range list {
		parsed, err := merge.Parse(s.HTML)
		if err != nil {
			return nil, fmt.Errorf("parse snippet: %w", err)
		}
		f := FilledSnippet{Snippet: s}
		f.Filled, f.Missing = parsed.FillKept(values, merge.HTML)
		filled = append(filled, f)
	}
	return filled, nil
}

// snippet checks the input and gives the snippet, its HTML sanitised.
func (in SnippetInput) snippet() (store.Snippet, error) {
	s := store.Snippet{Key: strings.TrimSpace(in.Key), Name: strings.Join(strings.Fields(in.Name), " ")}
	problems := nameProblems(s.Name, s.Key, "terms")
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	html, more := tidyHTML("html", in.HTML)
	problems = append(problems, more...)
	switch {
	case len(more) > 0:
	case strings.TrimSpace(html) == "":
		add("html", "required", "The snippet is empty.")
	case len(html) > maxSnippetHTML:
		add("html", "too_long", "The snippet is longer than 16 KiB. Make a template of it.")
	default:
		if unknown := unknownIn(html); len(unknown) > 0 {
			add("html", "unknown_fields", "No record has a field "+strings.Join(unknown, ", ")+". Choose another one.")
		}
	}
	s.HTML = html
	return s, fault.Of(problems...)
}

// unknownIn gives the merge fields of a text that no kind of record has.
func unknownIn(html string) []string {
	parsed, err := merge.Parse(html)
	if err != nil {
		return nil // tidyHTML has refused it
	}
	return parsed.Unknown(func(name string) bool { return store.KnownMergeField("", name) })
}
