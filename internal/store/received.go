package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Received is a mail that came in and is about a message of ours.
type Received struct {
	ID      ident.Received
	Mailbox ident.Mailbox
	// User is whose mailbox it came to.
	User  ident.User
	Class message.Class
	// Message is the one that it is about.
	Message    ident.Message
	Record     ident.Record
	RecordName string
	RecordKind record.Kind
	// Enrollment is the one whose message it is about; zero for none. SequenceName, Standing and Exit say what has become of it since.
	Enrollment   ident.Enrollment
	SequenceName string
	Standing     flow.Status
	Exit         step.Exit
	// SenderName and Sender are its From field.
	SenderName, Sender string
	Subject            string
	// Text and HTML are what it says; HTML is sanitised.
	Text, HTML string
	// Files names the files that came with it. They stay in the mailbox.
	Files []string
	// Detail is what a server said, of a bounce.
	Detail string
	// ReturnsAt is the day on which the writer of an automatic reply is back; zero when none is stated.
	ReturnsAt time.Time
	// Colleague tells that somebody else of the customer's wrote it than was written to.
	Colleague bool
	// Truncated tells that only its beginning was read.
	Truncated bool
	// RFCID is its Message-ID.
	RFCID string
	// WrittenAt is its own date, zero when it has none; CreatedAt is when it was read.
	WrittenAt, CreatedAt time.Time
}

// Preview gives the beginning of what is new in it.
func (r Received) Preview(size int) string {
	return message.Preview(message.Incoming{Text: r.Text, HTML: r.HTML}, size)
}

// ReceivedQuery selects a list of received mail.
type ReceivedQuery struct {
	Class   message.Class // "" for all
	Record  ident.Record
	Message ident.Message
	User    ident.User
	Cursor  string
	Limit   int
}

const receivedFields = `v.id, v.mailbox_id, coalesce(v.user_id, 0), v.class, v.message_id, v.record_id, coalesce(r.name, ''), coalesce(r.kind, ''),
	coalesce(v.enrollment_id, 0), coalesce(q.name, ''), coalesce(e.status, 0), coalesce(e.exit_reason, ''), v.sender_name, v.sender, v.subject, v.plain, v.html, v.files, v.detail, v.returns_at, v.colleague, v.truncated,
	v.rfc_id, v.written_at, v.created_at from received v left join records r on r.id = v.record_id left join enrollments e on e.id = v.enrollment_id
	left join sequences q on q.id = e.sequence_id `

func scanReceived(rows oneRow) (v Received, err error) {
	var (
		class, status    int16
		files            string
		returns, written sql.NullInt64
		created          int64
	)
	err = rows.Scan(&v.ID, &v.Mailbox, &v.User, &class, &v.Message, &v.Record, &v.RecordName, &v.RecordKind, &v.Enrollment,
		&v.SequenceName, &status, &v.Exit, &v.SenderName, &v.Sender, &v.Subject, &v.Text, &v.HTML, &files, &v.Detail, &returns, &v.Colleague, &v.Truncated, &v.RFCID, &written, &created)
	if err != nil {
		return v, err
	}
	v.Class, v.Standing = classOf[class], statusOf[status]
	v.ReturnsAt, v.WrittenAt, v.CreatedAt = moment(returns), moment(written), time.UnixMicro(created).UTC()
	if files != "" {
		err = json.Unmarshal([]byte(files), &v.Files)
	}
	return v, err
}

// GetReceived gives one received mail.
func (tx *Tx) GetReceived(id ident.Received) (Received, error) {
	list, err := collect(tx, scanReceived, `select `+receivedFields+`where v.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "received mail")
	}
	if err != nil {
		return Received{}, fmt.Errorf("get received mail: %w", err)
	}
	return list[0], nil
}

// ListReceived gives one page of received mail, newest first.
func (tx *Tx) ListReceived(q ReceivedQuery) (Page[Received], error) {
	after, ok, err := readCursor(q.Cursor, byID)
	if err != nil {
		return Page[Received]{}, err
	}
	f := &filter{}
	f.and("v.id > 0")
	if q.Class != "" {
		f.and("v.class = " + f.arg(classCodes[q.Class]))
	}
	if q.Record != 0 {
		f.and("v.record_id = " + f.arg(int64(q.Record)))
	}
	if q.Message != 0 {
		f.and("v.message_id = " + f.arg(int64(q.Message)))
	}
	if q.User != 0 {
		f.and("v.user_id = " + f.arg(int64(q.User)))
	}
	if ok {
		f.and("v.id < " + f.arg(after.ID))
	}
	size := pageSize(q.Limit)
	list, err := collect(tx, scanReceived, `select `+receivedFields+f.where()+` order by v.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Received]{}, fmt.Errorf("list received mail: %w", err)
	}
	return pageOf(list, size, func(v Received) place { return place{Sort: byID, ID: int64(v.ID)} }), nil
}

// ReceivedOf gives the newest received mail of a record; its timeline asks.
func (tx *Tx) ReceivedOf(rec ident.Record, limit int) ([]Received, error) {
	list, err := collect(tx, scanReceived, `select `+receivedFields+`where v.record_id = $1 order by v.id desc limit $2`, int64(rec), limit)
	if err != nil {
		return nil, fmt.Errorf("list received mail of record: %w", err)
	}
	return list, nil
}

// The room of what is kept of a mail. Nobody reads more in a timeline; the mail itself stays in its mailbox.
const (
	receivedTextMax = 100 << 10
	receivedHTMLMax = 300 << 10
	receivedFileMax = 30
)

// insertReceived writes a mail; ok is false when it is there already.
func (tx *Tx) insertReceived(at readingPlace, v Received) (id ident.Received, ok bool, err error) {
	files := ""
	if len(v.Files) > 0 {
		text, err := json.Marshal(v.Files[:min(len(v.Files), receivedFileMax)])
		if err != nil {
			return 0, false, err
		}
		files = string(text)
	}
	err = tx.row(`insert into received (mailbox_id, user_id, folder, uid_validity, uid, rfc_id, class, message_id, record_id, enrollment_id,
			sender_name, sender, subject, plain, html, files, detail, returns_at, colleague, truncated, written_at, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) on conflict do nothing returning id`,
		int64(v.Mailbox), key(v.User), at.folder, int64(at.validity), int64(at.uid), v.RFCID, classCodes[v.Class], int64(v.Message), int64(v.Record),
		key(v.Enrollment), clip(v.SenderName), v.Sender, clip(v.Subject), cutText(v.Text, receivedTextMax), cutText(v.HTML, receivedHTMLMax), files,
		clip(v.Detail), micros(v.ReturnsAt), v.Colleague, v.Truncated, micros(v.WrittenAt), tx.Now.UnixMicro()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("store received mail: %w", err)
	}
	return id, true, nil
}

func cutText(s string, size int) string {
	if len(s) <= size {
		return s
	}
	return strings.ToValidUTF8(s[:size], "")
}
