package store_test

import (
	"context"
	"fmt"
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// BenchmarkListRecords measures pages of a list of a million records (design, section 7: under 100 ms).
func BenchmarkListRecords(b *testing.B) {
	for _, database := range []struct {
		name string
		open func(testing.TB, store.Options) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(database.name, func(b *testing.B) {
			ctx, db := context.Background(), database.open(b, store.Options{})
			filling := db.NewRecordImport(record.Lead, 0, func(ident.User) bool { return true })
			for from := 0; from < 1_000_000; from += 5000 {
				rows := make([]store.ImportRow, 5000)
				for i := range rows {
					n := from + i
					rows[i] = store.ImportRow{Values: record.Values{
						"first_name": fmt.Sprintf("Anna%d", n%9973), "last_name": fmt.Sprintf("Schmidt%d", n),
						"company": fmt.Sprintf("Company %d", n%5000), "email": fmt.Sprintf("a%d@example.com", n), "city": "Berlin",
					}}
				}
				if _, err := filling.Apply(ctx, rows, false); err != nil {
					b.Fatal(err)
				}
			}
			if err := filling.Finish(ctx); err != nil {
				b.Fatal(err)
			}
			for name, q := range map[string]store.RecordQuery{
				"by name": {}, "by company reversed": {Sort: "-company"}, "by owner": {Sort: "owner"}, "newest": {Sort: "-created"},
				"a common word": {Search: "anna"}, "a rare word": {Search: "schmidt999999"}, "no such word": {Search: "nobody"},
				"unconnected": {Connection: "unconnected"}, "connected": {Connection: "connected"}, "a status that none has": {Status: "qualified"}, "the usual status, newest": {Status: "open", Sort: "-created"},
			} {
				b.Run(name, func(b *testing.B) {
					q.Kind = record.Lead
					for b.Loop() {
						if err := db.Read(ctx, func(tx *store.Tx) error {
							page, err := tx.ListRecords(q)
							if err == nil && page.Next != "" {
								again := q
								again.Cursor = page.Next
								_, err = tx.ListRecords(again)
							}
							return err
						}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
