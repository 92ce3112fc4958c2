package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// candidateQuery reads what is a message's own. What many messages of a claim have in common (the mailbox, the user, the
// template, the sequence) is read once for all by the lookups: reading a template for each message would cost more than
// making the mail.
const candidateQuery = `select m.id, m.enrollment_id, m.step, m.visit, m.activity_id, m.record_id, m.user_id, m.template, m.rfc_id, m.attempts,
		m.sender, m.recipient, m.cc, m.bcc, m.subject, coalesce(x.html, ''), coalesce(x.plain, ''), m.created_at, m.follow, m.template_version, m.channel, m.test, m.attempt_at,
		m.turn, m.any_time, m.late_after, m.late_skip, m.next_at, m.thread, coalesce(m.mailbox_id, 0), coalesce(m.answers, 0), m.blocker,
		r.id, r.kind, r.owner_id, r.fields, e.status, coalesce(e.version_id, 0), coalesce(e.sequence_id, 0), a.state,
		coalesce(m.enrollment_id, a.enrollment_id, 0)
	from messages m
	left join records r on r.id = m.record_id
	left join enrollments e on e.id = m.enrollment_id
	left join activities a on a.id = m.activity_id
	left join message_texts x on x.message_id = m.id`

func scanCandidate(rows oneRow) (*MailCandidate, error) {
	var (
		c                               = &MailCandidate{}
		m, p                            = &c.Message, &c.Pacing
		enrollment, activity, user      sql.NullInt64
		recordID, owner, status, queued sql.NullInt64
		activityState, attempt          sql.NullInt64
		created, late                   int64
		kind, fields                    sql.NullString
		channel                         int16
	)
	err := rows.Scan(
		&m.ID, &enrollment, &m.Token.Step, &m.Token.Visit, &activity, &m.Record, &user, &m.Template, &m.RFCID, &m.Attempts,
		&m.Sender, &m.Recipient, &m.CC, &m.BCC, &m.Subject, &m.HTML, &m.Text, &created, &m.Follow, &m.TemplateVersion, &channel, &m.Test, &attempt,
		&p.turn, &p.AnyTime, &late, &p.LateSkip, &queued, &m.Thread, &p.fixed, &m.Answers, &m.Blocker,
		&recordID, &kind, &owner, &fields, &status, &c.version, &c.sequence, &activityState, &c.waits,
	)
	if err != nil {
		return c, err
	}
	m.Enrollment, m.Activity, m.User = ident.Enrollment(enrollment.Int64), ident.Activity(activity.Int64), ident.User(user.Int64)
	m.Token.Enrollment, m.CreatedAt, m.Channel = m.Enrollment, time.UnixMicro(created).UTC(), channelOf[channel]
	p.LateAfter, p.QueuedFor = time.Duration(late)*time.Microsecond, moment(queued)
	c.claimed, m.AttemptAt = attempt.Valid, moment(attempt)
	c.RecordFound = recordID.Valid
	c.Live = m.Enrollment == 0 || (status.Valid && statusOf[int16(status.Int64)] != flow.Finished)
	if m.Activity != 0 { // it is withdrawn with its activity, which an end of the enrollment cancels
		c.Live = ActivityState(activityState.Int64) == ActivitySending
	}
	c.Record = record.Record{ID: ident.Record(recordID.Int64), Kind: record.Kind(kind.String), Owner: ident.User(owner.Int64)}
	if c.RecordFound {
		c.Record.Values, err = decodeValues(fields.String)
	}
	return c, err
}

