package delivery

import (
	"testing"

	"cadenza/internal/ident"
)

// TestHostsAreBounded holds that what is remembered of servers has an end, and that the one noted last is among it.
func TestHostsAreBounded(t *testing.T) {
	t.Parallel()
	var l hosts
	for i := range 3*hostsMax + 5 {
		h := host{ident.Mailbox(i).String(), 25}
		l.refuse(h)
		if takes, known := l.get(h); takes || !known || len(l.takes) > hostsMax {
			t.Fatalf("after %d: known %v, takes chunks %v, %d are remembered", i, known, takes, len(l.takes))
		}
	}
}

// TestHosts holds which word counts when sessions to one server fare differently.
func TestHosts(t *testing.T) {
	t.Parallel()
	h := host{"mail.test", 25}
	for _, c := range []struct {
		name         string
		happens      []func(*hosts)
		takes, known bool
	}{
		{"nothing", nil, false, false},
		{"proven", []func(*hosts){func(l *hosts) { l.prove(h) }}, true, true},
		{"broken at first", []func(*hosts){func(l *hosts) { l.lose(h) }}, false, true},
		{"broken when it was proven", []func(*hosts){func(l *hosts) { l.prove(h) }, func(l *hosts) { l.lose(h) }}, true, true},
		{"refused when it was proven", []func(*hosts){func(l *hosts) { l.prove(h) }, func(l *hosts) { l.refuse(h) }}, false, true},
		{"proven by one session after another one was refused", []func(*hosts){func(l *hosts) { l.refuse(h) }, func(l *hosts) { l.prove(h) }}, false, true},
	} {
		var l hosts
		for _, happen := range c.happens {
			happen(&l)
		}
		if takes, known := l.get(h); takes != c.takes || known != c.known {
			t.Errorf("%s: takes %v, known %v, want %v, %v", c.name, takes, known, c.takes, c.known)
		}
	}
}
