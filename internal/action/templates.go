package action

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// The limits of a template; that of its HTML is merge.SourceMax.
const (
	maxTemplateKey = 60
	maxSubject     = 500
)

// TemplateInput is the input for a template.
type TemplateInput struct {
	// Key is made of the name when it is empty. It never changes later.
	Key, Name, Subject, HTML string
	// Channel is what it is a template of; "" for emails. It never changes later. Text is the body of a text message.
	Channel message.Channel
	Text    string
	// RecordKind is the kind of records it is for; "" for every kind.
	RecordKind record.Kind
	// Files go with its mails.
	Files []ident.File
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// ListTemplates lists templates by name. A kind narrows to those that fit it.
func (a *App) ListTemplates(ctx context.Context, actor access.Actor, kind record.Kind, search string) (list []store.Template, err error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	if kind != "" && !kind.Known() {
		return nil, unknownKind("kind")
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		if list, err = tx.ListTemplates(kind, clean(search)); err != nil {
			return err
		}
		return countUses(tx, list)
	})
	return list, err
}

// countUses says of each template how many sequences name it.
func countUses(tx *store.Tx, list []store.Template) error {
	uses, err := tx.TemplateUses()
	if err != nil {
		return err
	}
	for i := range list {
		for _, use := range uses {
			if use.Keys[list[i].Key] {
				list[i].UsedBy++
			}
		}
	}
	return nil
}

// GetTemplate gives one template.
func (a *App) GetTemplate(ctx context.Context, actor access.Actor, id ident.Template) (store.Template, error) {
	return a.oneTemplate(ctx, actor, func(tx *store.Tx) (store.Template, error) { return tx.GetTemplate(id) })
}

// TemplateByKey gives the template that files name by this key.
func (a *App) TemplateByKey(ctx context.Context, actor access.Actor, key string) (store.Template, error) {
	return a.oneTemplate(ctx, actor, func(tx *store.Tx) (store.Template, error) { return tx.TemplateByKey(key) })
}

func (a *App) oneTemplate(ctx context.Context, actor access.Actor, get func(*store.Tx) (store.Template, error)) (store.Template, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Template{}, err
	}
	list := make([]store.Template, 1)
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		if list[0], err = get(tx); err != nil {
			return err
		}
		return countUses(tx, list)
	})
	return list[0], err
}

// CreateTemplate makes a template.
func (a *App) CreateTemplate(ctx context.Context, actor access.Actor, in TemplateInput) (store.Template, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Template{}, err
	}
	t, err := in.template()
	if err != nil {
		return store.Template{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		t, err = insertTemplate(tx, actor, t)
		return err
	})
	if err != nil {
		return store.Template{}, err
	}
	return t, nil
}

func insertTemplate(tx *store.Tx, actor access.Actor, t store.Template) (store.Template, error) {
	if t.Key == "" {
		var err error
		if t.Key, err = freeOf(t.Name, tx.TemplateKeyTaken); err != nil {
			return store.Template{}, err
		}
	}
	var err error
	if t.Files, err = attachable(tx, t.Files); err != nil {
		return store.Template{}, err
	}
	if t, err = tx.InsertTemplate(t, actor.ID); err != nil {
		return store.Template{}, err
	}
	return t, tx.Audit(actor.ID, "create", "template", int64(t.ID), t.Key)
}

// freeOf makes a key of a name that is not taken.
func freeOf(name string, taken func(key string) (bool, error)) (string, error) {
	slug := slugOf(name)
	for n := 1; ; n++ {
		k := slug
		if n > 1 {
			k = fmt.Sprintf("%s-%d", slug, n)
		}
		is, err := taken(k)
		if err != nil || !is {
			return k, err
		}
	}
}

var (
	goodTemplateKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	notSlug         = regexp.MustCompile(`[^a-z0-9]+`)
)

var foldLetters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "á", "a", "à", "a",
	"â", "a", "í", "i", "ó", "o", "ô", "o", "ú", "u", "ñ", "n", "ç", "c", "å", "a", "ø", "o", "æ", "ae")

// slugOf gives a name as a key: "Follow-up, first" becomes "follow-up-first".
func slugOf(name string) string {
	slug := strings.Trim(notSlug.ReplaceAllString(foldLetters.Replace(strings.ToLower(name)), "-"), "-")
	if len(slug) > maxTemplateKey-5 {
		slug = strings.Trim(slug[:maxTemplateKey-5], "-")
	}
	if slug == "" {
		return "template"
	}
	return slug
}

// template checks the input and gives the template, its HTML sanitised.
func (in TemplateInput) template() (store.Template, error) {
	t := store.Template{
		Key: strings.TrimSpace(in.Key), Name: strings.Join(strings.Fields(in.Name), " "), RecordKind: in.RecordKind, Channel: in.Channel,
		TemplateContent: store.TemplateContent{Subject: strings.TrimSpace(in.Subject), HTML: in.HTML, Files: store.ListOfFiles(in.Files)},
	}
	problems := nameProblems(t.Name, t.Key, "intro")
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if t.RecordKind != "" && !t.RecordKind.Known() {
		add("record_kind", "unknown", "Choose a kind of record, or none for every kind.")
	}
	switch {
	case t.Channel == message.TextChannel:
		var more []fault.Problem
		t.TemplateContent, more = in.textContent()
		return t, fault.Of(append(problems, more...)...)
	case t.Channel == "":
		t.Channel = message.EmailChannel
	case !t.Channel.Known():
		add("channel", "unknown", "Choose email or text.")
	}
	if in.Text != "" {
		add("text", "channel", "An email has a subject and HTML; its plain text is made of them.")
	}
	switch {
	case t.Subject == "":
		add("subject", "required", "Subject is required.")
	case strings.Contains(t.Subject, "\x00") || utf8.RuneCountInString(t.Subject) > maxSubject:
		add("subject", "too_long", fmt.Sprintf("Subject must be text of at most %d characters.", maxSubject))
	default:
		if _, err := merge.Parse(t.Subject); err != nil {
			problems = append(problems, mergeProblem("subject", err))
		}
	}
	var more []fault.Problem
	t.HTML, more = tidyHTML("html", t.HTML)
	return t, fault.Of(append(problems, more...)...)
}

