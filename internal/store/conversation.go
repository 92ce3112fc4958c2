package store

import (
	"slices"

	"cadenza/internal/ident"
)

// Earlier is a mail that an enrollment has sent before.
type Earlier struct {
	RFCID, Subject string
	mailbox        ident.Mailbox
}

// conversations finds what the enrollments of the list have sent before: it makes a follow-up of a mail, ties it to the
// mailbox of the first one, and is the thread that it goes into.
func (tx *Tx) conversations(list []*MailCandidate) error {
	var records []ident.Record
	for _, c := range list {
		if c.waits != 0 && c.Message.Token.Visit != 1 {
			records = append(records, c.Message.Record)
		}
	}
	if len(records) == 0 {
		return nil
	}
	earlier := map[ident.Enrollment][]Earlier{}
	rows, err := tx.query(`select coalesce(m.enrollment_id, a.enrollment_id), m.rfc_id, m.subject, coalesce(m.mailbox_id, 0) from messages m
		left join activities a on a.id = m.activity_id
		where `+tx.in("m.record_id", 1)+` and m.state = 4 and m.channel = 1 and not m.test
		and coalesce(m.enrollment_id, a.enrollment_id) is not null order by m.id`, tx.list(records))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id ident.Enrollment
		var e Earlier
		if err := rows.Scan(&id, &e.RFCID, &e.Subject, &e.mailbox); err != nil {
			return err
		}
		earlier[id] = append(earlier[id], e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return tx.keepMailboxes(list, earlier)
}

// keepMailboxes has follow-ups go through the mailbox of the first mail, whoever is responsible now.
func (tx *Tx) keepMailboxes(list []*MailCandidate, earlier map[ident.Enrollment][]Earlier) error {
	var others []int64
	for i := range list {
		c := list[i]
		before := earlier[c.waits]
		if c.waits == 0 || len(before) == 0 {
			continue
		}
		c.Pacing.FollowUp = true
		if c.Message.Thread {
			c.Pacing.Thread = before
		}
		if first := before[0].mailbox; first != 0 && c.Message.Activity == 0 && first != c.Mailbox.ID {
			c.Pacing.fixed, c.Pacing.MailboxGone = first, true
			others = append(others, int64(first))
		}
	}
	if len(others) == 0 {
		return nil
	}
	slices.Sort(others)
	boxes, err := collect(tx, scanMailbox,
		`select `+mailboxColumns+mailboxTables+`where `+tx.in("m.id", 1), tx.list(slices.Compact(others)))
	for i := range list {
		c := list[i]
		if !c.Pacing.MailboxGone {
			continue
		}
		c.Mailbox = Mailbox{}
		for _, b := range boxes {
			if b.ID == c.Pacing.fixed {
				c.Mailbox, c.Pacing.MailboxGone = b, false
				c.User = User{ID: b.User, Name: b.UserName, Email: b.Address}
			}
		}
	}
	return err
}
