package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/importer"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// playedRecord is a record of the file, with what the file says of writing to it.
type playedRecord struct {
	action.FileRecord
	email, text step.Suppression
}

// The columns besides fields of records.
const (
	ownerColumn      = "owner"
	suppressedColumn = "suppressed"
	numberColumn     = "suppressed_number"
)

// read reads the records of the CSV file.
func (c *simulateCommand) read(kind record.Kind) ([]playedRecord, error) {
	file, err := os.Open(c.Records)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	r, err := importer.Open(file, importer.Format{})
	if err != nil {
		return nil, err
	}
	mapping := importer.Guess(r.Header(), playedFields(kind))
	var rows []playedRecord
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Records, err)
		}
		row, problem := played(kind, mapping, line.Cells)
		if problem != "" {
			return nil, fmt.Errorf("%s:%d: %s", c.Records, line.Number, problem)
		}
		rows = append(rows, row)
	}
}

// playedFields are the columns that a file of records may have.
func playedFields(kind record.Kind) []importer.FieldInfo {
	fields := []importer.FieldInfo{
		{Key: ownerColumn, Label: "Owner"}, {Key: suppressedColumn, Label: "Suppressed"}, {Key: numberColumn, Label: "Suppressed number"},
	}
	for _, f := range record.Fields(kind) {
		fields = append(fields, importer.FieldInfo{Key: f.Key, Label: f.Label, Synonyms: f.Synonyms})
	}
	for _, lookup := range record.Lookups(kind) {
		for _, f := range record.RelatedFields(lookup) {
			fields = append(fields, importer.FieldInfo{Key: f.Key, Label: f.Label})
		}
	}
	return fields
}

// played makes a record of a row; problem says what is wrong with it.
func played(kind record.Kind, mapping []string, cells []string) (row playedRecord, problem string) {
	values := record.Values{}
	row.Owner = "nobody"
	for i, text := range cells {
		if text = strings.TrimSpace(text); i >= len(mapping) || text == "" {
			continue
		}
		switch key := mapping[i]; key {
		case "":
		case ownerColumn:
			row.Owner = text
		case suppressedColumn:
			row.email, problem = suppressedCell(text, store.Suppression{Channel: message.EmailChannel, Address: "@"})
		case numberColumn:
			row.text, problem = suppressedCell(text, store.Suppression{Channel: message.TextChannel})
		default:
			values[key] = text
		}
		if problem != "" {
			return row, problem
		}
	}
	row.Kind = kind
	row.Values, problem = simulated(kind, values)
	return row, problem
}

// suppressedCell reads yes, no, or the source of a suppression as cadenza suppression export writes it.
func suppressedCell(text string, s store.Suppression) (step.Suppression, string) {
	switch text = strings.ToLower(text); {
	case text == "no" || text == "false" || text == "0":
		return step.Suppression{}, ""
	case text == "yes" || text == "true" || text == "1":
		s.Source = store.FromPerson
	case slices.Contains(store.SuppressionSources(), store.SuppressionSource(text)):
		s.Source = store.SuppressionSource(text)
	default:
		return step.Suppression{}, "Suppressed is neither yes nor no, nor a source such as bounce, page or person."
	}
	return s.Fact(), ""
}

// surround says what the ways of the records meet: what the database says, where one is given, and what the file says.
func (c *simulateCommand) surround(env *environment, v *flow.Version, zone *time.Location, rows []playedRecord) ([]flow.Surroundings, error) {
	list := make([]flow.Surroundings, len(rows))
	if c.DB != "" {
		files := make([]action.FileRecord, len(rows))
		for i, r := range rows {
			files[i] = r.FileRecord
		}
		db, err := store.Open(env.ctx, c.DB, store.Options{})
		if err != nil {
			return nil, err
		}
		defer func() { _ = db.Close() }()
		app, err := action.New(action.Config{DB: db, Key: make([]byte, keySize)})
		if err != nil {
			return nil, err
		}
		if list, err = app.SurroundFile(env.ctx, access.System(), v, files); err != nil {
			return nil, err
		}
	}
	years := holidayYears()
	for i, r := range rows {
		if c.DB == "" {
			list[i] = assumed(v, zone, r.Record, years)
		}
		if f := &list[i].Facts; r.email.Reason != "" {
			f.EmailSuppression = r.email
		}
		if f := &list[i].Facts; r.text.Reason != "" {
			f.TextSuppression = r.text
		}
	}
	return list, nil
}

// yearly gives the holidays of a region in a year.
type yearly func(region string, year int) map[calendar.Date]string

// holidayYears computes each year of a region once, however many records ask.
func holidayYears() yearly {
	known := map[string]map[calendar.Date]string{}
	return func(region string, year int) map[calendar.Date]string {
		key := fmt.Sprint(region, " ", year)
		if known[key] == nil {
			known[key] = calendar.HolidaysIn(region, year)
		}
		return known[key]
	}
}

// assumed is what a record meets without a database: the sequence's own windows by the customer's clock and holidays, and an ordinary week.
func assumed(v *flow.Version, zone *time.Location, r record.Record, years yearly) flow.Surroundings {
	_, hasNumber := r.TextNumber()
	around := flow.Surroundings{
		Facts: step.Facts{
			Kind: r.Kind, Values: r.Values, DoNotEmail: r.Get("do_not_email") == "true", DoNotText: r.Get("do_not_text") == "true",
			Working: v.Def.Options.Waits == flow.WorkingTime, Calendar: calendar.Calendar{Week: calendar.DefaultWeek(zone)},
		},
		NoAddress: !message.ValidEmail(r.Get("email")), NoNumber: !hasNumber,
	}
	windows, own := v.Def.Options.OwnWindows()
	if !own {
		return around
	}
	holidays := calendar.Holidays{Region: calendar.FindRegion(r.Get("country")), Year: years}
	around.Hours = flow.SendHours{On: true, Own: true, Windows: windows, Zone: store.ZoneOfRecord(r, zone), Off: func(y int, m time.Month, d int) bool {
		_, off := holidays.On(calendar.DateOf(y, m, d))
		return off
	}}
	return around
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
