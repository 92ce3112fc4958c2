package merge

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// ann is who the tables write to.
var ann = Values{
	"first_name": "ann", "last_name": "O'Hara", "company": "Miller & Sons <Ltd>", "city": " ", "note": "",
	"sender.name": "Bo Beck", "sender.email": "bo@seller.test", "sequence.name": "Inbound",
	"trick": "{{ company }}{% if city %}", "lines": "one\r\ntwo\nBcc: x@evil.test", "padded": "  mid  ",
	"title": "ÉCLAIR", "small": "éclair",
}

func mustParse(t testing.TB, src string) *Template {
	t.Helper()
	tpl, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return tpl
}

// checkFill compares one filling, text and missing fields.
func checkFill(t *testing.T, src string, f Format, want string, missing ...string) {
	t.Helper()
	got, gone := mustParse(t, src).Fill(ann, f)
	if got != want {
		t.Errorf("Fill(%q):\n got %q\nwant %q", src, got, want)
	}
	if !slices.Equal(gone, missing) {
		t.Errorf("Fill(%q): missing %q, want %q", src, gone, missing)
	}
}

var fillTextTests = []struct {
	name, src, want string
	missing         []string
}{
	{"nothing to fill", "Hello there", "Hello there", nil},
	{"empty", "", "", nil},
	{"a field", "Hello {{ first_name }}!", "Hello ann!", nil},
	{"no spaces", "{{first_name}}", "ann", nil},
	{"dotted", "{{ sender.name }} <{{ sender.email }}>", "Bo Beck <bo@seller.test>", nil},
	{"the record's prefix", "{{ record.company }}", "Miller & Sons <Ltd>", nil},
	{"the sequence", "{{ sequence.name }}", "Inbound", nil},
	{"text is not escaped", "{{ last_name }} {{ company }}", "O'Hara Miller & Sons <Ltd>", nil},
	{"a missing field", "Hello {{ nickname }}!", "Hello !", []string{"nickname"}},
	{"blank counts as none", "{{ city }}{{ note }}", "", []string{"city", "note"}},
	{"missing once, sorted", "{{ z }}{{ b }}{{ z }}", "", []string{"b", "z"}},
	{"fallback unused", `{{ first_name | default: "there" }}`, "ann", nil},
	{"fallback used", `Hi {{ nickname | default: "there" }}`, "Hi there", nil},
	{"fallback for blank", `{{ city | default: 'your town' }}`, "your town", nil},
	{"empty fallback is wanted", `a{{ city | default: "" }}b`, "ab", nil},
	{"fallback keeps spaces", `{{ x | default: " a  b " }}`, " a  b ", nil},
	{"the other quotes", `{{ x | default: 'say "hi"' }}`, `say "hi"`, nil},
	{"filters", "{{ first_name | upcase }} {{ title | downcase }} {{ small | capitalize }}", "ANN éclair Éclair", nil},
	{"strip", "[{{ padded | strip }}]", "[mid]", nil},
	{"values keep their spaces", "[{{ padded }}]", "[  mid  ]", nil},
	{"filters in a row", `{{ x | default: "you" | capitalize }}`, "You", nil},
	{"a filter before the fallback", `{{ x | upcase | default: "you" }}`, "you", nil},
	{"if with a value", "{% if company %}At {{ company }}.{% endif %}", "At Miller & Sons <Ltd>.", nil},
	{"if without a value", "a{% if city %}In {{ city }}.{% endif %}b", "ab", nil},
	{"else", "{% if city %}in {{ city }}{% else %}near you{% endif %}", "near you", nil},
	{"unless", "{% unless city %}where?{% else %}{{ city }}{% endunless %}", "where?", nil},
	{"unless with a value", "{% unless company %}a{% endunless %}b", "b", nil},
	{"ifs inside of ifs", "{% if company %}1{% if city %}2{% else %}3{% endif %}4{% endif %}", "134", nil},
	{"a branch not taken misses nothing", "{% if city %}{{ gone }}{% endif %}", "", nil},
	{"a value is never read as template", "{{ trick }}", "{{ company }}{% if city %}", nil},
	{"lone braces are text", "a { b } }} %} {c}", "a { b } }} %} {c}", nil},
	{"css is text", "<style>@media x{p{width:50%}}</style>", "<style>@media x{p{width:50%}}</style>", nil},
	{"a brace at the end", "a{", "a{", nil},
	{"hard spaces of editors", "{{\u00a0first_name&nbsp;|\n default:&nbsp;\"x\" }}", "ann", nil},
	{"quotes of editors", "{{ x | default: &quot;you &amp; me&quot; }}", "you &amp; me", nil},
}

