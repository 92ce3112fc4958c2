package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// MailResult is how an attempt ended.
type MailResult struct {
	Message Message
	Kind    ResultKind
	// Reason is the server's answer or what went wrong, for all but Delivered.
	Reason string
	// Again is when to try again, for Retry and Crowded.
	Again time.Time
	// Mailbox is where it went through, in revision Rev. LetIn tells that its server had not let it in before, and did now.
	Mailbox ident.Mailbox
	Rev     int64
	LetIn   bool
}

// ResultKind tells the results of an attempt.
type ResultKind int

// The results. Unknown means that the server may or may not have taken the message; Held, that it did not let the mailbox in, so
// that nothing is said about the message: it waits with the others of its mailbox, and the attempt does not count; Astray, as Held, that nobody was there to sign in at.
// Unreached, as Held, that the server cannot be reached, or takes nothing from anybody; Crowded, that it took no further session beside others of the mailbox, so that
// the message alone waits. Dead is Rejected by a server that says that the recipient's address takes no mail, which counts as a bounce.
const (
	Delivered ResultKind = iota
	Retry
	Rejected
	Unknown
	Held
	Dead
	Astray
	Unreached
	Crowded
)

// FinishMail writes the results of attempts and tells whoever waits for them: what was taken for all at once, the rest one by
// one. After an error it may be called again with the same results. Those of dead addresses have a transaction each: other
// enrollments learn of them too, and all must be locked before any message is.
func (db *DB) FinishMail(ctx context.Context, results []MailResult) error {
	var dead []MailResult
	rest := results
	if slices.ContainsFunc(results, func(r MailResult) bool { return r.Kind == Dead }) {
		rest = nil
		for _, r := range results {
			if r.Kind == Dead {
				dead = append(dead, r)
			} else {
				rest = append(rest, r)
			}
		}
	}
	if len(rest) > 0 {
		if err := db.Write(ctx, func(tx *Tx) error { return tx.finishMails(rest) }); err != nil {
			return err
		}
	}
	for _, r := range dead {
		if err := db.Write(ctx, func(tx *Tx) error { return tx.finishDead(r) }); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) finishMails(results []MailResult) error {
	list := make([]Message, len(results))
	for i, r := range results {
		list[i] = r.Message
	}
	if err := tx.lockWaiting(list); err != nil {
		return fmt.Errorf("lock enrollments: %w", err)
	}
	sent := list[:0] // each stands at or behind where it goes
	for i, r := range results {
		if r.Kind == Delivered {
			sent = append(sent, list[i])
			continue
		}
		if err := tx.finishMail(r); err != nil {
			return fmt.Errorf("finish message: %w", err)
		}
	}
	if err := tx.MarkSent(sent...); err != nil {
		return fmt.Errorf("finish messages: %w", err)
	}
	for _, r := range results {
		if err := tx.letInBy(r); err != nil {
			return err
		}
	}
	return nil
}

// finishDead writes that the recipient's address takes no mail.
func (tx *Tx) finishDead(r MailResult) error {
	attempts := r.Message.Attempts + 1
	if err := tx.bounceAtOnce(r.Message, attempts, r.Reason); err != nil {
		return fmt.Errorf("note bounce: %w", err)
	}
	if _, err := tx.fail(r.Message, attempts, r.Reason, NotBlocked, false); err != nil {
		return fmt.Errorf("finish message: %w", err)
	}
	return tx.letInBy(r)
}

// letInBy notes that a mailbox is let in again where an attempt has shown it.
func (tx *Tx) letInBy(r MailResult) error {
	if !r.LetIn {
		return nil
	}
	return tx.letIn(r.Mailbox)
}

// FinishSent is FinishMail for messages of which only the keys are known, all taken by their servers.
func (db *DB) FinishSent(ctx context.Context, ids []ident.Message) error {
	if len(ids) == 0 {
		return nil
	}
	return db.Write(ctx, func(tx *Tx) error {
		var list []Message
		for _, id := range ids {
			m, err := tx.GetMessage(id)
			if err != nil {
				return err
			}
			list = append(list, m)
		}
		if err := tx.lockWaiting(list); err != nil {
			return fmt.Errorf("lock enrollments: %w", err)
		}
		return tx.MarkSent(list...)
	})
}

// lockWaiting locks the enrollments that wait for the messages, by their keys, and then the messages, as everybody does. What
// these enrollments are told after it needs no lock of its own. Nor do their messages: what changes several of them that are being sent, in an order of its own,
// holds the enrollments, or skips what others hold.
func (tx *Tx) lockWaiting(list []Message) error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	var ids []ident.Message
	var waiting []ident.Enrollment
	var activities []ident.Activity
	for _, m := range list {
		if m.Enrollment != 0 {
			waiting = append(waiting, m.Enrollment)
		} else {
			ids = append(ids, m.ID)
		}
		if m.Activity != 0 {
			activities = append(activities, m.Activity)
		}
	}
	if len(activities) > 0 {
		written, err := collect(tx, scanEnrollmentID, `select enrollment_id from activities where enrollment_id is not null and `+tx.in("id", 1), tx.list(activities))
		if err != nil {
			return err
		}
		waiting = append(waiting, written...)
	}
	lock := func(table string, keys any) func() error {
		return func() error {
			_, err := tx.exec(`select 1 from `+table+` where `+tx.in("id", 1)+` order by id for update`, keys)
			return err
		}
	}
	tx.locked = true
	return tx.together(lock("enrollment_states", tx.list(waiting)), lock("messages", tx.list(ids))) // in this order
}

