package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// templateShape is a template of emails or text messages.
type templateShape struct {
	ID         string    `json:"id"`
	Key        string    `json:"key" doc:"Its name in sequences; it never changes."`
	Name       string    `json:"name"`
	RecordKind string    `json:"record_kind,omitempty" doc:"The kind of records that it is for; absent for every kind."`
	Channel    string    `json:"channel" enum:"email,text" doc:"What it is a template of; it never changes."`
	Subject    string    `json:"subject" doc:"Of an email."`
	HTML       string    `json:"html" doc:"Of an email."`
	Text       string    `json:"text,omitempty" doc:"Of a text message."`
	Files      []string  `json:"files" doc:"The ids of the files that go with its emails."`
	Version    int       `json:"version" doc:"Counts its texts. Sequences that were activated go on with the version that they have."`
	UsedBy     int       `json:"used_by" doc:"How many sequences name it."`
	Rev        int64     `json:"rev"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

func templateOf(t store.Template) templateShape {
	return templateShape{
		ID: t.ID.String(), Key: t.Key, Name: t.Name, RecordKind: string(t.RecordKind), Channel: string(t.Channel), Subject: t.Subject, HTML: t.HTML, Text: t.Text,
		Files: outwardFiles(t.Files.IDs()), Version: t.Version, UsedBy: t.UsedBy, Rev: t.Rev, CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC(),
	}
}

type templateQuery struct {
	RecordKind string `query:"record_kind" enum:"lead,opportunity,contact,account" doc:"Only those that fit this kind of records."`
	Channel    string `query:"channel" enum:"email,text"`
	Search     string `query:"search"`
}

type newTemplate struct {
	Key        string           `json:"key,omitempty" doc:"Made of the name when it is left out."`
	Name       string           `json:"name"`
	RecordKind string           `json:"record_kind,omitempty" enum:"lead,opportunity,contact,account"`
	Channel    string           `json:"channel,omitempty" enum:"email,text" doc:"What it is a template of; email when it is left out."`
	Subject    string           `json:"subject,omitempty" doc:"Of an email: text with merge fields, for instance {{ first_name | default: \"there\" }}."`
	HTML       string           `json:"html,omitempty" doc:"Of an email: HTML with merge fields. What could act (scripts, forms) is taken out."`
	Text       string           `json:"text,omitempty" doc:"Of a text message: text with merge fields."`
	Files      []id[ident.File] `json:"files,omitempty" doc:"The ids of files that go with its emails, at most 10 and 20 MB together."`
}

func (t newTemplate) input() action.TemplateInput {
	return action.TemplateInput{
		Key: t.Key, Name: t.Name, Subject: t.Subject, HTML: t.HTML, RecordKind: record.Kind(t.RecordKind),
		Channel: message.Channel(t.Channel), Text: t.Text, Files: fileIDs(t.Files),
	}
}

type templateChange struct {
	Name       *string           `json:"name,omitempty"`
	RecordKind *string           `json:"record_kind,omitempty" doc:"\"\" for every kind."`
	Subject    *string           `json:"subject,omitempty"`
	HTML       *string           `json:"html,omitempty"`
	Text       *string           `json:"text,omitempty"`
	Files      *[]id[ident.File] `json:"files,omitempty" doc:"The ids of all files that are to go with its emails; [] for none."`
	Rev        int64             `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type previewing struct {
	RecordKind string           `json:"record_kind,omitempty" enum:"lead,opportunity,contact,account"`
	Subject    string           `json:"subject,omitempty"`
	HTML       string           `json:"html,omitempty"`
	Channel    string           `json:"channel,omitempty" enum:"email,text"`
	Body       string           `json:"text,omitempty" doc:"Of a text message."`
	Record     id[ident.Record] `json:"record,omitzero" doc:"The record to fill it with; the first of the kind when it is left out."`
}

type choosing struct {
	Record id[ident.Record] `json:"record,omitzero" doc:"The record to fill it with; the first of the kind when it is left out."`
}

// previewShape is a template filled with a record.
type previewShape struct {
	Subject    string   `json:"subject"`
	HTML       string   `json:"html"`
	Text       string   `json:"text"`
	Missing    []string `json:"missing" doc:"Merge fields without value and fallback."`
	Unknown    []string `json:"unknown" doc:"Merge fields that records of the kind do not have."`
	RecordName string   `json:"record_name,omitempty"`
	Size       textSize `json:"size" doc:"Of a text message."`
}

func previewOf(p action.Preview, err error) (previewShape, error) {
	return previewShape{
		Subject: p.Subject, HTML: p.HTML, Text: p.Text, Missing: texts(p.Missing), Unknown: texts(p.Unknown), RecordName: p.RecordName,
		Size: textSizeOf(p.Size),
	}, err
}

func (d *door) templates() {
	d.templateVersions()
	d.templateFigures()
	handle(d, get("/templates", "list-templates", "List templates by name"), func(ctx context.Context, actor access.Actor, in *templateQuery) (page[templateShape], error) {
		rows, err := d.app.ListTemplates(ctx, actor, record.Kind(in.RecordKind), in.Search)
		return list(action.OfChannel(rows, message.Channel(in.Channel)), templateOf), err
	})
	handle(d, create("/templates", "create-template", "Create a template"), func(ctx context.Context, actor access.Actor, in *body[newTemplate]) (templateShape, error) {
		t, err := d.app.CreateTemplate(ctx, actor, in.Body.input())
		return templateOf(t), err
	})
	handle(d, post("/templates/preview", "preview-text", "Fill a template that is not saved with a record"), func(ctx context.Context, actor access.Actor, in *body[previewing]) (previewShape, error) {
		b := in.Body
		return previewOf(d.app.PreviewTemplate(ctx, actor, action.TemplateInput{Subject: b.Subject, HTML: b.HTML, RecordKind: record.Kind(b.RecordKind), Channel: message.Channel(b.Channel), Text: b.Body}, b.Record.Key))
	})
	handle(d, get("/templates/{id}", "get-template", "Get a template"), func(ctx context.Context, actor access.Actor, in *One[ident.Template]) (templateShape, error) {
		t, err := d.app.GetTemplate(ctx, actor, in.ID.Key)
		return templateOf(t), err
	})
	handle(d, patch("/templates/{id}", "update-template", "Change a template"), d.updateTemplate)
	handleSilent(d, with(remove("/templates/{id}", "delete-template", "Delete a template"), "One that an active sequence uses is not deleted (409)."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Template]) error {
			return d.app.DeleteTemplate(ctx, actor, in.ID.Key)
		})
	handle(d, create("/templates/{id}/copy", "copy-template", "Make a template of this one"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Template, *copied]) (templateShape, error) {
		t, err := d.app.CopyTemplate(ctx, actor, in.ID.Key, optional(in.Body).Name)
		return templateOf(t), err
	})
	handle(d, with(post("/templates/{id}/test", "test-template", "Send a template to yourself, or to another user, as a customer would get it"), "It is not followed, counts in no figure and belongs to no record. GET /messages/{id} says what became of it."), d.testTemplate)
	handle(d, post("/templates/{id}/preview", "preview-template", "Fill a template with a record"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Template, *choosing]) (previewShape, error) {
		t, err := d.app.GetTemplate(ctx, actor, in.ID.Key)
		if err != nil {
			return previewShape{}, err
		}
		return previewOf(d.app.PreviewTemplate(ctx, actor, action.TemplateInput{Subject: t.Subject, HTML: t.HTML, RecordKind: t.RecordKind, Channel: t.Channel, Text: t.Text}, optional(in.Body).Record.Key))
	})
}

