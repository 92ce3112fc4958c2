package store_test

import (
	"context"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := context.Background(), db.Sessions()
		find := func(token, want string) {
			t.Helper()
			data, found, err := s.FindCtx(ctx, token)
			if err != nil || string(data) != want || found != (want != "") {
				t.Errorf("find %s: %q %v %v, want %q", token, data, found, err, want)
			}
		}
		check := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		before := db.Changes()
		check("save", s.CommitCtx(ctx, "one", []byte("first"), time.Now().Add(time.Hour)))
		check("save again", s.CommitCtx(ctx, "one", []byte("second"), time.Now().Add(time.Hour)))
		check("save an expired one", s.Commit("two", []byte("old"), time.Now().Add(-time.Second)))
		find("one", "second")
		find("two", "")
		find("three", "")
		check("delete expired", s.DeleteExpired(ctx))
		find("one", "second")
		check("delete", s.Delete("one"))
		check("delete again", s.DeleteCtx(ctx, "one"))
		find("one", "")
		if db.Changes() != before {
			t.Error("a session counts as a change that people see")
		}
	})
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for _, database := range []func(testing.TB, store.Options) *store.DB{storetest.SQLite, storetest.Postgres} {
		clock := now
		db := database(t, store.Options{Now: func() time.Time { return clock }})
		ctx := context.Background()
		reserve := func(what string, user ident.User, key, hash, want string, code fault.Code) {
			t.Helper()
			reply, err := db.ReserveKey(ctx, user, key, hash)
			got := ""
			if reply != nil {
				got = string(reply.Body)
			}
			if got != want || fault.CodeOf(err) != code || code == "" && err != nil {
				t.Errorf("%s: got %q %v, want %q %q", what, got, err, want, code)
			}
		}
		reserve("first", 1, "k", "hash", "", "")
		reserve("while the first is under way", 1, "k", "hash", "", fault.Conflict)
		reserve("of another user", 2, "k", "hash", "", "")
		if err := db.KeepReply(ctx, 1, "k", store.Reply{Status: 201, Body: []byte("made")}); err != nil {
			t.Fatal(err)
		}
		reserve("the same again", 1, "k", "hash", "made", "")
		reserve("another request", 1, "k", "other hash", "", fault.Invalid)
		for _, user := range []ident.User{1, 2} {
			if err := db.DropKey(ctx, user, "k"); err != nil {
				t.Fatal(err)
			}
		}
		reserve("a kept reply is not dropped", 1, "k", "hash", "made", "")
		reserve("a dropped key is free", 2, "k", "other hash", "", "")
		clock = now.Add(25 * time.Hour)
		reserve("a day later", 1, "k", "other hash", "", "")
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := store.NewFolder(dir, "imports")
	if _, err := f.Open("a.csv"); !fault.Is(err, fault.NotFound) {
		t.Errorf("open before anything was saved: %v", err)
	}
	if n, err := f.Save("../../a.csv", strings.NewReader("12345"), 5); n != 5 || err != nil {
		t.Fatalf("save: %d %v", n, err)
	}
	if _, err := f.Save("b.csv", strings.NewReader("123456"), 5); !fault.Is(err, fault.TooLarge) {
		t.Errorf("save too much: %v", err)
	}
	if _, err := f.Open("b.csv"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what was too large is still there: %v", err)
	}
	r, err := f.Open("a.csv")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if string(text) != "12345" || err != nil {
		t.Errorf("read %q %v", text, err)
	}
	for range 2 {
		if err := f.Remove("a.csv"); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if _, err := store.NewFolder("/proc/none", "imports").Save("a.csv", strings.NewReader("x"), 5); !fault.Is(err, fault.Unavailable) {
		t.Errorf("save where nothing can be saved: %v", err)
	}
}

func TestMergeValues(t *testing.T) {
	t.Parallel()
	lead := record.Record{Kind: record.Lead, Values: record.Values{"first_name": "Zoë", "last_name": "Zapf"}}
	values := store.MergeValues(lead, nil, store.User{Name: "Bob Baker"}, "bob@test.example", "Inbound")
	for _, field := range []struct{ tag, want string }{
		{"{{ first_name }}", "Zoë"},
		{"{{ record.first_name }}", "Zoë"},
		{"{{ record.name }}", "Zoë Zapf"},
		{"{{ name }}", "Zoë Zapf"},
		{"{{ sender.name }}", "Bob Baker"},
		{"{{ sender.first_name }}", "Bob"},
		{"{{ sender.email }}", "bob@test.example"},
		{"{{ sequence.name }}", "Inbound"},
		{"{{ company | default: \"?\" }}", "?"},
	} {
		tpl, err := merge.Parse(field.tag)
		if err != nil {
			t.Fatal(err)
		}
		if got, missing := tpl.FillLine(values); got != field.want || len(missing) > 0 {
			t.Errorf("%s: got %q, missing %v, want %q", field.tag, got, missing, field.want)
		}
		if unknown := tpl.Unknown(func(name string) bool { return store.KnownMergeField(record.Lead, name) }); len(unknown) > 0 {
			t.Errorf("%s: unknown %v", field.tag, unknown)
		}
	}
	if store.KnownMergeField(record.Lead, "close_date") || !store.KnownMergeField("", "close_date") || store.KnownMergeField("", "shoe_size") {
		t.Error("a field of other kinds: only templates for every kind may use it")
	}
}

func TestOrganisation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		check := func(want store.Organisation) {
			t.Helper()
			if err := db.Read(ctx, func(tx *store.Tx) error {
				got, err := tx.Organisation()
				if !reflect.DeepEqual(got, want) {
					t.Errorf("organisation %+v, want %+v", got, want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		check(store.DefaultOrganisation())
		next := store.Organisation{Name: "Test", Zone: "Europe/Berlin", Rev: 7, Hours: store.Hours{6: {
			{From: 9*time.Hour + 30*time.Minute, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 24 * time.Hour},
		}}}
		if err := db.Write(ctx, func(tx *store.Tx) error { return tx.SaveOrganisation(next) }); err != nil {
			t.Fatal(err)
		}
		check(next)
		old := `{"name":"Old","zone":"UTC","days":[false,true,false,false,false,false,false],"from_minutes":540,"to_minutes":1080}`
		if err := db.Exec(ctx, `update settings set value = '`+old+`' where name = 'organisation'`); err != nil {
			t.Fatal(err)
		}
		check(store.Organisation{Name: "Old", Zone: "UTC", Rev: 1, Hours: store.Hours{1: {{From: 9 * time.Hour, To: 18 * time.Hour}}}})
	})
}

// TestOwnerSort checks that lists by owner follow when a user is renamed.
func TestOwnerSort(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(context.Background(), func(tx *store.Tx) error {
			var users []store.User
			for _, name := range []string{"Ada", "Bob"} {
				u, err := tx.InsertUser(store.User{Name: name, Email: name + "@test.example", Role: access.Seller, Active: true})
				if err != nil {
					return err
				}
				users = append(users, u)
				if _, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: u.ID, Values: record.Values{"last_name": "Of " + name}}); err != nil {
					return err
				}
			}
			users[0].Name = "Zoë"
			if err := tx.UpdateUser(users[0]); err != nil {
				return err
			}
			page, err := tx.ListRecords(store.RecordQuery{Kind: record.Lead, Sort: "owner"})
			if err == nil && (len(page.Rows) != 2 || page.Rows[0].OwnerName != "Bob" || page.Rows[1].OwnerName != "Zoë") {
				t.Errorf("by owner after a renaming: %+v", page.Rows)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
