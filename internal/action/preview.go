package action

import (
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// Preview is a template filled with a record.
type Preview struct {
	Subject, HTML, Text string
	// Size is how a text message travels.
	Size message.TextSize
	// Missing are the fields without value and fallback, Unknown those that records of the kind do not have.
	Missing, Unknown []string
	// RecordName is empty while there is no record to fill with.
	RecordName string
}

// PreviewTemplate fills a template, saved or not, with a record; zero takes the first one of the template's kind. The
// sender is the actor.
func (a *App) PreviewTemplate(ctx context.Context, actor access.Actor, in TemplateInput, rec ident.Record) (Preview, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return Preview{}, err
	}
	if in.RecordKind != "" && !in.RecordKind.Known() {
		return Preview{}, unknownKind("record_kind")
	}
	if in.Channel == message.TextChannel {
		return a.previewText(ctx, actor, in, rec)
	}
	subject, err := merge.Parse(in.Subject)
	if err != nil {
		return Preview{}, fault.Of(mergeProblem("subject", err))
	}
	source, problems := tidyHTML("html", in.HTML)
	if len(problems) > 0 {
		return Preview{}, fault.Of(problems...)
	}
	body, err := merge.Parse(source)
	if err != nil {
		return Preview{}, fault.Of(mergeProblem("html", err))
	}
	with, err := a.previewWith(ctx, actor, in.RecordKind, rec)
	if err != nil {
		return Preview{}, err
	}
	values := with.values(actor)
	p := Preview{RecordName: with.name()}
	line, missing := subject.FillLine(values)
	text, more := body.Fill(values, merge.HTML)
	p.Subject, p.HTML = line, store.WithSignature(text, with.box.Signature)
	p.Text = message.PlainText(p.HTML)
	known := func(name string) bool { return store.KnownMergeField(in.RecordKind, name) }
	p.Unknown = sortedUnion(subject.Unknown(known), body.Unknown(known))
	for _, name := range sortedUnion(missing, more) {
		if !slices.Contains(p.Unknown, name) {
			p.Missing = append(p.Missing, name)
		}
	}
	return p, nil
}

// previewRecord gives the chosen record, or the first one; an empty one while there is none.
func previewRecord(tx *store.Tx, kind record.Kind, id ident.Record) (store.Record, error) {
	if id != 0 {
		return tx.GetRecord(id)
	}
	r, err := tx.FirstRecord(kind)
	if fault.Is(err, fault.NotFound) {
		return store.Record{Record: record.Record{Kind: kind}}, nil
	}
	return r, err
}

// sortedUnion gives every text of both lists once.
func sortedUnion(a, b []string) []string {
	list := slices.Concat(a, b)
	slices.Sort(list)
	return slices.Compact(list)
}
