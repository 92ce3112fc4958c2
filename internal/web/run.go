package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// runPath is where flow mode begins and where its end is shown.
const runPath = "/work/flow"

// maxRun is how many activities one run holds: a long day, and little enough for a session.
const maxRun = 500

// workRun is one go of a seller through the work list in flow mode. The order is that of the list when it began: nothing
// moves under the seller's hands, and what comes up meanwhile waits for the next run.
type workRun struct {
	Started time.Time          `json:"started"`
	Ended   time.Time          `json:"ended,omitzero"`
	IDs     []int64            `json:"ids"`
	Counts  map[runVerb]int    `json:"counts,omitempty"`
	open    map[int64]struct{} // only where the end is shown
	fresh   int
}

// runVerb is what was done with an activity of a run.
type runVerb string

// What a run counts.
const (
	runCompleted runVerb = "completed"
	runSkipped   runVerb = "skipped"
	runSnoozed   runVerb = "snoozed"
	runHanded    runVerb = "handed over"
)

// done counts the activities of the run that somebody is done with.
func (n workRun) done() int { return n.Counts[runCompleted] + n.Counts[runSkipped] }

// at gives the place of an activity in the run, -1 for one beside it.
func (n workRun) at(id ident.Activity) int { return slices.Index(n.IDs, int64(id)) }

// left counts those that are still open.
func (n workRun) left() int { return len(n.open) }

// took is how long the run lasted.
func (n workRun) took() time.Duration { return n.Ended.Sub(n.Started) }

// run gives the reader's present run; none began when it holds nothing.
func (s *Server) run(r *http.Request) (n workRun) {
	if text := s.sessions.GetString(r.Context(), runValue); text != "" {
		_ = json.Unmarshal([]byte(text), &n) // written by keepRun
	}
	return n
}

func (s *Server) keepRun(r *http.Request, n workRun) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), runValue, string(text))
	return nil
}

// startRun takes down what stands in the list now and opens the first activity.
func (s *Server) startRun(w http.ResponseWriter, r *http.Request) error {
	f := readWorkFilter(r)
	f.Cursor, f.Flow, f.Of = "", true, "" // one's own list: nobody does others' activities one by one
	ids, err := s.listed(r, f)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		s.say(r, "Nothing is due here, so there is nothing to start.")
		f.Flow = false
		return s.comeBack(w, r, f.list())
	}
	if err := s.keepRun(r, workRun{Started: s.now(), IDs: ids}); err != nil {
		return err
	}
	return s.comeBack(w, r, f.activity(ident.Activity(ids[0]), ""))
}

// listed gives the activities that a filter shows, page by page, as far as a run goes.
func (s *Server) listed(r *http.Request, f workFilter) ([]int64, error) {
	v := s.view(r)
	q := f.storeQuery(v)
	q.Limit, q.Cursor = 200, ""
	var ids []int64
	for len(ids) < maxRun {
		rows, err := s.app.Work(r.Context(), v.Actor, q, action.WorkOrder{Sort: f.Sort, Tonight: endOfDay(v.Now)})
		if err != nil {
			return nil, err
		}
		for _, a := range rows.Rows {
			ids = append(ids, int64(a.ID))
		}
		if q.Cursor = rows.Next; q.Cursor == "" {
			break
		}
	}
	return ids[:min(len(ids), maxRun)], nil
}

// endRun stops the run where it stands.
func (s *Server) endRun(w http.ResponseWriter, r *http.Request) error {
	f := readWorkFilter(r)
	f.Flow = true
	return s.comeBack(w, r, runPath+f.query())
}

// nextInRun gives the first activity of the run after another one that the reader can still do; zero at the end.
func (s *Server) nextInRun(r *http.Request, n workRun, id ident.Activity) (store.Activity, error) {
	for _, other := range n.IDs[n.at(id)+1:] {
		a, err := s.app.GetActivity(r.Context(), actorOf(r), ident.Activity(other))
		if fault.Is(err, fault.NotFound) {
			continue // its record was deleted meanwhile
		}
		if err != nil {
			return a, err
		}
		if a.State != store.ActivityOpen || a.Assignee != actorOf(r).ID {
			continue
		}
		if waits, err := s.app.WaitsInBatch(r.Context(), actorOf(r), a.ID); err != nil || !waits {
			return a, err
		}
	}
	return store.Activity{}, nil
}

// runProps is one activity of a run, with the bar above it.
type runProps struct {
	View   view
	Run    workRun
	Filter workFilter
	Detail detailProps
	Next   store.Activity
	// At counts from one; zero stands for an activity beside the run.
	At int
	// Due counts what is due until the end of today, for the figure in the navigation.
	Due int
}

// previous gives the address of the activity before, "" for the first.
func (p runProps) previous() string {
	if p.At < 2 {
		return ""
	}
	return p.Filter.activity(ident.Activity(p.Run.IDs[p.At-2]), "")
}

// next gives the address of what comes next: an activity, or the end.
func (p runProps) next() string {
	if p.Next.ID == 0 {
		return runPath + p.Filter.query()
	}
	return p.Filter.activity(p.Next.ID, "")
}

