package store

import (
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// A person's message that has a time of its own is queued for it, and its activity is due then: it is not overdue meanwhile.

// Pending tells that a message of an activity waits in the queue, so that its writer may still change its time or take it back.
func (m Message) Pending() bool {
	return m.Activity != 0 && (m.State == MessageQueued || m.State == MessageHeld)
}

// Waits tells that a message waits for the time that its writer chose.
func (m Message) Waits(now time.Time) bool {
	return m.Pending() && m.ScheduledAt.After(now)
}

// RescheduleMessage moves a message that waits to another time, the zero one for now.
func (tx *Tx) RescheduleMessage(m Message, at time.Time) error {
	next := at
	if next.IsZero() {
		next = tx.Now
	}
	n, err := tx.exec(`update messages set scheduled_at = $2, next_at = $3, reason = '', blocker = '', turn = 0, due_before = coalesce(due_before, $4)
		where id = $1 and state in (1, 2)`, int64(m.ID), micros(at), next.UnixMicro(), micros(m.DueBefore))
	if err != nil {
		return fmt.Errorf("move message: %w", err)
	}
	tx.queued(m.Channel)
	return stillWaiting(n)
}

// TakeBackMessage withdraws a message that waits, because a person wants to change it.
func (tx *Tx) TakeBackMessage(id ident.Message, why string) error {
	n, err := tx.exec(`update messages set state = 6, next_at = null, reason = $2, blocker = '', turn = 0 where id = $1 and state in (1, 2)`, int64(id), clip(why))
	if err != nil {
		return fmt.Errorf("take message back: %w", err)
	}
	return stillWaiting(n)
}

func stillWaiting(changed int64) error {
	if changed == 0 {
		return fault.New(fault.Stale, "The message does not wait any more.").WithHint("Load the page again.")
	}
	return nil
}
