package importer

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		// formulas
		`=1+1`:                       `'=1+1`,
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`,
		`+cmd|' /C calc'!A0`:         `'+cmd|' /C calc'!A0`,
		`-2+3+cmd|' /C calc'!A0`:     `'-2+3+cmd|' /C calc'!A0`,
		`@SUM(A1:A9)`:                `'@SUM(A1:A9)`,
		"\t=1":                       "'\t=1",
		"\r=1":                       "'\r=1",
		"\n=1":                       "'\n=1",
		"  =1":                       "'  =1",
		"＝1":                         "'＝1",
		"-":                          "'-",
		"- none -":                   "'- none -",
		"+49 30 1234 ext. 5":         "'+49 30 1234 ext. 5",
		// numbers and phone numbers
		"-5":                "-5",
		"+5":                "+5",
		"-1.234,50":         "-1.234,50",
		"-12 %":             "-12 %",
		"+49 30 1234":       "+49 30 1234",
		"+1 (555) 010-9999": "+1 (555) 010-9999",
		// what is left alone
		"":                "",
		"Anna":            "Anna",
		"a=b":             "a=b",
		"anna@test.local": "anna@test.local",
		"'quoted'":        "'quoted'",
		"O'Neil":          "O'Neil",
		// what looks guarded is guarded again, or it could not be told apart
		"'=1": "''=1",
	} {
		if got := Guard(cell); got != want {
			t.Errorf("Guard(%q) = %q, want %q", cell, got, want)
		}
		if back := Unguard(want); back != cell {
			t.Errorf("Unguard(%q) = %q, want %q", want, back, cell)
		}
	}
}

func TestUnguardUndoesGuard(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("'=+-@\t\r\n 1a(＝"))), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		want := cell.Draw(t, "cell")
		if got := Unguard(Guard(want)); got != want {
			t.Fatalf("%q became %q and then %q", want, Guard(want), got)
		}
		if isFormula(Guard(want)) {
			t.Fatalf("Guard(%q) = %q is a formula", want, Guard(want))
		}
	})
}

func rowsOf(rows ...[]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	rows := rowsOf([]string{"Anna; M.", "=1"}, []string{"two\nlines", `say "hi"`})
	for name, c := range map[string]struct {
		o    WriteOptions
		want string
	}{
		"plain":     {WriteOptions{}, "Name,Note\nAnna; M.,'=1\n\"two\nlines\",\"say \"\"hi\"\"\"\n"},
		"for Excel": {WriteOptions{Delimiter: ';', BOM: true}, "\uFEFFName;Note\n\"Anna; M.\";'=1\n\"two\nlines\";\"say \"\"hi\"\"\"\n"},
	} {
		var file bytes.Buffer
		if err := WriteCSV(&file, []string{"Name", "Note"}, rows, c.o); err != nil {
			t.Fatal(err)
		}
		if got := file.String(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	broken := errors.New("broken")
	failing := func(yield func([]string, error) bool) { yield(nil, broken) }
	if err := WriteCSV(&bytes.Buffer{}, []string{"Name"}, failing, WriteOptions{}); !errors.Is(err, broken) {
		t.Errorf("failing rows: %v", err)
	}
	for _, header := range []string{"Name", strings.Repeat("Name", 4096)} {
		if err := WriteCSV(full{}, []string{header}, rows, WriteOptions{BOM: true}); !errors.Is(err, errFull) {
			t.Errorf("full disk: %v", err)
		}
	}
}

var errFull = errors.New("disk full")

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
