package flow

import (
	"slices"
	"time"

	"cadenza/internal/step"
)

// Visit is one step on a foreseen way.
type Visit struct {
	Step step.Step
	// At is when the step is reached, LeftAt when it is left.
	At, LeftAt time.Time
	Outcome    step.Outcome
	Detail     string
	// Held says what kept an automated message up from At to LeftAt; "" when nothing did.
	Held string
	// ByHand tells that a seller has an activity of it: of a step by hand, or of a message that cannot go by itself.
	ByHand bool
}

// Surroundings are what a record's way meets. The zero value holds nothing up.
type Surroundings struct {
	Facts step.Facts
	// Hours are when automated messages go to the record.
	Hours SendHours
	// NoAddress and NoNumber tell that the record has nowhere to send emails or text messages to.
	NoAddress, NoNumber bool
	// Held says what keeps automated messages until a person ends that, HeldByHand what keeps those that people write; "" for nothing.
	Held, HeldByHand string
}

// Way is what would happen to a record from the moment it is connected.
type Way struct {
	Visits []Visit
	// Exit is how it ends and EndAt when. NoExit means that it was not followed to its end: it has too many visits, or waits
	// for something that nobody foresees.
	Exit  step.Exit
	EndAt time.Time
	// Stuck says what the message waits for that the way ends with; "" for other ways.
	Stuck string
}

// maxVisits bounds a foreseen way; a real one visits each step once.
const maxVisits = 2 * MaxSteps

// Foresee follows one record through a version by the very decisions that the engine makes. It assumes that emails leave as soon as
// windows, holidays and time off let them, whatever else their mailbox sends, that people act when an activity falls due, and that customers
// and calls do what makes each condition go the way that choose wants; a condition about the record's fields goes as the facts say.
func Foresee(v *Version, around Surroundings, now time.Time, choose func(step.Step) bool) Way {
	f := foreseer{
		snap: Snapshot{Version: v, State: Start(now, 0), Facts: around.Facts}, around: around, now: now, choose: choose,
		held: map[string]string{}, opened: map[string]bool{},
	}
	f.play(step.Connected{})
	return f.follow()
}

// follow plays what happens one after another, to the end of the way.
func (f *foreseer) follow() Way {
	for len(f.way.Visits) < maxVisits && f.snap.State.Status == Active {
		ev, at := f.next()
		if ev == nil || at.Before(f.now) {
			break
		}
		f.now = at
		if !f.play(ev) {
			break
		}
	}
	if f.snap.State.Status == Finished {
		f.way.Exit, f.way.EndAt = f.snap.State.Exit, f.now
	}
	return f.way
}

type foreseer struct {
	snap   Snapshot
	around Surroundings
	now    time.Time
	choose func(step.Step) bool
	way    Way
	due    time.Time         // of the open activity
	mail   Unsent            // of the message that is on its way when the foresight begins
	held   map[string]string // what kept the message of a step up
	opened map[string]bool   // the steps that have given somebody an activity
}

// play makes one decision and notes the steps that it left.
func (f *foreseer) play(ev step.Event) bool {
	m := Decide(f.snap, ev, f.now)
	if m.Ignored {
		return false
	}
	f.snap = f.snap.After(m)
	for _, p := range m.Effects {
		if open, ok := p.Effect.(step.OpenActivity); ok {
			f.due = open.DueAt
			f.opened[f.snap.State.Step] = true
		}
	}
	for _, l := range m.Lines {
		if s, ok := f.snap.Version.Step(l.Step); ok && l.Kind == LineStep {
			f.way.Visits = append(f.way.Visits, Visit{
				Step: s, At: l.Since, LeftAt: f.now, Outcome: l.Outcome, Detail: l.Detail, Held: f.held[s.ID], ByHand: f.opened[s.ID],
			})
		}
	}
	return true
}

