package action

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestConnect(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a"), task("b")))
		once := define("Once", task("x"))
		once.Options.Reentry = flow.Never
		onceID := h.active(h.manager, once)

		good := h.lead(h.anna, "Good", "Lead")
		nobodys := h.lead(access.Actor{}, "Free", "Lead")
		closed := h.lead(h.anna, "Closed", "Lead", "status", "qualified")
		account := h.record(record.Account, h.anna.ID, record.Values{"name": "Acme", "status": "active"})
		bobs := h.lead(h.bob, "Bobs", "Lead")
		on := h.lead(h.anna, "On", "Lead")
		h.connect(h.anna, id, on)
		finished := h.lead(h.anna, "Done", "Lead")
		h.connect(h.anna, onceID, finished)

		list := []ident.Record{good, nobodys, closed, account, bobs, on, 99999, good}
		for _, dry := range []bool{true, false} {
			result, err := h.app.Connect(h.ctx, h.anna, id, list, dry)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "connected", names(result.Connected), "Good Lead by Anna Berg, Free Lead by Anna Berg")
			same(t, "refused", codes(result.Refused), "Closed Lead: record_closed, Acme: wrong_kind, Bobs Lead: forbidden, On Lead: already_connected, : not_found")
		}
		result, err := h.app.Connect(h.ctx, h.manager, id, []ident.Record{bobs, good}, false)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "a sequence manager connects everybody's", names(result.Connected), "Bobs Lead by Bob Stone")
		same(t, "the first step is there at once", h.workNames(h.bob), "Call a")

		t.Log("a sequence that takes a record once")
		result, err = h.app.Connect(h.ctx, h.anna, onceID, []ident.Record{finished}, false)
		same(t, "still on it", codes(result.Refused)+fmt.Sprint(err), "Done Lead: already_connected<nil>")
		page, err := h.app.ListEnrollments(h.ctx, h.anna, store.EnrollmentQuery{Record: finished})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("enrollments: %v, %v", page.Rows, err)
		}
		if done, no, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{page.Rows[0].ID}); done != 1 || len(no) != 0 || err != nil {
			t.Fatalf("disconnect: %d, %v, %v", done, no, err)
		}
		result, err = h.app.Connect(h.ctx, h.anna, onceID, []ident.Record{finished}, false)
		same(t, "finished before", codes(result.Refused)+fmt.Sprint(err), "Done Lead: finished_before<nil>")

		_, err = h.app.Connect(h.ctx, h.anna, id, nil, false)
		refused(t, "no records", err, fault.Invalid, "records")
		many := make([]ident.Record, 10_001)
		for i := range many {
			many[i] = ident.Record(i + 1)
		}
		_, err = h.app.Connect(h.ctx, h.anna, id, many, false)
		refused(t, "too many", err, fault.TooLarge, "10,000")
		_, err = h.app.Connect(h.ctx, h.anna, 999, []ident.Record{good}, false)
		refused(t, "unknown sequence", err, fault.NotFound)
		_, err = h.app.Connect(h.ctx, access.Actor{}, id, []ident.Record{good}, false)
		refused(t, "nobody", err, fault.Unauthenticated)
	})
}

// names gives who was connected, and who gets the work.
func names(list []store.Enrollment) string {
	var out []string
	for _, e := range list {
		who := map[ident.User]string{3: "Anna Berg", 4: "Bob Stone"}[e.Assignee]
		out = append(out, e.RecordName+" by "+who)
	}
	return strings.Join(out, ", ")
}

func codes(list []Refusal) string {
	var out []string
	for _, r := range list {
		out = append(out, r.Name+": "+r.Code)
	}
	return strings.Join(out, ", ")
}

