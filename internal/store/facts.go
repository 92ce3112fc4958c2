package store

import (
	"database/sql"
	"errors"
	"fmt"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// loadFacts reads what the decisions on these enrollments may ask for.
func (tx *Tx) loadFacts(list []*loaded) error {
	for _, read := range []func([]*loaded) error{
		tx.loadWishes, tx.loadTextWishes, tx.loadSuppressions, tx.loadCalendars, tx.loadReachable, tx.loadValues, tx.loadRuns, tx.loadEngagements, tx.loadChosen,
		tx.loadOutcomes, tx.loadMeetings,
	} {
		if err := read(list); err != nil {
			return err
		}
	}
	return nil
}

// loadWishes reads which records must not be mailed.
func (tx *Tx) loadWishes(list []*loaded) error {
	return tx.loadWish(list, `do_not_email`, func(a flow.Asks) bool { return a.Wishes }, func(f *step.Facts) { f.DoNotEmail = true })
}

// loadTextWishes reads which records must not be sent text messages. Only sequences that send some ask, so the wish stands
// among the fields and has no column.
func (tx *Tx) loadTextWishes(list []*loaded) error {
	return tx.loadWish(list, `fields like '%"do_not_text":"true"%'`, func(a flow.Asks) bool { return a.TextWishes },
		func(f *step.Facts) { f.DoNotText = true })
}

// loadWish notes a wish, which the condition finds, for the enrollments whose version asks for it.
func (tx *Tx) loadWish(list []*loaded, condition string, asks func(flow.Asks) bool, note func(*step.Facts)) error {
	byRecord, ids := byRecordOf(list, asks)
	if len(ids) == 0 {
		return nil
	}
	silent, err := collect(tx, func(rows oneRow) (id ident.Record, err error) { return id, rows.Scan(&id) },
		`select id from records where `+condition+` and `+tx.in("id", 1), tx.list(ids))
	for _, id := range silent {
		for _, l := range byRecord[id] {
			note(&l.snap.Facts)
		}
	}
	return err
}

// loadOutcomes gives the organisation's outcomes to enrollments whose conditions ask about a call or a meeting.
func (tx *Tx) loadOutcomes(list []*loaded) error {
	var known *step.Outcomes
	for _, l := range list {
		if !l.snap.Version.Asks.Outcomes {
			continue
		}
		if known == nil {
			read, err := tx.Outcomes()
			if err != nil {
				return err
			}
			known = &read
		}
		l.snap.Facts.Outcomes = *known
	}
	return nil
}

// loadMeetings reads how the latest meeting ended of the records of enrollments whose conditions ask for it.
func (tx *Tx) loadMeetings(list []*loaded) error {
	byRecord, ids := byRecordOf(list, func(a flow.Asks) bool { return a.Meeting })
	if len(ids) == 0 {
		return nil
	}
	type ended struct {
		record  ident.Record
		outcome string
	}
	rows, err := collect(tx, func(rows oneRow) (e ended, err error) { return e, rows.Scan(&e.record, &e.outcome) },
		`select record_id, outcome from activities where kind = $2 and state = $3 and outcome <> '' and `+tx.in("record_id", 1)+` order by done_at, id`,
		tx.list(ids), step.Meeting, ActivityCompleted)
	for _, e := range rows { // a later one counts instead of an earlier one
		for _, l := range byRecord[e.record] {
			l.snap.Facts.MeetingEnded = e.outcome
		}
	}
	return err
}

// byRecordOf gives the enrollments whose version asks for something by their records, and those records once each.
func byRecordOf(list []*loaded, asks func(flow.Asks) bool) (map[ident.Record][]*loaded, []ident.Record) {
	byRecord := map[ident.Record][]*loaded{}
	var ids []ident.Record
	for _, l := range list {
		if asks(l.snap.Version.Asks) {
			if byRecord[l.record] == nil {
				ids = append(ids, l.record)
			}
			byRecord[l.record] = append(byRecord[l.record], l)
		}
	}
	return byRecord, ids
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

// FactsForAll gives what decisions on a version would know of records that are connected now, each with its own assignee; a zero record
// has no values. Surroundings asks.
func (tx *Tx) FactsForAll(v *flow.Version, records []ident.Record, assignees []ident.User) ([]step.Facts, error) {
	list := make([]*loaded, len(records))
	for i, rec := range records {
		list[i] = &loaded{record: rec, assignee: assignees[i]}
		list[i].snap.Version = v
	}
	err := tx.loadFacts(list)
	facts := make([]step.Facts, len(list))
	for i, l := range list {
		facts[i] = l.snap.Facts
	}
	return facts, err
}