// next gives what happens to the enrollment where it stands, and when.
func (f *foreseer) next() (step.Event, time.Time) {
	st := f.snap.State
	token := step.Token{Enrollment: f.snap.Enrollment, Step: st.Step, Visit: st.Visit}
	switch st.Wait {
	case step.ForTime:
		return step.TimerFired{}, st.DueAt
	case step.ForMail:
		return f.send(token)
	case step.ForPerson:
		at := f.due
		if at.Before(f.now) {
			at = f.now
		}
		s, _ := f.snap.Version.Step(st.Step)
		if why := f.unreachable(s); why != "" {
			return step.ActivityDone{Token: token, Skipped: true, Outcome: why}, at
		}
		if f.around.HeldByHand != "" && (s.Mails() || s.Texts()) {
			f.way.Stuck = f.around.HeldByHand
			return nil, at
		}
		f.engage(st.Step, at)
		return step.ActivityDone{Token: token, Outcome: f.outcome(s)}, at
	case step.NoWait:
	}
	return nil, f.now
}

// send gives what becomes of an automated message, and when, as the gate of delivery will decide.
func (f *foreseer) send(at step.Token) (step.Event, time.Time) {
	s, _ := f.snap.Version.Step(at.Step)
	if why := f.unreachable(s); why != "" {
		return step.MailFailed{Token: at, Reason: why}, f.now
	}
	mail := f.mail
	f.mail = Unsent{}
	if mail.Stuck == "" {
		mail.Stuck = f.around.Held
	}
	if mail.Stuck != "" {
		f.way.Stuck = mail.Stuck
		return nil, f.now
	}
	from := f.now
	if mail.NextAt.After(from) {
		from = mail.NextAt
	}
	leaves, why, ok := f.around.Hours.Next(from)
	if why == "" {
		why = mail.Reason
	}
	if !ok {
		f.way.Stuck = why
		return nil, f.now
	}
	f.held[s.ID] = why
	f.engage(s.ID, leaves)
	return step.MailSent{Token: at}, leaves
}

// unreachable says why a step cannot write to the record; "" when it can, or writes nothing.
func (f *foreseer) unreachable(s step.Step) string {
	kind, _ := step.KindOf(s.Type)
	facts := f.snap.Facts
	switch {
	case kind.Mails && facts.NoEmail() != "":
		return facts.NoEmail()
	case kind.Mails && f.around.NoAddress:
		return noAddress
	case kind.Texts && facts.NoText() != "":
		return facts.NoText()
	case kind.Texts && f.around.NoNumber:
		return noNumber
	}
	return ""
}

// feeding lists the conditions that ask about a step.
func (f *foreseer) feeding(id string) []step.Step {
	var list []step.Step
	for _, s := range f.snap.Version.Def.Each() {
		if s.When.Feeds() == id && id != "" {
			list = append(list, s)
		}
	}
	return list
}

// engage has the customer do at once what the conditions on an email want that shall go Yes.
func (f *foreseer) engage(id string, at time.Time) {
	done := step.Engagement{}
	for _, c := range f.feeding(id) {
		if c.When.Email == nil || !f.choose(c) {
			continue
		}
		for _, r := range c.When.Email.Results {
			done[r] = at
		}
	}
	mail := map[string]step.Engagement{id: done}
	for other, e := range f.snap.Facts.Mail {
		if other != id {
			mail[other] = e
		}
	}
	f.snap.Facts.Mail = mail
}

// outcome gives an outcome of a call with which every condition on it goes as wanted, or else the first of them.
func (f *foreseer) outcome(s step.Step) string {
	if s.Type != "phone_call" {
		return ""
	}
	fits := func(key string, conditions []step.Step) bool {
		for _, c := range conditions {
			if c.When.Call != nil && slices.Contains(c.When.Call.Outcomes, key) != f.choose(c) {
				return false
			}
		}
		return true
	}
	offered := f.snap.Facts.Outcomes.OrShipped().Calls.Offered().Keys()
	if len(f.snap.Facts.Outcomes.Calls) == 0 { // nobody said what the organisation has: believe what conditions ask for
		for _, c := range f.feeding(s.ID) {
			if c.When.Call != nil {
				offered = append(offered, c.When.Call.Outcomes...)
			}
		}
	}
	for conditions := f.feeding(s.ID); len(conditions) > 0; conditions = conditions[:len(conditions)-1] {
		for _, key := range offered {
			if fits(key, conditions) {
				return key
			}
		}
		if fits("", conditions) {
			return ""
		}
	}
	return offered[0] // at least one is always offered
}
