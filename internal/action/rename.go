package action

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// renameSequence lets the drafts that advance to a sequence follow its new name, its own among them. Frozen versions
// cannot follow, so while records still go by one that names it, the sequence keeps its name.
func renameSequence(tx *store.Tx, actor access.Actor, s store.Sequence, def flow.Sequence) (flow.Sequence, error) {
	if strings.EqualFold(s.Name, def.Name) {
		return def, nil // advances find it in any case of letters
	}
	versions, err := tx.VersionsThatAdvance()
	if err != nil {
		return def, err
	}
	for _, v := range versions {
		if advancesTo(v.Def, s.Name) {
			return def, fault.Of(fault.Problem{
				Field: "/name", Code: "in_use",
				Message: fmt.Sprintf("The name is in use: version %d of %s advances to this sequence.", v.Number, sayName(tx, actor, v.Sequence, v.Def.Name)),
				Hint:    "Keep the name, or first let the records finish that version and activate one that does not advance here.",
			})
		}
	}
	all, err := tx.AllSequences()
	if err != nil {
		return def, err
	}
	for _, other := range all {
		if other.ID == s.ID || !advancesTo(other.Draft, s.Name) {
			continue
		}
		if err := tx.SaveDraft(other.ID, redirect(other.Draft, s.Name, def.Name), actor.ID); err != nil {
			return def, err
		}
	}
	return redirect(def, s.Name, def.Name), nil
}

func advancesTo(def flow.Sequence, name string) bool {
	return slices.ContainsFunc(def.Advances(), func(to string) bool { return strings.EqualFold(to, name) })
}

// redirect gives the definition with its advances to one name going to another. The old definition stays as it is.
func redirect(def flow.Sequence, from, to string) flow.Sequence {
	return def.Rewrite(func(st step.Step) step.Step {
		if st.Type == "advance" && strings.EqualFold(st.Config.Text("to"), from) {
			st.Config = maps.Clone(st.Config)
			st.Config["to"] = to
		}
		return st
	})
}
