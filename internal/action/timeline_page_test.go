package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// TestTimelinePages holds that pages show every line once, also where many are of one moment, and that a filter digs as deep as needed.
func TestTimelinePages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "First"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Complete(h.ctx, h.anna, act.ID, Done{}); err != nil {
			t.Fatal(err)
		}
		for i := range 7 {
			h.later(time.Duration(i/5) * time.Minute) // five of one moment, then two
			if _, err := h.app.AddNote(h.ctx, h.bob, rec, fmt.Sprint("n", i)); err != nil {
				t.Fatal(err)
			}
		}
		read := func(show TimelineShow, limit int) string {
			t.Helper()
			var seen []string
			q := TimelineQuery{Record: rec, Show: show, Limit: limit}
			for {
				page, err := h.app.TimelinePage(h.ctx, h.anna, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Entries {
					seen = append(seen, strings.TrimSpace(e.Detail+" "+string(e.Sort())))
				}
				if q.Cursor = page.Next; page.Next == "" {
					return strings.Join(seen, ", ")
				}
			}
		}
		notes := "n6 notes, n5 notes, n4 notes, n3 notes, n2 notes, n1 notes, n0 notes"
		for _, limit := range []int{1, 2, 3, 7, 100} {
			same(t, fmt.Sprint("pages of ", limit), read("", limit), notes+", tasks")
			same(t, fmt.Sprint("notes by ", limit), read(ShowNotes, limit), notes)
			same(t, fmt.Sprint("tasks by ", limit), read(ShowTasks, limit), "tasks")
		}
		same(t, "no calls", read(ShowCalls, 2), "")
		_, err = h.app.TimelinePage(h.ctx, h.anna, TimelineQuery{Record: rec, Cursor: "x"})
		refused(t, "cursor", err, fault.Malformed, "cursor")
		_, err = h.app.TimelinePage(h.ctx, h.anna, TimelineQuery{Record: rec, Show: "weather"})
		refused(t, "filter", err, fault.Invalid, "emails")
	})
}

// TestNewSinceLastVisit holds that what others did since the last visit is new, stays so while the reader looks, and is known then.
func TestNewSinceLastVisit(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		note := func(body string) {
			t.Helper()
			h.later(time.Minute)
			if _, err := h.app.AddNote(h.ctx, h.bob, rec, body); err != nil {
				t.Fatal(err)
			}
		}
		looks := func(when string, want string) {
			t.Helper()
			since, err := h.app.Visit(h.ctx, h.anna, rec)
			if err != nil {
				t.Fatal(err)
			}
			page, err := h.app.TimelinePage(h.ctx, h.anna, TimelineQuery{Record: rec})
			if err != nil || !page.NewSince.Equal(since) {
				t.Fatalf("%s: since %s and %s, %v", when, since, page.NewSince, err)
			}
			var fresh []string
			for _, e := range page.Entries {
				if e.New {
					fresh = append(fresh, e.Detail)
				}
			}
			same(t, when, strings.Join(fresh, ", "), want)
		}
		note("a")
		looks("a first look", "")
		note("b")
		looks("in the same visit", "")
		h.later(time.Hour)
		note("c")
		looks("in the next one", "c")
		h.later(visitGap - time.Minute)
		looks("still looking", "c")
		if _, err := h.app.AddNote(h.ctx, h.anna, rec, "mine"); err != nil {
			t.Fatal(err)
		}
		note("d")
		looks("looking again", "d, c")
		h.later(time.Hour)
		looks("later", "")

		if _, err := h.app.CreateActivity(h.ctx, h.bob, NewActivity{Record: rec, Kind: "task", Name: "Call", Assignee: h.anna.ID}); err != nil {
			t.Fatal(err)
		}
		news, err := h.app.News(h.ctx, h.anna, []ident.Record{rec})
		same(t, "news", fmt.Sprint(news[rec], err), "true <nil>")
		looks("told of", "")
		news, err = h.app.News(h.ctx, h.anna, []ident.Record{rec})
		same(t, "read by looking", fmt.Sprint(news[rec], err), "false <nil>")
		h.later(91 * 24 * time.Hour)
		if err := h.db.Tidy(h.ctx); err != nil {
			t.Fatal(err)
		}
		looks("after 90 days", "")
		if _, err := h.app.Visit(h.ctx, h.anna, 999); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a record that is not there: %v", err)
		}
	})
}