func TestConnectMany(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		def := define("Trial", task("a"))
		def.Options.Assignee = flow.ConnectingUser
		id := h.active(h.manager, def)
		var list []ident.Record
		h.write(func(tx *store.Tx) error {
			for n := range 1200 {
				r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: h.bob.ID, Values: record.Values{"last_name": fmt.Sprint("L", n), "status": "open"}})
				if err != nil {
					return err
				}
				list = append(list, r.ID)
			}
			return nil
		})
		result, err := h.app.Connect(h.ctx, h.manager, id, list, false)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "connected", len(result.Connected), 1200)
		h.pass(0)
		_, today, err := h.app.WorkCounts(h.ctx, h.manager, h.manager.ID, h.db.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "all of it is the connecting user's work", today, 1200)

		t.Log("every row stands on exactly one page")
		seen := map[ident.Enrollment]bool{}
		cursor := ""
		for range 100 {
			page, err := h.app.ListEnrollments(h.ctx, h.bob, store.EnrollmentQuery{Sequence: id, Status: "live", Cursor: cursor, Limit: 170})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Rows {
				seen[e.ID] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		same(t, "rows on pages", len(seen), 1200)
		page, err := h.app.ListEnrollments(h.ctx, h.bob, store.EnrollmentQuery{Sequence: id, Search: "l1199"})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].RecordName != "L1199" {
			t.Errorf("search: %v, %v", page.Rows, err)
		}
		_, err = h.app.ListEnrollments(h.ctx, h.bob, store.EnrollmentQuery{Cursor: "nonsense"})
		refused(t, "cursor", err, fault.Malformed)
		_, err = h.app.ListEnrollments(h.ctx, h.bob, store.EnrollmentQuery{Status: "sleeping"})
		refused(t, "status", err, fault.Invalid)
	})
}

func TestConnectAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", task("a")))
		var list []ident.Record
		for n := range 40 {
			list = append(list, h.lead(h.anna, "Lead", fmt.Sprint(n)))
		}
		back := slices.Clone(list)
		slices.Reverse(back)
		var wg sync.WaitGroup
		results := make([]ConnectResult, 4)
		for i := range results {
			wg.Go(func() {
				var err error
				if results[i], err = h.app.Connect(h.ctx, h.anna, id, [][]ident.Record{list, back}[i%2], false); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		connected, no := 0, 0
		for _, r := range results {
			connected += len(r.Connected)
			no += len(r.Refused)
		}
		same(t, "connected and refused", fmt.Sprint(connected, no), "40 120")
	})
}

func TestMoveEnrollment(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		def := define("Trial", mail("m", "intro"), pause("a", "2d"), task("b"))
		def.Options.ExitOnReply = true
		id := h.active(h.manager, def)
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		same(t, "waits for its mail", h.enrollment(e), "active m mail")
		_, err := h.app.SkipWait(h.ctx, h.anna, e)
		refused(t, "no wait", err, fault.Conflict, "does not stand in a wait")
		if n := h.deliver(store.Delivered, ""); n != 1 {
			t.Fatalf("%d messages went out", n)
		}
		same(t, "waits", h.enrollment(e), "active a time")

		_, err = h.app.PauseEnrollment(h.ctx, h.bob, e)
		refused(t, "of another", err, fault.Forbidden)
		_, err = h.app.ResumeEnrollment(h.ctx, h.anna, e)
		refused(t, "not paused", err, fault.Conflict, "not paused")
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.PauseEnrollment(h.ctx, h.anna, e)
		refused(t, "paused already", err, fault.Conflict, "already")
		_, err = h.app.SkipWait(h.ctx, h.anna, e)
		refused(t, "paused wait", err, fault.Conflict, "Resume it first")
		h.pass(72 * time.Hour)
		same(t, "a paused wait does not end", h.enrollment(e), "paused a time")
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		h.pass(0)
		same(t, "it went on", h.enrollment(e), "active b person")

		other := h.connect(h.anna, id, h.lead(h.anna, "Dora", "Dale"))
		h.deliver(store.Delivered, "")
		got, err := h.app.SkipWait(h.ctx, h.manager, other)
		same(t, "skipped wait", fmt.Sprint(got.State.Step, err), "b<nil>")
		got, err = h.app.MarkReplied(h.ctx, h.anna, other)
		same(t, "replied", fmt.Sprint(got.State.Exit, err), "replied<nil>")
		_, err = h.app.MarkReplied(h.ctx, h.anna, other)
		refused(t, "finished", err, fault.Conflict, "not on")
		done, no, err := h.app.Disconnect(h.ctx, h.bob, []ident.Enrollment{e, other, 777})
		same(t, "disconnect", fmt.Sprint(done, codes(no), err), "0Cara Cole: forbidden, Dora Dale: finished, : not_found<nil>")

		history, err := h.app.EnrollmentHistory(h.ctx, h.bob, e)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range history {
			lines = append(lines, strings.TrimSpace(fmt.Sprint(l.Kind, " ", l.Step, " ", l.Outcome)))
		}
		same(t, "history", strings.Join(lines, ", "), "connected, step m sent, paused a, resumed a, step a waited")

		plain := h.connect(h.anna, h.active(h.manager, define("Plain", task("a"))), h.lead(h.anna, "Eve", "Ellis"))
		_, err = h.app.MarkReplied(h.ctx, h.anna, plain)
		refused(t, "does not end on a reply", err, fault.Conflict, "does not end on a reply")
	})
}
