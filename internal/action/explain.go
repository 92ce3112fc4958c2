package action

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Explanation says why a record stands where it stands on a sequence, what comes next and when, and what holds it.
type Explanation struct {
	Track
	Record store.Record
	// SeesSequence tells that the reader sees the sequence, too, and not only this enrollment in it.
	SeesSequence bool
	// Reasons say how it came there, oldest first.
	Reasons []Reason
	// Holds are what keeps it from going on, the weightiest first; for a finished enrollment why nothing comes any more.
	Holds []Hold
	// Paused tells that the dates count as if the enrollment were resumed now.
	Paused bool
	// Sure are the visits that come whatever the customer does, the present one first.
	Sure []flow.Visit
	// Fork is where the way parts for the first time; nil where it does not.
	Fork   *Fork
	forkAt time.Time // when it is reached
	// End is how the way ends that does not part.
	End flow.Way
	// Ends say what ends the sequence for the record at any time.
	Ends []string

	reader access.Actor // who is told, so that it can say "you", and leads only where they may go
}

// Reason is one thing that led a record to where it stands.
type Reason struct {
	At time.Time
	// Until is when that was over, of something that kept a message waiting, or is to be; zero where nobody knows, and for what happened at once.
	Until time.Time
	Text  string
	// Kind is that of the step which it is about; "" for none.
	Kind string
}

// Fork is a condition that nobody can answer yet, with both of its ways.
type Fork struct {
	Step step.Step
	// Yes and No begin with the first visit after the condition. Later conditions that nobody can answer yet are taken as Yes.
	Yes, No ForkWay
}

// ForkWay is one side of a fork.
type ForkWay struct {
	flow.Way
	// At is when it is taken, at the latest.
	At time.Time
}

// Explain gives the explanation of an enrollment.
func (a *App) Explain(ctx context.Context, actor access.Actor, id ident.Enrollment) (Explanation, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return Explanation{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Explanation, error) {
		e, err := tx.GetEnrollment(id)
		if err != nil {
			return Explanation{}, err
		}
		return explained(tx, actor, e)
	})
}

// ExplainRecord gives the explanations of all sequences that a record is on.
func (a *App) ExplainRecord(ctx context.Context, actor access.Actor, rec ident.Record) ([]Explanation, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]Explanation, error) {
		if _, err := tx.GetRecord(rec); err != nil {
			return nil, err
		}
		return explainedOf(tx, actor, rec)
	})
}

