package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// ClaimMail takes up to limit emails whose time has come, asks the gate for each, and writes its verdicts in one
// transaction. Those that pass are marked as being sent, with this attempt recorded, before anything touches the
// network. Messages of busy mailboxes stay where they are. looked counts all that were taken.
//
// Everything here is done for the whole batch at once, never for one message: a query or statement of its own for each would
// cost more than its sending. What the gate needs to know beyond the candidate's own row is a lookup: see lookups.
func (db *DB) ClaimMail(ctx context.Context, node string, limit int, gate func(*MailCandidate, time.Time) Verdict, busy ...ident.Mailbox) (pass []*MailCandidate, looked int, err error) {
	return db.claim(ctx, claimOrder{message.EmailChannel, node, limit, busy}, gate)
}

// claimOrder is what a claim is asked for.
type claimOrder struct {
	channel message.Channel
	node    string
	limit   int
	busy    []ident.Mailbox
}

// lookups complete the candidates of a claim with what the gate asks for. Each reads for all of them in one query. They come in groups: those of one are
// asked together, and know what the groups before have found out.
//
// To add one: give MailCandidate a field with the answer; write a method of Tx in a file of its own, of this form, that
// collects what it needs of the whole list (addresses, mailboxes, records), reads it by one query with tx.in or tx.inTexts,
// and fills the field of each candidate (tx.unwilling and tx.relate are models); name it here; and let the gate have one
// case more. A lookup that only some mail needs reads nothing for the rest. Inside the transaction it sees what is committed, so
// its answer holds at the moment at which the attempt is recorded.
func (tx *Tx) lookups(c message.Channel) [][]func([]*MailCandidate) error {
	if c == message.TextChannel {
		return [][]func([]*MailCandidate) error{
			{tx.onBehalf, tx.sending, tx.naming, tx.templating, tx.providing, tx.relate, tx.backAt, tx.suppressing, tx.turns, tx.doubting},
		}
	}
	return [][]func([]*MailCandidate) error{
		{tx.onBehalf, tx.sending, tx.naming, tx.templating, tx.following, tx.relate, tx.backAt, tx.suppressing, tx.answering, tx.turns, tx.doubting},
		{tx.conversations},
		{tx.accompany, tx.signing, tx.pacing},
	}
}

// lookUp runs the lookups.
func (tx *Tx) lookUp(c message.Channel, list []*MailCandidate) error {
	for _, group := range tx.lookups(c) {
		parts := make([]func() error, len(group))
		for i, lookUp := range group {
			parts[i] = func() error { return lookUp(list) }
		}
		if err := tx.together(parts...); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) claim(ctx context.Context, o claimOrder, gate func(*MailCandidate, time.Time) Verdict) (pass []*MailCandidate, looked int, err error) {
	if len(o.busy) == 0 && !db.full.Swap(false) {
		// Mostly nothing is due, and a look that only reads takes no turn at writing.
		next, err := db.nextMessage(ctx, o.channel, nil)
		if err != nil || next.IsZero() || next.After(db.now()) {
			return nil, 0, err
		}
	}
	err = db.Write(ctx, func(tx *Tx) error {
		list, err := tx.head(o)
		if looked = len(list); err != nil || looked == 0 {
			return err
		}
		if err := tx.lookUp(o.channel, list); err != nil {
			return err
		}
		if o.channel == message.EmailChannel {
			list = byTurns(list)
		}
		verdicts := make([]Verdict, len(list))
		var failed []ident.Enrollment
		for i, c := range list {
			if c.doubted {
				verdicts[i] = Verdict{Kind: doubt, Reason: restoredReason}
				continue
			}
			verdicts[i] = gate(c, tx.Now)
			if v := verdicts[i].Kind; (v == Fail || v == Refuse) && c.waits != 0 {
				failed = append(failed, c.waits)
			} else if v == Pass {
				c.spend(tx.Now)
			}
		}
		if err := tx.queueUp(list, verdicts); err != nil {
			return err
		}
		free, err := tx.tryLock(failed)
		if err != nil {
			return fmt.Errorf("lock enrollments: %w", err)
		}
		pass, err = tx.record(list, verdicts, free, o.node)
		return err
	})
	if err != nil {
		pass = nil
	}
	db.full.Store(looked == o.limit)
	return pass, looked, err
}

// claimSettings are those that a claim asks for, but for the windows: whoever saves these has what waits for the old ones looked at again, so a claim reads them once
// it has its messages.
var claimSettings = []string{trackingSetting, optOutSetting, paceSetting, organisationSetting, textProviderSetting}

// head takes the messages that a claim looks at, and what it needs to know before.
func (tx *Tx) head(o claimOrder) (list []*MailCandidate, err error) {
	err = tx.together(
		func() error { return tx.knowSettings(claimSettings...) },
		tx.planByKeys,
		func() error {
			if o.channel == message.EmailChannel {
				if err := tx.release(o.limit, o.busy); err != nil {
					return err
				}
			}
			if list, err = tx.candidates(o); err != nil {
				return fmt.Errorf("claim outbox: %w", err)
			}
			return nil
		})
	return list, err
}

// planByKeys has PostgreSQL plan for keys until the transaction ends: a planner whose figures are old would read whole tables, and there is nothing to plan
// anew for each list of keys. (A plan is kept by connection and text: a question that others ask, too, may have one of theirs, or leave them this one.)
func (tx *Tx) planByKeys() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	_, err := tx.exec(`select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
		set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`)
	return err
}

