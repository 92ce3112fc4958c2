package flow

import (
	"maps"
	"slices"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// MaxAutoMoves is how many automatic moves an enrollment makes without time passing before it is stopped
// (spec.md 13, decision 10).
const MaxAutoMoves = 100

// LineKind says what a line of history tells.
type LineKind string

// The kinds of lines.
const (
	LineConnected   LineKind = "connected"
	LineStep        LineKind = "step"   // a step run ended; Outcome says how
	LineHanded      LineKind = "handed" // an automatic step was given to a person
	LinePaused      LineKind = "paused"
	LineResumed     LineKind = "resumed"
	LineExit        LineKind = "exit"
	LineWaitSkipped LineKind = "wait_skipped"
	LineMoved       LineKind = "moved" // to another version; the first line of Detail says from where to where
)

// Line is one row of an enrollment's history. Lines are only ever added.
type Line struct {
	Kind    LineKind
	Step    string
	Visit   int
	Since   time.Time
	Outcome step.Outcome
	Detail  string
	By      ident.User
}

// Move is what one decision does.
type Move struct {
	// Ignored tells that the event changed nothing; everything else is then as before.
	Ignored bool
	State   State
	Effects []Placed
	Lines   []Line
	// Facts are what is known after the move: those of before, and what the move itself made true.
	Facts step.Facts
}

// Placed is an effect with the visit that ordered it.
type Placed struct {
	Token  step.Token
	Effect step.Effect
}

// Snapshot is one enrollment as the store found it.
type Snapshot struct {
	Enrollment ident.Enrollment
	Version    *Version
	State      State
	Facts      step.Facts
	// Events happened since the last advance, oldest first.
	Events []step.Event
}

// After gives the enrollment as a move leaves it.
func (s Snapshot) After(m Move) Snapshot {
	s.State, s.Facts, s.Events = m.State, m.Facts, nil
	return s
}

// Decide answers what an enrollment does when ev happens at now. It runs on until the enrollment waits for time, a
// person or a mail, or has finished.
func Decide(s Snapshot, ev step.Event, now time.Time) Move {
	d := decision{snap: s, now: now, move: Move{State: s.State, Facts: s.Facts}}
	if d.move.State.Status == Finished {
		d.repliedLate(ev)
		return d.move
	}
	if d.stale(ev) {
		return Move{Ignored: true, State: s.State, Facts: s.Facts}
	}
	if !d.exits(ev) && !d.holds(ev) {
		d.handle(ev)
	}
	return d.move
}

// DecideAll plays the snapshot's events and then its due time, and joins the moves into one.
func DecideAll(s Snapshot, now time.Time) Move {
	all := Move{Ignored: true, State: s.State, Facts: s.Facts}
	play := func(ev step.Event) {
		m := Decide(s.After(all), ev, now)
		if m.Ignored {
			return
		}
		all.Ignored = false
		all.State, all.Facts = m.State, m.Facts
		all.Effects = append(all.Effects, m.Effects...)
		all.Lines = append(all.Lines, m.Lines...)
	}
	for _, ev := range s.Events {
		play(ev)
	}
	if st := all.State; st.Status == Active && !st.DueAt.IsZero() && !st.DueAt.After(now) {
		play(step.TimerFired{})
	}
	return all
}

type decision struct {
	snap Snapshot
	now  time.Time
	move Move
	// late is how long ago the due time was that is being played.
	late time.Duration
}

// stale tells whether the event belongs to a visit that is over.
func (d *decision) stale(ev step.Event) bool {
	visited, ok := ev.(step.Visited)
	if !ok {
		return false
	}
	at, st := visited.At(), d.move.State
	return at.Step != st.Step || at.Visit != st.Visit || at.Enrollment != d.snap.Enrollment || st.Wait == step.NoWait
}

// holds handles pausing and resuming.
func (d *decision) holds(ev step.Event) bool {
	st := &d.move.State
	switch e := ev.(type) {
	case step.Paused:
		if st.Status == Paused {
			d.move.Ignored = true
			return true
		}
		st.Status = Paused
		d.effect(step.HoldWork{})
		d.line(Line{Kind: LinePaused, Step: st.Step, Visit: st.Visit, Since: st.Since, By: e.By})
	case step.Resumed:
		if st.Status != Paused {
			d.move.Ignored = true
			return true
		}
		st.Status = Active
		if !st.DueAt.IsZero() && st.DueAt.Before(d.now) {
			st.DueAt = d.now // what comes next is not late: a person has held it
		}
		d.effect(step.ReleaseWork{})
		d.line(Line{Kind: LineResumed, Step: st.Step, Visit: st.Visit, Since: st.Since, By: e.By})
		if st.Wait == step.NoWait {
			d.enter()
		}
	default:
		return false
	}
	return true
}

// handle gives the event to the step in which the enrollment stands.
func (d *decision) handle(ev step.Event) {
	st := &d.move.State
	if _, connected := ev.(step.Connected); connected || st.Wait == step.NoWait {
		d.begin(ev)
		return
	}
	current, kind, ok := d.current()
	if !ok {
		d.finish(step.ExitFailed, "The step "+st.Step+" is not part of this version.", 0)
		return
	}
	if _, timer := ev.(step.TimerFired); timer && (st.Status == Paused || st.DueAt.IsZero() || st.DueAt.After(d.now)) {
		d.move.Ignored = true
		return
	}
	if _, timer := ev.(step.TimerFired); timer {
		d.late = d.now.Sub(st.DueAt)
	}
	out := kind.Handle(d.in(current), ev)
	if out.Ignored {
		d.move.Ignored = true
		return
	}
	if timePassed(ev) {
		st.AutoMoves = 0
	}
	d.apply(out, by(ev))
	d.enter()
}

// timePassed tells whether the event ends a chain of automatic moves. A sent mail does not: two sequences that mail and
// advance to each other would never be noticed.
func timePassed(ev step.Event) bool {
	switch ev.(type) {
	case step.MailSent, step.MailRefused, step.MailFailed:
		return false
	}
	return true
}

// begin enters the first step of a new enrollment, or the step that a resumed one has before it.
func (d *decision) begin(ev step.Event) {
	st := &d.move.State
	if st.Wait != step.NoWait || st.Status == Paused {
		d.move.Ignored = true
		return
	}
	if st.Step == "" {
		first, ok := d.snap.Version.after("", step.Straight)
		if !ok {
			d.finish(step.ExitFailed, "This version has no steps.", by(ev))
			return
		}
		st.Step = first.ID
	}
	d.enter()
}

// enter enters steps until one of them waits. It does nothing when the present step is entered already, or when the
// enrollment is paused: then the step is entered on resuming.
func (d *decision) enter() {
	st := &d.move.State
	for st.Status == Active && st.Wait == step.NoWait {
		if st.AutoMoves > MaxAutoMoves {
			d.finish(step.ExitFailed, "More than 100 automatic steps ran without time passing. Add a wait or a step for a person.", 0)
			return
		}
		current, kind, ok := d.current()
		if !ok {
			d.finish(step.ExitFailed, "The step "+st.Step+" is not part of this version.", 0)
			return
		}
		if exit, detail := d.ends(kind); exit != step.NoExit {
			d.finish(exit, detail, 0)
			return
		}
		st.AutoMoves++
		st.Visit++
		st.Since = d.now
		d.apply(kind.Enter(d.in(current)), 0)
	}
}

// apply writes a step's answer into the move.
func (d *decision) apply(out step.Out, who ident.User) {
	st := &d.move.State
	for _, e := range out.Effects {
		if to, ok := e.(step.ConnectTo); ok {
			to.AutoMoves = st.AutoMoves
			e = to
		}
		d.effect(e)
	}
	if !out.Left && !out.Again {
		st.Wait, st.DueAt = out.Wait, out.DueAt
		if out.Outcome != "" {
			d.line(Line{Kind: LineHanded, Step: st.Step, Visit: st.Visit, Since: st.Since, Outcome: out.Outcome, Detail: out.Detail, By: who})
		}
		return
	}
	d.line(Line{Kind: LineStep, Step: st.Step, Visit: st.Visit, Since: st.Since, Outcome: out.Outcome, Detail: out.Detail, By: who})
	st.Wait, st.DueAt = step.NoWait, time.Time{}
	if out.Again {
		return
	}
	d.learn(out)
	st.Done++
	if out.Exit != step.NoExit {
		d.finish(out.Exit, out.Detail, who)
		return
	}
	if d.closes(out) {
		d.finish(step.ExitRecordClosed, "", who)
		return
	}
	next, ok := d.snap.Version.after(st.Step, out.Lane)
	if !ok {
		d.finish(step.ExitCompleted, "", who)
		return
	}
	st.Step = next.ID
}

// learn makes known what the present step's end made true, for the conditions that follow at once.
func (d *decision) learn(out step.Out) {
	f := &d.move.Facts
	if slices.Contains(d.snap.Version.Asks.Runs, d.move.State.Step) {
		f.Runs = maps.Clone(f.Runs)
		if f.Runs == nil {
			f.Runs = map[string]step.Run{}
		}
		f.Runs[d.move.State.Step] = step.Run{Outcome: out.Outcome, Detail: out.Detail, At: d.now}
	}
	for _, e := range out.Effects {
		if set, ok := e.(step.SetField); ok {
			f.Values = maps.Clone(f.Values)
			if f.Values == nil {
				f.Values = record.Values{}
			}
			f.Values[set.Field] = set.Value
			switch set.Field {
			case "do_not_email":
				f.DoNotEmail = set.Value == "true"
			case "do_not_text":
				f.DoNotText = set.Value == "true"
			}
		}
	}
}

// closes tells whether the step sets a status with which work on the record ends. The store ends the record's other
// enrollments in the same transaction (spec.md 13, decision 13).
func (d *decision) closes(out step.Out) bool {
	return slices.ContainsFunc(out.Effects, func(e step.Effect) bool {
		set, ok := e.(step.SetField)
		return ok && set.Field == "status" && !record.IsOpen(d.snap.Facts.Kind, set.Value)
	})
}

// finish ends the enrollment in one decision: whatever is open or unsent goes with it (decision 4).
func (d *decision) finish(exit step.Exit, detail string, who ident.User) {
	st := &d.move.State
	if d.snap.State.Wait != step.NoWait || d.snap.State.Status == Paused {
		d.effect(step.CancelWork{})
	}
	d.line(Line{Kind: LineExit, Step: st.Step, Visit: st.Visit, Since: st.Since, Outcome: step.Outcome(exit), Detail: detail, By: who})
	st.Status, st.Exit = Finished, exit
	st.Wait, st.DueAt = step.NoWait, time.Time{}
}

func (d *decision) current() (step.Step, step.Kind, bool) {
	current, ok := d.snap.Version.Step(d.move.State.Step)
	if !ok {
		return step.Step{}, step.Kind{}, false
	}
	kind, ok := step.KindOf(current.Type)
	return current, kind, ok
}

func (d *decision) in(s step.Step) step.In {
	return step.In{Now: d.now, Step: s, Token: d.token(), Facts: d.move.Facts, Since: d.move.State.Since, Wait: d.move.State.Wait, Late: d.late}
}

// token names the present visit.
func (d *decision) token() step.Token {
	return step.Token{Enrollment: d.snap.Enrollment, Step: d.move.State.Step, Visit: d.move.State.Visit}
}

func (d *decision) effect(e step.Effect) {
	d.move.Effects = append(d.move.Effects, Placed{Token: d.token(), Effect: e})
}

func (d *decision) line(l Line) { d.move.Lines = append(d.move.Lines, l) }

// by gives the user behind an event, zero for those that nobody caused.
func by(ev step.Event) ident.User {
	switch e := ev.(type) {
	case step.Connected:
		return e.By
	case step.ActivityDone:
		return e.By
	case step.Retry:
		return e.By
	case step.WaitSkipped:
		return e.By
	case step.Replied:
		return e.By
	case step.OptedOut:
		return e.By
	case step.Suppressed:
		return e.By
	case step.MeetingBooked:
		return e.By
	case step.RecordClosed:
		return e.By
	case step.Stopped:
		return e.By
	case step.Paused:
		return e.By
	case step.Resumed:
		return e.By
	}
	return 0
}
