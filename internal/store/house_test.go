package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// monday is when every house begins: Monday 2 March 2026, 09:00 UTC.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// house is one database with a clock that tests move.
type house struct {
	testing.TB
	db    *store.DB
	clock *atomic.Int64 // microseconds since 1970
	leads int
}

// databases are the two kinds on which every case runs.
var databases = []struct {
	name string
	open func(testing.TB, store.Options) *store.DB
}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}}

// each runs the test on both databases, each with a clock of its own.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, newHouse(t, d.open))
		})
	}
}

func newHouse(tb testing.TB, open func(testing.TB, store.Options) *store.DB) *house {
	tb.Helper()
	h := &house{TB: tb, clock: &atomic.Int64{}}
	h.clock.Store(monday.UnixMicro())
	h.db = open(tb, store.Options{Now: h.now})
	return h
}

func (h *house) now() time.Time { return time.UnixMicro(h.clock.Load()).UTC() }

func (h *house) pass(d time.Duration) { h.clock.Add(d.Microseconds()) }

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) write(fn func(*store.Tx) error) {
	h.Helper()
	h.must(h.db.Write(context.Background(), fn))
}

func (h *house) read(fn func(*store.Tx) error) {
	h.Helper()
	h.must(h.db.Read(context.Background(), fn))
}

// user makes a seller with a mailbox.
func (h *house) user(name string) (u store.User) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		address := strings.ToLower(name) + "@test.local"
		if u, err = tx.InsertUser(store.User{Name: name, Email: address, Role: "seller", Zone: "UTC", Active: true}); err != nil {
			return err
		}
		_, err = tx.InsertMailbox(store.Mailbox{User: u.ID, Address: address, SenderName: name, Host: "mail.test", Port: 25, Security: store.NoTLS})
		return err
	})
	return u
}

// The steps that the cases are made of.
func mail(id string) step.Step {
	return step.Step{ID: id, Type: "automated_email", Name: "Mail", Config: step.Config{"template": "intro"}}
}

func pause(id, span string) step.Step {
	return step.Step{ID: id, Type: "wait", Config: step.Config{"for": span}}
}

func task(id string) step.Step {
	return step.Step{ID: id, Type: "task", Name: "Do it", Config: step.Config{}}
}

func advance(id, to string) step.Step {
	return step.Step{ID: id, Type: "advance", Config: step.Config{"to": to}}
}

// sequence makes an active sequence of the steps.
func (h *house) sequence(name string, steps ...step.Step) (s store.Sequence) {
	return h.sequenceWith(name, nil, steps...)
}

// sequenceWith is sequence with options other than the usual ones.
func (h *house) sequenceWith(name string, change func(*flow.Options), steps ...step.Step) (s store.Sequence) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		def := flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}
		if change != nil {
			change(&def.Options)
		}
		made, err := tx.InsertSequence(def, 0)
		if err != nil {
			return err
		}
		v, err := tx.InsertVersion(made.ID, 1, def, "", 0)
		if err != nil {
			return err
		}
		if err := tx.SetSequenceActive(made.ID, v, 1); err != nil {
			return err
		}
		s, err = tx.GetSequence(made.ID)
		return err
	})
	return s
}

// records makes leads.
func (h *house) records(n int) []ident.Record {
	h.Helper()
	list := make([]ident.Record, n)
	h.write(func(tx *store.Tx) error {
		for i := range list {
			h.leads++
			name := fmt.Sprint("Lead", h.leads)
			r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": name, "email": name + "@buyer.test"}})
			if err != nil {
				return err
			}
			list[i] = r.ID
		}
		return nil
	})
	return list
}

// enroll connects records; its result has 0 for those that were on the sequence.
func (h *house) enroll(s store.Sequence, assignee ident.User, records ...ident.Record) (ids []ident.Enrollment) {
	h.Helper()
	var list []store.NewEnrollment
	for _, r := range records {
		list = append(list, store.NewEnrollment{Sequence: s.ID, Version: s.Version, Record: r, Assignee: assignee, ConnectedBy: assignee})
	}
	h.write(func(tx *store.Tx) (err error) {
		ids, err = tx.Enroll(list)
		return err
	})
	return ids
}

