package action

import (
	"cmp"
	"context"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// BulkMail is one email to many, with merge fields that each recipient's values fill.
type BulkMail struct {
	Subject  string `json:"subject,omitempty"`
	HTML     string `json:"html,omitempty"`
	Template string `json:"template,omitempty"`
	Follow   bool   `json:"follow,omitempty"`
	// EmptyFields lets merge fields without a value be left out.
	EmptyFields bool `json:"empty_fields,omitempty"`
}

// with gives the email with what one's own has in its place.
func (m BulkMail) with(own BulkMail) BulkMail {
	m.Subject, m.HTML = cmp.Or(own.Subject, m.Subject), cmp.Or(own.HTML, m.HTML)
	m.EmptyFields = m.EmptyFields || own.EmptyFields
	return m
}

func (b Bulk) draft(to string) Draft {
	return Draft{To: to, Subject: b.Mail.Subject, HTML: b.Mail.HTML, Template: b.Mail.Template, Follow: b.Mail.Follow, EmptyFields: b.Mail.EmptyFields, At: b.At}
}

// mailingMany is mailing with the address of each record.
func mailingMany(actor access.Actor, b Bulk) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		r, err := tx.GetRecord(act.Record)
		if err != nil {
			return nil, err
		}
		var sent ident.Message
		return mailing(actor, b.draft(r.Get("email")), &sent)(tx, act)
	}
}

// prepareBulkMail gives the message that goes to one recipient, or says why none can.
func prepareBulkMail(tx *store.Tx, actor access.Actor, act store.Activity, b Bulk) (store.Message, error) {
	r, err := tx.GetRecord(act.Record)
	if err != nil {
		return store.Message{}, err
	}
	if (act.Kind == "email" || act.Kind == "automated_email") && r.Get("email") == "" {
		return store.Message{}, fault.New(fault.Conflict, "%s has no email address.", r.Name()).WithHint("Add it to the record.")
	}
	return prepareMail(tx, actor, act, b.draft(r.Get("email")))
}

// oneStep refuses activities that are not all of one email step of one sequence: one text fits them only then.
func oneStep(tx *store.Tx, ids []ident.Activity) error {
	list, err := tx.ActivitiesByID(ids)
	if err != nil {
		return err
	}
	for _, act := range list {
		first := list[0]
		if act.Enrollment == 0 || act.SequenceName != first.SequenceName || act.Token.Step != first.Token.Step || act.Kind != "email" && act.Kind != "automated_email" {
			return fault.Field("activities", "mixed", "Emails go out together only for one step of one sequence. Select those of one step.")
		}
	}
	return nil
}

// MailPreview is what one recipient of a bulk email would get.
type MailPreview struct {
	store.Activity
	To, Subject, HTML string
	// Warning says why it cannot be sent as it is; Empty tells that only merge fields without a value are in the way.
	Warning string
	Empty   bool
	// InText tells that it is the text that is in the way, not the person.
	InText bool
}

// BulkMailOf begins the email to the recipients of a step: the text of a template, or without one of the step's, with its merge
// fields.
func (a *App) BulkMailOf(ctx context.Context, actor access.Actor, ids []ident.Activity, template string) (BulkMail, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return BulkMail{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (BulkMail, error) {
		m := BulkMail{Follow: true}
		if err := oneStep(tx, ids); err != nil {
			return m, err
		}
		list, err := tx.ActivitiesByID(ids)
		if err != nil || len(list) == 0 {
			return m, err
		}
		m.Template = cmp.Or(clean(template), list[0].Template)
		if m.Template == "" {
			return m, nil
		}
		t, err := tx.TemplateFor(m.Template, list[0].Enrollment)
		if fault.Is(err, fault.NotFound) && template == "" {
			m.Template = ""
			return m, nil
		}
		if fault.Is(err, fault.NotFound) {
			return m, fault.Field("template", "unknown", "There is no such template; it may have been deleted. Choose another one.")
		}
		if err == nil && t.Channel != message.EmailChannel {
			return m, fault.Field("template", "channel", "This is a template of text messages. Choose one for emails.")
		}
		m.Subject, m.HTML = t.Subject, t.HTML
		return m, err
	})
}

// PreviewBulkMail says of each recipient what they would get, and what is in the way.
func (a *App) PreviewBulkMail(ctx context.Context, actor access.Actor, in Bulk) ([]MailPreview, error) {
	in.Verb = BulkEmail
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	if err := in.check(actor); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]MailPreview, error) {
		if err := oneStep(tx, in.Activities); err != nil {
			return nil, err
		}
		list, err := tx.ActivitiesByID(in.Activities)
		if err != nil {
			return nil, err
		}
		var out []MailPreview
		for _, act := range list {
			p, err := previewMail(tx, actor, act, in.of(act.ID))
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	})
}

func previewMail(tx *store.Tx, actor access.Actor, act store.Activity, in Bulk) (MailPreview, error) {
	p := MailPreview{Activity: act}
	l, err := newLetter(tx, actor, act)
	if err != nil {
		return p, err
	}
	if _, err := l.answer(tx, ""); err != nil {
		return p, err
	}
	p.To = l.record.Get("email")
	merged, err := l.merge(tx, in.draft(p.To), !in.Mail.EmptyFields)
	if err != nil {
		return p, err
	}
	p.Subject, p.HTML = subjectOf(l.subject(merged.Subject)), store.WithSignature(sanitizeMail(merged.HTML), l.mailbox.Signature)
	if _, err = checkInBatch(tx, actor, in, act.ID); err == nil {
		return p, nil
	}
	if fault.CodeOf(err) == "" {
		return p, err
	}
	p.Warning = reasonOf(err)
	problems := fault.ProblemsOf(err)
	p.Empty, p.InText = len(problems) > 0, len(problems) > 0
	for _, one := range problems {
		p.Empty = p.Empty && one.Code == EmptyField
		p.InText = p.InText && one.Code != EmptyField && (one.Field == "subject" || one.Field == "html" || one.Field == "at")
	}
	return p, nil
}
