package store

import (
	"context"
	"database/sql"
	"time"

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
	// picked are the files that a person chose for it.
	picked []ident.File
	// Places are those of the verdict by which it passed; nil when nobody looked.
	Places *message.Places
	// claimed tells that it was claimed before, so that some of these are fixed.
	claimed bool
	// Provider takes a text message; it is not Ready when none is set up.
	Provider TextProvider
	// Back is when the user returns whose automated messages wait meanwhile; zero for one that is there.
	Back time.Time
	// DKIM signs it, if its Domain is not "".
	DKIM DKIMKey
	// doubted tells that nobody knows whether it was sent before the database was restored.
	doubted bool
	// waits is the enrollment that waits for the message, or for the activity in which it was written; zero for none.
	waits ident.Enrollment
	// sequence and version are those of the message's own enrollment.
	sequence ident.Sequence
	version  ident.Version
	// Pacing is what decides when it may go.
	Pacing Pacing
	// Answer is what the claim writes down of one that does not pass; nil for one that passes or stays as it is.
	Answer *Verdict
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
	// Links are the addresses of its links, for one that is followed (Message.Tracked), and Places where they stand in its HTML.
	Links  []string
	Places *message.Places
	// Files are the files that go with it, followed or not.
	Files []File
}

// OpensAt is when what holds the message up is likely to pass; zero where a person has to do something, and for all that is not held up.
func (v Verdict) OpensAt() time.Time {
	if v.Kind != Later || v.Blocker.NeedsPerson() {
		return time.Time{}
	}
	return v.At
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
	doubt                       // it may have been sent before the database was restored; only the claim itself says so
)

// ExpireSending marks messages as unknown whose node stopped in the middle of sending them: nodes that have not said for
// a while that they live, or on SQLite, where there is one node, every other one. Nothing sends them again by itself.
func (db *DB) ExpireSending(ctx context.Context, node string) (int64, error) {
	var count int64
	err := db.Write(ctx, func(tx *Tx) error {
		dead, args := tx.gone("messages.node", node, 1)
		var err error
		count, err = tx.exec(`update messages set state = 7,
			reason = 'The server stopped while this was being sent. Look whether it arrived, then say so.'
			where id in (select id from messages where state = 3 and `+dead+db.dialect.skipLocked()+`)`, args...)
		return err
	})
	return count, err
}

// NextMail gives when the next queued email's time comes, leaving out those of busy mailboxes; zero when none is queued.
func (db *DB) NextMail(ctx context.Context, busy ...ident.Mailbox) (time.Time, error) {
	return db.nextMessage(ctx, message.EmailChannel, busy)
}

func (db *DB) nextMessage(ctx context.Context, c message.Channel, busy []ident.Mailbox) (time.Time, error) {
	query, args := `select min(next_at) as at from messages where state = 1 and channel = $1 and`+notHeld, []any{channelCodes[c]}
	if len(busy) > 0 {
		query += ` and not exists (select 1 from mailboxes b where b.user_id = messages.user_id and ` + inKeys(db.dialect, "b.id", 2) + `)`
		args = append(args, listArg(db.dialect, busy))
	}
	if c == message.EmailChannel { // mailboxes that open have a message for it
		query = `select min(at) from (` + query + ` union all select min(opens_at) from mailbox_paces where opens_at is not null and` + notHeld
		if len(busy) > 0 {
			query += ` and not ` + inKeys(db.dialect, "mailbox_id", 2)
		}
		query += `) as next`
	}
	var next sql.NullInt64
	err := db.reader.QueryRowContext(ctx, query, args...).Scan(&next)
	return moment(next), db.explain(err)
}
