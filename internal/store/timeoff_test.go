package store_test

import (
	"context"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func date(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// away enters time off.
func (h *house) away(user, substitute ident.User, from, to string, change ...func(*store.TimeOff)) (id ident.TimeOff) {
	h.Helper()
	t := store.TimeOff{Leave: calendar.Leave{User: user, Substitute: substitute, From: date(h, from), To: date(h, to)}}
	for _, c := range change {
		c(&t)
	}
	h.write(func(tx *store.Tx) (err error) {
		id, err = tx.InsertTimeOff(t, user)
		return err
	})
	return id
}

func (h *house) calendar(user ident.User) (c calendar.Calendar) {
	h.Helper()
	h.read(func(tx *store.Tx) (err error) {
		c, err = tx.CalendarOf(user)
		return err
	})
	return c
}

// TestCalendarOf checks what makes up a user's working time: own hours, the zone, holidays of the region, and time off.
func TestCalendarOf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna"), h.user("Ben")
		next := func(user ident.User, at, want string) {
			t.Helper()
			from, err := time.Parse(time.RFC3339, at)
			h.must(err)
			got, _ := h.calendar(user).Next(from)
			if got.UTC().Format(time.RFC3339) != want {
				t.Errorf("next working moment from %s: %s, want %s", at, got.UTC().Format(time.RFC3339), want)
			}
		}
		next(anna.ID, "2026-04-03T09:00:00Z", "2026-04-03T09:00:00Z")
		h.write(func(tx *store.Tx) error {
			if err := tx.SaveRegion("DE-BY"); err != nil {
				return err
			}
			_, err := tx.InsertHoliday(store.Holiday{OwnHoliday: calendar.OwnHoliday{
				Holiday: calendar.Holiday{Date: date(t, "2020-04-07"), Name: "Founders"}, Yearly: true,
			}}, 0)
			return err
		})
		next(anna.ID, "2026-04-03T09:00:00Z", "2026-04-08T08:00:00Z") // Good Friday, Easter Monday, and the founders' day
		h.write(func(tx *store.Tx) error {
			return tx.SaveWorkingTime(ben.ID, store.WorkingTime{Own: true, Region: "US", Hours: store.Hours{
				5: {{From: 8 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 17 * time.Hour}},
			}})
		})
		next(ben.ID, "2026-04-03T09:00:00Z", "2026-04-03T09:00:00Z") // Good Friday is no holiday in the United States
		next(ben.ID, "2026-04-03T12:00:00Z", "2026-04-03T13:00:00Z")
		id := h.away(ben.ID, 0, "2026-04-03", "2026-04-10")
		next(ben.ID, "2026-04-03T12:00:00Z", "2026-04-17T08:00:00Z")
		h.write(func(tx *store.Tx) error {
			t, err := tx.GetTimeOff(id)
			if err != nil {
				return err
			}
			t.Substitute = anna.ID
			return tx.UpdateTimeOff(t)
		})
		next(ben.ID, "2026-04-03T12:00:00Z", "2026-04-03T13:00:00Z") // Anna does it
		h.read(func(tx *store.Tx) error {
			w, err := tx.WorkingTime(ben.ID)
			if !w.Own || w.Region != "US" || len(w.Hours[5]) != 2 || len(w.Hours[1]) != 0 {
				t.Errorf("working time %+v", w)
			}
			return err
		})
	})
}

// TestHandOver checks who gets the activities of somebody who is away: before, meanwhile, and after.
func TestHandOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben, cleo := h.user("Anna"), h.user("Ben"), h.user("Cleo")
		s := h.sequence("Calls", task("a"), pause("w", "1d"), task("b"), pause("v", "14d"), task("c"))
		ids := h.connected(s, anna.ID, 1)
		h.due(10, 1)
		h.away(anna.ID, ben.ID, "2026-03-03", "2026-03-10")
		has := func(what string, want ...ident.User) {
			t.Helper()
			list := h.activities(ids[0])
			for i, a := range list {
				if i < len(want) && a.Assignee != want[i] {
					t.Errorf("%s: activity %d has %s (for %s), want user %d", what, i, a.AssigneeName, a.BehalfName, want[i])
				}
			}
			if len(list) != len(want) {
				t.Errorf("%s: %d activities, want %d", what, len(list), len(want))
			}
		}
		has("before", anna.ID)
		done := func() {
			h.play(1, step.ActivityDone{Token: h.token(ids[0])}, ids[0])
		}
		done()
		h.pass(24 * time.Hour)
		h.due(10, 1)
		has("meanwhile", anna.ID, ben.ID)
		if a := h.activities(ids[0])[1]; a.Behalf != anna.ID || a.BehalfName != "Anna" {
			t.Errorf("the activity is done for %q, want Anna", a.BehalfName)
		}
		// Ben goes away, too: what is open goes to Cleo, and comes back to Anna.
		other := h.away(ben.ID, cleo.ID, "2026-03-03", "2026-03-04", func(t *store.TimeOff) { t.OpenToo = true })
		if n, err := h.db.BeginTimesOff(context.Background()); n != 1 || err != nil {
			t.Errorf("handed over %d, %v, want 1", n, err)
		}
		if n, err := h.db.BeginTimesOff(context.Background()); n != 0 || err != nil {
			t.Errorf("handed over %d again, %v", n, err)
		}
		has("both away", anna.ID, cleo.ID)
		h.write(func(tx *store.Tx) error {
			if n, err := tx.HandedOver(anna.ID); n != 1 || err != nil {
				t.Errorf("%d handed over, %v", n, err)
			}
			n, err := tx.TakeBack(anna.ID, anna.ID)
			if n != 1 {
				t.Errorf("took back %d, want 1", n)
			}
			return err
		})
		has("taken back", anna.ID, anna.ID)
		h.write(func(tx *store.Tx) error {
			off, err := tx.GetTimeOff(other)
			if err != nil || off.HandedAt.IsZero() || off.SubstituteName != "Cleo" {
				t.Errorf("time off %+v, %v", off, err)
			}
			return tx.DeleteTimeOff(off)
		})
		done()
		h.pass(14 * 24 * time.Hour)
		h.due(10, 1)
		has("after", anna.ID, anna.ID, anna.ID)
	})
}

