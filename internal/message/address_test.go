package message

import (
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       Address
	}{
		{"bare", "ann@buyer.test", Address{"", "ann@buyer.test"}},
		{"spaces around", "  ann@buyer.test\t", Address{"", "ann@buyer.test"}},
		{"in brackets", "<ann@buyer.test>", Address{"", "ann@buyer.test"}},
		{"with a name", "Ann Lee <ann@buyer.test>", Address{"Ann Lee", "ann@buyer.test"}},
		{"with a quoted name", `"Lee, Ann" <ann@buyer.test>`, Address{"Lee, Ann", "ann@buyer.test"}},
		{"with quotes in the name", `"Ann \"A\" \\ Lee" <ann@buyer.test>`, Address{`Ann "A" \ Lee`, "ann@buyer.test"}},
		{"an unquoted comma", "Lee, Ann <ann@buyer.test>", Address{"Lee, Ann", "ann@buyer.test"}},
		{"an encoded name", "=?utf-8?q?=C3=84nn?= <ann@buyer.test>", Address{"Änn", "ann@buyer.test"}},
		{"a name of any script", "Änn 李 <ann@buyer.test>", Address{"Änn 李", "ann@buyer.test"}},
		{"the domain in lower case", "Ann.Lee@BUYER.Test", Address{"", "Ann.Lee@buyer.test"}},
		{"an international domain", "ann@Bücher.test", Address{"", "ann@bücher.test"}},
		{"its ASCII form", "ann@xn--bcher-kva.test", Address{"", "ann@bücher.test"}},
		{"a local network", "root@mail.local", Address{"", "root@mail.local"}},
		{"unusual characters", "o'hara+x=1_%&@buyer.test", Address{"", "o'hara+x=1_%&@buyer.test"}},
		{"letters of any script", "änn.李@buyer.test", Address{"", "änn.李@buyer.test"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseAddress(tt.give)
			if err != nil || got != tt.want {
				t.Errorf("ParseAddress(%q) = %+v, %v, want %+v", tt.give, got, err, tt.want)
			}
			if again, err := ParseAddress(got.Email); err != nil || again.Email != got.Email {
				t.Errorf("%q is not in its normal form: %q, %v", got.Email, again.Email, err)
			}
		})
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ give, want string }{
		{"", "the email address is empty"},
		{"   ", "the email address is empty"},
		{"ann", `"ann" is not an email address`},
		{"ann@buyer", `"ann@buyer" is not an email address`},
		{"Ann <ann@buyer.test", "lacks the closing >"},
		{"Ann <>", `"" is not an email address`},
		{"a@b.test, Cy <c@d.test>", "has more than one address"},
		{"<a@b.test> <c@d.test>", "has more than one address"},
		{"a@b.test, c@d.test", "is not an email address"},
		{"a@b.test;", "is not an email address"},
		{"ann@buyer.test\r\nBcc: x@y.test", "unreadable characters"},
		{"ann\x00@buyer.test", "unreadable characters"},
		{"\xffann@buyer.test", "unreadable characters"},
		{strings.Repeat("a", 2000) + "@b.test", "too long"},
	}
	for _, tt := range tests {
		got, err := ParseAddress(tt.give)
		if err == nil {
			t.Errorf("ParseAddress(%q) = %+v, want an error", tt.give, got)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "name@example.com") {
			t.Errorf("ParseAddress(%q) says %q, want %q and an example in it", tt.give, err, tt.want)
		}
	}
}

