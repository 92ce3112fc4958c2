package action

import (
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Unreached says of a record that it cannot be written to on a channel, and what its sequence makes of that. It never keeps a record
// from being connected: calls and tasks are as good for it as for others.
type Unreached struct {
	Record ident.Record
	Name   string
	// Code is the blocker that a message to it would have.
	Code   store.Blocker
	Reason string
	// Fate is what becomes of the steps that write on the channel, and Then says it in a sentence.
	Fate flow.Fate
	Then string
}

// unreached finds out which of the records cannot be emailed, and which cannot be sent text messages. It says nothing for a version
// without such steps.
func unreached(tx *store.Tx, v *flow.Version, records []store.Record) (unmailed, untexted []Unreached, err error) {
	if !v.Asks.Wishes && !v.Asks.TextWishes {
		return nil, nil, nil
	}
	facts, err := tx.WishFacts(records)
	if err != nil {
		return nil, nil, err
	}
	for i, r := range records {
		_, hasNumber := r.TextNumber()
		if u, is := unreachedOn(message.EmailChannel, v, facts[i], message.ValidEmail(r.Get("email"))); is {
			u.Record, u.Name = r.ID, r.Name()
			unmailed = append(unmailed, u)
		}
		if u, is := unreachedOn(message.TextChannel, v, facts[i], hasNumber); is {
			u.Record, u.Name = r.ID, r.Name()
			untexted = append(untexted, u)
		}
	}
	return unmailed, untexted, nil
}

// unreachedOn tells whether a record of these facts cannot be written to on a channel.
func unreachedOn(c message.Channel, v *flow.Version, f step.Facts, reachable bool) (Unreached, bool) {
	fate, why := v.Fate(c, f, reachable)
	wish, suppression, refused := f.DoNotEmail, f.EmailSuppression, f.NoEmail()
	if c == message.TextChannel {
		wish, suppression, refused = f.DoNotText, f.TextSuppression, f.NoText()
	}
	u := Unreached{Code: store.BlockAddress, Reason: why, Fate: fate, Then: v.FateSentence(c, fate, !reachable && refused == "")}
	switch {
	case suppression.Reason == why:
		u.Code = store.BlockSuppressed
	case wish:
		u.Code = store.BlockUnwanted
	}
	return u, fate != flow.FateGoes
}
