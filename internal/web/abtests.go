package web

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/report"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// testCard is one A/B test on its page.
type testCard struct {
	action.ABTestView
	View view
	Path string
	// Names are those of the templates, by their keys.
	Names map[string]string
	// MayStop tells that a person may end it now.
	MayStop bool
}

func (s *Server) showABTests(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	tests, err := s.app.ABTests(r.Context(), actorOf(r), seq.ID)
	if err != nil {
		return err
	}
	names, err := s.names(r, seq.Draft)
	if err != nil {
		return err
	}
	var cards []testCard
	for _, t := range tests {
		cards = append(cards, testCard{
			ABTestView: t, View: s.view(r), Path: sequencePath(seq.ID) + "/tests/" + t.Step, Names: names,
			MayStop: seq.MayEdit && t.State == store.TestRunning,
		})
	}
	return s.render(w, r, page{Title: "A/B tests of " + seq.Name}, testsPage(seq, cards))
}

// testOf gives the test that the address names, with its sequence.
func (s *Server) testOf(r *http.Request) (action.SequenceView, action.ABTestView, error) {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return action.SequenceView{}, action.ABTestView{}, err
	}
	tests, err := s.app.ABTests(r.Context(), actorOf(r), seq.ID)
	if err != nil {
		return action.SequenceView{}, action.ABTestView{}, err
	}
	for _, t := range tests {
		if t.Step == r.PathValue("step") {
			return seq, t, nil
		}
	}
	return action.SequenceView{}, action.ABTestView{}, fault.New(fault.NotFound, "There is no such A/B test.")
}

func (s *Server) showStopTest(w http.ResponseWriter, r *http.Request) error {
	seq, t, err := s.testOf(r)
	if err != nil {
		return err
	}
	return s.askStop(w, r, 0, seq, t, problems{})
}

func (s *Server) askStop(w http.ResponseWriter, r *http.Request, status int, seq action.SequenceView, t action.ABTestView, p problems) error {
	q := question{ID: "stop-test", Title: "Stop “" + t.Title + "”?", Back: sequencePath(seq.ID) + "/tests"}
	return s.ask(w, r, status, q, func(q question) templ.Component { return stopTestBody(q, seq, t, p) })
}

func (s *Server) stopTest(w http.ResponseWriter, r *http.Request) error {
	seq, t, err := s.testOf(r)
	if err != nil {
		return err
	}
	stopped, err := s.app.StopABTest(r.Context(), actorOf(r), seq.ID, t.Step, text(r, "variant"))
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.askStop(w, r, http.StatusUnprocessableEntity, seq, t, p)
	}
	s.say(r, "The test is over. From now on everybody gets variant "+letterCap(stopped.Chosen)+".")
	return s.redirect(w, r, sequencePath(seq.ID)+"/tests")
}

func letterCap(letter string) string {
	if letter == step.VariantB {
		return "B"
	}
	return "A"
}

// badge says where the test stands.
func (c testCard) badge() ui.BadgeProps {
	switch c.State {
	case store.TestStopped:
		return ui.BadgeProps{Text: "Stopped", Tone: ui.Neutral, Dot: true}
	case store.TestEnded:
		return ui.BadgeProps{Text: "Ended", Tone: ui.Green, Dot: true}
	case store.TestRunning:
	}
	return ui.BadgeProps{Text: "Running", Tone: ui.Blue, Dot: true}
}

// since says how long the test has run, and until when it may.
func (c testCard) since() string {
	const day = "2 January 2006"
	zone := c.View.Zone
	said := "Running since " + c.StartedAt.In(zone).Format(day)
	switch {
	case !c.DecidedAt.IsZero():
		return "From " + c.StartedAt.In(zone).Format(day) + " to " + c.DecidedAt.In(zone).Format(day)
	case !c.EndsAt.IsZero():
		return said + ", until " + c.EndsAt.In(zone).Format(day+", 15:04") + " at the latest"
	}
	return said
}

// says tells what the test found, or why it goes on.
func (c testCard) says() string {
	if c.State != store.TestRunning {
		return c.Reason + " Everybody gets variant " + letterCap(c.Chosen) + " now."
	}
	arms := [2]report.Arm{}
	for i, v := range c.Variants {
		arms[i] = report.Arm{Count: v.Tested.Sent, Hits: v.Tested.Results[c.Metric]}
	}
	switch {
	case min(arms[0].Count, arms[1].Count) < report.Fewest:
		return fmt.Sprintf("It is too early to say anything: each variant needs at least %d sent emails.", report.Fewest)
	case report.Compare(arms[0], arms[1]) == report.Open:
		return "No variant is clearly better yet. The difference may still be chance."
	}
	return "A winner was found; the test ends in a moment."
}

// table lists the variants with their figures.
func (c testCard) table() ui.TableProps {
	results := []step.Result{step.Opened, step.LinkOpened, step.Answered}
	table := ui.TableProps{Caption: c.Title, Columns: []ui.Column{{Label: "Variant", Wide: true}, {Label: "Share", Numeric: true}, {Label: "Sent", Numeric: true}}}
	for _, res := range results {
		label := res.Label()
		if res == c.Metric {
			label += " (counts)"
		}
		table.Columns = append(table.Columns, ui.Column{Label: label, Numeric: true})
	}
	for _, v := range c.Variants {
		row := ui.Row{Cells: []ui.Cell{
			{Content: variantName(c, v)}, {Text: fmt.Sprintf("%d %%", v.Share), Soft: true}, {Text: ui.Count(int(v.Tested.Sent)), Sub: later(v.Later.Sent)},
		}}
		for _, res := range results {
			row.Cells = append(row.Cells, rateCell(v.Tested, res))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// later says how many were sent since the decision.
func later(n int64) string {
	if n == 0 {
		return ""
	}
	return ui.Count(int(n)) + " since"
}

// rateCell shows a share and the count that it is made of, or the count alone where a share would say more than it knows.
func rateCell(c store.VariantCount, r step.Result) ui.Cell {
	if c.Sent == 0 {
		return ui.Cell{Text: "–", Soft: true}
	}
	if c.Sent < report.Fewest {
		return ui.Cell{Text: fmt.Sprintf("%d of %d", c.Results[r], c.Sent)}
	}
	rate := report.Arm{Count: c.Sent, Hits: c.Results[r]}.Rate()
	return ui.Cell{Text: fmt.Sprintf("%.1f %%", 100*rate), Sub: ui.Count(int(c.Results[r]))}
}

// templateName gives the name of a variant's template.
func (c testCard) templateName(v action.VariantView) string {
	return orText(c.Names[v.Template], v.Template)
}

// hasTests tells whether the sequence has A/B tests, begun or drafted.
func hasTests(seq action.SequenceView) bool {
	if seq.ABTests > 0 {
		return true
	}
	for _, st := range seq.Draft.Each() {
		if kind, _ := step.KindOf(st.Type); kind.Tests {
			return true
		}
	}
	return false
}
