package message

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMessageID(t *testing.T) {
	t.Parallel()
	tests := []struct{ token, domain, want string }{
		{"m1", "seller.test", "cadenza.m1@seller.test"},
		{"01J8-ab_C", "Seller.TEST", "cadenza.01J8-ab_C@seller.test"},
		{"m1", "bücher.test", "cadenza.m1@xn--bcher-kva.test"},
		{"m1", "", "cadenza.m1@cadenza.invalid"},
		{"m1", "x>\r\nBcc: y", "cadenza.m1@cadenza.invalid"},
		{"a.b@c=d", "seller.test", "cadenza.a=2eb=40c=3dd@seller.test"},
		{"a\r\n>", "seller.test", "cadenza.a=0d=0a=3e@seller.test"},
		{"", "seller.test", "cadenza.@seller.test"},
	}
	for _, tt := range tests {
		got := NewMessageID(tt.token, tt.domain)
		if got != tt.want {
			t.Errorf("NewMessageID(%q, %q) = %q, want %q", tt.token, tt.domain, got, tt.want)
		}
		for _, id := range []string{got, "<" + got + ">", " <" + got + "> "} {
			if token, ok := TokenOf(id); !ok || token != tt.token {
				t.Errorf("TokenOf(%q) = %q, %v, want %q", id, token, ok, tt.token)
			}
		}
	}
}

func TestTokenOfForeignIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "<>", "m1@seller.test", "cadenza.m1", "cadenza.m1@", "cadenzam1@seller.test", "Cadenza.m1@seller.test",
		"CAF=abc@mail.test", "cadenza.a=2@x.test", "cadenza.a=zz@x.test", "cadenza.a=@x.test", "cadenza.a b@x.test",
		"cadenza.a<b@x.test", "cadenza.\xff@x.test",
	} {
		if token, ok := TokenOf(id); ok {
			t.Errorf("TokenOf(%q) = %q, want it to be foreign", id, token)
		}
	}
}

func TestRulesOfMessageID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.String().Draw(t, "token")
		id := NewMessageID(token, rapid.String().Draw(t, "domain"))
		if got, ok := TokenOf(id); !ok || got != token {
			t.Fatalf("TokenOf(%q) = %q, %v, want %q", id, got, ok, token)
		}
		if len(id) <= 900 && !usableID(id) {
			t.Fatalf("%q cannot be written into a header", id)
		}
		if got := idList("<" + id + ">"); len(id) <= 900 && !slices.Equal(got, []string{id}) {
			t.Fatalf("<%s> reads as %q", id, got)
		}
	})
}

func TestIDList(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       []string
	}{
		{"none", "", nil},
		{"one", "<a@b.test>", []string{"a@b.test"}},
		{"some", "<a@b.test> <c@d.test>\t<e@f.test>", []string{"a@b.test", "c@d.test", "e@f.test"}},
		{"without space", "<a@b.test><c@d.test>", []string{"a@b.test", "c@d.test"}},
		{"with commas and comments", "<a@b.test>, (was: x) <c@d.test>", []string{"a@b.test", "c@d.test"}},
		{"folded inside", "<a@\tb.test>", []string{"a@b.test"}},
		{"no brackets", "a@b.test", []string{"a@b.test"}},
		{"words", "Your mail of Monday", nil},
		{"words with an address", "mail from a@b.test", nil},
		{"unclosed", "<a@b.test> <c@d", []string{"a@b.test"}},
		{"empty", "<> <a@b.test>", []string{"a@b.test"}},
		{"nested", "<<a@b.test>>", nil},
		{"beyond ascii", "<ä@b.test> <a@b.test>", []string{"a@b.test"}},
		{"too long", "<" + strings.Repeat("a", 1000) + "@b.test>", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := idList(tt.give); !slices.Equal(got, tt.want) {
				t.Errorf("idList(%q) = %q, want %q", tt.give, got, tt.want)
			}
		})
	}
}
