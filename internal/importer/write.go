package importer

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// WriteOptions are the choices for a CSV file. The zero value is UTF-8 with commas and no byte order mark.
type WriteOptions struct {
	// Delimiter stands between cells; zero means a comma.
	Delimiter rune
	// BOM begins the file with a byte order mark. Excel takes a file for UTF-8 only with one.
	BOM bool
}

// Writer writes a CSV file that a spreadsheet opens without running anything: see Guard.
type Writer struct {
	csv  *csv.Writer
	w    io.Writer
	bom  bool
	safe []string
}

// NewWriter writes to w. Nothing is written before the first row.
func NewWriter(w io.Writer, o WriteOptions) *Writer {
	x := &Writer{csv: csv.NewWriter(w), w: w, bom: o.BOM}
	if o.Delimiter != 0 {
		x.csv.Comma = o.Delimiter
	}
	return x
}

// Write writes one row, each cell guarded.
func (w *Writer) Write(cells []string) error {
	if w.bom {
		w.bom = false
		if _, err := io.WriteString(w.w, "\uFEFF"); err != nil {
			return err
		}
	}
	w.safe = w.safe[:0]
	for _, cell := range cells {
		w.safe = append(w.safe, Guard(cell))
	}
	return w.csv.Write(w.safe)
}

// Flush writes what is buffered and returns the first error of all writes.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// WriteCSV writes a whole file: the header and then all rows. It stops at the first error of rows or of w.
func WriteCSV(w io.Writer, header []string, rows iter.Seq2[[]string, error], o WriteOptions) error {
	x := NewWriter(w, o)
	if err := x.Write(header); err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	for cells, err := range rows {
		if err != nil {
			return err
		}
		if err := x.Write(cells); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	if err := x.Flush(); err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	return nil
}

// Guard returns the cell so that no spreadsheet takes it for a formula: a cell whose first sign, after spaces, is
// = + - @ or their full-width twins, or that begins with a tab or a line end, gets an apostrophe in front.
//
// Left as they are: a + or - before nothing but digits and the signs of numbers and phone numbers (space . , ( ) / - %),
// such as -5, -1.234,50, +49 30 1234 and +1 (555) 010-9999. Such a cell can name no function, cell or program,
// and an apostrophe would spoil it for every other reader of the file.
//
// Unguard takes the apostrophe off again, so what we export we import unchanged. To make that exact, a cell that
// already begins with apostrophes before such a sign gets one more.
func Guard(cell string) string {
	if isFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Unguard undoes Guard.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

func isFormula(cell string) bool {
	if cell == "" {
		return false
	}
	if strings.IndexByte("\t\r\n", cell[0]) >= 0 {
		return true
	}
	cell = strings.TrimLeft(cell, " \u00A0")
	first, size := utf8.DecodeRuneInString(cell)
	switch first {
	case '=', '@', '＝', '＠', '＋', '－':
		return true
	case '+', '-':
		return !isNumber(cell[size:])
	}
	return false
}

// isNumber tells that nothing but a number or a phone number follows a sign.
func isNumber(s string) bool {
	digits := 0
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits++
		case strings.IndexByte(" .,()/-%", s[i]) < 0:
			return false
		}
	}
	return digits > 0
}
