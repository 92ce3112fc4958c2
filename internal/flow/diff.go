package flow

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"cadenza/internal/step"
)

// ChangeKind says what became of one part of a definition.
type ChangeKind string

// The kinds of changes.
const (
	OptionsChanged ChangeKind = "options" // of the sequence itself; at most one
	StepAdded      ChangeKind = "added"
	StepRemoved    ChangeKind = "removed"
	StepMoved      ChangeKind = "moved"   // and nothing else
	StepChanged    ChangeKind = "changed" // Moved tells whether it was moved as well
)

// Change is one way in which a definition differs from an older one. Each step has one at most.
type Change struct {
	Kind ChangeKind
	// Step is the id of the step, "" for OptionsChanged.
	Step string
	// Before and After are the step with its lanes as it was and as it is; zero where there was or is none.
	Before, After step.Step
	// From and To are its places, zero where there was or is none.
	From, To Place
	Moved    bool
	// Fields are the keys of what differs, in the order of forms: "name", "description", "type", a key of the kind's Fields, one of
	// the parts of a question (AskedField and those after it), or the key of an option.
	Fields []string
}

// The keys of what a condition is made of.
const (
	AskedField  = "when"    // what it asks
	WithinField = "within"  // how long it waits for the answer
	AtOnceField = "at_once" // whether it goes on as soon as the answer is Yes
)

// Place is where a step stands: after which step of which list.
type Place struct {
	// Condition and Lane name the list; both are empty for that of the sequence itself.
	Condition string
	Lane      step.Lane
	// After is the id of the step before it in the list, "" for the first one.
	After string
	// Number counts the steps in the order of the file, from 1.
	Number int
}

// Diff lists how new differs from old. Steps are matched by their ids. The options come first, then the steps in the order
// of new, with those that are gone where they stood. A step is moved when it came into another list, or when it changed sides with
// another step of its list; one beside which steps came or went is not.
func Diff(old, new Sequence) []Change {
	var changes []Change
	if fields := optionFields(old, new); len(fields) > 0 {
		changes = append(changes, Change{Kind: OptionsChanged, Fields: fields})
	}
	was, is := spots(old), spots(new)
	before, after := bySpot(was), bySpot(is)
	moved := movedSteps(was, is)
	gone := map[string][]Change{} // by the key of the step that stood before them and is still there
	last := ""
	for _, w := range was {
		if _, stays := after[w.key]; stays {
			last = w.key
			continue
		}
		gone[last] = append(gone[last], Change{Kind: StepRemoved, Step: w.step.ID, Before: w.step, From: w.place})
	}
	changes = append(changes, gone[""]...)
	for _, i := range is {
		w, both := before[i.key]
		c := Change{Kind: StepAdded, Step: i.step.ID, After: i.step, To: i.place}
		if both {
			c.Kind, c.Before, c.From, c.Moved = StepMoved, w.step, w.place, moved[i.key]
			if c.Fields = stepFields(old, new, w.step, i.step); len(c.Fields) > 0 {
				c.Kind = StepChanged
			}
		}
		if !both || c.Moved || len(c.Fields) > 0 {
			changes = append(changes, c)
		}
		changes = append(changes, gone[i.key]...)
	}
	return changes
}

// standing is a step with its place. key is its id, with a number behind it where a broken definition has an id twice; list is the
// key of its list.
type standing struct {
	key, list string
	step      step.Step
	place     Place
}

func spots(s Sequence) []standing {
	var (
		all  []standing
		seen = map[string]int{}
		walk func(list string, at Place, steps []step.Step)
	)
	walk = func(list string, at Place, steps []step.Step) {
		for _, st := range steps {
			key := st.ID
			if seen[st.ID]++; seen[st.ID] > 1 || key == "" {
				key = fmt.Sprintf("%s\x00%d", st.ID, seen[st.ID])
			}
			at.Number = len(all) + 1
			all = append(all, standing{key: key, list: list, step: st, place: at})
			walk(key+"\x00yes", Place{Condition: st.ID, Lane: step.YesLane}, st.Yes)
			walk(key+"\x00no", Place{Condition: st.ID, Lane: step.NoLane}, st.No)
			at.After = st.ID
		}
	}
	walk("", Place{}, s.Steps)
	return all
}

func bySpot(list []standing) map[string]standing {
	by := make(map[string]standing, len(list))
	for _, s := range list {
		by[s.key] = s
	}
	return by
}

