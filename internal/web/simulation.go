package web

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// simulation is the page on which a draft is played with many records.
type simulation struct {
	Seq action.SequenceView
	// Values are the fields of the form as they were entered.
	Values   map[string]string
	Problems problems
	// Played is nil when the input has problems.
	Played *flow.Simulation
	Days   int
}

// showSimulation plays the draft with many records, and draws what each day brings.
func (s *Server) showSimulation(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	in, values := readSimulation(r)
	page1 := simulation{Seq: seq, Values: values, Days: in.Days}
	status := http.StatusOK
	page1.Played, err = s.app.Simulate(r.Context(), actorOf(r), seq.ID, in)
	if err != nil {
		var shown bool
		if page1.Problems, shown = refused(err); !shown {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, page{Title: seq.Name + ": simulation", Status: status}, simulationPage(page1))
}

// readSimulation reads the form; what is left out is as by default. A number that cannot be read is out of every range.
func readSimulation(r *http.Request) (action.SimulationInput, map[string]string) {
	in, values := action.DefaultSimulation(), map[string]string{}
	whole := func(name string, into *int) {
		if given := text(r, name); given != "" {
			n, err := strconv.Atoi(given)
			if err != nil {
				n = -1
			}
			*into, values[name] = n, given
			return
		}
		values[name] = strconv.Itoa(*into)
	}
	whole("records", &in.Records)
	whole("per_day", &in.PerDay)
	whole("days", &in.Days)
	percent := func(name string, rate float64) float64 {
		given := text(r, name)
		if given == "" {
			values[name] = strconv.FormatFloat(math.Round(1000*rate)/10, 'f', -1, 64)
			return rate
		}
		values[name] = given
		n, err := strconv.ParseFloat(given, 64)
		if err != nil {
			return -1
		}
		return n / 100
	}
	in.Rates.Results = maps.Clone(in.Rates.Results)
	for _, res := range step.Results() {
		in.Rates.Results[res] = percent(string(res), in.Rates.Results[res])
	}
	in.Rates.Hoped = percent("hoped", in.Rates.Hoped)
	return in, values
}

func (s simulation) number(name, label, hint string, low, high int) ui.FieldProps {
	return ui.FieldProps{
		Name: name, Label: label, Hint: hint, Kind: ui.NumberField, Value: s.Values[name], Error: s.Problems.of(name),
		Min: strconv.Itoa(low), Max: strconv.Itoa(high), InputMode: "numeric",
	}
}

func (s simulation) share(name, label string) ui.FieldProps {
	p := s.number(name, label, "", 0, 100)
	p.After, p.Step, p.InputMode = "%", "any", "decimal"
	return p
}

// sums says in a line what the whole simulation brings.
func (s simulation) sums() []ui.Stat {
	emails, texts, unsent, work, peak, peakDay := 0, 0, 0, 0, 0, 0
	for n := range s.Days {
		day := s.Played.Day(n)
		emails, texts, unsent, work = emails+day.Emails, texts+day.Texts, unsent+day.Unsent, work+day.Activities()
		if a := day.Activities(); a > peak {
			peak, peakDay = a, n
		}
	}
	stats := []ui.Stat{
		{Label: "Records played", Value: ui.Count(s.Played.Records)},
		{Label: "Automatic emails", Value: ui.Count(emails)},
	}
	if texts > 0 {
		stats = append(stats, ui.Stat{Label: "Automatic texts", Value: ui.Count(texts)})
	}
	if unsent > 0 {
		stats = append(stats, ui.Stat{Label: "Not sent", Value: ui.Count(unsent)})
	}
	stats = append(stats, ui.Stat{Label: "Activities", Value: ui.Count(work)})
	if peak > 0 {
		stats = append(stats, ui.Stat{Label: "Busiest day", Value: ui.Count(peak) + " " + plainPlural(peak, "activity", "activities"), Note: s.date(peakDay)})
	}
	return stats
}

func plainPlural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (s simulation) date(n int) string { return s.Played.Start.AddDate(0, 0, n).Format("Mon 2 Jan") }

// endings says how the records end: "92 completed, 8 the customer replied".
func (s simulation) endings() string {
	var parts []string
	for _, exit := range slices.Sorted(maps.Keys(s.Played.Exits)) {
		what := lower(exit.Describe())
		if exit == step.NoExit {
			what = "wait for something that nobody foresees"
		}
		parts = append(parts, ui.Count(s.Played.Exits[exit])+" "+what)
	}
	return sentenceStart(strings.Join(parts, ", ")) + "."
}

// unreached says how many records cannot be written to, and what messages wait for that nobody foresees.
func (s simulation) unreached() []ui.Problem {
	var list []ui.Problem
	for _, why := range slices.Sorted(maps.Keys(s.Played.Unreached)) {
		list = append(list, ui.Problem{Text: countOf(s.Seq.RecordKind, s.Played.Unreached[why]) + ": " + why})
	}
	for _, why := range slices.Sorted(maps.Keys(s.Played.Stuck)) {
		list = append(list, ui.Problem{Text: countOf(s.Seq.RecordKind, s.Played.Stuck[why]) + " whose message waits for longer than a year: " + why})
	}
	return list
}

// table lists the busy days, with a column for each seller.
func (s simulation) table() ui.TableProps {
	t := ui.TableProps{Caption: "What each day brings", Compact: true, Columns: []ui.Column{{Label: "Day"}, {Label: "Automatic emails", Numeric: true}, {Label: "Automatic texts", Numeric: true}, {Label: "Not sent", Numeric: true}, {Label: "Activities", Numeric: true}}}
	sellers := s.Played.Sellers()
	for _, name := range sellers {
		t.Columns = append(t.Columns, ui.Column{Label: name, Numeric: true})
	}
	for _, n := range s.Played.Busy() {
		if n >= s.Days {
			break
		}
		day := s.Played.Day(n)
		row := ui.Row{Cells: []ui.Cell{{Text: s.date(n)}, {Text: ui.Count(day.Emails)}, {Text: ui.Count(day.Texts), Soft: day.Texts == 0}, {Text: ui.Count(day.Unsent), Soft: day.Unsent == 0}, {Text: ui.Count(day.Activities())}}}
		for _, name := range sellers {
			row.Cells = append(row.Cells, ui.Cell{Text: ui.Count(day.Work[name]), Soft: day.Work[name] == 0})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// The measures of the chart, in units of its drawing.
const (
	chartWidth  = 960
	chartHeight = 240
	chartLeft   = 40
	chartBottom = 26
	chartTop    = 8
)

// bar is one day of the chart.
type bar struct {
	X, Width, EmailY, EmailHeight, WorkY, WorkHeight string
	Title, Label                                     string
	LabelX                                           string
}

// chart draws the days as stacked bars under a scale of round numbers.
func (s simulation) chart() (bars []bar, lines []scaleLine) {
	most := 1
	for n := range s.Days {
		most = max(most, s.Played.Day(n).Sum())
	}
	tick := roundTick(most)
	top := (most + tick - 1) / tick * tick
	height := func(n int) float64 { return float64(n) / float64(top) * (chartHeight - chartBottom - chartTop) }
	for n := 0; n <= top; n += tick {
		lines = append(lines, scaleLine{Y: unit(chartHeight - chartBottom - height(n)), Text: ui.Count(n)})
	}
	slot := float64(chartWidth-chartLeft) / float64(s.Days)
	every := (s.Days + 9) / 10
	for n := range s.Days {
		day := s.Played.Day(n)
		emails, work := height(day.Emails+day.Texts), height(day.Activities())
		x := chartLeft + float64(n)*slot
		b := bar{
			X: unit(x + slot*0.15), Width: unit(slot * 0.7), LabelX: unit(x + slot/2),
			WorkY: unit(chartHeight - chartBottom - work), WorkHeight: unit(work),
			EmailY: unit(chartHeight - chartBottom - work - emails), EmailHeight: unit(emails),
			Title: fmt.Sprintf("%s: %d sent by itself, %d %s", s.date(n), day.Emails+day.Texts, day.Activities(), plainPlural(day.Activities(), "activity", "activities")),
		}
		if n%every == 0 {
			b.Label = s.Played.Start.AddDate(0, 0, n).Format("2 Jan")
		}
		bars = append(bars, b)
	}
	return bars, lines
}

// scaleLine is one line of the scale.
type scaleLine struct{ Y, Text string }

// roundTick gives a round distance between the lines of the scale, for four or five of them.
func roundTick(most int) int {
	for size := 1; ; size *= 10 {
		for _, step := range []int{1, 2, 5} {
			if most <= 5*step*size {
				return step * size
			}
		}
	}
}

func unit(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
