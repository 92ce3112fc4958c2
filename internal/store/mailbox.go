package store

import (
	"database/sql"
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

const mailboxColumns = `m.id, m.user_id, coalesce(u.name, ''), m.address, m.sender_name, m.host, m.port, m.security, m.username, m.secret,
	m.signature, m.paused, m.checked_at, m.check_error, m.rev`

const mailboxTables = ` from mailboxes m left join users u on u.id = m.user_id `

func scanMailbox(row interface{ Scan(...any) error }) (m Mailbox, err error) {
	var checked sql.NullInt64
	err = row.Scan(&m.ID, &m.User, &m.UserName, &m.Address, &m.SenderName, &m.Host, &m.Port, &m.Security, &m.Username, &m.Secret,
		&m.Signature, &m.Paused, &checked, &m.CheckError, &m.Rev)
	m.CheckedAt = moment(checked)
	return m, err
}

// ListMailboxes lists every mailbox by its user's name.
func (tx *Tx) ListMailboxes() ([]Mailbox, error) {
	list, err := collect(tx, func(rows *sql.Rows) (Mailbox, error) { return scanMailbox(rows) },
		`select `+mailboxColumns+mailboxTables+`order by lower(u.name), m.id`)
	if err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	return list, nil
}

// MailboxOf gives a user's mailbox.
func (tx *Tx) MailboxOf(user ident.User) (Mailbox, error) {
	m, err := scanMailbox(tx.row(`select `+mailboxColumns+mailboxTables+`where m.user_id = $1`, int64(user)))
	if err != nil {
		return Mailbox{}, fmt.Errorf("get mailbox: %w", missing(err, "mailbox"))
	}
	return m, nil
}

// InsertMailbox writes a user's first mailbox. A second one is a Conflict fault.
func (tx *Tx) InsertMailbox(m Mailbox) (Mailbox, error) {
	id, err := tx.insert(`insert into mailboxes (user_id, address, sender_name, host, port, security, username, secret, signature, paused,
		check_error, rev, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12) on conflict do nothing`,
		int64(m.User), m.Address, m.SenderName, m.Host, m.Port, string(m.Security), m.Username, m.Secret, m.Signature, m.Paused,
		m.CheckError, micros(tx.Now))
	if err == sql.ErrNoRows {
		return Mailbox{}, fault.New(fault.Conflict, "This user has a mailbox already.").WithHint("Load it and change it.")
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("insert mailbox: %w", err)
	}
	m.ID, m.Rev = ident.Mailbox(id), 1
	tx.mail = true
	return m, nil
}

// UpdateMailbox writes a mailbox over revision m.Rev. A newer revision is a Stale fault. Mail that waits for the mailbox
// is looked at again.
func (tx *Tx) UpdateMailbox(m Mailbox) (Mailbox, error) {
	n, err := tx.exec(`update mailboxes set address = $1, sender_name = $2, host = $3, port = $4, security = $5, username = $6,
		secret = $7, signature = $8, paused = $9, checked_at = $10, check_error = $11, rev = rev + 1 where id = $12 and rev = $13`,
		m.Address, m.SenderName, m.Host, m.Port, string(m.Security), m.Username, m.Secret, m.Signature, m.Paused,
		micros(m.CheckedAt), m.CheckError, int64(m.ID), m.Rev)
	if err != nil {
		return Mailbox{}, fmt.Errorf("update mailbox: %w", err)
	}
	if n == 0 {
		return Mailbox{}, fault.New(fault.Stale, "Somebody else changed this mailbox meanwhile.").
			WithHint("Load it again, then repeat your change.")
	}
	m.Rev++
	tx.mail = true
	return m, nil
}

// NoteMailboxCheck keeps the result of a test of revision m.Rev; it tells whether that is still the newest. The revision
// stays: a test changes nothing that a person edits.
func (tx *Tx) NoteMailboxCheck(m Mailbox) (bool, error) {
	n, err := tx.exec(`update mailboxes set checked_at = $1, check_error = $2 where id = $3 and rev = $4`,
		micros(m.CheckedAt), m.CheckError, int64(m.ID), m.Rev)
	if err != nil {
		return false, fmt.Errorf("note test of mailbox: %w", err)
	}
	tx.mail = true
	return n == 1, nil
}

// DeleteMailbox removes a user's mailbox. Mail that waits for it says so until there is another one.
func (tx *Tx) DeleteMailbox(user ident.User) error {
	n, err := tx.exec(`delete from mailboxes where user_id = $1`, int64(user))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "mailbox")
	}
	if err != nil {
		return fmt.Errorf("delete mailbox: %w", err)
	}
	tx.mail = true
	return nil
}
