package flow_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

// TestTransferRules moves an enrollment between two random versions, whose ids may name other steps, by random maps in the
// middle of random events, and holds the rules of TestRules and those of moves.
func TestTransferRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := drawDefinition(t)
		versions := []*flow.Version{flow.NewVersion(1, 1, 1, first), flow.NewVersion(2, 1, 2, drawDefinition(t))}
		m := &model{now: monday, mails: map[step.Token]int{}, open: map[step.Token]bool{}, hands: map[step.Token]bool{}, moved: true}
		m.snap = flow.Snapshot{Enrollment: 5, Version: versions[0], State: flow.Start(monday, 0), Facts: drawFacts(t, first)}
		if rapid.Bool().Draw(t, "before it began") {
			m.relocate(t, versions[1])
		}
		m.do(t, step.Connected{By: 1})
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			m.now = m.now.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "minutes")) * time.Minute)
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1:
				to := versions[rapid.IntRange(0, 1).Draw(t, "to")]
				m.relocate(t, to)
			case 2:
				m.do(t, step.Paused{By: 1})
			case 3: // it goes on, so that moves find it in lanes and late steps, too
				m.do(t, rapid.SampledFrom([]step.Event{
					step.TimerFired{}, step.ActivityDone{Token: m.token(), By: 1}, step.MailSent{Token: m.token()}, step.WaitSkipped{Token: m.token(), By: 1},
				}).Draw(t, "onward"))
			case 4:
				m.hear(t)
			default:
				m.do(t, drawEvent(t, m))
			}
		}
	})
}

// relocate moves the enrollment, and now and then puts it back at once. What an email on the wire belongs to may be a person's activity.
func (m *model) relocate(t *rapid.T, to *flow.Version) {
	was, from := m.snap.State, m.snap.Version
	order := flow.Transfer{From: from, By: 1, OnWire: (was.Wait == step.ForMail || was.Wait == step.ForPerson) && rapid.Bool().Draw(t, "on wire"), Destination: drawDestination(t, to, was.Step)}
	there := m.snap
	there.Version = to
	move := flow.Relocate(there, order, m.now)
	if again := flow.Relocate(there, order, m.now); !reflect.DeepEqual(move, again) {
		t.Fatalf("same input, same output: %+v and %+v", move, again)
	}
	same := order.Kind == flow.To && order.Step == was.Step && flow.Same(from, to, was.Step)
	if (was.Status == flow.Finished || order.Kind == flow.Stay || order.OnWire && !same) != move.Ignored {
		t.Fatalf("finished ones, those that stay and those on the wire are left alone, and no others: %+v by %+v gave %+v", was, order, move)
	}
	if move.Ignored {
		if !reflect.DeepEqual(move.State, was) || len(move.Lines)+len(move.Effects) > 0 {
			t.Fatalf("an ignored move changed something: %+v", move)
		}
		return
	}
	if order.Kind == flow.Finish && (move.State.Status != flow.Finished || move.State.Exit != step.ExitDisconnected) {
		t.Fatalf("a finish ends it: %+v", move)
	}
	if same && was.Wait != step.NoWait {
		m.carried(t, was, move)
	}
	m.effects(t, move)
	m.past = append(m.past, m.token())
	m.snap = there.After(move)
	if !same && was.Wait != step.NoWait && m.open[step.Token{Enrollment: 5, Step: was.Step, Visit: was.Visit}] {
		t.Fatalf("the work of a step that was left is cancelled: %+v by %+v gave %+v", was, order, move)
	}
	m.check(t, step.TimerFired{}, move)
	if advanced := move.State.Status == flow.Finished && order.Kind != flow.Finish; !advanced && rapid.Bool().Draw(t, "back") {
		m.putBack(t, from, to, was)
	}
}

