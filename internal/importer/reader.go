package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of a file's shape. Beyond them a row is refused, not the file.
const (
	MaxRow     = 1 << 20  // bytes of UTF-8 text, with its delimiters and line ends
	MaxCell    = 64 << 10 // bytes
	MaxColumns = 500
)

const (
	// maxReread bounds the work that broken quotes cause: each may look ahead over MaxRow before it is known
	// to be broken.
	maxReread = 64 << 20
	// guessedRows is how many rows tell the width of a file without a header.
	guessedRows = 20
	// shownRaw is how much of a broken row is kept to show it.
	shownRaw = 2000
)

// Line is one row of a file as it stands there.
type Line struct {
	// Number is that of the row's first line in the file, from 1.
	Number int
	Cells  []string
}

// RowError says why one row cannot be read. Reading goes on behind it.
type RowError struct {
	Line int
	// Code is stable: "broken_quote", "row_too_long", "cell_too_long", "too_many_columns" or "bad_encoding".
	Code string
	// Text is a sentence for the person.
	Text string
	// Raw is the beginning of the row's first line.
	Raw string
}

// Error returns the line and the sentence.
func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Reader reads a CSV file row by row. It takes at most a few times MaxRow of memory, however large the file.
//
// It is tolerant where the meaning is plain: any line ends, spaces around quoted cells, quotes inside a cell that is
// not quoted, NUL signs, the line "sep=;", blank lines. A quoted cell that does not end as it must makes its row's
// first line a RowError; reading goes on at the very next line, so a stray quote costs one row.
type Reader struct {
	src     io.Reader // UTF-8
	counted *counter  // below the decoder
	f       Format
	delim   string
	header  []string
	queued  []queued // rows read ahead to learn the width

	buf        []byte
	start, end int   // what is read and not yet used
	err        error // of src, when it has ended
	cr         bool  // lines end with CR alone
	line       int   // number of the line at start
	reread     int   // bytes that broken quotes have cost
}

type queued struct {
	line Line
	err  error
}

// Open begins to read r. What f leaves open (Encoding, Delimiter) is found out. The error is a *FileError when the
// file cannot be read as CSV.
func Open(r io.Reader, f Format) (*Reader, error) {
	counted := &counter{r: r}
	source := bufio.NewReaderSize(counted, HeadSize)
	head, err := source.Peek(HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(err)
	}
	if err := Refuse(head); err != nil {
		return nil, err
	}
	f = f.complete(head)
	if f, err = f.check(); err != nil {
		return nil, err
	}
	text, err := f.decoder(source)
	if err != nil {
		return nil, err
	}
	x, err := newReader(text, f)
	if err != nil {
		return nil, err
	}
	x.counted = counted
	return x, nil
}

// complete fills in what is open. An all-zero format is sniffed whole; of others only what is missing.
func (f Format) complete(head []byte) Format {
	if f.Encoding != "" && f.Delimiter != 0 {
		return f
	}
	found := Sniff(head)
	if f == (Format{}) {
		return found
	}
	if f.Encoding == "" {
		f.Encoding = found.Encoding
	}
	if f.Delimiter == 0 {
		f.Delimiter = found.Delimiter
	}
	return f
}

