package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// MailCandidate is a queued message with everything that the gate and the sender need.
type MailCandidate struct {
	Message Message
	Record  record.Record
	// Related are the records that it names.
	Related map[ident.Record]record.Record
	User    User
	Mailbox Mailbox // zero when the user has none
	// Template has the content that the version of the enrollment has pinned.
	Template Template
	// TemplateFound is false when the message names a template that does not exist any more.
	TemplateFound bool
	SequenceName  string
	// Live is false when the message belongs to an enrollment that has finished.
	Live bool
	// RecordFound is false when the record was deleted.
	RecordFound bool
	// Tracking is the setting of the organisation; Unwilling tells that a recipient does not want to be followed.
	Tracking  Tracking
	Unwilling bool
	// Suppressed is why one of its recipients must not be written to; empty when all may be.
	Suppressed string
	// OptOut is the organisation's setting of opt-outs.
	OptOut OptOut
	// Files are to go with it: those that its writer chose, or the template's.
	Files []File
	// Links are the numbers of the links by their address, and Numbers those of the files: those of an earlier attempt, and
	// after the claim all of them.
	Links   map[string]int
	Numbers map[ident.File]int
	// Provider takes a text message; it is not Ready when none is set up.
	Provider TextProvider
	// Back is when the user returns whose automated messages wait meanwhile; zero for one that is there.
	Back time.Time
	// waits is the enrollment that waits for the message, or for the activity in which it was written; zero for none.
	waits ident.Enrollment
}

// Verdict is what the gate answers for a candidate. Exactly one of its cases holds.
type Verdict struct {
	Kind VerdictKind
	// Reason is a sentence for people, for all but Pass.
	Reason string
	// At is when to look again, for Later.
	At time.Time
	// Message is the final content, for Pass.
	Message Message
	// Links are the addresses of its links, for one that is followed (Message.Tracked).
	Links []string
	// Files are the files that go with it, followed or not.
	Files []File
}

// VerdictKind tells the cases of a Verdict.
type VerdictKind int

// The cases.
const (
	Pass     VerdictKind = iota // send it now
	Later                       // something holds it up until At
	Fail                        // it can never be sent as it is; a person has to act
	Refuse                      // the customer must not be mailed
	Withdraw                    // nobody waits for it any more
)

// candidateQuery ends with the content of the template, as the version of the enrollment has pinned it.
var candidateQuery = `select m.id, m.enrollment_id, m.step, m.visit, m.activity_id, m.record_id, m.user_id, m.template, m.rfc_id, m.attempts,
		m.sender, m.recipient, m.cc, m.subject, m.html, m.plain, m.created_at, m.follow, m.template_version, m.channel, m.test,
		r.id, r.kind, r.owner_id, r.fields, u.name, u.email,
		b.id, b.address, b.sender_name, b.host, b.port, b.security, b.username, b.secret, b.signature, b.paused, b.rev, b.auth, b.grant_error,
		t.id, t.name, coalesce(t.channel, ''), coalesce(p.number, t.version), coalesce(s.name, ''), e.status, a.state,
		coalesce(m.enrollment_id, a.enrollment_id, 0), ` + pinned() + `
	from messages m
	left join records r on r.id = m.record_id
	left join users u on u.id = m.user_id
	left join mailboxes b on b.user_id = m.user_id
	left join templates t on t.key = m.template and t.deleted_at is null
	left join enrollments e on e.id = m.enrollment_id` + pinTables + `
	left join activities a on a.id = m.activity_id
	left join sequences s on s.id = e.sequence_id
	where m.state = 1 and m.channel = $3 and m.next_at <= $1 order by m.next_at, m.id limit $2`

// ClaimMail takes up to limit emails whose time has come, asks the gate for each, and writes its verdicts in one
// transaction. Those that pass are marked as being sent, with this attempt recorded, before anything touches the
// network. looked counts all that were taken.
func (db *DB) ClaimMail(ctx context.Context, node string, limit int, gate func(MailCandidate, time.Time) Verdict) (pass []MailCandidate, looked int, err error) {
	return db.claim(ctx, message.EmailChannel, node, limit, gate)
}

