package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestLineNumbers(t *testing.T) {
	t.Parallel()
	file := "sep=,\n\nName,Notes\nA,\"two\nlines\"\n\n\"broken,x\nB,y\n"
	r, err := Open(strings.NewReader(file), Format{})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for {
		line, err := r.Next()
		var bad *RowError
		if err == io.EOF {
			break
		} else if errors.As(err, &bad) {
			got = append(got, -bad.Line)
			if bad.Raw != `"broken,x` {
				t.Errorf("raw text %q", bad.Raw)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, line.Number)
	}
	if want := []int{4, -7, 8}; !slices.Equal(got, want) {
		t.Errorf("lines %v, want %v", got, want)
	}
}

func TestFormatIsChecked(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]Format{
		"unknown encoding":  {Encoding: "klingon", Delimiter: ','},
		"delimiter a quote": {Encoding: UTF8, Delimiter: '"'},
		"delimiter a line":  {Encoding: UTF8, Delimiter: '\n'},
		"quote not plain":   {Encoding: UTF8, Delimiter: ',', Quote: '«'},
		"quote a line":      {Encoding: UTF8, Delimiter: ',', Quote: '\n'},
	} {
		var bad *FileError
		if _, err := Open(strings.NewReader("a,b\n"), f); !errors.As(err, &bad) || bad.Code != "bad_format" {
			t.Errorf("%s: %v, want bad_format", name, err)
		}
	}
	for _, c := range Encodings() {
		r, err := Open(strings.NewReader("a,b\n"), Format{Encoding: c.Name, Delimiter: ','})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		} else if r.Format().Encoding != c.Name {
			t.Errorf("%s became %s", c.Name, r.Format().Encoding)
		}
	}
}

