package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/portion"
	"cadenza/internal/store"
)

// SuppressionRow is an address of a list as it was given.
type SuppressionRow struct {
	// Line is where it stands in the file or list.
	Line          int
	Address, Note string
	// Source and AddedAt are how and when it came on the list that it was exported from: a source such as page and a time of
	// RFC 3339, or its date alone. Empty ones stand for the import itself, and now. Whoever may import may claim them.
	Source, AddedAt string
	// Problem says why the row cannot be read; empty for one that was.
	Problem string
}

// SuppressionImport is what became of a list of addresses.
type SuppressionImport struct {
	Added, Known int
	// Header says which row of a file was taken for the names of its columns; empty for none.
	Header string
	// Refused are the rows that were refused, the first 100 of them, and how many there are.
	Refused      []ListRefusal
	RefusedCount int
}

// ListRefusal is a row of a list that was refused, with why.
type ListRefusal struct {
	Line int
	// Text is the address as it was given; empty for a row that cannot be read.
	Text   string
	Reason string
}

const (
	maxSuppressionRows  = 100_000
	maxSuppressionShown = 100
)

// ImportSuppressionFile adds the addresses of a file: the first column, each with a note in the second or none. Columns that
// the header calls as ExportSuppressions does may stand anywhere behind the first.
func (a *App) ImportSuppressionFile(ctx context.Context, actor access.Actor, rows []importer.CellRow) (SuppressionImport, error) {
	rows, names, header := withoutHeader(rows, namesAddress)
	note, source, addedAt := suppressionColumnsOf(names)
	list := make([]SuppressionRow, len(rows))
	for i, row := range rows {
		list[i] = SuppressionRow{
			Line: row.Line, Address: cellAt(row.Cells, 0), Note: cellAt(row.Cells, note),
			Source: cellAt(row.Cells, source), AddedAt: cellAt(row.Cells, addedAt), Problem: row.Problem,
		}
	}
	out, err := a.ImportSuppressions(ctx, actor, store.FromImport, list)
	out.Header = header
	return out, err
}

// suppressionColumnsOf says where a file has its notes, sources and dates; -1 for nowhere.
func suppressionColumnsOf(names []string) (note, source, addedAt int) {
	place := func(name string) int {
		return slices.IndexFunc(names, func(heading string) bool { return strings.EqualFold(strings.TrimSpace(heading), name) })
	}
	note, source, addedAt = place("note"), place("source"), place("added_at")
	if second := cellAt(names, 1); note < 0 && !slices.Contains(suppressionHeadings(), strings.ToLower(second)) {
		note = 1
	}
	return note, source, addedAt
}

// ImportSuppressions adds the addresses of a list. What is wrong with a row holds up no other.
func (a *App) ImportSuppressions(ctx context.Context, actor access.Actor, source store.SuppressionSource, rows []SuppressionRow) (out SuppressionImport, err error) {
	if err := may(actor, access.ManageSuppressions); err != nil {
		return out, err
	}
	if len(rows) > maxSuppressionRows {
		return out, fault.Field("file", "too_many", fmt.Sprintf("The list has more than %d rows. Import it in parts.", maxSuppressionRows))
	}
	var good []store.Suppression
	now := a.db.Now()
	for _, row := range rows {
		s, err := row.check(now)
		if err == nil {
			good = append(good, s)
			continue
		}
		if out.RefusedCount++; len(out.Refused) < maxSuppressionShown {
			out.Refused = append(out.Refused, ListRefusal{Line: row.Line, Text: row.Address, Reason: fault.ProblemsOf(err)[0].Message})
		}
	}
	for p := portion.New(50, 200, 5000); len(good) > 0; {
		part := good[:min(len(good), p.Size())]
		good = good[len(part):]
		added := 0
		if _, err := a.db.WriteSome(ctx, p, func(tx *store.Tx, _ int) (n int, err error) {
			added, err = tx.RecordOptOuts(source, actor.ID, part)
			return len(part), err
		}); err != nil {
			return out, err
		}
		out.Added, out.Known = out.Added+added, out.Known+len(part)-added
	}
	return out, a.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Audit(actor.ID, "import", "suppression", 0, fmt.Sprintf("%d added, %d known, %d refused", out.Added, out.Known, out.RefusedCount))
	})
}

