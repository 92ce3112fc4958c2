package action

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestBookMeetingByHand holds that a meeting is noted with all that belongs to it, and that whatever ends on one ends with it, whoever
// notes it.
func TestBookMeetingByHand(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec, begins := h.lead(h.anna, "Cara", "Cole"), h.db.Now().Add(26*time.Hour)
		ends := h.connect(h.anna, h.active(h.manager, define("Ends", call("first"), task("book"))), rec)
		goesOn := define("Goes on", call("other"))
		goesOn.Options.ExitOnMeeting = false
		stays := h.connect(h.anna, h.active(h.manager, goesOn), rec)

		list, err := h.app.MeetingEnds(h.ctx, h.bob, rec)
		if err != nil || len(list) != 1 || list[0].ID != ends {
			t.Fatalf("a meeting would end %v, %v", list, err)
		}
		for field, in := range map[string]NewActivity{
			"due_at":  {Kind: "meeting", Name: "Demo"},
			"ends_at": {Kind: "meeting", Name: "Demo", DueAt: begins, Meeting: Meeting{EndsAt: begins}},
			"place":   {Kind: "meeting", Name: "Demo", DueAt: begins, Meeting: Meeting{Place: strings.Repeat("p", 501)}},
			"people":  {Kind: "task", Name: "Demo", Meeting: Meeting{People: []string{"Cara"}}},
			"name":    {Kind: "meeting", DueAt: begins},
		} {
			in.Record = rec
			_, err := h.app.CreateActivity(h.ctx, h.anna, in)
			refused(t, field, err, fault.Invalid)
			var f *fault.Error
			if errors.As(err, &f) && !slices.ContainsFunc(f.Problems, func(p fault.Problem) bool { return p.Field == field }) {
				t.Errorf("%s: %v", field, f.Problems)
			}
		}
		same(t, "what was refused ended nothing", h.enrollment(ends), "active first person")

		made, err := h.app.MakeActivity(h.ctx, h.bob, NewActivity{
			Record: rec, Kind: "meeting", Name: " Demo  with Cara", DueAt: begins, Assignee: h.anna.ID,
			Meeting: Meeting{EndsAt: begins.Add(time.Hour), Place: "https://meet.test/cara ", People: []string{"Cara Cole", " ", "Cara  Cole", "boss@acme.test"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what ended", fmt.Sprint(len(made.Ended), made.Ended[0].ID == ends, made.Ended[0].State.Exit), "1 truemeeting_booked")
		same(t, "the other goes on", h.enrollment(stays), "active other person")
		act := made.Activity
		same(t, "the meeting", fmt.Sprint(act.Kind, "|", act.Name, "|", act.Place, "|", strings.Join(act.People, ";"), "|", act.EndsAt().Sub(act.DueAt), "|", act.Assignee == h.anna.ID),
			"meeting|Demo with Cara|https://meet.test/cara|Cara Cole;boss@acme.test|1h0m0s|true")
		if page, err := h.app.WorkList(h.ctx, h.anna, store.WorkQuery{Kinds: []string{"meeting"}, Later: true}); err != nil || len(page.Rows) != 1 || page.Rows[0].ID != act.ID {
			t.Errorf("the list of meetings: %v, %v", page.Rows, err)
		}
	})
}

// TestMeetingLongAgo holds that a meeting of the last weeks may be noted afterwards, and that one of an earlier time, which is a
// wrong date, is neither noted nor set.
func TestMeetingLongAgo(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		ends := h.connect(h.anna, h.active(h.manager, define("Ends", call("first"))), rec)
		meeting := func(ago time.Duration) NewActivity {
			return NewActivity{Record: rec, Kind: "meeting", Name: "Demo", DueAt: h.db.Now().Add(-ago)}
		}
		isOld := func(err error) {
			t.Helper()
			refused(t, "a meeting of long ago", err, fault.Invalid)
			var f *fault.Error
			if errors.As(err, &f) && (len(f.Problems) != 1 || f.Problems[0].Field != "due_at" || !strings.Contains(f.Problems[0].Message, "30 days")) {
				t.Errorf("got %v", f.Problems)
			}
		}
		_, err := h.app.CreateActivity(h.ctx, h.anna, meeting(6*365*24*time.Hour))
		isOld(err)
		_, err = h.app.CreateActivity(h.ctx, h.anna, meeting(31*24*time.Hour))
		isOld(err)
		same(t, "what was refused ended nothing", h.enrollment(ends), "active first person")
		made, err := h.app.CreateActivity(h.ctx, h.anna, meeting(29*24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		due := h.db.Now().Add(-40 * 24 * time.Hour)
		_, err = h.app.EditActivity(h.ctx, h.anna, made.ID, ActivityChange{DueAt: &due})
		isOld(err)
		name := "Demo of the product"
		if _, err := h.app.EditActivity(h.ctx, h.anna, made.ID, ActivityChange{Name: &name}); err != nil {
			t.Error(err)
		}
	})
}

// TestMeetingWithoutSequence holds that a record on no sequence can be met, and that a paused sequence ends, too.
func TestMeetingWithoutSequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		begins := h.db.Now().Add(time.Hour)
		made, err := h.app.MakeActivity(h.ctx, h.anna, NewActivity{Record: h.lead(h.anna, "Dan", "Dorn"), Kind: "meeting", Name: "Lunch", DueAt: begins})
		if err != nil || len(made.Ended) != 0 || made.Activity.EndsAt().Sub(begins) != DefaultMeeting {
			t.Fatalf("%v until %v, %v", made.Ended, made.Activity.EndsAt(), err)
		}
		rec := h.lead(h.anna, "Eve", "Ende")
		e := h.connect(h.anna, h.active(h.manager, define("Trial", call("first"))), rec)
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "meeting", Name: "Visit", DueAt: begins}); err != nil {
			t.Fatal(err)
		}
		got, err := h.app.GetEnrollment(h.ctx, h.anna, e)
		if err != nil || got.State.Status != flow.Finished {
			t.Errorf("a paused sequence is %v, %v", got.State.Status, err)
		}
	})
}

