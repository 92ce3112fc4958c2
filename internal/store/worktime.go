package store

import (
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// loadCalendars gives the assignee's working time to enrollments of sequences that count it.
func (tx *Tx) loadCalendars(list []*loaded) error {
	var users []ident.User
	known := map[ident.User]bool{}
	for _, l := range list {
		if l.snap.Version.Def.Options.Waits == flow.WorkingTime && !known[l.assignee] {
			known[l.assignee] = true
			users = append(users, l.assignee)
		}
	}
	if len(users) == 0 {
		return nil
	}
	calendars, err := tx.CalendarsOf(users)
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.snap.Version.Def.Options.Waits == flow.WorkingTime {
			l.snap.Facts.Working, l.snap.Facts.Calendar = true, calendars[l.assignee]
		}
	}
	return nil
}

// CalendarOf gives a user's working time. Zero and unknown users have that of the organisation.
func (tx *Tx) CalendarOf(user ident.User) (calendar.Calendar, error) {
	all, err := tx.CalendarsOf([]ident.User{user})
	return all[user], err
}

// CalendarsOf gives the working time of many users with a handful of queries: their own hours or the organisation's, in their own
// zones, without holidays and without time off in which nobody stands in.
func (tx *Tx) CalendarsOf(users []ident.User) (map[ident.User]calendar.Calendar, error) {
	o, err := tx.Organisation()
	if err != nil {
		return nil, fmt.Errorf("read working hours: %w", err)
	}
	region, err := tx.Region()
	if err != nil {
		return nil, err
	}
	roster, err := tx.Roster()
	if err != nil {
		return nil, err
	}
	all := map[ident.User]calendar.Calendar{}
	add := func(id ident.User, zone, hours, own string) error {
		h := o.Hours
		if hours != "" {
			var err error
			if h, err = readHours(hours); err != nil {
				return err
			}
		}
		if own == "" {
			own = region
		}
		holidays, err := tx.HolidaysOf(own)
		if err != nil {
			return err
		}
		all[id] = calendarFrom(h, zoneOr(zone, o.Zone), holidays, roster, id)
		return nil
	}
	for _, id := range users {
		if err := add(id, "", "", ""); err != nil {
			return nil, err
		}
	}
	type row struct {
		id                  ident.User
		zone, hours, region string
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.zone, &r.hours, &r.region) },
		`select id, zone, hours, region from users where `+tx.in("id", 1), tx.list(users))
	if err != nil {
		return nil, fmt.Errorf("read working time: %w", err)
	}
	for _, r := range rows {
		if err := add(r.id, r.zone, r.hours, r.region); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// calendarFrom puts a calendar together. Where there is nothing to be off for, it asks nobody.
func calendarFrom(h Hours, zone *time.Location, holidays calendar.Holidays, roster calendar.Roster, user ident.User) calendar.Calendar {
	c := calendar.Calendar{Week: calendar.Week{Days: h, Zone: zone}}
	away := len(roster.Leaves(user)) > 0
	if !away && holidays.Region == "" && len(holidays.Own) == 0 {
		return c
	}
	c.Off = func(y int, m time.Month, d int) bool {
		date := calendar.DateOf(y, m, d)
		if away && roster.Off(user, date) {
			return true
		}
		_, off := holidays.On(date)
		return off
	}
	return c
}

// zoneOr loads a zone, or else the second, or else UTC.
func zoneOr(names ...string) *time.Location {
	for _, name := range names {
		if loc, err := time.LoadLocation(name); err == nil && name != "" {
			return loc
		}
	}
	return time.UTC
}
