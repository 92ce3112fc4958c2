package web

import (
	"net/http"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// laterForm is the choice of a time at which an email is sent.
type laterForm struct {
	Suggestion action.Suggestion
	// Known tells that there is a suggestion.
	Known bool
	// Own and OwnZone are what was chosen by hand.
	Own, OwnZone string
}

// sendChoice is a quick choice of a time.
type sendChoice struct {
	Label string
	At    time.Time
	Text  string
}

func (s *Server) readLater(r *http.Request, a store.Activity) (f laterForm, err error) {
	f = laterForm{Own: text(r, "own"), OwnZone: text(r, "own_zone")}
	f.Suggestion, f.Known, err = s.app.SuggestTime(r.Context(), actorOf(r), a.Record)
	return f, err
}

// choices are the suggested time and two mornings, by the recipient's clock.
func (f laterForm) choices(v view) []sendChoice {
	zone := f.zone(v)
	now := v.Now.In(zone)
	morning := func(days int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d+days, 9, 0, 0, 0, zone)
	}
	toMonday := (7+int(time.Monday)-int(now.Weekday())-1)%7 + 1
	tomorrow, monday := morning(1), morning(toMonday)
	var list []sendChoice
	if f.Known && !f.Suggestion.Now {
		list = append(list, sendChoice{"Suggested", f.Suggestion.At, f.Suggestion.Why})
	}
	add := func(label string, at time.Time) {
		if !f.Known || f.Suggestion.Now || !at.Equal(f.Suggestion.At) {
			list = append(list, sendChoice{label, at, action.ClockIn(at, zone, v.Zone)})
		}
	}
	if day := tomorrow.Weekday(); day != time.Saturday && day != time.Sunday {
		add("Tomorrow morning", tomorrow)
	}
	if !monday.Equal(tomorrow) {
		add("Monday morning", monday)
	}
	return list
}

// zone is the recipient's.
func (f laterForm) zone(v view) *time.Location {
	if f.Suggestion.Zone != nil {
		return f.Suggestion.Zone
	}
	return v.Zone
}

// zones are the clocks by which one's own time can be given.
func (f laterForm) zones(v view) []ui.Option {
	mine := ui.Option{Value: "mine", Label: "Your time (" + calendar.Place(v.Zone) + ")"}
	theirs := f.zone(v)
	_, a := v.Now.Zone()
	if _, b := v.Now.In(theirs).Zone(); a == b {
		return []ui.Option{mine}
	}
	return []ui.Option{mine, {Value: "theirs", Label: "Their time (" + calendar.Place(theirs) + ")"}}
}

// readSendTime reads when an email is to be sent: a choice, one's own time, or the zero time for now.
func readSendTime(v view, theirs *time.Location, r *http.Request) (time.Time, error) {
	if at := text(r, "at"); at != "" {
		chosen, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return chosen, fault.Field("at", "invalid", "Choose one of the times, or give a date and time.")
		}
		return chosen, nil
	}
	if text(r, "later") == "" {
		return time.Time{}, nil
	}
	if text(r, "own_zone") == "theirs" {
		v.Zone = theirs
	}
	at, err := readLocalTime(v, text(r, "own"))
	if err != nil {
		return at, fault.Field("at", "invalid", "Choose a date and time.")
	}
	return at, nil
}

// zoneOfActivity is the zone of an activity's record, or the reader's.
func (s *Server) zoneOfActivity(r *http.Request, id ident.Activity) (*time.Location, error) {
	a, err := s.app.GetActivity(r.Context(), actorOf(r), id)
	if err != nil {
		return nil, err
	}
	f, err := s.readLater(r, a)
	return f.zone(s.view(r)), err
}