// movedSteps tells which steps of both definitions were moved: all but the longest row in each list that is in order still.
func movedSteps(was, is []standing) map[string]bool {
	old := bySpot(was)
	rank := make(map[string]int, len(was))
	for n, w := range was {
		rank[w.key] = n
	}
	moved, stayed := map[string]bool{}, map[string][]string{}
	for _, i := range is {
		w, both := old[i.key]
		switch {
		case both && w.list == i.list:
			stayed[i.list] = append(stayed[i.list], i.key)
		case both:
			moved[i.key] = true
		}
	}
	for _, keys := range stayed {
		ranks := make([]int, len(keys))
		for n, key := range keys {
			ranks[n] = rank[key]
		}
		kept := longestRise(ranks)
		for n, key := range keys {
			if !kept[n] {
				moved[key] = true
			}
		}
	}
	return moved
}

// longestRise marks the places of a longest rising row of numbers that all differ.
func longestRise(ranks []int) []bool {
	var tails []int // tails[n] is the place at which the best row of n+1 numbers ends
	before := make([]int, len(ranks))
	for i, r := range ranks {
		n := sort.Search(len(tails), func(n int) bool { return ranks[tails[n]] >= r })
		if before[i] = -1; n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	kept := make([]bool, len(ranks))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			kept[i] = true
		}
	}
	return kept
}

// optionFields lists what differs in the sequence itself.
func optionFields(old, new Sequence) (fields []string) {
	add := func(differs bool, key string) {
		if differs {
			fields = append(fields, key)
		}
	}
	a, b := old.Options, new.Options
	add(old.Name != new.Name, "name")
	add(old.Record != new.Record, "record")
	add(old.Description != new.Description, "description")
	for _, f := range ExitFlags() {
		add(*f.Of(&a.Exits) != *f.Of(&b.Exits), f.Key)
	}
	add(!sameTree(exitWhenOf(old), exitWhenOf(new)), exitWhenKey)
	add(a.Waits != b.Waits, "waits")
	add(a.Assignee != b.Assignee, "assignee")
	add(a.Reentry != b.Reentry, "reentry")
	add(cmp.Or(a.Sending, InWindows) != cmp.Or(b.Sending, InWindows), "sending")
	add(!sameTree(ownTree(a), ownTree(b)), "send_windows")
	return fields
}

func ownTree(o Options) any {
	own, _ := o.OwnWindows()
	return windowsTree(own)
}

func exitWhenOf(s Sequence) any {
	if s.Options.ExitWhen == nil {
		return nil
	}
	return conditionTree(s.Record, *s.Options.ExitWhen)
}

// stepFields lists what differs between two forms of one step, its lanes aside.
func stepFields(old, new Sequence, a, b step.Step) (fields []string) {
	add := func(differs bool, key string) {
		if differs && !slices.Contains(fields, key) {
			fields = append(fields, key)
		}
	}
	add(a.Type != b.Type, "type")
	add(a.Name != b.Name, "name")
	add(a.Description != b.Description, "description")
	for _, typ := range []string{b.Type, a.Type} {
		kind, _ := step.KindOf(typ)
		for _, f := range kind.Fields {
			add(!sameTree(a.Config[f.Key], b.Config[f.Key]), f.Key)
		}
	}
	// What a condition asks is told as one; how long it waits is apart.
	x, y := partsOf(old, a), partsOf(new, b)
	add(!sameTree(x.asks, y.asks), AskedField)
	add(x.within != y.within, WithinField)
	add(x.atOnce != y.atOnce, AtOnceField)
	return fields
}

// questionParts are a condition's question, apart from the rest.
type questionParts struct {
	asks   any
	within string
	atOnce bool
}

func partsOf(s Sequence, st step.Step) (p questionParts) {
	switch {
	case st.When == nil:
		return p
	case st.When.Email != nil:
		asked := *st.When.Email
		p.within, p.atOnce = asked.Within, asked.AtOnce
		asked.Within, asked.AtOnce = "", false
		p.asks = whenTree(s.Record, step.When{Email: &asked})
	default:
		p.asks = whenTree(s.Record, *st.When)
	}
	return p
}

// sameTree compares values as definitions write them. Nothing is written for an empty text and for false.
func sameTree(a, b any) bool {
	left, errLeft := json.Marshal(written(a))
	right, errRight := json.Marshal(written(b))
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

func written(v any) any {
	if v == "" || v == false {
		return nil
	}
	return v
}
