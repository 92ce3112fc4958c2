package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

const outcomesPath = "/settings/call-outcomes"

func (s *Server) showOutcomes(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageOutcomes)); err != nil {
		return err
	}
	list, err := s.app.OutcomeList(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.renderOutcomes(w, r, 0, outcomesForm{OutcomeList: list})
}

// outcomesForm is the list as it is being edited, and a new outcome at its end.
type outcomesForm struct {
	action.OutcomeList
	New      string
	Problems problems
}

func (s *Server) renderOutcomes(w http.ResponseWriter, r *http.Request, status int, f outcomesForm) error {
	return s.render(w, r, page{Title: "Call outcomes", Status: status}, outcomesPage(s.view(r), f))
}

// saveOutcomes saves the whole list, with what the pressed button does to one of its rows.
func (s *Server) saveOutcomes(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := readOutcomes(r)
	next := f.OutcomeList
	next.Outcomes = alterOutcomes(slices.Clone(next.Outcomes), text(r, "do"))
	if f.New != "" {
		next.Outcomes = append(next.Outcomes, step.CallOutcome{Label: f.New})
	}
	if _, err := s.app.SaveOutcomes(r.Context(), actorOf(r), next); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderOutcomes(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Call outcomes saved.")
	return s.redirect(w, r, outcomesPath)
}

func readOutcomes(r *http.Request) outcomesForm {
	f := outcomesForm{New: text(r, "new")}
	f.Rev, _ = strconv.ParseInt(text(r, "rev"), 10, 64)
	for i, key := range r.Form["key"] {
		at := strconv.Itoa(i)
		f.Outcomes = append(f.Outcomes, step.CallOutcome{Key: key, Label: text(r, "label-"+at), Retired: text(r, "offered-"+at) == "", Default: key != "" && key == text(r, "default")})
	}
	return f
}

// alterOutcomes does what a row's button says: "up 3", "down 3" or "delete 3".
func alterOutcomes(list step.CallOutcomes, do string) step.CallOutcomes {
	verb, at, _ := strings.Cut(do, " ")
	i, err := strconv.Atoi(at)
	if err != nil || i < 0 || i >= len(list) {
		return list
	}
	switch {
	case verb == "up" && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
	case verb == "down" && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
	case verb == "delete":
		list = slices.Delete(list, i, i+1)
	}
	return list
}

// defaultOptions are the outcomes that a call can end with by itself.
func (f outcomesForm) defaultOptions() []ui.Option {
	return append([]ui.Option{{Value: "", Label: "Sellers must say"}}, outcomeOptions(f.Outcomes.Offered())...)
}

// defaultProblem gives what is wrong with the outcome that calls end with by themselves.
func (f outcomesForm) defaultProblem() string {
	said := ""
	for i := range f.Outcomes {
		said = joined(" ", said, f.Problems.of("outcomes/"+strconv.Itoa(i)+"/default"))
	}
	return said
}

// problemOf gives what is wrong with a row, "" when nothing is.
func (f outcomesForm) problemOf(i int) string {
	at := "outcomes/" + strconv.Itoa(i)
	return joined(" ", f.Problems.of(at+"/label"), f.Problems.of(at+"/key"))
}
