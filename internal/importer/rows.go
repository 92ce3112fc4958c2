package importer

import (
	"bufio"
	"errors"
	"io"

	"cadenza/internal/fault"
)

// CellRow is a row of a short CSV file.
type CellRow struct {
	// Line is the line of the file, from 1, on which it begins: blank lines are no rows, and a cell can have several.
	Line  int
	Cells []string
	// Problem is a sentence that says why the row cannot be read; it has no cells then. Empty for a row that was read.
	Problem string
}

// ReadRows reads a short CSV file whose columns mean what their place says, such as a list of addresses. Its encoding and what
// stands between its cells are found out, as for any other file. Whether the first row holds names is for the caller to say,
// who knows the names.
//
// Invariant: no line is lost without a word. Each that is not blank is in a row that was read or in one with a problem; held by
// FuzzReadRows.
func ReadRows(r io.Reader) ([]CellRow, error) {
	in := bufio.NewReaderSize(r, HeadSize)
	head, _ := in.Peek(HeadSize) // a shorter file gives less, and Open meets any other error again
	f := Sniff(head)
	f.HasHeader = false
	file, err := Open(in, f)
	var bad *FileError
	if errors.As(err, &bad) && bad.Code == "empty_file" {
		return nil, nil
	}
	var rows []CellRow
	for err == nil {
		var line Line
		line, err = file.Next()
		var broken *RowError
		switch {
		case errors.As(err, &broken):
			rows, err = append(rows, CellRow{Line: broken.Line, Problem: broken.Text}), nil
		case err == nil:
			for i, cell := range line.Cells {
				line.Cells[i] = Unguard(cell)
			}
			rows = append(rows, CellRow{Line: line.Number, Cells: line.Cells})
		}
	}
	if errors.As(err, &bad) {
		return nil, fault.Field("file", bad.Code, bad.Text)
	}
	if err != io.EOF {
		return nil, err
	}
	return rows, nil
}
