package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// keepNotifications is how long a notification is kept, read or not.
const keepNotifications = 90 * 24 * time.Hour

// NotificationKind is what a notification is about.
type NotificationKind string

// The kinds.
const (
	NotifyReply    NotificationKind = "reply"
	NotifyOpen     NotificationKind = "open"
	NotifyClick    NotificationKind = "click"
	NotifyBounce   NotificationKind = "bounce"
	NotifyFailure  NotificationKind = "failure"
	NotifyHandover NotificationKind = "handover"
	NotifyMissed   NotificationKind = "missed_call"
	NotifyMailbox  NotificationKind = "mailbox"
	NotifySequence NotificationKind = "sequence"
)

// notificationCodes are the stored numbers of the kinds; they must never change.
var notificationCodes = map[NotificationKind]int16{
	NotifyReply: 1, NotifyOpen: 2, NotifyClick: 3, NotifyBounce: 4, NotifyFailure: 5, NotifyHandover: 6, NotifyMissed: 7, NotifyMailbox: 8, NotifySequence: 9,
}

var notificationOf = inverse(notificationCodes)

// NotificationKinds lists the kinds in the order in which people choose among them.
func NotificationKinds() []NotificationKind {
	return []NotificationKind{NotifyReply, NotifyOpen, NotifyClick, NotifyMissed, NotifyHandover, NotifyBounce, NotifyFailure, NotifyMailbox, NotifySequence}
}

// Notification is something that a user is told of.
type Notification struct {
	ID   ident.Notification
	User ident.User
	Kind NotificationKind
	// At is when it happened, ReadAt when the user read of it; zero for not yet.
	At, ReadAt time.Time
	Record     ident.Record
	RecordName string
	// By is who did it; zero for a customer, or nobody.
	By     ident.User
	ByName string
	// What the kind is about; the others are zero.
	Message  ident.Message
	Received ident.Received
	Activity ident.Activity
	Mailbox  ident.Mailbox
	Sequence ident.Sequence
	Call     ident.Call
	// Name is what people call that: a subject, an activity's or sequence's name, an address, a number; "" when it is gone.
	Name string
	// Sender is who wrote the received mail.
	Sender string
	// Amount counts the activities that were handed over; 1 else.
	Amount int
	Detail string
	// Unread tells of a mailbox that it cannot be read, and not that it does not send.
	Unread bool
}

// NotificationQuery selects notifications of a user.
type NotificationQuery struct {
	User   ident.User
	Unread bool
	// Since leaves out what is not younger.
	Since  time.Time
	Cursor string
	Limit  int
}

const notificationFields = `n.id, n.user_id, n.kind, n.at, n.read_at, coalesce(n.record_id, 0), coalesce(r.name, ''), coalesce(n.by_id, 0), coalesce(b.name, ''),
	coalesce(n.subject, 0), coalesce(m.subject, ''), coalesce(nullif(v.sender_name, ''), v.sender, ''), coalesce(vm.subject, ''), coalesce(a.name, ''), coalesce(x.address, ''),
	coalesce(s.name, ''), coalesce(c.number, ''), n.amount, n.detail, n.kind = 8 and n.cause like '` + unreadCause + `%'`

// notificationTables joins a subject by the code of its kind: see notificationCodes.
const notificationTables = ` from notifications n left join records r on r.id = n.record_id left join users b on b.id = n.by_id
	left join messages m on n.kind in (2, 3, 4, 5) and m.id = n.subject
	left join received v on n.kind = 1 and v.id = n.subject left join messages vm on vm.id = v.message_id
	left join activities a on n.kind = 6 and a.id = n.subject
	left join calls c on n.kind = 7 and c.id = n.subject
	left join mailboxes x on n.kind = 8 and x.id = n.subject
	left join sequences s on n.kind = 9 and s.id = n.subject `

