package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// ledger is a Sink that knows records by their email, as the real one does.
type ledger struct {
	records map[string]map[string]string
	batches []int
	dryRuns int
	after   func(batch int) error // called at the end of each batch
}

var _ Sink = (*ledger)(nil)

func (l *ledger) Apply(_ context.Context, rows []Row, dryRun bool) ([]Outcome, error) {
	l.batches = append(l.batches, len(rows))
	if dryRun {
		l.dryRuns++
	}
	var outcomes []Outcome
	for _, row := range rows {
		outcomes = append(outcomes, l.apply(row.Values))
	}
	if l.after != nil {
		if err := l.after(len(l.batches)); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

func (l *ledger) apply(values map[string]string) Outcome {
	email := values["email"]
	if !strings.Contains(email, "@") {
		return Outcome{Refused, "bad_email", "email", "This is no email address."}
	}
	before, known := l.records[email]
	if l.records == nil {
		l.records = map[string]map[string]string{}
	}
	l.records[email] = values
	switch {
	case !known:
		return Outcome{Verdict: Created}
	case fmt.Sprint(before) == fmt.Sprint(values):
		return Outcome{Verdict: Unchanged}
	}
	return Outcome{Verdict: Updated}
}

const leads = "Vorname;E-Mail;Notiz;Firma\r\n" +
	"Anna; anna@test.local ;x;'=Evil\r\n" +
	"Bob;bob;\"two\nlines\";\r\n" +
	";;;\r\n" +
	"\"Eve;eve@test.local;;\r\n" +
	"Anna;anna@test.local;x;'=Evil\r\n" +
	"Carl;carl@test.local\r\n" +
	"Dora;dora@test.local;;Ltd;more\r\n" +
	"Anna;anna@test.local;;Other\r\n"

var leadsMapping = Mapping{"first_name", "email", "", "company"}

func TestRun(t *testing.T) {
	t.Parallel()
	var refused bytes.Buffer
	var progress []Progress
	sink := &ledger{}
	got, err := Run(t.Context(), Source{Reader: strings.NewReader(leads), Size: int64(len(leads))}, leadsMapping, sink,
		Options{DryRun: true, RefusedRows: &refused, Progress: func(p Progress) { progress = append(progress, p) }})
	if err != nil {
		t.Fatal(err)
	}
	want := Result{Rows: 7, Created: 2, Updated: 1, Unchanged: 1, Refused: 3, Blank: 1, DryRun: true, Refusals: []Refusal{
		{3, "bad_email", "email", "E-Mail", "This is no email address.", "Bob, bob, two\nlines"},
		{6, "broken_quote", "", "", "A quoted cell begins here and does not end. Add the closing quote.", "\"Eve;eve@test.local;;"},
		{9, "too_many_cells", "", "", "The row has 5 cells, the header has 4. A cell that contains the delimiter must be quoted.", "Dora, dora@test.local, Ltd, more"},
	}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("result\n%+v, want\n%+v", got, want)
	}
	if sink.dryRuns != 1 || !slices.Equal(sink.batches, []int{5}) {
		t.Errorf("batches %v, of them dry %d", sink.batches, sink.dryRuns)
	}
	if got := fmt.Sprint(sink.records["carl@test.local"]); got != "map[company: email:carl@test.local first_name:Carl]" {
		t.Errorf("Carl became %s", got)
	}
	wantRefused := "\uFEFFVorname;E-Mail;Notiz;Firma;Import line;Import problem\n" +
		"Bob;bob;\"two\nlines\";;3;This is no email address.\n" +
		"\"\"\"Eve;eve@test.local;;\";;;;6;A quoted cell begins here and does not end. Add the closing quote.\n" +
		"Dora;dora@test.local;;\"Ltd;more\";9;" + want.Refusals[2].Text + "\n"
	if refused.String() != wantRefused {
		t.Errorf("refused rows\n%q, want\n%q", refused.String(), wantRefused)
	}
	if p := progress[len(progress)-1]; p != (Progress{7, 3, int64(len(leads)), int64(len(leads))}) {
		t.Errorf("progress %+v", p)
	}
}

// The same file twice changes nothing, and what was refused can be mended in its own file.
func TestRunAgain(t *testing.T) {
	t.Parallel()
	sink := &ledger{}
	file := "First name,Email,Company\nAnna,anna@test.local,\"=A, B\"\nBob,bob,'=C\n"
	mapping := Mapping(Guess([]string{"First name", "Email", "Company"}, leadFields))
	var refused bytes.Buffer
	for i, want := range []Result{{Rows: 2, Created: 1, Refused: 1}, {Rows: 2, Unchanged: 1, Refused: 1}} {
		refused.Reset()
		got, err := Run(t.Context(), Source{Reader: strings.NewReader(file)}, mapping, sink, Options{RefusedRows: &refused})
		if got.Refusals = nil; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("time %d: %+v, %v; want %+v", i+1, got, err, want)
		}
	}
	mended := strings.Replace(refused.String(), "bob,", "bob@test.local,", 1)
	p, err := Look(strings.NewReader(mended), Format{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	mapping = Guess(p.Header, leadFields)
	got, err := Run(t.Context(), Source{Reader: strings.NewReader(mended)}, mapping, sink, Options{})
	if err != nil || got.Created != 1 || got.Rows != 1 || sink.records["bob@test.local"]["company"] != "=C" {
		t.Errorf("mended: %+v, %v; Bob is %v", got, err, sink.records["bob@test.local"])
	}
}

func TestRunBatchesAndBounds(t *testing.T) {
	t.Parallel()
	const rows = MaxRefusals + 1250
	file := "Email\n" + strings.Repeat("nobody\n", rows)
	sink, last := &ledger{}, Progress{}
	var refused bytes.Buffer
	got, err := Run(t.Context(), Source{Reader: strings.NewReader(file)}, Mapping{"email"}, sink,
		Options{RefusedRows: &refused, Progress: func(p Progress) {
			if p.Rows < last.Rows || p.Bytes < last.Bytes || p.Rows-last.Rows > BatchSize {
				t.Errorf("progress %+v after %+v", p, last)
			}
			last = p
		}})
	if err != nil || got.Refused != rows || len(got.Refusals) != MaxRefusals || last.Rows != rows {
		t.Errorf("refused %d, kept %d, last progress %+v, %v", got.Refused, len(got.Refusals), last, err)
	}
	if n := strings.Count(refused.String(), "\n"); n != rows+1 {
		t.Errorf("the file of refused rows has %d lines, want %d", n, rows+1)
	}
	// Long rows make short batches.
	sink = &ledger{}
	file = "Email,Notes\n" + strings.Repeat("a@test.local,"+strings.Repeat("x", MaxCell)+"\n", 200)
	if _, err := Run(t.Context(), Source{Reader: strings.NewReader(file)}, Mapping{"email"}, sink, Options{}); err != nil {
		t.Fatal(err)
	}
	if biggest := slices.Max(sink.batches); biggest > 64 || len(sink.batches) < 4 {
		t.Errorf("batches %v", sink.batches)
	}
}

func TestRunEndsEarly(t *testing.T) {
	t.Parallel()
	file := "Email\n" + strings.Repeat("a@test.local\n", 20*BatchSize) // longer than what is read ahead
	broken := errors.New("database gone")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, c := range map[string]struct {
		after func(int) error
		src   io.Reader
		want  error
		rows  int
	}{
		"cancelled": {func(n int) error {
			if n == 2 {
				cancel()
			}
			return nil
		}, strings.NewReader(file), context.Canceled, 2 * BatchSize},
		"sink fails": {func(n int) error {
			if n == 3 {
				return broken
			}
			return nil
		}, strings.NewReader(file), broken, 2 * BatchSize},
		"file fails": {nil, io.MultiReader(strings.NewReader(file[:len(file)-6]), failing{broken}), broken, 20*BatchSize - 1},
	} {
		ctx := ctx
		if name != "cancelled" {
			ctx = t.Context()
		}
		got, err := Run(ctx, Source{Reader: c.src}, Mapping{"email"}, &ledger{after: c.after}, Options{})
		if !errors.Is(err, c.want) || got.Rows != c.rows {
			t.Errorf("%s: %d rows, %v; want %d, %v", name, got.Rows, err, c.rows, c.want)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// liar is a Sink that breaks its promise.
type liar struct{ outcomes []Outcome }

func (l liar) Apply(context.Context, []Row, bool) ([]Outcome, error) { return l.outcomes, nil }

func TestRunRefusesABrokenSink(t *testing.T) {
	t.Parallel()
	for _, outcomes := range [][]Outcome{nil, {{}}, {{Verdict: Created}, {Verdict: Created}}} {
		src := Source{Reader: strings.NewReader("Email\na@test.local\n")}
		if got, err := Run(t.Context(), src, Mapping{"email"}, liar{outcomes}, Options{}); err == nil {
			t.Errorf("outcomes %v were taken: %+v", outcomes, got)
		}
	}
}

func TestMappingIsChecked(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Mapping{
		"nothing mapped":    {"", "", ""},
		"no mapping":        nil,
		"a field twice":     {"email", "", "email"},
		"more than columns": {"email", "", "", "phone"},
	} {
		var bad *FileError
		_, err := Run(t.Context(), Source{Reader: strings.NewReader("a,b,c\n1,2,3\n")}, m, &ledger{}, Options{})
		if !errors.As(err, &bad) || bad.Code != "bad_mapping" {
			t.Errorf("%s: %v, want bad_mapping", name, err)
		}
	}
	if _, err := Run(t.Context(), Source{Reader: strings.NewReader("a,b,c\na@b,2,3\n")}, Mapping{"email"}, &ledger{}, Options{}); err != nil {
		t.Errorf("a short mapping: %v", err)
	}
}

func TestRefusedRowsCannotBeWritten(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), Source{Reader: strings.NewReader("Email\nx\n")}, Mapping{"email"}, &ledger{}, Options{RefusedRows: full{}})
	if !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	p, err := Look(strings.NewReader(leads), Format{}, 4)
	if err != nil || len(p.Header) != 4 || len(p.Rows) != 3 || len(p.Problems) != 1 || p.Format.Delimiter != ';' {
		t.Errorf("Look = %+v, %v", p, err)
	}
	if p, err := Look(strings.NewReader("a,b\n1,2\n"), Format{}, 4); err != nil || len(p.Rows) != 1 {
		t.Errorf("a short file: %+v, %v", p, err)
	}
	if _, err := Look(strings.NewReader(""), Format{}, 4); err == nil {
		t.Error("an empty file was taken")
	}
}

// nowhere takes rows as fast as a Sink can.
type nowhere struct{ outcomes [BatchSize]Outcome }

func (n *nowhere) Apply(_ context.Context, rows []Row, _ bool) ([]Outcome, error) {
	for i := range rows {
		n.outcomes[i].Verdict = Created
	}
	return n.outcomes[:len(rows)], nil
}

func BenchmarkRun(b *testing.B) {
	row := "Anna,Meier,anna.meier@test.local,\"Example, Ltd\",Head of sales,+49 30 123456,Berlin,DE\n"
	src := Source{
		Reader: io.LimitReader(&endless{row: row}, int64(b.N*len(row))),
		Format: Format{Encoding: UTF8, Delimiter: ','},
	}
	mapping := Mapping{"first_name", "last_name", "email", "company", "job_title", "phone", "city", "country"}
	b.ReportAllocs()
	b.SetBytes(int64(len(row)))
	if got, err := Run(b.Context(), src, mapping, &nowhere{}, Options{}); err != nil || got.Created != b.N {
		b.Fatal(got, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
