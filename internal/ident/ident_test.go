package ident

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := Record(rapid.Int64Range(1, 1<<62).Draw(t, "id"))
		got, ok := Parse[recordThing](id.String())
		if !ok || got != id {
			t.Fatalf("parse(%q) = %d, %v; want %d", id.String(), got, ok, id)
		}
		if _, ok := Parse[userThing](id.String()); ok {
			t.Fatalf("%q was taken for a user's id", id)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "rec_", "rec_1", "rec_zzzzzzzzzzzzz", "rec_000000000000u", "usr_0000000000000", Record(1).String() + "0"} {
		if id, ok := Parse[recordThing](s); ok {
			t.Errorf("parse(%q) = %d, want it refused", s, id)
		}
	}
}

func TestJSONHidesTheKey(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal(struct{ ID Record }{7})
	if err != nil || string(out) != `{"ID":"`+Record(7).String()+`"}` {
		t.Fatalf("got %s, %v", out, err)
	}
	var back struct{ ID Record }
	if err := json.Unmarshal(out, &back); err != nil || back.ID != 7 {
		t.Fatalf("got %v, %v; want 7", back.ID, err)
	}
	if err := json.Unmarshal([]byte(`{"ID":"seq_1"}`), &back); err == nil {
		t.Fatal("a wrong id was read without an error")
	}
}