// newReader reads text, which is UTF-8 (or claims to be).
func newReader(text io.Reader, f Format) (*Reader, error) {
	f, err := f.check()
	if err != nil {
		return nil, err
	}
	r := &Reader{src: text, counted: &counter{}, f: f, delim: string(f.Delimiter), buf: make([]byte, HeadSize), line: 1}
	for r.err == nil && r.end < len(r.buf) {
		r.fill()
	}
	r.start += len(r.window()) - len(bytes.TrimPrefix(r.window(), []byte("\uFEFF")))
	r.cr = endsWithCR(r.window(), f.Quote)
	if _, _, ok := delimiterHint(string(r.window()[:min(16, len(r.window()))])); ok {
		if _, next, err := r.lineEnd(0); err == nil {
			r.consume(next, 1)
		}
	}
	if f.HasHeader {
		err = r.readHeader()
	} else {
		r.inventHeader()
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// endsWithCR tells that the lines of text end with CR alone, as old Macs wrote them; the line feeds inside quotes
// do not count.
func endsWithCR(text []byte, quote rune) bool {
	inside, cr := false, false
	for i, b := range text {
		switch {
		case rune(b) == quote:
			inside = !inside
		case inside:
		case b == '\n':
			return false
		case b == '\r' && i+1 < len(text) && text[i+1] != '\n':
			cr = true
		}
	}
	return cr
}

func (r *Reader) readHeader() error {
	line, err := r.next()
	var bad *RowError
	switch {
	case err == io.EOF:
		return &FileError{Code: "empty_file", Text: "The file is empty. Choose a file with at least a header row."}
	case errors.As(err, &bad):
		return &FileError{Code: "bad_header", Text: fmt.Sprintf("The header row (line %d) cannot be read. %s", bad.Line, bad.Text)}
	case err != nil:
		return err
	}
	for i := range line.Cells {
		line.Cells[i] = strings.TrimSpace(line.Cells[i])
	}
	r.header = line.Cells
	return nil
}

// inventHeader names the columns by their numbers, as many as the widest of the first rows has.
func (r *Reader) inventHeader() {
	width := 0
	for len(r.queued) < guessedRows {
		line, err := r.next()
		r.queued = append(r.queued, queued{line, err})
		width = max(width, len(line.Cells))
		if _, row := err.(*RowError); err != nil && !row {
			break
		}
	}
	for i := range width {
		r.header = append(r.header, fmt.Sprintf("Column %d", i+1))
	}
}

// Format returns the format in use, with what was found out.
func (r *Reader) Format() Format { return r.f }

// Header returns the names of the columns, "Column 1" and so on for a file without a header. A name may be empty
// or stand twice.
func (r *Reader) Header() []string { return r.header }

// BytesRead returns how much of the file has been read, in bytes of the file. It runs ahead of the rows by one buffer.
func (r *Reader) BytesRead() int64 { return r.counted.n }

// Next returns the next row that is not a blank line. The error is io.EOF at the end, a *RowError for a row that
// cannot be read (the next call goes on), or a *FileError when nothing more can be read.
func (r *Reader) Next() (Line, error) {
	if len(r.queued) > 0 {
		q := r.queued[0]
		if _, row := q.err.(*RowError); q.err == nil || row {
			r.queued = r.queued[1:] // an end stays
		}
		return q.line, q.err
	}
	return r.next()
}

func (r *Reader) next() (Line, error) {
	for {
		eol, next, err := r.lineEnd(0)
		if err != nil {
			return Line{}, r.skipLongLine()
		}
		cut := r.err != nil && r.err != io.EOF && eol == next // by a failing source: not a row
		if next == 0 || cut {
			return Line{}, r.ending()
		}
		raw := r.window()[:eol]
		if len(bytes.Trim(raw, " \x1a\x00")) == 0 {
			r.consume(next, 1)
			continue
		}
		if r.f.Quote != NoQuote && bytes.IndexByte(raw, byte(r.f.Quote)) >= 0 {
			return r.quotedRow(eol, next)
		}
		line, err := r.finish(raw, strings.Split(string(raw), r.delim))
		r.consume(next, 1)
		return line, err
	}
}

// ending is the error after the last row.
func (r *Reader) ending() error {
	if r.err == io.EOF {
		return io.EOF
	}
	return unreadable(r.err)
}

func unreadable(err error) error {
	return &FileError{Code: "unreadable", Text: "The file could not be read to its end. Upload it again.", Err: err}
}

// finish checks a row that was read whole: raw is its text, cells what it holds.
func (r *Reader) finish(raw []byte, cells []string) (Line, error) {
	if r.f.isUTF8() && !utf8.Valid(raw) {
		return Line{}, r.rowError("bad_encoding", "The row has signs that are not in %s. Save the file in one encoding, or choose the one that it was saved in.", r.f.Encoding)
	}
	if len(cells) > MaxColumns {
		return Line{}, r.rowError("too_many_columns", "The row has %d cells, at most %d are possible. Check the delimiter.", len(cells), MaxColumns)
	}
	nul := bytes.IndexByte(raw, 0) >= 0
	for i, cell := range cells {
		if len(cell) > MaxCell {
			return Line{}, r.rowError("cell_too_long", "Cell %d is longer than %d KiB. Shorten it.", i+1, MaxCell>>10)
		}
		if nul {
			cells[i] = strings.ReplaceAll(cell, "\x00", "")
		}
	}
	return Line{Number: r.line, Cells: cells}, nil
}

// rowError describes the row at start.
func (r *Reader) rowError(code, format string, args ...any) *RowError {
	raw := r.window()
	raw = raw[:min(len(raw), shownRaw)]
	if end := bytes.IndexAny(raw, "\r\n"); end >= 0 {
		raw = raw[:end]
	}
	shown := strings.ReplaceAll(strings.ToValidUTF8(string(dropCutRune(raw)), "\uFFFD"), "\x00", "")
	return &RowError{Line: r.line, Code: code, Text: fmt.Sprintf(format, args...), Raw: shown}
}
