package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

const mailboxColumns = `m.id, m.user_id, coalesce(u.name, ''), m.address, m.sender_name, m.host, m.port, m.security, m.username, m.secret,
	m.signature, m.paused, m.checked_at, m.check_error, m.rev, m.auth, m.aliases, m.imap_host, m.imap_port, m.imap_security, m.sent_folder,
	m.refresh_secret, m.grant_error, m.imap_check_error, m.read_at, m.read_error, coalesce(p.pause_reason, ''), coalesce(p.send_error, ''), p.send_again, p.unreached_since,
	m.copy_sent, m.copy_error`

const mailboxTables = ` from mailboxes m left join users u on u.id = m.user_id
	left join mailbox_paces p on p.mailbox_id = m.id `

func scanMailbox(row oneRow) (m Mailbox, err error) {
	var checked, read, again, lost sql.NullInt64
	var aliases string
	err = row.Scan(&m.ID, &m.User, &m.UserName, &m.Address, &m.SenderName, &m.Host, &m.Port, &m.Security, &m.Username, &m.Secret,
		&m.Signature, &m.Paused, &checked, &m.CheckError, &m.Rev, &m.Auth, &aliases, &m.IMAPHost, &m.IMAPPort, &m.IMAPSecurity, &m.SentFolder,
		&m.Grant, &m.GrantError, &m.IMAPCheckError, &read, &m.ReadError, &m.PauseReason, &m.SendError, &again, &lost,
		&m.CopySent, &m.CopyError)
	m.CheckedAt, m.ReadAt, m.SendAgain = moment(checked), moment(read), moment(again)
	if m.SendError != "" {
		m.UnreachedSince = moment(lost)
	}
	m.Aliases = strings.Fields(aliases)
	return m, err
}

