package store

import (
	"fmt"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// MostFigured is how many of a template's newest messages its figures are counted of: enough for every rate, and few enough to
// be counted while somebody waits, however many there are.
const MostFigured = 10_000

// TemplateFigures is what became of the messages that were made of one version of a template for one sequence.
type TemplateFigures struct {
	Version int
	// Sequence is zero for messages that belong to none. Its name is empty when it was deleted.
	Sequence     ident.Sequence
	SequenceName string
	Sent         int64
	// Results counts the messages of which each result was seen; hits count that a person made (ADR 0014).
	Results map[step.Result]int64
}

// figureQuery looks at the newest messages of a template. An email that a seller sent belongs to the step of its activity.
// What belongs to sequences that the actor does not see counts with what belongs to none.
const figureQuery = `with newest as (
		select m.id, m.template_version as version, coalesce(m.enrollment_id, a.enrollment_id) as enrollment,
			case when m.enrollment_id is null then a.step else m.step end as step
		from messages m left join activities a on a.id = m.activity_id
		where m.template = $1 and m.template <> '' and m.state = 4 and m.sent_at >= $2 and not m.test
		order by m.sent_at desc limit $3)
	select n.version, case when s.id is null and x.id is not null then 0 else coalesce(e.sequence_id, 0) end, coalesce(s.name, ''), count(*),
		sum(case when exists (select 1 from hits h where h.message_id = n.id and h.kind = 1 and (h.reason = 0 or h.counted_by is not null))
			or exists (select 1 from engagements g where g.enrollment_id = n.enrollment and g.step = n.step and g.result = $4) then 1 else 0 end),
		sum(case when exists (select 1 from hits h where h.message_id = n.id and h.kind = 2 and (h.reason = 0 or h.counted_by is not null))
			or exists (select 1 from engagements g where g.enrollment_id = n.enrollment and g.step = n.step and g.result = $5) then 1 else 0 end),
		sum(case when exists (select 1 from hits h where h.message_id = n.id and h.kind = 3 and (h.reason = 0 or h.counted_by is not null))
			or exists (select 1 from engagements g where g.enrollment_id = n.enrollment and g.step = n.step and g.result = $6) then 1 else 0 end),
		sum(case when exists (select 1 from engagements g where g.enrollment_id = n.enrollment and g.step = n.step and g.result = $7) then 1 else 0 end)
	from newest n left join enrollments e on e.id = n.enrollment left join sequences s on s.id = e.sequence_id and%s
		left join sequences x on x.id = e.sequence_id and x.deleted_at is null
	group by 1, 2, 3 order by 1 desc, 3, 2`

// TemplateFigures counts what became of a template's messages sent since a moment, of the newest MostFigured of them, per
// version and sequence. The template's page asks.
func (v Sight) TemplateFigures(key string, since time.Time) ([]TemplateFigures, error) {
	where, args := v.seen(key, since.UnixMicro(), MostFigured,
		resultCodes[step.Opened], resultCodes[step.LinkOpened], resultCodes[step.Downloaded], resultCodes[step.Answered])
	list, err := collect(v.tx, func(rows oneRow) (f TemplateFigures, err error) {
		var opened, clicked, downloaded, replied int64
		err = rows.Scan(&f.Version, &f.Sequence, &f.SequenceName, &f.Sent, &opened, &clicked, &downloaded, &replied)
		f.Results = map[step.Result]int64{step.Opened: opened, step.LinkOpened: clicked, step.Downloaded: downloaded, step.Answered: replied}
		return f, err
	}, fmt.Sprintf(figureQuery, where), args...)
	if err != nil {
		return nil, fmt.Errorf("count figures of template: %w", err)
	}
	return list, nil
}
