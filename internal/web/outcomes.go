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

// The pages of outcomes; both are one page in code.
const (
	outcomesPath        = "/settings/call-outcomes"
	meetingOutcomesPath = "/settings/meeting-outcomes"
)

func (s *Server) showOutcomes(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageOutcomes)); err != nil {
		return err
	}
	list, err := s.app.OutcomeList(r.Context(), v.Actor, kindOfOutcomes(r))
	if err != nil {
		return err
	}
	return s.renderOutcomes(w, r, 0, outcomesForm{OutcomeList: list})
}

// kindOfOutcomes tells by the address whose outcomes a page is about.
func kindOfOutcomes(r *http.Request) string {
	if r.URL.Path == meetingOutcomesPath {
		return step.Meeting
	}
	return step.PhoneCall
}

// outcomesForm is the list as it is being edited, and a new outcome at its end.
type outcomesForm struct {
	action.OutcomeList
	New      string
	NewHeld  bool
	Problems problems
}

func (s *Server) renderOutcomes(w http.ResponseWriter, r *http.Request, status int, f outcomesForm) error {
	return s.render(w, r, page{Title: f.words().Title, Status: status}, outcomesPage(s.view(r), f))
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
		next.Outcomes = append(next.Outcomes, step.CallOutcome{Label: f.New, Held: f.NewHeld})
	}
	if _, err := s.app.SaveOutcomes(r.Context(), actorOf(r), next); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderOutcomes(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, f.words().Title+" saved.")
	return s.redirect(w, r, f.words().Path)
}

func readOutcomes(r *http.Request) outcomesForm {
	f := outcomesForm{New: text(r, "new"), NewHeld: text(r, "new-held") != ""}
	f.Kind = kindOfOutcomes(r)
	f.Rev, _ = strconv.ParseInt(text(r, "rev"), 10, 64)
	for i, key := range r.Form["key"] {
		at := strconv.Itoa(i)
		f.Outcomes = append(f.Outcomes, step.CallOutcome{Key: key, Label: text(r, "label-"+at), Retired: text(r, "offered-"+at) == "", Default: key != "" && key == text(r, "default"), Held: text(r, "held-"+at) != ""})
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

// outcomeWords are the words of a page of outcomes.
type outcomeWords struct{ Path, Title, Subtitle, Default, Example, Note string }

func (f outcomesForm) words() outcomeWords {
	if f.Kind == step.Meeting {
		return outcomeWords{
			Path: meetingOutcomesPath, Title: "Meeting outcomes", Example: "Held, wants an offer",
			Subtitle: "How a meeting can end. Sellers choose one when they complete a meeting, and conditions ask how the latest one ended.",
			Default:  "When a meeting is completed without a word about it",
			Note:     "An outcome that is not offered keeps its name in history, and sequences that run go on to understand it. One that a sequence asks for, or that a meeting ended with, cannot be deleted. In calendars that sellers subscribe to, a meeting that did not take place is cancelled.",
		}
	}
	return outcomeWords{
		Path: outcomesPath, Title: "Call outcomes", Example: "Meeting booked",
		Subtitle: "How a phone call can end. Sellers choose one when they complete a call, and conditions ask for it.",
		Default:  "When a call is completed without a word about it",
		Note:     "An outcome that is not offered keeps its name in history, and sequences that run go on to understand it. One that a sequence asks for, or that a call ended with, cannot be deleted.",
	}
}

// meetings tells whether the page is about meetings, which say whether they took place.
func (f outcomesForm) meetings() bool { return f.Kind == step.Meeting }

// defaultOptions are the outcomes that a call or a meeting can end with by itself.
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
