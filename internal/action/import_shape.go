package action

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// importShape is how a file is read, as it is stored with the import. Header and sample are kept so that the file itself
// need not be there to show the import.
type importShape struct {
	Format  importFormat `json:"format"`
	Mapping []string     `json:"mapping"`
	Header  []string     `json:"header"`
	Sample  [][]string   `json:"sample"`
}

// importFormat is importer.Format as it is stored.
type importFormat struct {
	Encoding  string `json:"encoding"`
	Delimiter string `json:"delimiter"`
	Quote     int32  `json:"quote"`
	Backslash bool   `json:"backslash"`
	HasHeader bool   `json:"has_header"`
}

func formatShape(f importer.Format) importFormat {
	return importFormat{Encoding: f.Encoding, Delimiter: string(f.Delimiter), Quote: f.Quote, Backslash: f.Backslash, HasHeader: f.HasHeader}
}

func (f importFormat) format() importer.Format {
	d, _ := utf8.DecodeRuneInString(f.Delimiter)
	return importer.Format{Encoding: f.Encoding, Delimiter: d, Quote: f.Quote, Backslash: f.Backslash, HasHeader: f.HasHeader}
}

func (s importShape) encode() string {
	text, _ := json.Marshal(s) // texts, numbers and lists of them always marshal
	return string(text)
}

func decodeImport(settings string) importShape {
	var s importShape
	_ = json.Unmarshal([]byte(settings), &s) // our own text; a broken one shows as an import without columns
	return s
}

// check refuses a mapping to fields that the kind does not have, or to one field twice.
func (s importShape) check(kind record.Kind) error {
	known := map[string]bool{"": true}
	for _, f := range importFields(kind) {
		known[f.Key] = true
	}
	if len(s.Mapping) > len(s.Header) {
		return fault.Field("mapping", "too_long", fmt.Sprintf("The mapping has %d columns, the file has %d.", len(s.Mapping), len(s.Header)))
	}
	var problems []fault.Problem
	column := map[string]int{}
	for i, key := range s.Mapping {
		other, twice := column[key]
		switch {
		case !known[key]:
			problems = append(problems, fault.Problem{
				Field: fmt.Sprintf("mapping/%d", i), Code: "unknown_field",
				Message: fmt.Sprintf("%s have no field %q.", kind.Plural(), key), Hint: "Choose one of the fields, or leave the column out.",
			})
		case twice && key != "":
			problems = append(problems, fault.Problem{
				Field: fmt.Sprintf("mapping/%d", i), Code: "twice",
				Message: fmt.Sprintf("Columns %d and %d both fill %s.", other+1, i+1, labelOf(kind, key)), Hint: "Leave one of them out.",
			})
		}
		column[key] = i
	}
	return fault.Of(problems...)
}

// importFields lists what a column may fill.
func importFields(kind record.Kind) []ImportField {
	var list []ImportField
	for _, f := range record.Fields(kind) {
		list = append(list, ImportField{Key: f.Key, Label: f.Label})
	}
	return append(list, ImportField{OwnerColumn, "Owner"}, ImportField{KeyColumn, "External key"})
}

func labelOf(kind record.Kind, key string) string {
	for _, f := range importFields(kind) {
		if f.Key == key {
			return f.Label
		}
	}
	return key
}

// importerFields is importFields with the other headings under which files carry them.
func importerFields(kind record.Kind) []importer.FieldInfo {
	var list []importer.FieldInfo
	for _, f := range record.Fields(kind) {
		list = append(list, importer.FieldInfo{Key: f.Key, Label: f.Label, Synonyms: f.Synonyms})
	}
	return append(list,
		importer.FieldInfo{Key: OwnerColumn, Label: "Owner", Synonyms: []string{"record owner", "lead owner", "account owner", "besitzer", "assigned to"}},
		importer.FieldInfo{Key: KeyColumn, Label: "External key", Synonyms: []string{"external id", "record id", "lead id", "contact id", "account id", "opportunity id", "crm id", "id"}})
}

