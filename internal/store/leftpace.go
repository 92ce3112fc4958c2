package store

import (
	"database/sql"
	"errors"
	"fmt"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// The pace of a mailbox outlives it: whoever deletes a mailbox and makes it again has sent what was sent, and has suffered what came back
// (docs/adr/0069).

// leavePace notes whose pace that of a user's mailbox was. What waits for it goes on waiting, also what no gate has seen yet: a message that has never
// waited fails without a mailbox, so that a person hears of it.
func (tx *Tx) leavePace(user ident.User) error {
	var id ident.Mailbox
	var address string
	err := tx.row(`select id, address from mailboxes where user_id = $1`, int64(user)).Scan(&id, &address)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read address of mailbox: %w", err)
	}
	if _, err := tx.exec(`update mailbox_paces set opens_at = null, deleted_at = $2, user_id = $1, address = $3 where mailbox_id = $4`,
		int64(user), tx.Now.UnixMicro(), message.AddressKey(address), int64(id)); err != nil {
		return fmt.Errorf("leave pace of mailbox: %w", err)
	}
	if _, err := tx.exec(`update messages set turn = 0 where state = 1 and turn > 0 and mailbox_id = (select id from mailboxes where user_id = $1)`,
		int64(user)); err != nil {
		return fmt.Errorf("end turns at mailbox: %w", err)
	}
	if _, err := tx.exec(`update messages set blocker = $2 where state = 1 and channel = 1 and user_id = $1 and blocker = '' and scheduled_at is null`,
		int64(user), string(BlockNoBox)); err != nil {
		return fmt.Errorf("keep mail of mailbox: %w", err)
	}
	return tx.lookAgain(`channel = 1 and (user_id = $2 or mailbox_id = (select id from mailboxes where user_id = $2))`, int64(user))
}

// takePace gives a new mailbox the pace that the last one of its address has left, as if nobody had paused it, and a row of its own where there was none.
// A user's own is the same mailbox again and gets its key back: conversations and what comes back go by it.
func (tx *Tx) takePace(m Mailbox) (ident.Mailbox, error) {
	var left ident.Mailbox
	var user ident.User
	forms := keyForms([]string{message.AddressKey(m.Address)}) // a node of an older version leaves either
	err := tx.row(`select mailbox_id, coalesce(user_id, 0) from mailbox_paces where `+tx.inTexts("address", 1)+` and address <> '' order by deleted_at desc limit 1`,
		tx.texts(forms)).Scan(&left, &user)
	if errors.Is(err, sql.ErrNoRows) {
		return m.ID, tx.beginPace(m.ID)
	}
	if err != nil {
		return 0, fmt.Errorf("find pace of address: %w", err)
	}
	id := m.ID
	if user == m.User {
		id = left
		if _, err := tx.exec(`update mailboxes set id = $1 where id = $2`, int64(id), int64(m.ID)); err != nil {
			return 0, fmt.Errorf("give mailbox its key back: %w", err)
		}
	}
	if _, err := tx.exec(`update mailbox_paces set mailbox_id = $1, address = '', user_id = null, deleted_at = null, paused_by = null, paused_at = null,
		pause_reason = '', send_error = '', send_again = null, unreached_since = null where mailbox_id = $2`, int64(id), int64(left)); err != nil {
		return 0, fmt.Errorf("take pace of address: %w", err)
	}
	return id, nil
}