func TestFillText(t *testing.T) {
	t.Parallel()
	for _, tt := range fillTextTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFill(t, tt.src, Text, tt.want, tt.missing...)
		})
	}
}

func TestFillHTML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"values are escaped", "<b>{{ company }}</b>", "<b>Miller &amp; Sons &lt;Ltd&gt;</b>"},
		{"quotes are escaped", `<a title='{{ last_name }}'>`, "<a title='O&#39;Hara'>"},
		{"filters come before escaping", "{{ company | upcase }}", "MILLER &amp; SONS &lt;LTD&gt;"},
		{"fallbacks are escaped", `{{ x | default: "<i> & co" }}`, "&lt;i&gt; &amp; co"},
		{"fallbacks are not escaped twice", `{{ x | default: "R&amp;D" }}`, "R&amp;D"},
		{"quotes of editors", `{{ x | default: &quot;you &amp; me&quot; }}`, "you &amp; me"},
		{"a value is never read as template", "{{ trick }}", "{{ company }}{% if city %}"},
		{"the template's own markup stays", "<p>&nbsp;{{ first_name }}</p>", "<p>&nbsp;ann</p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFill(t, tt.src, HTML, tt.want)
		})
	}
}

func TestFillLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"plain", "Hello {{ first_name }}", "Hello ann"},
		{"no header can be added", "Re: {{ lines }}", "Re: one two Bcc: x@evil.test"},
		{"the template's line breaks", "One\r\n two\n{{ first_name }}\n", "One  two ann"},
		{"other separators", "a\u2028b\u0085c\x00d\te", "a b c d e"},
		{"ends are trimmed", "  {{ padded }} ", "mid"},
		{"not escaped", "{{ company }}", "Miller & Sons <Ltd>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, missing := mustParse(t, tt.src).FillLine(ann)
			if got != tt.want || len(missing) > 0 {
				t.Errorf("FillLine(%q) = %q, missing %q, want %q", tt.src, got, missing, tt.want)
			}
		})
	}
	if _, missing := mustParse(t, "Hi {{ x }}").FillLine(ann); !slices.Equal(missing, []string{"x"}) {
		t.Errorf("FillLine reports missing %q, want x", missing)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		want      []Field
	}{
		{"none", "Hello", nil},
		{"sorted and once", "{{ b }}{{ a }}{{ b }}", []Field{{"a", false}, {"b", false}}},
		{"prefix left out", "{{ record.a }}{{ a }}{{ sender.name }}", []Field{{"a", false}, {"sender.name", false}}},
		{"fallback", `{{ a | default: "x" }}`, []Field{{"a", true}}},
		{"fallback at one use only", `{{ a | default: "x" }}{{ a }}`, []Field{{"a", false}}},
		{"fallback at the later use only", `{{ a }}{{ a | default: "x" }}`, []Field{{"a", false}}},
		{"inside of its if", "{% if a %}{{ a }}{% endif %}", []Field{{"a", true}}},
		{"inside of another's if", "{% if a %}{{ b }}{% endif %}", []Field{{"a", true}, {"b", false}}},
		{"in the else of its if", "{% if a %}x{% else %}{{ a }}{% endif %}", []Field{{"a", false}}},
		{"in the else of its unless", "{% unless a %}x{% else %}{{ a }}{% endunless %}", []Field{{"a", true}}},
		{"in its unless", "{% unless a %}{{ a }}{% endunless %}", []Field{{"a", false}}},
		{"deep in its if", "{% if a %}{% if b %}{{ a }}{% endif %}{% endif %}", []Field{{"a", true}, {"b", true}}},
		{"after its if", "{% if a %}x{% endif %}{{ a }}", []Field{{"a", false}}},
		{"asked only", "{% if a %}x{% endif %}", []Field{{"a", true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tpl := mustParse(t, tt.src)
			got := tpl.Fields()
			if !slices.Equal(got, tt.want) {
				t.Fatalf("Fields of %q = %v, want %v", tt.src, got, tt.want)
			}
			if len(got) > 0 {
				got[0].Name = "changed"
				if !slices.Equal(tpl.Fields(), tt.want) {
					t.Errorf("a caller's change reached the template %q", tt.src)
				}
			}
		})
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	known := func(name string) bool { return name == "company" || strings.HasPrefix(name, "sender.") }
	got := mustParse(t, "{{ z }}{{ record.company }}{{ sender.name }}{% if a %}{{ a.b }}{% endif %}").Unknown(known)
	if want := []string{"a", "a.b", "z"}; !slices.Equal(got, want) {
		t.Errorf("Unknown = %q, want %q", got, want)
	}
}

var refusedTests = []struct {
	name, src    string
	line, column int
	want         string
}{
	{"unclosed", "Hello\n  {{ first_name", 2, 3, "This {{ is never closed. Write }} behind it."},
	{"unclosed before another", "{{ a {{ b }}", 1, 1, "This {{ is never closed"},
	{"unclosed tag", "{% if a }}", 1, 1, "This {% is never closed. Write %} behind it."},
	{"columns count characters", "äöü {{", 1, 5, "never closed"},
	{"nothing inside", "{{ }}", 1, 4, "Here the name of a field is missing."},
	{"not a name", "{{ 5 }}", 1, 4, `Expected the name of a field, found "5".`},
	{"three braces", "{{{ a }}}", 1, 3, `found "{"`},
	{"two names", "{{ first name }}", 1, 10, "Expected the end of the tag"},
	{"a dot too many", "{{ a. }}", 1, 7, "Here a name after the dot is missing."},
	{"reserved", "{{ true }}", 1, 4, `"true" is not a field.`},
	{"too long a name", "{{ " + strings.Repeat("a", 101) + " }}", 1, 4, "too long"},
	{"trimming", "{{- a }}", 1, 3, "A - next to the braces is not supported."},
	{"trimming behind", "{{ a -}}", 1, 6, "A - next to the braces"},
	{"trimming close behind", "{{ a-}}", 1, 4, "A - next to the braces"},
	{"unknown filter", `{{ a | date: "%Y" }}`, 1, 8, `There is no filter "date" here. Use default,`},
	{"no filter", "{{ a | }}", 1, 8, "Here a filter such as default is missing."},
	{"default without text", "{{ a | default }}", 1, 16, "Here a colon and the fallback"},
	{"default without quotes", "{{ a | default: there }}", 1, 17, `Expected a fallback in quotes, like "there",`},
	{"default of a field", "{{ a | default: b.c }}", 1, 17, "in quotes"},
	{"default unclosed", `{{ a | default: "there }}`, 1, 17, "This quote is never closed."},
	{"curly quotes", "{{ a | default: “there” }}", 1, 17, "Use straight quotes"},
	{"formatting inside", "{{ <b>a</b> }}", 1, 4, "clear its formatting"},
	{"an escaped character inside", "{{ a &amp; b }}", 1, 6, "clear its formatting"},
	{"argument for upcase", `{{ a | upcase: "x" }}`, 1, 14, "Expected the end of the tag"},
	{"loop", "{% for a in b %}{% endfor %}", 1, 1, `There is no tag "for" here.`},
	{"range loop", "{% for i in (1..1000000) %}{% endfor %}", 1, 1, `"for"`},
	{"file", "{% include 'x' %}", 1, 1, `There is no tag "include" here.`},
	{"assignment", "{% assign a = 1 %}", 1, 1, `There is no tag "assign" here.`},
	{"raw", "{% raw %}{{ a }}{% endraw %}", 1, 1, `There is no tag "raw" here.`},
	{"elsif", "{% if a %}{% elsif b %}{% endif %}", 1, 11, `There is no tag "elsif" here.`},
	{"no tag", "{% %}", 1, 4, "Here a tag such as if is missing."},
	{"comparison", `{% if a == "b" %}x{% endif %}`, 1, 9, "can only ask whether a field has a value. Write {% if a %}."},
	{"and", `{% if a and b %}x{% endif %}`, 1, 9, "can only ask"},
	{"if without field", "{% if %}x{% endif %}", 1, 7, "Here the name of a field is missing."},
	{"if unclosed", "a\n{% if a %}x", 2, 1, "This if is never closed. Write {% endif %} where it ends."},
	{"unless unclosed", "{% unless a %}x", 1, 1, "Write {% endunless %}"},
	{"end without if", "{% endif %}", 1, 1, "This endif belongs to no if."},
	{"wrong end", "{% if a %}{% endunless %}", 1, 11, "This endunless should be endif."},
	{"else without if", "{% else %}", 1, 1, "This else belongs to no if."},
	{"two elses", "{% if a %}{% else %}{% else %}{% endif %}", 1, 21, "This else belongs to no if."},
	{"end with more", "{% if a %}{% endif a %}", 1, 20, "Expected the end of the tag"},
	{"too deep", strings.Repeat("{% if a %}", 21) + strings.Repeat("{% endif %}", 21), 1, 201, "at most 20"},
	{"too many", strings.Repeat("{{ a }}", 1001), 1, 7001, "at most 1000"},
	{"too long", strings.Repeat("a", SourceMax+1), 1, 1, "at most 256 KiB"},
	{"not utf-8", "ab\n\xff", 2, 1, "not valid UTF-8"},
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range refusedTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tpl, err := Parse(tt.src)
			var problem *ParseError
			if !errors.As(err, &problem) {
				t.Fatalf("Parse(%.60q) = %v, %v, want a *ParseError", tt.src, tpl, err)
			}
			if problem.Line != tt.line || problem.Column != tt.column {
				t.Errorf("Parse(%.60q) fails at %d:%d, want %d:%d", tt.src, problem.Line, problem.Column, tt.line, tt.column)
			}
			if !strings.Contains(problem.Message, tt.want) {
				t.Errorf("Parse(%.60q) says %q, want %q in it", tt.src, problem.Message, tt.want)
			}
		})
	}
}

