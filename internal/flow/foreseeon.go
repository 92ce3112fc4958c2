package flow

import (
	"maps"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// Standing is where a live enrollment stands, for a foresight of the rest of its way.
type Standing struct {
	Enrollment ident.Enrollment
	State      State
	// Due is when the open activity falls due; zero when there is none.
	Due time.Time
	// Mail is the message that is on its way; the zero value when there is none.
	Mail Unsent
}

// Unsent is what the gate of delivery has said of a message.
type Unsent struct {
	// NextAt is when it is looked at again, and Reason what it waits for until then.
	NextAt time.Time
	Reason string
	// Stuck is what it waits for when only a person can end that.
	Stuck string
}

// ForeseeOn is Foresee for an enrollment that is on its way: it begins with the step where that stands. A paused one is followed as if it
// were resumed now. Facts are those of the enrollment; what the customer has done already is not taken back by choose.
func ForeseeOn(v *Version, on Standing, around Surroundings, now time.Time, choose func(step.Step) bool) Way {
	f := foreseer{
		snap: Snapshot{Enrollment: on.Enrollment, Version: v, State: on.State, Facts: around.Facts}, around: around, now: now, choose: choose,
		held: map[string]string{}, opened: map[string]bool{on.State.Step: on.State.Wait == step.ForPerson}, due: on.Due, mail: on.Mail,
	}
	if on.State.Status == Finished {
		return f.way
	}
	f.wish() // of what was done before the foresight begins: what it plays itself, engage sees to
	if on.State.Status == Paused {
		f.play(step.Resumed{})
	}
	if f.snap.State.Wait == step.NoWait {
		f.play(step.Connected{})
	}
	if f.snap.State.Wait == step.ForTime {
		f.play(step.Engaged{Step: f.standsAt().When.Feeds()}) // a condition that goes on at once does; all else ignores it
	}
	if at := f.snap.State.DueAt; !at.IsZero() && at.Before(f.now) {
		f.snap.State.DueAt = f.now // the engine is about to play it
	}
	return f.follow()
}

func (f *foreseer) standsAt() step.Step {
	s, _ := f.snap.Version.Step(f.snap.State.Step)
	return s
}

// wish has the customer do now what conditions on emails of the past want that shall go Yes.
func (f *foreseer) wish() {
	mail := maps.Clone(f.snap.Facts.Mail)
	if mail == nil {
		mail = map[string]step.Engagement{}
	}
	for _, c := range f.snap.Version.Def.Each() {
		if c.When == nil || c.When.Email == nil || !f.choose(c) {
			continue
		}
		id := c.When.Email.Step
		if run, ran := f.snap.Facts.Runs[id]; !ran || run.Outcome == step.Skipped {
			continue // it is not sent yet, or never was
		}
		done := maps.Clone(mail[id])
		if done == nil {
			done = step.Engagement{}
		}
		for _, r := range c.When.Email.Results {
			if _, already := done[r]; !already {
				done[r] = f.now
			}
		}
		mail[id] = done
	}
	f.snap.Facts.Mail = mail
}
