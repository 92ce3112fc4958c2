package web

import (
	"net/http"
	"path"
	"slices"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// place is where a seller goes next: an activity in the list as a filter shows it. Without an activity it is the list
// itself, or the end of a run.
type place struct {
	Filter workFilter
	ID     ident.Activity
}

// address gives the place's address.
func (p place) address() string {
	switch {
	case p.ID != 0:
		return p.Filter.activity(p.ID, "")
	case p.Filter.Flow:
		return runPath + p.Filter.query()
	}
	return p.Filter.list()
}

// following gives what comes after an activity, to be asked before the activity leaves the list. The last row of a page
// is followed by the first of the next page.
func (s *Server) following(r *http.Request, f workFilter, id ident.Activity) (place, error) {
	if f.Flow {
		next, err := s.nextInRun(r, s.run(r), id)
		return place{f, next.ID}, err
	}
	list, err := s.readWorkList(r, f)
	if err != nil {
		return place{}, err
	}
	if last := len(list.Rows) - 1; list.Next != "" && last >= 0 && list.Rows[last].ID == id {
		further := f
		further.Cursor = list.Next
		page, err := s.readWorkList(r, further)
		if err != nil {
			return place{}, err
		}
		if len(page.Rows) > 0 {
			return place{further, page.Rows[0].ID}, nil
		}
	}
	return place{f, list.after(id)}, nil
}

// verbOf reads from the address of a form what it does with an activity.
func verbOf(r *http.Request) string { return path.Base(r.URL.Path) }

// finishing are the verbs after which a seller is done with an activity.
func finishing(verb string) bool {
	return slices.Contains([]string{"complete", "skip", "email", "text"}, verb)
}

// countInRun adds to the run what was done with one of its activities.
func (s *Server) countInRun(r *http.Request, id ident.Activity, verb string) error {
	run := s.run(r)
	counted, ok := map[string]runVerb{
		"complete": runCompleted, "email": runCompleted, "text": runCompleted, "skip": runSkipped, "snooze": runSnoozed, "assign": runHanded,
	}[verb]
	if !ok || run.at(id) < 0 {
		return nil
	}
	if run.Counts == nil {
		run.Counts = map[runVerb]int{}
	}
	run.Counts[counted]++
	return s.keepRun(r, run)
}

// moveOn shows what comes when something was done with an activity: the next one, or the same record still, as its
// seller has chosen.
func (s *Server) moveOn(w http.ResponseWriter, r *http.Request, f workFilter, id ident.Activity, next place) error {
	verb := verbOf(r)
	if f.Flow {
		if err := s.countInRun(r, id, verb); err != nil {
			return err
		}
	}
	if finishing(verb) {
		own, err := s.app.GetOwnSettings(r.Context(), actorOf(r))
		if err != nil {
			return err
		}
		if own.AfterDone != action.NextActivity {
			return s.comeBack(w, r, activityPath(id)+next.Filter.query("after", string(own.AfterDone), "next", next.ID.String()))
		}
	}
	return s.comeBack(w, r, next.address())
}

// afterDone is what a finished activity offers to somebody who was not led on at once.
type afterDone struct {
	Ask  bool
	Next place
	// Of is the next activity, zero at the end of the list.
	Of store.Activity
}

// label names the way on: "Next: Olga Sato".
func (a afterDone) label() string {
	switch {
	case a.Of.ID != 0:
		return "Next: " + a.Of.RecordName
	case a.Next.Filter.Flow:
		return "End of the run"
	}
	return "Work list"
}

// readAfterDone reads from the address whether an activity has just been done here, nil when not.
func (s *Server) readAfterDone(r *http.Request, a store.Activity) (*afterDone, error) {
	q := r.URL.Query()
	chosen := action.AfterDone(q.Get("after"))
	if a.State == store.ActivityOpen || (chosen != action.StayOnRecord && chosen != action.AskWhatNext) {
		return nil, nil
	}
	done := &afterDone{Ask: chosen == action.AskWhatNext, Next: place{Filter: readWorkFilter(r)}}
	if readID(q.Get("next"), &done.Next.ID) != nil {
		return done, nil // it was the last one
	}
	var err error
	done.Of, err = s.app.GetActivity(r.Context(), actorOf(r), done.Next.ID)
	return done, err
}
