package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// notifySetting begins the name of the setting by which a user turns a kind of notification off.
const notifySetting = "notify_"

const settingOff = "off"

// news is what users are to be told of. It is told in the transaction of what caused it, as its last write: whoever tells has locked
// what it is about before, so that no two wait for each other at one notification.
type news struct {
	kind   NotificationKind
	by     ident.User
	amount int
	detail string
}

// tell writes one notification for each row (user_id, cause, record_id, subject) of a query whose arguments are those of f. Who did
// it is not told, nor who has turned the kind off, nor anybody twice of one cause.
func (tx *Tx) tell(n news, f *filter, rows string) error {
	code, by := strconv.Itoa(int(notificationCodes[n.kind])), "cast("+f.arg(key(n.by))+" as bigint)"
	_, err := tx.exec(`insert into notifications (user_id, kind, cause, record_id, subject, by_id, amount, detail, at)
		select u.id, `+code+`, w.cause, w.record_id, w.subject, `+by+`, cast(`+f.arg(max(1, n.amount))+` as integer), cast(`+f.arg(clip(n.detail))+` as text),
			cast(`+f.arg(tx.Now.UnixMicro())+` as bigint)
		from (`+rows+`) w join users u on u.id = w.user_id
		where u.active and u.id <> coalesce(`+by+`, 0) and not exists (select 1 from user_settings o
			where o.user_id = u.id and o.name = '`+notifySetting+string(n.kind)+`' and o.value = '`+settingOff+`')
		order by w.cause, u.id
		on conflict do nothing`, f.args...)
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// tellOfMessages tells whoever sent a message, owns its record or follows that. A message is told of once for each kind.
func (tx *Tx) tellOfMessages(n news, ids ...ident.Message) error {
	if len(ids) == 0 {
		return nil
	}
	f := &filter{}
	f.arg(tx.list(ids))
	const cause = `'m' || m.id as cause, nullif(m.record_id, 0) as record_id, m.id as subject from messages m`
	which := tx.in("m.id", 1)
	return tx.tell(n, f, `select m.user_id as user_id, `+cause+` where `+which+`
		union select r.owner_id, `+cause+` join records r on r.id = m.record_id where `+which+`
		union select o.user_id, `+cause+` join follows o on o.record_id = m.record_id where `+which)
}

// tellOfRecord tells whoever owns a record or follows it, and one more user, who may be 0.
func (tx *Tx) tellOfRecord(n news, rec ident.Record, user ident.User, cause string, subject int64) error {
	f := &filter{}
	what := `cast(` + f.arg(cause) + ` as text) as cause, cast(` + f.arg(key(rec)) + ` as bigint) as record_id, cast(` + f.arg(nonzero(subject)) + ` as bigint) as subject`
	return tx.tell(n, f, `select cast(`+f.arg(int64(user))+` as bigint) as user_id, `+what+`
		union select owner_id, `+what+` from records where id = $2
		union select user_id, `+what+` from follows where record_id = $2`)
}

// tellUser tells one user.
func (tx *Tx) tellUser(n news, user ident.User, cause string, rec ident.Record, subject int64) error {
	f := &filter{}
	return tx.tell(n, f, `select cast(`+f.arg(int64(user))+` as bigint) as user_id, cast(`+f.arg(cause)+` as text) as cause,
		cast(`+f.arg(key(rec))+` as bigint) as record_id, cast(`+f.arg(nonzero(subject))+` as bigint) as subject`)
}

func nonzero(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// NotifyHandover tells a user that somebody else gave an activity to them. Each revision of it is handed over once.
func (tx *Tx) NotifyHandover(a Activity, by ident.User) error {
	return tx.tellUser(news{kind: NotifyHandover, by: by}, a.Assignee, fmt.Sprintf("a%d/%d", a.ID, a.Rev), a.Record, int64(a.ID))
}

// NotifyHandovers is NotifyHandover for many at once, of which one notification tells.
func (tx *Tx) NotifyHandovers(to, by ident.User, ids []ident.Activity) error {
	switch len(ids) {
	case 0:
		return nil
	case 1:
		a, err := tx.GetActivity(ids[0])
		if err != nil {
			return err
		}
		a.Assignee = to
		return tx.NotifyHandover(a, by)
	}
	return tx.tellUser(news{kind: NotifyHandover, by: by, amount: len(ids)}, to, fmt.Sprintf("n%d/%d", ids[0], tx.Now.UnixMicro()), 0, 0)
}

// NotifyBatch is NotifyHandover for an activity of a batch: one notification tells of all that a batch hands to a user, and is unread
// again when one more comes.
func (tx *Tx) NotifyBatch(batch ident.Batch, a Activity, by ident.User) error {
	cause := fmt.Sprintf("b%d", batch)
	n, err := tx.exec(`update notifications set amount = amount + 1, subject = null, record_id = null, read_at = null
		where user_id = $1 and kind = $2 and cause = $3`, int64(a.Assignee), notificationCodes[NotifyHandover], cause)
	if err != nil {
		return fmt.Errorf("notify of batch: %w", err)
	}
	if n > 0 {
		return nil
	}
	return tx.tellUser(news{kind: NotifyHandover, by: by}, a.Assignee, cause, a.Record, int64(a.ID))
}

// UnnotifyBatch takes back what NotifyBatch told a user of one activity, which a batch that is undone takes from them again.
func (tx *Tx) UnnotifyBatch(batch ident.Batch, from ident.User) error {
	of := []any{int64(from), notificationCodes[NotifyHandover], fmt.Sprintf("b%d", batch)}
	const which = ` where user_id = $1 and kind = $2 and cause = $3`
	if _, err := tx.exec(`delete from notifications`+which+` and amount = 1`, of...); err != nil {
		return fmt.Errorf("take back notification: %w", err)
	}
	if _, err := tx.exec(`update notifications set amount = amount - 1`+which, of...); err != nil {
		return fmt.Errorf("take back notification: %w", err)
	}
	return nil
}

// NotifyMailbox tells the user of a mailbox that it does not send any more. It is said once until it sends again and stops again.
func (tx *Tx) NotifyMailbox(box ident.Mailbox, by ident.User, why string) error {
	return tx.notifyStopped(box, by, why, tx.Now)
}

// notifyStopped is NotifyMailbox for a mailbox that does not send since a moment, of which it tells once.
func (tx *Tx) notifyStopped(box ident.Mailbox, by ident.User, why string, since time.Time) error {
	var user ident.User
	err := tx.row(`select user_id from mailboxes where id = $1`, int64(box)).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find user of mailbox: %w", err)
	}
	return tx.tellUser(news{kind: NotifyMailbox, by: by, detail: why}, user, fmt.Sprintf("b%d/%d", box, since.UnixMicro()), 0, int64(box))
}

// unreadCause begins the cause of what notifyUnread tells.
const unreadCause = "r"

// notifyUnread tells the user of a mailbox that it cannot be read. It is said once until it was read again.
func (tx *Tx) notifyUnread(box ident.Mailbox, why string) error {
	var user ident.User
	var last int64
	if err := tx.row(`select user_id, coalesce(read_at, 0) from mailboxes where id = $1`, int64(box)).Scan(&user, &last); err != nil {
		return fmt.Errorf("find user of mailbox: %w", err)
	}
	return tx.tellUser(news{kind: NotifyMailbox, detail: why}, user, fmt.Sprintf(unreadCause+"%d/%d", box, last), 0, int64(box))
}

// NotifySequence tells the owner of a sequence, or each member of the team that owns it, what somebody else did with it.
func (tx *Tx) NotifySequence(s Sequence, by ident.User, what string) error {
	owners := []ident.User{s.Owner}
	if s.OwnerTeam != 0 {
		var err error
		if owners, err = tx.membersOf(s.OwnerTeam); err != nil {
			return err
		}
	}
	for _, owner := range owners {
		cause := fmt.Sprintf("s%d/%d", s.ID, tx.Now.UnixMicro())
		if err := tx.tellUser(news{kind: NotifySequence, by: by, detail: what}, owner, cause, 0, int64(s.ID)); err != nil {
			return err
		}
	}
	return nil
}

// NotifyReply tells of a reply that a user reported of an enrollment, and that belongs to no message of ours.
func (tx *Tx) NotifyReply(e Enrollment, by ident.User) error {
	return tx.tellOfRecord(news{kind: NotifyReply, by: by}, e.Record, 0, fmt.Sprintf("e%d", e.ID), 0)
}

// tellEngaged tells of what somebody reported of a customer.
func (tx *Tx) tellEngaged(list []Engagement) error {
	for _, e := range list {
		if err := tx.tellOfEngagement(e); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) tellOfEngagement(e Engagement) error {
	var rec ident.Record
	if err := tx.row(`select record_id from enrollments where id = $1`, int64(e.Enrollment)).Scan(&rec); err != nil {
		return fmt.Errorf("find record of engagement: %w", err)
	}
	n, cause := news{kind: notifiedBy[e.Result], by: e.By}, fmt.Sprintf("e%d/%s", e.Enrollment, e.Step)
	if e.Result == step.Answered {
		return tx.tellOfRecord(n, rec, 0, cause, 0)
	}
	var m ident.Message
	err := tx.row(`select coalesce(max(id), 0) from messages where record_id = $1 and state = 4 and ((enrollment_id = $2 and step = $3)
		or activity_id in (select id from activities where record_id = $1 and enrollment_id = $2 and step = $3))`,
		int64(rec), int64(e.Enrollment), e.Step).Scan(&m)
	if err != nil {
		return fmt.Errorf("find message of engagement: %w", err)
	}
	if m != 0 {
		return tx.tellOfMessages(n, m)
	}
	return tx.tellOfRecord(n, rec, 0, cause, 0)
}

// notifiedBy says which kind of notification tells of an engagement.
var notifiedBy = map[step.Result]NotificationKind{
	step.Opened: NotifyOpen, step.LinkOpened: NotifyClick, step.Downloaded: NotifyClick, step.Answered: NotifyReply,
}

// NotificationsOff gives the kinds that a user has turned off.
func (tx *Tx) NotificationsOff(user ident.User) (off []NotificationKind, err error) {
	values, err := collect(tx, func(rows oneRow) (name string, err error) { return name, rows.Scan(&name) },
		`select name from user_settings where user_id = $1 and value = '`+settingOff+`'`, int64(user))
	if err != nil {
		return nil, fmt.Errorf("read settings of notifications: %w", err)
	}
	for _, k := range NotificationKinds() {
		if slices.Contains(values, notifySetting+string(k)) {
			off = append(off, k)
		}
	}
	return off, nil
}

// SaveNotificationsOff turns these kinds off for a user, and all others on.
func (tx *Tx) SaveNotificationsOff(user ident.User, off []NotificationKind) error {
	for _, k := range NotificationKinds() {
		value := ""
		if slices.Contains(off, k) {
			value = settingOff
		}
		if err := tx.saveUserSetting(user, notifySetting+string(k), value); err != nil {
			return err
		}
	}
	return nil
}