// format gives the importer's format of the settings. What was found before stays for what the settings leave open, as
// long as encoding and delimiter are the same: the quote belongs to them.
func (s ImportSettings) format(before importFormat) (importer.Format, error) {
	delimiter := s.Delimiter
	if strings.EqualFold(delimiter, "tab") {
		delimiter = "\t"
	}
	if utf8.RuneCountInString(delimiter) > 1 || !utf8.ValidString(delimiter) {
		return importer.Format{}, fault.Field("delimiter", "invalid", "The delimiter must be one sign, such as a comma, a semicolon or a tab.")
	}
	f := before
	if s.Encoding != "" && s.Encoding != f.Encoding || delimiter != "" && delimiter != f.Delimiter {
		f.Quote, f.Backslash = 0, false
	}
	if s.Encoding != "" {
		f.Encoding = s.Encoding
	}
	if delimiter != "" {
		f.Delimiter = delimiter
	}
	f.HasHeader = !s.NoHeader
	if f == (importFormat{HasHeader: true}) {
		return importer.Format{}, nil // nothing is said: find out everything
	}
	if f.Quote == 0 {
		f.Quote = '"'
	}
	out := f.format()
	if f.Delimiter == "" {
		out.Delimiter = 0
	}
	return out, nil
}

// importProgress and importOutcome are what the import's row keeps of a run.
type importProgress struct {
	Percent int `json:"percent"`
	Rows    int `json:"rows"`
	Refused int `json:"refused"`
}

type importOutcome struct {
	Counts  ImportCounts `json:"counts"`
	Refused []RefusedRow `json:"refused,omitempty"`
	Trouble string       `json:"trouble,omitempty"`
}

func encodeJSON(v any) string {
	text, _ := json.Marshal(v) // texts, numbers and lists of them always marshal
	return string(text)
}

// outcomeOf keeps of a result what people look at.
func outcomeOf(r importer.Result, trouble string) importOutcome {
	o := importOutcome{
		Trouble: trouble,
		Counts:  ImportCounts{Rows: r.Rows, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Refused: r.Refused, Blank: r.Blank},
	}
	for _, bad := range r.Refusals[:min(len(r.Refusals), shownRefusals)] {
		o.Refused = append(o.Refused, RefusedRow{Line: bad.Line, Column: clean(bad.Column), Reason: bad.Text, Sample: clean(bad.Sample)})
	}
	return o
}

// viewOf gives an import as people see it.
func viewOf(i store.Import) ImportView {
	s := decodeImport(i.Settings)
	v := ImportView{
		ID: i.ID, User: i.User, UserName: i.UserName, FileName: i.FileName, Kind: i.RecordKind, Size: i.Size,
		State: ImportState(i.State), Header: s.Header, Sample: s.Sample, Fields: importFields(i.RecordKind), CreatedAt: i.CreatedAt, FinishedAt: i.FinishedAt,
		Settings: ImportSettings{Encoding: s.Format.Encoding, Delimiter: s.Format.Delimiter, NoHeader: !s.Format.HasHeader, Mapping: s.Mapping},
	}
	var p importProgress
	if i.Progress != "" && json.Unmarshal([]byte(i.Progress), &p) == nil {
		v.Progress, v.Counts = p.Percent, ImportCounts{Rows: p.Rows, Refused: p.Refused}
	}
	var o importOutcome
	if i.Result != "" && json.Unmarshal([]byte(i.Result), &o) == nil {
		v.Counts, v.Refused, v.Trouble = o.Counts, o.Refused, o.Trouble
	}
	if v.State == ImportDone || v.State == ImportChecked {
		v.Progress = 100
	}
	return v
}

// sink brings the rows of a file to the store in the actor's name.
func (a *App) sink(actor access.Actor, kind record.Kind) recordSink {
	mayEdit := func(owner ident.User) bool { return access.MayOn(actor, access.EditRecords, owner) }
	return recordSink{a.db.NewRecordImport(kind, actor.ID, mayEdit)}
}

type recordSink struct{ records *store.RecordImport }

var _ importer.Sink = recordSink{}

// Apply brings a batch to the records.
func (s recordSink) Apply(ctx context.Context, rows []importer.Row, dryRun bool) ([]importer.Outcome, error) {
	in := make([]store.ImportRow, len(rows))
	for i, row := range rows {
		in[i] = store.ImportRow{Owner: row.Values[OwnerColumn], ExternalKey: row.Values[KeyColumn]}
		delete(row.Values, OwnerColumn)
		delete(row.Values, KeyColumn)
		in[i].Values = row.Values
	}
	out, err := s.records.Apply(ctx, in, dryRun)
	if err != nil {
		return nil, err
	}
	outcomes := make([]importer.Outcome, len(out))
	for i, o := range out {
		outcomes[i] = importer.Outcome{Verdict: importer.Verdict(o.Change), Code: o.Code, Field: o.Field, Text: o.Text}
	}
	return outcomes, nil
}
