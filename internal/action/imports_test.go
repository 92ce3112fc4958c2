package action_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// importNow imports a text and gives the counts as "created updated unchanged refused".
func importNow(t *testing.T, app *action.App, actor access.Actor, kind record.Kind, text string, s action.ImportSettings) (string, importer.Result) {
	t.Helper()
	r, err := app.ImportNow(context.Background(), actor, kind, strings.NewReader(text), s, false, nil)
	if err != nil {
		t.Fatalf("import %q: %v", text, err)
	}
	return fmt.Sprint(r.Created, r.Updated, r.Unchanged, r.Refused), r
}

func TestImportNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		app := newApp(t, db)
		admin := newUser(t, app, "admin", access.Admin)
		newUser(t, app, "Bob Baker", access.Seller)
		for _, pass := range []struct{ what, file, want string }{
			{"new", "Vorname;Nachname;Firma;E-Mail;Besitzer\nAnna;Schmidt;A GmbH;anna@example.com;bob.baker@test.example\nBen;Weiß;B AG;;Bob Baker\n;;Only Firm;;\n", "3 0 0 0"},
			{"the same again", "Vorname;Nachname;Firma;E-Mail;Besitzer\nAnna;Schmidt;A GmbH;anna@example.com;bob.baker@test.example\nBen;Weiß;B AG;;Bob Baker\n;;Only Firm;;\n", "0 0 3 0"},
			{"empty cells change nothing, others do", "Email,City,Company\nANNA@example.com,Berlin,\n", "0 1 0 0"},
			{"a row that comes twice in a file", "Last name,Email,City\nZapf,zapf@example.com,Rome\nZapf,zapf@example.com,Rome\nZapf,zapf@example.com,Bonn\n", "1 1 1 0"},
			{"namesakes of other companies", "Last name,Company\nNeu,One\nNeu,Two\n", "2 0 0 0"},
			{"refused rows", "Last name,Email,Value,Owner\nA,nowhere,1,\nB,b@example.com,many,\nC,c@example.com,1,nobody\n,,1,\nD,d@example.com,1,\n", "1 0 0 4"},
			{"status is left alone", "Email,Last name\nd@example.com,Dee\n", "0 1 0 0"},
		} {
			if got, r := importNow(t, app, admin, record.Lead, pass.file, action.ImportSettings{}); got != pass.want {
				t.Errorf("%s: got %s, want %s; %+v", pass.what, got, pass.want, r.Refusals)
			}
		}
		page, err := app.ListRecords(context.Background(), admin, store.RecordQuery{Kind: record.Lead, Search: "anna"})
		if err != nil || page.Total != 1 || page.Rows[0].OwnerName != "Bob Baker" || page.Rows[0].Get("company") != "A GmbH" || page.Rows[0].Get("city") != "Berlin" {
			t.Errorf("after the imports: %+v %v", page, err)
		}
	})
}

func TestImportByKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		app := newApp(t, db)
		admin := newUser(t, app, "admin", access.Admin)
		for _, pass := range []struct{ what, file, want string }{
			{"with an address only", "Last name,Email\nSchmidt,team@example.com\n", "1 0 0 0"},
			{"the key is added to the one with the address", "External key,Last name,Email\nK1,Schmidt,team@example.com\n", "0 1 0 0"},
			{"another key with the same address is another record", "External key,Last name,Email\nK2,Meier,team@example.com\n", "1 0 0 0"},
			{"the key alone finds it", "External key,Stage\nK2,qualify\n", "0 1 0 0"},
			{"the key alone makes no record", "External key,Stage\nK3,qualify\n", "0 0 0 1"},
			{"a new address of a known key", "External key,Email\nK1,new@example.com\nK1,new@example.com\n", "0 1 1 0"},
			{"the address is now ambiguous", "Last name,Email\nOther,team@example.com\nOther,other@example.com\n", "1 1 0 0"},
			{"a key that is too long", "External key,Last name\n" + strings.Repeat("x", 300) + ",Long\n", "0 0 0 1"},
		} {
			if got, r := importNow(t, app, admin, record.Lead, pass.file, action.ImportSettings{}); got != pass.want {
				t.Errorf("%s: got %s, want %s; %+v", pass.what, got, pass.want, r.Refusals)
			}
		}
		for range 2 {
			newLead(t, app, admin, record.Values{"last_name": "Twin", "email": "twin@example.com"})
		}
		got, r := importNow(t, app, admin, record.Lead, "Last name,Email\nTwin,twin@example.com\n", action.ImportSettings{})
		if got != "0 0 0 1" || r.Refusals[0].Code != "ambiguous" || r.Refusals[0].Column != "Email" {
			t.Errorf("two records with one address: %s %+v", got, r.Refusals)
		}
	})
}

