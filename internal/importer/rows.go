package importer

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"

	"cadenza/internal/fault"
)

// CellRow is a row of a short CSV file.
type CellRow struct {
	// Line is the line of the file, from 1, on which it begins: blank lines are no rows, and a cell can have several.
	Line  int
	Cells []string
}

// ReadRows reads a short CSV file whose columns mean what their place says, such as a list of addresses. Commas or semicolons
// stand between its cells.
func ReadRows(r io.Reader) ([]CellRow, error) {
	in := bufio.NewReader(r)
	begin, _ := in.Peek(4096) // a shorter file gives less, and an error that does not matter
	reader := csv.NewReader(in)
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	if line, _, _ := strings.Cut(string(begin), "\n"); strings.Count(line, ";") > strings.Count(line, ",") {
		reader.Comma = ';'
	}
	var rows []CellRow
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fault.Field("file", "invalid", "This is not a CSV file: "+err.Error()+".")
		}
		for i, cell := range cells {
			cells[i] = Unguard(strings.TrimPrefix(cell, "\uFEFF"))
		}
		line, _ := reader.FieldPos(0)
		rows = append(rows, CellRow{Line: line, Cells: cells})
	}
}
