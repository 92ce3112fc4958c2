package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/importer"
	"cadenza/internal/record"
	"cadenza/internal/seqfile"
	"cadenza/internal/step"
)

type simulateCommand struct {
	File     string    `arg:"" help:"YAML file of the sequence."`
	Records  string    `help:"CSV file of the records; a column such as \"account.country\" is one of the related record, and a column \"owner\" names the sellers." required:"" placeholder:"FILE"`
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
	err = c.each(def.Record, func(values record.Values, owner string) {
		connectedAt := s.Start
		if c.PerDay > 0 {
			connectedAt = s.Start.AddDate(0, 0, s.Records/c.PerDay)
		}
		facts := step.Facts{
			Kind: def.Record, Values: values, DoNotEmail: values["do_not_email"] == "true", DoNotText: values["do_not_text"] == "true",
			Working: def.Options.Waits == flow.WorkingTime, Calendar: calendar.Calendar{Week: calendar.DefaultWeek(zone)},
		}
		s.Play(version, flow.Surroundings{Facts: facts}, connectedAt, owner)
	})
	if err != nil {
		return err
	}
	return printSimulation(env.stdout, def, s, c.Days)
}

// sequence reads the file and prints what is wrong with it.
func (c *simulateCommand) sequence(env *environment) (flow.Sequence, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return flow.Sequence{}, err
	}
	f := sequenceFile{name: c.File, text: text}
	f.def, f.problems = seqfile.Parse(text)
	f.check()
	for _, p := range f.problems {
		f.tell(env, p)
	}
	if len(f.problems) > 0 {
		return f.def, errReported
	}
	return f.def, nil
}

// each reads the records of the CSV file, with the names of their sellers.
func (c *simulateCommand) each(kind record.Kind, use func(values record.Values, owner string)) error {
	file, err := os.Open(c.Records)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r, err := importer.Open(file, importer.Format{})
	if err != nil {
		return err
	}
	fields := []importer.FieldInfo{{Key: "owner", Label: "Owner"}}
	for _, f := range record.Fields(kind) {
		fields = append(fields, importer.FieldInfo{Key: f.Key, Label: f.Label, Synonyms: f.Synonyms})
	}
	for _, lookup := range record.Lookups(kind) {
		for _, f := range record.RelatedFields(lookup) {
			fields = append(fields, importer.FieldInfo{Key: f.Key, Label: f.Label})
		}
	}
	mapping := importer.Guess(r.Header(), fields)
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Records, err)
		}
		values, owner := record.Values{}, "nobody"
		for i, text := range line.Cells {
			switch {
			case i >= len(mapping) || strings.TrimSpace(text) == "":
			case mapping[i] == "owner":
				owner = strings.TrimSpace(text)
			case mapping[i] != "":
				values[mapping[i]] = text
			}
		}
		canonical, problem := simulated(kind, values)
		if problem != "" {
			return fmt.Errorf("%s:%d: %s", c.Records, line.Number, problem)
		}
		use(canonical, owner)
	}
}

// simulated brings a record's values into canonical form, with those of related records under their paths. A column of a
// lookup holds the name of the related record here, since there is no database that knows it.
func simulated(kind record.Kind, values record.Values) (record.Values, string) {
	related := record.Values{}
	for path, text := range values {
		f, _ := record.FieldAt(kind, path)
		switch {
		case f.Type == record.Lookup:
			related[path] = text
			if related[path+".name"] == "" {
				related[path+".name"] = text
			}
		case strings.Contains(path, "."):
			value, problem := record.CanonicalValue(f, text)
			if problem != "" {
				return nil, f.Label + " " + problem
			}
			related[path] = value
		default:
			continue
		}
		delete(values, path)
	}
	canonical, problems := record.Normalize(kind, values)
	if len(problems) > 0 {
		return nil, problems[0].Message
	}
	maps.Copy(canonical, related)
	return canonical, ""
}

// printSimulation writes a line per day that brings something, and how the records ended.
func printSimulation(w io.Writer, def flow.Sequence, s *flow.Simulation, days int) error {
	names := s.Sellers()
	texts := func(word any) string {
		if !textsByItself(def) {
			return ""
		}
		return fmt.Sprint(word, "\t")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(table, "day\tautomatic emails\t%sactivities\t%s\t\n", texts("automatic texts"), strings.Join(names, "\t"))
	for _, n := range s.Busy() {
		day := s.Day(n)
		if n >= days {
			break
		}
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = strconv.Itoa(day.Work[name])
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s%d\t%s\t\n", s.Start.AddDate(0, 0, n).Format("Mon 2 Jan"), day.Emails, texts(day.Texts), day.Activities(), strings.Join(cells, "\t"))
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
	return err
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
