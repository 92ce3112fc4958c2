package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// BatchSize is how many rows a Sink is given at most; Options.Batch may say fewer.
	BatchSize = 500
	// batchBytes is how much text a batch holds at most: long rows make short batches.
	batchBytes = 4 << 20
)

// Source is a file to import.
type Source struct {
	Reader io.Reader
	// Size is the length in bytes for the progress; zero when not known.
	Size int64
	// Format is how to read the file; the zero value finds out.
	Format Format
}

// Mapping names for each column the key of the field it fills; "" leaves the column out. It may be shorter than the
// header. Guess proposes one.
type Mapping []string

// Row is a row of the file as values of fields.
type Row struct {
	// Line is where the row begins in the file, from 1.
	Line int
	// Values holds every mapped field, without spaces around the text; "" where the file says nothing.
	Values map[string]string
}

// Verdict is what became of a row.
type Verdict string

// The verdicts.
const (
	Created   Verdict = "created"
	Updated   Verdict = "updated"
	Unchanged Verdict = "unchanged"
	Refused   Verdict = "refused"
)

// Outcome is what a Sink did with a row, or would do in a dry run.
type Outcome struct {
	Verdict Verdict
	// Code, Field and Text say why a row is refused: a stable code, the key of the field it is about ("" for the
	// row as a whole) and a sentence for the person.
	Code, Field, Text string
}

// Sink takes the rows of a file in their order.
//
// Apply returns one outcome for each row, in the same order. A bad row is an outcome; an error means that the whole
// batch was not applied, and ends the import. With dryRun nothing is kept.
//
// Recognising a record that exists already, or that came before in the same file (also in an earlier batch, and
// also in a dry run), is the Sink's part.
type Sink interface {
	Apply(ctx context.Context, rows []Row, dryRun bool) ([]Outcome, error)
}

// Progress says how far an import is.
type Progress struct {
	Rows, Refused int
	// Bytes of Total are read. Total is zero when not known.
	Bytes, Total int64
}

// Options are the choices for a Run. The zero value imports.
type Options struct {
	// DryRun asks the Sink to keep nothing.
	DryRun bool
	// Batch is asked before each batch how many rows it may have; nil for BatchSize.
	Batch func() int
	// Progress is called after each batch, in the goroutine of Run.
	Progress func(Progress)
	// RefusedRows gets a CSV file of the refused rows with the original columns, the line and the reason. Nothing
	// is written when no row is refused.
	RefusedRows io.Writer
}

// Result is what became of a file.
type Result struct {
	// Rows counts the rows with anything in them: the sum of the four counts after it. Blank counts the others.
	Rows, Created, Updated, Unchanged, Refused, Blank int
	// Refusals are the first MaxRefusals refused rows; the writer of the Options gets all.
	Refusals []Refusal
	DryRun   bool
}

// Run imports a file. It returns at the end of the file, or early with what was done so far when ctx ends, the Sink
// fails, or the file cannot be read on (a *FileError). Batches that were applied stay applied.
func Run(ctx context.Context, src Source, mapping Mapping, sink Sink, o Options) (Result, error) {
	r, err := Open(src.Reader, src.Format)
	if err != nil {
		return Result{DryRun: o.DryRun}, err
	}
	if err := mapping.check(r.Header()); err != nil {
		return Result{DryRun: o.DryRun}, err
	}
	x := &run{r: r, mapping: mapping, sink: sink, o: o, total: src.Size, result: Result{DryRun: o.DryRun}}
	x.begin()
	err = x.all(ctx)
	if x.refusedRows != nil {
		err = errors.Join(err, x.refusedRows.Flush())
	}
	return x.result, err
}

// check refuses a mapping that does not fit the header.
func (m Mapping) check(header []string) error {
	bad := func(format string, args ...any) error {
		return &FileError{Code: "bad_mapping", Text: fmt.Sprintf(format, args...)}
	}
	if len(m) > len(header) {
		return bad("The mapping has %d columns, the file has %d. Map the columns of this file.", len(m), len(header))
	}
	column := map[string]int{}
	for i, field := range m {
		if other, twice := column[field]; twice && field != "" {
			return bad("Columns %d and %d both fill the field %q. Choose one of them.", other+1, i+1, field)
		}
		column[field] = i
	}
	if delete(column, ""); len(column) == 0 {
		return bad("No column fills a field. Choose a field for at least one column.")
	}
	return nil
}

