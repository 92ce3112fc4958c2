package merge

import (
	"errors"
	"html"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var ruleNames = []string{"first_name", "company", "city", "sender.name", "sequence.name", "x"}

// drawTemplate writes a random template of the language. Its own text has neither braces nor angle brackets.
func drawTemplate(t *rapid.T, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(0, 5).Draw(t, "pieces") {
		name := rapid.SampledFrom(ruleNames).Draw(t, "name")
		switch rapid.IntRange(0, 3).Draw(t, "piece") {
		case 0:
			b.WriteString(rapid.StringMatching(`[a-zA-Z0-9 .,;!?äß€]{0,12}`).Draw(t, "text"))
		case 1, 2:
			if !strings.Contains(name, ".") && rapid.Bool().Draw(t, "prefix") {
				name = "record." + name
			}
			b.WriteString("{{ " + name)
			for range rapid.IntRange(0, 2).Draw(t, "filters") {
				b.WriteString(rapid.SampledFrom([]string{
					` | default: "there"`, ` | default: 'a "b" c'`, ` | default: ""`,
					" | upcase", " | downcase", " | capitalize", " | strip",
				}).Draw(t, "filter"))
			}
			b.WriteString(" }}")
		case 3:
			if depth == 0 {
				continue
			}
			tag := rapid.SampledFrom([]string{"if", "unless"}).Draw(t, "tag")
			b.WriteString("{% " + tag + " " + name + " %}" + drawTemplate(t, depth-1))
			if rapid.Bool().Draw(t, "else") {
				b.WriteString("{% else %}" + drawTemplate(t, depth-1))
			}
			b.WriteString("{% end" + tag + " %}")
		}
	}
	return b.String()
}

// drawValues gives some of the names values of the given kind.
func drawValues(t *rapid.T, value *rapid.Generator[string]) Values {
	v := Values{}
	for _, name := range ruleNames {
		if rapid.Bool().Draw(t, "has "+name) {
			v[name] = value.Draw(t, name)
		}
	}
	return v
}

// TestRulesOfFill: what holds for every template and any values at all.
func TestRulesOfFill(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := drawTemplate(t, 3)
		tpl, err := Parse(src)
		if err != nil {
			t.Fatalf("Parse(%q): %v", src, err)
		}
		hostile := rapid.OneOf(
			rapid.String(),
			rapid.SampledFrom([]string{"{{ company }}", "<script>", "a & b", `"'>`, "{% if x %}", "\r\nBcc: a@b.test", " "}),
		)
		v := drawValues(t, hostile)
		checkFilling(t, src, tpl, v)
	})
}

// fataler is what a rule needs of *testing.T and *rapid.T.
type fataler interface {
	Fatalf(format string, args ...any)
}

// checkFilling holds the rules of one template with one set of values.
func checkFilling(t fataler, src string, tpl *Template, v Values) {
	text, missing := tpl.Fill(v, Text)
	page, missingInPage := tpl.Fill(v, HTML)
	if again, _ := tpl.Fill(v, HTML); again != page {
		t.Fatalf("filling %q twice gives %q and %q", src, page, again)
	}
	if !slices.Equal(missing, missingInPage) {
		t.Fatalf("%q misses %q in text and %q in HTML", src, missing, missingInPage)
	}
	if !slices.IsSorted(missing) || len(slices.Compact(slices.Clone(missing))) != len(missing) {
		t.Fatalf("missing of %q is not sorted or names a field twice: %q", src, missing)
	}
	risky := map[string]bool{}
	for _, f := range tpl.Fields() {
		risky[f.Name] = !f.HasFallback
	}
	for _, name := range missing {
		if !risky[name] {
			t.Fatalf("%q misses %s, which Fields calls safe", src, name)
		}
		if !blank(v[name]) {
			t.Fatalf("%q misses %s, which has the value %q", src, name, v[name])
		}
	}
	// The markup of the result is the template's own: values add none.
	if !strings.ContainsAny(src, "<>\"'&") && strings.ContainsAny(page, "<>\"'") {
		t.Fatalf("a value of %q brought markup into %q", src, page)
	}
	if !strings.ContainsAny(src, "&") && !strings.Contains(src, "default") && html.UnescapeString(page) != text {
		t.Fatalf("%q reads %q as text and %q as HTML", src, text, html.UnescapeString(page))
	}
	line, _ := tpl.FillLine(v)
	if strings.ContainsAny(line, "\r\n\x00\u0085\u2028\u2029") {
		t.Fatalf("FillLine of %q gives more than a line: %q", src, line)
	}
	if full := everything(tpl); len(full) > 0 {
		if _, missing := tpl.Fill(full, Text); len(missing) > 0 {
			t.Fatalf("%q misses %q although every field has a value", src, missing)
		}
	}
}

// everything gives each field of a template a value.
func everything(tpl *Template) Values {
	v := Values{}
	for _, f := range tpl.Fields() {
		v[f.Name] = "v"
	}
	return v
}

// FuzzParse feeds anything to Parse and holds the rules for whatever it accepts.
func FuzzParse(f *testing.F) {
	for _, src := range []string{
		mail, "{{ a }}", "{{ record.a.b | default: &quot;x&quot; }}", "{% if a %}{{ a }}{% else %}b{% endif %}",
		"{% unless a %}{{a|upcase|strip}}{% endunless %}", "{{", "{%", "{{}}", "{{ a | default: 'x }}", "{%if%}",
		"\xff{{ a }}", "{{ a\u00a0}}", "{% for i in (1..9) %}", "{{{{ a }}}}", "}}{{", "{{ a.b.c- }}",
	} {
		f.Add(src, "value <b>")
	}
	f.Fuzz(func(t *testing.T, src, value string) {
		tpl, err := Parse(src)
		if err != nil {
			var problem *ParseError
			if !errors.As(err, &problem) {
				t.Fatalf("Parse(%q) fails with %T", src, err)
			}
			if lines := strings.Count(src, "\n") + 1; problem.Line < 1 || problem.Line > lines || problem.Column < 1 {
				t.Fatalf("Parse(%q) fails at %d:%d of %d lines", src, problem.Line, problem.Column, lines)
			}
			if problem.Message == "" || len(problem.Message) > 300 {
				t.Fatalf("Parse(%q) says %q", src, problem.Message)
			}
			return
		}
		v := Values{}
		for i, field := range tpl.Fields() {
			if i%2 == 0 {
				v[field.Name] = value
			}
		}
		checkFilling(t, src, tpl, v)
		checkLikeLiquid(t, src, tpl, v)
	})
}
