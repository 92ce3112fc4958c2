package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// The limits of meetings, and how long one lasts of which nobody says when it ends.
const (
	maxMeeting     = 24 * time.Hour
	noteWithin     = 30 * 24 * time.Hour
	maxPlace       = 500
	maxPeople      = 50
	maxPerson      = 200
	DefaultMeeting = 30 * time.Minute
)

// Meeting is what a meeting has that no other activity has. It begins when its activity is due.
type Meeting struct {
	// EndsAt is half an hour after the beginning when zero.
	EndsAt time.Time
	// Place is where, or a link; People are names or addresses of who comes.
	Place  string
	People []string
}

// trim brings the words of a meeting into shape.
func (m *Meeting) trim() {
	m.Place = strings.Join(strings.Fields(clean(m.Place)), " ")
	var people []string
	for _, p := range m.People {
		if p = strings.Join(strings.Fields(clean(p)), " "); p != "" && !slices.Contains(people, p) {
			people = append(people, p)
		}
	}
	m.People = people
}

// problems holds the meeting against what a meeting can be; an activity of another kind has nothing of it.
func (m Meeting) problems(kind string, begins time.Time) []fault.Problem {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if kind != step.Meeting {
		for field, given := range map[string]bool{"ends_at": !m.EndsAt.IsZero(), "place": m.Place != "", "people": len(m.People) > 0} {
			if given {
				add(field, "kind", "Only a meeting has an end, a place and people.")
			}
		}
		return problems
	}
	switch {
	case begins.IsZero():
		add("due_at", "required", "Say when the meeting begins.")
	case m.EndsAt.IsZero():
	case !m.EndsAt.After(begins):
		add("ends_at", "order", "The meeting must end after it begins.")
	case m.EndsAt.Sub(begins) > maxMeeting:
		add("ends_at", "range", "A meeting lasts 24 hours at most.")
	}
	if utf8.RuneCountInString(m.Place) > maxPlace {
		add("place", "too_long", fmt.Sprintf("The place is longer than %d characters.", maxPlace))
	}
	if len(m.People) > maxPeople {
		add("people", "too_many", fmt.Sprintf("At most %d people can be named.", maxPeople))
	}
	if slices.ContainsFunc(m.People, func(p string) bool { return utf8.RuneCountInString(p) > maxPerson }) {
		add("people", "too_long", fmt.Sprintf("The name or address of a person is longer than %d characters.", maxPerson))
	}
	return problems
}

// begunLongAgo refuses a meeting that began so long ago that its date is wrong: noting it would end sequences at once. One of the
// last days may be noted afterwards.
func begunLongAgo(kind string, begins, now time.Time) error {
	if kind != step.Meeting || now.Sub(begins) <= noteWithin {
		return nil
	}
	return fault.Field("due_at", "range", "The meeting begins more than 30 days ago. Check its date and the year.")
}

// put writes the meeting into its activity, whose kind and due time are set.
func (m Meeting) put(act *store.Activity) {
	if act.Kind != step.Meeting {
		return
	}
	act.Length, act.Place, act.People = DefaultMeeting, m.Place, m.People
	if !m.EndsAt.IsZero() {
		act.Length = m.EndsAt.Sub(act.DueAt).Round(time.Second)
	}
}

// Made is an activity that was made by hand, with the enrollments that ended by that: a meeting ends what ends on one.
type Made struct {
	Activity store.Activity
	Ended    []store.Enrollment
}

// meetingMade tells the sequences of a record that a meeting is booked, and gives those that ended by that. It is a fact, as a reply is:
// it counts whoever notes it, and whoever does the work of those sequences.
func meetingMade(tx *store.Tx, actor access.Actor, rec ident.Record) ([]store.Enrollment, error) {
	live, err := tx.LiveEnrollments(rec)
	if err != nil {
		return nil, err
	}
	ends, err := endOnMeeting(tx, live)
	if err != nil || len(ends) == 0 {
		return nil, err
	}
	return bookedFor(tx, actor, ends)
}

// MeetingEnds gives the enrollments of a record that a meeting would end, for whoever is about to book one.
func (a *App) MeetingEnds(ctx context.Context, actor access.Actor, rec ident.Record) ([]store.Enrollment, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Enrollment, error) {
		live, err := tx.LiveEnrollments(rec)
		if err != nil {
			return nil, err
		}
		ends, err := endOnMeeting(tx, live)
		return slices.DeleteFunc(live, func(e store.Enrollment) bool { return !slices.Contains(ends, e.ID) }), err
	})
}

// endOnMeeting gives those enrollments whose sequence ends on a meeting.
func endOnMeeting(tx *store.Tx, live []store.Enrollment) (ends []ident.Enrollment, err error) {
	for _, e := range live {
		v, err := tx.Version(e.Version)
		if err != nil {
			return nil, err
		}
		if v.Def.Options.ExitOnMeeting {
			ends = append(ends, e.ID)
		}
	}
	return ends, nil
}

// bookedFor ends the enrollments by a meeting, and gives them.
func bookedFor(tx *store.Tx, actor access.Actor, ends []ident.Enrollment) ([]store.Enrollment, error) {
	if _, err := tx.Advance(ends, func(flow.Snapshot) step.Event { return step.MeetingBooked{By: actor.ID} }); err != nil {
		return nil, fmt.Errorf("end sequences: %w", err)
	}
	found, err := tx.EnrollmentsByID(ends)
	list := make([]store.Enrollment, 0, len(ends))
	for _, id := range ends {
		list = append(list, found[id])
	}
	return list, err
}

// BookMeeting says that a meeting with the customer is booked, without noting when it is. Every sequence of the record that ends on
// that ends; the enrollments that did are given.
func (a *App) BookMeeting(ctx context.Context, actor access.Actor, rec ident.Record) ([]store.Enrollment, error) {
	if err := may(actor, access.Connect); err != nil {
		return nil, err
	}
	return change(ctx, a, func(tx *store.Tx) ([]store.Enrollment, error) {
		r, err := tx.GetRecord(rec)
		if err != nil {
			return nil, err
		}
		live, err := tx.LiveEnrollments(rec)
		if err != nil {
			return nil, err
		}
		for _, e := range live {
			if !mayMove(actor, r.Owner, e.Assignee) {
				return nil, refuse(actor)
			}
		}
		ends, err := endOnMeeting(tx, live)
		if err != nil {
			return nil, err
		}
		if len(ends) == 0 {
			return nil, fault.New(fault.Conflict, "%s is on no sequence that ends when a meeting is booked.", r.Name()).
				WithHint("Disconnect the record instead, or switch the option on and activate.")
		}
		return bookedFor(tx, actor, ends)
	})
}

// BookMeetingFor is BookMeeting for the record of an enrollment.
func (a *App) BookMeetingFor(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	e, err := a.GetEnrollment(ctx, actor, id)
	if err != nil {
		return store.Enrollment{}, err
	}
	if _, err := a.BookMeeting(ctx, actor, e.Record); err != nil {
		return store.Enrollment{}, err
	}
	return a.GetEnrollment(ctx, actor, id)
}

// tellOthers has the other enrollments of the record learn that a mail of e was answered.
func tellOthers(tx *store.Tx, actor access.Actor, e store.Enrollment) error {
	live, err := tx.LiveEnrollments(e.Record)
	if err != nil {
		return err
	}
	var events []store.SignalledEvent
	for _, other := range live {
		if other.ID != e.ID {
			events = append(events, store.SignalledEvent{Enrollment: other.ID, Event: step.Replied{By: actor.ID, Other: true}})
		}
	}
	return tx.Signal(events...)
}