func (tx *Tx) finishMail(r MailResult) error {
	id, attempts := int64(r.Message.ID), r.Message.Attempts+1
	switch r.Kind {
	case Delivered, Dead: // all at once, and by itself
	case Retry:
		n, err := tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, next_at = $2, reason = $3,
			blocker = $5, turn = 0 where id = $1 and state in (3, 7) and attempts = $4`, id, r.Again.UnixMicro(), clip(r.Reason), attempts, string(BlockRefused))
		tx.queued(r.Message.Channel)
		if err == nil && n > 0 {
			err = tx.noteHolds([]postponedRow{{id: id, state: int16(MessageQueued), next: microsOf(r.Again), reason: clip(r.Reason), blocker: BlockRefused}})
		}
		return err
	case Crowded:
		n, err := tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, attempts = attempts - 1, next_at = $2,
			reason = $3, blocker = $5, turn = 0 where id = $1 and state in (3, 7) and attempts = $4`,
			id, r.Again.UnixMicro(), clip(r.Reason), attempts, string(BlockUnreached))
		tx.queued(r.Message.Channel)
		if err == nil && n > 0 {
			err = tx.noteHolds([]postponedRow{{id: id, state: int16(MessageQueued), next: microsOf(r.Again), reason: clip(r.Reason), blocker: BlockUnreached, was: r.Message.Blocker}})
		}
		return err
	case Held, Astray, Unreached:
		why := BlockShutOut
		if r.Kind == Unreached {
			why = BlockUnreached
		}
		n, err := tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, attempts = attempts - 1, next_at = $2,
			reason = $3, blocker = $5, turn = 0 where id = $1 and state in (3, 7) and attempts = $4`,
			id, tx.Now.UnixMicro(), clip(r.Reason), attempts, string(why))
		tx.queued(r.Message.Channel)
		if err == nil && n > 0 {
			err = errors.Join(tx.noteShutOut(r), tx.noteHolds([]postponedRow{{id: id, state: int16(MessageQueued), reason: clip(r.Reason), blocker: why, was: r.Message.Blocker}}))
		}
		return err
	case Rejected:
		return tx.tellOfFailure(r.Message, attempts, r.Reason, NotBlocked)
	case Unknown:
		_, err := tx.exec(`update messages set state = 7, reason = $2 where id = $1 and state in (3, 7) and attempts = $3`,
			id, clip(r.Reason), attempts)
		return err
	}
	return nil
}

// bounceAtOnce records that the recipient's address takes no mail, as a report would have later. What comes of an older attempt,
// or of a test that somebody sent to themselves, says nothing.
func (tx *Tx) bounceAtOnce(m Message, attempts int, why string) error {
	var current bool
	err := tx.row(`select exists (select 1 from messages where id = $1 and state in (3, 7) and attempts = $2 and not test)`, int64(m.ID), attempts).Scan(&current)
	if err != nil || !current {
		return err
	}
	return tx.RecordBounce(BounceFacts{Message: m.ID, Detail: why})
}

// pausedOf is the condition that the enrollment of a message or activity is paused: its work then waits, held.
func pausedOf(table string) string {
	return `exists (select 1 from enrollments e where e.id = ` + table + `.enrollment_id and e.status = 2)`
}

// MarkSent says that messages were taken by a server: their enrollments go on, or the activities that they were written in are
// completed. action calls it too, when a person settles an unknown message. A server's yes is the truth however late it
// comes: a message that a person had queued again meanwhile is not sent twice.
func (tx *Tx) MarkSent(list ...Message) error {
	if len(list) == 0 {
		return nil
	}
	var ids []ident.Message
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	type sentRow struct {
		id      ident.Message
		variant step.Variant
		box     ident.Mailbox
	}
	rows, err := collect(tx, func(rows oneRow) (r sentRow, err error) { return r, rows.Scan(&r.id, &r.variant, &r.box) },
		`update messages set state = 4, sent_at = $2, next_at = null, reason = ''
			where `+tx.in("id", 1)+` and +state in (1, 2, 3, 7) returning id, variant, coalesce(mailbox_id, 0)`, tx.list(ids), tx.Now.UnixMicro())
	if err != nil {
		return err
	}
	variants := make(map[ident.Message]step.Variant, len(rows))
	var boxes []ident.Mailbox
	ids = ids[:0]
	for _, r := range rows {
		variants[r.id] = r.variant
		if ids = append(ids, r.id); r.box != 0 {
			boxes = append(boxes, r.box)
		}
	}
	return tx.together(
		func() error { return tx.oweCopies(ids, boxes) },
		func() error { return tx.tellOfSending(list, variants) },
	)
}

// tellOfSending tells who waits for messages that were sent; variants has what the tests of those made of them whose state changed.
func (tx *Tx) tellOfSending(list []Message, variants map[ident.Message]step.Variant) error {
	var events []SignalledEvent
	for _, m := range list {
		variant, changed := variants[m.ID]
		if !changed {
			continue
		}
		delete(variants, m.ID) // told once, whoever names it twice
		if m.Activity != 0 {
			event, ok, err := tx.completeSending(m)
			if err != nil {
				return err
			}
			if ok {
				events = append(events, event)
			}
		} else if m.Enrollment != 0 {
			events = append(events, SignalledEvent{Enrollment: m.Enrollment, Event: step.MailSent{Token: m.Token, Variant: variant}})
		}
	}
	return tx.Signal(events...)
}

// completeSending completes the activity that a message was written in, and gives the event for its enrollment; ok is false
// when there is none.
func (tx *Tx) completeSending(m Message) (event SignalledEvent, ok bool, err error) {
	changed, err := tx.exec(`update activities set state = 4, done_at = $2, done_by = $3, outcome = 'sent', rev = rev + 1 where id = $1 and state = 2`,
		int64(m.Activity), tx.Now.UnixMicro(), key(m.User))
	if err != nil || changed == 0 {
		return event, false, err
	}
	var at step.Token
	if err := tx.row(`select coalesce(enrollment_id, 0), step, visit from activities where id = $1`, int64(m.Activity)).
		Scan(&at.Enrollment, &at.Step, &at.Visit); err != nil || at.Enrollment == 0 {
		return event, false, err
	}
	return SignalledEvent{Enrollment: at.Enrollment, Event: step.ActivityDone{Token: at, Outcome: "sent", By: m.User}}, true, nil
}

// ReleaseMail puts the emails that this node has claimed back into the queue, except those that keep names: the ones that are,
// or were, on the wire. The rest never touched the network, so their attempt does not count. That is also how a claim is
// undone whose commit succeeded without this node hearing of it. It gives how many there were.
func (db *DB) ReleaseMail(ctx context.Context, node string, keep []ident.Message) (int64, error) {
	return db.release(ctx, message.EmailChannel, node, keep)
}

func (db *DB) release(ctx context.Context, c message.Channel, node string, keep []ident.Message) (count int64, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		count, err = tx.exec(`update messages set state = case when `+pausedOf("messages")+` then 2 else 1 end, attempts = attempts - 1, next_at = $1
			where id in (select id from messages where state = 3 and node = $2 and channel = $3 and not `+tx.in("id", 4)+db.dialect.skipLocked()+`)`,
			tx.Now.UnixMicro(), node, channelCodes[c], tx.list(keep))
		if err != nil {
			return fmt.Errorf("release messages: %w", err)
		}
		if count > 0 {
			tx.queued(c)
		}
		return nil
	})
	return count, err
}
