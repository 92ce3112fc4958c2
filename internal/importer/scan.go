package importer

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

var errLongLine = errors.New("line too long")

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

// Read reads and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// window is what is read and not yet used. Offsets below are into it.
func (r *Reader) window() []byte { return r.buf[r.start:r.end] }

// fill reads more into the window, or sets err.
func (r *Reader) fill() {
	if r.start > 0 {
		r.end = copy(r.buf, r.window())
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.buf = slices.Grow(r.buf, len(r.buf))
		r.buf = r.buf[:cap(r.buf)]
	}
	for range 100 { // a reader may read nothing for a while, but not for ever
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if r.err = err; n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

// consume leaves n bytes of the window behind, which were so many lines of the file.
func (r *Reader) consume(n, lines int) {
	r.start += n
	r.line += lines
}

// lineEnd finds the end of the line that begins at offset from: eol is where its text ends, next where the line
// after it begins. At the end of the file both are the end of the window.
func (r *Reader) lineEnd(from int) (eol, next int, err error) {
	mark := byte('\n')
	if r.cr {
		mark = '\r'
	}
	searched := from
	for {
		w := r.window()
		if i := bytes.IndexByte(w[searched:], mark); i >= 0 {
			eol, next = searched+i, searched+i+1
			break
		}
		searched = len(w)
		if searched > MaxRow {
			return 0, 0, errLongLine
		}
		if r.err != nil {
			eol, next = searched, searched
			break
		}
		r.fill()
	}
	for w := r.window(); eol > from && w[eol-1] == '\r'; {
		eol--
	}
	if next > MaxRow {
		return 0, 0, errLongLine
	}
	return eol, next, nil
}

// skipLongLine leaves a line behind that is longer than MaxRow and says so.
func (r *Reader) skipLongLine() error {
	bad := r.rowError("row_too_long", "The row is longer than %d MiB. Check the line ends and the quotes.", MaxRow>>20)
	mark := "\n"
	if r.cr {
		mark = "\r"
	}
	for {
		if i := bytes.IndexByte(r.window(), mark[0]); i >= 0 {
			r.consume(i+1, 1)
			return bad
		}
		r.consume(len(r.window()), 0)
		if r.err != nil {
			return bad
		}
		r.fill()
	}
}

// rowScan reads a row in which quotes stand.
type rowScan struct {
	r         *Reader
	i         int // offset of the next byte
	eol, next int // of the line that i is in
	lines     int // lines used so far
	text      []byte
	ends      []int // where cells end in text
}

var (
	errOpenQuote  = errors.New("open quote")
	errAfterQuote = errors.New("text after quote")
)

// quotedRow reads the row at start, whose first line ends at eol. When its quotes do not work out, only that first
// line is left behind.
func (r *Reader) quotedRow(eol, next int) (Line, error) {
	s := rowScan{r: r, eol: eol, next: next, lines: 1, text: make([]byte, 0, eol)}
	for more := true; more; {
		var err error
		if more, err = s.cell(); err != nil {
			return Line{}, r.brokenRow(err, next, s.next)
		}
		s.ends = append(s.ends, len(s.text))
	}
	all := string(s.text)
	cells, from := make([]string, len(s.ends)), 0
	for i, end := range s.ends {
		cells[i], from = all[from:end], end
	}
	line, err := r.finish(r.window()[:s.next], cells)
	r.consume(s.next, s.lines)
	return line, err
}

// brokenRow leaves the first line behind, which ends at next; the quotes were followed to offset seen.
func (r *Reader) brokenRow(cause error, next, seen int) error {
	var bad *RowError
	switch cause {
	case errAfterQuote:
		bad = r.rowError("broken_quote", "Text follows a closing quote. A quote inside a quoted cell must be written twice.")
	case errOpenQuote:
		bad = r.rowError("broken_quote", "A quoted cell begins here and does not end. Add the closing quote.")
	default:
		bad = r.rowError("row_too_long", "A quoted cell begins here and the row is longer than %d MiB. Check the quotes.", MaxRow>>20)
		seen = MaxRow
	}
	r.consume(next, 1)
	if r.reread += seen - next; r.reread > maxReread {
		return &FileError{Code: "broken_quotes", Text: "Too many rows have broken quotes. Check which sign quotes the cells, or choose no quotes."}
	}
	return bad
}

// cell reads one cell and tells whether a delimiter, and so another cell, follows.
func (s *rowScan) cell() (more bool, err error) {
	w := s.r.window()[:s.eol]
	if start := s.skipSpaces(w, s.i); start < len(w) && w[start] == byte(s.r.f.Quote) {
		s.i = start + 1
		return s.quotedCell()
	}
	rest := w[s.i:]
	at := bytes.Index(rest, []byte(s.r.delim))
	if at < 0 {
		s.text = append(s.text, rest...)
		s.i = s.eol
		return false, nil
	}
	s.text = append(s.text, rest[:at]...)
	s.i += at + len(s.r.delim)
	return true, nil
}

// skipSpaces returns the offset of the first sign from i on that is no space; a tab may be the delimiter.
func (s *rowScan) skipSpaces(w []byte, i int) int {
	for i < len(w) && (w[i] == ' ' || w[i] == '\t') && s.r.delim[0] != w[i] {
		i++
	}
	return i
}

// quotedCell reads on behind the opening quote.
func (s *rowScan) quotedCell() (more bool, err error) {
	quote := byte(s.r.f.Quote)
	for {
		w := s.r.window()[:s.eol]
		at := s.special(w[s.i:], quote)
		if at < 0 {
			s.text = append(s.text, w[s.i:]...)
			if err := s.nextLine(); err != nil {
				return false, err
			}
			continue
		}
		s.text = append(s.text, w[s.i:s.i+at]...)
		s.i += at + 1
		following := byte(0)
		if s.i < len(w) {
			following = w[s.i]
		}
		switch {
		case w[s.i-1] != quote && (following == quote || following == '\\'), // a backslash and what it protects
			w[s.i-1] == quote && following == quote: // a quote written twice
			s.text = append(s.text, following)
			s.i++
		case w[s.i-1] != quote:
			s.text = append(s.text, '\\')
		default:
			return s.afterQuote(w)
		}
	}
}

// special finds the next sign that means something inside quotes.
func (s *rowScan) special(text []byte, quote byte) int {
	if s.r.f.Backslash {
		return bytes.IndexAny(text, string([]byte{quote, '\\'}))
	}
	return bytes.IndexByte(text, quote)
}

// afterQuote reads what follows a closing quote: spaces, and then a delimiter or the end of the row.
func (s *rowScan) afterQuote(w []byte) (more bool, err error) {
	s.i = s.skipSpaces(w, s.i)
	if s.i == len(w) {
		return false, nil
	}
	if !bytes.HasPrefix(w[s.i:], []byte(s.r.delim)) {
		return false, errAfterQuote
	}
	s.i += len(s.r.delim)
	return true, nil
}

// nextLine goes on to the next line of a quoted cell. Whatever ends lines in the file, the cell has a line feed.
func (s *rowScan) nextLine() error {
	s.text = append(s.text, '\n')
	s.i = s.next
	eol, next, err := s.r.lineEnd(s.next)
	if err != nil {
		return err
	}
	if next == s.next { // the file has ended
		return errOpenQuote
	}
	s.eol, s.next = eol, next
	s.lines++
	return nil
}
