package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// TimeOff is time off of a user: whole days in the user's time zone, with who does the work meanwhile.
type TimeOff struct {
	ID ident.TimeOff
	calendar.Leave
	UserName, SubstituteName string
	Note                     string
	// OpenToo hands over what is open when it begins, too; HandedAt is when that was done.
	OpenToo  bool
	HandedAt time.Time
}

const timeOffFields = `select t.id, t.user_id, u.name, t.first_day, t.last_day, t.note, coalesce(t.substitute_id, 0), coalesce(s.name, ''),
	t.mail_waits, t.open_too, t.handed_at from time_off t join users u on u.id = t.user_id left join users s on s.id = t.substitute_id `

func scanTimeOff(rows oneRow) (t TimeOff, err error) {
	var from, to string
	var handed sql.NullInt64
	err = rows.Scan(&t.ID, &t.User, &t.UserName, &from, &to, &t.Note, &t.Substitute, &t.SubstituteName, &t.MailWaits, &t.OpenToo, &handed)
	if err != nil {
		return t, err
	}
	t.HandedAt = moment(handed)
	if t.From, err = calendar.ParseDate(from); err != nil {
		return t, err
	}
	t.To, err = calendar.ParseDate(to)
	return t, err
}

// TimesOff lists the time off that has not ended before a date, by its first day; that of one user, or of all for zero. There
// are a few hundred at most.
func (tx *Tx) TimesOff(user ident.User, since calendar.Date) ([]TimeOff, error) {
	condition, args := `where t.last_day >= $1`, []any{since.String()}
	if user != 0 {
		condition, args = condition+` and t.user_id = $2`, append(args, int64(user))
	}
	list, err := collect(tx, scanTimeOff, timeOffFields+condition+` order by t.first_day, t.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list time off: %w", err)
	}
	return list, nil
}

// GetTimeOff gives one.
func (tx *Tx) GetTimeOff(id ident.TimeOff) (TimeOff, error) {
	list, err := collect(tx, scanTimeOff, timeOffFields+`where t.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "There is no such time off any more.")
	}
	if err != nil {
		return TimeOff{}, fmt.Errorf("get time off: %w", err)
	}
	return list[0], nil
}

// InsertTimeOff adds time off.
func (tx *Tx) InsertTimeOff(t TimeOff, by ident.User) (ident.TimeOff, error) {
	id, err := tx.insert(`insert into time_off (user_id, first_day, last_day, note, substitute_id, mail_waits, open_too, created_by, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		int64(t.User), t.From.String(), t.To.String(), t.Note, key(t.Substitute), t.MailWaits, t.OpenToo, key(by), tx.Now.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("insert time off: %w", err)
	}
	return ident.TimeOff(id), tx.rosterChanged(t.User)
}

// UpdateTimeOff changes time off. Open work is handed over anew if its substitute or days changed.
func (tx *Tx) UpdateTimeOff(t TimeOff) error {
	_, err := tx.exec(`update time_off set first_day = $2, last_day = $3, note = $4, substitute_id = $5, mail_waits = $6, open_too = $7, handed_at = $8
		where id = $1`,
		int64(t.ID), t.From.String(), t.To.String(), t.Note, key(t.Substitute), t.MailWaits, t.OpenToo, micros(t.HandedAt))
	if err != nil {
		return fmt.Errorf("update time off: %w", err)
	}
	return tx.rosterChanged(t.User)
}

// DeleteTimeOff removes time off: the user is there again.
func (tx *Tx) DeleteTimeOff(t TimeOff) error {
	if _, err := tx.exec(`delete from time_off where id = $1`, int64(t.ID)); err != nil {
		return fmt.Errorf("delete time off: %w", err)
	}
	return tx.rosterChanged(t.User)
}

// rosterChanged has the messages of a user looked at again, who is away or returns.
func (tx *Tx) rosterChanged(user ident.User) error {
	tx.leaves = nil
	return tx.lookAgain(`user_id = $2`, int64(user))
}

// lookBack is how long time off stays in the roster after its end: spans may be counted from a moment that long ago
// (spec.md 13, decision 7).
const lookBack = 45

// Roster says who is away and who stands in. A substitute without access stands in for nobody. It is read once in a
// transaction.
func (tx *Tx) Roster() (calendar.Roster, error) {
	if tx.leaves != nil {
		return *tx.leaves, nil
	}
	list, err := collect(tx, func(rows oneRow) (l calendar.Leave, err error) {
		var from, to string
		if err := rows.Scan(&l.User, &from, &to, &l.Substitute, &l.MailWaits); err != nil {
			return l, err
		}
		if l.From, err = calendar.ParseDate(from); err != nil {
			return l, err
		}
		l.To, err = calendar.ParseDate(to)
		return l, err
	}, `select t.user_id, t.first_day, t.last_day, coalesce(s.id, 0), t.mail_waits from time_off t
		left join users s on s.id = t.substitute_id and s.active where t.last_day >= $1 order by t.id`, (tx.today(nil) - lookBack).String())
	if err != nil {
		return calendar.Roster{}, fmt.Errorf("read who is away: %w", err)
	}
	roster := calendar.NewRoster(list)
	tx.leaves = &roster
	return roster, nil
}