func (db *DB) claim(ctx context.Context, channel message.Channel, node string, limit int, gate func(MailCandidate, time.Time) Verdict) (pass []MailCandidate, looked int, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		lock := ""
		if db.dialect == postgresDialect {
			lock = " for update of m skip locked"
		}
		list, err := collect(tx, scanCandidate, candidateQuery+lock, tx.Now.UnixMicro(), limit, channelCodes[channel])
		if err != nil {
			return fmt.Errorf("claim outbox: %w", err)
		}
		looked = len(list)
		complete := tx.following
		if channel == message.TextChannel {
			complete = tx.providing
		}
		if err := complete(list); err != nil {
			return err
		}
		if err := tx.relate(list); err != nil {
			return err
		}
if err := tx.backAt(list); err != nil {
			return err
		}
		if err := tx.suppressing(list); err != nil {
			return err
		}
		verdicts := make([]Verdict, len(list))
		var failed []ident.Enrollment
		for i, c := range list {
			verdicts[i] = gate(c, tx.Now)
			if v := verdicts[i].Kind; (v == Fail || v == Refuse) && c.waits != 0 {
				failed = append(failed, c.waits)
			}
		}
		free, err := tx.tryLock(failed)
		if err != nil {
			return fmt.Errorf("lock enrollments: %w", err)
		}
		var links []linkRow
		for i, c := range list {
			v := verdicts[i]
			if (v.Kind == Fail || v.Kind == Refuse) && c.waits != 0 && !free[c.waits] {
				continue // somebody moves its enrollment: it is looked at again after that
			}
			if v.Kind == Pass {
				c.Message = v.Message
				links = append(links, numberLinks(&c, v)...)
				pass = append(pass, c)
			}
			if err := tx.record(c, v, node); err != nil {
				return err
			}
		}
		if err := tx.insertLinks(links); err != nil {
			return fmt.Errorf("store links: %w", err)
		}
		return nil
	})
	if err != nil {
		pass = nil
	}
	return pass, looked, err
}

// relate gives each message that is made of a template the records that its record names.
func (tx *Tx) relate(list []MailCandidate) error {
	var records []record.Record
	for _, c := range list {
		if c.RecordFound && c.Message.Activity == 0 {
			records = append(records, c.Record)
		}
	}
	related, err := tx.Related(records...)
	for i := range list {
		list[i].Related = related
	}
	return err
}

// tryLock locks those of the enrollments that nobody else holds. The messages are locked here already, against the order
// of locks, so nothing may be waited for.
func (tx *Tx) tryLock(ids []ident.Enrollment) (free map[ident.Enrollment]bool, err error) {
	free = map[ident.Enrollment]bool{}
	if len(ids) == 0 {
		return free, nil
	}
	locked, err := collect(tx, scanEnrollmentID, `select id from enrollments where `+tx.in("id", 1)+` order by id`+tx.db.dialect.skipLocked(), tx.list(ids))
	for _, id := range locked {
		free[id] = true
	}
	return free, err
}

func scanCandidate(rows *sql.Rows) (MailCandidate, error) {
	var (
		c                                        MailCandidate
		m, b, t                                  = &c.Message, &c.Mailbox, &c.Template
		enrollment, activity, user               sql.NullInt64
		created                                  int64
		recordID, owner, mailbox, template       sql.NullInt64
		port, boxRev, templateVersion, status    sql.NullInt64
		activityState                            sql.NullInt64
		kind, fields, userName, userEmail        sql.NullString
		address, sender, host, security, account sql.NullString
		signature, auth, grantError, name        sql.NullString
		channel                                  int16
		paused                                   sql.NullBool
	)
	err := rows.Scan(append([]any{
		&m.ID, &enrollment, &m.Token.Step, &m.Token.Visit, &activity, &m.Record, &user, &m.Template, &m.RFCID, &m.Attempts,
		&m.Sender, &m.Recipient, &m.CC, &m.Subject, &m.HTML, &m.Text, &created, &m.Follow, &m.TemplateVersion, &channel, &m.Test,
		&recordID, &kind, &owner, &fields, &userName, &userEmail,
		&mailbox, &address, &sender, &host, &port, &security, &account, &b.Secret, &signature, &paused, &boxRev, &auth, &grantError,
		&template, &name, &t.Channel, &templateVersion, &c.SequenceName, &status, &activityState, &c.waits,
	}, t.dest()...)...)
	if err != nil {
		return c, err
	}
	m.Enrollment, m.Activity, m.User = ident.Enrollment(enrollment.Int64), ident.Activity(activity.Int64), ident.User(user.Int64)
	m.Token.Enrollment, m.CreatedAt = m.Enrollment, time.UnixMicro(created).UTC()
	m.Channel = channelOf[channel]
	c.RecordFound, c.TemplateFound = recordID.Valid, template.Valid
	c.Live = m.Enrollment == 0 || (status.Valid && statusOf[int16(status.Int64)] != flow.Finished)
	if m.Activity != 0 { // it is withdrawn with its activity, which an end of the enrollment cancels
		c.Live = ActivityState(activityState.Int64) == ActivitySending
	}
	c.User = User{ID: m.User, Name: userName.String, Email: userEmail.String}
	b.ID, b.User, b.Address, b.SenderName, b.Host = ident.Mailbox(mailbox.Int64), m.User, address.String, sender.String, host.String
	b.Port, b.Security, b.Username, b.Signature = int(port.Int64), Security(security.String), account.String, signature.String
	b.Paused, b.Rev, b.Auth, b.GrantError = paused.Bool, boxRev.Int64, Auth(auth.String), grantError.String
	t.ID, t.Key, t.Name, t.Version = ident.Template(template.Int64), m.Template, name.String, int(templateVersion.Int64)
	c.Record = record.Record{ID: ident.Record(recordID.Int64), Kind: record.Kind(kind.String), Owner: ident.User(owner.Int64)}
	if c.RecordFound {
		c.Record.Values, err = decodeValues(fields.String)
	}
	return c, err
}

