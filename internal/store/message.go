package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

const messageFields = `m.id, coalesce(m.enrollment_id, 0), m.step, m.visit, coalesce(m.activity_id, 0), m.record_id, coalesce(r.name, ''),
	coalesce(r.kind, ''), coalesce(m.user_id, 0), coalesce(m.mailbox_id, 0), m.template, m.rfc_id, m.state, m.next_at, m.attempts,
	m.attempt_at, m.sender, m.recipient, m.cc, m.bcc, m.subject, coalesce(x.html, ''), coalesce(x.plain, ''), m.reason, m.created_at, m.sent_at, m.follow, m.tracked,
	m.template_version, m.channel, m.parts, m.test, m.blocker, m.turn, m.thread, coalesce(m.answers, 0), m.scheduled_at, m.due_before from messages m left join records r on r.id = m.record_id left join message_texts x on x.message_id = m.id `

func scanMessage(rows oneRow) (Message, error) {
	var (
		m                   Message
		state, channel      int16
		turn                int16
		next, attempt, sent sql.NullInt64
		scheduled, before   sql.NullInt64
		created             int64
	)
	err := rows.Scan(&m.ID, &m.Enrollment, &m.Token.Step, &m.Token.Visit, &m.Activity, &m.Record, &m.RecordName, &m.RecordKind, &m.User,
		&m.Mailbox, &m.Template, &m.RFCID, &state, &next, &m.Attempts, &attempt, &m.Sender, &m.Recipient, &m.CC, &m.BCC, &m.Subject, &m.HTML,
		&m.Text, &m.Reason, &created, &sent, &m.Follow, &m.Tracked, &m.TemplateVersion, &channel, &m.Parts, &m.Test, &m.Blocker, &turn, &m.Thread, &m.Answers, &scheduled, &before)
	m.State, m.Token.Enrollment, m.Channel = MessageState(state), m.Enrollment, channelOf[channel]
	m.Turn = turn == waitingTurn && m.State == MessageQueued
	m.NextAt, m.AttemptAt, m.SentAt, m.CreatedAt = moment(next), moment(attempt), moment(sent), time.UnixMicro(created).UTC()
	m.ScheduledAt, m.DueBefore = moment(scheduled), moment(before)
	return m, err
}

func (tx *Tx) messages(what, condition string, args ...any) ([]Message, error) {
	list, err := collect(tx, scanMessage, `select `+messageFields+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	for _, lookUp := range []func([]Message) error{tx.countHits, tx.findBounces, tx.holdBack} {
		if err := lookUp(list); err != nil {
			return nil, err
		}
	}
	return list, tx.filesOf(list)
}

// GetMessage gives one message.
func (tx *Tx) GetMessage(id ident.Message) (Message, error) {
	list, err := tx.messages("get message", `where m.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("get message: %w", missing(sql.ErrNoRows, "message"))
	}
	if err != nil {
		return Message{}, err
	}
	return list[0], nil
}

// LockMessage is GetMessage for a change: nobody else changes the message until the transaction ends. The enrollment
// that waits for it is locked first, as the engine does.
func (tx *Tx) LockMessage(id ident.Message) (Message, error) {
	if tx.db.dialect == postgresDialect {
		for _, query := range []string{
			`select 1 from enrollment_states where id = (select coalesce(m.enrollment_id, a.enrollment_id) from messages m
				left join activities a on a.id = m.activity_id where m.id = $1) for update`,
			`select 1 from messages where id = $1 for update`,
		} {
			if _, err := tx.exec(query, int64(id)); err != nil {
				return Message{}, fmt.Errorf("lock message: %w", err)
			}
		}
	}
	return tx.GetMessage(id)
}

// searchedMessages is how many of the newest messages a search looks through, because no index helps it.
const searchedMessages = 50_000

// byNext is the order of the queue: by the moment at which messages go.
const byNext = "next"

// ListMessages gives one page of messages, newest first, or in the order of the queue. A search looks through the newest 50,000.
func (tx *Tx) ListMessages(q MessageQuery) (Page[Message], error) {
	if q.Queue && len(q.Bounced) == 0 {
		return tx.listQueue(q)
	}
	after, ok, err := readCursor(q.Cursor, byID)
	if err != nil {
		return Page[Message]{}, err
	}
	f := messageFilter(q)
	if ok {
		f.and("m.id < " + f.arg(after.ID))
	}
	size := pageSize(q.Limit)
	list, err := tx.messages("list messages", f.where()+` order by m.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Message]{}, err
	}
	return pageOf(list, size, func(m Message) place { return place{Sort: byID, ID: int64(m.ID)} }), nil
}

// listQueue gives one page of what waits. The index of the queue begins with the channel, so each channel is read by itself.
func (tx *Tx) listQueue(q MessageQuery) (Page[Message], error) {
	after, ok, err := readCursor(q.Cursor, byNext)
	if err != nil {
		return Page[Message]{}, err
	}
	var since int64
	if ok {
		if since, err = after.number(); err != nil {
			return Page[Message]{}, err
		}
	}
	q.State = MessageQueued
	channels, size := []message.Channel{q.Channel}, pageSize(q.Limit)
	if q.Channel == "" {
		channels = []message.Channel{message.EmailChannel, message.TextChannel}
	}
	var all []Message
	for _, q.Channel = range channels {
		f := messageFilter(q)
		if ok {
			f.and("(m.next_at, m.id) > (" + f.arg(since) + ", " + f.arg(after.ID) + ")")
		}
		list, err := tx.messages("list queue", f.where()+` order by m.next_at, m.id limit `+f.arg(size+1), f.args...)
		if err != nil {
			return Page[Message]{}, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b Message) int { return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID)) })
	return pageOf(all, size, func(m Message) place {
		return place{Sort: byNext, Value: strconv.FormatInt(m.NextAt.UnixMicro(), 10), ID: int64(m.ID)}
	}), nil
}

