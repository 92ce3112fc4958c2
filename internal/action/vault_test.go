package action

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func vaultOf(t *testing.T, letter string) *Vault {
	t.Helper()
	v, err := NewVault([]byte(strings.Repeat(letter, KeySize)))
	if err != nil {
		t.Fatalf("new vault: %v", err)
	}
	return v
}

func TestVault(t *testing.T) {
	t.Parallel()
	v, other := vaultOf(t, "a"), vaultOf(t, "b")
	for _, secret := range []string{"", "hunter2", strings.Repeat("ü", 1000)} {
		sealed, err := v.Seal("mailbox/1", secret)
		if err != nil {
			t.Fatalf("seal: %v", err)
		}
		again, err := v.Seal("mailbox/1", secret)
		if err != nil || bytes.Equal(sealed, again) {
			t.Errorf("the same secret is sealed to the same bytes twice: %v", err)
		}
		if secret != "" && bytes.Contains(sealed, []byte(secret)) {
			t.Error("the sealed form holds the secret")
		}
		if got, err := v.Open("mailbox/1", sealed); err != nil || got != secret {
			t.Errorf("opened %q %v, want %q", got, err, secret)
		}
		broken := bytes.Clone(sealed)
		broken[len(broken)-1] ^= 1
		for what, try := range map[string]func() (string, error){
			"other key":  func() (string, error) { return other.Open("mailbox/1", sealed) },
			"other name": func() (string, error) { return v.Open("mailbox/2", sealed) },
			"one bit":    func() (string, error) { return v.Open("mailbox/1", broken) },
			"cut":        func() (string, error) { return v.Open("mailbox/1", sealed[:8]) },
		} {
			got, err := try()
			if fault.CodeOf(err) != fault.Unavailable || got != "" || !strings.Contains(err.Error(), "key") {
				t.Errorf("%s: got %q %v, want a fault that names the key", what, got, err)
			}
		}
	}
	if _, err := NewVault([]byte("short")); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("short key: %v", err)
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), storetest.SQLite(t, store.Options{})
	open := func(letter string) *App {
		app, err := New(Config{DB: db, Log: slog.New(slog.DiscardHandler), Key: []byte(strings.Repeat(letter, KeySize)), DataDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		return app
	}
	for i, try := range []struct {
		key  string
		want fault.Code
	}{{"a", ""}, {"a", ""}, {"b", fault.Conflict}, {"a", ""}} {
		if err := open(try.key).CheckKey(ctx); fault.CodeOf(err) != try.want || (try.want == "") != (err == nil) {
			t.Errorf("check %d: got %v, want %q", i, err, try.want)
		}
	}
	if err := open("b").AdoptKey(ctx); err != nil {
		t.Fatal(err)
	}
	if err := open("b").CheckKey(ctx); err != nil {
		t.Errorf("adopted key: %v", err)
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(), time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for i := range freeFails {
		if err := l.attempt("Ada@test.example", "192.0.2.1", now); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	refused := func(what string, at time.Time, want bool) {
		t.Helper()
		err := l.attempt("ada@test.example", "192.0.2.1", at)
		if (err != nil) != want || want && !fault.Is(err, fault.TooMany) {
			t.Errorf("%s: got %v, want refused %v", what, err, want)
		}
	}
	refused("at once", now, true)
	refused("before the delay", now.Add(firstDelay-time.Second), true)
	refused("after the delay", now.Add(firstDelay), false)
	refused("the delay has grown", now.Add(2*firstDelay), true)
	refused("after the grown delay", now.Add(3*firstDelay), false)
	refused("an hour later all is forgotten", now.Add(time.Hour), false)
	for range freeFails {
		_ = l.attempt("bob@test.example", "192.0.2.1", now)
	}
	l.succeed("bob@test.example", "192.0.2.1")
	if err := l.attempt("bob@test.example", "192.0.2.1", now); err != nil {
		t.Errorf("after success: %v", err)
	}
	for i := range 3 * limiterSize {
		_ = l.attempt("ada@test.example", fmt.Sprint(i), now)
	}
	if len(l.fails) > limiterSize {
		t.Errorf("the limiter remembers %d pairs, want at most %d", len(l.fails), limiterSize)
	}
}

func TestLongestDelay(t *testing.T) {
	t.Parallel()
	if d := (fails{count: 1000}).delay(); d != longestDelay {
		t.Errorf("delay after 1000 fails: %s, want %s", d, longestDelay)
	}
}
