package hit

import (
	"strings"
	"testing"

	"cadenza/internal/ident"
)

func TestToken(t *testing.T) {
	t.Parallel()
	s, other := NewSigner([]byte("a key")), NewSigner([]byte("another key"))
	for _, message := range []ident.Message{1, 127, 128, 1_000_000, 1 << 62} {
		for _, link := range []int{0, 1, 200} {
			token := s.Token(message, link)
			if len(token) > 32 {
				t.Errorf("the token of message %d has %d characters", message, len(token))
			}
			if m, l, ok := s.Read(token); m != message || l != link || !ok {
				t.Errorf("%s is read as %d %d %t, want %d %d", token, m, l, ok, message, link)
			}
			if _, _, ok := other.Read(token); ok {
				t.Errorf("another key reads %s", token)
			}
			if _, _, ok := (Signer{}).Read(token); ok {
				t.Errorf("no key reads %s", token)
			}
			for i := range token {
				changed := token[:i] + string("AB"[len(token[:i])%2]) + token[i+1:]
				if _, _, ok := s.Read(changed); ok && changed != token {
					t.Errorf("%s passes for %s", changed, token)
				}
			}
		}
	}
	for _, bad := range []string{"", "x", "===", strings.Repeat("A", 20), strings.Repeat("A", 1<<20), s.Token(1, 1) + "=", s.Token(1, 1) + "A", " " + s.Token(1, 1), "ä"} {
		if _, _, ok := s.Read(bad); ok {
			t.Errorf("%.40q is taken for a token", bad)
		}
	}
}

// FuzzRead holds that only what Token makes is read, and never panics.
func FuzzRead(f *testing.F) {
	s := NewSigner([]byte("a key"))
	f.Add(s.Token(1, 0))
	f.Add(s.Token(300, 7))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, token string) {
		if m, l, ok := s.Read(token); ok && s.Token(m, l) != token {
			t.Errorf("%q is read as %d %d, whose token is %q", token, m, l, s.Token(m, l))
		}
	})
}
