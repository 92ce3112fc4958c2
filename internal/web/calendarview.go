package web

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const (
	// weekEntries and dayEntries are how many entries an hour shows before it says how many more there are.
	weekEntries = 3
	dayEntries  = 12
	// earliest and latest are the hours that are always shown.
	earliest = 8
	latest   = 18
)

// calendarEntry is something at a moment of the calendar.
type calendarEntry struct {
	At time.Time
	// Ends is when a meeting ends, zero for what has a moment only; GoesOn tells that it began in an hour before this one.
	Ends   time.Time
	GoesOn bool
	Kind   ui.Kind
	Word   string // of the kind, read out
	Title  string
	Sub    string
	Href   string
	// Move is the address of the form that moves it; "" for what happens by itself.
	Move string
	// Automatic tells that it happens by itself; Late that it is overdue; Trouble that a step failed.
	Automatic, Late, Trouble bool
}

// calendarDay is a day with its entries by the hour of the clock.
type calendarDay struct {
	action.PlannedDay
	Today bool
	Hours [24][]calendarEntry
	// Open counts activities, Automatic what happens by itself.
	Open, Automatic int
}

// calendarGrid is the days that one view shows, and their hours: from First until before Last.
type calendarGrid struct {
	calendarProps
	Mode        calendarMode
	Days        []calendarDay
	First, Last int
}

// grid lays out the days of a mode.
func (p calendarProps) grid(mode calendarMode) calendarGrid {
	g := calendarGrid{calendarProps: p, Mode: mode, First: earliest, Last: latest}
	for _, d := range p.Planned.Days {
		if mode == weekMode || d.Date == p.Date {
			g.Days = append(g.Days, calendarDay{PlannedDay: d, Today: d.Date == p.Today})
		}
	}
	for _, a := range p.Planned.Activities {
		e := p.activityEntry(a)
		g.add(e)
		g.goOn(e)
	}
	for _, w := range p.Planned.Waits {
		kind := ui.Kind(w.Next)
		if w.Next == "" {
			kind = ui.KindWait
		}
		g.add(calendarEntry{At: w.At, Kind: kind, Word: "By itself", Title: w.Enrollment.RecordName, Sub: joined(" · ", w.What, w.Enrollment.SequenceName), Href: recordPath(w.Enrollment.Record), Automatic: true})
	}
	for _, m := range p.Planned.Messages {
		kind := ui.KindAutomatedEmail
		if m.Message.Channel == "text" {
			kind = ui.KindAutomatedText
		}
		g.add(calendarEntry{At: m.Message.NextAt, Kind: kind, Word: "By itself", Title: m.Message.RecordName, Sub: m.What, Href: messagePath(m.Message.ID), Automatic: true})
	}
	for _, d := range g.Days {
		for _, s := range d.PlannedDay.Hours {
			g.First, g.Last = min(g.First, int(s.From/time.Hour)), max(g.Last, int((s.To+time.Hour-1)/time.Hour))
		}
		if now := p.View.Now.In(p.Planned.Zone).Hour(); d.Today {
			g.First, g.Last = min(g.First, now), max(g.Last, now+1)
		}
	}
	return g
}

func (p calendarProps) activityEntry(a store.Activity) calendarEntry {
	e := calendarEntry{
		At: a.DueAt, Ends: a.EndsAt(), Kind: activityKind(a.Kind), Word: stepLabel(a.Kind), Title: a.RecordName, Sub: joined(" · ", a.Name, a.SequenceName),
		Href: activityPath(a.ID), Late: a.DueAt.Before(p.Today.Start(p.Planned.Zone)), Trouble: a.Trouble != "",
	}
	if a.Behalf != 0 {
		e.Sub = "For " + a.BehalfName + " · " + e.Sub
	}
	if a.State == store.ActivityOpen && p.View.mayOn(access.DoActivities, a.Assignee) {
		e.Move = movePath(a.ID, "move")
	}
	return e
}

