package store

import (
	"fmt"
	"slices"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

// What a customer writes leaves one activity for each conversation: the record's with whoever owns our mail. While it is open, what they write next
// joins it. So a reply that ends several enrollments leaves one, and none is left twice.

// leaveByHand has the reply to a mail of no enrollment answered by whoever wrote that, or else by the record's owner.
func (tx *Tx) leaveByHand(f ReplyFacts, a answeredMessage) error {
	owner := a.owner
	if owner == 0 {
		if err := tx.row(`select coalesce(owner_id, 0) from records where id = $1`, int64(a.record)).Scan(&owner); err != nil {
			return fmt.Errorf("read owner: %w", missing(err, "record"))
		}
	}
	c, err := tx.CalendarOf(owner)
	if err != nil {
		return err
	}
	due, _ := c.Next(tx.Now)
	left := flow.AnswerByHand(step.Replied{Owner: owner, Mail: f.Mail}, due)
	rows, err := tx.joinAnswers([]activityRow{leftActivity(&loaded{record: a.record}, left, tx.Now.UnixMicro())})
	if err != nil {
		return err
	}
	if err := tx.handOver(rows); err != nil {
		return err
	}
	if tx.db.dialect == sqliteDialect {
		return tx.insertEachActivity(rows)
	}
	return tx.insertActivities(&writes{activities: rows})
}

// joinAnswers gives the activities that are new. One that is to answer a reply joins what is there for its conversation: an open one is then about
// the newest reply.
func (tx *Tx) joinAnswers(rows []activityRow) ([]activityRow, error) {
	if !slices.ContainsFunc(rows, activityRow.isAnswer) {
		return rows, nil
	}
	if err := tx.holdConversations(rows); err != nil {
		return nil, err
	}
	var left []activityRow
	for _, r := range rows {
		if !r.isAnswer() {
			left = append(left, r)
			continue
		}
		if i := slices.IndexFunc(left, r.sameConversation); i >= 0 {
			left[i].answers = keyOf(max(*left[i].answers, *r.answers))
			continue
		}
		joined, err := tx.joinAnswer(r)
		if err != nil {
			return nil, err
		}
		if !joined {
			left = append(left, r)
		}
	}
	return left, nil
}

func (r activityRow) isAnswer() bool { return r.answers != nil }

func (r activityRow) sameConversation(o activityRow) bool {
	return o.isAnswer() && r.record == o.record && (*r.answers == *o.answers || r.owner() == o.owner())
}

func (r activityRow) owner() int64 {
	if r.assignee == nil {
		return 0
	}
	return *r.assignee
}

// joinAnswer has an open activity of the conversation be about the reply, and tells whether a new one would be one too many.
func (tx *Tx) joinAnswer(r activityRow) (joined bool, err error) {
	type there struct {
		id, answers, assignee, behalf int64
		state                         ActivityState
	}
	list, err := collect(tx, func(rows oneRow) (a there, err error) {
		var state int16
		err = rows.Scan(&a.id, &a.answers, &a.assignee, &a.behalf, &state)
		a.state = ActivityState(state)
		return a, err
	}, `select id, answers, coalesce(assignee_id, 0), coalesce(behalf_id, 0), state from activities where record_id = $1 and answers is not null order by id`, r.record)
	if err != nil {
		return false, err
	}
	open := int64(0)
	for _, a := range list {
		mine := a.assignee == r.owner() || r.assignee != nil && a.behalf == *r.assignee
		if a.answers == *r.answers || mine && a.answers > *r.answers {
			return true, nil // it was left already
		}
		if mine && (a.state == ActivityOpen || a.state == ActivityHeld) {
			open = a.id
		}
	}
	if open == 0 {
		return false, nil
	}
	// Whoever saw it has not seen what came now.
	if _, err := tx.exec(`update activities set answers = $2, seen_at = null, rev = rev + 1 where id = $1`, open, *r.answers); err != nil {
		return false, err
	}
	_, err = tx.exec(`update activities set `+tx.db.dialect.setFacts()+` where id = $1`, open)
	return true, err
}

// holdConversations keeps others from leaving activities for the same records until the transaction ends, and from changing what these are worth.
// Open ones are locked first, as by a person who changes one.
func (tx *Tx) holdConversations(rows []activityRow) error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	var records []int64
	for _, r := range rows {
		if r.isAnswer() {
			records = append(records, r.record)
		}
	}
	for _, query := range []string{
		`select 1 from activities where answers is not null and state < 4 and ` + tx.in("record_id", 1) + ` order by id for update`,
		`select 1 from records where ` + tx.in("id", 1) + ` order by id for no key update`,
	} {
		if _, err := tx.exec(query, records); err != nil {
			return fmt.Errorf("hold conversations: %w", err)
		}
	}
	return nil
}
