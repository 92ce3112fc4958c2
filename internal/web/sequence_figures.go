package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/report"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// figuresView are the figures of a sequence on its page.
type figuresView struct {
	action.SequenceFigures
	Seq  action.SequenceView
	Flow flowView
}

func (s *Server) showSequenceFigures(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number := 0
	if given := text(r, "version"); given != "" {
		if number, err = strconv.Atoi(given); err != nil {
			return fault.New(fault.NotFound, "There is no such version.")
		}
	}
	f := figuresView{Seq: seq}
	if f.SequenceFigures, err = s.app.Figures(r.Context(), actorOf(r), seq.ID, number); err != nil {
		return err
	}
	names, err := s.names(r, f.Def)
	if err != nil {
		return err
	}
	outcomes, err := s.app.Outcomes(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	f.Flow = readFlow(stepWords{def: f.Def, templates: names, outcomes: outcomes}, nil)
	f.Flow.bear(f.Steps)
	return s.render(w, r, page{Title: seq.Name + ": figures"}, sequenceFiguresPage(f))
}

// bear gives each card the figures of its step.
func (f *flowView) bear(steps map[string]report.StepFigures) {
	for i := range f.Steps {
		f.Steps[i].bear(steps)
	}
}

func (c *stepCard) bear(steps map[string]report.StepFigures) {
	figures := steps[c.ID]
	c.Figure, c.Lines = enteredText(figures), figureLines(figures)
	c.Description = "" // it would come between the card and its figures
	for l := range c.Lanes {
		for i := range c.Lanes[l].Steps {
			c.Lanes[l].Steps[i].bear(steps)
		}
	}
}

// hereNow gives how many stand on each step of a sequence now, for the cards of the designer; nothing where nobody does.
func (s *Server) hereNow(r *http.Request, seq action.SequenceView) (map[string]int64, error) {
	here := map[string]int64{}
	if seq.VersionNumber == 0 {
		return here, nil
	}
	f, err := s.app.Figures(r.Context(), actorOf(r), seq.ID, 0)
	for id, st := range f.Steps {
		if st.Here > 0 {
			here[id] = st.Here
		}
	}
	return here, err
}

// enteredText says how many came to a step, "" for nobody.
func enteredText(f report.StepFigures) string {
	if f.Entered == 0 {
		return ""
	}
	return ui.Count(int(f.Entered))
}

// figureLine is one line of a step's figures.
type figureLine struct {
	Label, Value, Note string
	// Percent is how much of the bar is filled, 0 for none.
	Percent int
}

// figureLines says what became of those that came to a step.
func figureLines(f report.StepFigures) []figureLine {
	if f.Entered == 0 && f.Here == 0 && f.Gone() == 0 {
		return nil
	}
	var lines []figureLine
	if f.Here > 0 {
		lines = append(lines, figureLine{Label: "Here now", Value: ui.Count(int(f.Here)), Percent: report.Share(f.Here, f.Entered)})
	}
	for _, outcome := range report.Largest(f.Ended) {
		n := f.Ended[outcome]
		lines = append(lines, figureLine{Label: endedWord(step.Outcome(outcome)), Value: ui.Count(int(n)), Percent: report.Share(n, f.Entered)})
	}
	if f.Gone() > 0 {
		lines = append(lines, figureLine{Label: "Ended here", Value: ui.Count(int(f.Gone())), Note: exitsText(f.Exits), Percent: report.Share(f.Gone(), f.Entered)})
	}
	if a := f.Average(); a >= time.Minute {
		lines = append(lines, figureLine{Label: "On average", Value: longSpan(a)})
	}
	return lines
}

// endedWord says how a visit ended.
func endedWord(o step.Outcome) string {
	switch o {
	case step.Yes:
		return "Went on by Yes"
	case step.No:
		return "Went on by No"
	case step.Handed:
		return "Handed to a person"
	}
	return sentenceCase(strings.ReplaceAll(string(o), "_", " "))
}

// exitsText lists why enrollments ended: "10 the customer replied, 5 disconnected".
func exitsText(exits map[string]int64) string {
	var parts []string
	for _, exit := range report.Largest(exits) {
		parts = append(parts, fmt.Sprintf("%s: %s", step.Exit(exit).Describe(), ui.Count(int(exits[exit]))))
	}
	return strings.Join(parts, " · ")
}

// longSpan says how long something took: "34 minutes", "2 hours 5 minutes", "3 days 4 hours".
func longSpan(d time.Duration) string {
	const day = 24 * time.Hour
	if d < day {
		return spanWords(d)
	}
	d = d.Round(time.Hour)
	said := plural(int(d/day), "day", "days")
	if hours := int(d % day / time.Hour); hours > 0 {
		said += " " + plural(hours, "hour", "hours")
	}
	return said
}

// toolbar chooses the version.
func (f figuresView) toolbar() ui.ToolbarProps {
	options := []ui.Option{{Value: "", Label: "All"}}
	for _, n := range f.Versions {
		options = append(options, ui.Option{Value: strconv.Itoa(n), Label: "Version " + strconv.Itoa(n)})
	}
	chosen := ""
	if f.Number > 0 {
		chosen = strconv.Itoa(f.Number)
	}
	return ui.ToolbarProps{
		Action: sequencePath(f.Seq.ID) + "/figures", Label: "Choose a version",
		Filters: []ui.Filter{{Name: "version", Label: "Version", Value: chosen, Options: options}},
	}
}

// stats are the figures of the whole.
func (f figuresView) stats() []ui.Stat {
	note := ""
	if f.Finished() > 0 {
		note = exitsText(f.Exits)
	}
	completed := f.Exits[string(step.ExitCompleted)]
	return []ui.Stat{
		{Label: "Connected", Value: ui.Count(int(f.Connected))},
		{Label: "On a step now", Value: ui.Count(int(f.Here))},
		{Label: "Completed", Value: ui.Count(int(completed)), Note: shareNote(completed, f.Finished(), "of what ended")},
		{Label: "Ended", Value: ui.Count(int(f.Finished())), Note: note},
	}
}

func shareNote(part, whole int64, of string) string {
	if whole == 0 {
		return ""
	}
	return strconv.Itoa(report.Share(part, whole)) + " % " + of
}

// gone are the figures of steps that the drawn version does not have.
func (f figuresView) gone() ui.TableProps {
	t := ui.TableProps{Caption: "Steps that are not in it", Columns: []ui.Column{
		{Label: "Step"},
		{Label: "Entered", Numeric: true},
		{Label: "Here now", Numeric: true},
		{Label: "Ended by themselves", Numeric: true, HidePhone: true},
		{Label: "Ended here", Numeric: true},
	}}
	for _, id := range f.Gone {
		s := f.Steps[id]
		t.Rows = append(t.Rows, ui.Row{ID: "gone-" + id, Cells: []ui.Cell{
			{Text: id}, {Text: ui.Count(int(s.Entered))}, {Text: ui.Count(int(s.Here))}, {Text: ui.Count(int(s.Done()))}, {Text: ui.Count(int(s.Gone()))},
		}})
	}
	return t
}

// says tells which figures these are.
func (f figuresView) says() string {
	switch {
	case f.Number > 0:
		return fmt.Sprintf("What became of the records on version %d. Each card says how many came to its step, and what became of them there.", f.Number)
	case len(f.Versions) > 1:
		return fmt.Sprintf("All versions together, drawn on version %d. Each card says how many came to its step, and what became of them there.", f.Seq.VersionNumber)
	}
	return "Each card says how many came to its step, and what became of them there."
}
