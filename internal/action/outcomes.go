package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// OutcomeList is how calls, or meetings, can end, in the order in which sellers choose.
type OutcomeList struct {
	// Kind is step.Meeting for meetings; without it, it is of calls.
	Kind     string
	Outcomes step.CallOutcomes
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// Outcomes gives how calls and meetings can end in this organisation, retired outcomes included.
func (a *App) Outcomes(ctx context.Context, actor access.Actor) (step.Outcomes, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return step.Outcomes{}, err
	}
	return look(ctx, a, (*store.Tx).Outcomes)
}

// OutcomeList gives the outcomes of a kind of activity for an editor.
func (a *App) OutcomeList(ctx context.Context, actor access.Actor, kind string) (OutcomeList, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return OutcomeList{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (OutcomeList, error) { return readOutcomes(tx, kind) })
}

func readOutcomes(tx *store.Tx, kind string) (OutcomeList, error) {
	kind = cmp.Or(kind, step.PhoneCall)
	list, rev, err := tx.OutcomesRev(kind)
	return OutcomeList{Kind: kind, Outcomes: list, Rev: rev + 1}, err // 1 before the first change, because 0 does not check
}

// things names what ends so in sentences, one and many of them.
func (l OutcomeList) things() (one, many string) {
	if l.Kind == step.Meeting {
		return "meeting", "meetings"
	}
	return "call", "calls"
}

