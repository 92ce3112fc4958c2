package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/ident"
)

// SentCopy says whether Cadenza copies what a mailbox has sent into its folder of sent mail (ADR 0028).
type SentCopy string

// The choices. CopyAutomatic leaves it to the provider where that is known to keep a copy itself.
const (
	CopyAutomatic SentCopy = "automatic"
	CopyAlways    SentCopy = "always"
	CopyNever     SentCopy = "never"
)

// SentCopies lists the choices.
func SentCopies() []SentCopy { return []SentCopy{CopyAutomatic, CopyAlways, CopyNever} }

// keepers are the SMTP servers that put what they send into the account's folder of sent mail themselves.
var keepers = []string{"smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com", "outlook.office365.com", "smtp.outlook.com", "smtp.live.com"}

// CopiesSent tells whether what the mailbox sends is to be copied. Only one that is read can be written into.
func (m Mailbox) CopiesSent() bool {
	switch {
	case !m.Reads() || m.CopySent == CopyNever:
		return false
	case m.CopySent == CopyAlways:
		return true
	}
	host := strings.ToLower(strings.TrimSuffix(m.Host, "."))
	return !m.Auth.OAuth() && !slices.Contains(keepers, host)
}

const (
	// copyLease is how long a claimed copy is left alone by all others. Whoever claims it has to be done, or to have closed its
	// connection, within that.
	copyLease = 15 * time.Minute
	// keepOwed is how long a copy is tried; after that nobody misses it.
	keepOwed = 14 * 24 * time.Hour
)

// CopyResult is how the making of a copy ended.
type CopyResult struct {
	Message ident.Message
	// Trouble is why there is no copy; "" when there is one. Final tells that none can ever be made.
	Trouble string
	Final   bool
}

// oweCopies notes the copies that are to be made of messages which were sent just now, through boxes.
func (tx *Tx) oweCopies(sent []ident.Message, boxes []ident.Mailbox) error {
	if len(boxes) == 0 {
		return nil
	}
	slices.Sort(boxes)
	list, err := collect(tx, func(rows oneRow) (m Mailbox, err error) {
		return m, rows.Scan(&m.ID, &m.Auth, &m.Host, &m.IMAPHost, &m.CopySent)
	}, `select id, auth, host, imap_host, copy_sent from mailboxes where imap_host <> '' and copy_sent <> 'never' and `+tx.in("id", 1), tx.list(slices.Compact(boxes)))
	if err != nil {
		return fmt.Errorf("find who copies: %w", err)
	}
	list = slices.DeleteFunc(list, func(m Mailbox) bool { return !m.CopiesSent() })
	if len(list) == 0 {
		return nil
	}
	var wanted []ident.Mailbox
	for _, m := range list {
		wanted = append(wanted, m.ID)
	}
	_, err = tx.exec(`insert into sent_copies (message_id, mailbox_id, tries, due_at, owed_at)
		select id, mailbox_id, 0, cast($3 as bigint), cast($3 as bigint) from messages where channel = 1 and `+tx.in("id", 1)+` and `+tx.in("mailbox_id", 2)+` on conflict do nothing`,
		tx.list(sent), tx.list(wanted), tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("owe copies: %w", err)
	}
	return nil
}

// CopyMailboxes gives the mailboxes that have copies to be made now.
func (db *DB) CopyMailboxes(ctx context.Context) (list []Mailbox, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		list, err = collect(tx, scanMailbox,
			`select `+mailboxColumns+mailboxTables+`where m.id in (select mailbox_id from sent_copies where due_at <= $1) order by m.id`, tx.Now.UnixMicro())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find copies to make: %w", err)
	}
	return list, nil
}

// ClaimCopies takes up to limit messages of a mailbox whose copies are owed, oldest first, with all that their bytes are made
// of. Nobody else makes them within copyLease.
func (db *DB) ClaimCopies(ctx context.Context, box Mailbox, limit int) (list []*MailCandidate, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		list = nil
		ids, err := collect(tx, func(rows oneRow) (id ident.Message, err error) { return id, rows.Scan(&id) },
			`update sent_copies set due_at = $2 where message_id in (select message_id from sent_copies
				where mailbox_id = $3 and due_at <= $1 order by message_id limit $4`+tx.db.dialect.skipLocked()+`) returning message_id`,
			tx.Now.UnixMicro(), tx.Now.Add(copyLease).UnixMicro(), int64(box.ID), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		list, err = tx.sentCandidates(ids, box)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim copies: %w", err)
	}
	return list, nil
}

