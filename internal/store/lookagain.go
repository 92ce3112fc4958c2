package store

import (
	"fmt"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// What the gate said of a queued message stands in its row until its next look. So whoever changes what the gate goes by has the messages that it
// concerns looked at again at once (docs/adr/0069).

// lookAgain has the gate look again at the queued messages that a condition on messages names; its arguments begin with $2. What a person has
// scheduled keeps its time, and what a server refused for now its pause. What is due already is among them: a claim may have it in hand, and would
// write down what it has read before.
func (tx *Tx) lookAgain(condition string, args ...any) error {
	return tx.lookAgainAt("state = 1", condition, args...)
}

// byKeys has what waits found by the keys of the condition: an index of all that waits would have the database read the whole queue for one of them.
const byKeys = "+state = 1"

func (tx *Tx) lookAgainAt(queued, condition string, args ...any) error {
	n, err := tx.exec(`update messages set next_at = case when next_at < $1 then next_at else $1 end where id in (select id from messages
		where `+queued+` and blocker <> 'refused_for_now' and (scheduled_at is null or scheduled_at <= $1) and (`+condition+`) order by id`+tx.db.dialect.lockRows()+`)`,
		append([]any{tx.Now.UnixMicro()}, args...)...)
	if err != nil {
		return fmt.Errorf("look at waiting messages again: %w", err)
	}
	if n > 0 {
		tx.mail, tx.text = true, true
	}
	return nil
}

// byCalendar names the messages that a window, a holiday or somebody's return may hold up: what is before those in the gate keeps the others, however
// the calendar changes.
const byCalendar = `not any_time and blocker in ('', 'window', 'holiday', 'gap', 'hour_cap', 'day_cap', 'turn') or blocker = 'user_away'`

// calendarChanged has those looked at again that go by windows and holidays. Once in a transaction is enough: nothing is claimed before its end.
func (tx *Tx) calendarChanged() error {
	if tx.recalled {
		return nil
	}
	tx.recalled = true
	return tx.lookAgain(byCalendar)
}

// lookAgainOf is lookAgain for what goes through a mailbox: its user's mail, what waits at it, and the follow-ups of its conversations.
func (tx *Tx) lookAgainOf(box ident.Mailbox) error {
	return tx.lookAgain(`channel = 1 and (user_id = (select user_id from mailboxes where id = $2) or mailbox_id = $2 or visit > 1 and exists
		(select 1 from messages f where f.enrollment_id = messages.enrollment_id and f.mailbox_id = $2 and f.state = 4))`, int64(box))
}

// lookAgainFor is lookAgain for the messages of records.
func (tx *Tx) lookAgainFor(records []ident.Record) error {
	for _, chunk := range chunks(records, 500) {
		if err := tx.lookAgainAt(byKeys, tx.in("record_id", 2), tx.list(chunk)); err != nil {
			return err
		}
	}
	return nil
}

// suppressionChanged has those looked at again whose record has an address that came onto the list or went from it. Domains and numbers are in no
// index, so all that waits is looked at.
func (tx *Tx) suppressionChanged(list ...Suppression) error {
	var emails []string
	domains, numbers := false, false
	for _, s := range list {
		switch {
		case s.Channel == message.TextChannel:
			numbers = true
		case s.Domain():
			domains = true
		default:
			emails = append(emails, s.Address)
		}
	}
	for channel, asked := range map[int]bool{1: domains, 2: numbers} {
		if asked {
			if err := tx.lookAgain(`channel = $2`, channel); err != nil {
				return err
			}
		}
	}
	if len(emails) == 0 {
		return nil
	}
	records, err := tx.recordsAt(emails)
	if err != nil {
		return err
	}
	return tx.lookAgainFor(records)
}
