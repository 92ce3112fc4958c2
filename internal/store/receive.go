package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

// FolderCursor says where the reading of a folder goes on. The zero value is a folder that was never read.
type FolderCursor struct {
	Folder string
	// Validity is the numbering that Next belongs to; another one on the server makes Next worthless.
	Validity uint32
	Next     uint32
	ReadAt   time.Time
}

// Arrival is a mail that was read from a folder.
type Arrival struct {
	UID     uint32
	In      message.Incoming
	Reading message.Reading
}

type readingPlace struct {
	folder        string
	validity, uid uint32
}

// FolderCursors gives where the reading of a mailbox's folders goes on, by their names.
func (db *DB) FolderCursors(ctx context.Context, box ident.Mailbox) (cursors map[string]FolderCursor, err error) {
	cursors = map[string]FolderCursor{}
	err = db.Read(ctx, func(tx *Tx) error {
		list, err := collect(tx, func(rows oneRow) (c FolderCursor, err error) {
			var read int64
			err = rows.Scan(&c.Folder, &c.Validity, &c.Next, &read)
			c.ReadAt = time.UnixMicro(read).UTC()
			return c, err
		}, `select folder, uid_validity, next_uid, read_at from read_folders where mailbox_id = $1`, int64(box))
		for _, c := range list {
			cursors[c.Folder] = c
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", err)
	}
	return cursors, nil
}

// MoveCursor says that a folder was read up to a place.
func (db *DB) MoveCursor(ctx context.Context, box ident.Mailbox, c FolderCursor) error {
	return db.Write(ctx, func(tx *Tx) error { return tx.moveCursor(box, c) })
}

func (tx *Tx) moveCursor(box ident.Mailbox, c FolderCursor) error {
	_, err := tx.exec(`insert into read_folders (mailbox_id, folder, uid_validity, next_uid, read_at) values ($1, $2, $3, $4, $5)
		on conflict (mailbox_id, folder) do update set uid_validity = excluded.uid_validity, next_uid = excluded.next_uid, read_at = excluded.read_at`,
		int64(box), c.Folder, int64(c.Validity), int64(c.Next), tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("move cursor: %w", err)
	}
	return nil
}

// Receive takes in one mail and moves the folder's cursor, in one transaction. What it means to enrollments is said to them
// there, too. It gives what the mail turned out to be: Unrelated for what is not kept. A mail that was taken in before, in
// this place or under this Message-ID, changes nothing.
func (db *DB) Receive(ctx context.Context, box Mailbox, c FolderCursor, a Arrival) (class message.Class, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		class = message.Unrelated
		v, m, ok, err := tx.belongs(box, a)
		if err != nil {
			return err
		}
		if ok {
			if v.ID, ok, err = tx.insertReceived(readingPlace{c.Folder, c.Validity, a.UID}, v); err != nil {
				return err
			}
		}
		if ok {
			class = v.Class
			if err := tx.learn(v, m); err != nil {
				return err
			}
		}
		return tx.moveCursor(box.ID, c)
	})
	if err != nil {
		return message.Unrelated, fmt.Errorf("receive mail: %w", err)
	}
	return class, nil
}

// belongs finds the message that a mail is about, and makes what is kept of it.
func (tx *Tx) belongs(box Mailbox, a Arrival) (v Received, m Message, ok bool, err error) {
	if a.Reading.Class == message.Unrelated {
		return v, m, false, nil
	}
	byPerson := a.Reading.Class == message.HumanReply || a.Reading.Class == message.AutomaticReply
	if byPerson {
		own, err := tx.ownAddress(a.In.From.Email)
		if err != nil || own {
			return v, m, false, err
		}
	}
	m, ok, err = tx.original(box, a.Reading.Originals)
	if err == nil && !ok {
		m, ok, err = tx.byThread(box, a)
	}
	if err != nil || !ok {
		return v, m, false, err
	}
	if byPerson && insider(a.In.From.Email, box.Address, m.Recipient) {
		return v, m, false, nil
	}
	v = Received{
		Mailbox: box.ID, User: box.User, Class: a.Reading.Class, Message: m.ID, Record: m.Record, Enrollment: m.Enrollment,
		SenderName: a.In.From.Name, Sender: a.In.From.Email, Subject: a.In.Subject, Text: a.In.Text, HTML: message.SanitizeHTML(a.In.HTML),
		ReturnsAt: a.Reading.Returns, Truncated: a.In.Truncated, RFCID: a.In.MessageID, WrittenAt: a.In.Date,
	}
	if byPerson {
		v.Colleague = message.ByColleague(a.In.From, m.Recipient, m.RecordName)
	}
	for _, f := range a.In.Attachments {
		if byPerson && !strings.HasPrefix(f.Type, "message/") { // the parts of a report are no files
			v.Files = append(v.Files, f.Name)
		}
	}
	v.settleClass(a.Reading, m)
	if v.Enrollment == 0 && m.Activity != 0 {
		err := tx.row(`select coalesce(enrollment_id, 0) from activities where id = $1`, int64(m.Activity)).Scan(&v.Enrollment)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return v, m, false, fmt.Errorf("find enrollment of answer: %w", err)
		}
	}
	ok, err = tx.newToRecord(v)
	return v, m, ok, err
}

