package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cadenza/internal/step"
)

// What a step's end withdraws is held up by nothing any more.
const withdrawn = `update messages set state = 6, next_at = null, blocker = '', turn = 0, reason = $2 where state < 3 and `

// The mail of an activity that a step's end cancels is withdrawn with it; what is scheduled waits while its enrollment is
// paused. That is what is done about them before the activities change; each ends where their enrollments are named.
const (
	ofSending        = `id in (select message_id from activities where state = 2 and message_id is not null and `
	holdScheduled    = `update messages set state = 2 where state = 1 and scheduled_at is not null and ` + ofSending
	releaseScheduled = `update messages set state = 1, next_at = case when next_at < $2 then $2 else next_at end where state = 2 and scheduled_at is not null and ` + ofSending
)

// withdrawnFor says why an exit withdraws a message, in the words in which it is told of; of a step that is over without one, that it is.
func withdrawnFor(e step.Exit) string {
	if e == step.NoExit || e == step.ExitCompleted {
		return "Its step is over."
	}
	return e.Describe() + "."
}

// changeWork cancels, holds and releases open activities and unsent messages.
func (tx *Tx) changeWork(w *writes) error {
	for _, why := range slices.Sorted(maps.Keys(w.cancel)) {
		if err := tx.cancelWork(why, w.cancel[why]); err != nil {
			return fmt.Errorf("cancel work: %w", err)
		}
	}
	for _, c := range []struct {
		what string
		ids  []int64
		sql  [3]string
	}{
		{"hold work", w.hold, [3]string{
			holdScheduled,
			`update activities set state = 3, rev = rev + 1 where state = 1 and `,
			`update messages set state = 2 where state = 1 and `,
		}},
		{"release work", w.release, [3]string{
			releaseScheduled,
			`update activities set state = 1, rev = rev + 1 where state = 3 and `,
			`update messages set state = 1, next_at = case when next_at > $2 and blocker = 'refused_for_now' then next_at else $2 end where state = 2 and `,
		}},
	} {
		if len(c.ids) == 0 {
			continue
		}
		for _, query := range c.sql {
			args := []any{tx.list(c.ids)}
			if strings.Contains(query, "$2") {
				args = append(args, tx.Now.UnixMicro())
			}
			condition := tx.in("enrollment_id", 1)
			if strings.Contains(query, "(select") {
				condition += ")"
			}
			if _, err := tx.exec(query+condition, args...); err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
		}
	}
	return nil
}

// cancelWork cancels the open activities of enrollments, and withdraws what was not sent, also of what people wrote in the activities.
func (tx *Tx) cancelWork(why string, ids []int64) error {
	list, these := tx.list(ids), tx.in("enrollment_id", 1)
	if _, err := tx.exec(withdrawn+ofSending+these+`)`, list, why); err != nil {
		return err
	}
	if _, err := tx.exec(`update activities set state = 6, done_at = $2, rev = rev + 1 where state < 4 and `+these, list, tx.Now.UnixMicro()); err != nil {
		return err
	}
	_, err := tx.exec(withdrawn+these, list, why)
	return err
}