// text says how far the run has come: "3 of 27 · 2 done · Next: Olga Sato".
func (p runProps) text() string {
	where, next := "Beside the list", "Then: the end"
	if p.At > 0 {
		where = ui.Count(p.At) + " of " + ui.Count(len(p.Run.IDs))
	}
	if p.Next.ID != 0 {
		next = "Next: " + p.Next.RecordName
	}
	return joined(" · ", where, ui.Count(p.Run.done())+" done", next)
}

// renderRun shows one activity of a run instead of the list.
func (s *Server) renderRun(w http.ResponseWriter, r *http.Request, f workFilter, o workOpened) error {
	run := s.run(r)
	if o.ID == 0 || len(run.IDs) == 0 { // a run of another browser, or one that a sign-out ended
		f.Flow = false
		return s.comeBack(w, r, f.list())
	}
	if !run.Ended.IsZero() { // somebody goes on after the end
		run.Ended = time.Time{}
		if err := s.keepRun(r, run); err != nil {
			return err
		}
	}
	p := runProps{View: s.view(r), Run: run, Filter: f, At: run.at(o.ID) + 1}
	var err error
	if p.Detail, err = s.readDetail(r, o); err != nil {
		return err
	}
	if p.Next, err = s.nextInRun(r, run, o.ID); err != nil {
		return err
	}
	if p.Due, err = s.dueToday(r); err != nil {
		return err
	}
	if err := s.app.See(r.Context(), actorOf(r), p.Detail.Activity); err != nil {
		return err
	}
	title := p.Detail.Activity.Name + " · " + p.Detail.Activity.RecordName
	if isFragment(r) {
		return s.fragment(w, r, o.Status, fragmentTitle(title), runPane(p))
	}
	return s.render(w, r, page{Title: title, Status: o.Status, Fill: true, Keys: runKeys(), Scripts: []string{"js/work.js"}}, runPane(p))
}

// showRunEnd says what was done in the run and how long it took.
func (s *Server) showRunEnd(w http.ResponseWriter, r *http.Request) error {
	f := readWorkFilter(r)
	f.Flow = true
	run := s.run(r)
	if len(run.IDs) == 0 {
		return s.redirect(w, r, "/work")
	}
	if run.Ended.IsZero() {
		run.Ended = s.now()
		if err := s.keepRun(r, run); err != nil {
			return err
		}
	}
	ids, err := s.listed(r, f)
	if err != nil {
		return err
	}
	run.open = map[int64]struct{}{}
	for _, id := range ids {
		if slices.Contains(run.IDs, id) {
			run.open[id] = struct{}{}
		} else {
			run.fresh++
		}
	}
	p := runEndProps{Run: run, Filter: f}
	if p.Due, err = s.dueToday(r); err != nil {
		return err
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, fragmentTitle("Flow mode"), runEnd(p))
	}
	return s.render(w, r, page{Title: "Flow mode", Fill: true, Keys: runKeys(), Scripts: []string{"js/work.js"}}, runEnd(p))
}

// runEndProps is the end of a run.
type runEndProps struct {
	Run    workRun
	Filter workFilter
	Due    int
}

// dueToday counts what the reader has due until the end of today.
func (s *Server) dueToday(r *http.Request) (int, error) {
	v := s.view(r)
	overdue, today, err := s.app.WorkCounts(r.Context(), v.Actor, v.Actor.ID, endOfDay(v.Now))
	return overdue + today, err
}

// list gives the address of the list that the run went through.
func (p runEndProps) list() string {
	f := p.Filter
	f.Flow = false
	return f.list()
}

// remaining gives the first activity of the run that is still open, zero when none is.
func (p runEndProps) remaining() ident.Activity {
	for _, id := range p.Run.IDs {
		if _, open := p.Run.open[id]; open {
			return ident.Activity(id)
		}
	}
	return 0
}

// title says in a line how it went.
func (p runEndProps) title() string {
	if p.Run.left() == 0 {
		return "All through"
	}
	return ui.Count(p.Run.done()) + " of " + ui.Count(len(p.Run.IDs)) + " done"
}

// counted lists what was done: "20 completed, 4 skipped".
func (p runEndProps) counted() string {
	said := ""
	for _, verb := range []runVerb{runCompleted, runSkipped, runSnoozed, runHanded} {
		if n := p.Run.Counts[verb]; n > 0 {
			said = joined(", ", said, ui.Count(n)+" "+string(verb))
		}
	}
	if said == "" {
		return "Nothing was done."
	}
	return sentenceCase(said) + "."
}

// tookText says how long the run lasted.
func (p runEndProps) tookText() string { return "It took " + spanWords(p.Run.took()) + "." }

// spanWords writes a span as people say it: "less than a minute", "34 minutes", "2 hours 5 minutes".
func spanWords(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 1 {
		return "less than a minute"
	}
	if minutes < 60 {
		return plural(minutes, "minute", "minutes")
	}
	said := plural(minutes/60, "hour", "hours")
	if minutes%60 > 0 {
		said += " " + plural(minutes%60, "minute", "minutes")
	}
	return said
}

// runKeys are the keys of flow mode.
func runKeys() []ui.KeyHint {
	keys := []ui.KeyHint{{Key: "j", Does: "Next activity"}, {Key: "k", Does: "Previous activity"}, {Key: "f", Does: "End flow mode"}}
	for _, k := range workKeys() {
		if !slices.Contains([]string{"j", "k", "f", "p", "Enter", "/"}, k.Key) {
			keys = append(keys, k)
		}
	}
	return keys
}