// insider tells that a mail comes from somebody of our own house who is no user: of the mailbox's domain, which is not the
// customer's.
func insider(from, own, customer string) bool {
	domain := message.DomainOf(from)
	return domain == message.DomainOf(own) && domain != message.DomainOf(customer) && !message.FreeMail(domain)
}

// settleClass judges a bounce by the recipient of the message alone: that a copy's address is wrong says nothing of the
// customer.
func (v *Received) settleClass(r message.Reading, m Message) {
	var mine *message.Failure
	for i, f := range r.Failures {
		if strings.EqualFold(f.Address, m.Recipient) {
			mine = &r.Failures[i]
			break
		}
	}
	if mine == nil && len(r.Failures) > 0 {
		mine = &r.Failures[0]
		copied := strings.Contains(strings.ToLower(m.CC+","+m.BCC), strings.ToLower(mine.Address))
		if v.Class == message.HardBounce && mine.Address != "" && copied {
			v.Class = message.SoftBounce
		}
	} else if v.Class == message.HardBounce && mine != nil && !mine.Hard {
		v.Class = message.SoftBounce
	}
	if mine != nil {
		v.Detail = mine.Detail
	}
}

// newToRecord tells whether the record has not got this mail yet: a reply to two colleagues of ours is one reply.
func (tx *Tx) newToRecord(v Received) (bool, error) {
	var n int
	err := tx.row(`select count(*) from received where record_id = $1 and rfc_id = $2 and sender = $3`, int64(v.Record), v.RFCID, v.Sender).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for received mail: %w", err)
	}
	return n == 0, nil
}

// ownAddress tells whether an address is one of ours: of a mailbox, an alias or a user. Own mail is never a reply.
func (tx *Tx) ownAddress(address string) (bool, error) {
	address = message.AddressKey(address)
	var users int
	if err := tx.row(`select count(*) from users where lower(email) = $1`, address).Scan(&users); err != nil || users > 0 {
		return users > 0, err
	}
	boxes, err := tx.ListMailboxes()
	if err != nil {
		return false, err
	}
	for _, b := range boxes {
		for _, own := range b.Addresses() {
			if message.AddressKey(own) == address {
				return true, nil
			}
		}
	}
	return false, nil
}

// original finds the first message of ours among ids. One of a sequence's step names its enrollment, as nameMessages made it:
// PostgreSQL's index of ids does not hold those, and SQLite's holds all.
func (tx *Tx) original(box Mailbox, ids []string) (Message, bool, error) {
	var candidates []string
	var enrollments []ident.Enrollment
	for _, id := range ids {
		token, own := message.TokenOf(id)
		if !own {
			continue // every id that we give is ours by its form
		}
		candidates = append(candidates, id)
		name, _, _ := strings.Cut(token, ".")
		var e ident.Enrollment
		if e.UnmarshalText([]byte(name)) == nil {
			enrollments = append(enrollments, e)
		}
		// Some relays write another domain behind the @.
		if mended := message.NewMessageID(token, message.DomainOf(box.Address)); mended != id {
			candidates = append(candidates, mended)
		}
	}
	if len(candidates) == 0 {
		return Message{}, false, nil
	}
	const ours = `where m.channel = 1 and not m.test and m.record_id <> 0 and `
	split, unnamed := tx.db.dialect == postgresDialect, ""
	if split {
		unnamed = "m.enrollment_id is null and "
	}
	list, err := tx.messages("find original", ours+unnamed+tx.inTexts("m.rfc_id", 1), tx.texts(candidates))
	if err != nil {
		return Message{}, false, err
	}
	if split && len(enrollments) > 0 {
		more, err := tx.messages("find original", ours+tx.in("m.enrollment_id", 1), tx.list(enrollments))
		if err != nil {
			return Message{}, false, err
		}
		list = append(list, more...)
	}
	for _, id := range candidates {
		for _, m := range list {
			if m.RFCID == id {
				return m, true, nil
			}
		}
	}
	return Message{}, false, nil
}

