package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

type figuresQuery struct {
	One[ident.Template]
	Days int `query:"days" default:"90" doc:"Of messages sent in so many days; at most 365."`
}

type figuresShape struct {
	Days int           `json:"days"`
	Cut  bool          `json:"cut" doc:"Whether there were more messages than are counted: these are the newest 10,000."`
	Rows []figureShape `json:"rows"`
}

// figureShape counts the messages of one version of the template for one sequence.
type figureShape struct {
	Version    int   `json:"version"`
	Sequence   *ref  `json:"sequence,omitempty" doc:"Absent for messages that belong to none."`
	Sent       int64 `json:"sent"`
	Opened     int64 `json:"opened"`
	LinkOpened int64 `json:"link_opened"`
	Downloaded int64 `json:"attachment_downloaded"`
	Replied    int64 `json:"replied"`
}

func (d *door) templateFigures() {
	handle(d, get("/templates/{id}/figures", "get-template-figures", "Say what became of the messages made of a template, per version and sequence"),
		func(ctx context.Context, actor access.Actor, in *figuresQuery) (figuresShape, error) {
			f, err := d.app.TemplateFigures(ctx, actor, in.ID.Key, in.Days)
			return figuresOf(f), err
		})
}

func figuresOf(f action.TemplateFigures) figuresShape {
	return figuresShape{Days: f.Days, Cut: f.Cut, Rows: each(f.Rows, func(r store.TemplateFigures) figureShape {
		return figureShape{
			Version: r.Version, Sequence: refTo(r.Sequence, r.SequenceName), Sent: r.Sent, Opened: r.Results[step.Opened],
			LinkOpened: r.Results[step.LinkOpened], Downloaded: r.Results[step.Downloaded], Replied: r.Results[step.Answered],
		}
	})}
}
