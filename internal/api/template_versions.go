package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// templateVersionShape is one text that a template has or had.
type templateVersionShape struct {
	Number    int       `json:"number"`
	Subject   string    `json:"subject"`
	HTML      string    `json:"html"`
	Text      string    `json:"text,omitempty" doc:"Of a template of text messages."`
	Files     []string  `json:"files" doc:"The files that go with it."`
	CreatedBy *ref      `json:"created_by,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

func templateVersionOf(v store.TemplateVersion) templateVersionShape {
	return templateVersionShape{
		Number: v.Number, Subject: v.Subject, HTML: v.HTML, Text: v.Text,
		Files:     each(v.Files.IDs(), func(f ident.File) string { return f.String() }),
		CreatedBy: refTo(v.CreatedBy, v.CreatedByName), CreatedAt: v.CreatedAt.UTC(),
	}
}

// useShape is a sequence that still makes emails of a template.
type useShape struct {
	Sequence  ref          `json:"sequence"`
	Active    bool         `json:"active" doc:"Whether records can be connected to it."`
	Connected int          `json:"connected" doc:"How many records are on versions that use the template."`
	Behind    bool         `json:"behind" doc:"Whether one of them does not use the newest version of the template."`
	MayAdopt  bool         `json:"may_adopt" doc:"Whether the token's user may change that."`
	Versions  []pinnedHere `json:"versions" doc:"Its versions that use the template, newest first."`
}

type pinnedHere struct {
	Number    int  `json:"number" doc:"The version of the sequence."`
	Template  int  `json:"template_version" doc:"The version of the template that its emails are made of."`
	Current   bool `json:"current" doc:"Whether records are connected to this version."`
	Connected int  `json:"connected"`
}

func useOf(u action.SequenceUse) useShape {
	return useShape{
		Sequence: *refTo(u.Sequence, u.Name), Active: u.Active, Connected: u.Connected, Behind: u.Behind, MayAdopt: u.MayAdopt,
		Versions: each(u.Versions, func(v store.PinnedIn) pinnedHere {
			return pinnedHere{Number: v.VersionNumber, Template: v.Number, Current: v.Current, Connected: v.Connected}
		}),
	}
}

type templateVersionPath struct {
	One[ident.Template]
	Number int `path:"number" minimum:"1"`
}

type adopting struct {
	Sequences []id[ident.Sequence] `json:"sequences" minItems:"1" maxItems:"250" doc:"The sequences that shall go on with the newest version."`
}

// templateVersions are the texts of a template and who uses which.
func (d *door) templateVersions() {
	handle(d, get("/templates/{id}/versions", "list-template-versions", "List the versions of a template, newest first"), func(ctx context.Context, actor access.Actor, in *One[ident.Template]) (page[templateVersionShape], error) {
		rows, err := d.app.TemplateVersions(ctx, actor, in.ID.Key)
		return list(rows, templateVersionOf), err
	})
	handle(d, get("/templates/{id}/versions/{number}", "get-template-version", "Get one version of a template"), func(ctx context.Context, actor access.Actor, in *templateVersionPath) (templateVersionShape, error) {
		v, err := d.app.GetTemplateVersion(ctx, actor, in.ID.Key, in.Number)
		return templateVersionOf(v), err
	})
	handle(d, with(post("/templates/{id}/versions/{number}/restore", "restore-template", "Write an older version of a template as its newest one"), "Sequences that were activated go on with the version that they have."),
		func(ctx context.Context, actor access.Actor, in *templateVersionPath) (templateShape, error) {
			if _, err := d.app.RestoreTemplate(ctx, actor, in.ID.Key, in.Number); err != nil {
				return templateShape{}, err
			}
			t, err := d.app.GetTemplate(ctx, actor, in.ID.Key)
			return templateOf(t), err
		})
	handle(d, get("/templates/{id}/uses", "list-template-uses", "List the sequences that still make emails of a template, with the versions that they use"), func(ctx context.Context, actor access.Actor, in *One[ident.Template]) (page[useShape], error) {
		uses, err := d.app.TemplateInUse(ctx, actor, in.ID.Key)
		return list(uses, useOf), err
	})
	handle(d, with(post("/templates/{id}/adopt", "adopt-template", "Have sequences go on with the newest version of a template"), "Emails that are queued and not built yet take it too. Whoever may activate a sequence may do it."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Template, adopting]) (page[useShape], error) {
			uses, err := d.app.AdoptTemplate(ctx, actor, in.ID.Key, each(in.Body.Sequences, func(i id[ident.Sequence]) ident.Sequence { return i.Key }))
			return list(uses, useOf), err
		})
}