// connected makes n leads and connects them.
func (h *house) connected(s store.Sequence, assignee ident.User, n int) []ident.Enrollment {
	h.Helper()
	return h.enroll(s, assignee, h.records(n)...)
}

// due plays what is due and wants that many enrollments looked at.
func (h *house) due(limit, want int) {
	h.Helper()
	n, err := h.db.Due(context.Background(), limit)
	if err != nil || n != want {
		h.Fatalf("due enrollments: %d, %v, want %d", n, err, want)
	}
}

// play moves enrollments by an event and wants that many to move.
func (h *house) play(want int, ev step.Event, ids ...ident.Enrollment) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		n, err := tx.Advance(ids, func(flow.Snapshot) step.Event { return ev })
		if err == nil && n != want {
			h.Fatalf("%T moved %d enrollments, want %d", ev, n, want)
		}
		return err
	})
}

func (h *house) signal(id ident.Enrollment, ev step.Event) {
	h.Helper()
	h.write(func(tx *store.Tx) error { return tx.Signal(store.SignalledEvent{Enrollment: id, Event: ev}) })
}

func (h *house) enrollment(id ident.Enrollment) (e store.Enrollment) {
	h.Helper()
	h.read(func(tx *store.Tx) (err error) {
		e, err = tx.GetEnrollment(id)
		return err
	})
	return e
}

// token names the visit in which an enrollment stands.
func (h *house) token(id ident.Enrollment) step.Token {
	h.Helper()
	st := h.enrollment(id).State
	return step.Token{Enrollment: id, Step: st.Step, Visit: st.Visit}
}

// stands wants an enrollment in a place: "active in call#2 for person", "finished completed", "paused in a#1 for time".
func (h *house) stands(id ident.Enrollment, want string) {
	h.Helper()
	st := h.enrollment(id).State
	got := fmt.Sprintf("%s in %s#%d for %s", st.Status, st.Step, st.Visit, st.Wait)
	if st.Status == flow.Finished {
		got = fmt.Sprintf("%s %s", st.Status, st.Exit)
	}
	if got != want {
		h.Errorf("enrollment %d stands %q, want %q", id, got, want)
	}
}

// history wants the lines of an enrollment, as "kind step outcome detail".
func (h *house) history(id ident.Enrollment, want ...string) {
	h.Helper()
	var got []string
	h.read(func(tx *store.Tx) error {
		rows, err := tx.HistoryOf(id)
		for _, r := range rows {
			got = append(got, strings.Join(strings.Fields(fmt.Sprint(r.Kind, " ", r.Step, " ", r.Outcome, " ", r.Detail)), " "))
		}
		return err
	})
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.Errorf("history of %d is\n%s\nwant\n%s", id, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// work wants the activities and messages of an enrollment's record, oldest first: "task open", "message queued".
func (h *house) work(id ident.Enrollment, want ...string) {
	h.Helper()
	var got []string
	for _, a := range h.activities(id) {
		got = append(got, a.Kind+" "+a.State.String())
	}
	for _, m := range h.messages(id) {
		got = append(got, "message "+m.State.String())
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		h.Errorf("work of %d is %q, want %q", id, got, want)
	}
}

func (h *house) activities(id ident.Enrollment) (list []store.Activity) {
	h.Helper()
	rec := h.enrollment(id).Record
	h.read(func(tx *store.Tx) (err error) {
		list, err = tx.ActivitiesOf(rec, 100)
		return err
	})
	return reversed(list)
}

func (h *house) messages(id ident.Enrollment) (list []store.Message) {
	h.Helper()
	rec := h.enrollment(id).Record
	h.read(func(tx *store.Tx) (err error) {
		list, err = tx.MessagesOf(rec, 100)
		return err
	})
	return reversed(list)
}

func reversed[T any](list []T) []T {
	out := make([]T, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, list[i])
	}
	return out
}
