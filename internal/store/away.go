package store

import (
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/ident"
)

// backAt notes for automated messages of users that are away, and keep them back, when they return.
func (tx *Tx) backAt(list []*MailCandidate) error {
	roster, err := tx.Roster()
	if err != nil {
		return err
	}
	var users []ident.User
	back := map[ident.User]time.Time{}
	for _, c := range list {
		if _, known := back[c.Message.User]; !known && c.automated() && len(roster.Leaves(c.Message.User)) > 0 {
			back[c.Message.User] = time.Time{}
			users = append(users, c.Message.User)
		}
	}
	if len(users) == 0 {
		return nil
	}
	calendars, err := tx.CalendarsOf(users)
	if err != nil {
		return err
	}
	for _, user := range users {
		back[user] = returnOf(roster, user, tx.Now, calendars[user])
	}
	for i, c := range list {
		if c.automated() {
			list[i].Back = back[c.Message.User]
		}
	}
	return nil
}

// automated tells that a sequence sends it by itself.
func (c *MailCandidate) automated() bool { return c.Message.Activity == 0 && !c.Message.Test }

// returnOf is the first working moment after the time off in which automated messages of the user wait; zero when they do not wait.
func returnOf(roster calendar.Roster, user ident.User, now time.Time, c calendar.Calendar) time.Time {
	date := calendar.DateAt(now, c.Week.Zone)
	if !roster.MailWaits(user, date) {
		return time.Time{}
	}
	for roster.MailWaits(user, date) { // it ends: time off does
		date++
	}
	at, _ := c.Next(date.Start(c.Week.Zone))
	return at
}
