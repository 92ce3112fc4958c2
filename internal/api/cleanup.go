package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
)

type cleanUpQuery struct {
	Assignee  id[ident.User] `query:"assignee" doc:"Whose work; the token's user when it is left out."`
	PerDay    int            `query:"per_day" default:"20" doc:"How much a day may hold, with what is due on it already."`
	Order     string         `query:"order" enum:"oldest,best" default:"oldest" doc:"What comes first: what has waited longest, or the highest priority."`
	SkipOlder int            `query:"skip_older" doc:"Skip what was due more than so many days ago; left out, nothing is skipped."`
}

// cleanUpShape is a plan for overdue work.
type cleanUpShape struct {
	Overdue int         `json:"overdue"`
	More    bool        `json:"more" doc:"Whether there is more than a batch holds, which is not planned."`
	Ages    []ageShape  `json:"ages"`
	Days    []planShape `json:"days"`
	Skipped []ref       `json:"skipped"`
	Plan    []planMove  `json:"plan" doc:"Give it as plan to POST /batches with the verb clean_up."`
}

type ageShape struct {
	Least int `json:"least" doc:"Days since they were due."`
	Most  int `json:"most,omitempty" doc:"Absent for without end."`
	Count int `json:"count"`
}

type planShape struct {
	Date  string `json:"date"`
	Due   int    `json:"due" doc:"How many are due on it already."`
	Moves int    `json:"moves" doc:"How many it gets."`
}

// planMove is a row of a plan, as POST /batches takes it.
type planMove struct {
	Activity string `json:"activity"`
	Verb     string `json:"verb" enum:"snooze,skip"`
	Until    string `json:"until,omitempty" format:"date-time"`
	Note     string `json:"note,omitempty"`
}

func (d *door) cleanUps() {
	handle(d, with(get("/activities/clean-up", "plan-clean-up", "Propose a plan for overdue work"),
		"Overdue is what was due before today, by the clock of whose work it is. It is spread over their working days. Nothing changes; POST /batches carries the plan out."), d.planCleanUp)
}

func (d *door) planCleanUp(ctx context.Context, actor access.Actor, in *cleanUpQuery) (cleanUpShape, error) {
	how := action.CleanUp{User: in.Assignee.Key, PerDay: in.PerDay, BestFirst: in.Order == "best", SkipOlder: in.SkipOlder}
	p, err := d.app.PlanCleanUp(ctx, actor, how)
	if err != nil {
		return cleanUpShape{}, err
	}
	return cleanUpOf(p, how), nil
}

func cleanUpOf(p action.Plan, how action.CleanUp) cleanUpShape {
	out := cleanUpShape{Overdue: p.Overdue, More: p.More, Ages: []ageShape{}, Days: []planShape{}, Skipped: []ref{}, Plan: []planMove{}}
	for _, a := range p.Ages {
		out.Ages = append(out.Ages, ageShape(a))
	}
	for _, day := range p.Days {
		out.Days = append(out.Days, planShape{Date: day.Day.Format("2006-01-02"), Due: day.Due, Moves: len(day.Rows)})
	}
	for _, a := range p.Skipped {
		out.Skipped = append(out.Skipped, ref{ID: a.ID.String(), Name: a.Name})
	}
	bulk := p.Bulk(how)
	for _, id := range bulk.Activities {
		own := bulk.Each[id]
		m := planMove{Activity: id.String(), Verb: own.Verb, Note: own.Note}
		if !own.Until.IsZero() {
			m.Until = own.Until.UTC().Format("2006-01-02T15:04:05Z07:00")
		}
		out.Plan = append(out.Plan, m)
	}
	return out
}