func messageFilter(q MessageQuery) *filter {
	f := &filter{}
	f.and("m.id > 0")
	if len(q.Bounced) > 0 {
		f.bounced(q.Bounced)
	} else if q.State == MessageQueued {
		f.and("m.state = 1") // as the index of the queue says it
	} else if q.State != 0 {
		f.and("m.state = " + f.arg(int16(q.State)))
	}
	f.onRelease(q.OnRelease)
	if q.Channel != "" {
		f.and("m.channel = " + f.arg(channelCodes[q.Channel]))
	}
	if q.Record != 0 {
		f.and("m.record_id = " + f.arg(int64(q.Record)))
	}
	if q.User != 0 {
		f.and("m.user_id = " + f.arg(int64(q.User)))
	}
	if strings.TrimSpace(q.Search) != "" {
		f.and("m.id > (select coalesce(max(id), 0) from messages) - " + f.arg(searchedMessages))
		f.words("(lower(m.subject || ' ' || m.recipient) || ' ' || coalesce(r.search, ''))", q.Search)
	}
	return f
}

// CountMessages counts the messages of each state, each up to 10,000: nobody needs more, and counting ten million takes
// longer than the page may.
func (tx *Tx) CountMessages() (map[MessageState]int, error) {
	counts := map[MessageState]int{}
	for _, state := range MessageStates() {
		var n int
		err := tx.row(`select count(*) from (select 1 from messages where state = $1 limit $2) as part`, int16(state), countLimit).Scan(&n)
		if err != nil {
			return nil, fmt.Errorf("count messages: %w", err)
		}
		counts[state] = n
	}
	return counts, nil
}

// MessagesOf gives the newest messages of a record; its timeline and Up next ask.
func (tx *Tx) MessagesOf(rec ident.Record, limit int) ([]Message, error) {
	return tx.messages("list messages of record", `where m.record_id = $1 order by m.id desc limit $2`, int64(rec), limit)
}

// SentOf gives the emails that an enrollment has sent, oldest first: the thread that a further one may belong into. The
// composer asks.
func (tx *Tx) SentOf(e Enrollment) ([]Message, error) {
	return tx.messages("list sent mail of enrollment", `left join activities a on a.id = m.activity_id
		where m.record_id = $1 and coalesce(m.enrollment_id, a.enrollment_id) = $2 and m.state = 4 and m.channel = 1 and not m.test
		order by m.id`, int64(e.Record), int64(e.ID))
}

// InsertMessage queues a message that a person wrote. It carries the activity and not the enrollment: the key of
// messages_token_idx belongs to the step's own mail.
func (tx *Tx) InsertMessage(m Message) (ident.Message, error) {
	if m.Channel == "" {
		m.Channel = message.EmailChannel
	}
	next := tx.Now
	if m.ScheduledAt.After(next) {
		next = m.ScheduledAt
	}
	id, err := tx.insert(`insert into messages (step, visit, activity_id, record_id, user_id, mailbox_id, template, rfc_id, state, next_at,
		attempts, node, sender, recipient, cc, subject, reason, created_at, follow, template_version, channel, parts, test, thread, answers, scheduled_at, due_before, bcc)
		values ('', 0, $1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $10, $11, $12, '', $20, $13, $14, $15, $16, $17, $18, $19, $21, $22, $23)`,
		key(m.Activity), int64(m.Record), key(m.User), key(m.Mailbox), m.Template, m.RFCID, int16(MessageQueued), next.UnixMicro(),
		m.Sender, m.Recipient, m.CC, m.Subject, m.Follow, max(1, m.TemplateVersion), channelCodes[m.Channel], m.Parts, m.Test, m.Thread, key(m.Answers),
		tx.Now.UnixMicro(), micros(m.ScheduledAt), micros(m.DueBefore), m.BCC)
	if err != nil {
		return 0, fmt.Errorf("queue message: %w", err)
	}
	m.ID = ident.Message(id)
	if err := tx.keepTexts(&m); err != nil {
		return 0, err
	}
	tx.queued(m.Channel)
	ids := make([]ident.File, len(m.Files))
	links := make([]linkRow, len(m.Files))
	for i, f := range m.Files {
		ids[i], links[i] = f.ID, linkRow{message: id, number: i + 1, file: f.ID}
	}
	if err := tx.insertLinks(links); err != nil {
		return 0, fmt.Errorf("store files of message: %w", err)
	}
	return ident.Message(id), tx.AttachFiles(ids)
}

// RequeueMessage sends a message again whose fate is unknown, because a person decided so.
func (tx *Tx) RequeueMessage(m Message) error {
	_, err := tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, next_at = $2, reason = '', blocker = '', turn = 0
		where id = $1 and state = 7`, int64(m.ID), tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("queue message again: %w", err)
	}
	if err := tx.believe(m.Enrollment); err != nil {
		return fmt.Errorf("end doubt: %w", err)
	}
	tx.queued(m.Channel)
	return nil
}