type trying struct {
	Record id[ident.Record] `json:"record,omitzero" doc:"The record to fill it with; the first of the kind when it is left out."`
	To     string           `json:"to,omitempty" doc:"The address of a user; your own when it is left out."`
}

func (d *door) testTemplate(ctx context.Context, actor access.Actor, in *oneAnd[ident.Template, *trying]) (MessageRow, error) {
	t, err := d.app.GetTemplate(ctx, actor, in.ID.Key)
	if err != nil {
		return MessageRow{}, err
	}
	b := optional(in.Body)
	m, err := d.app.SendTest(ctx, actor, action.TestInput{
		Key: t.Key, Version: t.Version, Record: b.Record.Key, To: b.To,
		Template: action.TemplateInput{Subject: t.Subject, HTML: t.HTML, RecordKind: t.RecordKind, Files: t.Files.IDs(), Channel: t.Channel},
	})
	return messageRowOf(m), err
}

// updateTemplate lays the given fields over those of the template. A change by somebody else in between is noticed, for
// the revision that was read is sent along.
func (d *door) updateTemplate(ctx context.Context, actor access.Actor, in *oneAnd[ident.Template, templateChange]) (templateShape, error) {
	old, err := d.app.GetTemplate(ctx, actor, in.ID.Key)
	if err != nil {
		return templateShape{}, err
	}
	next := action.TemplateInput{Name: old.Name, Subject: old.Subject, HTML: old.HTML, RecordKind: old.RecordKind, Files: old.Files.IDs(), Rev: old.Rev, Channel: old.Channel, Text: old.Text}
	overlay(&next.Name, in.Body.Name)
	overlay(&next.Subject, in.Body.Subject)
	overlay(&next.HTML, in.Body.HTML)
	overlay(&next.Text, in.Body.Text)
	if in.Body.RecordKind != nil {
		next.RecordKind = record.Kind(*in.Body.RecordKind)
	}
	if in.Body.Files != nil {
		next.Files = fileIDs(*in.Body.Files)
	}
	if in.Body.Rev != 0 {
		next.Rev = in.Body.Rev
	}
	t, err := d.app.UpdateTemplate(ctx, actor, in.ID.Key, next)
	t.UsedBy = old.UsedBy
	return templateOf(t), err
}

// overlay takes a value that was sent.
func overlay[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