// What a person sets is kept, also where Sniff would decide otherwise.
func TestChosenFormat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    Format
		file string
		want string
	}{
		"delimiter": {Format{Delimiter: ';', HasHeader: true}, "a,b\n1,2;3\n", "a,b|1,2¦3"},
		"no header": {Format{Encoding: UTF8, Delimiter: ','}, "Name,City\nA,B\n", "Column 1¦Column 2|Name¦City\nA¦B"},
		"no quotes": {Format{Encoding: UTF8, Delimiter: ',', Quote: NoQuote, HasHeader: true}, "a,b\n\"x,y\n", `a¦b|"x¦y`},
		"encoding":  {Format{Encoding: "iso-8859-2", Delimiter: ',', HasHeader: true}, "a,b\n\xB3,\xB1\n", "a¦b|ł¦ą"},
		"wide":      {Format{Encoding: UTF8, Delimiter: '¬', HasHeader: true}, "a¬b\n\"x¬\"¬y\n", "a¦b|x¬¦y"},
	} {
		r, err := Open(strings.NewReader(c.file), c.f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(r.Header(), "¦") + "|" + drain(t, r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A source that fails ends the file with an error, not with a cut row.
func TestFailingSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken wire")
	r, err := Open(&trickle{text: "Name,City\n" + strings.Repeat("Anna,Rome\n", 10_000) + "Bo", sizes: []int{5000}, fail: broken}, Format{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		if _, err = r.Next(); err != nil {
			break
		}
		rows++
	}
	var bad *FileError
	if rows != 10_000 || !errors.As(err, &bad) || bad.Code != "unreadable" || !errors.Is(err, broken) {
		t.Errorf("%d rows, then %v", rows, err)
	}
	if _, err := Open(&trickle{fail: broken, sizes: []int{1}}, Format{}); !errors.Is(err, broken) {
		t.Errorf("Open: %v", err)
	}
}

// A file made to have every quote looked after in vain must be given up, not read for hours.
func TestHostileQuotes(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("z", 4000) + `a",",b` + "\n"
	r, err := Open(strings.NewReader("x,y\n"+strings.Repeat(line, 4000)), Format{Encoding: UTF8, Delimiter: ',', HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := r.Next()
		var bad *FileError
		if errors.As(err, &bad) {
			if bad.Code != "broken_quotes" {
				t.Errorf("ended with %v", err)
			}
			return
		}
		if err == io.EOF {
			t.Fatal("read to the end")
		}
	}
}

// Memory is bounded by the row, not by the file.
func TestMemoryIsBounded(t *testing.T) {
	row := strings.Repeat("x", 200) + ",\"" + strings.Repeat("y", 200) + "\"\n"
	r, err := Open(io.LimitReader(&endless{row: row}, 200<<20), Format{Encoding: UTF8, Delimiter: ','})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if _, bad := err.(*RowError); err != nil && !bad {
			t.Fatal(err)
		}
		rows++
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if len(r.buf) > 256<<10 || m.HeapSys > 100<<20 {
		t.Errorf("%d rows: a buffer of %d bytes, a heap of %d MiB", rows, len(r.buf), m.HeapSys>>20)
	}
}

// endless gives a row again and again.
type endless struct {
	row  string
	rest string
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if e.rest == "" {
			e.rest = e.row
		}
		k := copy(p[n:], e.rest)
		n, e.rest = n+k, e.rest[k:]
	}
	return n, nil
}

// Whatever is written by the rules of CSV is read back as it was.
func TestReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	cell := rapid.StringOfN(rapid.SampledFrom([]rune("ab1 ,;\t|\"'\n=+-é漢")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 8).Draw(t, "rows")
		f := Format{Encoding: UTF8, Delimiter: rapid.SampledFrom(Delimiters()).Draw(t, "delimiter"), HasHeader: true}
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Comma, w.UseCRLF = f.Delimiter, rapid.Bool().Draw(t, "CRLF")
		header := make([]string, width)
		for i := range header {
			header[i] = fmt.Sprint("h", i)
		}
		w.Write(header)
		w.WriteAll(rows)
		r, err := Open(&file, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range rows {
			if isBlank([]string{strings.Join(want, "")}) && width == 1 {
				continue // a blank line, or a quoted blank
			}
			line, err := r.Next()
			for err == nil && width == 1 && isBlank(line.Cells) {
				line, err = r.Next()
			}
			// Unquoted spaces in front of a quote are the one thing we read more kindly; csv.Writer quotes them.
			if err != nil || !slices.Equal(line.Cells, want) {
				t.Fatalf("read %q, %v; want %q", line.Cells, err, want)
			}
		}
	})
}

func FuzzSniff(f *testing.F) {
	for _, s := range shapes() {
		f.Add([]byte(s.file[:min(len(s.file), 2000)]))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got := Sniff(head)
		if _, err := got.check(); err != nil {
			t.Errorf("Sniff(%q) = %+v, which cannot be used: %v", head, got, err)
		}
		if again := Sniff(head); again != got {
			t.Errorf("Sniff(%q) = %+v, then %+v", head, got, again)
		}
	})
}

func FuzzReader(f *testing.F) {
	for _, s := range shapes() {
		f.Add([]byte(s.file[:min(len(s.file), 2000)]), byte(0))
	}
	f.Fuzz(func(t *testing.T, file []byte, choice byte) {
		format := Format{}
		if choice > 0 {
			format = Format{
				Encoding:  Encodings()[int(choice)%len(Encodings())].Name,
				Delimiter: Delimiters()[int(choice/16)%4], Backslash: choice%3 == 0, HasHeader: choice%2 == 0,
			}
		}
		whole, err := readAll(bytes.NewReader(file), format)
		pieces, err2 := readAll(&trickle{text: string(file), sizes: []int{1, 7, 2}}, format)
		if whole != pieces || (err == nil) != (err2 == nil) {
			t.Errorf("in one piece %q, %v; in many %q, %v", whole, err, pieces, err2)
		}
	})
}

// readAll reads a file and checks what must hold for any.
func readAll(src io.Reader, f Format) (string, error) {
	r, err := Open(src, f)
	if err != nil {
		if _, ok := err.(*FileError); !ok {
			panic(fmt.Sprintf("%T is no *FileError", err))
		}
		return "", err
	}
	var all strings.Builder
	before := 0
	for {
		line, err := r.Next()
		number := line.Number
		switch bad := err.(type) {
		case nil:
			if len(line.Cells) == 0 || len(line.Cells) > MaxColumns {
				panic(fmt.Sprintf("line %d has %d cells", number, len(line.Cells)))
			}
		case *RowError:
			number = bad.Line
		default:
			if err == io.EOF {
				err = nil
			}
			return all.String(), err
		}
		if number <= before {
			panic(fmt.Sprintf("line %d after line %d", number, before))
		}
		before = number
		fmt.Fprintf(&all, "%d %q %v\n", number, line.Cells, err)
	}
}

func BenchmarkReader(b *testing.B) {
	for name, row := range map[string]string{
		"plain":  "Anna,Meier,anna.meier@test.local,Example Ltd,Head of sales,+49 30 123456,Berlin,DE\n",
		"quoted": "\"Anna\",\"Meier\",\"anna.meier@test.local\",\"Example, Ltd\",\"Head of sales\",\"+49 30 123456\",\"Berlin\",\"DE\"\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(row)))
			r, err := Open(&endless{row: row}, Format{Encoding: UTF8, Delimiter: ','})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
