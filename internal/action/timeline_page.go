package action

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TimelineShow narrows a timeline to lines of a sort; empty for all.
type TimelineShow string

// The sorts.
const (
	ShowEmails   TimelineShow = "emails"
	ShowCalls    TimelineShow = "calls"
	ShowNotes    TimelineShow = "notes"
	ShowTasks    TimelineShow = "tasks"
	ShowSequence TimelineShow = "sequence"
)

// TimelineShows lists the sorts.
func TimelineShows() []TimelineShow {
	return []TimelineShow{ShowEmails, ShowCalls, ShowNotes, ShowTasks, ShowSequence}
}

// Sort says of which sort a line is. Text messages stand with the emails, tasks and LinkedIn steps with the tasks.
func (e TimelineEntry) Sort() TimelineShow {
	switch {
	case e.Note != 0:
		return ShowNotes
	case e.Received != 0 || e.Message != 0:
		return ShowEmails
	}
	switch e.Kind {
	case "email", "automated_email", "text_message", "automated_text", "ab_test", "message":
		return ShowEmails
	case "phone_call":
		return ShowCalls
	case "task", "meeting":
		return ShowTasks
	}
	if strings.HasPrefix(e.Kind, "linkedin_") {
		return ShowTasks
	}
	return ShowSequence
}

// TimelineQuery selects lines of a record's timeline.
type TimelineQuery struct {
	Record ident.Record
	Show   TimelineShow
	// Cursor is Next of the page before.
	Cursor string
	Limit  int
}

// TimelinePage is a part of a timeline, newest first.
type TimelinePage struct {
	Entries []TimelineEntry
	// Next leads to older lines; "" where there are none.
	Next string
	// NewSince is the moment after which lines are new to the reader; zero at a first look.
	NewSince time.Time
}

// TimelinePage gives a page of the story of a record.
func (a *App) TimelinePage(ctx context.Context, actor access.Actor, q TimelineQuery) (TimelinePage, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return TimelinePage{}, err
	}
	if q.Show != "" && !slices.Contains(TimelineShows(), q.Show) {
		return TimelinePage{}, fault.Field("show", "unknown", "The timeline shows emails, calls, notes, tasks or sequence; all when it is left out.")
	}
	from, err := readTimelineCursor(q.Cursor)
	if err != nil {
		return TimelinePage{}, err
	}
	if q.Limit <= 0 {
		q.Limit = defaultTimeline
	}
	q.Limit = min(q.Limit, maxTimeline)
	return look(ctx, a, func(tx *store.Tx) (TimelinePage, error) {
		v, err := tx.VisitOf(actor.ID, q.Record)
		if err != nil {
			return TimelinePage{}, err
		}
		page, err := readTimeline(tx, q, from)
		page.NewSince = newSince(v, tx.Now)
		for i := range page.Entries {
			e := &page.Entries[i]
			e.New = !page.NewSince.IsZero() && e.At.After(page.NewSince) && (e.By == "" || e.By != actor.Name)
		}
		return page, err
	})
}

// deepestStory is how many rows of a source a timeline is told from at most.
const deepestStory = 10_000

// readTimeline tells the story from as many rows as the page needs: most are read at the top, and a filter or an older page digs deeper.
func readTimeline(tx *store.Tx, q TimelineQuery, from timelinePlace) (TimelinePage, error) {
	for depth := q.Limit + 1; ; depth = min(4*depth, deepestStory) {
		s, err := readStory(tx, q.Record, depth)
		if err != nil {
			return TimelinePage{}, err
		}
		horizon := s.horizon(depth)
		if depth == deepestStory {
			horizon = time.Time{}
		}
		list := from.after(slices.DeleteFunc(s.entries(), func(e TimelineEntry) bool {
			return e.At.Before(horizon) || q.Show != "" && e.Sort() != q.Show
		}))
		if len(list) > q.Limit {
			return TimelinePage{Entries: list[:q.Limit], Next: from.next(list[:q.Limit])}, nil
		}
		if horizon.IsZero() {
			return TimelinePage{Entries: list}, nil
		}
	}
}

// horizon is the moment before which a source may have rows that were not read; zero where all were.
func (s *story) horizon(depth int) (at time.Time) {
	later := func(n int, oldest func() time.Time) {
		if n >= depth {
			if t := oldest(); t.After(at) {
				at = t
			}
		}
	}
	later(len(s.history), func() time.Time { return s.history[len(s.history)-1].At })
	later(len(s.notes), func() time.Time { return s.notes[len(s.notes)-1].CreatedAt })
	later(len(s.activities), func() time.Time { return s.activities[len(s.activities)-1].CreatedAt })
	later(len(s.messages), func() time.Time { return s.messages[len(s.messages)-1].CreatedAt })
	later(len(s.received), func() time.Time { return s.received[len(s.received)-1].CreatedAt })
	later(len(s.calls), func() time.Time { return s.calls[len(s.calls)-1].StartedAt })
	return at
}

// timelinePlace is where a page ended: the moment of its last line, and how many lines of that moment were shown. Lines have no key of
// their own, and many can be of one moment.
type timelinePlace struct {
	at    int64
	shown int
}

func readTimelineCursor(text string) (p timelinePlace, err error) {
	if text == "" {
		return p, nil
	}
	at, shown, ok := strings.Cut(text, ".")
	if p.at, err = strconv.ParseInt(at, 36, 64); err == nil {
		p.shown, err = strconv.Atoi(shown)
	}
	if !ok || err != nil || p.shown < 1 {
		return p, fault.New(fault.Malformed, "The cursor does not belong to this timeline.").
			WithHint("Take next_cursor of the page before, with the same filter, or leave the cursor out.")
	}
	return p, nil
}

// after leaves out the lines up to the place.
func (p timelinePlace) after(list []TimelineEntry) []TimelineEntry {
	if p.shown == 0 {
		return list
	}
	same := 0
	for i, e := range list {
		at := e.At.UnixMicro()
		if at == p.at {
			same++
		}
		if at < p.at || at == p.at && same > p.shown {
			return list[i:]
		}
	}
	return nil
}

// next is the place behind the lines that follow this one.
func (p timelinePlace) next(list []TimelineEntry) string {
	last := timelinePlace{at: list[len(list)-1].At.UnixMicro()}
	for _, e := range list {
		if e.At.UnixMicro() == last.at {
			last.shown++
		}
	}
	if last.at == p.at {
		last.shown += p.shown
	}
	return fmt.Sprintf("%s.%d", strconv.FormatInt(last.at, 36), last.shown)
}
