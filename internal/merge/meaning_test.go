package merge

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// editorTests are merge fields as they come out of rich text editors and office programs.
var editorTests = []struct{ name, src, want string }{
	{
		"a hard space behind the braces",
		"<div>Hello {{&nbsp;first_name&nbsp;}},</div>",
		"<div>Hello ann,</div>",
	},
	{
		"quotes as character names",
		"<div>Hello {{ nickname | default: &quot;there&quot; }},</div>",
		"<div>Hello there,</div>",
	},
	{
		"quotes by number",
		"<div>{{ nickname | default: &#39;you&#39; }} {{ nickname | default: &#34;all&#34; }}</div>",
		"<div>you all</div>",
	},
	{
		"a line broken by an editor that wraps",
		"<p>Hello\n  {{ nickname |\n  default:\n  \"there\" }}</p>",
		"<p>Hello\n  there</p>",
	},
	{
		"windows line ends",
		"<p>{{\r\nfirst_name\r\n}}</p>",
		"<p>ann</p>",
	},
	{
		"formatting around the braces",
		"<p><b>{{ first_name }}</b></p>",
		"<p><b>ann</b></p>",
	},
	{
		"an ampersand in the fallback",
		"<p>{{ nickname | default: \"Miller &amp; Sons\" }}</p>",
		"<p>Miller &amp; Sons</p>",
	},
	{
		"a field in a link's text and title",
		"<a href=\"https://x.test\" title=\"{{ company }}\">{{ company }}</a>",
		"<a href=\"https://x.test\" title=\"Miller &amp; Sons &lt;Ltd&gt;\">Miller &amp; Sons &lt;Ltd&gt;</a>",
	},
	{
		"an if around a table row",
		"<table>{% if company %}<tr><td>{{ company }}</td></tr>{% endif %}</table>",
		"<table><tr><td>Miller &amp; Sons &lt;Ltd&gt;</td></tr></table>",
	},
	{
		"comments for old programs",
		"<!--[if mso]><table><![endif]-->{{ first_name }}<!--[if mso]></table><![endif]-->",
		"<!--[if mso]><table><![endif]-->ann<!--[if mso]></table><![endif]-->",
	},
	{
		"style sheets with many braces",
		"<style>@media (max-width: 600px) { .a { width: 100%} } .b{color:red}</style>{{ first_name }}",
		"<style>@media (max-width: 600px) { .a { width: 100%} } .b{color:red}</style>ann",
	},
}

func TestEditors(t *testing.T) {
	t.Parallel()
	for _, tt := range editorTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFill(t, tt.src, HTML, tt.want)
		})
	}
}

// drawPair draws a template and values that have letters.
func drawPair(t *rapid.T) (src string, v Values) {
	return drawTemplate(t, 2), drawValues(t, rapid.StringMatching(`[a-zA-Zäß&<> ]{0,6}`))
}

// fillText fills a source that must be right.
func fillText(t *rapid.T, src string, v Values) string {
	tpl, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	out, _ := tpl.Fill(v, Text)
	return out
}

// TestRulesOfMeaning: rewriting a template in a way that should not matter does not matter.
func TestRulesOfMeaning(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src, v := drawPair(t)
		want := fillText(t, src, v)
		rewrites := map[string]string{
			"record. left out":          strings.ReplaceAll(src, "record.", ""),
			"hard spaces":               strings.NewReplacer("{{ ", "{{\u00a0", " }}", "&nbsp;}}").Replace(src),
			"line breaks":               strings.NewReplacer("{{ ", "{{\r\n\t", " %}", "\n%}").Replace(src),
			"no spaces":                 strings.NewReplacer("{{ ", "{{", " }}", "}}", " %}", "%}", "{% ", "{%").Replace(src),
			"quotes as character names": strings.ReplaceAll(src, `"there"`, "&quot;there&quot;"),
			"the other quotes":          strings.ReplaceAll(src, `"there"`, "'there'"),
			"an empty if at the end":    src + "{% if x %}{% endif %}",
			"an if without condition":   "{% if x %}" + src + "{% else %}" + src + "{% endif %}",
		}
		for name, rewritten := range rewrites {
			if got := fillText(t, rewritten, v); got != want {
				t.Fatalf("%s: %q gives %q, but %q gives %q", name, src, want, rewritten, got)
			}
		}
	})
}

// TestRulesOfParts: templates side by side fill like each alone, and unless is if with its branches swapped.
func TestRulesOfParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, v := drawPair(t)
		b := drawTemplate(t, 2)
		// A letter between, lest a { of one and a { of the other meet.
		if got, want := fillText(t, a+"|"+b, v), fillText(t, a, v)+"|"+fillText(t, b, v); got != want {
			t.Fatalf("%q and %q together give %q, apart %q", a, b, got, want)
		}
		unless := "{% unless city %}" + a + "{% else %}" + b + "{% endunless %}"
		swapped := "{% if city %}" + b + "{% else %}" + a + "{% endif %}"
		if got, want := fillText(t, unless, v), fillText(t, swapped, v); got != want {
			t.Fatalf("%q gives %q, but %q gives %q", unless, got, swapped, want)
		}
	})
}

// TestRulesOfBrokenTemplates: a template that is cut anywhere is right or refused with a place inside of it; one that
// is cut within a tag is never taken for text.
func TestRulesOfBrokenTemplates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := drawTemplate(t, 2)
		at := rapid.IntRange(0, len(src)).Draw(t, "cut")
		_, err := Parse(src[:at])
		inTag := strings.LastIndex(src[:at], "{{") > strings.LastIndex(src[:at], "}}") ||
			strings.LastIndex(src[:at], "{%") > strings.LastIndex(src[:at], "%}")
		if inTag && err == nil {
			t.Fatalf("%q is taken although its last tag is not closed", src[:at])
		}
		var problem *ParseError
		if err != nil && !errors.As(err, &problem) {
			t.Fatalf("Parse(%q) fails with %T", src[:at], err)
		}
		if problem != nil && (problem.Line != 1 || problem.Column > at+1) {
			t.Fatalf("Parse(%q) fails at %d:%d, outside of it", src[:at], problem.Line, problem.Column)
		}
	})
}

// TestTemplateIsShared fills one template by many at once; the race detector watches.
func TestTemplateIsShared(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, mail)
	want, _ := tpl.Fill(ann, HTML)
	for range 8 {
		t.Run("at once", func(t *testing.T) {
			t.Parallel()
			for range 100 {
				if got, _ := tpl.Fill(ann, HTML); got != want {
					t.Fatalf("filled %q, want %q", got, want)
				}
				tpl.Fields()
			}
		})
	}
}