// run is an import under way.
type run struct {
	r       *Reader
	mapping Mapping
	sink    Sink
	o       Options
	total   int64
	result  Result

	batch       []pending
	full        int // so many rows make a batch
	bytes       int // text in batch
	refusedRows *Writer
}

// pending is a row that waits for its batch: refused already, or for the Sink.
type pending struct {
	line Line
	bad  *RowError
	row  Row
}

func (x *run) all(ctx context.Context) error {
	for {
		line, err := x.r.Next()
		var bad *RowError
		switch {
		case err == io.EOF:
			return x.flush(ctx)
		case errors.As(err, &bad):
			line = Line{Number: bad.Line, Cells: []string{bad.Raw}}
		case err != nil:
			return errors.Join(x.flush(ctx), err)
		}
		if bad == nil && isBlank(line.Cells) {
			x.result.Blank++
			continue
		}
		if err := x.add(ctx, line, bad); err != nil {
			return err
		}
	}
}

// add puts a row into the batch, and flushes a full one.
func (x *run) add(ctx context.Context, line Line, bad *RowError) error {
	p := pending{line: line, bad: bad}
	if width := len(x.r.Header()); bad == nil && len(line.Cells) > width && !isBlank(line.Cells[width:]) {
		p.bad = &RowError{
			Line: line.Number, Code: "too_many_cells",
			Text: fmt.Sprintf("The row has %d cells, the header has %d. A cell that contains the delimiter must be quoted.", len(line.Cells), width),
		}
	}
	if p.bad == nil {
		p.row = x.row(line)
	}
	for _, cell := range line.Cells {
		x.bytes += len(cell)
	}
	x.batch = append(x.batch, p)
	if len(x.batch) < x.full && x.bytes < batchBytes {
		return nil
	}
	return x.flush(ctx)
}

// begin begins a batch.
func (x *run) begin() {
	x.batch, x.bytes, x.full = x.batch[:0], 0, BatchSize
	if x.o.Batch != nil {
		x.full = min(x.o.Batch(), BatchSize)
	}
}

// row takes the mapped cells of a line.
func (x *run) row(line Line) Row {
	row := Row{Line: line.Number, Values: make(map[string]string, len(x.mapping))}
	for i, field := range x.mapping {
		if field == "" {
			continue
		}
		value := ""
		if i < len(line.Cells) {
			value = strings.TrimSpace(Unguard(line.Cells[i]))
		}
		row.Values[field] = value
	}
	return row
}

// flush hands the batch to the Sink and counts what became of it.
func (x *run) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var rows []Row
	for _, p := range x.batch {
		if p.bad == nil {
			rows = append(rows, p.row)
		}
	}
	var outcomes []Outcome
	if len(rows) > 0 {
		var err error
		if outcomes, err = x.sink.Apply(ctx, rows, x.o.DryRun); err != nil {
			return fmt.Errorf("import lines %d to %d: %w", rows[0].Line, rows[len(rows)-1].Line, err)
		}
		if len(outcomes) != len(rows) {
			return fmt.Errorf("import lines %d to %d: %d outcomes for %d rows", rows[0].Line, rows[len(rows)-1].Line, len(outcomes), len(rows))
		}
	}
	for _, p := range x.batch {
		o := Outcome{Verdict: Refused}
		if p.bad != nil {
			o.Code, o.Text = p.bad.Code, p.bad.Text
		} else {
			o, outcomes = outcomes[0], outcomes[1:]
		}
		if err := x.count(p.line, o); err != nil {
			return err
		}
	}
	x.begin()
	if x.o.Progress != nil {
		x.o.Progress(Progress{Rows: x.result.Rows, Refused: x.result.Refused, Bytes: x.r.BytesRead(), Total: x.total})
	}
	return nil
}

func (x *run) count(line Line, o Outcome) error {
	x.result.Rows++
	switch o.Verdict {
	case Created:
		x.result.Created++
	case Updated:
		x.result.Updated++
	case Unchanged:
		x.result.Unchanged++
	case Refused:
		x.result.Refused++
		return x.refuse(line, o)
	default:
		return fmt.Errorf("import line %d: unknown verdict %q", line.Number, o.Verdict)
	}
	return nil
}

func isBlank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}