// distinct gives the keys that of tells of the candidates, each once and without the zero one.
func distinct[K comparable](list []*MailCandidate, of func(*MailCandidate) K) (keys []K) {
	var none K
	seen := map[K]bool{none: true}
	for i := range list {
		if k := of(list[i]); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// onBehalf gives each candidate its user.
func (tx *Tx) onBehalf(list []*MailCandidate) error {
	users, err := ofUsers(tx, list, `select id, name, email from users where `+tx.in("id", 1),
		func(row oneRow) (u User, err error) { return u, row.Scan(&u.ID, &u.Name, &u.Email) }, func(u User) ident.User { return u.ID })
	if err != nil {
		return fmt.Errorf("read users: %w", err)
	}
	for _, c := range list {
		c.User = users[c.Message.User]
		c.User.ID = c.Message.User
	}
	return nil
}

// sending gives each candidate the mailbox of its user.
func (tx *Tx) sending(list []*MailCandidate) error {
	boxes, err := ofUsers(tx, list, `select `+mailboxColumns+mailboxTables+`where `+tx.in("m.user_id", 1), scanMailbox, func(m Mailbox) ident.User { return m.User })
	if err != nil {
		return fmt.Errorf("read mailboxes: %w", err)
	}
	for _, c := range list {
		c.Mailbox = boxes[c.Message.User]
		c.Mailbox.User = c.Message.User
		c.Pacing.NoMailbox = c.Mailbox.ID == 0
	}
	return nil
}

// ofUsers reads what the users of the candidates have, one each, by a query for a list of them.
func ofUsers[T any](tx *Tx, list []*MailCandidate, query string, scan func(oneRow) (T, error), whose func(T) ident.User) (map[ident.User]T, error) {
	found, err := collect(tx, scan, query, tx.list(distinct(list, func(c *MailCandidate) ident.User { return c.Message.User })))
	byUser := make(map[ident.User]T, len(found))
	for _, one := range found {
		byUser[whose(one)] = one
	}
	return byUser, err
}

// naming gives each candidate the name of its sequence.
func (tx *Tx) naming(list []*MailCandidate) error {
	ids := distinct(list, func(c *MailCandidate) ident.Sequence { return c.sequence })
	if len(ids) == 0 {
		return nil
	}
	names := map[ident.Sequence]string{}
	rows, err := tx.query(`select id, name from sequences where `+tx.in("id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read names of sequences: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id ident.Sequence
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		names[id] = name
	}
	for i := range list {
		list[i].SequenceName = names[list[i].sequence]
	}
	return rows.Err()
}

// templating gives each candidate its template with the content that counts: what the version of its enrollment has pinned,
// or else the newest.
func (tx *Tx) templating(list []*MailCandidate) error {
	keys := distinct(list, func(c *MailCandidate) string { return c.Message.Template })
	if len(keys) == 0 {
		return nil
	}
	newest, err := collect(tx, scanTemplate,
		`select `+templateColumns+` from templates where deleted_at is null and `+tx.inTexts("key", 1), tx.texts(keys))
	if err != nil {
		return fmt.Errorf("read templates: %w", err)
	}
	byKey := map[string]Template{}
	for _, t := range newest {
		byKey[t.Key] = t
	}
	pins, err := tx.pins(distinct(list, func(c *MailCandidate) ident.Version { return c.version }), newest)
	if err != nil {
		return err
	}
	for i := range list {
		c := list[i]
		t, found := byKey[c.Message.Template]
		if pin, ok := pins[pinAt{c.version, t.ID}]; ok {
			t.Version, t.TemplateContent = pin.Number, pin.TemplateContent
		}
		c.Template, c.TemplateFound = t, found
		c.Template.Key = c.Message.Template
	}
	return nil
}

type pinAt struct {
	version  ident.Version
	template ident.Template
}

// pins reads what the versions of sequences have pinned of the templates.
func (tx *Tx) pins(versions []ident.Version, templates []Template) (map[pinAt]TemplateVersion, error) {
	pins := map[pinAt]TemplateVersion{}
	if len(versions) == 0 || len(templates) == 0 {
		return pins, nil
	}
	ids := make([]int64, len(templates))
	for i, t := range templates {
		ids[i] = int64(t.ID)
	}
	rows, err := tx.query(`select p.version_id, p.template_id, p.number, `+pinned()+` from template_pins p join templates t on t.id = p.template_id
		left join template_versions v on v.template_id = t.id and v.number = p.number and p.number <> t.version
		where `+tx.in("p.version_id", 1)+` and `+tx.in("p.template_id", 2), tx.list(versions), tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read pinned templates: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var at pinAt
		var v TemplateVersion
		if err := rows.Scan(append([]any{&at.version, &at.template, &v.Number}, v.dest()...)...); err != nil {
			return nil, err
		}
		pins[at] = v
	}
	return pins, rows.Err()
}

// answering gives each candidate that answers a received mail the thread that it belongs into: the message to which that mail
// came, and the mail.
func (tx *Tx) answering(list []*MailCandidate) error {
	ids := distinct(list, func(c *MailCandidate) ident.Received { return c.Message.Answers })
	if len(ids) == 0 {
		return nil
	}
	threads := map[ident.Received][]Earlier{}
	rows, err := tx.query(`select x.id, x.rfc_id, coalesce(m.rfc_id, '') from received x left join messages m on m.id = x.message_id where `+tx.in("x.id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read what is answered: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id ident.Received
		var came, sent string
		if err := rows.Scan(&id, &came, &sent); err != nil {
			return err
		}
		for _, rfcID := range []string{sent, came} {
			if rfcID != "" {
				threads[id] = append(threads[id], Earlier{RFCID: rfcID})
			}
		}
	}
	for i := range list {
		if a := list[i].Message.Answers; a != 0 {
			list[i].Pacing.Thread = threads[a]
		}
	}
	return rows.Err()
}