// nameProblems checks the name of a template or snippet, and its key, which may be empty; example is one.
func nameProblems(name, key, example string) []fault.Problem {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	switch {
	case name == "":
		add("name", "required", "Name is required.")
	case clean(name) != name || utf8.RuneCountInString(name) > maxName:
		add("name", "too_long", fmt.Sprintf("Name must be text of at most %d characters.", maxName))
	}
	if key != "" && (!goodTemplateKey.MatchString(key) || len(key) > maxTemplateKey) {
		add("key", "invalid", fmt.Sprintf("Key must be at most %d lower-case letters, digits, - and _, for instance %s.", maxTemplateKey, example))
	}
	return problems
}

// tidyHTML checks the HTML of a template or an email and takes out what could act; see sanitizeMail.
func tidyHTML(field, source string) (string, []fault.Problem) {
	if strings.Contains(source, "\x00") {
		return "", []fault.Problem{{Field: field, Code: "invalid", Message: "The text holds a character that mail cannot carry. Remove it."}}
	}
	if _, err := merge.Parse(source); err != nil {
		return "", []fault.Problem{mergeProblem(field, err)}
	}
	clean := sanitizeMail(source)
	if _, err := merge.Parse(clean); err != nil {
		return "", []fault.Problem{mergeProblem(field, err)}
	}
	return clean, nil
}

// mergeProblem says where a template is broken.
func mergeProblem(field string, err error) fault.Problem {
	p := fault.Problem{Field: field, Code: "merge_field", Message: err.Error()}
	var at *merge.ParseError
	if errors.As(err, &at) {
		p.Message = fmt.Sprintf("Line %d, column %d: %s", at.Line, at.Column, at.Message)
	}
	return p
}

// UpdateTemplate changes a template. Its key stays. A new text is its next version, which drafts and previews take at once;
// sequences that were activated go on with the version that they have, see AdoptTemplate.
func (a *App) UpdateTemplate(ctx context.Context, actor access.Actor, id ident.Template, in TemplateInput) (store.Template, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Template{}, err
	}
	next, err := in.template()
	if err != nil {
		return store.Template{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.GetTemplate(id)
		if err != nil {
			return err
		}
		if next.Key != "" && next.Key != old.Key {
			return fault.Field("key", "fixed", "The key of a template never changes, because sequences name it. Copy the template instead.")
		}
		if next.Channel != old.Channel {
			return fault.Field("channel", "fixed", "A template stays one of "+string(old.Channel)+"s. Write another one instead.")
		}
		next.ID, next.Key, next.Rev, next.CreatedAt = old.ID, old.Key, old.Rev, old.CreatedAt
		if in.Rev != 0 {
			next.Rev = in.Rev
		}
		if next.Files, err = attachable(tx, next.Files); err != nil {
			return err
		}
		if next, err = tx.UpdateTemplate(next, actor.ID); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "update", "template", int64(id), fmt.Sprintf("%s, version %d", next.Key, next.Version))
	})
	if err != nil {
		return store.Template{}, err
	}
	return next, nil
}

// CopyTemplate makes a template of another one. An empty name becomes "Copy of …".
func (a *App) CopyTemplate(ctx context.Context, actor access.Actor, id ident.Template, name string) (store.Template, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Template{}, err
	}
	var t store.Template
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.GetTemplate(id)
		if err != nil {
			return err
		}
		if name == "" {
			name = shortened("Copy of "+old.Name, maxName)
		}
		in := TemplateInput{Name: name, Subject: old.Subject, HTML: old.HTML, RecordKind: old.RecordKind, Files: old.Files.IDs(), Channel: old.Channel, Text: old.Text}
		if t, err = in.template(); err != nil {
			return err
		}
		t, err = insertTemplate(tx, actor, t)
		return err
	})
	if err != nil {
		return store.Template{}, err
	}
	return t, nil
}

// shortened cuts a text to a number of characters.
func shortened(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit])
	}
	return s
}

// DeleteTemplate deletes a template that no sequence with records on it, or ready for them, uses.
func (a *App) DeleteTemplate(ctx context.Context, actor access.Actor, id ident.Template) error {
	if err := may(actor, access.EditTemplates); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.GetTemplate(id)
		if err != nil {
			return err
		}
		uses, err := tx.TemplateUses()
		if err != nil {
			return err
		}
		var names []string
		for _, use := range uses {
			if use.Live && use.Keys[t.Key] {
				sees, err := tx.For(actor).Sees(use.ID)
				if err != nil {
					return err
				}
				name := use.Sequence
				if !sees {
					name = unseenName
				}
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) > 0 {
			return fault.New(fault.Conflict, "The template %s is used by %s.", t.Name, strings.Join(names, ", ")).
				WithHint("Choose another template there, or deactivate the sequence, first.")
		}
		if err := tx.DeleteTemplate(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "template", int64(id), t.Key)
	})
}
