package store

import (
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// OnRelease is what the release of sending does with a message that waits meanwhile (docs/adr/0045).
type OnRelease string

// What it does. The zero value stands for both.
const (
	GoesOnRelease  OnRelease = "goes"  // it goes out, as windows and limits allow
	DoubtOnRelease OnRelease = "doubt" // it may have been sent before the restore, and comes to wait for a person's word
)

// doubted is the condition on a message m that its claim leaves it to a person: see doubting.
const doubted = `(m.activity_id is null and exists (select 1 from enrollments_in_doubt d where d.enrollment_id = m.enrollment_id))`

func (f *filter) onRelease(o OnRelease) {
	switch o {
	case GoesOnRelease:
		f.and("m.state = 1 and not " + doubted)
	case DoubtOnRelease:
		f.and("m.state = 1 and " + doubted)
	}
}

// holdBack gives queued messages the hold of sending as what blocks them. It stands in no row of theirs: it is one for all of them, and its release
// must not touch each. The claim asks it before the gate, so it is the first blocker of all.
func (tx *Tx) holdBack(list []Message) error {
	var waiting []*Message
	var ids []ident.Enrollment
	for i := range list {
		if m := &list[i]; m.State == MessageQueued {
			waiting = append(waiting, m)
			if m.Enrollment != 0 && m.Activity == 0 {
				ids = append(ids, m.Enrollment)
			}
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	since, err := tx.SendingHeld()
	if err != nil || since.IsZero() {
		return err
	}
	inDoubt, err := tx.inDoubt(ids)
	if err != nil {
		return fmt.Errorf("look for doubts: %w", err)
	}
	for _, m := range waiting {
		m.Blocker, m.Turn, m.Reason = BlockRestored, false, heldReason(since)
		if m.Activity == 0 && inDoubt[m.Enrollment] {
			m.Reason += doubtAfterRelease
		}
	}
	return nil
}

// doubtAfterRelease follows heldReason where the release alone lets nothing go.
const doubtAfterRelease = " This one may have been sent before that, and waits for a person's word after the release."

// heldAhead says what will keep the messages that an enrollment comes to next, those of the sequence and those that people write; "" for nothing.
func (tx *Tx) heldAhead(id ident.Enrollment) (automated, byHand string, err error) {
	doubted, err := tx.inDoubt([]ident.Enrollment{id})
	if err != nil {
		return "", "", err
	}
	since, err := tx.SendingHeld()
	switch {
	case err != nil:
		return "", "", err
	case since.IsZero() && doubted[id]:
		return restoredReason, "", nil
	case since.IsZero():
		return "", "", nil
	case doubted[id]:
		return heldReason(since) + doubtAfterRelease, heldReason(since), nil
	}
	return heldReason(since), heldReason(since), nil
}

func heldReason(since time.Time) string {
	return "Sending is held since the database was restored on " + since.UTC().Format("2 January 2006, 15:04") + " UTC."
}

// ReleaseForecast is what letting messages go would do.
type ReleaseForecast struct {
	// Since is the moment of the restore; zero when sending is not held.
	Since time.Time
	// Goes counts what would go out, as windows and limits allow, Doubt what would come to wait for a person's word.
	Goes, Doubt int64
	// Sequences part both, the one with the most that goes first.
	Sequences []SequenceRelease
}

// SequenceRelease is the part of one sequence in a ReleaseForecast; ID is zero for what people wrote and for digests and tests.
type SequenceRelease struct {
	ID          ident.Sequence
	Name        string
	Goes, Doubt int64
}

// ReleaseForecast counts what the release would let go. It reads the whole queue: only who decides about it asks.
func (tx *Tx) ReleaseForecast() (f ReleaseForecast, err error) {
	if f.Since, err = tx.SendingHeld(); err != nil || f.Since.IsZero() {
		return f, err
	}
	f.Sequences, err = collect(tx, func(rows oneRow) (s SequenceRelease, err error) {
		return s, rows.Scan(&s.ID, &s.Name, &s.Goes, &s.Doubt)
	}, `select coalesce(s.id, 0), coalesce(s.name, ''), sum(case when `+doubted+` then 0 else 1 end) as goes, sum(case when `+doubted+` then 1 else 0 end) as doubt
		from messages m left join enrollments e on e.id = m.enrollment_id left join sequences s on s.id = e.sequence_id
		where m.state = 1 group by s.id, s.name order by goes desc, doubt desc, s.id`)
	if err != nil {
		return f, fmt.Errorf("forecast the release: %w", err)
	}
	for _, s := range f.Sequences {
		f.Goes += s.Goes
		f.Doubt += s.Doubt
	}
	return f, nil
}
