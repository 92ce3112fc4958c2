package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// loadFacts reads what the decisions on these enrollments may ask for.
func (tx *Tx) loadFacts(list []*loaded) error {
	for _, read := range []func([]*loaded) error{
		tx.loadWishes, tx.loadCalendars, tx.loadReachable, tx.loadValues, tx.loadRuns, tx.loadEngagements, tx.loadChosen, tx.loadOutcomes,
	} {
		if err := read(list); err != nil {
			return err
		}
	}
	return nil
}

// loadWishes reads which records must not be mailed.
func (tx *Tx) loadWishes(list []*loaded) error {
	byRecord := map[ident.Record][]*loaded{}
	var ids []ident.Record
	for _, l := range list {
		if l.snap.Version.Asks.Wishes {
			if byRecord[l.record] == nil {
				ids = append(ids, l.record)
			}
			byRecord[l.record] = append(byRecord[l.record], l)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	silent, err := collect(tx, func(rows *sql.Rows) (id ident.Record, err error) { return id, rows.Scan(&id) },
		`select id from records where do_not_email and `+tx.in("id", 1), tx.list(ids))
	for _, id := range silent {
		for _, l := range byRecord[id] {
			l.snap.Facts.DoNotEmail = true
		}
	}
	return err
}

// loadOutcomes gives the organisation's outcomes of calls to enrollments whose conditions ask about a call.
func (tx *Tx) loadOutcomes(list []*loaded) error {
	var known step.CallOutcomes
	for _, l := range list {
		if !l.snap.Version.Asks.Calls {
			continue
		}
		if known == nil {
			var err error
			if known, err = tx.CallOutcomes(); err != nil {
				return err
			}
		}
		l.snap.Facts.Outcomes = known
	}
	return nil
}

// loadCalendars gives the assignee's working time to enrollments of sequences that count it.
func (tx *Tx) loadCalendars(list []*loaded) error {
	calendars := map[ident.User]calendar.Calendar{}
	for _, l := range list {
		if l.snap.Version.Def.Options.Waits != flow.WorkingTime {
			continue
		}
		c, ok := calendars[l.assignee]
		if !ok {
			var err error
			if c, err = tx.CalendarOf(l.assignee); err != nil {
				return err
			}
			calendars[l.assignee] = c
		}
		l.snap.Facts.Working, l.snap.Facts.Calendar = true, c
	}
	return nil
}

// CalendarOf gives a user's working time: the organisation's hours in the user's own zone.
func (tx *Tx) CalendarOf(user ident.User) (calendar.Calendar, error) {
	days, from, to, zone, err := tx.WorkingWeek()
	if err != nil {
		return calendar.Calendar{}, fmt.Errorf("read working hours: %w", err)
	}
	if user != 0 {
		var own string
		switch err := tx.row(`select zone from users where id = $1`, int64(user)).Scan(&own); {
		case err == nil && own != "":
			zone = own
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return calendar.Calendar{}, err
		}
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	week := calendar.Week{Zone: loc}
	for day, works := range days {
		if works {
			week.Days[day] = []calendar.Span{{From: from, To: to}}
		}
	}
	return calendar.Calendar{Week: week}, nil
}

// loadReachable says of each sequence that a version advances to whether it can be entered now.
func (tx *Tx) loadReachable(list []*loaded) error {
	known := map[ident.Version]map[string]string{}
	for _, l := range list {
		v := l.snap.Version
		names := v.Asks.Advances
		if len(names) == 0 {
			continue
		}
		reasons, ok := known[v.ID]
		if !ok {
			reasons = map[string]string{}
			for _, name := range names {
				reason, err := tx.unreachable(name)
				if err != nil {
					return err
				}
				reasons[name] = reason
			}
			known[v.ID] = reasons
		}
		l.snap.Facts.Reachable = reasons
	}
	return nil
}

// unreachable gives why no record can be connected to the sequence of this name; "" when it can.
func (tx *Tx) unreachable(name string) (string, error) {
	var status string
	err := tx.row(`select status from sequences where lower(name) = lower($1) and deleted_at is null`, name).Scan(&status)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Sprintf("There is no sequence %q any more.", name), nil
	case err != nil:
		return "", err
	case SequenceStatus(status) != Active:
		return fmt.Sprintf("The sequence %q is not active.", name), nil
	}
	return "", nil
}

// FactsFor gives what decisions on a version would know of a record that is connected now; a zero record has no values.
// The preview asks.
func (tx *Tx) FactsFor(v *flow.Version, rec ident.Record, assignee ident.User) (step.Facts, error) {
	l := &loaded{record: rec, assignee: assignee}
	l.snap.Version = v
	err := tx.loadFacts([]*loaded{l})
	return l.snap.Facts, err
}
