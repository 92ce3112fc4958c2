package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/pace"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// ReplyFacts are what is known of a customer's reply.
type ReplyFacts struct {
	// Message is the message of ours that it answers. Zero where nobody knows: then Record says whose reply it is.
	Message ident.Message
	Record  ident.Record
	// Colleague tells that somebody else of the customer's wrote it than was written to.
	Colleague bool
	// At is when it was written; zero for now.
	At time.Time
	// By is the user who reported it; zero where the mailbox was read, and Mail is what was read.
	By   ident.User
	Mail ident.Received
}

// RecordReply says that a customer replied: the step's email is answered, and every enrollment of the record learns of it,
// those of other sequences as of another's reply. That of the answered mail learns of it when it is over, too, and a mail of no enrollment has its
// sender answer. Said again it changes nothing.
func (tx *Tx) RecordReply(f ReplyFacts) error {
	a, err := tx.answered(f.Message)
	if err != nil {
		return err
	}
	if a.record == 0 {
		a.record = f.Record
	}
	if a.enrollment != 0 && a.step != "" {
		if _, err := tx.engage(Engagement{Enrollment: a.enrollment, Step: a.step, Result: step.Answered, At: f.At}); err != nil {
			return err
		}
	}
	ids, err := tx.liveOf([]ident.Record{a.record})
	if err != nil {
		return err
	}
	read := f.Mail != 0 && f.By == 0
	if read && a.enrollment != 0 && !slices.Contains(ids, a.enrollment) { // it is over
		ids = append(ids, a.enrollment)
	}
	events := make([]SignalledEvent, len(ids))
	for i, id := range ids {
		// Without a message of ours nobody knows which sequence it answers, so it answers each.
		other := f.Message != 0 && id != a.enrollment
		events[i] = SignalledEvent{Enrollment: id, Event: step.Replied{By: f.By, Colleague: f.Colleague, Other: other, Owner: a.owner, Mail: f.Mail}}
	}
	if err := tx.Signal(events...); err != nil {
		return err
	}
	if read && a.enrollment == 0 {
		if err := tx.leaveByHand(f, a); err != nil {
			return fmt.Errorf("have reply answered: %w", err)
		}
	}
	return tx.tellOfReply(f, a)
}

// tellOfReply tells who wrote the message that was answered, and who owns its record or follows it.
func (tx *Tx) tellOfReply(f ReplyFacts, a answeredMessage) error {
	cause := fmt.Sprintf("v%d", f.Mail)
	if f.Mail == 0 {
		cause = fmt.Sprintf("m%d/%d", f.Message, a.record)
	}
	return tx.tellOfRecord(news{kind: NotifyReply, by: f.By}, a.record, a.owner, cause, int64(f.Mail))
}

// answeredMessage is whose message is answered.
type answeredMessage struct {
	record     ident.Record
	enrollment ident.Enrollment
	step       string
	owner      ident.User
}

// answered gives whose message it is: of a step, of the activity in which a person wrote it, or of neither.
func (tx *Tx) answered(id ident.Message) (a answeredMessage, err error) {
	if id == 0 {
		return a, nil
	}
	err = tx.row(`select m.record_id, coalesce(m.enrollment_id, a.enrollment_id, 0), coalesce(nullif(m.step, ''), a.step, ''), coalesce(m.user_id, 0)
		from messages m left join activities a on a.id = m.activity_id where m.id = $1`, int64(id)).Scan(&a.record, &a.enrollment, &a.step, &a.owner)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	if err != nil {
		return a, fmt.Errorf("find answered message: %w", err)
	}
	return a, nil
}

// BounceFacts are what is known of a mail that came back for good.
type BounceFacts struct {
	// Message is the message of ours that came back; zero where nobody knows.
	Message ident.Message
	// Addresses are those that take no mail; none for the message's recipient.
	Addresses []string
	// Detail is what the server said, for people.
	Detail string
}

// RecordBounce says that addresses take no mail: they are suppressed, and the enrollments of all records with one of them
// learn of it. A soft bounce is none. Said again it changes nothing.
func (tx *Tx) RecordBounce(f BounceFacts) error {
	addresses := f.Addresses
	rec, to, err := tx.recipientOf(f.Message)
	if err != nil {
		return err
	}
	if len(addresses) == 0 {
		addresses = []string{to}
	}
	var list []Suppression
	for _, given := range addresses {
		if address, channel, ok := SuppressionKey(given); ok && channel == message.EmailChannel {
			list = append(list, Suppression{Channel: channel, Address: address, Source: FromBounce, Note: f.Detail, Record: rec, Message: f.Message})
		}
	}
	if err := tx.suppressAndTell(list, func(Suppression) step.Event { return step.Bounced{Detail: f.Detail} }); err != nil {
		return err
	}
	if err := tx.harmed(f.Message, pace.Bounced); err != nil || f.Message == 0 {
		return err
	}
	return tx.tellOfMessages(news{kind: NotifyBounce, detail: f.Detail}, f.Message)
}

// OptOutFacts are what is known of a customer's wish to get no more messages, or of whoever says so for them.
type OptOutFacts struct {
	// Message is the message of ours that it belongs to; zero for none. Record is whose wish it is, if that is known.
	Message ident.Message
	Record  ident.Record
	// Address is an email address, a domain or a phone number; empty for the message's recipient.
	Address string
	Source  SuppressionSource
	Note    string
	By      ident.User
}

