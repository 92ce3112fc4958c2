package main

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
)

type simulateCommand struct {
	File     string    `arg:"" help:"YAML file of the sequence."`
	Records  string    `help:"CSV file of the records; a column such as \"account.country\" is one of the related record, a column \"owner\" names the sellers, and a column \"suppressed\" says with yes, or with a source such as bounce, whom nobody writes to." required:"" placeholder:"FILE"`
	DB       string    `name:"db" help:"Database whose working hours, holidays, send windows and suppressions count; without it Monday to Friday from 08:00 to 17:00, and what the files say." placeholder:"ADDRESS"`
	Days     int       `help:"How many days to print." default:"30"`
	PerDay   int       `help:"How many records are connected on each day; 0 for all on the first." default:"0"`
	From     time.Time `help:"The first day, as 2026-03-02; without it today." format:"2006-01-02"`
	Zone     string    `help:"Time zone of the days and of working time." default:"UTC"`
	Seed     uint64    `help:"Another seed plays other customers; the same one plays the same." default:"1"`
	Opened   float64   `help:"Share of emails that are opened." default:"0.45"`
	Links    float64   `help:"Share of emails of which a link is opened." default:"0.10"`
	Files    float64   `help:"Share of emails of which an attachment is downloaded." default:"0.05"`
	Replied  float64   `help:"Share of emails that are replied to." default:"0.08"`
	Answered float64   `help:"Share of calls that end as a condition on them hopes." default:"0.35"`
}

// Run plays the sequence with every record, and prints what each day brings.
func (c *simulateCommand) Run(env *environment) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("there is no time zone %q; write it as Europe/Berlin", c.Zone)
	}
	def, err := c.sequence(env)
	if err != nil {
		return err
	}
	start := c.From
	if start.IsZero() {
		start = time.Now()
	}
	day := time.Date(start.Year(), start.Month(), start.Day(), 9, 0, 0, 0, zone)
	rates := flow.Rates{Hoped: c.Answered, Results: map[step.Result]float64{
		step.Opened: c.Opened, step.LinkOpened: c.Links, step.Downloaded: c.Files, step.Answered: c.Replied,
	}}
	s := flow.NewSimulation(day, rates, rand.New(rand.NewPCG(c.Seed, 0)).Float64)
	version := flow.NewVersion(0, 0, 0, def)
	rows, err := c.read(def.Record)
	if err != nil {
		return err
	}
	around, err := c.surround(env, version, zone, rows)
	if err != nil {
		return err
	}
	for i, r := range rows {
		connectedAt := s.Start
		if c.PerDay > 0 {
			connectedAt = s.Start.AddDate(0, 0, i/c.PerDay)
		}
		s.Play(version, around[i], connectedAt, r.Owner)
	}
	return printSimulation(env.stdout, def, s, c.Days)
}

// sequence reads the file and prints what is wrong with it.
func (c *simulateCommand) sequence(env *environment) (flow.Sequence, error) {
	folder, err := readFolder(env, []string{c.File})
	if err != nil {
		return flow.Sequence{}, err
	}
	if len(folder.Sequences) != 1 {
		return flow.Sequence{}, fault.New(fault.Invalid, "%s is no file of one sequence.", c.File).WithHint("Name one that ends in .yaml.")
	}
	if problems := action.CheckFolder(folder); len(problems) > 0 {
		return flow.Sequence{}, tellProblems(env, problems)
	}
	return folder.Sequences[0].Def, nil
}

// printSimulation writes a line per day that brings something, and how the records ended.
func printSimulation(w io.Writer, def flow.Sequence, s *flow.Simulation, days int) error {
	names, unsent := s.Sellers(), unsentColumn(s)
	texts := func(word any) string {
		if !textsByItself(def) {
			return ""
		}
		return fmt.Sprint(word, "\t")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "day\tautomatic emails\t%s%sactivities\t%s\t\n", texts("automatic texts"), unsent("not sent"), strings.Join(names, "\t"))
	for _, n := range s.Busy() {
		day := s.Day(n)
		if n >= days {
			break
		}
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = strconv.Itoa(day.Work[name])
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s%s%d\t%s\t\n", s.Start.AddDate(0, 0, n).Format("Mon 2 Jan"), day.Emails, texts(day.Texts), unsent(day.Unsent), day.Activities(), strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if later := s.Later(days); later > 0 {
		_, _ = fmt.Fprintf(w, "%d more after day %d.\n", later, days)
	}
	_, _ = fmt.Fprintf(w, "%d records", s.Records)
	for _, exit := range slices.Sorted(maps.Keys(s.Exits)) {
		what := strings.ToLower(exit.Describe())
		if exit == step.NoExit {
			what = "not followed to the end"
		}
		_, _ = fmt.Fprintf(w, ", %d %s", s.Exits[exit], what)
	}
	_, err := fmt.Fprintln(w, ".")
	for _, list := range []struct {
		what    string
		reasons map[string]int
	}{{"cannot be written to", s.Unreached}, {"wait for longer than a year", s.Stuck}} {
		for _, why := range slices.Sorted(maps.Keys(list.reasons)) {
			_, err = fmt.Fprintf(w, "%d %s: %s\n", list.reasons[why], list.what, why)
		}
	}
	return err
}

// unsentColumn gives the cells of the column of messages that do not go, which is there when any does not.
func unsentColumn(s *flow.Simulation) func(word any) string {
	some := slices.ContainsFunc(s.Busy(), func(n int) bool { return s.Day(n).Unsent > 0 })
	return func(word any) string {
		if !some {
			return ""
		}
		return fmt.Sprint(word, "\t")
	}
}

// textsByItself tells whether a sequence sends text messages by itself.
func textsByItself(def flow.Sequence) bool {
	for _, st := range def.Each() {
		if kind, _ := step.KindOf(st.Type); kind.Texts && !kind.Human {
			return true
		}
	}
	return false
}