// TestNobodyStandsIn checks that work falls due with the return when nobody stands in: without a substitute, with one who has
// no access, and with two who stand in for each other.
func TestNobodyStandsIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Calls", task("a"))
		anna, ben, cleo, dan := h.user("Anna"), h.user("Ben"), h.user("Cleo"), h.user("Dan")
		h.away(anna.ID, 0, "2026-03-02", "2026-03-03")
		h.away(ben.ID, dan.ID, "2026-03-02", "2026-03-08") // until Sunday
		h.away(cleo.ID, ben.ID, "2026-03-02", "2026-03-04")
		dan.Active = false
		h.write(func(tx *store.Tx) error { return tx.UpdateUser(dan) })
		for _, c := range []struct {
			user store.User
			due  string
		}{
			{anna, "2026-03-04T08:00:00Z"},
			{ben, "2026-03-09T08:00:00Z"},
			{cleo, "2026-03-05T08:00:00Z"},
		} {
			id := h.connected(s, c.user.ID, 1)[0]
			h.due(10, 1)
			a := h.activities(id)[0]
			if got := a.DueAt.Format(time.RFC3339); a.Assignee != c.user.ID || a.Behalf != 0 || got != c.due {
				t.Errorf("%s: the activity has %s and is due %s, want it to stay and be due %s", c.user.Name, a.AssigneeName, got, c.due)
			}
		}
	})
}

// TestMailWaits checks that automated mail waits for the return where the time off says so, and goes at once when it is over.
func TestMailWaits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna"), h.user("Ben")
		s := h.sequence("Mail", mail("m"))
		id := h.away(anna.ID, ben.ID, "2026-03-01", "2026-03-06", func(t *store.TimeOff) { t.MailWaits = true })
		for _, u := range []store.User{anna, ben} {
			h.connected(s, u.ID, 1)
		}
		h.due(10, 2)
		back := map[ident.User]string{}
		claim := func() {
			_, _, err := h.db.ClaimMail(context.Background(), "n", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
				back[c.Message.User] = c.Back.Format(time.RFC3339)
				if c.Back.IsZero() {
					return store.Verdict{Kind: store.Withdraw, Reason: "seen"}
				}
				return store.Verdict{Kind: store.Later, Reason: "away", At: c.Back}
			})
			h.must(err)
		}
		claim()
		if back[anna.ID] != "2026-03-09T08:00:00Z" || back[ben.ID] != "0001-01-01T00:00:00Z" {
			t.Errorf("back at %v, want Anna on Monday the 9th and Ben there", back)
		}
		clear(back)
		claim()
		if len(back) != 0 {
			t.Errorf("looked again too early: %v", back)
		}
		h.write(func(tx *store.Tx) error {
			off, err := tx.GetTimeOff(id)
			if err != nil {
				return err
			}
			return tx.DeleteTimeOff(off)
		})
		claim()
		if back[anna.ID] != "0001-01-01T00:00:00Z" {
			t.Errorf("after the early return: back at %v", back)
		}
	})
}

// TestWorkingSequenceOverTimeOff checks that waits in working time leave time off out, unless somebody stands in.
func TestWorkingSequenceOverTimeOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna"), h.user("Ben")
		v := flow.NewVersion(1, 1, 1, flow.Sequence{Options: flow.Options{Waits: flow.WorkingTime}, Steps: []step.Step{pause("w", "1d"), task("a")}})
		h.away(anna.ID, 0, "2026-03-03", "2026-03-06")
		h.away(ben.ID, anna.ID, "2026-03-09", "2026-03-10") // Anna is back by then
		h.read(func(tx *store.Tx) error {
			facts, err := tx.FactsForAll(v, make([]ident.Record, 2), []ident.User{anna.ID, ben.ID})
			for i, want := range []string{"2026-03-09", "2026-03-03"} {
				if got := facts[i].Calendar.AddWorking(monday, 1, 0).Format(time.DateOnly); !facts[i].Working || got != want {
					t.Errorf("user %d: a working day later is %s, want %s", i, got, want)
				}
			}
			return err
		})
	})
}
