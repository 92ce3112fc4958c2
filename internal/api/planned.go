package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type plannedQuery struct {
	User id[ident.User] `query:"user" doc:"Whose; the token's user when it is left out. Those of others are for admins and sales managers."`
	From string         `query:"from" format:"date" doc:"The first day, in the user's time zone; today when it is left out."`
	To   string         `query:"to" format:"date" doc:"The last day; six days after from when it is left out, at most 61."`
}

// days gives the dates that a query means.
func (q plannedQuery) days(now time.Time, zone *time.Location) (from, to calendar.Date, err error) {
	from = calendar.DateAt(now, zone)
	if q.From != "" {
		if from, err = calendar.ParseDate(q.From); err != nil {
			return from, to, fault.Field("from", "invalid", "The first day is not a date such as 2026-12-24.")
		}
	}
	to = from + 6
	if q.To != "" {
		if to, err = calendar.ParseDate(q.To); err != nil {
			return from, to, fault.Field("to", "invalid", "The last day is not a date such as 2026-12-24.")
		}
	}
	return from, to, nil
}

type plannedShape struct {
	User       ref             `json:"user"`
	Zone       string          `json:"zone" doc:"IANA time zone of the user: days and working hours are reckoned in it."`
	From       time.Time       `json:"from"`
	Until      time.Time       `json:"until" doc:"The end of the last day."`
	Days       []plannedDay    `json:"days"`
	Activities []activityShape `json:"activities" doc:"The open ones that are due on these days, by due time; at most 1,000."`
	More       bool            `json:"more" doc:"Whether there are more activities than are listed."`
	Automatic  []automatic     `json:"automatic" doc:"What happens by itself."`
	SeenUntil  time.Time       `json:"automatic_until" doc:"Until when what happens by itself was looked for: where very much ends for everybody, before until."`
}

type plannedDay struct {
	Date    string   `json:"date" format:"date"`
	Working []string `json:"working" doc:"The working hours, as 08:00-12:00; none on a day off."`
	Holiday string   `json:"holiday,omitempty" doc:"Its name."`
	TimeOff string   `json:"time_off,omitempty" doc:"The id of the user's time off."`
}

func plannedDayOf(d action.PlannedDay) plannedDay {
	out := plannedDay{Date: d.Date.String(), Working: each(d.Hours, calendar.Span.String), Holiday: d.Holiday}
	if d.Leave != nil {
		out.TimeOff = d.Leave.ID.String()
	}
	return out
}

type automatic struct {
	At         time.Time `json:"at"`
	Kind       string    `json:"kind" enum:"wait,message"`
	Record     ref       `json:"record"`
	Enrollment string    `json:"enrollment,omitempty"`
	Message    string    `json:"message,omitempty" doc:"The id of the message that goes out."`
	What       string    `json:"what" doc:"What happens, in a sentence."`
}

func automaticOf(p action.Planned) []automatic {
	out := []automatic{}
	for _, w := range p.Waits {
		e := w.Enrollment
		out = append(out, automatic{At: w.At.UTC(), Kind: "wait", Record: ref{ID: e.Record.String(), Name: e.RecordName}, Enrollment: e.ID.String(), What: w.What})
	}
	for _, m := range p.Messages {
		out = append(out, automatic{At: m.Message.NextAt.UTC(), Kind: "message", Record: ref{ID: m.Message.Record.String(), Name: m.Message.RecordName}, Enrollment: m.Message.Enrollment.String(), Message: m.Message.ID.String(), What: m.What})
	}
	return out
}

func (d *door) planned() {
	handle(d, with(get("/planned", "get-planned", "Say what is planned for a user on some days"),
		"Open activities, what happens by itself, working hours, holidays and time off."), d.getPlanned)
	handle(d, with(post("/activities/{id}/unsnooze", "unsnooze-activity", "Take the last move of an activity back"), "It is due when it was due before, even if that has passed."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Activity]) (activityShape, error) {
			return changed(d.app.Unsnooze(ctx, actor, in.ID.Key))
		})
}

func (d *door) getPlanned(ctx context.Context, actor access.Actor, in *plannedQuery) (plannedShape, error) {
	zone, err := d.zoneOf(ctx, actor, in.User.Key)
	if err != nil {
		return plannedShape{}, err
	}
	from, to, err := in.days(d.app.DB().Now(), zone)
	if err != nil {
		return plannedShape{}, err
	}
	p, err := d.app.Planned(ctx, actor, in.User.Key, from, to)
	if err != nil {
		return plannedShape{}, err
	}
	return plannedOf(p), nil
}

func plannedOf(p action.Planned) plannedShape {
	return plannedShape{
		User: ref{ID: p.User.ID.String(), Name: p.User.Name}, Zone: p.Zone.String(), From: p.From.UTC(), Until: p.Until.UTC(),
		Days: each(p.Days, plannedDayOf), Activities: each(p.Activities, func(a store.Activity) activityShape { return activityOf(a) }), More: p.More,
		Automatic: automaticOf(p), SeenUntil: p.Seen.UTC(),
	}
}

// zoneOf gives the zone of a user, zero for the actor.
func (d *door) zoneOf(ctx context.Context, actor access.Actor, user ident.User) (*time.Location, error) {
	name := actor.Zone
	if user != 0 && user != actor.ID {
		w, err := d.app.WorkingTime(ctx, actor, user)
		if err != nil {
			return nil, err
		}
		name = w.Zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil
	}
	return zone, nil
}
