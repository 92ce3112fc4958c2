package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestReadAhead holds that what is read ahead of the next portion counts where nobody wrote in between, and never else. The clock goes on
// between the two, so that the lines of the next portion tell when its moves were decided.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	h, file := newFile(t)
	other := openFile(t, file, store.Options{Now: h.now}) // as another process
	lead := h.records(1)[0]
	cases := []struct {
		name      string
		meanwhile func(first ident.Enrollment) // first is the first one of the next portion
		ahead     bool                         // what was read counts
		stands    string
	}{
		{"nothing", nil, true, "active in t#2 for person"},
		{"a person pauses one of them", func(first ident.Enrollment) { h.play(1, step.Paused{}, first) }, false, "paused in t#2 for person"},
		{"the customer of one books a meeting", func(first ident.Enrollment) { h.signal(first, step.MeetingBooked{}) }, false, "finished meeting_booked"},
		{"somebody changes another record", func(ident.Enrollment) {
			h.write(func(tx *store.Tx) error {
				r, err := tx.GetRecord(lead)
				if err != nil {
					return err
				}
				r.Values["company"] = h.now().String()
				_, err = tx.UpdateRecord(r)
				return err
			})
		}, false, "active in t#2 for person"},
		{"another process writes", func(ident.Enrollment) {
			h.must(other.Write(context.Background(), func(tx *store.Tx) error { return tx.Audit(0, "test", "database", 0, "") }))
		}, false, "active in t#2 for person"},
		{"another process pauses one of them", func(first ident.Enrollment) {
			h.must(other.Write(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Advance([]ident.Enrollment{first}, func(flow.Snapshot) step.Event { return step.Paused{} })
				return err
			}))
		}, false, "paused in t#2 for person"},
		{"two seconds", func(ident.Enrollment) { h.pass(2 * time.Second) }, false, "active in t#2 for person"},
		{"the clock goes back", func(ident.Enrollment) { h.pass(-time.Second / 2) }, false, "active in t#2 for person"},
	}
	s := h.sequence("Trial", pause("w", "1h"), task("t"))
	for _, c := range cases {
		ids := h.connected(s, 0, 24)
		slices.Sort(ids)
		h.drainAll()
		h.pass(time.Hour + time.Second)
		p := portion.New(8, 8, 8)
		playPortion(h, p, 8)
		began := h.now()
		h.pass(time.Millisecond)
		if c.meanwhile != nil {
			c.meanwhile(ids[8])
		}
		if playPortion(h, p, 8); t.Failed() {
			t.Fatalf("while %s", c.name)
		}
		h.drainAll()
		h.stands(ids[8], c.stands)
		last := h.enrollment(ids[15]) // it is in the next portion whether or not the first one still is
		if ahead := last.State.Since.Equal(began); ahead != c.ahead || last.State.Step != "t" {
			t.Errorf("%s: what was read ahead counts is %v, want %v; the last one stands in %q since %s", c.name, ahead, c.ahead, last.State.Step, last.State.Since)
		}
		for _, id := range ids[9:] {
			h.history(id, "connected", "step w waited")
		}
		h.db.ReadAheadAgain()
		h.write(func(tx *store.Tx) error {
			_, err := tx.Advance(ids, func(flow.Snapshot) step.Event { return step.Stopped{Exit: step.ExitDisconnected} })
			return err
		})
	}
}

func playPortion(h *house, p *portion.Portion, want int) {
	h.Helper()
	if n, err := h.db.Play(context.Background(), p); err != nil || n != want {
		h.Errorf("played %d, %v, want %d", n, err, want)
	}
}

// TestReadAheadOfSetFields holds that a portion which sets fields is waited for: the next one may ask for them.
func TestReadAheadOfSetFields(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		set := step.Step{ID: "set", Type: "update_field", Config: step.Config{"field": "company", "value": "Known"}}
		known := step.Step{ID: "if", Type: "condition", When: &step.When{Field: &record.Condition{Field: "company", Op: record.Equals, Values: []string{"Known"}}}}
		first := h.sequence("First", pause("w", "1h"), set, task("t"))
		second := h.sequence("Second", pause("w", "1h"), known, task("t"))
		records := h.records(8)
		h.enroll(first, 0, records...)
		ids := h.enroll(second, 0, records...)
		h.drainAll()
		h.pass(time.Hour)
		p := portion.New(8, 8, 8)
		playPortion(h, p, 8)
		playPortion(h, p, 8)
		for _, id := range ids {
			h.history(id, "connected", "step w waited", "step if yes Company is Known")
		}
	})
}

// TestReadAheadBesideOthers plays a backlog while others pause and end a part of it: nobody's change is lost or done twice.
func TestReadAheadBesideOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		const n = 120
		ids := h.connected(h.sequence("Trial", pause("w", "1h"), pause("v", "1h"), task("t")), 0, n)
		h.drainAll()
		var people sync.WaitGroup
		people.Go(func() {
			for i := 0; i < n; i += 5 {
				ev := step.Event(step.MeetingBooked{})
				if err := h.db.Write(context.Background(), func(tx *store.Tx) error {
					if i%2 == 0 {
						return tx.Signal(store.SignalledEvent{Enrollment: ids[i], Event: ev})
					}
					_, err := tx.Advance(ids[i:i+1], func(flow.Snapshot) step.Event { return step.Paused{} })
					return err
				}); err != nil {
					t.Errorf("write beside: %v", err)
				}
			}
		})
		for range 2 {
			h.pass(time.Hour)
			for p, played := portion.New(8, 8, 8), 8; played == 8; {
				var err error
				played, err = h.db.Play(context.Background(), p)
				h.must(err)
			}
		}
		people.Wait()
		h.drainAll()
		for i, id := range ids {
			st := h.enrollment(id).State
			switch {
			case i%10 == 0:
				if st.Status != flow.Finished || st.Exit != step.ExitMeetingBooked {
					t.Errorf("enrollment %d has a meeting and is %+v", i, st)
				}
			case i%5 == 0:
				if st.Status != flow.Paused {
					t.Errorf("enrollment %d was paused and is %+v", i, st)
				}
			default:
				h.history(id, "connected", "step w waited", "step v waited")
				h.work(id, "task open")
			}
		}
	})
}
