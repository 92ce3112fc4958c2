package action

import (
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/store"
)

// endedHold says why nothing comes any more of a finished enrollment, and who can begin again.
func endedHold(tx *store.Tx, x Explanation) (Hold, error) {
	h := Hold{Code: "ended", Text: x.Enrollment.State.Exit.Describe() + ".", Since: x.Enrollment.FinishedAt}
	if r := last(x.Reasons); x.Enrollment.State.Exit != "" && r.Text != historyGone && r.Text != "" {
		h.Text = r.Text // the last line of a finished enrollment is its end
	}
	h.Text += " The sequence is over for it, and nothing comes next."
	var err error
	h.Change, h.Place, err = againOf(tx, x)
	return h, err
}

func last(list []Reason) (r Reason) {
	if len(list) > 0 {
		r = list[len(list)-1]
	}
	return r
}

// againOf says who can put a record on the sequence again that is over for it, and where; or what keeps everybody from it.
func againOf(tx *store.Tx, x Explanation) (change string, place Place, err error) {
	e := x.Enrollment
	s, err := tx.GetSequence(e.Sequence)
	if fault.Is(err, fault.NotFound) {
		return "The sequence is deleted.", Place{}, nil
	}
	if err != nil {
		return "", Place{}, err
	}
	on, err := tx.LiveEnrollments(e.Record)
	if err != nil {
		return "", Place{}, err
	}
	for _, other := range on {
		if other.Sequence == e.Sequence {
			return "It is on the sequence again.", placeOf("enrollment", other.ID), nil
		}
	}
	switch {
	case s.Status != store.Active:
		return "The sequence is not active; a sequence manager can activate it again.", x.placeOfSequence(), nil
	case x.Version.Def.Options.Reentry == flow.Never:
		return "The sequence takes each record once. Whoever edits it can change that, with a new version.", x.placeOfSequence(), nil
	case !x.Record.Open():
		return x.owners() + " can reopen the record, and then it can be connected again.", placeOf("record", e.Record), nil
	}
	return x.movers() + " can connect it again.", placeToConnect(x.reader, x.Record), nil
}

// idleHold says why nothing comes by itself of a record that is on no sequence; nil for one that is on one.
func (w Why) idleHold(reader access.Actor) *Hold {
	if len(w.Live) > 0 {
		return nil
	}
	x := Explanation{Record: w.Record, reader: reader}
	h := Hold{Code: "not_connected", Since: w.Record.CreatedAt, Text: "It is on no sequence and was on none before, so nothing comes by itself."}
	if len(w.Ended) > 0 {
		end := w.Ended[0]
		h.Since = end.Enrollment.FinishedAt
		h.Text = fmt.Sprintf("It is on no sequence any more, so nothing comes by itself. The last one, “%s”, ended: %s", end.Enrollment.SequenceName, lowerFirst(end.Reason.Text))
	}
	if w.Record.Open() {
		h.Change, h.Place = x.movers()+" can connect it.", placeToConnect(reader, w.Record)
	}
	return &h
}

// closedHold says of a closed record that no sequence takes it.
func closedHold(r store.Record, reader access.Actor) Hold {
	x := Explanation{Record: r, reader: reader}
	return Hold{
		Code: "record_closed", Text: fmt.Sprintf("The record is closed: its status is %s.", r.Get("status")),
		Change: x.owners() + " can reopen it.", Place: placeOf("record", r.ID),
	}
}