func TestImportRights(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		app := newApp(t, db)
		admin, bob := newUser(t, app, "admin", access.Admin), newUser(t, app, "bob", access.Seller)
		newLead(t, app, admin, record.Values{"last_name": "Foreign", "email": "foreign@example.com"})
		file := "Last name,Email,Owner\nForeign,foreign@example.com,\nMine,mine@example.com,bob\nGiven,given@example.com,admin\n"
		got, r := importNow(t, app, bob, record.Lead, file, action.ImportSettings{})
		if got != "1 0 0 2" || r.Refusals[0].Code != "forbidden" || r.Refusals[1].Code != "forbidden" {
			t.Errorf("a seller's import: %s %+v", got, r.Refusals)
		}
		_, err := app.ImportNow(context.Background(), access.Actor{}, record.Lead, strings.NewReader(file), action.ImportSettings{}, false, nil)
		wantFault(t, "nobody", err, fault.Unauthenticated)
	})
}

// started runs the background work of an app until the test ends.
func started(t *testing.T, app *action.App) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// ended waits until an import is no longer under way. It asks again whenever the database changed.
func ended(t *testing.T, app *action.App, actor access.Actor, id ident.Import) action.ImportView {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	for {
		v, err := app.GetImport(ctx, actor, id)
		wantFault(t, "get import", err, "")
		if v.State != action.ImportRunning && v.State != action.ImportChecking {
			return v
		}
	}
}

func TestBackgroundImport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		started(t, app)
		bob, cy := newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		file := "First name;Last name;Email;Shoe size\nAnna;Schmidt;anna@example.com;42\nBad;Row;nowhere;43\nBen;Weiß;ben@example.com;44\n"
		v, err := app.UploadImport(ctx, bob, record.Lead, `C:\files\leads.csv`, strings.NewReader(file))
		wantFault(t, "upload", err, "")
		if v.FileName != "leads.csv" || v.State != action.ImportUploaded || v.Settings.Delimiter != ";" || len(v.Sample) != 3 ||
			strings.Join(v.Settings.Mapping, ",") != "first_name,last_name,email," || len(v.Fields) < 10 {
			t.Errorf("uploaded import: %+v", v)
		}
		_, err = app.GetImport(ctx, cy, v.ID)
		wantFault(t, "a colleague looks", err, fault.Forbidden)
		_, err = app.SetImportMapping(ctx, bob, v.ID, action.ImportSettings{Mapping: []string{"first_name", "first_name"}})
		wantProblem(t, "one field twice", err, "mapping/1")
		_, err = app.SetImportMapping(ctx, bob, v.ID, action.ImportSettings{Mapping: []string{"dragon"}})
		wantProblem(t, "unknown field", err, "mapping/0")
		_, err = app.SetImportMapping(ctx, bob, v.ID, action.ImportSettings{Delimiter: ";;"})
		wantProblem(t, "bad delimiter", err, "delimiter")
		_, err = app.SetImportMapping(ctx, bob, v.ID, action.ImportSettings{Encoding: "klingon"})
		wantProblem(t, "unknown encoding", err, "file")
		v, err = app.SetImportMapping(ctx, bob, v.ID, action.ImportSettings{Mapping: []string{"first_name", "last_name", "email", "city"}})
		wantFault(t, "mapping", err, "")
		for _, pass := range []struct {
			what string
			dry  bool
			want action.ImportState
		}{{"check", true, action.ImportChecked}, {"run", false, action.ImportDone}} {
			_, err = app.StartImport(ctx, bob, v.ID, pass.dry)
			wantFault(t, pass.what, err, "")
			v = ended(t, app, bob, v.ID)
			if v.State != pass.want || v.Counts != (action.ImportCounts{Rows: 3, Created: 2, Refused: 1}) || v.Progress != 100 ||
				len(v.Refused) != 1 || v.Refused[0].Line != 3 || v.Refused[0].Column != "Email" {
				t.Errorf("%s: %+v", pass.what, v)
			}
			page, err := app.ListRecords(ctx, bob, store.RecordQuery{Kind: record.Lead})
			if want := map[bool]int{true: 0, false: 2}[pass.dry]; err != nil || page.Total != want {
				t.Errorf("%s: %d records, %v; want %d", pass.what, page.Total, err, want)
			}
		}
		var refused strings.Builder
		wantFault(t, "refused rows", app.ImportRefusedCSV(ctx, bob, v.ID, &refused), "")
		if !strings.Contains(refused.String(), "Bad;Row;nowhere;43;3;") {
			t.Errorf("refused rows: %q", refused.String())
		}
		_, err = app.StartImport(ctx, bob, v.ID, false)
		wantFault(t, "run again", err, fault.Conflict)
		_, err = app.CancelImport(ctx, bob, v.ID)
		wantFault(t, "cancel what has ended", err, fault.Conflict)
		list, err := app.ListImports(ctx, cy)
		if err != nil || len(list) != 0 {
			t.Errorf("a colleague's list: %+v %v", list, err)
		}
	})
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	bob := newUser(t, app, "bob", access.Seller)
	for what, file := range map[string]string{"nothing": "", "a workbook": "PK\x03\x04rest", "JSON": `[{"a":1}]`, "a web page": "<!DOCTYPE html><html>"} {
		_, err := app.UploadImport(ctx, bob, record.Lead, "leads.csv", strings.NewReader(file))
		wantProblem(t, what, err, "file")
	}
	_, err := app.UploadImport(ctx, bob, "dragon", "leads.csv", strings.NewReader("Name\nx\n"))
	wantProblem(t, "unknown kind", err, "kind")
	_, err = app.UploadImport(ctx, bob, record.Lead, "leads.csv", io.LimitReader(endless{}, 300<<20))
	wantFault(t, "endless file", err, fault.TooLarge)
}

