package web

import (
	"math"
	"net/http"
	"strconv"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const workSettingsPath = "/settings/work-list"

func (s *Server) showWorkSettings(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	in, err := s.app.WorkSettings(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.renderWorkSettings(w, r, 0, in, problems{})
}

func (s *Server) renderWorkSettings(w http.ResponseWriter, r *http.Request, status int, in store.WorkSettings, p problems) error {
	return s.render(w, r, page{Title: "Work list settings", Status: status}, workSettingsPage(in, p))
}

func (s *Server) saveWorkSettings(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	in := readWorkSettings(r)
	if _, err := s.app.SaveWorkSettings(r.Context(), actorOf(r), in); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderWorkSettings(w, r, http.StatusUnprocessableEntity, in, p)
	}
	s.say(r, "Saved. It counts on every work list from now on.")
	return s.redirect(w, r, workSettingsPath)
}

// readWorkSettings reads the form; what is no number is one that the check refuses.
func readWorkSettings(r *http.Request) store.WorkSettings {
	weight := func(name string) int {
		n, err := strconv.Atoi(text(r, name))
		if err != nil {
			return -1
		}
		return n
	}
	full, err := strconv.ParseFloat(text(r, "full_value"), 64)
	if err != nil {
		full = math.NaN()
	}
	rev, _ := strconv.ParseInt(text(r, "rev"), 10, 64)
	in := store.WorkSettings{
		Weights: priority.Weights{Due: weight("due"), Engagement: weight("engagement"), Value: weight("value"), Age: weight("age"), FullValue: full},
		Sort:    text(r, "sort"), Cards: map[record.Kind]store.Card{}, Rev: rev,
		AfterDone: text(r, "after_done"), AfterDoneFixed: text(r, "after_done_fixed") != "",
		IconsFixed: text(r, "icons_fixed") != "",
	}
	for _, k := range record.Kinds() {
		in.Cards[k] = store.Card{Second: chosenParts(r, cardField(k, "second")), Third: chosenParts(r, cardField(k, "third")), Icon: text(r, cardField(k, "icon"))}
	}
	return in
}

func cardField(k record.Kind, line string) string { return "cards." + string(k) + "." + line }

func chosenParts(r *http.Request, name string) []string {
	var parts []string
	for _, v := range r.PostForm[name] {
		if v != "" {
			parts = append(parts, v)
		}
	}
	return parts
}

// cardOptions are what can stand at one place of a card.
func cardOptions(k record.Kind) []ui.Option {
	options := []ui.Option{{Value: "", Label: "–"}}
	for _, p := range action.CardParts(k) {
		options = append(options, ui.Option{Value: p.Key, Label: p.Label})
	}
	return options
}

// cardChoice gives what stands at a place, "" for nothing.
func cardChoice(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

// iconOptions are what the icon of a card can show; usual names the choice of nothing, and is left out when empty.
func iconOptions(usual string) []ui.Option {
	labels := map[string]string{action.IconActivity: "Kind of activity", action.IconInitials: "Initials of the record", action.IconRecord: "Kind of record"}
	var options []ui.Option
	if usual != "" {
		options = append(options, ui.Option{Value: "", Label: usual})
	}
	for _, icon := range action.CardIcons() {
		options = append(options, ui.Option{Value: icon, Label: labels[icon]})
	}
	return options
}

func numberOrNothing(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func weightValue(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}