// add puts an entry into its hour; one of a day that is not shown is left out.
func (g *calendarGrid) add(e calendarEntry) {
	e.At = e.At.In(g.Planned.Zone)
	date := calendar.DateOf(e.At.Date())
	at := slices.IndexFunc(g.Days, func(d calendarDay) bool { return d.Date == date })
	if at < 0 {
		return
	}
	d, hour := &g.Days[at], e.At.Hour()
	later := slices.IndexFunc(d.Hours[hour], func(o calendarEntry) bool { return o.At.After(e.At) })
	if later < 0 {
		later = len(d.Hours[hour])
	}
	d.Hours[hour] = slices.Insert(d.Hours[hour], later, e)
	switch {
	case e.GoesOn:
	case e.Automatic:
		d.Automatic++
	default:
		d.Open++
	}
	g.First, g.Last = min(g.First, hour), max(g.Last, hour+1)
}

// goOn marks the later hours that a meeting takes.
func (g *calendarGrid) goOn(e calendarEntry) {
	if e.Ends.IsZero() {
		return
	}
	e.GoesOn, e.Move = true, ""
	begins := e.At.In(g.Planned.Zone)
	y, m, d := begins.Date()
	for hour := begins.Hour() + 1; ; hour++ {
		if e.At = time.Date(y, m, d, hour, 0, 0, 0, g.Planned.Zone); !e.At.Before(e.Ends) {
			return
		}
		g.add(e)
	}
}

// clock says when an entry is: "10:00", "10:00 – 11:30", "until 11:30".
func (e calendarEntry) clock() string {
	switch {
	case e.GoesOn:
		return "until " + e.Ends.In(e.At.Location()).Format("15:04")
	case !e.Ends.IsZero():
		return e.At.Format("15:04") + " – " + e.Ends.In(e.At.Location()).Format("15:04")
	}
	return e.At.Format("15:04")
}

// newMeeting leads to the form of a meeting at a time of the calendar.
func (g calendarGrid) newMeeting(at string) string {
	q := url.Values{"back": {g.Query.on(g.Query.Mode, g.Query.Date).path()}}
	if at != "" {
		q.Set("begins", at)
	}
	return meetingsPath + "/new?" + q.Encode()
}

// freeTime is when a meeting is proposed on the day that is looked at: "" for soon.
func (p calendarProps) freeTime() string {
	if p.Date <= p.Today {
		return ""
	}
	return p.Date.Start(time.UTC).Add(10 * time.Hour).Format(localTime)
}

// shown cuts the entries of an hour to what there is room for; more counts the rest. One more alone is shown.
func shown(list []calendarEntry, room int) (head, rest []calendarEntry) {
	if len(list) <= room+1 {
		return list, nil
	}
	return list[:room], list[room:]
}

// hours lists the hours of the grid.
func (g calendarGrid) hours() []int {
	var list []int
	for h := g.First; h < g.Last; h++ {
		list = append(list, h)
	}
	return list
}

// begins is the hour at which the page opens: the first one in which somebody works on these days. What is due at night stands above it.
func (g calendarGrid) begins() int {
	hour := 24
	for _, d := range g.Days {
		for _, s := range d.PlannedDay.Hours {
			hour = min(hour, int(s.From/time.Hour))
		}
	}
	if hour == 24 {
		return earliest
	}
	return hour
}

// empty tells that nothing at all is planned on the days.
func (g calendarGrid) empty() bool {
	return !slices.ContainsFunc(g.Days, func(d calendarDay) bool { return d.Open+d.Automatic > 0 })
}

// offClasses names the quarters of an hour in which nobody works: "q0 q1".
func (d calendarDay) offClasses(hour int) string {
	class := ""
	for quarter := range 4 {
		at := time.Duration(hour)*time.Hour + time.Duration(quarter)*15*time.Minute
		if !slices.ContainsFunc(d.PlannedDay.Hours, func(s calendar.Span) bool { return s.From <= at && at < s.To }) {
			class += fmt.Sprintf(" q%d", quarter)
		}
	}
	return class
}