// TestMoveAndEndMeeting holds that a move takes the whole meeting along, and how a meeting ends.
func TestMoveAndEndMeeting(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec, begins := h.lead(h.anna, "Cara", "Cole"), h.db.Now().Add(26*time.Hour)
		meet := func(name string) ident.Activity {
			act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "meeting", Name: name, DueAt: begins, Meeting: Meeting{EndsAt: begins.Add(45 * time.Minute), Place: "Room 4", People: []string{"Cara"}}})
			if err != nil {
				t.Fatal(err)
			}
			return act.ID
		}
		span := func(act store.Activity, err error) string {
			if err != nil {
				return err.Error()
			}
			return act.DueAt.Sub(begins).String() + " " + act.EndsAt().Sub(begins).String()
		}
		id := meet("Demo")
		later := begins.Add(2 * time.Hour)
		act, err := h.app.Snooze(h.ctx, h.anna, id, later)
		same(t, "moved", span(act, err), "2h0m0s 2h45m0s")
		act, err = h.app.Unsnooze(h.ctx, h.anna, id)
		same(t, "moved back", span(act, err), "0s 45m0s")
		act, err = h.app.EditActivity(h.ctx, h.anna, id, ActivityChange{DueAt: &later})
		same(t, "edited to another time", span(act, err), "2h0m0s 2h45m0s")
		ends, place, people := later.Add(time.Hour), "Room 5", []string{"Cara", "Dan"}
		act, err = h.app.EditActivity(h.ctx, h.anna, id, ActivityChange{EndsAt: &ends, Place: &place, People: &people})
		same(t, "edited", span(act, err)+act.Place+fmt.Sprint(act.People), "2h0m0s 3h0m0sRoom 5[Cara Dan]")
		_, err = h.app.EditActivity(h.ctx, h.anna, id, ActivityChange{EndsAt: &begins})
		refused(t, "an end before the beginning", err, fault.Invalid, "must end after")

		_, err = h.app.Complete(h.ctx, h.anna, id, Done{Outcome: "busy"})
		refused(t, "an outcome of calls", err, fault.Invalid, "did_not_come")
		for outcome, want := range map[string]string{"": "held", "did_not_come": "did_not_come", "moved": "moved"} {
			act, err := h.app.Complete(h.ctx, h.anna, meet("Meet "+outcome), Done{Outcome: outcome})
			if err != nil || act.Outcome != want {
				t.Errorf("ended with %q: %q, %v", outcome, act.Outcome, err)
			}
		}
		lines, err := h.app.Timeline(h.ctx, h.anna, rec, 50)
		if err != nil || !slices.ContainsFunc(lines, func(e TimelineEntry) bool {
			return e.Title == "Meeting Meet did_not_come: did not come" && strings.Contains(e.Detail, "Room 4 · Cara")
		}) {
			t.Errorf("the timeline does not tell of it: %+v, %v", lines, err)
		}
	})
}

// TestMeetingInFeed holds that calendar programs get the whole span of a meeting, with its place and people.
func TestMeetingInFeed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		address, err := h.app.MakeFeed(h.ctx, h.anna, "")
		if err != nil {
			t.Fatal(err)
		}
		rec, begins := h.lead(h.anna, "Cara", "Cole"), time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
		book := func(name string) store.Activity {
			act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "meeting", Name: name, DueAt: begins, Meeting: Meeting{EndsAt: begins.Add(75 * time.Minute), Place: "Room 4", People: []string{"Cara", "Dan"}}})
			if err != nil {
				t.Fatal(err)
			}
			return act
		}
		book("Demo")
		if _, err := h.app.Complete(h.ctx, h.anna, book("Missed").ID, Done{Outcome: "did_not_come"}); err != nil {
			t.Fatal(err)
		}
		body, err := h.app.ReadFeed(h.ctx, strings.TrimSuffix(strings.TrimPrefix(address, "https://cadenza.test"+FeedPath), ".ics"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"DTSTART:20260304T090000Z", "DTEND:20260304T101500Z", "LOCATION:Room 4", `DESCRIPTION:With Cara\, Dan`, "TRANSP:OPAQUE", "CATEGORIES:Meeting", "SUMMARY:Missed: Cara Cole\\, Acme", "STATUS:CANCELLED"} {
			if !strings.Contains(string(body), want+"\r\n") {
				t.Errorf("no %q in\n%s", want, body)
			}
		}
	})
}
