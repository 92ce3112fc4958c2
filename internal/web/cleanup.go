package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const cleanUpPath = "/clean-up"

// cleanUpForm is what a person has chosen for a clean-up, as typed.
type cleanUpForm struct{ PerDay, Order, SkipOlder string }

func readCleanUp(q url.Values) cleanUpForm {
	f := cleanUpForm{PerDay: strings.TrimSpace(q.Get("per_day")), Order: q.Get("order"), SkipOlder: strings.TrimSpace(q.Get("skip_older"))}
	if !q.Has("per_day") { // an emptied field is refused: a number that nobody typed would be a surprise
		f.PerDay = strconv.Itoa(action.DefaultPerDay)
	}
	return f
}

// cleanUp gives what the form says; what is no number is refused by the action.
func (f cleanUpForm) cleanUp() action.CleanUp {
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	in := action.CleanUp{PerDay: number(f.PerDay), BestFirst: f.Order == "best"}
	if f.SkipOlder != "" {
		in.SkipOlder = number(f.SkipOlder)
		if in.SkipOlder == 0 {
			in.SkipOlder = -1
		}
	}
	return in
}

// cleanUpShown is the page: what is overdue, what was chosen, and the plan.
type cleanUpShown struct {
	View     view
	Form     cleanUpForm
	Plan     action.Plan
	Problems problems
}

// showCleanUp shows what is overdue, and proposes a plan.
func (s *Server) showCleanUp(w http.ResponseWriter, r *http.Request) error {
	return s.renderCleanUp(w, r, 0, cleanUpShown{Form: readCleanUp(r.URL.Query())})
}

func (s *Server) renderCleanUp(w http.ResponseWriter, r *http.Request, status int, c cleanUpShown) error {
	c.View = s.view(r)
	var err error
	if c.Plan, err = s.app.PlanCleanUp(r.Context(), c.View.Actor, c.Form.cleanUp()); err != nil {
		found, shown := refused(err)
		if !shown {
			return err
		}
		c.Problems, status = found, http.StatusUnprocessableEntity
	}
	if isFragment(r) {
		return s.fragment(w, r, status, cleanUpBody(c))
	}
	return s.render(w, r, page{Title: "Clean up", Status: status}, cleanUpPage(c))
}

// cleanUp carries the plan out that was shown. When the work has changed since, the new plan is shown instead.
func (s *Server) cleanUp(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := readCleanUp(r.PostForm)
	plan, err := s.app.PlanCleanUp(r.Context(), actorOf(r), f.cleanUp())
	if err != nil {
		if _, shown := refused(err); !shown {
			return err
		}
		return s.renderCleanUp(w, r, 0, cleanUpShown{Form: f})
	}
	if plan.Mark != text(r, "mark") {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "Your work has changed meanwhile, so nothing was done. Look at the new plan."})
		return s.redirect(w, r, f.address())
	}
	b, err := s.app.StartBatch(r.Context(), actorOf(r), plan.Bulk(f.cleanUp()))
	if err != nil {
		found, shown := refused(err)
		if !shown {
			return err
		}
		s.flash(r, ui.Flash{Tone: ui.Red, Text: found.first()})
		return s.redirect(w, r, f.address())
	}
	s.sayBatch(r, b)
	return s.redirect(w, r, batchPath(b.ID))
}

func (f cleanUpForm) address() string {
	q := url.Values{"per_day": {f.PerDay}}
	if f.Order != "" {
		q.Set("order", f.Order)
	}
	if f.SkipOlder != "" {
		q.Set("skip_older", f.SkipOlder)
	}
	return cleanUpPath + "?" + q.Encode()
}

func (f cleanUpForm) fields(mark string) []ui.Hidden {
	return []ui.Hidden{{Name: "per_day", Value: f.PerDay}, {Name: "order", Value: f.Order}, {Name: "skip_older", Value: f.SkipOlder}, {Name: "mark", Value: mark}}
}

// ageText names an age.
func ageText(a action.Age) string {
	switch {
	case a.Most == 0:
		return "Over " + strconv.Itoa(a.Least-1) + " days"
	case a.Most == 1:
		return "1 day"
	}
	return strconv.Itoa(a.Least) + " to " + strconv.Itoa(a.Most) + " days"
}

// planText says in a sentence what the plan does.
func planText(p action.Plan) string {
	moves := 0
	for _, d := range p.Days {
		moves += len(d.Rows)
	}
	var parts []string
	if moves > 0 {
		parts = append(parts, someOf(moves, "activity moves", "activities move")+" to "+someOf(len(p.Days), "day", "days"))
	}
	if n := len(p.Skipped); n > 0 {
		parts = append(parts, someOf(n, "is skipped", "are skipped"))
	}
	return strings.Join(parts, ", ") + "."
}

// most is how many the fullest day of a plan holds, for the bars.
func most(p action.Plan) int {
	n := 1
	for _, d := range p.Days {
		n = max(n, d.Due+len(d.Rows))
	}
	return n
}

// activityWords name an activity in a list.
func activityWords(a store.Activity) string { return a.RecordName + " · " + a.Name }