// candidates takes the queued messages of a claim and locks them. They are chosen first, by the queue's own index, and read
// after that by their keys: in one query, a planner whose figures are old would join and sort all that wait. They are
// put in order here, because a database carries whole rows through its sorting.
func (tx *Tx) candidates(o claimOrder) ([]*MailCandidate, error) {
	idle, args := "", []any{tx.Now.UnixMicro(), o.limit, channelCodes[o.channel]}
	if len(o.busy) > 0 {
		idle = " and not exists (select 1 from mailboxes b where b.user_id = messages.user_id and " + tx.in("b.id", 4) + ")"
		args = append(args, tx.list(o.busy))
	}
	ids, err := collect(tx, func(rows oneRow) (id ident.Message, err error) { return id, rows.Scan(&id) },
		`select id from messages where state = 1 and channel = $3 and next_at <= $1 and`+notHeld+idle+` order by next_at, id limit $2`+tx.db.dialect.skipLocked(), args...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	list, err := collect(tx, scanCandidate, candidateQuery+` where `+tx.in("m.id", 1), tx.list(ids))
	place := make(map[ident.Message]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(list, func(a, b *MailCandidate) int { return cmp.Compare(place[a.Message.ID], place[b.Message.ID]) })
	return list, err
}

// relate gives each message that is made of a template the records that its record names.
func (tx *Tx) relate(list []*MailCandidate) error {
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
	locked, err := collect(tx, scanEnrollmentID, `select id from enrollment_states where `+tx.in("id", 1)+` order by id`+tx.db.dialect.skipLocked(), tx.list(ids))
	for _, id := range locked {
		free[id] = true
	}
	return free, err
}

// record writes the verdicts and gives what passes. What fails goes one by one, because each tells its enrollment; one whose
// enrollment somebody moves at this moment is looked at again after that.
func (tx *Tx) record(list []*MailCandidate, verdicts []Verdict, free map[ident.Enrollment]bool, node string) (pass []*MailCandidate, err error) {
	var links []linkRow
	var postponed []postponedRow
	pass = make([]*MailCandidate, 0, len(list))
	for i, c := range list {
		switch v := verdicts[i]; v.Kind {
		case Pass:
			c.Message, c.Places = v.Message, v.Places
			links = append(links, numberLinks(c, v)...)
			pass = append(pass, c)
		case Later:
			postponed = append(postponed, later(c, v))
		case Withdraw:
			postponed = append(postponed, postponedRow{id: int64(c.Message.ID), state: int16(MessageWithdrawn), reason: clip(v.Reason)})
		case doubt:
			postponed = append(postponed, postponedRow{id: int64(c.Message.ID), state: int16(MessageUnknown), reason: clip(v.Reason)})
		case Fail, Refuse:
			if c.waits != 0 && !free[c.waits] {
				continue
			}
			if err := tx.failAtGate(c.Message, v); err != nil {
				return nil, err
			}
		case Leave: // as it is
			continue
		}
		if verdicts[i].Kind != Pass {
			c.Answer = &verdicts[i]
		}
	}
	return pass, tx.together(
		func() error { return named("save pace", tx.savePaces(list)) },
		func() error { return named("write verdicts", tx.postpone(postponed)) },
		func() error { return named("write texts", tx.keepTexts(textsOf(pass)...)) },
		func() error { return named("record attempts", tx.attempt(pass, node)) },
		func() error { return named("store links", tx.insertLinks(links)) },
	)
}

// named says of an error what was being done.
func named(what string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", what, err)
	}
	return err
}

func textsOf(list []*MailCandidate) []*Message {
	texts := make([]*Message, len(list))
	for i, c := range list {
		texts[i] = &c.Message
	}
	return texts
}

// attempt marks messages as being sent, with their final content: from here on the network may be touched.
func (tx *Tx) attempt(pass []*MailCandidate, node string) error {
	if len(pass) == 0 {
		return nil
	}
	if tx.db.dialect == sqliteDialect {
		return inGroups(tx, updateAttempts, pass, func(args []any, c *MailCandidate) []any {
			m := &c.Message
			return append(args, tx.Now.UnixMicro(), node, key(c.Mailbox.ID), m.Sender, m.Recipient, m.Subject, m.Tracked, m.TemplateVersion, m.Parts, int64(m.ID))
		})
	}
	n, err := tx.exec(`update messages m set state = 3, attempts = m.attempts + 1, attempt_at = $1, node = $2, next_at = null, mailbox_id = nullif(u.box, 0),
		sender = u.sender, recipient = u.recipient, subject = u.subject, tracked = m.tracked or u.tracked, reason = '', blocker = '', turn = 0,
		template_version = u.version, parts = u.parts
		from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::int[], $10::smallint[])
			as u (id, box, sender, recipient, subject, tracked, version, parts) where m.id = u.id`,
		tx.Now.UnixMicro(), node,
		column(pass, func(c *MailCandidate) int64 { return int64(c.Message.ID) }), column(pass, func(c *MailCandidate) int64 { return int64(c.Mailbox.ID) }),
		column(pass, func(c *MailCandidate) string { return c.Message.Sender }), column(pass, func(c *MailCandidate) string { return c.Message.Recipient }),
		column(pass, func(c *MailCandidate) string { return c.Message.Subject }), column(pass, func(c *MailCandidate) bool { return c.Message.Tracked }),
		column(pass, func(c *MailCandidate) int32 { return int32(c.Message.TemplateVersion) }), column(pass, func(c *MailCandidate) int16 { return int16(c.Message.Parts) }))
	if err == nil && n != int64(len(pass)) {
		err = errLost
	}
	return err
}

// updateAttempts gives SQLite's statement for n messages.
func updateAttempts(n int) string {
	return `update messages set state = 3, attempts = attempts + 1, attempt_at = v.column1, node = v.column2, next_at = null, mailbox_id = v.column3,
		sender = v.column4, recipient = v.column5, subject = v.column6, tracked = tracked or v.column7, reason = '', blocker = '', turn = 0,
		template_version = v.column8, parts = v.column9 from (values ` + places(n, 10) + `) v where messages.id = v.column10`
}

// postponedRow is a message that is not sent now.
type postponedRow struct {
	id     int64
	state  int16
	next   *int64
	reason string
	// blocker is the code of the reason; turn, rank and box (0 for as it is) are those of one that waits for its mailbox.
	blocker    Blocker
	turn, rank int16
	box        int64
	was        Blocker // what the gate said before
}

func later(c *MailCandidate, v Verdict) postponedRow {
	r := postponedRow{id: int64(c.Message.ID), state: int16(MessageQueued), next: microsOf(v.At), reason: clip(v.Reason), blocker: v.Blocker, was: c.Message.Blocker, rank: c.rank()}
	if v.Turn && c.Mailbox.ID != 0 {
		r.turn, r.box = waitingTurn, int64(c.Mailbox.ID)
	}
	return r
}

func (tx *Tx) postpone(rows []postponedRow) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.noteHolds(rows); err != nil {
		return fmt.Errorf("note holds: %w", err)
	}
	if tx.db.dialect == sqliteDialect {
		return each(tx, `update messages set state = $1, next_at = $2, reason = $3, blocker = $4, turn = $5, rank = $6,
			mailbox_id = coalesce(nullif($7, 0), mailbox_id) where id = $8`, rows, func(r postponedRow) []any {
			return []any{r.state, r.next, r.reason, string(r.blocker), r.turn, r.rank, r.box, r.id}
		}, false)
	}
	_, err := tx.exec(`update messages m set state = u.state, next_at = u.next, reason = u.reason, blocker = u.blocker, turn = u.turn, rank = u.rank,
		mailbox_id = coalesce(nullif(u.box, 0), m.mailbox_id)
		from unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::text[], $5::text[], $6::smallint[], $7::smallint[], $8::bigint[])
			as u (id, state, next, reason, blocker, turn, rank, box) where m.id = u.id`,
		column(rows, func(r postponedRow) int64 { return r.id }), column(rows, func(r postponedRow) int16 { return r.state }),
		column(rows, func(r postponedRow) *int64 { return r.next }), column(rows, func(r postponedRow) string { return r.reason }),
		column(rows, func(r postponedRow) string { return string(r.blocker) }), column(rows, func(r postponedRow) int16 { return r.turn }),
		column(rows, func(r postponedRow) int16 { return r.rank }), column(rows, func(r postponedRow) int64 { return r.box }))
	return err
}