// nowIn gives the place of the present moment within an hour of a day, in twelfths; ok is false in every other hour.
func (g calendarGrid) nowIn(d calendarDay, hour int) (twelfth int, ok bool) {
	now := g.View.Now.In(g.Planned.Zone)
	return now.Minute() / 5, d.Today && now.Hour() == hour
}

// slot names an hour of a day, for what is dropped there.
func (d calendarDay) slot(hour int) string { return fmt.Sprintf("%sT%02d", d.Date, hour) }

// anchor names an hour of the day's page.
func anchor(hour int) string { return fmt.Sprintf("h%02d", hour) }

// format writes a day's date.
func (d calendarDay) format(form string) string { return d.Date.Start(time.UTC).Format(form) }

// title says which days are shown: "23 – 29 November 2026", "Saturday 28 November 2026".
func (g calendarGrid) title() string {
	first := g.Days[0]
	if g.Mode == dayMode {
		return first.format("Monday 2 January 2006")
	}
	last := g.Days[len(g.Days)-1]
	switch {
	case first.format("2006") != last.format("2006"):
		return first.format("2 January 2006") + " – " + last.format("2 January 2006")
	case first.format("01") != last.format("01"):
		return first.format("2 January") + " – " + last.format("2 January 2006")
	}
	return first.format("2") + " – " + last.format("2 January 2006")
}

// step gives the view that begins so many steps later, or earlier.
func (g calendarGrid) step(by int) calendarQuery {
	if g.Mode == weekMode {
		by *= 7
	}
	return g.Query.on(g.Mode, g.Date+calendar.Date(by))
}

// today gives the view with today.
func (g calendarGrid) today() calendarQuery { return g.Query.on(g.Mode, 0) }

// note says what is special about a day, in a few words; "" for nothing.
func (d calendarDay) note() string {
	switch {
	case d.Leave != nil && d.Holiday != "":
		return d.Holiday + ", away"
	case d.Leave != nil:
		return "Away"
	}
	return d.Holiday
}

// summary says in a line what a day is like.
func (g calendarGrid) summary(d calendarDay) string {
	work := "Not a working day"
	switch {
	case d.Leave != nil:
		work = joined(": ", "Time off", d.Leave.Note)
	case d.Holiday != "":
		work = "Holiday: " + d.Holiday
	case len(d.PlannedDay.Hours) > 0:
		work = "Working hours " + calendar.FormatSpans(d.PlannedDay.Hours)
	}
	own := ""
	if d.Automatic > 0 {
		own = fmt.Sprintf("%s by itself", ui.Count(d.Automatic))
	}
	return joined(" · ", plural(d.Open, "activity", "activities"), own, work)
}

// zoneNote names the zone where it is not the reader's.
func (p calendarProps) zoneNote() string {
	zone := p.Planned.Zone.String()
	if p.own() {
		return "Times are in your zone, " + zone + "."
	}
	return "Times are those of " + p.Planned.User.Name + ", " + zone + "."
}

// calendarUsers are whose calendars the reader may look at.
func (p calendarProps) calendarUsers() []ui.Option {
	options := userOptions(p.Users, p.View.Actor.ID)
	for i := range options {
		if options[i].Value == p.View.Actor.ID.String() {
			options[i].Value = ""
		}
	}
	return options
}

// movedInto says why nobody works at the time that an activity was moved to; "" where somebody does, or the day is not shown.
func (p calendarProps) movedInto() string {
	at := p.Moved.DueAt.In(p.Planned.Zone)
	for _, d := range p.Planned.Days {
		since := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
		switch {
		case d.Date != calendar.DateOf(at.Date()):
		case d.Leave != nil:
			return "That is in the time off."
		case d.Holiday != "":
			return "That is a holiday: " + d.Holiday + "."
		case !slices.ContainsFunc(d.Hours, func(s calendar.Span) bool { return s.From <= since && since < s.To }):
			return "That is outside of the working hours."
		}
	}
	return ""
}
