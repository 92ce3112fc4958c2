package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/seqfile/library"
)

// LibraryTitle is a sequence of the library in a list.
type LibraryTitle struct {
	Key         string `json:"key" doc:"Names it in from_library."`
	Title       string `json:"title"`
	Whom        string `json:"whom" doc:"For whom it is."`
	Description string `json:"description" doc:"What it does, in a sentence."`
	Record      string `json:"record" enum:"lead,opportunity,contact,account"`
	Steps       int    `json:"steps" doc:"What happens; waits and conditions are not counted."`
	Days        int    `json:"days" doc:"How long the longest way takes; of working time where it waits by that."`
	Emails      int    `json:"emails" doc:"How many templates of emails come with it."`
}

func libraryRowOf(e library.Entry) LibraryTitle {
	return LibraryTitle{
		Key: e.Key, Title: e.Def.Name, Whom: e.Whom, Description: e.Def.Description, Record: string(e.Def.Record),
		Steps: e.Steps, Days: e.Days, Emails: len(e.Templates),
	}
}

// libraryShape is a sequence of the library with all that it holds.
type libraryShape struct {
	LibraryTitle
	Definition definitionOut     `json:"definition"`
	Templates  []libraryTemplate `json:"templates"`
}

type libraryTemplate struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	HTML    string `json:"html"`
}

func libraryOf(e library.Entry) libraryShape {
	return libraryShape{
		LibraryTitle: libraryRowOf(e), Definition: definitionOut{flow.Tree(e.Def)},
		Templates: each(e.Templates, func(t library.Template) libraryTemplate { return libraryTemplate(t) }),
	}
}

type libraryQuery struct {
	Record string `query:"record" enum:"lead,opportunity,contact,account" doc:"Only those for this kind of records."`
}

type libraryPath struct {
	Key string `path:"key" maxLength:"80"`
}

func (d *door) library() {
	handle(d, get("/library", "list-library", "List the sequences that come with Cadenza"), func(ctx context.Context, actor access.Actor, in *libraryQuery) (page[LibraryTitle], error) {
		entries, err := d.app.Library(ctx, actor, record.Kind(in.Record))
		return list(entries, libraryRowOf), err
	})
	handle(d, get("/library/{key}", "get-library", "Get one of them with its steps and emails"), func(ctx context.Context, actor access.Actor, in *libraryPath) (libraryShape, error) {
		e, err := d.app.LibraryEntry(ctx, actor, in.Key)
		if err != nil {
			return libraryShape{}, err
		}
		return libraryOf(e), nil
	})
}

// input gives the action's input; the kind of a sequence from the library is its own.
func (n newSequence) input() action.SequenceInput {
	in := action.SequenceInput{Name: n.Name, Description: n.Description, Record: record.Kind(n.Record), Library: n.FromLibrary}
	if in.Record == "" && in.Library == "" {
		in.Record = record.Lead
	}
	return in
}
