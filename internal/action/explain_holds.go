package action

import (
	"fmt"
	"strings"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Hold is something that keeps an enrollment from going on.
type Hold struct {
	// Code is for programs: paused, sequence_inactive, time, condition, person, trouble, sending, scheduled, unknown, away, engine, the code of the gate of
	// delivery; and of what does not go on at all: ended, not_connected, record_closed.
	Code string
	Text string
	// Since is from when on it holds; zero when that is not known.
	Since time.Time
	// Until is when it is over; zero when that is not known.
	Until time.Time
	// Change says who can change that, and how; Place is where, and nowhere for a reader who may not go there.
	Change string
	Place  Place
}

// Sentence gives Text with a full stop: what people and servers say of a reason often has none.
func (h Hold) Sentence() string {
	text := strings.TrimSpace(h.Text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}

// holdsOf lists what keeps a live enrollment from going on.
func holdsOf(tx *store.Tx, x Explanation) ([]Hold, error) {
	var list []Hold
	st := x.Enrollment.State
	if st.Status == flow.Paused {
		h, err := pauseHold(tx, x)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	switch st.Wait {
	case step.NoWait:
		if st.Status != flow.Paused {
			list = append(list, Hold{Code: "engine", Text: "Nothing. The next step begins in a moment."})
		}
	case step.ForTime:
		list = append(list, timeHold(x))
	case step.ForMail:
		h, err := waitingMail(tx, x)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	case step.ForPerson:
		if x.Activity != nil && x.Activity.State == store.ActivitySending {
			h, err := waitingMail(tx, x)
			return append(list, h), err
		}
		list = append(list, personHolds(x, tx.Now)...)
	}
	return list, nil
}

func pauseHold(tx *store.Tx, x Explanation) (Hold, error) {
	text, err := whyPaused(tx, x.Enrollment)
	if err != nil {
		return Hold{}, err
	}
	s, err := tx.GetSequence(x.Enrollment.Sequence)
	if err != nil {
		return Hold{}, err
	}
	since, err := tx.PausedSince(x.Enrollment.ID)
	if err != nil {
		return Hold{}, err
	}
	if s.Status != store.Active {
		return Hold{Code: "sequence_inactive", Text: text, Since: since, Place: x.placeOfSequence(), Change: "A sequence manager can activate the sequence again."}, nil
	}
	return Hold{Code: "paused", Text: text, Since: since, Place: placeOf("enrollment", x.Enrollment.ID), Change: x.movers() + " can resume it."}, nil
}

// timeHold is a wait, or the limit of a condition.
func timeHold(x Explanation) Hold {
	st := x.Enrollment.State
	h := Hold{Code: "time", Text: waitSentence(*x.Current, x.Version), Since: st.Since, Until: st.DueAt, Change: x.movers() + " can skip the wait.", Place: placeOf("enrollment", x.Enrollment.ID)}
	if x.Current.When != nil {
		h.Code, h.Text = "condition", limitSentence(*x.Current.When)
		h.Change = x.movers() + " can end the wait; the condition is answered with what is known then."
	}
	return h
}

// mailHold is what the gate of delivery said of the message.
func mailHold(x Explanation, now time.Time) Hold {
	if x.Message == nil {
		return Hold{Code: "sending", Text: x.Waiting}
	}
	m := *x.Message
	h := Hold{Code: "sending", Since: m.CreatedAt, Place: placeOf("message", m.ID)}
	h.Text, h.Until = mailSentence(m, now)
	switch {
	case m.State == store.MessageHeld:
		h.Code, h.Change, h.Place = "paused", x.movers()+" can resume it.", placeOf("enrollment", x.Enrollment.ID)
	case m.State == store.MessageUnknown:
		h.Since = m.AttemptAt
		h.Code, h.Change = "unknown", x.assignee()+" and sales managers can say on the message's page whether it was sent."
	case m.Waits(now) && m.Blocker != store.BlockRestored:
		h.Code, h.Change = "scheduled", x.assignee()+" can give it another time, or take it back."
	case m.Blocker != store.NotBlocked:
		h.Code, h.Change = string(m.Blocker), x.opens(m.Blocker)
		h.Place = x.placeOfBlocker(m)
	}
	return h
}

// heldSince gives since when a message is kept from being sent by what keeps it now; zero where that is not known.
func heldSince(tx *store.Tx, m *store.Message, holds []store.MailHold) (time.Time, error) {
	switch {
	case m == nil || m.Blocker == store.NotBlocked:
		return time.Time{}, nil
	case m.Blocker == store.BlockRestored:
		since, err := tx.SendingHeld()
		if since.Before(m.CreatedAt) {
			since = m.CreatedAt
		}
		return since, err
	}
	for i := len(holds) - 1; i >= 0; i-- {
		if holds[i].Blocker == m.Blocker {
			return holds[i].At, nil
		}
	}
	return time.Time{}, nil
}

// waitingMail is mailHold with since when the gate has said it.
func waitingMail(tx *store.Tx, x Explanation) (Hold, error) {
	h := mailHold(x, tx.Now)
	if x.Message == nil || x.Message.Waits(tx.Now) && x.Message.Blocker != store.BlockRestored {
		return h, nil
	}
	holds, err := tx.HoldsOf([]ident.Message{x.Message.ID})
	if err != nil {
		return h, err
	}
	since, err := heldSince(tx, x.Message, holds[x.Message.ID])
	if !since.IsZero() {
		h.Since = since
	}
	return h, err
}

// opens says who can change what the gate holds a message for.
func (x Explanation) opens(b store.Blocker) string {
	switch b {
	case store.BlockWindow:
		if x.ownWindows() {
			return "Whoever edits the sequence can change its own send windows, with a new version."
		}
		return "An admin can change the send windows under Settings; whoever edits the sequence can have it send at any time."
	case store.BlockHoliday:
		return "An admin can change the holidays under Settings."
	case store.BlockGap, store.BlockHourCap, store.BlockDayCap, store.BlockTurn:
		return "An admin, or whoever owns the mailbox, can change its limits under Mailboxes."
	case store.BlockPaused, store.BlockGuard:
		return "An admin, or whoever owns the mailbox, can resume it under Mailboxes."
	case store.BlockGrant, store.BlockShutOut:
		return "Whoever owns the mailbox can connect it again under Mailboxes."
	case store.BlockRestored:
		return "An admin or a sales manager can let messages go on the outbox page; whoever runs the server can, with cadenza restore --release."
	case store.BlockAway:
		return x.assignee() + " or a sales manager can change the time off."
	case store.BlockRefused:
		return "Nobody here: it was refused for now, and we try again by ourselves."
	case store.BlockUnreached:
		return "Whoever runs the mailbox's own mail server can bring it back, or whoever owns the mailbox can correct it under Mailboxes. We try again by ourselves; a test there that works lets what waits go at once."
	case store.BlockNoBox, store.BlockBoxGone, store.BlockAddress, store.BlockContent, store.BlockUnwanted, store.BlockSuppressed, store.BlockTooLate, store.NotBlocked:
	}
	return ""
}

func dateText(d calendar.Date) string { return d.Start(time.UTC).Format("2 January") }

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// assignee names who has the activities, at the beginning of a sentence.
func (x Explanation) assignee() string {
	if x.reader.ID != 0 && x.Enrollment.Assignee == x.reader.ID {
		return "You"
	}
	if x.Enrollment.AssigneeName != "" {
		return x.Enrollment.AssigneeName
	}
	return "The assignee"
}

// movers names who may pause, resume and disconnect the record: see mayMove. The reader comes first.
func (x Explanation) movers() string {
	who, owner := "", x.Record.OwnerName
	if x.Enrollment.AssigneeName != "" {
		who = x.assignee() + ", "
	}
	switch {
	case owner == "" || owner == x.Enrollment.AssigneeName:
	case x.reader.ID != 0 && x.Record.Owner == x.reader.ID:
		who = "You, " + who
	case who == "You, ":
		who += owner + ", "
	default:
		who = owner + ", " + who
	}
	if who == "" {
		return "Sales managers and sequence managers"
	}
	return who + "sales managers and sequence managers"
}
