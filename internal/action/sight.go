package action

import (
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// What an actor sees of sequences is decided in one place, store.Tx.For; this file says what is said of the rest. Actions read
// sequences through it; TestSequencesAreSeen lists those that look at all of them, and why.

// unseenName stands for a sequence that keeps something from being done, and that the actor does not see.
const unseenName = "a sequence that is not shared with you"

// sayName gives the name of a sequence in quotation marks, for those who see it.
func sayName(tx *store.Tx, actor access.Actor, id ident.Sequence, name string) string {
	if sees, err := tx.For(actor).Sees(id); err != nil || !sees {
		return unseenName
	}
	return fmt.Sprintf("%q", name)
}

// nameTakenUnseen says that a name is taken by a sequence that the actor does not see: names are unique in the house, so this much
// cannot be hidden.
func nameTakenUnseen(tx *store.Tx, name string) ([]fault.Problem, error) {
	_, err := tx.SequenceByName(name)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []fault.Problem{{
		Field: "/name", Code: "taken", Message: fmt.Sprintf("There is a sequence %q already, which is not shared with you.", name), Hint: "Give this one another name.",
	}}, nil
}
