package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// textContent checks the content of a template for text messages.
func (in TemplateInput) textContent() (store.TemplateContent, []fault.Problem) {
	text := strings.TrimSpace(strings.ReplaceAll(in.Text, "\r\n", "\n"))
	wrong := func(code, message string) (store.TemplateContent, []fault.Problem) {
		return store.TemplateContent{}, []fault.Problem{{Field: "text", Code: code, Message: message}}
	}
	if in.Subject != "" || in.HTML != "" {
		return wrong("channel", "A text message has neither a subject nor HTML. Write its text into the field text.")
	}
	if len(in.Files) > 0 {
		return wrong("channel", "A text message carries no files.")
	}
	if text == "" {
		return wrong("required", "The text message is empty.")
	}
	if clean(text) != text {
		return wrong("invalid", "The text holds a character that a text message cannot carry. Remove it.")
	}
	parsed, err := merge.Parse(text)
	if err != nil {
		return store.TemplateContent{}, []fault.Problem{mergeProblem("text", err)}
	}
	// Whatever the values are, it will not be shorter than this.
	if bare, _ := parsed.Fill(nil, merge.Text); message.SizeOfText(message.TidyText(bare)).Parts > message.MaxTextParts {
		return wrong("too_long", fmt.Sprintf("The text has more than %d parts even without its merge fields. Shorten it.", message.MaxTextParts))
	}
	return store.TemplateContent{Text: text}, nil
}

// previewText fills a text template with a record, as PreviewTemplate does an email's.
func (a *App) previewText(ctx context.Context, actor access.Actor, in TemplateInput, rec ident.Record) (Preview, error) {
	parsed, err := merge.Parse(in.Text)
	if err != nil {
		return Preview{}, fault.Of(mergeProblem("text", err))
	}
	with, err := a.previewWith(ctx, actor, in.RecordKind, rec)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{RecordName: with.name()}
	text, missing := parsed.Fill(with.values(actor), merge.Text)
	p.Text = message.TidyText(text)
	p.Size = message.SizeOfText(p.Text)
	p.Unknown = parsed.Unknown(func(name string) bool { return store.KnownMergeField(in.RecordKind, name) })
	for _, name := range missing {
		if !slices.Contains(p.Unknown, name) {
			p.Missing = append(p.Missing, name)
		}
	}
	return p, nil
}

// previewed is what a preview is filled with.
type previewed struct {
	record  store.Record
	related map[ident.Record]record.Record
	// box is the mailbox of who looks at it.
	box store.Mailbox
}

// previewWith gives what a preview is filled with.
func (a *App) previewWith(ctx context.Context, actor access.Actor, kind record.Kind, rec ident.Record) (previewed, error) {
	return look(ctx, a, func(tx *store.Tx) (p previewed, err error) {
		if p.record, err = previewRecord(tx, kind, rec); err != nil {
			return p, err
		}
		if p.related, err = tx.Related(p.record.Record); err != nil {
			return p, err
		}
		p.box, err = tx.MailboxOf(actor.ID)
		if fault.Is(err, fault.NotFound) {
			return p, nil
		}
		return p, err
	})
}

// values are those of a preview whose sender is who looks at it.
func (p previewed) values(actor access.Actor) merge.Values {
	address := p.box.Address
	if address == "" {
		address = actor.Email
	}
	sender := store.User{ID: actor.ID, Name: actor.Name, Email: actor.Email}
	return store.MergeValues(p.record.Record, p.related, sender, address, "Name of the sequence")
}

// name is that of the record; empty while there is none.
func (p previewed) name() string {
	if p.record.ID == 0 {
		return ""
	}
	return p.record.Name()
}

// OfChannel gives those of the templates that are of a channel; "" for all.
func OfChannel(list []store.Template, c message.Channel) []store.Template {
	if c == "" {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(t store.Template) bool { return t.Channel != c })
}
