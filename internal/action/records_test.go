package action_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func newLead(tb testing.TB, app *action.App, actor access.Actor, values record.Values) store.Record {
	tb.Helper()
	r, err := app.CreateRecord(context.Background(), actor, action.RecordInput{Kind: record.Lead, Values: values})
	if err != nil {
		tb.Fatalf("create lead %v: %v", values, err)
	}
	return r
}

func TestRecords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		admin, bob, cy := newUser(t, app, "admin", access.Admin), newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		lead := newLead(t, app, bob, record.Values{"first_name": " Anna ", "last_name": "Schmidt", "email": "Anna@EXAMPLE.com", "value": "1.250,50"})
		got, err := app.GetRecord(ctx, cy, lead.ID)
		wantFault(t, "get", err, "")
		if got.Name() != "Anna Schmidt" || got.Get("email") != "Anna@example.com" || got.Get("value") != "1250.5" ||
			got.OwnerName != "bob" || got.Rev != 1 || got.Get("status") != "open" {
			t.Errorf("created record: %+v", got)
		}
		next, err := app.UpdateRecord(ctx, bob, lead.ID, action.RecordChange{Values: record.Values{"city": "Berlin", "value": ""}, Rev: 1})
		wantFault(t, "update", err, "")
		if next.Rev != 2 || next.Get("city") != "Berlin" || next.Get("value") != "" || next.Get("last_name") != "Schmidt" {
			t.Errorf("updated record: %+v", next)
		}
		for _, try := range []struct {
			what  string
			actor access.Actor
			id    ident.Record
			in    action.RecordChange
			code  fault.Code
		}{
			{"stale", bob, lead.ID, action.RecordChange{Values: record.Values{"city": "Rome"}, Rev: 1}, fault.Stale},
			{"somebody else's", cy, lead.ID, action.RecordChange{Values: record.Values{"city": "Rome"}}, fault.Forbidden},
			{"give away", bob, lead.ID, action.RecordChange{Owner: &cy.ID}, fault.Forbidden},
			{"unknown field", bob, lead.ID, action.RecordChange{Values: record.Values{"shoe_size": "42"}}, fault.Invalid},
			{"nothing left", bob, lead.ID, action.RecordChange{Values: record.Values{"last_name": "", "email": ""}}, fault.Invalid},
			{"bad status", bob, lead.ID, action.RecordChange{Values: record.Values{"status": "sleeping"}}, fault.Invalid},
			{"zero character", bob, lead.ID, action.RecordChange{Values: record.Values{"city": "Ro\x00me"}}, fault.Invalid},
			{"not UTF-8", bob, lead.ID, action.RecordChange{Values: record.Values{"city": "Ro\xffme"}}, fault.Invalid},
			{"unknown record", bob, 4711, action.RecordChange{}, fault.NotFound},
			{"nobody", access.Actor{}, lead.ID, action.RecordChange{}, fault.Unauthenticated},
			{"unknown owner", admin, lead.ID, action.RecordChange{Owner: new(ident.User)}, ""},
		} {
			_, err := app.UpdateRecord(ctx, try.actor, try.id, try.in)
			wantFault(t, try.what, err, try.code)
		}
		stranger := ident.User(999)
		_, err = app.UpdateRecord(ctx, admin, lead.ID, action.RecordChange{Owner: &stranger})
		wantProblem(t, "unknown owner", err, "owner")
		_, err = app.UpdateRecord(ctx, admin, lead.ID, action.RecordChange{Owner: &cy.ID})
		wantFault(t, "an admin gives it to cy", err, "")
	})
}

func TestCreateRecordRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		bob, cy := newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		good := record.Values{"last_name": "Schmidt"}
		_, err := app.CreateRecord(ctx, bob, action.RecordInput{Kind: "dragon", Values: good})
		wantProblem(t, "unknown kind", err, "kind")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Lead, Values: good, Owner: cy.ID})
		wantFault(t, "for somebody else", err, fault.Forbidden)
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Lead, Values: record.Values{"email": "nowhere"}})
		wantProblem(t, "bad address", err, "email")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Opportunity, Values: good})
		wantProblem(t, "opportunity without a name", err, "name")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Lead, Values: good, ExternalKey: strings.Repeat("x", 300)})
		wantProblem(t, "long external key", err, "external_key")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Lead, Values: good, ExternalKey: "L-1"})
		wantFault(t, "with a key", err, "")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Lead, Values: good, ExternalKey: "L-1"})
		wantProblem(t, "the same key again", err, "external_key")
		_, err = app.CreateRecord(ctx, bob, action.RecordInput{Kind: record.Contact, Values: good, ExternalKey: "L-1"})
		wantFault(t, "the same key of another kind", err, "")
	})
}

