package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// longestPlan bounds the span of one look at what is planned, in days.
const longestPlan = 62

// Planned is what is planned for a user on some days.
type Planned struct {
	User store.User
	// Zone is the user's; days and hours are reckoned in it.
	Zone *time.Location
	// From is the beginning of the first day, Until the end of the last.
	From, Until time.Time
	Days        []PlannedDay
	// Activities are the open ones; More tells that there are more than are listed.
	Activities []store.Activity
	More       bool
	// Waits end, and Messages go out, by themselves. Seen is the moment until which they were looked for: where very much falls
	// due, it is before Until.
	Waits    []PlannedWait
	Messages []PlannedMessage
	Seen     time.Time
}

// PlannedDay says when the user works on a day, and why not.
type PlannedDay struct {
	Date calendar.Date
	// Hours are the working hours; none on a day off.
	Hours []calendar.Span
	// Holiday is the name of the holiday, "" on other days; Leave is the time off, nil on other days.
	Holiday string
	Leave   *store.TimeOff
}

// PlannedWait is a wait of a record that ends.
type PlannedWait struct {
	Enrollment store.Enrollment
	At         time.Time
	// Next is the kind of the step that follows, "" where the sequence ends or a condition decides; What says what happens then.
	Next, What string
}

// PlannedMessage is a message that goes out by itself.
type PlannedMessage struct {
	Message store.Message
	What    string
}

// Planned says what is planned for a user from one day to another, both included: open activities, waits that end, messages
// that go out, working hours, holidays and time off. Others than oneself are for whoever manages activities.
func (a *App) Planned(ctx context.Context, actor access.Actor, user ident.User, from, to calendar.Date) (Planned, error) {
	if user == 0 {
		user = actor.ID
	}
	if err := mayOn(actor, access.DoActivities, user); err != nil {
		return Planned{}, err
	}
	switch {
	case to < from:
		return Planned{}, fault.Field("to", "order", "The last day is before the first.")
	case to-from >= longestPlan:
		return Planned{}, fault.Field("to", "too_long", "At most 62 days can be looked at together. Ask for fewer.")
	}
	return look(ctx, a, func(tx *store.Tx) (Planned, error) {
		u, err := tx.GetUser(user)
		if err != nil {
			return Planned{}, err
		}
		c, err := tx.CalendarOf(user)
		if err != nil {
			return Planned{}, err
		}
		p := Planned{User: u, Zone: c.Week.Zone, From: from.Start(c.Week.Zone), Until: (to + 1).Start(c.Week.Zone)}
		if p.Days, err = plannedDays(tx, user, c.Week, from, to); err != nil {
			return Planned{}, err
		}
		if p.Activities, p.More, err = tx.PlannedActivities(user, p.From, p.Until); err != nil {
			return Planned{}, err
		}
		return p, p.automatic(tx)
	})
}

// plannedDays gives the hours of each day, without holidays and time off: whoever stands in works in their own calendar.
func plannedDays(tx *store.Tx, user ident.User, week calendar.Week, from, to calendar.Date) ([]PlannedDay, error) {
	w, err := workingTime(tx, user)
	if err != nil {
		return nil, err
	}
	region := w.Region
	if region == "" {
		if region, err = tx.Region(); err != nil {
			return nil, err
		}
	}
	holidays, err := tx.HolidaysOf(region)
	if err != nil {
		return nil, err
	}
	leaves, err := tx.TimesOff(user, from)
	if err != nil {
		return nil, err
	}
	var days []PlannedDay
	for date := from; date <= to; date++ {
		d := PlannedDay{Date: date}
		d.Holiday, _ = holidays.On(date)
		for i := range leaves {
			if leaves[i].From <= date && date <= leaves[i].To {
				d.Leave = &leaves[i]
			}
		}
		if d.Holiday == "" && d.Leave == nil {
			d.Hours = week.On(date)
		}
		days = append(days, d)
	}
	return days, nil
}

// automatic adds what happens by itself; nothing of that lies in the past.
func (p *Planned) automatic(tx *store.Tx) error {
	p.Seen = p.Until
	from := p.From
	if from.Before(tx.Now) {
		from = tx.Now
	}
	if !from.Before(p.Until) {
		return nil
	}
	waits, seen, err := tx.PlannedWaits(p.User.ID, from, p.Until)
	if err != nil {
		return err
	}
	messages, sent, err := tx.PlannedMessages(p.User.ID, from, p.Until)
	if err != nil {
		return err
	}
	if p.Seen = seen; sent.Before(seen) {
		p.Seen = sent
	}
	for _, e := range waits {
		w, err := plannedWait(tx, e)
		if err != nil {
			return err
		}
		p.Waits = append(p.Waits, w)
	}
	for _, m := range messages {
		p.Messages = append(p.Messages, PlannedMessage{Message: m, What: plannedMail(m)})
	}
	return nil
}

// plannedWait says what a wait's end brings.
func plannedWait(tx *store.Tx, e store.Enrollment) (PlannedWait, error) {
	w := PlannedWait{Enrollment: e, At: e.State.DueAt, What: "Its wait ends."}
	v, err := tx.Version(e.Version)
	if err != nil {
		return w, err
	}
	s, ok := v.Step(e.State.Step)
	if !ok {
		return w, nil
	}
	if s.When != nil {
		w.What = limitSentence(*s.When)
		return w, nil
	}
	upcoming := v.Upcoming(s.ID)
	if len(upcoming) == 0 {
		w.What = "Its wait ends, and the sequence with it."
		return w, nil
	}
	w.Next, w.What = upcoming[0].Type, "Its wait ends; then "+comes(upcoming[0])+"."
	return w, nil
}

func plannedMail(m store.Message) string {
	what := "An email goes out"
	if m.Channel == message.TextChannel {
		what = "A text message goes out"
	}
	if m.Subject != "" {
		what += ": “" + m.Subject + "”"
	}
	return what + "."
}
