package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/pace"
)

// queueUp gives those that have to wait for their turn a likely moment for it, and says what they wait for until then: one after the other, so
// that a backlog comes due bit by bit and not all at each opening.
func (tx *Tx) queueUp(list []*MailCandidate, verdicts []Verdict) error {
	parked := map[*boxPace][]int{}
	for i, c := range list {
		if verdicts[i].Kind == Later && verdicts[i].Turn && c.Pacing.box != nil {
			parked[c.Pacing.box] = append(parked[c.Pacing.box], i)
		}
	}
	for p, waiting := range parked {
		if err := tx.queueAt(p, waiting, list, verdicts); err != nil {
			return fmt.Errorf("give turns: %w", err)
		}
	}
	return nil
}

// shutLook is when a message of a mailbox that is paused is looked at again, should nobody resume it.
const shutLook = 6 * time.Hour

func (tx *Tx) queueAt(p *boxPace, waiting []int, list []*MailCandidate, verdicts []Verdict) error {
	if p.shut {
		for _, i := range waiting {
			verdicts[i].At = tx.Now.Add(shutLook)
		}
		return nil
	}
	if p.shutOut(tx.Now) {
		for _, i := range waiting {
			verdicts[i].At = tx.Now.Add(shutLook)
		}
		if p.opens.IsZero() || p.opens.After(p.sendAgain) {
			p.opens, p.dirty = p.sendAgain, true
		}
		return nil
	}
	rank := func(i int) (int16, int64) { return list[i].rank(), int64(list[i].Message.ID) }
	slices.SortFunc(waiting, func(a, b int) int {
		ra, ia := rank(a)
		rb, ib := rank(b)
		return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(ia, ib))
	})
	forecast, last := pace.NewForecast(p.limits, p.usage, tx.Now), 0
	for n, i := range waiting {
		if n == 0 || list[waiting[n-1]].rank() != list[i].rank() {
			r, id := rank(i)
			var before int
			if err := tx.row(`select count(*) from (select 1 from messages where mailbox_id = $1 and state = 1 and turn = 1
				and (rank < $2 or (rank = $2 and id < $3)) limit $4) as part`, int64(p.mailbox), r, id, countLimit*10).Scan(&before); err != nil {
				return err
			}
			forecast.Skip(max(0, before-last))
			last = before
		}
		turn := forecast.Next()
		verdicts[i].At = turn.At
		if verdicts[i].Blocker.paced() { // the gate has asked for the next mail of the mailbox, and this one may be another
			verdicts[i].Blocker, verdicts[i].Reason = list[i].Pacing.Says(turn, tx.Now)
		}
	}
	if opens, _ := pace.Next(p.limits, p.usage, tx.Now); p.opens.IsZero() || opens.Before(p.opens) {
		p.opens, p.dirty = opens, true
	}
	return nil
}

func (c *MailCandidate) rank() int16 {
	if c.Pacing.FollowUp {
		return followUpRank
	}
	return firstRank
}
