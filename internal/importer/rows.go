package importer

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"

	"cadenza/internal/fault"
)

// ReadRows reads a short CSV file whose columns mean what their place says, such as a list of addresses. Commas or semicolons
// stand between its cells.
func ReadRows(r io.Reader) ([][]string, error) {
	in := bufio.NewReader(r)
	begin, _ := in.Peek(4096) // a shorter file gives less, and an error that does not matter
	reader := csv.NewReader(in)
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	if line, _, _ := strings.Cut(string(begin), "\n"); strings.Count(line, ";") > strings.Count(line, ",") {
		reader.Comma = ';'
	}
	var rows [][]string
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fault.Field("file", "invalid", "This is not a CSV file: "+err.Error()+".")
		}
		for i, cell := range row {
			row[i] = Unguard(strings.TrimPrefix(cell, "\uFEFF"))
		}
		rows = append(rows, row)
	}
}
