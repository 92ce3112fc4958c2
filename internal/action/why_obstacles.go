package action

import (
	"cadenza/internal/access"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// obstaclesOf say what stands in the way of a record whatever sequence it is connected to.
func obstaclesOf(tx *store.Tx, reader access.Actor, r store.Record) (list []Hold, err error) {
	if !r.Open() {
		list = append(list, closedHold(r, reader))
	}
	facts, err := tx.WishFacts([]store.Record{r})
	if err != nil {
		return nil, err
	}
	f := facts[0]
	email := r.Get("email")
	number, _ := r.TextNumber()
	add := func(c message.Channel, address, why string, by step.Suppression, reachable bool) error {
		h, err := wishHold(reader, r, c, why), error(nil)
		switch {
		case by.Reason != "" && by.Reason == why:
			h, err = suppressedHold(tx, h, address)
		case why != "":
		case !reachable:
			h.Code, h.Text, h.Change = string(store.BlockAddress), "It has no valid email address.", Explanation{Record: r, reader: reader}.owners()+" can add one."
		default:
			return nil
		}
		list = append(list, h)
		return err
	}
	if err := add(message.EmailChannel, email, f.NoEmail(), f.EmailSuppression, message.ValidEmail(email)); err != nil {
		return nil, err
	}
	// Most records have no number, and most sequences no texts, so that is no obstacle.
	return list, add(message.TextChannel, number, f.NoText(), f.TextSuppression, true)
}

// wishHold says of a record that it must not be written to on a channel, by a wish that stands on the record.
func wishHold(reader access.Actor, r store.Record, c message.Channel, why string) Hold {
	word := "Emails"
	if c == message.TextChannel {
		word = "Text messages"
	}
	return Hold{
		Code: string(store.BlockUnwanted), Text: word + " do not go to it: " + why,
		Change: Explanation{Record: r, reader: reader}.owners() + " can change that on the record.", Place: placeOf("record", r.ID),
	}
}

// suppressedHold is it for one whose address or number is suppressed.
func suppressedHold(tx *store.Tx, h Hold, address string) (Hold, error) {
	h.Code, h.Change = string(store.BlockSuppressed), "An admin or a sales manager can take it off the list of suppressions."
	found, err := tx.Suppressed([]string{address})
	if s, is := found[address]; is {
		h.Since, h.Place = s.At, Place{Kind: "suppressions", ID: s.Address}
	}
	return h, err
}