// endless is a file of one letter.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestCancelledAndInterrupted cancels an import before its turn, and lets a server stop in the middle of another one.
func TestCancelledAndInterrupted(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	bob := newUser(t, app, "bob", access.Seller)
	upload := func() action.ImportView {
		v, err := app.UploadImport(ctx, bob, record.Lead, "leads.csv", strings.NewReader(leads(3000)))
		wantFault(t, "upload", err, "")
		return v
	}
	first, second := upload(), upload()
	for _, v := range []action.ImportView{first, second} {
		_, err := app.StartImport(ctx, bob, v.ID, false)
		wantFault(t, "start", err, "")
	}
	v, err := app.CancelImport(ctx, bob, first.ID)
	if err != nil || v.State != action.ImportCancelled {
		t.Errorf("cancel: %+v %v", v, err)
	}
	// Another App on the same database is the server after a restart.
	restarted := newApp(t, db)
	started(t, restarted)
	v = ended(t, restarted, bob, second.ID)
	if v.State != action.ImportFailed || !strings.Contains(v.Trouble, "stopped") {
		t.Errorf("after a restart: %+v", v)
	}
	started(t, app)
	for range 2 {
		_, err = app.StartImport(ctx, bob, second.ID, false)
		wantFault(t, "start again", err, "")
		if v = ended(t, app, bob, second.ID); v.State != action.ImportDone || v.Counts.Rows != 3000 {
			t.Errorf("started again: %+v", v)
		}
		second = upload() // the same file once more
	}
	if v.Counts.Unchanged != 3000 {
		t.Errorf("the same file twice: %+v", v.Counts)
	}
}

// leads writes a file of n leads.
func leads(n int) string {
	var b strings.Builder
	b.WriteString("First name,Last name,Company,Email,Phone,City,Country,Value,External ID\n")
	for i := range n {
		fmt.Fprintf(&b, "Anna%d,Schmidt,Company %d,anna%d@example%d.com,030 90%05d,Berlin,Germany,%d,L-%d\n", i, i%500, i, i%500, i%100000, i*10, i)
	}
	return b.String()
}

// BenchmarkImport measures rows per second of a file of 100,000 rows, first new and then known.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	file := leads(rows)
	for _, kind := range []struct {
		name string
		open func(testing.TB, store.Options) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) {
			app := newApp(b, kind.open(b, store.Options{}))
			admin := newUser(b, app, "admin", access.Admin)
			for _, pass := range []string{"new", "known"} {
				b.Run(pass, func(b *testing.B) {
					for b.Loop() {
						result, err := app.ImportNow(context.Background(), admin, record.Lead, strings.NewReader(file), action.ImportSettings{}, false, func(importer.Progress) {})
						if err != nil || result.Refused > 0 || result.Rows != rows {
							b.Fatalf("import: %v, %+v", err, result)
						}
					}
					b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		})
	}
}