// ListMailboxes lists every mailbox by its user's name.
func (tx *Tx) ListMailboxes() ([]Mailbox, error) {
	list, err := collect(tx, scanMailbox,
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

// LockAddresses lets one save of a mailbox at a time look whose its addresses are, because two that do not see each other could take the
// same one.
func (tx *Tx) LockAddresses() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select pg_advisory_xact_lock(8472061)`); err != nil {
		return fmt.Errorf("lock addresses: %w", err)
	}
	return nil
}

// InsertMailbox writes a user's first mailbox. A second one is a Conflict fault. One of an address that had a mailbox before goes on with its pace, and
// what waits for a mailbox is looked at again.
func (tx *Tx) InsertMailbox(m Mailbox) (Mailbox, error) {
	m = m.complete()
	id, err := tx.insert(`insert into mailboxes (user_id, address, sender_name, host, port, security, username, secret, signature, paused,
		check_error, rev, created_at, auth, aliases, imap_host, imap_port, imap_security, sent_folder, refresh_secret, grant_error, copy_sent)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) on conflict do nothing`,
		int64(m.User), m.Address, m.SenderName, m.Host, m.Port, string(m.Security), m.Username, m.Secret, m.Signature, m.Paused,
		m.CheckError, micros(tx.Now), string(m.Auth), strings.Join(m.Aliases, "\n"), m.IMAPHost, m.IMAPPort, string(m.IMAPSecurity), m.SentFolder,
		m.Grant, m.GrantError, string(m.CopySent))
	if err == sql.ErrNoRows {
		return Mailbox{}, fault.New(fault.Conflict, "This user has a mailbox already.").WithHint("Load it and change it.")
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("insert mailbox: %w", err)
	}
	m.ID, m.Rev = ident.Mailbox(id), 1
	tx.mail, tx.boxes = true, true
	if m.ID, err = tx.takePace(m); err != nil {
		return Mailbox{}, err
	}
	return m, tx.lookAgainOf(m.ID)
}

// UpdateMailbox writes a mailbox over revision m.Rev. A newer revision is a Stale fault. Mail that waits for the mailbox
// is looked at again, also where its server did not let it in: whoever saves it may have mended that, and what kept it from being read.
func (tx *Tx) UpdateMailbox(m Mailbox) (Mailbox, error) {
	m = m.complete()
	n, err := tx.exec(`update mailboxes set address = $1, sender_name = $2, host = $3, port = $4, security = $5, username = $6,
		secret = $7, signature = $8, paused = $9, checked_at = $10, check_error = $11, imap_check_error = $12, auth = $13, aliases = $14,
		imap_host = $15, imap_port = $16, imap_security = $17, sent_folder = $18, refresh_secret = $19, grant_error = $20, copy_sent = $21,
		copy_error = '', read_error = '', rev = rev + 1 where id = $22 and rev = $23`,
		m.Address, m.SenderName, m.Host, m.Port, string(m.Security), m.Username, m.Secret, m.Signature, m.Paused,
		micros(m.CheckedAt), m.CheckError, m.IMAPCheckError, string(m.Auth), strings.Join(m.Aliases, "\n"),
		m.IMAPHost, m.IMAPPort, string(m.IMAPSecurity), m.SentFolder, m.Grant, m.GrantError, string(m.CopySent), int64(m.ID), m.Rev)
	if err != nil {
		return Mailbox{}, fmt.Errorf("update mailbox: %w", err)
	}
	if n == 0 {
		return Mailbox{}, fault.New(fault.Stale, "Somebody else changed this mailbox meanwhile.").
			WithHint("Load it again, then repeat your change.")
	}
	m.Rev++
	tx.boxes = true
	m.SendError, m.SendAgain, m.UnreachedSince, m.CopyError, m.ReadError = "", time.Time{}, time.Time{}, "", ""
	if err := tx.settleCopies(m.ID, m.CopiesSent()); err != nil {
		return Mailbox{}, err
	}
	if err := tx.letIn(m.ID); err != nil {
		return Mailbox{}, err
	}
	return m, tx.lookAgainOf(m.ID)
}

// NoteMailboxCheck keeps the result of a test of revision m.Rev; it tells whether that is still the newest. The revision
// stays: a test changes nothing that a person edits. When sending works, what waited because it did not goes on. A m.ReadError that
// was taken away is gone; the reader tells of a new one.
func (tx *Tx) NoteMailboxCheck(m Mailbox) (bool, error) {
	set := "checked_at = $1, check_error = $2, imap_check_error = $3"
	if m.ReadError == "" {
		set += ", read_error = ''"
	}
	n, err := tx.exec(`update mailboxes set `+set+` where id = $4 and rev = $5`,
		micros(m.CheckedAt), m.CheckError, m.IMAPCheckError, int64(m.ID), m.Rev)
	if err != nil {
		return false, fmt.Errorf("note test of mailbox: %w", err)
	}
	tx.mail, tx.boxes = true, m.IMAPCheckError == ""
	if n == 1 && m.CheckError == "" {
		err = tx.letIn(m.ID)
	}
	if n == 1 && err == nil && m.IMAPCheckError == "" {
		err = tx.settleCopies(m.ID, m.CopiesSent())
	}
	return n == 1, err
}

// DeleteMailbox removes a user's mailbox. Mail that waits says so until there is another one.
func (tx *Tx) DeleteMailbox(user ident.User) error {
	if err := tx.leavePace(user); err != nil {
		return err
	}
	if _, err := tx.exec(`delete from sent_copies where mailbox_id in (select id from mailboxes where user_id = $1)`, int64(user)); err != nil {
		return fmt.Errorf("forget copies: %w", err)
	}
	n, err := tx.exec(`delete from mailboxes where user_id = $1`, int64(user))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "mailbox")
	}
	if err != nil {
		return fmt.Errorf("delete mailbox: %w", err)
	}
	tx.mail, tx.boxes = true, true
	return nil
}

// complete fills in what an older caller leaves out.
func (m Mailbox) complete() Mailbox {
	if m.Auth == "" {
		m.Auth = PasswordAuth
	}
	if m.IMAPSecurity == "" {
		m.IMAPSecurity = TLS
	}
	if m.IMAPPort == 0 {
		m.IMAPPort = 993
	}
	if m.CopySent == "" {
		m.CopySent = CopyAutomatic
	}
	return m
}

// GetMailbox gives a mailbox by its key.
func (tx *Tx) GetMailbox(id ident.Mailbox) (Mailbox, error) {
	m, err := scanMailbox(tx.row(`select `+mailboxColumns+mailboxTables+`where m.id = $1`, int64(id)))
	if err != nil {
		return Mailbox{}, fmt.Errorf("get mailbox: %w", missing(err, "mailbox"))
	}
	return m, nil
}

// lastSentRows bounds what LastSent reads, so that a large outbox costs no more than a small one.
const lastSentRows = 20_000

// LastSent gives when each mailbox sent last, as far as that is among the latest mails; the list of mailboxes asks.
func (tx *Tx) LastSent() (map[ident.Mailbox]time.Time, error) {
	type row struct {
		id ident.Mailbox
		at sql.NullInt64
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.at) },
		`select mailbox_id, max(sent_at) from (select mailbox_id, sent_at from messages where state = 4 order by id desc limit $1) latest
			where mailbox_id is not null group by mailbox_id`, lastSentRows)
	if err != nil {
		return nil, fmt.Errorf("find last mails: %w", err)
	}
	sent := map[ident.Mailbox]time.Time{}
	for _, r := range rows {
		sent[r.id] = moment(r.at)
	}
	return sent, nil
}
