package api

import (
	"context"
	"strconv"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

type workTimeShape struct {
	User   ref     `json:"user"`
	Zone   string  `json:"zone" doc:"IANA time zone of the user."`
	Own    bool    `json:"own" doc:"Whether the hours are the user's own; else they are those of the organisation."`
	Hours  weekDoc `json:"hours"`
	Region string  `json:"region" doc:"The code of the country or region whose holidays the user has; empty for the organisation's."`
}

type workTimeChange struct {
	Own    *bool    `json:"own,omitempty" doc:"false goes back to the hours of the organisation."`
	Hours  *weekDoc `json:"hours,omitempty" doc:"Replaces all days, and makes them the user's own."`
	Region *string  `json:"region,omitempty"`
}

func workTimeOf(w action.WorkingTime, err error) (workTimeShape, error) {
	return workTimeShape{User: ref{ID: w.User.String(), Name: w.Name}, Zone: w.Zone, Own: w.Own, Hours: weekDocOf(w.Hours), Region: w.Region}, err
}

type timeOffShape struct {
	ID         string     `json:"id"`
	User       ref        `json:"user"`
	From       string     `json:"from" format:"date" doc:"The first day, in the user's time zone."`
	To         string     `json:"to" format:"date" doc:"The last day."`
	Note       string     `json:"note,omitempty"`
	Substitute *ref       `json:"substitute,omitempty" doc:"Who is named to stand in."`
	StandIn    *ref       `json:"stand_in,omitempty" doc:"Who stands in today: the substitute, or who stands in for them. Absent when nobody does."`
	Running    bool       `json:"running" doc:"Whether the user is away today."`
	OpenToo    bool       `json:"hand_over_open" doc:"Whether open activities are handed over when it begins."`
	MailWaits  bool       `json:"mail_waits" doc:"Whether automated messages wait for the return."`
	HandedAt   *time.Time `json:"handed_over_at,omitempty"`
}

func timeOffOf(t action.TimeOff) timeOffShape {
	return timeOffShape{
		ID: t.ID.String(), User: ref{ID: t.User.String(), Name: t.UserName}, From: t.From.String(), To: t.To.String(), Note: t.Note,
		Substitute: refTo(t.Substitute, t.SubstituteName), StandIn: refTo(t.StandIn, t.StandInName), Running: t.Running,
		OpenToo: t.OpenToo, MailWaits: t.MailWaits, HandedAt: moment(t.HandedAt),
	}
}

func storedTimeOff(t store.TimeOff, err error) (timeOffShape, error) {
	return timeOffOf(action.TimeOff{TimeOff: t}), err
}

type newTimeOff struct {
	From       string         `json:"from" format:"date" doc:"The first day, in the user's time zone."`
	To         string         `json:"to,omitempty" doc:"The last day; the first one when it is left out."`
	Note       string         `json:"note,omitempty" doc:"At most 200 characters; everybody can read it."`
	Substitute id[ident.User] `json:"substitute,omitzero" doc:"Who gets the new activities of sequences meanwhile. With nobody, they fall due after the return."`
	OpenToo    bool           `json:"hand_over_open,omitempty" doc:"Hand over open activities when it begins, too."`
	MailWaits  bool           `json:"mail_waits,omitempty" doc:"Keep automated messages back until the return; else they go out from the user's mailbox."`
}

type timeOffChange struct {
	From       *string         `json:"from,omitempty"`
	To         *string         `json:"to,omitempty"`
	Note       *string         `json:"note,omitempty"`
	Substitute *id[ident.User] `json:"substitute,omitempty" doc:"\"\" for nobody."`
	OpenToo    *bool           `json:"hand_over_open,omitempty"`
	MailWaits  *bool           `json:"mail_waits,omitempty"`
}

type timeOffQuery struct {
	User id[ident.User] `query:"user" doc:"Only that of this user."`
}

type movedShape struct {
	Moved int `json:"moved" doc:"How many open activities changed their assignee."`
}

func (d *door) workTime() {
	const path = "/users/{id}/working-time"
	handle(d, get(path, "get-working-time", "Get when a user works"), func(ctx context.Context, actor access.Actor, in *One[ident.User]) (workTimeShape, error) {
		return workTimeOf(d.app.WorkingTime(ctx, actor, in.ID.Key))
	})
	handle(d, with(patch(path, "update-working-time", "Change when a user works"), "Everybody may change their own; sales managers and admins that of all. It counts for what is decided from then on."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.User, workTimeChange]) (workTimeShape, error) {
			next, err := d.app.WorkingTime(ctx, actor, in.ID.Key)
			if err != nil {
				return workTimeShape{}, err
			}
			overlay(&next.Region, in.Body.Region)
			if in.Body.Hours != nil {
				next.Own, next.Hours = true, in.Body.Hours.hours()
			}
			overlay(&next.Own, in.Body.Own)
			return workTimeOf(d.app.SaveWorkingTime(ctx, actor, next))
		})
	takeBack := with(post("/users/{id}/take-back", "take-back", "Take back what others do for a user"), "It concerns open activities that were handed over while the user was away.")
	handle(d, takeBack, func(ctx context.Context, actor access.Actor, in *One[ident.User]) (movedShape, error) {
		n, err := d.app.TakeBack(ctx, actor, in.ID.Key)
		return movedShape{n}, err
	})
	d.timeOff()
}

