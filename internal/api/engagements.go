package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// newEvent is what another system saw a customer do.
type newEvent struct {
	Enrollment id[ident.Enrollment] `json:"enrollment"`
	Step       string               `json:"step,omitempty" doc:"The id of the email step that it belongs to, or of the text step that was replied to; without it the email that was sent last, or where none was the text message."`
	Result     string               `json:"result" enum:"opened,replied,link_opened,attachment_downloaded"`
	At         *time.Time           `json:"at,omitempty" doc:"When it happened; without it now."`
}

func (d *door) events() {
	handle(d, post("/events", "report-event", "Report what a customer did with an email, or a reply to a text message: conditions and the exit on reply follow it. Reported again it changes nothing"),
		func(ctx context.Context, actor access.Actor, in *body[newEvent]) (enrollmentShape, error) {
			e := action.EngagementInput{Enrollment: in.Body.Enrollment.Key, Step: in.Body.Step, Result: step.Result(in.Body.Result)}
			if in.Body.At != nil {
				e.At = *in.Body.At
			}
			moved, err := d.app.ReportEngagement(ctx, actor, e)
			return enrollmentOf(moved), err
		})
}