// record writes one verdict.
func (tx *Tx) record(c MailCandidate, v Verdict, node string) error {
	id := int64(c.Message.ID)
	var err error
	switch v.Kind {
	case Pass:
		m := v.Message
		_, err = tx.exec(`update messages set state = 3, attempts = attempts + 1, attempt_at = $2, node = $3, next_at = null,
			mailbox_id = $4, sender = $5, recipient = $6, subject = $7, html = $8, plain = $9, tracked = tracked or $10, reason = '',
			template_version = $11, parts = $12 where id = $1`,
			id, tx.Now.UnixMicro(), node, key(c.Mailbox.ID), m.Sender, m.Recipient, m.Subject, m.HTML, m.Text, m.Tracked, m.TemplateVersion, m.Parts)
	case Later:
		_, err = tx.exec(`update messages set next_at = $2, reason = $3 where id = $1`, id, v.At.UnixMicro(), clip(v.Reason))
	case Withdraw:
		_, err = tx.exec(`update messages set state = 6, next_at = null, reason = $2 where id = $1`, id, clip(v.Reason))
	case Fail, Refuse:
		return tx.fail(c.Message, c.Message.Attempts, v.Reason, v.Kind == Refuse)
	}
	if err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	return nil
}

// fail ends a message for good and tells whoever waits for it: its enrollment, or the activity it was written in. What
// comes after the given number of attempts, of an older one, is dropped.
func (tx *Tx) fail(m Message, attempts int, reason string, refused bool) error {
	changed, err := tx.exec(`update messages set state = 5, next_at = null, reason = $2 where id = $1 and state in (1, 3, 7) and attempts = $3`,
		int64(m.ID), clip(reason), attempts)
	if err != nil {
		return fmt.Errorf("fail message: %w", err)
	}
	if changed == 0 {
		return nil
	}
	if m.Activity != 0 {
		_, err := tx.exec(`update activities set state = case when `+pausedOf("activities")+` then 3 else 1 end, trouble = $2, rev = rev + 1
			where id = $1 and state = 2`, int64(m.Activity), clip(reason))
		return err
	}
	if m.Enrollment == 0 {
		return nil
	}
	var ev step.Event = step.MailFailed{Token: m.Token, Reason: reason}
	if refused {
		ev = step.MailRefused{Token: m.Token, Reason: reason}
	}
	return tx.Signal(SignalledEvent{Enrollment: m.Enrollment, Event: ev})
}

// MailResult is how an attempt ended.
type MailResult struct {
	Message Message
	Kind    ResultKind
	// Reason is the server's answer or what went wrong, for all but Delivered.
	Reason string
	// Again is when to try again, for Retry.
	Again time.Time
}

// ResultKind tells the results of an attempt.
type ResultKind int

// The results. Unknown means that the server may or may not have taken the message.
const (
	Delivered ResultKind = iota
	Retry
	Rejected
	Unknown
)

// FinishMail writes the results of attempts and tells whoever waits for them, in one transaction.
func (db *DB) FinishMail(ctx context.Context, results []MailResult) error {
	return db.Write(ctx, func(tx *Tx) error {
		if err := tx.lockWaiting(results); err != nil {
			return fmt.Errorf("lock enrollments: %w", err)
		}
		for _, r := range results {
			if err := tx.finishMail(r); err != nil {
				return fmt.Errorf("finish message: %w", err)
			}
		}
		return nil
	})
}

