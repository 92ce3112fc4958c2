package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// snippetShape is a piece of text that writers copy into templates and emails.
type snippetShape struct {
	ID        string    `json:"id"`
	Key       string    `json:"key"`
	Name      string    `json:"name"`
	HTML      string    `json:"html"`
	Rev       int64     `json:"rev"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func snippetOf(s store.Snippet) snippetShape {
	return snippetShape{ID: s.ID.String(), Key: s.Key, Name: s.Name, HTML: s.HTML, Rev: s.Rev, CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC()}
}

type snippetQuery struct {
	Search string `query:"search"`
}

type newSnippet struct {
	Key  string `json:"key,omitempty" doc:"Made of the name when it is left out."`
	Name string `json:"name"`
	HTML string `json:"html" doc:"HTML with merge fields; those that no record has are refused. What could act is taken out."`
}

type snippetChange struct {
	Key  *string `json:"key,omitempty"`
	Name *string `json:"name,omitempty"`
	HTML *string `json:"html,omitempty"`
	Rev  int64   `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type filling struct {
	Record id[ident.Record] `json:"record" doc:"The record to fill it with."`
}

type filledShape struct {
	HTML    string   `json:"html"`
	Missing []string `json:"missing" doc:"Merge fields without value and fallback; they stay in the text as tags."`
}

func (d *door) snippets() {
	handle(d, get("/snippets", "list-snippets", "List snippets by name"), func(ctx context.Context, actor access.Actor, in *snippetQuery) (page[snippetShape], error) {
		rows, err := d.app.ListSnippets(ctx, actor, in.Search)
		return list(rows, snippetOf), err
	})
	handle(d, create("/snippets", "create-snippet", "Create a snippet"), func(ctx context.Context, actor access.Actor, in *body[newSnippet]) (snippetShape, error) {
		s, err := d.app.CreateSnippet(ctx, actor, action.SnippetInput{Key: in.Body.Key, Name: in.Body.Name, HTML: in.Body.HTML})
		return snippetOf(s), err
	})
	handle(d, get("/snippets/{id}", "get-snippet", "Get a snippet"), func(ctx context.Context, actor access.Actor, in *One[ident.Snippet]) (snippetShape, error) {
		s, err := d.app.GetSnippet(ctx, actor, in.ID.Key)
		return snippetOf(s), err
	})
	handle(d, patch("/snippets/{id}", "update-snippet", "Change a snippet"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Snippet, snippetChange]) (snippetShape, error) {
		old, err := d.app.GetSnippet(ctx, actor, in.ID.Key)
		if err != nil {
			return snippetShape{}, err
		}
		next := action.SnippetInput{Key: old.Key, Name: old.Name, HTML: old.HTML, Rev: old.Rev}
		overlay(&next.Key, in.Body.Key)
		overlay(&next.Name, in.Body.Name)
		overlay(&next.HTML, in.Body.HTML)
		if in.Body.Rev != 0 {
			next.Rev = in.Body.Rev
		}
		s, err := d.app.UpdateSnippet(ctx, actor, in.ID.Key, next)
		return snippetOf(s), err
	})
	handleSilent(d, with(remove("/snippets/{id}", "delete-snippet", "Delete a snippet"), "What was copied from it stays."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Snippet]) error {
			return d.app.DeleteSnippet(ctx, actor, in.ID.Key)
		})
	handle(d, post("/snippets/{id}/fill", "fill-snippet", "Fill a snippet with a record"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Snippet, filling]) (filledShape, error) {
		f, err := d.app.FillSnippet(ctx, actor, in.ID.Key, in.Body.Record.Key)
		return filledShape{HTML: f.Filled, Missing: texts(f.Missing)}, err
	})
}
