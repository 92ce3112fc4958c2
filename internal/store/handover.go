package store

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/ident"
)

// handOver gives new activities of users that are away to whoever stands in; where nobody does, they fall due with the return.
func (tx *Tx) handOver(rows []activityRow) error {
	if len(rows) == 0 {
		return nil
	}
	roster, err := tx.Roster()
	if err != nil {
		return err
	}
	var users []ident.User
	for _, r := range rows {
		if r.assignee != nil && len(roster.Leaves(ident.User(*r.assignee))) > 0 {
			users = append(users, ident.User(*r.assignee))
		}
	}
	if len(users) == 0 {
		return nil
	}
	calendars, err := tx.CalendarsOf(users)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if r.assignee == nil {
			continue
		}
		user := ident.User(*r.assignee)
		due, c := time.UnixMicro(r.due), calendars[user]
		date := calendar.DateAt(due, c.Week.Zone)
		if _, away := roster.Away(user, date); !away {
			continue
		}
		if who, ok := roster.StandIn(user, date); ok {
			r.behalf, r.assignee = r.assignee, keyOf(who)
		} else if next, ok := c.Next(due); ok {
			r.due = next.UnixMicro()
		}
	}
	return nil
}

// open is an activity that may be handed over or back.
type openActivity struct {
	id  ident.Activity
	due int64
}

// HandOverOpen gives the open activities of a user that fall due by the last day of the time off to whoever stands in on their
// days. What somebody else works on in this moment is left out, and rest counts it.
func (tx *Tx) HandOverOpen(t TimeOff) (moved, rest int, err error) {
	c, err := tx.CalendarOf(t.User)
	if err != nil {
		return 0, 0, err
	}
	roster, err := tx.Roster()
	if err != nil {
		return 0, 0, err
	}
	const which = ` from activities where assignee_id = $1 and state in (1, 3) and due_at < $2`
	args := []any{int64(t.User), (t.To + 1).Start(c.Week.Zone).UnixMicro()}
	list, err := tx.openActivities(which, args...)
	if err != nil {
		return 0, 0, fmt.Errorf("find open work: %w", err)
	}
	to := map[ident.User][]ident.Activity{}
	first := max(t.From, tx.today(c.Week.Zone))
	for _, a := range list {
		date := max(first, calendar.DateAt(time.UnixMicro(a.due), c.Week.Zone))
		if who, ok := roster.StandIn(t.User, date); ok {
			to[who] = append(to[who], a.id)
			moved++
		}
	}
	for who, ids := range to {
		if _, err := tx.exec(`update activities set assignee_id = $2, seen_at = null, behalf_id = coalesce(behalf_id, $3), rev = rev + 1 where `+tx.in("id", 1),
			tx.list(ids), int64(who), int64(t.User)); err != nil {
			return 0, 0, fmt.Errorf("hand over open work: %w", err)
		}
		if err := tx.NotifyHandovers(who, t.User, ids); err != nil {
			return 0, 0, err
		}
	}
	var all int
	if err := tx.row(`select count(*)`+which, args...).Scan(&all); err != nil {
		return 0, 0, fmt.Errorf("count open work: %w", err)
	}
	return moved, all - (len(list) - moved), nil
}

// TakeBack gives a user the open activities again that others have for the user, and counts them. by is who wants it.
func (tx *Tx) TakeBack(user, by ident.User) (int, error) {
	list, err := tx.openActivities(` from activities where behalf_id = $1 and state in (1, 3)`, int64(user))
	if err != nil {
		return 0, fmt.Errorf("find handed over work: %w", err)
	}
	ids := make([]ident.Activity, len(list))
	for i, a := range list {
		ids[i] = a.id
	}
	n, err := tx.exec(`update activities set assignee_id = $2, seen_at = null, behalf_id = null, rev = rev + 1 where `+tx.in("id", 1), tx.list(ids), int64(user))
	if err != nil {
		return 0, fmt.Errorf("take back work: %w", err)
	}
	return int(n), tx.NotifyHandovers(user, by, ids)
}

// openActivities locks and lists activities. It waits for nobody, because it holds no enrollments (see the order of locks).
func (tx *Tx) openActivities(which string, args ...any) ([]openActivity, error) {
	return collect(tx, func(rows oneRow) (a openActivity, err error) { return a, rows.Scan(&a.id, &a.due) },
		`select id, due_at`+which+` order by id`+tx.db.dialect.skipLocked(), args...)
}

// HandedOver counts the open activities that others have for a user.
func (tx *Tx) HandedOver(user ident.User) (n int, err error) {
	if err := tx.row(`select count(*) from activities where behalf_id = $1 and state < 4`, int64(user)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count handed over work: %w", err)
	}
	return n, nil
}

// BeginTimesOff hands over open work of time off that has begun and asks for it. One node does it every few minutes.
func (db *DB) BeginTimesOff(ctx context.Context) (moved int, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		moved = 0
		list, err := tx.TimesOff(0, tx.today(nil)-1)
		if err != nil {
			return err
		}
		for _, t := range list {
			if !t.OpenToo || !t.HandedAt.IsZero() || t.From > tx.today(nil)+1 {
				continue
			}
			c, err := tx.CalendarOf(t.User)
			if err != nil {
				return err
			}
			if today := tx.today(c.Week.Zone); today < t.From || today > t.To {
				continue
			}
			n, rest, err := tx.HandOverOpen(t)
			if err != nil {
				return err
			}
			moved += n
			if rest > 0 {
				continue // it is tried again
			}
			if _, err := tx.exec(`update time_off set handed_at = $2 where id = $1`, int64(t.ID), tx.Now.UnixMicro()); err != nil {
				return fmt.Errorf("note the hand-over: %w", err)
			}
		}
		return nil
	})
	return moved, err
}