func (d *door) timeOff() {
	handle(d, get("/time-off", "list-time-off", "List the time off that is not over, by its first day"), func(ctx context.Context, actor access.Actor, in *timeOffQuery) (page[timeOffShape], error) {
		rows, err := d.app.TimesOff(ctx, actor, in.User.Key)
		return list(rows, timeOffOf), err
	})
	handle(d, with(create("/users/{id}/time-off", "add-time-off", "Enter time off of a user"), "Everybody may enter their own; sales managers and admins that of all."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.User, newTimeOff]) (timeOffShape, error) {
			b := in.Body
			return storedTimeOff(d.app.AddTimeOff(ctx, actor, action.TimeOffInput{
				User: in.ID.Key, From: b.From, To: b.To, Note: b.Note, Substitute: b.Substitute.Key, OpenToo: b.OpenToo, MailWaits: b.MailWaits,
			}))
		})
	handle(d, get("/time-off/{id}", "get-time-off", "Get time off"), func(ctx context.Context, actor access.Actor, in *One[ident.TimeOff]) (timeOffShape, error) {
		return storedTimeOff(d.app.GetTimeOff(ctx, actor, in.ID.Key))
	})
	handle(d, patch("/time-off/{id}", "update-time-off", "Change time off"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.TimeOff, timeOffChange]) (timeOffShape, error) {
		old, err := d.app.GetTimeOff(ctx, actor, in.ID.Key)
		if err != nil {
			return timeOffShape{}, err
		}
		next := action.TimeOffInput{From: old.From.String(), To: old.To.String(), Note: old.Note, Substitute: old.Substitute, OpenToo: old.OpenToo, MailWaits: old.MailWaits}
		overlay(&next.From, in.Body.From)
		overlay(&next.To, in.Body.To)
		overlay(&next.Note, in.Body.Note)
		overlay(&next.OpenToo, in.Body.OpenToo)
		overlay(&next.MailWaits, in.Body.MailWaits)
		if in.Body.Substitute != nil {
			next.Substitute = in.Body.Substitute.Key
		}
		return storedTimeOff(d.app.ChangeTimeOff(ctx, actor, in.ID.Key, next))
	})
	handleSilent(d, with(remove("/time-off/{id}", "delete-time-off", "Delete time off"), "What others do meanwhile stays with them until it is taken back."),
		func(ctx context.Context, actor access.Actor, in *One[ident.TimeOff]) error {
			return d.app.DeleteTimeOff(ctx, actor, in.ID.Key)
		})
	handle(d, with(post("/time-off/{id}/hand-over", "hand-over", "Hand over open activities"), "Those that fall due by the last day go to whoever stands in, at once."),
		func(ctx context.Context, actor access.Actor, in *One[ident.TimeOff]) (movedShape, error) {
			n, err := d.app.HandOver(ctx, actor, in.ID.Key)
			return movedShape{n}, err
		})
}

type holidayShape struct {
	ID     string `json:"id,omitempty" doc:"Absent for one of a region's calendar."`
	Date   string `json:"date" format:"date"`
	Name   string `json:"name"`
	Region string `json:"region,omitempty" doc:"Where it counts; everywhere when it is absent."`
	Yearly bool   `json:"yearly,omitempty" doc:"Whether it comes every year."`
}

func ownHoliday(h store.Holiday) holidayShape {
	return holidayShape{ID: h.ID.String(), Date: h.Date.String(), Name: h.Name, Region: h.Region, Yearly: h.Yearly}
}

func comingHoliday(h action.ComingHoliday) holidayShape {
	return holidayShape{Date: h.Date.String(), Name: h.Name}
}

type newHoliday struct {
	Date   string `json:"date" format:"date"`
	Name   string `json:"name"`
	Region string `json:"region,omitempty" doc:"Where it counts, as DE or DE-BY; everywhere when it is left out."`
	Yearly bool   `json:"yearly,omitempty"`
}

type holidayList struct {
	Holidays []newHoliday `json:"holidays" maxItems:"500"`
}

