package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/store"
)

// SnoozeChoice is a quick choice of when an activity comes back.
type SnoozeChoice struct {
	// Key is 1h, tomorrow, 3d or week.
	Key   string
	Label string
	At    time.Time
}

// SnoozeChoices are the quick choices of a user, in the user's zone.
func (a *App) SnoozeChoices(ctx context.Context, actor access.Actor) ([]SnoozeChoice, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]SnoozeChoice, error) {
		c, err := tx.CalendarOf(actor.ID)
		return snoozeChoices(tx.Now, c), err
	})
}

// snoozeChoices leave weekends, holidays and time off out, but for the one that is an hour away: who asks for that is at work. Two that
// come to the same moment are one.
func snoozeChoices(now time.Time, c calendar.Calendar) []SnoozeChoice {
	zone := c.Week.Zone
	if zone == nil {
		zone = time.UTC
	}
	today := calendar.DateAt(now, zone)
	next := beginning(c, zone, today+1)
	third := next
	for range 2 {
		third = beginning(c, zone, calendar.DateAt(third, zone)+1)
	}
	monday := today + 1
	for monday.Start(zone).Weekday() != time.Monday {
		monday++
	}
	list := []SnoozeChoice{{"1h", "In 1 hour", now.Add(time.Hour).Truncate(time.Minute).In(zone)}}
	for _, choice := range []SnoozeChoice{
		{"tomorrow", morningName(next, today), next},
		{"3d", "In 3 working days", third},
		{"week", "Next week", beginning(c, zone, monday)},
	} {
		if !choice.At.Equal(list[len(list)-1].At) && !choice.At.Equal(next) || choice.Key == "tomorrow" {
			list = append(list, choice)
		}
	}
	return list
}

// morningName calls the next working morning by its day, where that is not the coming one.
func morningName(at time.Time, today calendar.Date) string {
	if calendar.DateAt(at, at.Location()) == today+1 {
		return "Tomorrow morning"
	}
	return at.Format("Monday") + " morning"
}

// beginning is when work begins on a date, or on the first one after it on which anybody works. Who never works begins at nine.
func beginning(c calendar.Calendar, zone *time.Location, date calendar.Date) time.Time {
	if at, ok := c.Next(date.Start(zone)); ok {
		return at.In(zone)
	}
	y, m, d := date.Start(zone).Date()
	return time.Date(y, m, d, 9, 0, 0, 0, zone)
}