// fail ends a message for good and tells whoever waits for it: its enrollment, or the activity it was written in. What
// comes after the given number of attempts, of an older one, is dropped.
func (tx *Tx) fail(m Message, attempts int, reason string, blocker Blocker, refused bool) (failed bool, err error) {
	changed, err := tx.exec(`update messages set state = 5, next_at = null, reason = $2, blocker = $4 where id = $1 and state in (1, 3, 7) and attempts = $3`,
		int64(m.ID), clip(reason), attempts, string(blocker))
	if err != nil {
		return false, fmt.Errorf("fail message: %w", err)
	}
	if changed == 0 {
		return false, nil
	}
	return true, tx.tellWhoWaits(m, reason, refused)
}

// tellOfFailure is fail where nobody has wished for it, so that those learn of it whose message it is.
func (tx *Tx) tellOfFailure(m Message, attempts int, reason string, blocker Blocker) error {
	failed, err := tx.fail(m, attempts, reason, blocker, false)
	if err != nil || !failed {
		return err
	}
	return tx.tellOfMessages(news{kind: NotifyFailure, detail: reason}, m.ID)
}

// failAtGate fails what the gate lets never pass. A refusal is the customer's wish, and no news.
func (tx *Tx) failAtGate(m Message, v Verdict) error {
	if v.Kind == Fail {
		return tx.tellOfFailure(m, m.Attempts, v.Reason, v.Blocker)
	}
	_, err := tx.fail(m, m.Attempts, v.Reason, v.Blocker, true)
	return err
}

// tellWhoWaits tells the enrollment of a message that failed, or opens the activity again that it was written in.
func (tx *Tx) tellWhoWaits(m Message, reason string, refused bool) error {
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