// lockWaiting locks the enrollments that wait for the messages, by their keys, and then the messages, as everybody does.
func (tx *Tx) lockWaiting(results []MailResult) error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	var ids []ident.Message
	for _, r := range results {
		ids = append(ids, r.Message.ID)
	}
	for _, query := range []string{
		`select 1 from enrollments where id in (select coalesce(m.enrollment_id, a.enrollment_id) from messages m
			left join activities a on a.id = m.activity_id where ` + tx.in("m.id", 1) + `) order by id for update`,
		`select 1 from messages where ` + tx.in("id", 1) + ` order by id for update`,
	} {
		if _, err := tx.exec(query, tx.list(ids)); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) finishMail(r MailResult) error {
	id, attempts := int64(r.Message.ID), r.Message.Attempts+1
	switch r.Kind {
	case Delivered:
		return tx.MarkSent(r.Message)
	case Retry:
		_, err := tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, next_at = $2, reason = $3
			where id = $1 and state in (3, 7) and attempts = $4`, id, r.Again.UnixMicro(), clip(r.Reason), attempts)
		tx.queued(r.Message.Channel)
		return err
	case Rejected:
		return tx.fail(r.Message, attempts, r.Reason, false)
	case Unknown:
		_, err := tx.exec(`update messages set state = 7, reason = $2 where id = $1 and state in (3, 7) and attempts = $3`,
			id, clip(r.Reason), attempts)
		return err
	}
	return nil
}

// pausedOf is the condition that the enrollment of a message or activity is paused: its work then waits, held.
func pausedOf(table string) string {
	return `exists (select 1 from enrollments e where e.id = ` + table + `.enrollment_id and e.status = 2)`
}

// MarkSent says that the message was taken by a server: its enrollment goes on, or the activity it was written in is
// completed. action calls it too, when a person settles an unknown message. A server's yes is the truth however late it
// comes: a message that a person had queued again meanwhile is not sent twice.
func (tx *Tx) MarkSent(m Message) error {
	var variant step.Variant
	err := tx.row(`update messages set state = 4, sent_at = $2, next_at = null, reason = ''
		where id = $1 and state in (1, 2, 3, 7) returning variant`, int64(m.ID), tx.Now.UnixMicro()).Scan(&variant)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	if m.Activity == 0 {
		if m.Enrollment == 0 {
			return nil
		}
		return tx.Signal(SignalledEvent{Enrollment: m.Enrollment, Event: step.MailSent{Token: m.Token, Variant: variant}})
	}
	changed, err := tx.exec(`update activities set state = 4, done_at = $2, done_by = $3, outcome = 'sent', rev = rev + 1 where id = $1 and state = 2`,
		int64(m.Activity), tx.Now.UnixMicro(), key(m.User))
	if err != nil || changed == 0 {
		return err
	}
	var at step.Token
	if err := tx.row(`select coalesce(enrollment_id, 0), step, visit from activities where id = $1`, int64(m.Activity)).
		Scan(&at.Enrollment, &at.Step, &at.Visit); err != nil || at.Enrollment == 0 {
		return err
	}
	return tx.Signal(SignalledEvent{Enrollment: at.Enrollment, Event: step.ActivityDone{Token: at, Outcome: "sent", By: m.User}})
}

// ExpireSending marks messages as unknown whose node stopped in the middle of sending them: nodes that have not said for
// a while that they live, or on SQLite, where there is one node, every other one. Nothing sends them again by itself.
func (db *DB) ExpireSending(ctx context.Context, node string) (int64, error) {
	var count int64
	err := db.Write(ctx, func(tx *Tx) error {
		dead, arg := `not exists (select 1 from leases where leases.name = '`+engine.NodeLease+`' || messages.node and until >= $1)`, any(tx.Now.UnixMicro())
		if db.dialect == sqliteDialect {
			dead, arg = "node <> $1", node
		}
		var err error
		count, err = tx.exec(`update messages set state = 7,
			reason = 'The server stopped while this was being sent. Look whether it arrived, then say so.'
			where id in (select id from messages where state = 3 and `+dead+db.dialect.skipLocked()+`)`, arg)
		return err
	})
	return count, err
}

// NextMail gives when the next queued email's time comes; zero when none is queued.
func (db *DB) NextMail(ctx context.Context) (time.Time, error) {
	return db.nextMessage(ctx, message.EmailChannel)
}

func (db *DB) nextMessage(ctx context.Context, c message.Channel) (time.Time, error) {
	var next sql.NullInt64
	err := db.reader.QueryRowContext(ctx, `select min(next_at) from messages where state = 1 and channel = $1`, channelCodes[c]).Scan(&next)
	return moment(next), db.explain(err)
}