func scanNotification(rows oneRow) (n Notification, err error) {
	var kind int16
	var at, subject int64
	var read sql.NullInt64
	var message, answered, activity, mailbox, sequence, call string
	err = rows.Scan(&n.ID, &n.User, &kind, &at, &read, &n.Record, &n.RecordName, &n.By, &n.ByName, &subject,
		&message, &n.Sender, &answered, &activity, &mailbox, &sequence, &call, &n.Amount, &n.Detail, &n.Unread)
	n.Kind, n.At, n.ReadAt = notificationOf[kind], time.UnixMicro(at).UTC(), moment(read)
	switch n.Kind {
	case NotifyReply:
		n.Received, n.Name = ident.Received(subject), answered
	case NotifyOpen, NotifyClick, NotifyBounce, NotifyFailure:
		n.Message, n.Name = ident.Message(subject), message
	case NotifyHandover:
		n.Activity, n.Name = ident.Activity(subject), activity
	case NotifyMissed:
		n.Call, n.Name = ident.Call(subject), call
	case NotifyMailbox:
		n.Mailbox, n.Name = ident.Mailbox(subject), mailbox
	case NotifySequence:
		n.Sequence, n.Name = ident.Sequence(subject), sequence
	}
	return n, err
}

// Notifications gives one page of what a user is told of, newest first.
func (tx *Tx) Notifications(q NotificationQuery) (Page[Notification], error) {
	const sort = "newest"
	after, ok, err := readCursor(q.Cursor, sort)
	if err != nil {
		return Page[Notification]{}, err
	}
	f := &filter{}
	f.and("n.user_id = " + f.arg(int64(q.User)))
	if q.Unread {
		f.and("n.read_at is null")
	}
	if !q.Since.IsZero() {
		f.and("n.at > " + f.arg(q.Since.UnixMicro()))
	}
	if ok {
		f.and("n.id < " + f.arg(after.ID))
	}
	size := pageSize(q.Limit)
	list, err := collect(tx, scanNotification, `select `+notificationFields+notificationTables+f.where()+` order by n.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Notification]{}, fmt.Errorf("list notifications: %w", err)
	}
	return pageOf(list, size, func(n Notification) place { return place{Sort: sort, ID: int64(n.ID)} }), nil
}

// GetNotification gives a notification of a user.
func (tx *Tx) GetNotification(user ident.User, id ident.Notification) (Notification, error) {
	list, err := collect(tx, scanNotification, `select `+notificationFields+notificationTables+`where n.id = $1 and n.user_id = $2`, int64(id), int64(user))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "notification")
	}
	if err != nil {
		return Notification{}, fmt.Errorf("get notification: %w", err)
	}
	return list[0], nil
}

// UnreadNotifications counts what a user has not read, up to 100, and gives a text that changes with the newest one and the count.
func (tx *Tx) UnreadNotifications(user ident.User) (count int, mark string, err error) {
	var last int64
	if err := tx.row(`select count(*), coalesce(max(id), 0) from (select id from notifications where user_id = $1 and read_at is null order by id desc limit 100) as part`,
		int64(user)).Scan(&count, &last); err != nil {
		return 0, "", fmt.Errorf("count notifications: %w", err)
	}
	return count, fmt.Sprintf("%d-%d", count, last), nil
}

// ReadNotification notes that a user has read a notification, or that it counts as not read.
func (tx *Tx) ReadNotification(user ident.User, id ident.Notification, read bool) error {
	query, args := `update notifications set read_at = null where id = $1 and user_id = $2`, []any{int64(id), int64(user)}
	if read {
		query, args = `update notifications set read_at = $3 where id = $1 and user_id = $2 and read_at is null`, append(args, tx.Now.UnixMicro())
	}
	if _, err := tx.exec(query, args...); err != nil {
		return fmt.Errorf("read notification: %w", err)
	}
	return nil
}

// ReadNotifications notes that a user has read all notifications up to one, and counts those that were not read; zero is the newest.
func (tx *Tx) ReadNotifications(user ident.User, upTo ident.Notification) (int, error) {
	n, err := tx.exec(`update notifications set read_at = $2 where user_id = $1 and read_at is null and ($3 = 0 or id <= $3)`,
		int64(user), tx.Now.UnixMicro(), int64(upTo))
	if err != nil {
		return 0, fmt.Errorf("read notifications: %w", err)
	}
	return int(n), nil
}

// tidyNotifications removes the notifications of long ago.
func (tx *Tx) tidyNotifications() error {
	if _, err := tx.exec(`delete from notifications where at < $1`, tx.Now.Add(-keepNotifications).UnixMicro()); err != nil {
		return fmt.Errorf("tidy notifications: %w", err)
	}
	return nil
}
