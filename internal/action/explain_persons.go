package action

import (
	"fmt"
	"time"
)

// personHolds are what an activity waits for.
func personHolds(x Explanation, now time.Time) []Hold {
	a := x.Activity
	if a == nil {
		return []Hold{{Code: "person", Text: x.Waiting, Since: x.Enrollment.State.Since, Change: x.movers() + " can do that.", Place: placeOf("record", x.Enrollment.Record)}}
	}
	who := a.AssigneeName
	h := Hold{Code: "person", Since: a.CreatedAt, Place: placeOf("activity", a.ID), Text: fmt.Sprintf("It is %s's turn: “%s” has to be completed or skipped.", who, a.Name), Change: who + " finds it in the work list. A sales manager can hand it over."}
	switch {
	case a.Assignee != 0 && a.Assignee == x.reader.ID:
		who = "You"
		h.Text, h.Change = fmt.Sprintf("It is your turn: “%s” has to be completed or skipped.", a.Name), "You find it in your work list. A sales manager can hand it over."
	case a.AssigneeName == "":
		h.Text, h.Change = fmt.Sprintf("“%s” has to be completed or skipped, and nobody has it.", a.Name), "A sales manager can hand it over to somebody."
	}
	if a.Trouble != "" {
		h.Code, h.Text = "trouble", a.Trouble
		h.Change = who + " can mend that and try again, do it by hand, or skip it."
	}
	if a.DueAt.After(now) {
		h.Until, h.Text = a.DueAt, h.Text+" It is due later."
		if a.Snoozes > 0 {
			h.Text += fmt.Sprintf(" It was put off %s.", times(a.Snoozes))
		}
	}
	list := []Hold{h}
	if x.Away != nil {
		list = append(list, awayHold(*x.Away))
	}
	return list
}

func awayHold(a Absence) Hold {
	h := Hold{Code: "away", Text: a.Name + " is away until " + dateText(a.Until) + ".", Change: "A sales manager can hand the activity over.", Place: Place{Kind: "time_off"}}
	if a.StandIn != "" {
		h.Text += " " + a.StandIn + " stands in."
	}
	return h
}

// owners names who may edit the record, at the beginning of a sentence.
func (x Explanation) owners() string {
	switch r := x.Record; {
	case r.Owner == 0:
		return "Everybody"
	case r.Owner == x.reader.ID:
		return "You, admins and sales managers"
	default:
		return r.OwnerName + ", admins and sales managers"
	}
}
