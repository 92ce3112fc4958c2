package importer

import (
	"errors"
	"io"
)

// Preview is the beginning of a file, to check its format and mapping by eye.
type Preview struct {
	// Format is the one in use, with what was found out.
	Format Format
	Header []string
	// Rows are the first rows that can be read; Problems the rows between them that cannot.
	Rows     []Line
	Problems []RowError
}

// Look reads the first n rows of a file. The error is a *FileError when the file cannot be read as CSV.
func Look(r io.Reader, f Format, n int) (Preview, error) {
	x, err := Open(r, f)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Format: x.Format(), Header: x.Header()}
	for len(p.Rows)+len(p.Problems) < n {
		line, err := x.Next()
		var bad *RowError
		switch {
		case err == nil && !isBlank(line.Cells):
			p.Rows = append(p.Rows, line)
		case err == nil:
		case errors.As(err, &bad):
			p.Problems = append(p.Problems, *bad)
		case err == io.EOF:
			return p, nil
		default:
			return p, err
		}
	}
	return p, nil
}
