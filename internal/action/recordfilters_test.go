package action

import (
	"fmt"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestFilteredRecords narrows a list of records by filters by fields, over more pages than one.
func TestFilteredRecords(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		big := h.filter(h.admin, true, "Big", record.Opportunity, fieldIs("value", record.AtLeast, "1000"))
		h.filter(h.anna, false, "Of Acme", record.Opportunity, fieldIs("account.name", record.Equals, "Acme"))
		h.filter(h.anna, false, "Leads", record.Lead, fieldIs("value", record.Filled))
		h.savedFilter(h.anna, false, "Big ones, later", "due=all&filter="+big.ID.String())
		acme, err := h.app.CreateRecord(h.ctx, h.anna, RecordInput{Kind: record.Account, Values: record.Values{"name": "Acme"}})
		if err != nil {
			t.Fatal(err)
		}
		err = h.db.Write(h.ctx, func(tx *store.Tx) error {
			for i := range 210 { // the one that is big comes after a page of others
				values := record.Values{"name": fmt.Sprintf("Deal %03d", i), "value": "10", "status": "open"}
				if i == 205 || i == 207 {
					values["value"] = "5000"
				}
				if i == 207 {
					values["account"] = acme.ID.String()
				}
				if _, err := tx.InsertRecord(record.Record{Kind: record.Opportunity, Owner: h.anna.ID, Values: values}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		list := func(limit int, names ...string) string {
			rows, more, err := h.app.FilteredRecords(h.ctx, h.anna, store.RecordQuery{Kind: record.Opportunity, Sort: "name", Limit: limit}, names, nil)
			said := ""
			for _, r := range rows {
				said += r.Name() + " "
			}
			return fmt.Sprint(said, more, err)
		}
		same(t, "all", list(1), "Deal 000 true <nil>")
		same(t, "big", list(5, "Big"), "Deal 205 Deal 207 false <nil>")
		same(t, "big, one at most", list(1, "big"), "Deal 205 true <nil>")
		same(t, "of a related record", list(5, "Big", "Of Acme"), "Deal 207 false <nil>")
		same(t, "saved", list(5, "Big ones, later"), "Deal 205 Deal 207 false <nil>")
		for name, q := range map[string]store.RecordQuery{"Leads": {Kind: record.Opportunity, Limit: 1}, "nonsense": {Kind: record.Opportunity, Limit: 1}, "Big": {Kind: record.Opportunity, Limit: 201}} {
			_, _, err := h.app.FilteredRecords(h.ctx, h.anna, q, []string{name}, nil)
			refused(t, name, err, fault.Invalid)
		}
		rows, _, err := h.app.FilteredRecords(h.ctx, h.anna, store.RecordQuery{Kind: record.Opportunity, Account: ident.Record(acme.ID), Limit: 1, Activities: NextOnCard}, []string{"Of Acme"}, nil)
		if err != nil || len(rows) != 1 || rows[0].Values["account.name"] != "" {
			t.Errorf("the values of a related record stay with the record: %+v, %v", rows, err)
		}
	})
}
