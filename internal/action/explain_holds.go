package action

import (
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Hold is something that keeps an enrollment from going on.
type Hold struct {
	// Code is for programs: paused, sequence_inactive, time, condition, person, trouble, sending, scheduled, unknown, away, engine, or the
	// code of the gate of delivery.
	Code string
	Text string
	// Until is when it is over; zero when that is not known.
	Until time.Time
	// Change says who can change that, and how.
	Change string
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
		list = append(list, mailHold(x, tx.Now))
	case step.ForPerson:
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
	if s.Status != store.Active {
		return Hold{Code: "sequence_inactive", Text: text, Change: "A sequence manager can activate the sequence again."}, nil
	}
	return Hold{Code: "paused", Text: text, Change: x.movers() + " can resume it."}, nil
}

// timeHold is a wait, or the limit of a condition.
func timeHold(x Explanation) Hold {
	st := x.Enrollment.State
	h := Hold{Code: "time", Text: waitSentence(*x.Current, x.Version), Until: st.DueAt, Change: x.movers() + " can skip the wait."}
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
	h := Hold{Code: "sending"}
	h.Text, h.Until = mailSentence(m, now)
	switch {
	case m.State == store.MessageUnknown:
		h.Code, h.Change = "unknown", x.assignee()+" and sales managers can say on the message's page whether it was sent."
	case m.Waits(now) && m.Blocker != store.BlockRestored:
		h.Code, h.Change = "scheduled", x.assignee()+" can give it another time, or take it back."
	case m.Blocker != store.NotBlocked:
		h.Code, h.Change = string(m.Blocker), x.opens(m.Blocker)
	}
	return h
}

// opens says who can change what the gate holds a message for.
func (x Explanation) opens(b store.Blocker) string {
	switch b {
	case store.BlockWindow:
		if x.Version.Def.Options.Sending == flow.InOwnWindows {
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
		return "Nobody here: the customer's mail server takes no mail for now, and we try again by ourselves."
	case store.BlockNoBox, store.BlockBoxGone, store.BlockAddress, store.BlockContent, store.BlockUnwanted, store.BlockSuppressed, store.BlockTooLate, store.NotBlocked:
	}
	return ""
}

// personHolds are what an activity waits for.
func personHolds(x Explanation, now time.Time) []Hold {
	a := x.Activity
	if a == nil {
		return []Hold{{Code: "person", Text: x.Waiting, Change: x.movers() + " can do that."}}
	}
	if a.State == store.ActivitySending {
		return []Hold{mailHold(x, now)}
	}
	who := a.AssigneeName
	h := Hold{Code: "person", Text: fmt.Sprintf("It is %s's turn: “%s” has to be completed or skipped.", who, a.Name), Change: who + " finds it in the work list. A sales manager can hand it over."}
	switch {
	case a.Assignee != 0 && a.Assignee == x.reader:
		who = "You"
		h.Text, h.Change = fmt.Sprintf("It is your turn: “%s” has to be completed or skipped.", a.Name), "You find it in your work list. A sales manager can hand it over."
	case a.AssigneeName == "":
		h.Text, h.Change = fmt.Sprintf("“%s” has to be completed or skipped, and nobody has it.", a.Name), "A sales manager can hand it over to somebody."
	}
	if a.Trouble != "" {
		h.Code, h.Text = "trouble", a.Trouble
		h.Change = who + " can mend that and try again, do it by hand, or skip it."
	}
	if a.DueAt.After(now) {
		h.Until, h.Text = a.DueAt, h.Text+" It is due later."
		if a.Snoozes > 0 {
			h.Text += fmt.Sprintf(" It was put off %s.", times(a.Snoozes))
		}
	}
	list := []Hold{h}
	if x.Away != nil {
		list = append(list, awayHold(*x.Away))
	}
	return list
}

func awayHold(a Absence) Hold {
	h := Hold{Code: "away", Text: a.Name + " is away until " + dateText(a.Until) + ".", Change: "A sales manager can hand the activity over."}
	if a.StandIn != "" {
		h.Text += " " + a.StandIn + " stands in."
	}
	return h
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
	if x.reader != 0 && x.Enrollment.Assignee == x.reader {
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
	case x.reader != 0 && x.Record.Owner == x.reader:
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
