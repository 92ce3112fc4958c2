package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
)

// bulkEmail is one email to the people of a step.
type bulkEmail struct {
	Subject     string     `json:"subject" doc:"May hold merge fields, which each recipient's values fill."`
	HTML        string     `json:"html" doc:"May hold merge fields."`
	Template    string     `json:"template,omitempty" doc:"The key of the template that it comes from; its files go with it."`
	At          time.Time  `json:"at,omitzero" doc:"When it is sent; at once when it is left out."`
	Unfollowed  bool       `json:"unfollowed,omitempty" doc:"Do not look for opens and clicks."`
	EmptyFields bool       `json:"empty_fields,omitempty" doc:"Leave merge fields without a value out, instead of leaving these people out."`
	Own         []ownEmail `json:"own,omitempty" doc:"What is different for single people."`
}

type ownEmail struct {
	Activity    id[ident.Activity] `json:"activity"`
	Subject     string             `json:"subject,omitempty"`
	HTML        string             `json:"html,omitempty"`
	EmptyFields bool               `json:"empty_fields,omitempty"`
}

// put writes the email into a bulk.
func (b bulkEmail) put(in *action.Bulk) {
	in.At = b.At
	in.Mail = action.BulkMail{Subject: b.Subject, HTML: b.HTML, Template: b.Template, Follow: !b.Unfollowed, EmptyFields: b.EmptyFields}
	if in.Each == nil {
		in.Each = map[ident.Activity]action.Bulk{}
	}
	for _, own := range b.Own {
		in.Each[own.Activity.Key] = action.Bulk{Verb: action.BulkEmail, Mail: action.BulkMail{Subject: own.Subject, HTML: own.HTML, EmptyFields: own.EmptyFields}}
	}
}

type bulkPreviewRequest struct {
	Activities []id[ident.Activity] `json:"activities" minItems:"1" doc:"At most 1,000, of one email step of one sequence."`
	Email      bulkEmail            `json:"email"`
}

// bulkPreview is what one recipient would get.
type bulkPreview struct {
	Activity ref    `json:"activity"`
	Record   ref    `json:"record"`
	To       string `json:"to,omitempty"`
	Subject  string `json:"subject"`
	HTML     string `json:"html"`
	Warning  string `json:"warning,omitempty" doc:"Why it is not sent as it is."`
	Empty    bool   `json:"empty,omitempty" doc:"Whether only merge fields without a value are in the way; see empty_fields."`
}

func (d *door) bulkMails() {
	handle(d, with(post("/activities/preview-emails", "preview-emails", "Show what each recipient of a bulk email would get"),
		"Nothing is sent. POST /batches with the verb email sends it to those without a warning."), d.previewEmails)
}

func (d *door) previewEmails(ctx context.Context, actor access.Actor, in *body[bulkPreviewRequest]) (page[bulkPreview], error) {
	var bulk action.Bulk
	for _, a := range in.Body.Activities {
		bulk.Activities = append(bulk.Activities, a.Key)
	}
	in.Body.Email.put(&bulk)
	previews, err := d.app.PreviewBulkMail(ctx, actor, bulk)
	return list(previews, bulkPreviewOf), err
}

func bulkPreviewOf(p action.MailPreview) bulkPreview {
	return bulkPreview{
		Activity: ref{ID: p.ID.String(), Name: p.Name}, Record: ref{ID: p.Record.String(), Name: p.RecordName},
		To: p.To, Subject: p.Subject, HTML: p.HTML, Warning: p.Warning, Empty: p.Empty,
	}
}