func TestListRecords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		admin, bob := newUser(t, app, "admin", access.Admin), newUser(t, app, "Bob", access.Seller)
		for i := range 23 {
			owner := admin
			if i%3 == 0 {
				owner = bob
			}
			newLead(t, app, owner, record.Values{
				"first_name": "Ann", "last_name": fmt.Sprintf("Lead%02d", i), "company": fmt.Sprintf("Firm %d", i%4),
				"email": fmt.Sprintf("l%d@example.com", i), "city": []string{"Köln", "Berlin"}[i%2],
			})
		}
		newLead(t, app, admin, record.Values{"last_name": "100%_safe", "company": `Back\slash`})
		for _, sort := range []string{"", "name", "-name", "company", "-company", "owner", "-owner", "created", "-created", "updated", "-updated"} {
			var names []string
			q := store.RecordQuery{Kind: record.Lead, Sort: sort, Limit: 5}
			for pages := 0; ; pages++ {
				page, err := app.ListRecords(ctx, bob, q)
				wantFault(t, "list by "+sort, err, "")
				if page.Total != 24 {
					t.Fatalf("list by %q: total %d, want 24", sort, page.Total)
				}
				for _, r := range page.Rows {
					names = append(names, r.Name())
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
				if pages > 10 {
					t.Fatalf("list by %q does not end", sort)
				}
			}
			if seen := map[string]bool{}; len(names) != 24 {
				t.Errorf("list by %q: %d rows, want 24", sort, len(names))
			} else {
				for _, n := range names {
					if seen[n] {
						t.Errorf("list by %q: %s stands there twice", sort, n)
					}
					seen[n] = true
				}
			}
			if sort == "name" && (names[0] != "100%_safe" || names[1] != "Ann Lead00" || names[23] != "Ann Lead22") {
				t.Errorf("list by name: %v", names)
			}
			if sort == "-owner" && names[0] != "Ann Lead21" {
				t.Errorf("list by owner, reversed: %v", names)
			}
		}
		for _, try := range []struct {
			what string
			q    store.RecordQuery
			want int
		}{
			{"a word", store.RecordQuery{Search: "lead07"}, 1},
			{"words in any order", store.RecordQuery{Search: "BERLIN lead1 firm"}, 5},
			{"an umlaut", store.RecordQuery{Search: "KÖLN"}, 12},
			{"signs of patterns", store.RecordQuery{Search: "0%_s"}, 1},
			{"a pattern that would fit", store.RecordQuery{Search: "L_ad"}, 0},
			{"backslash", store.RecordQuery{Search: `k\s`}, 1},
			{"owner", store.RecordQuery{Owner: bob.ID}, 8},
			{"status", store.RecordQuery{Status: "qualified"}, 0},
			{"connected", store.RecordQuery{Connection: "connected"}, 0},
			{"unconnected", store.RecordQuery{Connection: "unconnected"}, 24},
			{"zero character", store.RecordQuery{Search: "lead07\x00"}, 1},
		} {
			try.q.Kind = record.Lead
			page, err := app.ListRecords(ctx, bob, try.q)
			if err != nil || page.Total != try.want || len(page.Rows) != try.want {
				t.Errorf("%s: %d rows, total %d, %v; want %d", try.what, len(page.Rows), page.Total, err, try.want)
			}
		}
	})
}

func TestListRecordsRefuses(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	bob := newUser(t, app, "bob", access.Seller)
	for i := range 3 {
		newLead(t, app, bob, record.Values{"last_name": fmt.Sprint("Lead", i)})
	}
	first, err := app.ListRecords(ctx, bob, store.RecordQuery{Kind: record.Lead, Limit: 1})
	wantFault(t, "first page", err, "")
	for what, q := range map[string]store.RecordQuery{
		"no cursor at all":      {Cursor: "🙂"},
		"base64 of nothing":     {Cursor: "e30"},
		"cursor of other sort":  {Cursor: first.Next, Sort: "-name"},
		"cursor, and no number": {Cursor: "eyJzIjoiY3JlYXRlZCIsInYiOiJ4IiwiaSI6MX0", Sort: "created"},
	} {
		q.Kind = record.Lead
		_, err := app.ListRecords(ctx, bob, q)
		wantFault(t, what, err, fault.Malformed)
	}
	_, err = app.ListRecords(ctx, bob, store.RecordQuery{Kind: record.Lead, Sort: "shoe_size"})
	wantProblem(t, "unknown sort", err, "sort")
	_, err = app.ListRecords(ctx, bob, store.RecordQuery{Kind: "dragon"})
	wantProblem(t, "unknown kind", err, "kind")
	_, err = app.ListRecords(ctx, bob, store.RecordQuery{Kind: record.Lead, Connection: "perhaps"})
	wantProblem(t, "unknown connection", err, "connection")
	_, err = app.ListRecords(ctx, bob, store.RecordQuery{Kind: record.Lead, Search: strings.Repeat("x", 1000)})
	wantProblem(t, "endless search", err, "search")
	_, err = app.ListRecords(ctx, access.Actor{}, store.RecordQuery{Kind: record.Lead})
	wantFault(t, "nobody", err, fault.Unauthenticated)
}

func TestDeleteRecords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		bob, cy := newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		own, foreign := newLead(t, app, bob, record.Values{"last_name": "Own"}), newLead(t, app, cy, record.Values{"last_name": "Foreign"})
		_, err := app.AddNote(ctx, cy, own.ID, " Called him. ")
		wantFault(t, "note", err, "")
		_, err = app.AddNote(ctx, cy, own.ID, "  ")
		wantProblem(t, "empty note", err, "body")
		_, err = app.AddNote(ctx, cy, 4711, "Hello")
		wantFault(t, "note on nothing", err, fault.NotFound)
		deleted, refused, err := app.DeleteRecords(ctx, bob, []ident.Record{own.ID, foreign.ID, 4711, own.ID})
		wantFault(t, "delete", err, "")
		if deleted != 1 || len(refused) != 2 || refused[0].Code != "forbidden" || refused[1].Code != "not_found" || refused[0].Name != "Foreign" {
			t.Errorf("deleted %d, refused %+v", deleted, refused)
		}
		_, err = app.GetRecord(ctx, bob, own.ID)
		wantFault(t, "get what was deleted", err, fault.NotFound)
		_, _, err = app.DeleteRecords(ctx, newUser(t, app, "eve", access.SequenceManager), []ident.Record{foreign.ID})
		wantFault(t, "without the right", err, fault.Forbidden)
	})
}
