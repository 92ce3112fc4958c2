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

// simulation counts what falls on each day.
type simulation struct {
	start     time.Time
	automatic map[int]int
	// texts are the automatic text messages of each day; nil when the sequence sends none.
	texts map[int]int
	// work is, per day, what each seller has to do.
	work  map[int]map[string]int
	exits map[step.Exit]int
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
	s := simulation{
		start:     time.Date(start.Year(), start.Month(), start.Day(), 9, 0, 0, 0, zone),
		automatic: map[int]int{}, work: map[int]map[string]int{}, exits: map[step.Exit]int{},
	}
	for _, st := range def.Each() {
		if sendsText(st) {
			s.texts = map[int]int{}
		}
	}
	version := flow.NewVersion(0, 0, 0, def)
	chance := rand.New(rand.NewPCG(c.Seed, 0))
	count := 0
	err = c.each(def.Record, func(values record.Values, owner string) {
		connectedAt := s.start
		if c.PerDay > 0 {
			connectedAt = s.start.AddDate(0, 0, count/c.PerDay)
		}
		count++
		facts := step.Facts{
			Kind: def.Record, Values: values, DoNotEmail: values["do_not_email"] == "true", DoNotText: values["do_not_text"] == "true",
			Working: def.Options.Waits == flow.WorkingTime, Calendar: calendar.Calendar{Week: calendar.DefaultWeek(zone)},
		}
		s.add(flow.Foresee(version, facts, connectedAt, c.choose(chance)), owner)
	})
	if err != nil {
		return err
	}
	return s.print(env.stdout, count, c.Days)
}

// sequence reads the file and prints what is wrong with it.
func (c *simulateCommand) sequence(env *environment) (flow.Sequence, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return flow.Sequence{}, err
	}
	def, problems := seqfile.Parse(text)
	for _, p := range problems {
		_, _ = fmt.Fprintf(env.stderr, "%s:%s\n", c.File, p)
	}
	if len(problems) > 0 {
		return def, errReported
	}
	return def, nil
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

// choose gives how one customer answers the conditions. Each condition is answered once, whoever asks how often.
func (c *simulateCommand) choose(chance *rand.Rand) func(step.Step) bool {
	rates := map[step.Result]float64{step.Opened: c.Opened, step.LinkOpened: c.Links, step.Downloaded: c.Files, step.Answered: c.Replied}
	answers := map[string]bool{}
	return func(s step.Step) bool {
		if answer, given := answers[s.ID]; given {
			return answer
		}
		rate := c.Answered
		if s.When != nil && s.When.Email != nil {
			all, none := 1.0, 1.0
			for _, r := range s.When.Email.Results {
				all, none = all*rates[r], none*(1-rates[r])
			}
			rate = 1 - none
			if s.When.Email.All {
				rate = all
			}
		}
		answers[s.ID] = chance.Float64() < rate
		return answers[s.ID]
	}
}

// add counts one record's way.
func (s *simulation) add(way flow.Way, seller string) {
	for _, v := range way.Visits {
		day := s.day(v.LeftAt)
		kind, _ := step.KindOf(v.Step.Type)
		switch {
		case v.Outcome == step.Skipped:
		case kind.Mails && !kind.Human:
			s.automatic[day]++
		case sendsText(v.Step):
			s.texts[day]++
		case kind.Human:
			if s.work[day] == nil {
				s.work[day] = map[string]int{}
			}
			s.work[day][seller]++
		}
	}
	s.exits[way.Exit]++
}

// day counts the days from the first one, by the calendar.
func (s *simulation) day(at time.Time) int {
	at = at.In(s.start.Location())
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(at).Sub(noon(s.start)) / (24 * time.Hour))
}

// print writes a line per day that brings something, and how the records ended.
func (s *simulation) print(w io.Writer, count, days int) error {
	sellers := map[string]bool{}
	for _, work := range s.work {
		for name := range work {
			sellers[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(sellers))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	texts := func(word any) string {
		if s.texts == nil {
			return ""
		}
		return fmt.Sprint(word, "\t")
	}
	_, _ = fmt.Fprintf(table, "day\tautomatic emails\t%sactivities\t%s\t\n", texts("automatic texts"), strings.Join(names, "\t"))
	later := 0
	for _, day := range slices.Sorted(maps.Keys(merge(s.work, s.automatic, s.texts))) {
		total := 0
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = strconv.Itoa(s.work[day][name])
			total += s.work[day][name]
		}
		if day >= days {
			later += s.automatic[day] + s.texts[day] + total
			continue
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s%d\t%s\t\n", s.start.AddDate(0, 0, day).Format("Mon 2 Jan"), s.automatic[day], texts(s.texts[day]), total, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if later > 0 {
		_, _ = fmt.Fprintf(w, "%d more after day %d.\n", later, days)
	}
	_, _ = fmt.Fprintf(w, "%d records", count)
	for _, exit := range slices.Sorted(maps.Keys(s.exits)) {
		what := strings.ToLower(exit.Describe())
		if exit == step.NoExit {
			what = "not followed to the end"
		}
		_, _ = fmt.Fprintf(w, ", %d %s", s.exits[exit], what)
	}
	_, err := fmt.Fprintln(w, ".")
	return err
}

// merge gives the days on which anything happens.
func merge(work map[int]map[string]int, automatic ...map[int]int) map[int]bool {
	days := map[int]bool{}
	for _, counts := range automatic {
		for day := range counts {
			days[day] = true
		}
	}
	for day := range work {
		days[day] = true
	}
	return days
}

// sendsText tells whether a step sends a text message by itself.
func sendsText(s step.Step) bool {
	kind, _ := step.KindOf(s.Type)
	return kind.Texts && !kind.Human
}