// sentCandidates reads messages that were sent as they were when they were claimed for sending, so that they are built the
// same.
func (tx *Tx) sentCandidates(ids []ident.Message, box Mailbox) ([]*MailCandidate, error) {
	list, err := collect(tx, scanCandidate, candidateQuery+` where `+tx.in("m.id", 1)+` order by m.id`, tx.list(ids))
	if err != nil {
		return nil, err
	}
	for _, lookUp := range []func([]*MailCandidate) error{
		tx.onBehalf, tx.sending, tx.naming, tx.templating, tx.following, tx.accompany, tx.conversations, tx.answering, through(box), tx.signing,
	} {
		if err := lookUp(list); err != nil {
			return nil, err
		}
	}
	for _, c := range list {
		// What its conversation has sent by now is more than stood before it.
		own := func(e Earlier) bool { return e.RFCID == c.Message.RFCID }
		if at := slices.IndexFunc(c.Pacing.Thread, own); at >= 0 {
			c.Pacing.Thread = c.Pacing.Thread[:at]
		}
	}
	return list, nil
}

// through gives each candidate the mailbox through which it went.
func through(box Mailbox) func([]*MailCandidate) error {
	return func(list []*MailCandidate) error {
		for _, c := range list {
			c.Mailbox = box
		}
		return nil
	}
}

// copyPauses gives how many minutes a copy waits after a failed try.
const copyPauses = `case tries when 0 then 1 when 1 then 5 when 2 then 15 else 60 end`

// FinishCopies writes how the making of copies ended. What failed is tried again, ever later. The trouble stands on the
// mailbox until a copy is made without any.
func (db *DB) FinishCopies(ctx context.Context, box ident.Mailbox, results []CopyResult) error {
	trouble := ""
	var over, again []ident.Message
	for _, r := range results {
		if r.Trouble == "" || r.Final {
			over = append(over, r.Message)
		} else {
			again = append(again, r.Message)
		}
		if r.Trouble != "" {
			trouble = r.Trouble
		}
	}
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`delete from sent_copies where `+tx.in("message_id", 1), tx.list(over)); err != nil {
			return err
		}
		if _, err := tx.exec(`update sent_copies set tries = tries + 1, due_at = cast($2 as bigint) + `+copyPauses+` * 60000000
			where `+tx.in("message_id", 1), tx.list(again), tx.Now.UnixMicro()); err != nil {
			return err
		}
		_, err := tx.exec(`update mailboxes set copy_error = $1 where id = $2 and copy_error <> $1`, clip(trouble), int64(box))
		return err
	})
	if err != nil {
		return fmt.Errorf("finish copies: %w", err)
	}
	return nil
}

// CopiesOwed counts the messages of a mailbox that wait for their copy.
func (tx *Tx) CopiesOwed(box ident.Mailbox) (n int, err error) {
	if err := tx.row(`select count(*) from sent_copies where mailbox_id = $1`, int64(box)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count owed copies: %w", err)
	}
	return n, nil
}

// settleCopies has the copies of a mailbox tried at once, because somebody may have mended what kept them back; or forgets them
// where none are wanted any more.
func (tx *Tx) settleCopies(box ident.Mailbox, wanted bool) error {
	query, args := `update sent_copies set due_at = $2, tries = 0 where mailbox_id = $1 and tries > 0`, []any{int64(box), tx.Now.UnixMicro()}
	if !wanted {
		query, args = `delete from sent_copies where mailbox_id = $1`, args[:1]
	}
	if _, err := tx.exec(query, args...); err != nil {
		return fmt.Errorf("settle copies: %w", err)
	}
	return nil
}

// tidyCopies gives up copies that could not be made for long.
func (tx *Tx) tidyCopies() error {
	if _, err := tx.exec(`delete from sent_copies where owed_at < $1`, tx.Now.Add(-keepOwed).UnixMicro()); err != nil {
		return fmt.Errorf("give up copies: %w", err)
	}
	return nil
}
