package action_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/importer"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

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
