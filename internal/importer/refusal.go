package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	// MaxRefusals is how many refused rows a Result keeps.
	MaxRefusals = 10_000
	// sampleLength is how much of a refused row a Result keeps, in bytes.
	sampleLength = 120
)

// Refusal is a row that was not imported.
type Refusal struct {
	// Line is where the row begins in the file, from 1.
	Line int
	// Code, Field and Text are those of the Outcome; Column is the heading of the column that fills Field.
	Code, Field, Column, Text string
	// Sample is the beginning of the row, to recognise it by.
	Sample string
}

// refuse keeps a refused row, and writes it to the file of refused rows.
func (x *run) refuse(line Line, o Outcome) error {
	header := x.r.Header()
	if len(x.result.Refusals) < MaxRefusals {
		column := ""
		if i := slices.Index(x.mapping, o.Field); i >= 0 && o.Field != "" {
			column = header[i]
		}
		x.result.Refusals = append(x.result.Refusals, Refusal{
			Line: line.Number, Code: o.Code, Field: o.Field, Column: column, Text: o.Text, Sample: sampleOf(line.Cells),
		})
	}
	if x.o.RefusedRows == nil {
		return nil
	}
	if x.refusedRows == nil {
		x.refusedRows = NewWriter(x.o.RefusedRows, WriteOptions{Delimiter: x.r.Format().Delimiter, BOM: true})
		if err := x.refusedRows.Write(slices.Concat(header, []string{"Import line", "Import problem"})); err != nil {
			return fmt.Errorf("write the refused rows: %w", err)
		}
	}
	// A row may be wider than the header; its surplus goes into the last column, so that the reason keeps its own.
	cells := make([]string, len(header), len(header)+2)
	for i, cell := range line.Cells {
		if i < len(cells) {
			cells[i] = Unguard(cell) // Write guards it again
		} else if cell != "" {
			cells[len(cells)-1] += string(x.r.Format().Delimiter) + cell
		}
	}
	if err := x.refusedRows.Write(append(cells, strconv.Itoa(line.Number), o.Text)); err != nil {
		return fmt.Errorf("write the refused rows: %w", err)
	}
	return nil
}

// sampleOf joins the first cells of a row.
func sampleOf(cells []string) string {
	var b strings.Builder
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		if b.WriteString(cell); b.Len() >= sampleLength {
			break
		}
	}
	text := b.String()
	if len(text) > sampleLength {
		text = string(dropCutRune([]byte(text[:sampleLength]))) + "…"
	}
	return text
}