// carried holds that a visit of the same step goes on: nothing is ordered twice.
func (m *model) carried(t *rapid.T, was flow.State, move flow.Move) {
	if st := move.State; st.Visit != was.Visit || st.Since != was.Since || st.Wait != was.Wait || st.Status != was.Status || st.Done != was.Done {
		t.Fatalf("the same step keeps its visit: %+v became %+v", was, st)
	}
	for _, p := range move.Effects {
		if _, renews := p.Effect.(step.RenewWork); !renews {
			t.Fatalf("the same step orders nothing anew: %+v", move)
		}
	}
}

func (m *model) putBack(t *rapid.T, from, to *flow.Version, was flow.State) {
	back := m.snap
	back.Version = from
	if was.Step == "" {
		return // it has begun
	}
	st := m.snap.State
	kept := st.Step == was.Step && st.Visit == was.Visit && st.Wait != step.NoWait
	order := flow.Transfer{From: to, By: 1, OnWire: (st.Wait == step.ForMail || st.Wait == step.ForPerson) && rapid.IntRange(0, 3).Draw(t, "back on wire") == 0}
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes until back")) * time.Minute)
	move := flow.Return(back, order, was, m.now)
	if move.Ignored != (order.OnWire && !kept) {
		t.Fatalf("what was just moved can be put back, if nothing is on the wire: %+v by %+v gave %+v", st, order, move)
	}
	if move.Ignored {
		return
	}
	m.effects(t, move)
	m.past = append(m.past, m.token())
	m.snap = back.After(move)
	if !kept && st.Wait != step.NoWait && m.open[step.Token{Enrollment: 5, Step: st.Step, Visit: st.Visit}] {
		t.Fatalf("the work of the step from which it is put back is cancelled: %+v gave %+v", st, move)
	}
	if !kept && move.State.Visit <= st.Visit && move.State.Wait != step.NoWait {
		t.Fatalf("a visit that ended is not opened again: %+v became %+v", st, move.State)
	}
	if was.Status == flow.Paused && move.State.Status != flow.Paused {
		t.Fatalf("what was paused is paused: %+v became %+v", was, move.State)
	}
	m.check(t, step.TimerFired{}, move)
	due := was.DueAt
	if due.Before(m.now) {
		due = m.now
	}
	if st := move.State; was.Wait == step.ForTime && (st.Step != was.Step || st.DueAt != due || st.Done != was.Done || st.Since != was.Since) {
		t.Fatalf("a wait that is put back goes on: %+v became %+v", was, st)
	}
}

func drawDestination(t *rapid.T, to *flow.Version, at string) flow.Destination {
	kind := rapid.SampledFrom([]flow.DestinationKind{flow.Stay, flow.To, flow.To, flow.To, flow.Finish}).Draw(t, "kind")
	if kind != flow.To {
		return flow.Destination{Kind: kind}
	}
	steps := []string{""}
	if _, there := to.Step(at); there {
		steps = append(steps, at, at, at)
	}
	for _, s := range to.Def.Each() {
		steps = append(steps, s.ID)
	}
	return flow.Destination{Kind: kind, Step: rapid.SampledFrom(steps).Draw(t, "destination")}
}

// TestSuggest maps each step to itself where it is still there, or else to the nearest after it that is.
func TestSuggest(t *testing.T) {
	t.Parallel()
	task := func(id string, lanes ...[]step.Step) step.Step {
		s := step.Step{ID: id, Type: "task"}
		if len(lanes) == 2 {
			s.Type, s.Yes, s.No = "condition", lanes[0], lanes[1]
		}
		return s
	}
	version := func(steps ...step.Step) *flow.Version { return flow.NewVersion(1, 1, 1, flow.Sequence{Steps: steps}) }
	from := version(task("a"), task("b", []step.Step{task("c"), task("d")}, []step.Step{task("e")}), task("f"), task("g"))
	got := flow.Suggest(from, version(task("d"), task("f"), task("a")))
	want := map[string]string{"": "", "a": "a", "b": "f", "c": "d", "d": "d", "e": "f", "f": "f"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