type holidayImportShape struct {
	Added   int                   `json:"added"`
	Known   int                   `json:"known" doc:"Those of a date on which the same region has a holiday already."`
	Refused []refusedHolidayShape `json:"refused"`
}

type refusedHolidayShape struct {
	Index  int    `json:"index" doc:"Its place in the list, from 0."`
	Reason string `json:"reason" doc:"A sentence for people."`
}

type regionShape struct {
	Code string `json:"code" doc:"ISO 3166, as DE or DE-BY."`
	Name string `json:"name"`
}

func regionOf(r calendar.Region) regionShape { return regionShape{Code: r.Code, Name: r.Label()} }

type holidaysShape struct {
	Region string         `json:"region" doc:"Whose holidays count for everybody who has no other region; empty for none."`
	Own    []holidayShape `json:"own" doc:"Those that the organisation added."`
	InUse  []regionShape  `json:"regions_in_use" doc:"The regions of the organisation and of its active users."`
	Known  []regionShape  `json:"regions_known"`
}

func holidaysOf(s action.HolidaySettings, err error) (holidaysShape, error) {
	return holidaysShape{Region: s.Region, Own: each(s.Own, ownHoliday), InUse: each(s.InUse, regionOf), Known: each(calendar.Regions(), regionOf)}, err
}

type holidaysChange struct {
	Region string `json:"region" doc:"A code such as DE or DE-BY; empty for none."`
}

type comingQuery struct {
	Region string `query:"region" doc:"Whose; only the organisation's own holidays when it is left out."`
	From   string `query:"from" format:"date" doc:"Today when it is left out."`
	To     string `query:"to" format:"date" doc:"A year after from when it is left out; at most ten years."`
}

// days gives the dates that a query means.
func (q comingQuery) days(now time.Time) (from, to calendar.Date, err error) {
	from = calendar.DateAt(now, nil)
	if q.From != "" {
		if from, err = calendar.ParseDate(q.From); err != nil {
			return from, to, err
		}
	}
	to = from + 365
	if q.To != "" {
		to, err = calendar.ParseDate(q.To)
	}
	return from, to, err
}

func (d *door) holidays() {
	handle(d, get("/settings/holidays", "get-holiday-settings", "Get whose holidays count, and the organisation's own"), func(ctx context.Context, actor access.Actor, _ *none) (holidaysShape, error) {
		return holidaysOf(d.app.Holidays(ctx, actor))
	})
	handle(d, put("/settings/holidays", "set-holiday-region", "Choose whose holidays count"), func(ctx context.Context, actor access.Actor, in *body[holidaysChange]) (holidaysShape, error) {
		return holidaysOf(d.app.SaveHolidayRegion(ctx, actor, in.Body.Region))
	})
	handle(d, get("/holidays", "list-holidays", "List the holidays of a region"), func(ctx context.Context, actor access.Actor, in *comingQuery) (page[holidayShape], error) {
		from, to, err := in.days(d.app.DB().Now())
		if err != nil {
			return page[holidayShape]{}, err
		}
		rows, err := d.app.ComingHolidays(ctx, actor, in.Region, from, to)
		return list(rows, comingHoliday), err
	})
	handle(d, create("/holidays", "add-holiday", "Add a holiday of the organisation"), func(ctx context.Context, actor access.Actor, in *body[newHoliday]) (holidayShape, error) {
		h, err := d.app.AddHoliday(ctx, actor, action.HolidayInput(in.Body))
		return ownHoliday(h), err
	})
	handle(d, with(post("/holidays/import", "import-holidays", "Add many holidays of the organisation"), "What is wrong with one holds up no other."),
		func(ctx context.Context, actor access.Actor, in *body[holidayList]) (holidayImportShape, error) {
			return d.importHolidays(ctx, actor, in.Body.Holidays)
		})
	handleSilent(d, remove("/holidays/{id}", "delete-holiday", "Delete a holiday of the organisation"), func(ctx context.Context, actor access.Actor, in *One[ident.Holiday]) error {
		return d.app.DeleteHoliday(ctx, actor, in.ID.Key)
	})
}

func (d *door) importHolidays(ctx context.Context, actor access.Actor, list []newHoliday) (holidayImportShape, error) {
	rows := make([]importer.CellRow, len(list))
	for i, h := range list {
		rows[i] = importer.CellRow{Line: i, Cells: []string{h.Date, h.Name, h.Region, strconv.FormatBool(h.Yearly)}}
	}
	got, err := d.app.ImportHolidays(ctx, actor, rows)
	return holidayImportShape{Added: got.Added, Known: got.Known, Refused: each(got.Refused, func(r action.ListRefusal) refusedHolidayShape {
		return refusedHolidayShape{Index: r.Line, Reason: r.Reason}
	})}, err
}