// threadAge is how old a mail may be that is answered without being named, bounceAge the same for one that came back.
const (
	threadAge = 60 * 24 * time.Hour
	bounceAge = 7 * 24 * time.Hour
)

// byThread finds the message that a mail is about which names none: it has the subject of a mail that went from this mailbox
// to its sender or a colleague in the same conversation; or it is a bounce of the address that was mailed last.
func (tx *Tx) byThread(box Mailbox, a Arrival) (Message, bool, error) {
	bounced := a.Reading.Class != message.HumanReply && a.Reading.Class != message.AutomaticReply
	var addresses []string
	age, subject := threadAge, message.ThreadSubject(a.In.Subject)
	if bounced {
		age = bounceAge
		for _, f := range a.Reading.Failures {
			addresses = append(addresses, f.Address)
		}
	} else {
		if subject == "" {
			return Message{}, false, nil
		}
		addresses = append(addresses, a.In.From.Email)
		for _, list := range [][]message.Address{a.In.ReplyTo, a.In.CC, a.In.To} {
			for _, to := range list[:min(len(list), 20)] {
				addresses = append(addresses, to.Email)
			}
		}
	}
	records, err := tx.recordsMailed(addresses)
	if err != nil || len(records) == 0 {
		return Message{}, false, err
	}
	list, err := tx.messages("find thread", `where `+tx.in("m.record_id", 1)+` and m.user_id = $2 and m.state = 4 and m.channel = 1 and not m.test
		and m.sent_at >= $3 order by m.id desc limit 200`, tx.list(records), int64(box.User), tx.Now.Add(-age).UnixMicro())
	if err != nil {
		return Message{}, false, err
	}
	domain := message.DomainOf(a.In.From.Email)
	for _, m := range list {
		switch {
		case bounced && slices.ContainsFunc(addresses, func(s string) bool { return s != "" && strings.EqualFold(s, m.Recipient) }):
			return m, true, nil
		case bounced || message.ThreadSubject(m.Subject) != subject:
		case strings.EqualFold(a.In.From.Email, m.Recipient), domain == message.DomainOf(m.Recipient) && !message.FreeMail(domain):
			return m, true, nil
		}
	}
	return Message{}, false, nil
}

// recordsMailed gives the records that have, or had, one of these addresses.
func (tx *Tx) recordsMailed(addresses []string) ([]ident.Record, error) {
	var lower []string
	for _, a := range addresses {
		if a != "" {
			lower = append(lower, strings.ToLower(a))
		}
	}
	if len(lower) == 0 {
		return nil, nil
	}
	var kinds []string
	for _, k := range record.Kinds() {
		kinds = append(kinds, string(k))
	}
	list, err := collect(tx, func(rows oneRow) (id ident.Record, err error) { return id, rows.Scan(&id) },
		`select id from records where email <> '' and `+tx.inTexts("kind", 1)+` and `+tx.inTexts("email", 2)+`
		union select record_id from former_addresses where `+tx.inTexts("email", 2)+` order by 1 limit 100`, tx.texts(kinds), tx.texts(lower))
	if err != nil {
		return nil, fmt.Errorf("find mailed records: %w", err)
	}
	return list, nil
}

// UnknownMail gives the emails of a user whose fate is unknown, oldest first, those after one; 0 for the first of them.
func (db *DB) UnknownMail(ctx context.Context, user ident.User, after ident.Message, limit int) (list []Message, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		list, err = tx.messages("list unknown mail", `where m.state = 7 and m.channel = 1 and m.user_id = $1 and m.id > $2 order by m.id limit $3`, int64(user), int64(after), limit)
		return err
	})
	return list, err
}

// SettleSent says that an email whose fate was unknown was found among the sent mail of its mailbox. It tells whether that
// was still wanted.
func (db *DB) SettleSent(ctx context.Context, id ident.Message, where string) (settled bool, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		settled = false
		m, err := tx.LockMessage(id)
		if fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		if err != nil || m.State != MessageUnknown {
			return err
		}
		settled = true
		if err := tx.MarkSent(m); err != nil {
			return err
		}
		return tx.Audit(0, "settle as sent", "message", int64(id), "found in "+where)
	})
	if err != nil {
		return false, fmt.Errorf("settle message: %w", err)
	}
	return settled, nil
}