// RecordOptOut suppresses an address, and the enrollments of all records with it learn of it; those of a domain's addresses
// notice when they are about to write. Said again it changes nothing. added tells that the address was not on the list.
func (tx *Tx) RecordOptOut(f OptOutFacts) (added bool, err error) {
	rec, to, err := tx.recipientOf(f.Message)
	if err != nil {
		return false, err
	}
	if rec == 0 {
		rec = f.Record
	}
	if f.Address == "" {
		f.Address = to
	}
	address, channel, ok := SuppressionKey(f.Address)
	if !ok {
		return false, nil
	}
	s := Suppression{Channel: channel, Address: address, Source: f.Source, Note: f.Note, Record: rec, Message: f.Message, By: f.By}
	before, err := tx.Suppressed([]string{f.Address})
	if err != nil {
		return false, err
	}
	had, known := before[f.Address]
	return !known || had.Address != address, tx.suppressAndTell([]Suppression{s}, func(s Suppression) step.Event { return s.event(f.Source) })
}

// suppressAndTell suppresses addresses and has the enrollments of the records with them learn why.
func (tx *Tx) suppressAndTell(list []Suppression, why func(Suppression) step.Event) error {
	if len(list) == 0 {
		return nil
	}
	var emails []string
	var records []ident.Record
	byAddress, byRecord := map[string]step.Event{}, map[ident.Record]step.Event{}
	for _, s := range list {
		switch {
		case s.Channel == message.TextChannel && s.Record != 0:
			records, byRecord[s.Record] = append(records, s.Record), why(s)
		case s.Channel == message.EmailChannel && !s.Domain() && byAddress[s.Address] == nil: // the first counts of two
			emails, byAddress[s.Address] = append(emails, s.Address), why(s)
		}
	}
	found, err := tx.addressed(emails)
	if err != nil {
		return err
	}
	for _, r := range found {
		records, byRecord[r.record] = append(records, r.record), byAddress[message.AddressKey(r.email)]
	}
	live, err := tx.onRecords(records)
	if err != nil {
		return err
	}
	events := make([]SignalledEvent, len(live))
	for i, e := range live {
		events[i] = SignalledEvent{Enrollment: e.enrollment, Event: byRecord[e.record]}
	}
	if err := tx.Signal(events...); err != nil {
		return err
	}
	_, err = tx.Suppress(list...)
	return err
}

// recipientOf gives whose message it is and to which address it went.
func (tx *Tx) recipientOf(id ident.Message) (rec ident.Record, to string, err error) {
	if id == 0 {
		return 0, "", nil
	}
	err = tx.row(`select record_id, recipient from messages where id = $1`, int64(id)).Scan(&rec, &to)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("find recipient: %w", err)
	}
	return rec, to, nil
}

// recordsAt gives the records with one of these email addresses, which are in normal form.
func (tx *Tx) recordsAt(addresses []string) ([]ident.Record, error) {
	found, err := tx.addressed(addresses)
	ids := make([]ident.Record, len(found))
	for i, r := range found {
		ids[i] = r.record
	}
	return ids, err
}

// addressed is a record with its email address as it stands there.
type addressed struct {
	record ident.Record
	email  string
}

// addressed gives the records with one of these email addresses, which are in normal form. A record's address may stand
// there with its domain in either form.
func (tx *Tx) addressed(addresses []string) (list []addressed, err error) {
	for _, chunk := range chunks(keyForms(addresses), 2000) {
		for _, kind := range record.Kinds() {
			some, err := collect(tx, func(rows oneRow) (a addressed, err error) { return a, rows.Scan(&a.record, &a.email) },
				`select id, email from records where kind = $1 and email <> '' and `+tx.inTexts("email", 2), string(kind), tx.texts(chunk))
			if err != nil {
				return nil, fmt.Errorf("find records by address: %w", err)
			}
			list = append(list, some...)
		}
	}
	return list, nil
}

// keyForms gives addresses in normal form beside the same ones with their domains in ASCII, where that is something else.
func keyForms(addresses []string) (forms []string) {
	for _, a := range addresses {
		forms = append(forms, a)
		if wire, err := message.WireEmail(a); err == nil && wire != a {
			forms = append(forms, wire)
		}
	}
	return forms
}

// liveOf gives the enrollments of records that have not finished, by their keys.
func (tx *Tx) liveOf(records []ident.Record) ([]ident.Enrollment, error) {
	list, err := tx.onRecords(records)
	ids := make([]ident.Enrollment, len(list))
	for i, e := range list {
		ids[i] = e.enrollment
	}
	return ids, err
}

// onRecord is an enrollment of a record.
type onRecord struct {
	enrollment ident.Enrollment
	record     ident.Record
}

// onRecords gives the enrollments of records that have not finished, by their keys, with whose they are.
func (tx *Tx) onRecords(records []ident.Record) (list []onRecord, err error) {
	for _, chunk := range chunks(records, 500) {
		some, err := collect(tx, func(rows oneRow) (e onRecord, err error) { return e, rows.Scan(&e.enrollment, &e.record) },
			`select id, record_id from enrollments where `+tx.in("record_id", 1)+` and status < 3`, tx.list(chunk))
		if err != nil {
			return nil, fmt.Errorf("find enrollments of records: %w", err)
		}
		list = append(list, some...)
	}
	slices.SortFunc(list, func(a, b onRecord) int { return cmp.Compare(a.enrollment, b.enrollment) }) // a record may be given twice
	return slices.Compact(list), nil
}
