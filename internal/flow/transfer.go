package flow

import (
	"cmp"
	"fmt"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// VersionStep is a step of one version of a sequence. An empty Step stands for enrollments that have not begun.
type VersionStep struct {
	Number int
	Step   string
}

// Compare orders places by version, the newest first, and step.
func (v VersionStep) Compare(other VersionStep) int {
	return cmp.Or(cmp.Compare(other.Number, v.Number), cmp.Compare(v.Step, other.Step))
}

// DestinationKind says what becomes of an enrollment when a new version is there.
type DestinationKind string

// The kinds of destinations.
const (
	Stay   DestinationKind = "stay"
	To     DestinationKind = "to"
	Finish DestinationKind = "finish"
)

// Destination is where the enrollments of one step go. With To, an empty Step is the beginning of the other version.
type Destination struct {
	Kind DestinationKind
	Step string
}

// Mapping says for steps of older versions where their enrollments go. What is not in it stays.
type Mapping map[VersionStep]Destination

// Of gives the destination of a step.
func (m Mapping) Of(at VersionStep) Destination {
	if d, ok := m[at]; ok {
		return d
	}
	return Destination{Kind: Stay}
}

// Suggest gives for each step of a version the one of another version with which its enrollments go on: the same step, or else
// the nearest after it that is still there. Steps behind which nothing is left are missing. Enrollments that have not begun
// ("") begin with the other version.
func Suggest(from, to *Version) map[string]string {
	found := map[string]string{"": ""}
	for _, s := range from.Def.Each() {
		for at, ok := s, true; ok; at, ok = from.after(at.ID, step.Straight) {
			if _, there := to.Step(at.ID); there {
				found[s.ID] = at.ID
				break
			}
		}
	}
	return found
}

// Same tells whether a step is the very same one in both versions: an enrollment that goes from it to itself keeps its visit,
// with the open activity, the mail on its way or the wait.
func Same(from, to *Version, id string) bool {
	a, there := from.Step(id)
	b, still := to.Step(id)
	return there && still && a.Type == b.Type || id == ""
}

// Transfer is an order to move an enrollment to another version.
type Transfer struct {
	// From is the version on which it is so far.
	From *Version
	Destination
	By ident.User
	// Reason is why, as people read it; may be empty.
	Reason string
	// OnWire tells that a message of the present visit is being sent, or that nobody knows whether it was.
	OnWire bool
}

// OnWireReason says why an enrollment is not moved to another step now.
const OnWireReason = "Its email is being sent, or nobody knows whether it was sent."

// Relocate answers what happens to an enrollment that is moved to the version of the snapshot, whose facts are those that this
// version asks for. Pending events are to be played before, on the version from which it comes.
//
// A visit of the same step goes on. Any other ends as with an exit, and the destination is entered as a new visit. While a
// message of the visit is on the wire the move is ignored: the customer would get the message of the other step as well, or
// when an end is taken back the same message twice.
func Relocate(s Snapshot, t Transfer, now time.Time) Move {
	d := decision{snap: s, now: now, move: Move{State: s.State, Facts: s.Facts}}
	st := &d.move.State
	_, there := s.Version.Step(t.Step)
	same := t.Kind == To && t.Step == st.Step && Same(t.From, s.Version, t.Step)
	switch {
	case st.Status == Finished || t.Kind != To && t.Kind != Finish || t.Kind == To && !there && t.Step != "", t.OnWire && !same:
		return Move{Ignored: true, State: s.State, Facts: s.Facts}
	case t.Kind == Finish:
		d.finish(step.ExitDisconnected, t.Reason, t.By)
		return d.move
	}
	d.line(movedLine("Moved", t, s.State, s.Version, t.Step))
	if same {
		d.carry()
		return d.move
	}
	d.leaveFor(t.Step)
	d.goOn()
	return d.move
}

// Return puts an enrollment back on the version of the snapshot, where a move found it in the state was. Work that the move
// cancelled is opened anew, as a visit of its own, because the old visit's is over for good; a wait goes on from its beginning.
// The caller sees to it that nothing has happened to the enrollment since the move.
func Return(s Snapshot, t Transfer, was State, now time.Time) Move {
	d := decision{snap: s, now: now, move: Move{State: s.State, Facts: s.Facts}}
	st := &d.move.State
	kept := st.Step == was.Step && st.Visit == was.Visit && st.Wait != step.NoWait
	if t.OnWire && !kept {
		return Move{Ignored: true, State: s.State, Facts: s.Facts}
	}
	d.line(movedLine("Put back", t, s.State, s.Version, was.Step))
	if st.Status == Finished {
		st.Status, st.Exit = was.Status, step.NoExit
	} else if !kept {
		d.effect(step.CancelWork{})
	}
	st.Done, st.AutoMoves = was.Done, 0
	if !kept {
		st.Step = was.Step
	}
	switch {
	case kept:
		if st.Wait == step.ForTime && was.Wait == step.ForTime {
			st.DueAt = notBefore(was.DueAt, now)
		}
		d.effect(step.RenewWork{})
	case was.Wait == step.ForTime:
		st.Visit++
		st.Wait, st.Since = was.Wait, was.Since
		st.DueAt = notBefore(was.DueAt, now)
	default:
		st.Wait, st.DueAt, st.Since = step.NoWait, time.Time{}, now
		d.goOn()
	}
	return d.move
}

// leaveFor ends the present visit, as an exit does, for another step.
func (d *decision) leaveFor(id string) {
	st := &d.move.State
	if st.Wait != step.NoWait {
		d.effect(step.CancelWork{})
	}
	st.Step, st.Wait, st.DueAt, st.AutoMoves = id, step.NoWait, time.Time{}, 0
}

// goOn enters the step that the enrollment has before it, unless it is paused: then resuming does.
func (d *decision) goOn() {
	if d.move.State.Status == Active {
		d.begin(step.Connected{})
	}
}

// carry takes a visit over into the other version: its work gets the texts of now, its wait the length of now. What is over
// thereby is due at once, and no message after it counts as late.
func (d *decision) carry() {
	st := &d.move.State
	if st.Wait == step.NoWait {
		d.goOn()
		return
	}
	d.effect(step.RenewWork{})
	if st.Wait != step.ForTime {
		return
	}
	current, kind, ok := d.current()
	if !ok {
		return
	}
	in := d.in(current)
	if !kind.Branches {
		in.Now = st.Since // the wait keeps its beginning
	}
	st.DueAt = d.now // where the step would be left at once, the engine does it
	if out := kind.Enter(in); !out.Left && out.Wait == step.ForTime {
		st.DueAt = notBefore(out.DueAt, d.now)
	}
}

func notBefore(at, now time.Time) time.Time {
	if !at.IsZero() && at.Before(now) {
		return now
	}
	return at
}

// movedLine tells of a move in its first line, and why it was made in those after it.
func movedLine(verb string, t Transfer, from State, to *Version, id string) Line {
	detail := fmt.Sprintf("%s from version %d, %s, to version %d, %s.", verb, t.From.Number, t.From.nameOf(from.Step), to.Number, to.nameOf(id))
	if from.Status == Finished {
		detail = fmt.Sprintf("%s to version %d, %s.", verb, to.Number, to.nameOf(id))
	}
	if t.Reason != "" {
		detail += "\n" + t.Reason
	}
	return Line{Kind: LineMoved, Step: from.Step, Visit: from.Visit, Since: from.Since, Detail: detail, By: t.By}
}

// nameOf names a step for a sentence.
func (v *Version) nameOf(id string) string {
	if s, ok := v.Step(id); ok {
		return v.Def.Title(s, step.Outcomes{})
	}
	return "its beginning"
}
