package action

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// testPrefix begins the subject of a test.
const testPrefix = "[Test] "

// TestInput is a test of a template: its text, saved or not, filled with a record, for a user.
type TestInput struct {
	// Key and Version name the template; empty for one that is not saved.
	Key      string
	Version  int
	Template TemplateInput
	// Record fills it; zero takes the first one of the template's kind.
	Record ident.Record
	// To is the address of a user; the actor's own when it is empty.
	To string
}

// SendTest sends a template as a customer would get it, through the actor's own mailbox and the outbox, to the actor or a
// colleague. It belongs to no record: it is not followed, shown on no timeline, counted in no figure, and heeds no wish of
// the record that fills it. What the record has no value for is a fault, and nothing is sent.
func (a *App) SendTest(ctx context.Context, actor access.Actor, in TestInput) (store.Message, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Message{}, err
	}
	if in.Template.Channel == message.TextChannel {
		return store.Message{}, fault.New(fault.Conflict, "Only emails can be tested so; this is a template of text messages.").WithHint("Its preview shows it filled with a record.")
	}
	p, err := a.PreviewTemplate(ctx, actor, in.Template, in.Record)
	if err != nil {
		return store.Message{}, err
	}
	if err := testable(p); err != nil {
		return store.Message{}, err
	}
	m := store.Message{
		User: actor.ID, Subject: testPrefix + p.Subject, HTML: p.HTML, Text: p.Text, Template: in.Key, TemplateVersion: in.Version, Test: true,
	}
	return change(ctx, a, func(tx *store.Tx) (store.Message, error) {
		box, err := tx.MailboxOf(actor.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			return m, fault.New(fault.Conflict, "You have no mailbox to send from.").WithHint("Set one up under Mailboxes.")
		case err != nil:
			return m, err
		case box.Paused:
			return m, fault.New(fault.Conflict, "Your mailbox is paused.").WithHint("Let it send again under Mailboxes.")
		}
		if m.Recipient, err = testRecipient(tx, actor, in.To); err != nil {
			return m, err
		}
		if m.Files, err = checkFiles(tx, in.Template.Files); err != nil {
			return m, err
		}
		m.Mailbox, m.Sender = box.ID, box.Address
		m.RFCID = message.NewMessageID("test."+strings.ToLower(rand.Text()), message.DomainOf(box.Address))
		id, err := tx.InsertMessage(m)
		if err != nil {
			return m, err
		}
		return tx.GetMessage(id)
	})
}

// testable tells what keeps a filled template from being sent.
func testable(p Preview) error {
	switch {
	case p.RecordName == "":
		return fault.Field("record", "required", "There is no record to fill the template with.")
	case len(p.Unknown) > 0:
		return fault.Field("html", "unknown_fields", "The record has no field "+strings.Join(p.Unknown, ", ")+".")
	case len(p.Missing) > 0:
		return fault.Field("record", "missing_values", fmt.Sprintf("%s has no value for %s. Choose another record, or write a fallback.", p.RecordName, strings.Join(p.Missing, ", ")))
	case p.Subject == "":
		return fault.Field("subject", "required", "Subject is required.")
	case strings.TrimSpace(p.Text) == "" && !strings.Contains(p.HTML, "<img"):
		return fault.Field("html", "required", "The email is empty.")
	}
	return nil
}

// testRecipient checks that a test goes to a user, so that nobody takes it for mail to a customer.
func testRecipient(tx *store.Tx, actor access.Actor, to string) (string, error) {
	if to = strings.TrimSpace(to); to == "" || strings.EqualFold(to, actor.Email) {
		return actor.Email, nil
	}
	u, err := tx.UserByEmail(to)
	if fault.Is(err, fault.NotFound) || (err == nil && !u.Active) {
		return "", fault.Field("to", "not_a_user", "Tests go to users of this server only. Write your own address or that of a colleague.")
	}
	return u.Email, err
}
