package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// FigureDays are the spans for which a template's figures are counted.
func FigureDays() []int { return []int{30, 90, 365} }

// TemplateFigures is what became of the messages of a template.
type TemplateFigures struct {
	Template store.Template
	Days     int
	Rows     []store.TemplateFigures
	// Cut tells that there were more messages than are counted: these are the newest ones.
	Cut bool
}

// TemplateFigures counts what became of the messages of a template that were sent in the last days, per version and sequence.
func (a *App) TemplateFigures(ctx context.Context, actor access.Actor, id ident.Template, days int) (TemplateFigures, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return TemplateFigures{}, err
	}
	if days < 1 || days > 365 {
		return TemplateFigures{}, fault.Field("days", "range", "This must be from 1 to 365.")
	}
	return look(ctx, a, func(tx *store.Tx) (TemplateFigures, error) {
		t, err := tx.GetTemplate(id)
		if err != nil {
			return TemplateFigures{}, err
		}
		rows, err := tx.For(actor).TemplateFigures(t.Key, tx.Now.Add(-time.Duration(days)*24*time.Hour))
		sent := int64(0)
		for _, r := range rows {
			sent += r.Sent
		}
		return TemplateFigures{Template: t, Days: days, Rows: rows, Cut: sent >= store.MostFigured}, err
	})
}
