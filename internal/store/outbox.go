package store

import (
	"context"
	"database/sql"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
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
	// claimed tells that it was claimed before, so that some of these are fixed.
	claimed bool
	// Provider takes a text message; it is not Ready when none is set up.
	Provider TextProvider
	// Back is when the user returns whose automated messages wait meanwhile; zero for one that is there.
	Back time.Time
	// DKIM signs it, if its Domain is not "".
	DKIM DKIMKey
	// waits is the enrollment that waits for the message, or for the activity in which it was written; zero for none.
	waits ident.Enrollment
	// Pacing is what decides when it may go.
	Pacing Pacing
}

// Verdict is what the gate answers for a candidate. Exactly one of its cases holds.
type Verdict struct {
	Kind VerdictKind
	// Reason is a sentence for people, for all but Pass; Blocker its code.
	Reason  string
	Blocker Blocker
	// At is when to look again, for Later. With Turn the claim sets it: the message waits for its turn at its mailbox.
	At   time.Time
	Turn bool
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
	Leave                       // its mailbox has its hands full: the next claim looks at it again
)

// candidateQuery ends with the content of the template, as the version of the enrollment has pinned it.
var candidateQuery = `select m.id, m.enrollment_id, m.step, m.visit, m.activity_id, m.record_id, m.user_id, m.template, m.rfc_id, m.attempts,
		m.sender, m.recipient, m.cc, m.subject, m.html, m.plain, m.created_at, m.follow, m.template_version, m.channel, m.test, m.attempt_at is not null,
		r.id, r.kind, r.owner_id, r.fields, u.name, u.email,
		b.id, b.address, b.sender_name, b.host, b.port, b.security, b.username, b.secret, b.signature, b.paused, b.rev, b.auth, b.grant_error, coalesce(b.imap_host, ''),
		t.id, t.name, coalesce(t.channel, ''), coalesce(p.number, t.version), coalesce(s.name, ''), e.status, a.state,
		coalesce(m.enrollment_id, a.enrollment_id, 0), ` + pinned() + `
	from messages m
	left join records r on r.id = m.record_id
	left join users u on u.id = m.user_id
	left join mailboxes b on b.user_id = m.user_id
	left join templates t on t.key = m.template and t.deleted_at is null
	left join enrollments e on e.id = m.enrollment_id` + pinTables + `
	left join activities a on a.id = m.activity_id
	left join sequences s on s.id = e.sequence_id`

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
		&m.Sender, &m.Recipient, &m.CC, &m.Subject, &m.HTML, &m.Text, &created, &m.Follow, &m.TemplateVersion, &channel, &m.Test, &c.claimed,
		&recordID, &kind, &owner, &fields, &userName, &userEmail,
		&mailbox, &address, &sender, &host, &port, &security, &account, &b.Secret, &signature, &paused, &boxRev, &auth, &grantError, &b.IMAPHost,
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

// NextMail gives when the next queued email's time comes, leaving out those of busy mailboxes; zero when none is queued.
func (db *DB) NextMail(ctx context.Context, busy ...ident.Mailbox) (time.Time, error) {
	return db.nextMessage(ctx, message.EmailChannel, busy)
}

func (db *DB) nextMessage(ctx context.Context, c message.Channel, busy []ident.Mailbox) (time.Time, error) {
	query, args := `select min(next_at) as at from messages where state = 1 and channel = $1`, []any{channelCodes[c]}
	if len(busy) > 0 {
		query += ` and not exists (select 1 from mailboxes b where b.user_id = messages.user_id and ` + inKeys(db.dialect, "b.id", 2) + `)`
		args = append(args, listArg(db.dialect, busy))
	}
	if c == message.EmailChannel { // mailboxes that open have a message for it
		query = `select min(at) from (` + query + ` union all select min(opens_at) from mailbox_paces where opens_at is not null`
		if len(busy) > 0 {
			query += ` and not ` + inKeys(db.dialect, "mailbox_id", 2)
		}
		query += `) as next`
	}
	var next sql.NullInt64
	err := db.reader.QueryRowContext(ctx, query, args...).Scan(&next)
	return moment(next), db.explain(err)
}
