package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// MailHold is what the gate once said of a message that it held.
type MailHold struct {
	At time.Time
	// Until is when it was to be looked at again; zero where nobody could say.
	Until   time.Time
	Blocker Blocker
	Reason  string
}

// noteHolds writes down what the gate says of messages that it had said something else of. What it only repeats is left out, so a message that
// waits for its turn for days has one line.
func (tx *Tx) noteHolds(rows []postponedRow) error {
	var fresh []postponedRow
	for _, r := range rows {
		if r.state == int16(MessageQueued) && r.blocker != NotBlocked && r.blocker != r.was {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	at := tx.Now.UnixMicro()
	if tx.db.dialect == sqliteDialect {
		return each(tx, `insert into message_holds (message_id, at, until, blocker, reason) values ($1, $2, $3, $4, $5) on conflict do nothing`, fresh, func(r postponedRow) []any {
			return []any{r.id, at, r.next, string(r.blocker), r.reason}
		}, false)
	}
	_, err := tx.exec(`insert into message_holds (message_id, at, until, blocker, reason)
		select u.id, $1, u.until, u.blocker, u.reason from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) as u (id, until, blocker, reason) on conflict do nothing`, at,
		column(fresh, func(r postponedRow) int64 { return r.id }), column(fresh, func(r postponedRow) *int64 { return r.next }),
		column(fresh, func(r postponedRow) string { return string(r.blocker) }), column(fresh, func(r postponedRow) string { return r.reason }))
	return err
}

// HoldsOf gives what the gate said of some messages while it held them, oldest first, at most 100 of each.
func (tx *Tx) HoldsOf(ids []ident.Message) (map[ident.Message][]MailHold, error) {
	holds := map[ident.Message][]MailHold{}
	_, err := collect(tx, func(rows oneRow) (h MailHold, err error) {
		var id ident.Message
		var at int64
		var until sql.NullInt64
		err = rows.Scan(&id, &at, &until, &h.Blocker, &h.Reason)
		h.At, h.Until = time.UnixMicro(at).UTC(), moment(until)
		if len(holds[id]) < maxHolds {
			holds[id] = append(holds[id], h)
		}
		return h, err
	}, `select message_id, at, until, blocker, reason from message_holds where `+tx.in("message_id", 1)+` order by message_id, at`, tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("list holds of messages: %w", err)
	}
	return holds, nil
}

// maxHolds bounds what is told of one message.
const maxHolds = 100

// dropHolds deletes what was said of the messages that a condition on messages m names.
func (tx *Tx) dropHolds(condition string, args ...any) error {
	_, err := tx.exec(`delete from message_holds where message_id in (select m.id from messages m where `+condition+`)`, args...)
	if err != nil {
		return fmt.Errorf("delete holds of messages: %w", err)
	}
	return nil
}