// SaveOutcomes replaces the list. An outcome without a key is a new one, and gets its key of its label; a known one that
// is missing is deleted, unless a sequence asks for it or a call ended with it: those can only be retired.
func (a *App) SaveOutcomes(ctx context.Context, actor access.Actor, next OutcomeList) (OutcomeList, error) {
	if err := may(actor, access.ManageOutcomes); err != nil {
		return OutcomeList{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (OutcomeList, error) {
		// No draft that asks for an outcome is activated meanwhile.
		if err := tx.LockActivations(); err != nil {
			return OutcomeList{}, err
		}
		old, err := readOutcomes(tx, next.Kind)
		if err != nil {
			return OutcomeList{}, err
		}
		one, many := old.things()
		if next.Rev != 0 && next.Rev != old.Rev {
			return OutcomeList{}, fault.New(fault.Stale, "Somebody else changed the outcomes of %s meanwhile.", many).
				WithHint("Load them again, then repeat your change.")
		}
		list, problems := checkOutcomes(old, next.Outcomes)
		if err := fault.Of(problems...); err != nil {
			return OutcomeList{}, err
		}
		for _, o := range old.Outcomes {
			if _, kept := list.Find(o.Key); !kept {
				if err := deletable(tx, actor, old, o); err != nil {
					return OutcomeList{}, err
				}
			}
		}
		if slices.Equal(list, old.Outcomes) {
			return old, nil
		}
		if err := tx.SaveOutcomes(old.Kind, list, old.Rev); err != nil {
			return OutcomeList{}, err
		}
		if err := tx.Audit(actor.ID, "update", one+"_outcomes", 0, outcomeChanges(old, list)); err != nil {
			return OutcomeList{}, err
		}
		return readOutcomes(tx, old.Kind)
	})
}

// checkOutcomes brings a new list into shape. Fields of problems are JSON pointers.
func checkOutcomes(old OutcomeList, next step.CallOutcomes) (step.CallOutcomes, []fault.Problem) {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	list := slices.Clone(next)
	labels, keys := map[string]bool{}, map[string]bool{}
	for _, o := range old.Outcomes {
		keys[o.Key] = true // also those that are deleted now: a key never changes its meaning in one change
	}
	seen := map[string]bool{}
	for i := range list {
		o, at := &list[i], "/outcomes/"+strconv.Itoa(i)
		o.Held = o.Held && old.Kind == step.Meeting
		o.Label = strings.Join(strings.Fields(clean(o.Label)), " ")
		switch lower := strings.ToLower(o.Label); {
		case o.Label == "":
			add(at+"/label", "required", "An outcome has no label.")
		case utf8.RuneCountInString(o.Label) > step.MaxOutcomeLabel:
			add(at+"/label", "too_long", fmt.Sprintf("The label %q… is longer than %d characters.", string([]rune(o.Label)[:20]), step.MaxOutcomeLabel))
		case labels[lower]:
			add(at+"/label", "taken", fmt.Sprintf("There are two outcomes “%s”. Labels are unique.", o.Label))
		default:
			labels[lower] = true
		}
		switch {
		case o.Key == "":
			o.Key = outcomeKey(o.Label, keys)
			keys[o.Key] = true
		case !keys[o.Key]:
			add(at+"/key", "unknown", fmt.Sprintf("There is no outcome %q. Leave the key of a new one out.", o.Key))
		case seen[o.Key]:
			add(at+"/key", "taken", fmt.Sprintf("The outcome %q is given twice.", o.Key))
		}
		seen[o.Key] = true
	}
	problems = append(problems, checkDefault(old, list)...)
	if len(list) > step.MaxCallOutcomes {
		add("/outcomes", "too_many", fmt.Sprintf("At most %d outcomes are possible.", step.MaxCallOutcomes))
	}
	if len(list.Offered()) == 0 {
		add("/outcomes", "required", "At least one outcome must be offered.")
	}
	shipped := step.Shipped().Of(old.Kind)
	if !slices.ContainsFunc(list, func(o step.CallOutcome) bool { _, ok := shipped.Find(o.Key); return ok }) {
		add("/outcomes", "shipped", "At least one of the shipped outcomes must stay: "+strings.Join(shipped.Keys(), ", ")+".")
	}
	if old.Kind == step.Meeting && !slices.ContainsFunc(list, func(o step.CallOutcome) bool { return o.Held && !o.Retired }) {
		add("/outcomes", "held", "At least one outcome that is offered must say that the meeting took place.")
	}
	return list, problems
}

// checkDefault checks which outcome counts where nobody says how it ended.
func checkDefault(of OutcomeList, list step.CallOutcomes) (problems []fault.Problem) {
	one, many := of.things()
	first := ""
	for i, o := range list {
		at := fmt.Sprintf("/outcomes/%d/default", i)
		switch {
		case !o.Default:
		case o.Retired:
			problems = append(problems, fault.Problem{Field: at, Code: "retired", Message: fmt.Sprintf("“%s” is not offered, so no %s can end with it by itself.", o.Label, one)})
		case first != "":
			problems = append(problems, fault.Problem{Field: at, Code: "taken", Message: fmt.Sprintf("%s end by themselves with one outcome at most, and “%s” is that already.", upperFirst(many), first)})
		default:
			first = o.Label
		}
	}
	return problems
}

// outcomeKey makes a key of a label: lower-case letters and digits, and a number where it is taken.
func outcomeKey(label string, taken map[string]bool) string {
	key := "outcome" // of a label in another script
	if notSlug.ReplaceAllString(foldLetters.Replace(strings.ToLower(label)), "") != "" {
		key = strings.ReplaceAll(slugOf(label), "-", "_")
	}
	for n, base := 2, key; taken[key]; n++ {
		key = fmt.Sprintf("%s_%d", base, n)
	}
	return key
}

// deletable refuses to delete what is still asked for or told of.
func deletable(tx *store.Tx, actor access.Actor, of OutcomeList, o step.CallOutcome) error {
	id, name, err := tx.OutcomeAsked(of.Kind, o.Key)
	if err != nil {
		return err
	}
	hint := "Retire it instead: it is offered no longer, and keeps its label."
	if id != 0 {
		return fault.New(fault.Conflict, "%q cannot be deleted, because a condition of %s asks for it.", o.Label, sayName(tx, actor, id, name)).WithHint(hint)
	}
	noted, err := tx.OutcomeNoted(of.Kind, o.Key)
	if _, many := of.things(); err == nil && noted {
		err = fault.New(fault.Conflict, "%q cannot be deleted, because %s have ended with it.", o.Label, many).WithHint(hint)
	}
	return err
}

// outcomeChanges says for the audit what is different.
func outcomeChanges(of OutcomeList, next step.CallOutcomes) string {
	old := of.Outcomes
	_, many := of.things()
	var said []string
	for _, o := range next {
		before, known := old.Find(o.Key)
		switch {
		case !known:
			said = append(said, "added "+o.Label)
		case before.Label != o.Label:
			said = append(said, "renamed "+before.Label+" to "+o.Label)
		}
		if known && before.Held != o.Held {
			said = append(said, o.Label+map[bool]string{true: " tells of a meeting that took place", false: " tells of a meeting that did not take place"}[o.Held])
		}
		if known && before.Retired != o.Retired {
			said = append(said, map[bool]string{true: "retired ", false: "offered again "}[o.Retired]+o.Label)
		}
	}
	if was, now := old.Default(), next.Default(); was != now {
		said = append(said, many+" end by themselves with: "+cmp.Or(next.Label(now), "nothing"))
	}
	for _, o := range old {
		if _, kept := next.Find(o.Key); !kept {
			said = append(said, "deleted "+o.Label)
		}
	}
	if len(said) == 0 {
		return "order"
	}
	return strings.Join(said, ", ")
}
