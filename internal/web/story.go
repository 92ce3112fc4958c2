package web

import (
	"net/http"
	"strconv"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// timelinePart is the timeline on the page of a record.
type timelinePart struct {
	action.TimelinePage
	Show action.TimelineShow
	// Older leads to the next page, Newest to the first one; "" where there is none.
	Older, Newest string
	Chips         []ui.Chip
}

// readTimeline reads the part of a record's timeline that the address asks for, and notes that its reader looks at the record.
func (s *Server) readTimeline(r *http.Request, id ident.Record) (timelinePart, error) {
	q := r.URL.Query()
	t := timelinePart{Show: action.TimelineShow(q.Get("show"))}
	if _, err := s.app.Visit(r.Context(), actorOf(r), id); err != nil {
		return t, err
	}
	var err error
	t.TimelinePage, err = s.app.TimelinePage(r.Context(), actorOf(r), action.TimelineQuery{Record: id, Show: t.Show, Cursor: q.Get("cursor"), Limit: recordTimeline})
	if err != nil {
		return t, err
	}
	if t.Next != "" {
		t.Older = timelinePath(id, t.Show) + "cursor=" + t.Next
	}
	if q.Get("cursor") != "" {
		t.Newest = timelinePath(id, t.Show)
	}
	t.Chips = timelineChips(id, t.Show)
	return t, nil
}

// timelinePath is the record's page with a filter of its timeline, to be followed by more of its query.
func timelinePath(id ident.Record, show action.TimelineShow) string {
	if show == "" {
		return recordPath(id) + "?"
	}
	return recordPath(id) + "?show=" + string(show) + "&"
}

func timelineChips(id ident.Record, on action.TimelineShow) []ui.Chip {
	labels := map[action.TimelineShow]string{
		"": "All", action.ShowEmails: "Emails", action.ShowCalls: "Calls", action.ShowNotes: "Notes", action.ShowTasks: "Tasks", action.ShowSequence: "Sequence",
	}
	var chips []ui.Chip
	for _, show := range append([]action.TimelineShow{""}, action.TimelineShows()...) {
		at := timelinePath(id, show)
		at = at[:len(at)-1]
		chips = append(chips, ui.Chip{Label: labels[show], Href: at, On: show == on, Attrs: ui.A("hx-get", at, "hx-select", "#timeline", "hx-target", "#timeline", "hx-swap", "outerHTML", "hx-replace-url", "true")})
	}
	return chips
}

// fresh counts the lines that are new to the reader.
func (t timelinePart) fresh() (n int) {
	for _, e := range t.Entries {
		if e.New {
			n++
		}
	}
	return n
}

// freshText says how many lines are new: "3 new since".
func (t timelinePart) freshText() string {
	n := strconv.Itoa(t.fresh())
	if t.Next != "" && t.fresh() == len(t.Entries) {
		n += "+"
	}
	return n + " new since "
}