func TestParseAtItsLimits(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("{% if first_name %}", depthMax) + "x" + strings.Repeat("{% endif %}", depthMax)
	checkFill(t, deep, Text, "x")
	checkFill(t, strings.Repeat("{{ first_name }}", tagsMax), Text, strings.Repeat("ann", tagsMax))
	long := strings.Repeat("a", SourceMax)
	checkFill(t, long, Text, long)
}

func TestParseErrorReads(t *testing.T) {
	t.Parallel()
	_, err := Parse("\n {{")
	if want := "line 2, column 2: This {{ is never closed. Write }} behind it."; err == nil || err.Error() != want {
		t.Errorf("Parse says %v, want %q", err, want)
	}
}

// mail is a usual automated email.
const mail = `<p>Hello {{ first_name | default: "there" }},</p><p>I saw that {{ company }} is growing in {{ city }}.
{% if title %}As {{ title }} you know{% else %}You know{% endif %} how hard that is. We help teams like yours to
answer every enquiry within a day, and it takes an afternoon to set up.</p><p>Do you have ten minutes this week?</p>
<p>Best regards<br>{{ sender.name }}<br>{{ sender.email }}</p>`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(mail); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	tpl := mustParse(b, mail)
	b.ReportAllocs()
	for b.Loop() {
		tpl.Fill(ann, HTML)
	}
}
