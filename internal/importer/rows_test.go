package importer_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"cadenza/internal/fault"
	"cadenza/internal/importer"
)

// row and broken are rows as they must be read.
func row(line int, cells ...string) importer.CellRow {
	return importer.CellRow{Line: line, Cells: cells}
}

func broken(line int, problem string) importer.CellRow {
	return importer.CellRow{Line: line, Problem: problem}
}

const (
	openQuote = "A quoted cell begins here and does not end. Add the closing quote."
	mixed     = "The row has signs that are not in utf-8. Save the file in one encoding, or choose the one that it was saved in."
)

func TestReadRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []importer.CellRow
	}{
		"nothing between":        {"a,1\nb,2\n", []importer.CellRow{row(1, "a", "1"), row(2, "b", "2")}},
		"blank lines":            {"\n\na\n\n\nb\n", []importer.CellRow{row(3, "a"), row(6, "b")}},
		"blank lines of Windows": {"a\r\n\r\nb\r\n", []importer.CellRow{row(1, "a"), row(3, "b")}},
		"a cell of two lines":    {"\"a\nb\",x\nc,y", []importer.CellRow{row(1, "a\nb", "x"), row(3, "c", "y")}},
		"a mark of bytes":        {"\uFEFFa\nb", []importer.CellRow{row(1, "a"), row(2, "b")}},
		"nothing":                {"", nil},
		"white space":            {"\r\n \n", nil},
		"semicolons":             {"a;1\nb;2\n", []importer.CellRow{row(1, "a", "1"), row(2, "b", "2")}},
		"a tab":                  {"a@x.test\tby phone\n", []importer.CellRow{row(1, "a@x.test", "by phone")}},
		"a quote left open": {
			"email,note\nq1@x.test,\"asked by phone\nq2@x.test,\nq3@x.test,\n",
			[]importer.CellRow{row(1, "email", "note"), broken(2, openQuote), row(3, "q2@x.test", ""), row(4, "q3@x.test", "")},
		},
		"a quote left open in the first row":             {"\"a,1\nb,2\n", []importer.CellRow{broken(1, openQuote), row(2, "b", "2")}},
		"a quote left open in the first row, semicolons": {"a;\"1\nb;2\nc;3\n", []importer.CellRow{broken(1, openQuote), row(2, "b", "2"), row(3, "c", "3")}},
		"two quotes left open": {
			"a,\"1\nb,2\nc,\"3\nd,4\n",
			[]importer.CellRow{broken(1, "Text follows a closing quote. A quote inside a quoted cell must be written twice."), row(2, "b", "2"), broken(3, openQuote), row(4, "d", "4")},
		},
		"Western European":  {"info@b\xfccher.example,\nk\xf6nig.example,\n", []importer.CellRow{row(1, "info@bücher.example", ""), row(2, "könig.example", "")}},
		"UTF-16":            {"\xFF\xFEa\x00,\x00\xfc\x00\n\x00b\x00", []importer.CellRow{row(1, "a", "ü"), row(2, "b")}},
		"two encodings":     {"bücher.example\nk\xf6nig.example\n", []importer.CellRow{row(1, "bücher.example"), broken(2, mixed)}},
		"guarded cells":     {"'@a.test,1\n'@b.test,2\n'@c.test,3\n'@d.test,4\n", []importer.CellRow{row(1, "@a.test", "1"), row(2, "@b.test", "2"), row(3, "@c.test", "3"), row(4, "@d.test", "4")}},
		"empty cells alone": {"a,1\n,\n", []importer.CellRow{row(1, "a", "1"), row(2, "", "")}},
	} {
		rows, err := importer.ReadRows(strings.NewReader(c.text))
		if got, want := fmt.Sprintf("%#v", rows), fmt.Sprintf("%#v", c.want); err != nil || got != want {
			t.Errorf("%s: %q gives\n%s, %v; want\n%s", name, c.text, got, err, want)
		}
	}
}

// TestReadRowsRefusesFiles holds that what is no list is refused as a whole, and that a list that cannot be read to its end is
// not taken for a shorter one.
func TestReadRowsRefusesFiles(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]io.Reader{
		"not_csv":    strings.NewReader("PK\x03\x04\x14\x00\x06\x00"),
		"unreadable": io.MultiReader(strings.NewReader("a\nb\n"), iotest.ErrReader(errors.New("cut off"))),
	} {
		rows, err := importer.ReadRows(r)
		if problems := fault.ProblemsOf(err); rows != nil || len(problems) != 1 || problems[0].Field != "file" || problems[0].Code != name {
			t.Errorf("%s: got %v, %v", name, rows, err)
		}
	}
}

// FuzzReadRows holds that without quotes, which alone may join lines, each line that is not blank is a row, read or refused.
func FuzzReadRows(f *testing.F) {
	for _, text := range []string{"a,1\nb,2\n", "email;note\n\nx\r\n ; \r\n", "a\tb\r\x1a\n", "b\xfccher\n", "a\rb\rc", "sep=;\na;b\n", "ü\n\xfc\n", strings.Repeat("x,", 600)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.NewReplacer(`"`, "", "'", "", "\x00", "").Replace(text) // zero bytes would be UTF-16
		if strings.HasPrefix(text, "\xFF\xFE") || strings.HasPrefix(text, "\xFE\xFF") || strings.TrimSpace(text) == "" {
			return
		}
		rows, err := importer.ReadRows(strings.NewReader(text))
		if err != nil {
			return // the whole file was refused, with a reason
		}
		text = strings.TrimPrefix(text, "\uFEFF")
		end := "\n"
		if !strings.Contains(text, "\n") {
			end = "\r"
		}
		var want []int
		for i, line := range strings.Split(text, end) {
			hint := i == 0 && strings.HasPrefix(line, "sep=") // the line in which Excel says what stands between cells
			if strings.Trim(strings.TrimRight(line, "\r"), " \x1a") != "" && !hint {
				want = append(want, i+1)
			}
		}
		var got []int
		for _, r := range rows {
			if (r.Problem == "") != (len(r.Cells) > 0) {
				t.Errorf("%q: row %+v is neither read nor refused", text, r)
			}
			if r.Line > 1 || !strings.HasPrefix(text, "sep=") {
				got = append(got, r.Line)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: rows begin on lines %v, want %v", text, got, want)
		}
	})
}