// check reads a row, or says what is wrong with it.
func (r SuppressionRow) check(now time.Time) (store.Suppression, error) {
	if r.Problem != "" {
		return store.Suppression{}, fault.Field("row", "unreadable", r.Problem)
	}
	key, channel, ok := suppressionKey(r.Address)
	switch {
	case strings.TrimSpace(r.Address) == "":
		return store.Suppression{}, fault.Field("address", "required", "The row has no address.")
	case !ok:
		return store.Suppression{}, fault.Field("address", "invalid", fmt.Sprintf("“%s” is no email address, domain or phone number.", clip(oneLine(r.Address))))
	}
	s := store.Suppression{Channel: channel, Address: key, Note: clean(r.Note), Source: store.SuppressionSource(r.Source)}
	if err := checkSuppressionNote(s.Note); err != nil {
		return s, err
	}
	if s.Source != "" && !s.Source.Known() {
		return s, fault.Field("source", "unknown", fmt.Sprintf("The source “%s” is not known. Use one of %s, or leave it out.", clip(oneLine(r.Source)), sourceNames()))
	}
	var err error
	s.At, err = readAddedAt(r.AddedAt, now)
	return s, err
}

// sourceNames lists the sources as an export writes them.
func sourceNames() string {
	var names []string
	for _, s := range store.SuppressionSources() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// readAddedAt reads when an address came on the list that it was exported from; zero where that is not said.
func readAddedAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	switch {
	case err != nil || at.Year() < 1970:
		return at, fault.Field("added_at", "invalid", fmt.Sprintf("The date “%s” is not one such as 2026-12-24 or 2026-12-24T08:15:00Z.", clip(oneLine(text))))
	case at.After(now):
		return at, fault.Field("added_at", "future", fmt.Sprintf("The date “%s” is in the future.", text))
	}
	return at, nil
}

// namesAddress tells the heading of a column of addresses, domains or phone numbers.
func namesAddress(heading string) bool {
	switch importer.About(heading) {
	case "email", "phone", "mobile", "website", "street", "do_not_email", "do_not_text":
		return true // "address" alone is mostly that of a street, "domain" that of a website
	}
	return slices.Contains([]string{"number", "suppression", "suppressed"}, strings.ToLower(heading))
}

// withoutHeader takes away what holds no row of a list: rows without content, and the header, which is the first of the others
// if its first cell is the name of a column as names knows them. Any other first row is one like the rest, so that nothing that
// cannot be read passes for a header. It gives the cells of the header, and the sentence that says so.
func withoutHeader(rows []importer.CellRow, names func(heading string) bool) (rest []importer.CellRow, cells []string, header string) {
	for i, row := range rows {
		filled := slices.DeleteFunc(slices.Clone(row.Cells), func(cell string) bool { return strings.TrimSpace(cell) == "" })
		switch {
		case row.Problem == "" && len(filled) == 0:
		case len(rest) == 0 && header == "" && names(cellAt(row.Cells, 0)):
			cells = row.Cells
			header = fmt.Sprintf("Line %d was taken for the header: %s.", rows[i].Line, clip(oneLine(strings.Join(filled, ", "))))
		default:
			rest = append(rest, row)
		}
	}
	return rest, cells, header
}

// cellAt gives a cell of a row without the spaces around it; empty for one that the row does not have.
func cellAt(cells []string, i int) string {
	if i >= 0 && i < len(cells) {
		return strings.TrimSpace(cells[i])
	}
	return ""
}
