package message

import (
	"slices"
	"strings"
	"testing"
)

func TestTextWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       []string
	}{
		{"empty", "", nil},
		{"blank", " \r\n ", nil},
		{"plain", "Hello there, Ann (10%)", []string{"Hello", "there,", "Ann", "(10%)"}},
		{"letters", "Grüße", []string{"=?utf-8?b?R3LDvMOfZQ==?="}},
		{"mostly letters", "Grüße aus Zürich an alle dort", []string{"=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_Z=C3=BCrich_an_alle_dort?="}},
		{"another script", "こんにちは", []string{"=?utf-8?b?44GT44KT44Gr44Gh44Gv?="}},
		{"two spaces", "a  b", []string{"=?utf-8?q?a__b?="}},
		{"looks encoded", "=?utf-8?q?a?=", []string{"=?utf-8?b?PT91dGYtOD9xP2E/PQ==?="}},
		{"a long word", strings.Repeat("a", 70), []string{
			"=?utf-8?q?" + strings.Repeat("a", 52) + "?=", "=?utf-8?q?" + strings.Repeat("a", 18) + "?=",
		}},
		{"line breaks", "a\r\nb\tc", []string{"a", "b", "c"}},
		{"broken bytes", "a\xffb", []string{"=?utf-8?b?Ye+/vWI=?="}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := textWords(tt.give)
			if !slices.Equal(got, tt.want) {
				t.Errorf("textWords(%q) = %q, want %q", tt.give, got, tt.want)
			}
			if back := decodeWords(strings.Join(got, " ")); back != cleanLine(tt.give) {
				t.Errorf("textWords(%q) reads back as %q", tt.give, back)
			}
		})
	}
}

func TestNameWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       []string
	}{
		{"empty", "", nil},
		{"plain", "Ann Lee", []string{"Ann", "Lee"}},
		{"specials", "Lee, Ann (x@y)", []string{`"Lee, Ann (x@y)"`}},
		{"a dot", "Ann B. Lee", []string{`"Ann B. Lee"`}},
		{"quotes", `Ann "A" \ Lee`, []string{`"Ann \"A\" \\ Lee"`}},
		{"letters", "Änn", []string{"=?utf-8?b?w4Rubg==?="}},
		{"long with specials", strings.Repeat("a.b ", 20), []string{
			"=?utf-8?q?a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2E?=",
			"=?utf-8?q?b_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a=2Eb_a?=",
			"=?utf-8?q?=2Eb_a=2Eb_a=2Eb?=",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := nameWords(tt.give)
			if !slices.Equal(got, tt.want) {
				t.Errorf("nameWords(%q) = %q, want %q", tt.give, got, tt.want)
			}
			if name, ok := readName(strings.Join(got, " ")); !ok || name != cleanLine(tt.give) {
				t.Errorf("nameWords(%q) reads back as %q, %v", tt.give, name, ok)
			}
		})
	}
}

func TestFieldFolds(t *testing.T) {
	t.Parallel()
	ten := strings.Repeat("a", 10)
	tests := []struct {
		name  string
		field string
		words []string
		want  string
	}{
		{"empty", "Subject", nil, "Subject:\r\n"},
		{"short", "Subject", []string{"a", "b"}, "Subject: a b\r\n"},
		{
			"long", "Subject",
			[]string{ten, ten, ten, ten, ten, ten, ten, ten},
			"Subject: " + strings.Join([]string{ten, ten, ten, ten, ten, ten}, " ") + "\r\n " + ten + " " + ten + "\r\n",
		},
		{"one long word stays beside its name", "Message-ID", []string{strings.Repeat("x", 90)}, "Message-ID: " + strings.Repeat("x", 90) + "\r\n"},
		{
			"an encoded word begins a line", strings.Repeat("X", 30),
			[]string{"=?utf-8?q?" + strings.Repeat("a", 50) + "?="},
			strings.Repeat("X", 30) + ":\r\n =?utf-8?q?" + strings.Repeat("a", 50) + "?=\r\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := appendField(nil, tt.field, tt.words...)
			if err != nil || string(got) != tt.want {
				t.Errorf("field gives %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	if _, err := appendField(nil, "X", strings.Repeat("a", 996)); err == nil {
		t.Error("a line of 999 bytes is written")
	}
}
