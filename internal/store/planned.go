package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// maxPlanned is how many activities of a user one look at what is planned lists.
const maxPlanned = 1000

// nearby is how many rows that fall due for everybody a search for those of one user looks through: neither of the two hot
// tables has an index by user, which every advance and every mail would pay for.
const nearby = 20_000

// PlannedActivities gives the open activities of a user that are due from one moment until another, from the index
// activities_open_idx; what waits in a batch is as good as done, and not among them. more tells that there are more than it lists.
func (tx *Tx) PlannedActivities(user ident.User, from, until time.Time) (list []Activity, more bool, err error) {
	list, err = tx.activities("list planned activities", `where a.assignee_id = $1 and a.state < 3 and a.due_at >= $2 and a.due_at < $3 and `+notWaiting+`
		order by a.due_at, a.id limit $4`, int64(user), from.UnixMicro(), until.UnixMicro(), maxPlanned+1)
	if len(list) > maxPlanned {
		return list[:maxPlanned], true, err
	}
	return list, false, err
}

// PlannedWaits gives the waits of a user's enrollments that end from one moment until another. It looks at the first 20,000 that
// end for anybody; seen is the moment until which that is all.
func (tx *Tx) PlannedWaits(user ident.User, from, until time.Time) (list []Enrollment, seen time.Time, err error) {
	const near = `select id, due_at, status, wait from enrollment_states where due_at >= $1 and due_at < $2 order by due_at, id limit $3`
	args := []any{from.UnixMicro(), until.UnixMicro(), nearby}
	if seen, err = tx.seenUntil(near, until, args); err != nil {
		return nil, until, fmt.Errorf("count waits: %w", err)
	}
	list, err = tx.enrollments("list planned waits", ` where e.id in (select id from (`+near+`) as near
		where status = 1 and wait = 1) and e.assignee_id = $4 order by t.due_at, e.id limit $5`, append(args, int64(user), maxPlanned)...)
	return list, seen, err
}

// PlannedMessages gives the queued messages of a user that are to go from one moment until another; seen is as in PlannedWaits.
func (tx *Tx) PlannedMessages(user ident.User, from, until time.Time) (list []Message, seen time.Time, err error) {
	seen = until
	for _, channel := range channelCodes {
		const near = `select id, next_at as due_at, user_id from messages where state = 1 and channel = $4 and next_at >= $1 and next_at < $2 order by next_at, id limit $3`
		args := []any{from.UnixMicro(), until.UnixMicro(), nearby, channel}
		end, err := tx.seenUntil(near, until, args)
		if err != nil {
			return nil, until, fmt.Errorf("count messages: %w", err)
		}
		if end.Before(seen) {
			seen = end
		}
		part, err := tx.messages("list planned messages", `where m.id in (select id from (`+near+`) as near where user_id = $5) order by m.next_at, m.id limit $6`,
			append(args, int64(user), maxPlanned)...)
		if err != nil {
			return nil, until, err
		}
		list = append(list, part...)
	}
	return list, seen, nil
}

// seenUntil is the last moment of a bounded search that filled its bound; else it is until.
func (tx *Tx) seenUntil(near string, until time.Time, args []any) (time.Time, error) {
	var last sql.NullInt64
	var n int
	if err := tx.row(`select count(*), max(due_at) from (`+near+`) as near`, args...).Scan(&n, &last); err != nil {
		return until, err
	}
	if n < nearby {
		return until, nil
	}
	return moment(last), nil
}

// FeedActivities gives what a calendar feed tells of a user: activities that are or were due from one moment until another, open
// or over, the latest first where there are more than the limit of either.
func (tx *Tx) FeedActivities(user ident.User, from, until time.Time, limit int) ([]Activity, error) {
	args := []any{int64(user), from.UnixMicro(), until.UnixMicro(), limit}
	open, err := tx.activities("list open activities for a feed", `where a.assignee_id = $1 and a.state < 3 and a.due_at >= $2 and a.due_at < $3
		order by a.due_at, a.id limit $4`, args...)
	if err != nil {
		return nil, err
	}
	over, err := tx.activities("list activities that are over for a feed", `where a.assignee_id = $1 and a.state >= 3 and a.due_at >= $2 and a.due_at < $3
		order by a.due_at desc, a.id desc limit $4`, args...)
	return append(open, over...), err
}
