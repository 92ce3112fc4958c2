package action

import (
	"context"
	"fmt"
	"strconv"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TextDraft is a text message that a person writes.
type TextDraft struct {
	// To is the number, in international form.
	To, Text string
	// Size is how the text travels.
	Size message.TextSize
	// Missing are the merge fields that the template left empty for this record.
	Missing []string
	// Template is the key of the template that it started from; empty for none.
	Template string
	// From is the number or name that it comes from; empty while there is no provider.
	From string
	// Ready tells that a provider is set up.
	Ready bool
	// Warning says why it cannot be sent as things stand; empty when it can.
	Warning string
}

// note is what a text message of an activity is made of.
type note struct {
	activity store.Activity
	record   store.Record
	sender   store.User
	provider store.TextProvider
}

// newNote gathers what an activity's text message needs. Its sender is the activity's assignee, as for an email.
func newNote(tx *store.Tx, actor access.Actor, act store.Activity) (n note, err error) {
	if act.Kind != "text_message" && act.Kind != "automated_text" {
		return note{}, fault.New(fault.Conflict, "%q is no text message.", act.Name).WithHint("Complete it or skip it.")
	}
	n = note{activity: act, sender: store.User{ID: act.Assignee}}
	if n.sender.ID == 0 {
		n.sender.ID = actor.ID
	}
	if n.record, err = tx.GetRecord(act.Record); err != nil {
		return note{}, err
	}
	if n.sender, err = tx.GetUser(n.sender.ID); err != nil {
		return note{}, err
	}
	n.provider, err = tx.TextProvider()
	return n, err
}

// obstacle gives what keeps the text message from being sent whatever is written in it; nil when nothing does.
func (n note) obstacle() *fault.Error {
	switch {
	case n.record.Get("do_not_text") == "true":
		return fault.New(fault.Conflict, "%s must not be sent text messages.", n.record.Name()).WithHint("Skip this step, or reach them in another way.")
	case !n.provider.Ready():
		return fault.New(fault.Conflict, "No provider of text messages is set up, so Cadenza cannot send this.").
			WithHint("Send it from your phone and complete the activity, or ask an admin to set a provider up under Settings.")
	}
	return nil
}

// ComposeText starts the text message of an activity from a template; an empty key takes that of the step.
func (a *App) ComposeText(ctx context.Context, actor access.Actor, activity ident.Activity, templateKey string) (TextDraft, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return TextDraft{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (TextDraft, error) {
		act, err := tx.GetActivity(activity)
		if err != nil {
			return TextDraft{}, err
		}
		n, err := newNote(tx, actor, act)
		if err != nil {
			return TextDraft{}, err
		}
		d := TextDraft{From: n.provider.Sender, Ready: n.provider.Ready()}
		d.To, _ = n.record.TextNumber()
		if err := n.fill(tx, &d, clean(templateKey)); err != nil {
			return TextDraft{}, err
		}
		d.Size = message.SizeOfText(d.Text)
		obstacle := n.obstacle()
		reason, err := suppressed(tx, d.To)
		if err != nil {
			return TextDraft{}, err
		}
		switch {
		case obstacle != nil:
			d.Warning = obstacle.Message + " " + obstacle.Hint
		case reason != "":
			d.Warning = reason + " Skip this step, or reach them in another way."
		case d.To == "":
			d.Warning = fmt.Sprintf("%s has no mobile or phone number in international form. Write one into the field To, or add it to the record.", n.record.Name())
		}
		return d, nil
	})
}

// fill writes the template's text, in the version that the enrollment's messages are made of, into the draft. The step's own
// template may have been deleted meanwhile: then the draft is empty.
func (n note) fill(tx *store.Tx, d *TextDraft, key string) error {
	chosen := key != ""
	if !chosen {
		key = n.activity.Template
	}
	if key == "" {
		return nil
	}
	t, err := tx.TemplateFor(key, n.activity.Enrollment)
	if !chosen && (fault.Is(err, fault.NotFound) || err == nil && t.Channel != message.TextChannel) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.Channel != message.TextChannel {
		return fault.Field("template", "channel", "This is a template of emails. Choose one for text messages.")
	}
	parsed, err := merge.Parse(t.Text)
	if err != nil {
		return fmt.Errorf("parse template: %w", err)
	}
	box, err := tx.MailboxOf(n.sender.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	related, err := tx.Related(n.record.Record)
	if err != nil {
		return err
	}
	var text string
	text, d.Missing = parsed.Fill(store.MergeValues(n.record.Record, related, n.sender, box.Address, n.activity.SequenceName), merge.Text)
	d.Text, d.Template = message.TidyText(text), t.Key
	return nil
}

// SendText queues the text message of an activity. The activity is being sent until the provider has taken it; then it is
// completed. When it cannot be sent the activity opens again and says why.
func (a *App) SendText(ctx context.Context, actor access.Actor, activity ident.Activity, d TextDraft) (store.Message, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Message{}, err
	}
	m, err := d.message()
	if err != nil {
		return store.Message{}, err
	}
	var sent ident.Message
	_, err = a.changeActivity(ctx, actor, activity, func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		n, err := newNote(tx, actor, *act)
		if err != nil {
			return nil, err
		}
		if obstacle := n.obstacle(); obstacle != nil {
			return nil, obstacle
		}
		if err := refuseSuppressed(tx, "to", m.Recipient); err != nil {
			return nil, err
		}
		if t, err := tx.TemplateFor(m.Template, act.Enrollment); err == nil {
			m.TemplateVersion = t.Version
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		m.Activity, m.Record, m.User, m.Sender = act.ID, act.Record, n.sender.ID, n.provider.Sender
		// As for an email; the moment tells this installation from others at the same provider.
		token := fmt.Sprintf("%s.%d.%s", act.ID, act.Rev, strconv.FormatInt(tx.Now.UnixMicro(), 36))
		m.RFCID = message.NewMessageID(token, "")
		if sent, err = tx.InsertMessage(m); err != nil {
			return nil, err
		}
		act.State, act.Message, act.Trouble = store.ActivitySending, sent, ""
		return nil, nil
	})
	if err != nil {
		return store.Message{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Message, error) { return tx.GetMessage(sent) })
}

// message checks what a person wrote and gives it as a message.
func (d TextDraft) message() (store.Message, error) {
	m := store.Message{Channel: message.TextChannel, Text: message.TidyText(d.Text), Template: clean(d.Template)}
	m.Parts = message.SizeOfText(m.Text).Parts
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	var ok bool
	if m.Recipient, ok = record.CanonicalTextNumber(clean(d.To)); !ok {
		add("to", "invalid", "To needs one number in international form, for instance +49 170 1234567.")
	}
	switch {
	case m.Parts == 0:
		add("text", "required", "The text message is empty.")
	case m.Parts > message.MaxTextParts:
		add("text", "too_long", fmt.Sprintf("The text message has %d parts; it may have %d. Shorten it.", m.Parts, message.MaxTextParts))
	case unfilled(m.Text):
		add("text", "unfilled", "The text still has a merge field in it. Write the value, or take the field out.")
	}
	return m, fault.Of(problems...)
}
