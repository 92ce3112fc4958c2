package store

import (
	"fmt"
	"strconv"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// heldSetting is the moment of the restore (in microseconds) while sending is held after it; there is none once it was released.
const heldSetting = "sending_held"

// notHeld is the condition that sending is not held.
const notHeld = ` not exists (select 1 from settings where name = '` + heldSetting + `')`

// Why messages wait for a person after a restore.
const (
	restoredReason = "The database was restored from a backup, and this may have been sent after the backup was made. Look whether it was, then say so."
	// idGap is how far new ids are from those of the backup: links in mail that was sent after it must not name new messages.
	idGap = 1_000_000
)

// markRestored leaves nothing that goes out by itself: what was on its way may have been sent after the backup was made, and so may what
// the enrollments under way come to next.
func (tx *Tx) markRestored() (doubt int64, err error) {
	// Tests and digests are of the moment: nobody misses them.
	if _, err := tx.exec(`update messages set state = 6, next_at = null, blocker = '', turn = 0, reason = 'The database was restored from a backup.'
		where state in (1, 2, 3) and (test or record_id = 0)`); err != nil {
		return 0, fmt.Errorf("withdraw messages: %w", err)
	}
	if doubt, err = tx.exec(`update messages set state = 7, next_at = null, blocker = '', turn = 0, reason = $1 where state in (1, 2, 3)`, restoredReason); err != nil {
		return 0, fmt.Errorf("doubt messages: %w", err)
	}
	if _, err := tx.exec(`insert into enrollments_in_doubt (enrollment_id) select id from enrollments where status in (1, 2) on conflict do nothing`); err != nil {
		return 0, fmt.Errorf("doubt enrollments: %w", err)
	}
	if err := tx.leaveIDs(); err != nil {
		return 0, fmt.Errorf("leave out ids: %w", err)
	}
	if err := tx.Audit(0, "restore", "database", 0, ""); err != nil {
		return 0, err
	}
	return doubt, tx.saveSetting(heldSetting, strconv.FormatInt(tx.Now.UnixMicro(), 10))
}

// leaveIDs leaves out the ids that rows made after the backup may have had.
func (tx *Tx) leaveIDs() error {
	if tx.db.dialect == postgresDialect {
		_, err := tx.exec(`select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + $1::bigint)
			from pg_sequences where schemaname = current_schema()`, idGap)
		return err
	}
	if _, err := tx.exec(`update sqlite_sequence set seq = seq + $1`, idGap); err != nil {
		return err
	}
	for _, table := range []string{"messages", "enrollments"} {
		if _, err := tx.exec(`insert into sqlite_sequence (name, seq) select $1, $2 where not exists (select 1 from sqlite_sequence where name = $1)`, table, idGap); err != nil {
			return err
		}
	}
	return nil
}

// SendingHeld gives since when sending is held because the database was restored; zero when it is not.
func (tx *Tx) SendingHeld() (time.Time, error) {
	text, err := tx.setting(heldSetting)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read since when sending is held: %w", err)
	}
	return time.UnixMicro(micros).UTC(), nil
}

// ReleaseSending lets messages go again. Those in doubt still wait for a person.
func (tx *Tx) ReleaseSending() error {
	if _, err := tx.exec(`delete from settings where name = $1`, heldSetting); err != nil {
		return fmt.Errorf("release sending: %w", err)
	}
	tx.queued(message.EmailChannel)
	tx.queued(message.TextChannel)
	return nil
}

// doubting notes of which candidates nobody knows whether they were sent already.
func (tx *Tx) doubting(list []*MailCandidate) error {
	mayBe := func(c *MailCandidate) bool { return c.Live && c.Message.Enrollment != 0 && c.Message.Activity == 0 }
	var ids []ident.Enrollment
	for _, c := range list {
		if mayBe(c) {
			ids = append(ids, c.Message.Enrollment)
		}
	}
	doubted, err := tx.inDoubt(ids)
	if err != nil {
		return fmt.Errorf("look for doubts: %w", err)
	}
	for _, c := range list {
		c.doubted = mayBe(c) && doubted[c.Message.Enrollment]
	}
	return nil
}

// inDoubt gives those of the enrollments that were under way in the backup, and of which nobody said since that they stand where it left them.
func (tx *Tx) inDoubt(ids []ident.Enrollment) (map[ident.Enrollment]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := collect(tx, func(rows oneRow) (id ident.Enrollment, err error) { return id, rows.Scan(&id) },
		`select enrollment_id from enrollments_in_doubt where `+tx.in("enrollment_id", 1), tx.list(ids))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	doubted := make(map[ident.Enrollment]bool, len(found))
	for _, id := range found {
		doubted[id] = true
	}
	return doubted, nil
}

// believe ends the doubt about an enrollment: a message of it was not sent, so that nothing after it was.
func (tx *Tx) believe(id ident.Enrollment) error {
	if id == 0 {
		return nil
	}
	_, err := tx.exec(`delete from enrollments_in_doubt where enrollment_id = $1`, int64(id))
	return err
}
