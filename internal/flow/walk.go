package flow

import (
	"fmt"
	"iter"

	"cadenza/internal/step"
)

// Each gives every step of the sequence in the order of its file, lanes included, with its JSON pointer.
func (s Sequence) Each() iter.Seq2[string, step.Step] {
	return func(yield func(string, step.Step) bool) { each("/steps", s.Steps, yield) }
}

func each(pointer string, steps []step.Step, yield func(string, step.Step) bool) bool {
	for i, s := range steps {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if !yield(at, s) || !each(at+"/yes", s.Yes, yield) || !each(at+"/no", s.No, yield) {
			return false
		}
	}
	return true
}

// Count is how many steps the sequence has, those in lanes included.
func (s Sequence) Count() int {
	n := 0
	for range s.Each() {
		n++
	}
	return n
}

// Rewrite gives the sequence with every step changed by f, which gets a step of its own to change.
func (s Sequence) Rewrite(f func(step.Step) step.Step) Sequence {
	s.Steps = mapSteps(s.Steps, f)
	return s
}

func mapSteps(steps []step.Step, f func(step.Step) step.Step) []step.Step {
	if steps == nil {
		return nil
	}
	out := make([]step.Step, len(steps))
	for i, s := range steps {
		s = f(s)
		s.Yes, s.No = mapSteps(s.Yes, f), mapSteps(s.No, f)
		out[i] = s
	}
	return out
}

// Advances lists the names of the sequences that this one advances to.
func (s Sequence) Advances() []string {
	var names []string
	for _, st := range s.Each() {
		if to := st.Config.Text("to"); st.Type == "advance" && to != "" {
			names = append(names, to)
		}
	}
	return names
}

// Breathless lists the advances that can be reached without time passing or a person acting: their step ids and the names
// of the sequences. A condition is no pause: it is answered at once when its email was skipped. A circle of sequences needs
// a pause somewhere (spec.md 13, decision 10).
func (s Sequence) Breathless() map[string]string {
	found := map[string]string{}
	breathless(s.Steps, found)
	return found
}

// breathless collects what is reached without a pause, and tells whether the end of the list is.
func breathless(steps []step.Step, found map[string]string) bool {
	for _, st := range steps {
		kind, ok := step.KindOf(st.Type)
		switch {
		case ok && (kind.Human || kind.TakesTime):
			return false
		case st.Type == "advance":
			found[st.ID] = st.Config.Text("to")
			return false
		case ok && kind.Branches:
			yes, no := breathless(st.Yes, found), breathless(st.No, found)
			if !yes && !no {
				return false
			}
		}
	}
	return true
}
