package message

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"empty", "", ""},
		{"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
		{"line breaks", "a<br>b", "a\nb"},
		{"escaped characters", "a &amp; b &lt;c&gt;", "a & b <c>"},
		{"links", `<a href="https://x.test/">here</a>`, "here ( https://x.test/ )"},
		{"lists", "<ul><li>a</li><li>b</li></ul>", "* a\n* b"},
		{"no styles or scripts", "<style>p{}</style><script>x()</script><p>a</p>", "a"},
		{"no comments", "a<!-- b -->c", "a c"},
		{"unclosed", "<p>a <b>b", "a *b*"},
		{"letters", "<p>Grüße 😀</p>", "Grüße 😀"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := PlainText(tt.give); got != tt.want {
				t.Errorf("PlainText(%q) = %q, want %q", tt.give, got, tt.want)
			}
		})
	}
}

func TestPlainTextOfEndlessNesting(t *testing.T) {
	t.Parallel()
	got := PlainText(strings.Repeat("<div>", 100_000) + "a &amp; b")
	if strings.TrimSpace(got) != "a & b" {
		t.Errorf("PlainText of deep HTML = %.60q, want its words", got)
	}
}

func TestSanitizeHTML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"formatting stays", "<p>a <b>b</b> <em>c</em><br/>d</p>", "<p>a <b>b</b> <em>c</em><br/>d</p>"},
		{"tables stay", `<table width="100%"><tr><td align="left">a</td></tr></table>`, `<table width="100%"><tr><td align="left">a</td></tr></table>`},
		{"colours stay", `<p style="color: red; position: fixed">a</p>`, `<p style="color: red">a</p>`},
		{"links open elsewhere", `<a href="https://x.test/">a</a>`, `<a href="https://x.test/" rel="nofollow noreferrer noopener" target="_blank">a</a>`},
		{"mail links", `<a href="mailto:a@b.test">a</a>`, `<a href="mailto:a@b.test" rel="nofollow noreferrer">a</a>`},
		{"no scripts", "a<script>alert(1)</script>b", "ab"},
		{"no handlers", `<p onclick="alert(1)">a</p>`, "<p>a</p>"},
		{"no script links", `<a href="javascript:alert(1)">a</a>`, "a"},
		{"no hidden script links", `<a href=" jAva&#9;script:alert(1)">a</a>`, "a"},
		{"no data links", `<a href="data:text/html,<script>">a</a>`, "a"},
		{"no pictures from elsewhere", `<img src="https://x.test/open.gif" alt="logo">`, `<img alt="logo">`},
		{"no pictures by style", `<p style="background-image: url(https://x.test/a.gif)">a</p>`, "<p>a</p>"},
		{"pictures of the mail", `<img src="cid:p1" alt="logo">`, `<img src="cid:p1" alt="logo">`},
		{"pictures as data", `<img src="data:image/png;base64,AAAA">`, `<img src="data:image/png;base64,AAAA">`},
		{"no drawings with scripts", `<svg><script>alert(1)</script></svg><img src="data:image/svg+xml;base64,AAAA">`, ""},
		{"no frames", `<iframe src="https://x.test"></iframe>a`, "a"},
		{"no forms", `<form action="https://x.test"><input name="password"></form>a`, "a"},
		{"no style sheets", `<style>p{color:red}</style><link rel="stylesheet" href="https://x.test">a`, "a"},
		{"no redirects", `<meta http-equiv="refresh" content="0;url=https://x.test"><base href="https://x.test">a`, "a"},
		{"no title", "<html><head><title>t</title></head><body>a</body></html>", "a"},
		{"comments go", "a<!--[if mso]><script>x</script><![endif]-->b", "ab"},
		{"text is escaped", "a < b &lt;script&gt;", "a &lt; b &lt;script&gt;"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := SanitizeHTML(tt.give)
			if got != tt.want {
				t.Errorf("SanitizeHTML(%q) =\n%q, want\n%q", tt.give, got, tt.want)
			}
			if again := SanitizeHTML(got); again != got {
				t.Errorf("SanitizeHTML changes its own result %q to %q", got, again)
			}
		})
	}
}

func FuzzSanitizeHTML(f *testing.F) {
	for _, s := range []string{
		"<p>a</p>", `<a href="javascript:x">`, "<svg><style><img src=x onerror=y>", "<math><mtext><table><mglyph><style><!--</style>",
		`<img src="data:image/svg+xml;base64,AAAA">`, "<noscript><p title=\"</noscript><script>x</script>\">",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := strings.ToLower(SanitizeHTML(s))
		for _, bad := range []string{"<script", "<iframe", "<object", "<form", "<style", "<link", "<base", "<meta", "<svg", `="javascript:`} {
			if strings.Contains(got, bad) {
				t.Fatalf("SanitizeHTML(%q) lets %s through: %q", s, bad, got)
			}
		}
		PlainText(s)
	})
}
