package action

import (
	"context"
	"fmt"
	"maps"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/seqfile/library"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Library lists the sequences that come with Cadenza, of one kind of records or of all.
func (a *App) Library(_ context.Context, actor access.Actor, kind record.Kind) ([]library.Entry, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	if kind != "" && !kind.Known() {
		return nil, unknownKind("record")
	}
	var list []library.Entry
	for _, e := range library.All() {
		if kind == "" || kind == e.Def.Record {
			list = append(list, e)
		}
	}
	return list, nil
}

// LibraryEntry gives one sequence of the library.
func (a *App) LibraryEntry(_ context.Context, actor access.Actor, key string) (library.Entry, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return library.Entry{}, err
	}
	e, ok := library.Find(key)
	if !ok {
		return library.Entry{}, fault.New(fault.NotFound, "The library has no sequence %q.", clean(key)).
			WithHint("Look at the library for what it has.")
	}
	return e, nil
}

// fromLibrary gives the definition of a new sequence from the library, whose emails the transaction has made templates.
// Whoever may make a sequence may do this, though templates are others' to edit: these come with Cadenza.
func (in SequenceInput) fromLibrary(tx *store.Tx, actor access.Actor, e library.Entry) (flow.Sequence, error) {
	if in.Record != "" && in.Record != e.Def.Record {
		return flow.Sequence{}, fault.Of(fault.Problem{
			Field: "/record", Code: "fixed", Message: fmt.Sprintf("%q is for %s.", e.Def.Name, e.Def.Record.Path()),
			Hint: "Choose a sequence for the other kind of record, or leave the kind out.",
		})
	}
	keys := map[string]string{}
	for _, t := range e.Templates {
		key, err := libraryTemplate(tx, actor, e.Def.Record, t)
		if err != nil {
			return flow.Sequence{}, err
		}
		keys[t.Key] = key
	}
	def := e.Def.Rewrite(func(st step.Step) step.Step { return renameTemplates(st, keys) })
	if in.Description != "" {
		def.Description = in.Description
	}
	if def.Name = in.Name; in.Name != "" {
		return shape(def)
	}
	var err error
	def.Name, err = freeName(tx, e.Def.Name)
	return def, err
}

// libraryTemplate gives the key of a template with this very text: one that is there from an earlier time, or a new one.
func libraryTemplate(tx *store.Tx, actor access.Actor, kind record.Kind, t library.Template) (string, error) {
	want, err := TemplateInput{Key: t.Key, Name: t.Name, Subject: t.Subject, HTML: t.HTML, RecordKind: kind}.template()
	if err != nil {
		return "", err
	}
	for n := 2; ; n++ {
		have, err := tx.TemplateByKey(want.Key)
		switch {
		case fault.Is(err, fault.NotFound):
			made, err := insertTemplate(tx, actor, want)
			return made.Key, err
		case err != nil:
			return "", err
		case have.Name == want.Name && have.RecordKind == kind && have.TemplateContent == want.TemplateContent:
			return have.Key, nil
		}
		want.Key = fmt.Sprintf("%s-%d", t.Key, n)
	}
}

// renameTemplates has a step name its templates by other keys. The old step stays as it is.
func renameTemplates(st step.Step, keys map[string]string) step.Step {
	kind, _ := step.KindOf(st.Type)
	for _, f := range kind.Fields {
		if f.Type == step.TemplateField && keys[st.Config.Text(f.Key)] != "" {
			st.Config = maps.Clone(st.Config)
			st.Config[f.Key] = keys[st.Config.Text(f.Key)]
		}
	}
	return st
}