// explainedOf explains all sequences that a record is on.
func explainedOf(tx *store.Tx, reader access.Actor, rec ident.Record) ([]Explanation, error) {
	live, err := tx.LiveEnrollments(rec)
	if err != nil {
		return nil, err
	}
	list := make([]Explanation, 0, len(live))
	for _, e := range live {
		one, err := explained(tx, reader, e)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func explained(tx *store.Tx, reader access.Actor, e store.Enrollment) (x Explanation, err error) {
	x.reader = reader
	if x.SeesSequence, err = tx.For(reader).Sees(e.Sequence); err != nil {
		return x, err
	}
	if x.Record, err = tx.GetRecord(e.Record); err != nil {
		return x, err
	}
	if x.Track, err = fullTrack(tx, e); err != nil {
		return x, err
	}
	if x.Reasons, err = reasonsOf(tx, x.Track); err != nil {
		return x, err
	}
	if e.State.Status == flow.Finished {
		x.End = flow.Way{Exit: e.State.Exit, EndAt: e.FinishedAt}
		ended, err := endedHold(tx, x)
		x.Holds = []Hold{ended}
		return x, err
	}
	x.Paused = e.State.Status == flow.Paused
	x.Ends = endsOf(x.Version.Def)
	if x.Holds, err = holdsOf(tx, x); err != nil {
		return x, err
	}
	around, err := tx.SurroundingsOn(e, x.Version, x.Record)
	if err != nil {
		return x, err
	}
	x.foresee(around, tx.Now)
	x.Reached = x.reached()
	return x, nil
}

// reached says when the steps begin that come in any case.
func (x *Explanation) reached() map[string]time.Time {
	times := map[string]time.Time{}
	for _, v := range x.Coming() {
		times[v.Step.ID] = v.At
	}
	if x.Fork != nil && x.Fork.Step.ID != x.Enrollment.State.Step {
		times[x.Fork.Step.ID] = x.forkAt
	}
	return times
}

// lookAhead notes when the steps to come are reached.
func (t *Track) lookAhead(tx *store.Tx, rec store.Record) error {
	around, err := tx.SurroundingsOn(t.Enrollment, t.Version, rec)
	if err != nil {
		return err
	}
	x := Explanation{Track: *t, Record: rec}
	x.foresee(around, tx.Now)
	t.Reached = x.reached()
	return nil
}

// fullTrack is the track of an enrollment with what its page needs, live or not.
func fullTrack(tx *store.Tx, e store.Enrollment) (Track, error) {
	activities, err := tx.UndoneActivities(e.Record)
	if err != nil {
		return Track{}, err
	}
	messages, err := tx.MessagesOf(e.Record, recentMessages)
	if err != nil {
		return Track{}, err
	}
	t, err := newTrack(tx, e, activities, messages)
	if err != nil {
		return t, err
	}
	if t.Outcomes, err = tx.Outcomes(); err != nil {
		return t, err
	}
	t.Away, err = absenceOf(tx, e.Assignee)
	return t, err
}

// foresee follows the rest of the way, and parts it at the first condition that the facts do not answer.
func (x *Explanation) foresee(around flow.Surroundings, now time.Time) {
	on := flow.Standing{Enrollment: x.Enrollment.ID, State: x.Enrollment.State, Mail: unsentOf(x.Message)}
	if x.Activity != nil {
		on.Due = x.Activity.DueAt
		if x.Activity.ScheduledAt.After(on.Due) {
			on.Due = x.Activity.ScheduledAt
		}
	}
	yes := flow.ForeseeOn(x.Version, on, around, now, func(step.Step) bool { return true })
	for i, visit := range yes.Visits {
		if visit.Step.When == nil || visit.Step.When.Field != nil {
			continue
		}
		no := flow.ForeseeOn(x.Version, on, around, now, func(s step.Step) bool { return s.ID != visit.Step.ID })
		if len(no.Visits) <= i || no.Visits[i].Step.ID != visit.Step.ID || no.Visits[i].Outcome == visit.Outcome {
			continue // what happened so far answers it
		}
		x.Sure, x.forkAt = yes.Visits[:i], visit.At
		x.Fork = &Fork{Step: visit.Step, Yes: side(yes, i), No: side(no, i)}
		return
	}
	x.Sure, x.End = yes.Visits, yes
}

// side gives what comes after the condition at a place of a way.
func side(w flow.Way, i int) ForkWay {
	at := w.Visits[i].LeftAt
	w.Visits = w.Visits[i+1:]
	return ForkWay{Way: w, At: at}
}

// unsentOf gives what the gate has said of a message.
func unsentOf(m *store.Message) flow.Unsent {
	switch {
	case m == nil:
		return flow.Unsent{}
	case m.State == store.MessageUnknown:
		return flow.Unsent{Stuck: "Nobody knows whether the " + messageWord(m.Channel == message.TextChannel) + " was sent."}
	case m.Blocker.NeedsPerson():
		return flow.Unsent{Stuck: m.Reason}
	}
	return flow.Unsent{NextAt: m.NextAt, Reason: m.Reason}
}

// Coming are the visits after the present one that come in any case.
func (x Explanation) Coming() []flow.Visit {
	if len(x.Sure) > 0 && x.Sure[0].Step.ID == x.Enrollment.State.Step {
		return x.Sure[1:]
	}
	return x.Sure
}

// EndsAt gives when the way ends at the earliest and the latest, as far as that can be foreseen; zero where it cannot.
func (x Explanation) EndsAt() (from, to time.Time) {
	if x.Fork == nil {
		return x.End.EndAt, x.End.EndAt
	}
	from, to = x.Fork.Yes.EndAt, x.Fork.No.EndAt
	if from.IsZero() || to.IsZero() {
		return time.Time{}, time.Time{}
	}
	if to.Before(from) {
		from, to = to, from
	}
	return from, to
}

// reasonsOf tells from history how an enrollment came to its step: who connected it, what conditions answered, and what went before.
func reasonsOf(tx *store.Tx, t Track) ([]Reason, error) {
	history, err := tx.HistoryOf(t.Enrollment.ID)
	if err != nil {
		return nil, err
	}
	var list []Reason
	if end := t.Enrollment; len(history) == 0 && end.State.Status == flow.Finished {
		list = append(list, Reason{At: end.FinishedAt, Text: historyGone})
	}
	last, teller := lastStep(history), teller{t.Version, t.Outcomes}
	for i, h := range history {
		here := h.Step == t.Enrollment.State.Step && h.Visit == t.Enrollment.State.Visit
		if r, tells := teller.reason(h, i == last, here); tells {
			list = append(list, r)
		}
	}
	return list, nil
}

// historyGone says why there are no reasons.
const historyGone = "What happened before is deleted: history is kept for some time after the end only."

// teller puts lines of history into words.
type teller struct {
	version  *flow.Version
	outcomes step.Outcomes
}

// reason tells a line: of a step that is over where over, and of one that could not run by itself where handed.
func (t teller) reason(h store.HistoryRow, over, handed bool) (r Reason, tells bool) {
	st, _ := t.version.Step(h.Step)
	name := "“" + cmp.Or(t.version.Def.Title(st, t.outcomes), h.Step) + "”"
	if st.When != nil {
		name = t.version.Def.Title(st, t.outcomes) // it may quote another step
	}
	say := func(format string, args ...any) (Reason, bool) {
		return Reason{At: h.At, Kind: st.Type, Text: strings.TrimSpace(fmt.Sprintf(format, args...))}, true
	}
	switch {
	case h.Kind == flow.LineConnected:
		return say("Connected%s.", byWhom(h))
	case h.Kind == flow.LineStep && st.When != nil && h.Outcome != step.Retried:
		return say("%s was answered with %s. %s", name, answerWord(h.Outcome), h.Detail)
	case h.Kind == flow.LineStep && over && h.Outcome != step.Retried:
		return say("%s %s%s.", name, overWord(h, t.outcomes), byWhom(h))
	case h.Kind == flow.LineHanded && handed:
		return say("%s could not run by itself. %s", name, h.Detail)
	case h.Kind == flow.LineMoved:
		where, why := movedWords(h.Detail)
		return say("%s%s. %s", where, byWhom(h), why)
	case h.Kind == flow.LineExit:
		return say("%s%s. %s", step.Exit(h.Outcome).Describe(), byWhom(h), h.Detail)
	}
	return Reason{}, false
}

// lastStep is where the last step that is over stands in history; -1 for none.
func lastStep(history []store.HistoryRow) int {
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].Kind == flow.LineStep && history[i].Outcome != step.Retried {
			return i
		}
	}
	return -1
}

