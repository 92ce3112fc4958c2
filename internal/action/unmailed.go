package action

import (
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// Unmailed says of a record that it cannot be emailed, and what its sequence makes of that. It never keeps a record from being
// connected: calls and tasks are as good for it as for others.
type Unmailed struct {
	Record ident.Record
	Name   string
	// Code is the blocker that a message to it would have.
	Code   store.Blocker
	Reason string
	// Fate is what becomes of the email steps, and Then says it in a sentence.
	Fate flow.MailFate
	Then string
}

// unmailed finds out which of the records cannot be emailed. It says nothing for a version without email steps.
func unmailed(tx *store.Tx, v *flow.Version, records []store.Record) ([]Unmailed, error) {
	if !v.Asks.Wishes {
		return nil, nil
	}
	facts, err := tx.MailFacts(records)
	if err != nil {
		return nil, err
	}
	var list []Unmailed
	for i, r := range records {
		hasAddress := message.ValidEmail(r.Get("email"))
		fate, why := v.MailFate(facts[i], hasAddress)
		if fate == flow.MailGoes {
			continue
		}
		u := Unmailed{
			Record: r.ID, Name: r.Name(), Code: store.BlockAddress, Reason: why, Fate: fate,
			Then: v.MailFateSentence(fate, hasAddress || facts[i].NoEmail() != ""),
		}
		switch {
		case facts[i].EmailSuppression.Reason == why:
			u.Code = store.BlockSuppressed
		case facts[i].DoNotEmail:
			u.Code = store.BlockUnwanted
		}
		list = append(list, u)
	}
	return list, nil
}
