package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const (
	// liveQuiet is how long a change waits for others, so that a batch of them is told once.
	liveQuiet = 300 * time.Millisecond
	// liveCheck is how often the list is looked at without a sign: another program may have changed the database.
	liveCheck = 30 * time.Second
)

// watch tells the browser, as server-sent events, whenever what is due for the reader has changed, or what the reader is told of. The
// browser then asks for the rows: what it shows is its own matter. It is the one stream of every page.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies must not gather the events
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{})
	last := marks{}
	for looked := 0; ; looked++ {
		changed := s.app.DB().WorkSignal()
		now, err := s.marks(r)
		if err != nil {
			return nil // the browser connects again, and meets the error there if it stays
		}
		if r.URL.Query().Get("records") == "1" {
			now.records = strconv.Itoa(looked)
		}
		if _, err := fmt.Fprint(w, now.news(last)); err != nil {
			return nil
		}
		if err := out.Flush(); err != nil {
			return nil
		}
		last = now
		if !waitFor(r, changed) {
			return nil
		}
	}
}

// marks are texts that change when what they stand for does: the reader's list, the reader's notifications, and anything at all that records may
// show, for pages that ask for it and look themselves.
type marks struct{ work, notifications, records string }

func (s *Server) marks(r *http.Request) (m marks, err error) {
	if m.work, _, err = s.workMark(r); err != nil {
		return m, err
	}
	_, m.notifications, err = s.app.UnreadNotifications(r.Context(), actorOf(r))
	return m, err
}

// news are the events of what is not as it was, or a sign of life.
func (m marks) news(before marks) string {
	said := ""
	if m.work != before.work {
		said += "event: work\ndata: " + m.work + "\n\n"
	}
	if m.notifications != before.notifications {
		said += "event: notifications\ndata: " + m.notifications + "\n\n"
	}
	if m.records != before.records {
		said += "event: records\ndata: " + m.records + "\n\n"
	}
	if said == "" {
		return ": still here\n\n"
	}
	return said
}

// workMark is a text that changes when what the reader has to do today does, and how much that is.
func (s *Server) workMark(r *http.Request) (mark string, due int, err error) {
	v := s.view(r)
	return s.app.WorkMark(r.Context(), v.Actor, endOfDay(v.Now))
}

// waitFor waits for a change, and a moment for those that come with it; false when the browser has gone.
func waitFor(r *http.Request, changed <-chan struct{}) bool {
	check := time.NewTimer(liveCheck)
	defer check.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-check.C:
		return true
	case <-changed:
	}
	quiet := time.NewTimer(liveQuiet)
	defer quiet.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-quiet.C:
		return true
	}
}

// showWorkRows is the list column alone, for a browser that was told of a change. It names the activity that is open there, and is
// told when that one was done meanwhile.
func (s *Server) showWorkRows(w http.ResponseWriter, r *http.Request) error {
	list, err := s.readWorkList(r, readWorkFilter(r))
	if err != nil {
		return err
	}
	props := workProps{View: s.view(r), List: list}
	_ = readID(r.URL.Query().Get("open"), &props.Open) // nothing is open
	var gone []ui.Flash
	if r.URL.Query().Get("told") != "1" {
		gone = s.goneMeanwhile(w, r, props.Open, list.Filter.activity(props.Open, ""))
	}
	// Not by s.fragment: it would take the messages that another page of this person is about to show.
	return s.write(w, r, 0, templ.Join(workColumn(props), lateFlashes(gone)))
}

// goneMeanwhile tells who has an activity open that somebody else was done with it; where it is shown then stands at the address.
func (s *Server) goneMeanwhile(w http.ResponseWriter, r *http.Request, id ident.Activity, address string) []ui.Flash {
	if id == 0 {
		return nil
	}
	act, err := s.app.GetActivity(r.Context(), actorOf(r), id)
	if err != nil || act.State < store.ActivityCompleted || act.DoneBy == actorOf(r).ID {
		return nil
	}
	w.Header().Set("X-Open-Gone", "1")
	return []ui.Flash{{Text: goneText(act), Href: address, LinkText: "Show"}}
}

// goneText says what became of an activity that stands open on somebody's screen.
func goneText(a store.Activity) string {
	return "“" + a.Name + "” for " + a.RecordName + " was " + a.State.String() + " meanwhile."
}