func byWhom(h store.HistoryRow) string {
	if h.ByName == "" {
		return ""
	}
	return " by " + h.ByName
}

func answerWord(o step.Outcome) string {
	if o == step.Yes {
		return "Yes"
	}
	return "No"
}

// overWord says how a step ended.
func overWord(h store.HistoryRow, known step.Outcomes) string {
	switch h.Outcome {
	case step.Sent:
		return "was sent"
	case step.Waited:
		return "is over"
	case step.Skipped:
		return "was skipped"
	case step.Completed:
		if label := known.Calls.Label(h.Detail); label != "" {
			return "was completed (" + label + ")"
		}
		return "was completed"
	}
	return "is done"
}

// endsOf say what ends a sequence for a record at any time.
func endsOf(def flow.Sequence) []string {
	var list []string
	o := def.Options
	for _, e := range []struct {
		on   bool
		text string
	}{
		{o.ExitOnReply, "The customer replies."},
		{o.ExitOnMeeting, "Somebody says that a meeting is booked."},
		{o.ExitOnBounce, "An email bounces for good."},
		{o.ExitOnOptOut, "The customer opts out, or the address or number is suppressed."},
	} {
		if e.on {
			list = append(list, e.text)
		}
	}
	if o.ExitWhen != nil {
		list = append(list, "The record has "+o.ExitWhen.Describe(def.Record)+".")
	}
	return append(list, "Somebody disconnects or closes the record.")
}
