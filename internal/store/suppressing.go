package store

import (
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// loadSuppressions reads which records' addresses are suppressed, for the enrollments whose versions write.
func (tx *Tx) loadSuppressions(list []*loaded) error {
	byRecord := map[ident.Record][]*loaded{}
	var ids []ident.Record
	for _, l := range list {
		if a := l.snap.Version.Asks; a.Wishes || a.TextWishes {
			if byRecord[l.record] == nil {
				ids = append(ids, l.record)
			}
			byRecord[l.record] = append(byRecord[l.record], l)
		}
	}
	if any, err := tx.anySuppressed(); err != nil || !any || len(ids) == 0 {
		return err
	}
	type row struct {
		id            ident.Record
		email, number string
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) {
		var fields string
		if err := rows.Scan(&r.id, &fields); err != nil {
			return r, err
		}
		values, err := decodeValues(fields)
		r.email = values["email"]
		r.number, _ = record.Record{Values: values}.TextNumber()
		return r, err
	}, `select id, fields from records where `+tx.in("id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	var addresses []string
	for _, r := range rows {
		addresses = append(addresses, r.email, r.number)
	}
	found, err := tx.Suppressed(addresses)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, l := range byRecord[r.id] {
			f := &l.snap.Facts
			if s, ok := found[r.email]; ok {
				f.EmailSuppression = s.Fact()
			}
			if s, ok := found[r.number]; ok {
				f.TextSuppression = s.Fact()
			}
		}
	}
	return nil
}

// WishFacts gives what decisions would know of whether these records may be emailed and sent text messages, in their order. Connect
// asks.
func (tx *Tx) WishFacts(records []Record) ([]step.Facts, error) {
	addresses, numbers := make([]string, len(records)), make([]string, len(records))
	for i, r := range records {
		addresses[i] = r.Get("email")
		numbers[i], _ = r.TextNumber()
	}
	found, err := tx.Suppressed(slices.Concat(addresses, numbers))
	facts := make([]step.Facts, len(records))
	for i, r := range records {
		facts[i].DoNotEmail, facts[i].DoNotText = r.Get("do_not_email") == "true", r.Get("do_not_text") == "true"
		if s, ok := found[addresses[i]]; ok {
			facts[i].EmailSuppression = s.Fact()
		}
		if s, ok := found[numbers[i]]; ok {
			facts[i].TextSuppression = s.Fact()
		}
	}
	return facts, err
}

// anySuppressed tells whether the list holds anything, so that advances of those who have none read no addresses.
func (tx *Tx) anySuppressed() (found bool, err error) {
	if err := tx.row(`select exists (select 1 from suppressions)`).Scan(&found); err != nil {
		return false, fmt.Errorf("look for suppressions: %w", err)
	}
	return found, nil
}

// suppressing gives every candidate of a claim why one of its recipients must not be written to. It is the last look
// before the network, so it asks for those the message really goes to, CC among them.
func (tx *Tx) suppressing(list []*MailCandidate) error {
	var all []string
	for i := range list {
		all = append(all, list[i].goesTo()...)
	}
	if len(list) == 0 {
		return nil
	}
	setting, err := tx.OptOut()
	if err != nil {
		return err
	}
	for i := range list {
		list[i].OptOut = setting
	}
	found, err := tx.Suppressed(all)
	if err != nil || len(found) == 0 {
		return err
	}
	for i := range list {
		c := list[i]
		for n, address := range c.goesTo() {
			s, ok := found[address]
			if !ok || c.Message.Test {
				continue
			}
			c.Suppressed = s.Reason()
			if n > len(splitCommas(c.Message.CC)) {
				c.Suppressed = "BCC: " + s.Reason()
			} else if n > 0 {
				c.Suppressed = "CC: " + s.Reason()
			}
			break
		}
	}
	return nil
}

// OfSequence tells whether the message belongs to a sequence: to a step, or to the activity of one.
func (c *MailCandidate) OfSequence() bool { return c.waits != 0 }

// goesTo lists the addresses that the message goes to, the first one's own before those in CC and BCC.
func (c *MailCandidate) goesTo() []string {
	to := c.Message.Recipient
	if c.Message.Activity == 0 && !c.Message.Test {
		to = c.Record.Get("email")
		if c.Message.Channel == message.TextChannel {
			to, _ = c.Record.TextNumber()
		}
	}
	return slices.Concat([]string{to}, splitCommas(c.Message.CC), splitCommas(c.Message.BCC))
}

// splitCommas gives the parts of a list with commas between them.
func splitCommas(list string) (parts []string) {
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// NoteChanges has the engine look at the enrollments that end with certain fields, after fields of these records were
// changed: theirs, and those of records that name one of them. The gate looks again at the messages of both. by is who changed
// them; zero for nobody.
func (tx *Tx) NoteChanges(records []ident.Record, by ident.User) error {
	if err := tx.lookAgainFor(records); err != nil {
		return err
	}
	type row struct {
		enrollment ident.Enrollment
		version    ident.Version
	}
	scan := func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.enrollment, &r.version) }
	var events []SignalledEvent
	for _, chunk := range chunks(records, 500) {
		for n, query := range []string{
			`select id, version_id from enrollments where status < 3 and ` + tx.in("record_id", 1),
			`select e.id, e.version_id from records r join enrollments e on e.record_id = r.id and e.status < 3 where r.account_id is not null and ` + tx.in("r.account_id", 1),
			`select e.id, e.version_id from records r join enrollments e on e.record_id = r.id and e.status < 3 where r.contact_id is not null and ` + tx.in("r.contact_id", 1),
		} {
			rows, err := collect(tx, scan, query, tx.list(chunk))
			if err != nil {
				return fmt.Errorf("find enrollments of changed records: %w", err)
			}
			if n > 0 && len(rows) > 0 {
				ids := column(rows, func(r row) int64 { return int64(r.enrollment) })
				if err := tx.lookAgainAt(byKeys, tx.in("enrollment_id", 2), tx.list(ids)); err != nil {
					return err
				}
			}
			for _, r := range rows {
				v, err := tx.Version(r.version)
				if err != nil {
					return err
				}
				if watches(v, n > 0) {
					events = append(events, SignalledEvent{Enrollment: r.enrollment, Event: step.FieldsChanged{By: by}})
				}
			}
		}
	}
	return tx.Signal(events...)
}

// watches tells whether a version ends with fields of the record, or with those of a record that it names.
func watches(v *flow.Version, related bool) bool {
	when := v.Def.Options.ExitWhen
	return when != nil && (!related || len(when.Lookups()) > 0)
}
