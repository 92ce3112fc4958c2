package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TemplateInput is the input for a template.
type TemplateInput struct {
	Key, Name, Subject, HTML string
	RecordKind               record.Kind
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// Preview is a template filled with a record.
type Preview struct {
	Subject, HTML, Text string
	// Missing are the fields without value and fallback, Unknown those that do not exist.
	Missing, Unknown []string
	RecordName       string
}

// ListTemplates lists templates by name. A kind narrows to those that fit it.
func (a *App) ListTemplates(ctx context.Context, actor access.Actor, kind record.Kind, search string) ([]store.Template, error) {
	return nil, errUnbuilt
}

// GetTemplate gives one template.
func (a *App) GetTemplate(ctx context.Context, actor access.Actor, id ident.Template) (store.Template, error) {
	return store.Template{}, errUnbuilt
}

// TemplateByKey gives the template that files name by this key.
func (a *App) TemplateByKey(ctx context.Context, actor access.Actor, key string) (store.Template, error) {
	return store.Template{}, errUnbuilt
}

// CreateTemplate makes a template.
func (a *App) CreateTemplate(ctx context.Context, actor access.Actor, in TemplateInput) (store.Template, error) {
	return store.Template{}, errUnbuilt
}

// UpdateTemplate changes a template. Its key stays.
func (a *App) UpdateTemplate(ctx context.Context, actor access.Actor, id ident.Template, in TemplateInput) (store.Template, error) {
	return store.Template{}, errUnbuilt
}

// CopyTemplate makes a template of another one.
func (a *App) CopyTemplate(ctx context.Context, actor access.Actor, id ident.Template, name string) (store.Template, error) {
	return store.Template{}, errUnbuilt
}

// DeleteTemplate deletes a template that no active sequence uses.
func (a *App) DeleteTemplate(ctx context.Context, actor access.Actor, id ident.Template) error {
	return errUnbuilt
}

// PreviewTemplate fills a template, saved or not, with a record.
func (a *App) PreviewTemplate(ctx context.Context, actor access.Actor, in TemplateInput, rec ident.Record) (Preview, error) {
	return Preview{}, errUnbuilt
}