func TestValidEmail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	domain := strings.Repeat("a.", 92) + "test" // 188 bytes
	tests := []struct {
		give string
		want bool
	}{
		{"a@b.test", true},
		{"a.b.c@d.e.f.test", true},
		{"a-b@c-d.test", true},
		{"1@2.test", true},
		{"a@b.co", true},
		{"a@bücher.test", true},
		{"a@xn--bcher-kva.test", true},
		{"a@例え.test", true},
		{"ä@b.test", true},
		{long + "@b.test", true},
		{long + "a@b.test", false},
		{long + "@" + domain, true},
		{long + "@a." + domain, false},
		{"", false},
		{"@", false},
		{"a@", false},
		{"@b.test", false},
		{"a@b", false},
		{"a@.test", false},
		{"a@b.test.", false},
		{"a@b..test", false},
		{".a@b.test", false},
		{"a.@b.test", false},
		{"a..b@c.test", false},
		{"a b@c.test", false},
		{"a@b c.test", false},
		{"a@b_c.test", false},
		{"a@-b.test", false},
		{"a@b-.test", false},
		{"a@b@c.test", false},
		{`"a b"@c.test`, false},
		{"a@[127.0.0.1]", false},
		{"a@127.0.0.1", false},
		{"a@b.test\r\n", false},
		{"a\r\n@b.test", false},
		{"a<b@c.test", false},
		{"a,b@c.test", false},
		{"a\u200bb@c.test", false},
		{"a@xn--zzzzzzzzz.test", false},
		{"a@" + long + ".test", false},
		{"\xff@b.test", false},
	}
	for _, tt := range tests {
		if got := ValidEmail(tt.give); got != tt.want {
			t.Errorf("ValidEmail(%q) = %v, want %v", tt.give, got, tt.want)
		}
		if _, err := WireEmail(tt.give); tt.want && err != nil {
			t.Errorf("WireEmail(%q): %v, although it is valid", tt.give, err)
		}
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	tests := []struct{ give, domain, wire string }{
		{"ann@buyer.test", "buyer.test", "ann@buyer.test"},
		{"Ann@BUYER.test", "buyer.test", "Ann@buyer.test"},
		{"ann@BÜCHER.test", "bücher.test", "ann@xn--bcher-kva.test"},
		{"ann@XN--BCHER-KVA.test", "bücher.test", "ann@xn--bcher-kva.test"},
		{"ann", "", ""},
		{"", "", ""},
		{"ann@Not Valid", "not valid", ""},
		{"a@b@c.test", "c.test", ""},
	}
	for _, tt := range tests {
		if got := DomainOf(tt.give); got != tt.domain {
			t.Errorf("DomainOf(%q) = %q, want %q", tt.give, got, tt.domain)
		}
		if got, err := WireEmail(tt.give); got != tt.wire || (err == nil) != (tt.wire != "") {
			t.Errorf("WireEmail(%q) = %q, %v, want %q", tt.give, got, err, tt.wire)
		}
	}
}

func TestDomainForms(t *testing.T) {
	t.Parallel()
	for give, want := range map[string][2]string{
		"Buyer.test":         {"buyer.test", "buyer.test"},
		"BÜCHER.test":        {"bücher.test", "xn--bcher-kva.test"},
		"XN--BCHER-KVA.test": {"bücher.test", "xn--bcher-kva.test"},
		"mail.bücher.test":   {"mail.bücher.test", "mail.xn--bcher-kva.test"},
		"192.0.2.7":          {"192.0.2.7", "192.0.2.7"},
		"Localhost":          {"localhost", "localhost"},
		"xn--zzzzzzzzz.test": {"xn--zzzzzzzzz.test", "xn--zzzzzzzzz.test"},
		"eve@example.com":    {"eve@example.com", "eve@example.com"},
		"a.test\r\nX: other": {"a.test\r\nx: other", "a.test\r\nx: other"},
		"":                   {"", ""},
	} {
		if letters, ascii := DomainForms(give); letters != want[0] || ascii != want[1] {
			t.Errorf("DomainForms(%q) = %q, %q, want %q", give, letters, ascii, want)
		}
	}
}

func TestAddressReads(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]Address{
		"ann@buyer.test":            {"", "ann@buyer.test"},
		"Ann, Änn <ann@buyer.test>": {"Ann, Änn", "ann@buyer.test"},
	} {
		if got := a.String(); got != want {
			t.Errorf("%+v reads %q, want %q", a, got, want)
		}
	}
}
