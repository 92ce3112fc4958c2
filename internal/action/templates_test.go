package action_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		meg, bob := newUser(t, app, "meg", access.SequenceManager), newUser(t, app, "bob", access.Seller)
		in := action.TemplateInput{Name: "Früher Vogel, first!", Subject: "Hello {{ first_name | default: \"there\" }}", HTML: "<p>Hi {{ first_name }}</p>", RecordKind: record.Lead}
		_, err := app.CreateTemplate(ctx, bob, in)
		wantFault(t, "a seller writes a template", err, fault.Forbidden)
		first, err := app.CreateTemplate(ctx, meg, in)
		wantFault(t, "create", err, "")
		second, err := app.CreateTemplate(ctx, meg, in)
		wantFault(t, "create one of the same name", err, "")
		if first.Key != "frueher-vogel-first" || second.Key != "frueher-vogel-first-2" {
			t.Errorf("keys %q and %q", first.Key, second.Key)
		}
		clash := in
		clash.Key = first.Key
		_, err = app.CreateTemplate(ctx, meg, clash)
		wantProblem(t, "a key that is taken", err, "key")
		change := in
		change.Subject, change.Rev = "Good morning", first.Rev
		next, err := app.UpdateTemplate(ctx, meg, first.ID, change)
		wantFault(t, "update", err, "")
		if next.Key != first.Key || next.Rev != 2 || next.Subject != "Good morning" {
			t.Errorf("updated template: %+v", next)
		}
		_, err = app.UpdateTemplate(ctx, meg, first.ID, change)
		wantFault(t, "stale update", err, fault.Stale)
		change.Key, change.Rev = "other", 0
		_, err = app.UpdateTemplate(ctx, meg, first.ID, change)
		wantProblem(t, "another key", err, "key")
		copied, err := app.CopyTemplate(ctx, meg, first.ID, "")
		if err != nil || copied.Name != "Copy of Früher Vogel, first!" || copied.Subject != "Good morning" {
			t.Errorf("copy: %+v %v", copied, err)
		}
		list, err := app.ListTemplates(ctx, bob, record.Opportunity, "")
		if err != nil || len(list) != 0 {
			t.Errorf("templates for opportunities: %+v %v", list, err)
		}
		list, err = app.ListTemplates(ctx, bob, record.Lead, "good FRÜHER copy")
		if err != nil || len(list) != 1 || list[0].ID != copied.ID {
			t.Errorf("search: %+v %v", list, err)
		}
		wantFault(t, "delete", app.DeleteTemplate(ctx, meg, first.ID), "")
		_, err = app.TemplateByKey(ctx, bob, first.Key)
		wantFault(t, "get what was deleted", err, fault.NotFound)
		clash.Key = first.Key
		_, err = app.CreateTemplate(ctx, meg, clash)
		wantFault(t, "the key of a deleted one", err, "")
	})
}

func TestTemplateInput(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	meg := newUser(t, app, "meg", access.SequenceManager)
	for _, try := range []struct {
		what, field string
		change      func(*action.TemplateInput)
	}{
		{"no name", "name", func(in *action.TemplateInput) { in.Name = " " }},
		{"no subject", "subject", func(in *action.TemplateInput) { in.Subject = "" }},
		{"broken subject", "subject", func(in *action.TemplateInput) { in.Subject = "Hi {{ first_name" }},
		{"broken text", "html", func(in *action.TemplateInput) { in.HTML = "<p>\n{% for x in y %}</p>" }},
		{"zero character", "html", func(in *action.TemplateInput) { in.HTML = "a\x00b" }},
		{"endless text", "html", func(in *action.TemplateInput) { in.HTML = strings.Repeat("x", 1<<20) }},
		{"bad key", "key", func(in *action.TemplateInput) { in.Key = "Not A Key" }},
		{"bad kind", "record_kind", func(in *action.TemplateInput) { in.RecordKind = "dragon" }},
	} {
		in := action.TemplateInput{Name: "Intro", Subject: "Hello", HTML: "<p>Hi</p>"}
		try.change(&in)
		_, err := app.CreateTemplate(ctx, meg, in)
		wantProblem(t, try.what, err, try.field)
		if try.what == "broken text" && !strings.Contains(err.Error(), "Line 2") {
			t.Errorf("%s: %v does not name the line", try.what, err)
		}
	}
}

// TestTemplateHTML checks what of a template's HTML is kept when it is saved.
func TestTemplateHTML(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	meg := newUser(t, app, "meg", access.SequenceManager)
	for _, try := range []struct{ what, in, want string }{
		{"plain", `<p>Hello <b>you</b></p>`, `<p>Hello <b>you</b></p>`},
		{
			"a table with styles", `<table width="600" cellpadding="4"><tr><td style="color: #333; padding: 4px" align="center">x</td></tr></table>`,
			`<table width="600" cellpadding="4"><tr><td style="color: #333; padding: 4px" align="center">x</td></tr></table>`,
		},
		{
			"an address in the text", `<p>See https://example.com/{{ first_name | default: "you" }}.</p>`,
			`<p>See <a href="https://example.com/{{ first_name | default: &quot;you&quot; }}">https://example.com/{{ first_name | default: &quot;you&quot; }}</a>.</p>`,
		},
		{"a script", `a<script>alert(1)</script>b`, `ab`},
		{"an event handler", `<p onclick="alert(1)">x</p>`, `<p>x</p>`},
		{"a javascript address", `<a href="javascript:alert(1)">x</a>`, `x`},
		{"a form", `<form action="https://evil.example"><input name="q">x</form>`, `x`},
		{"a frame", `<iframe src="https://evil.example"></iframe>x`, `x`},
		{"a link", `<a href="https://example.com/?a=1&amp;b=2">x</a>`, `<a href="https://example.com/?a=1&amp;b=2">x</a>`},
		{"a merge field in an address", `<a href="{{ website }}">x</a>`, `<a href="{{ website }}">x</a>`},
		{"a fallback in quotes", `<p>{{ first_name | default: "there" }}</p>`, `<p>{{ first_name | default: &quot;there&quot; }}</p>`},
		{
			"markup inside of a fallback", `<p>{{ first_name | default: "<img src=x onerror=alert(1)>" }}</p>`,
			`<p>{{ first_name | default: &quot;&lt;img src=x onerror=alert(1)&gt;&quot; }}</p>`,
		},
		{
			"a fallback that ends an attribute", `<a href='{{ website | default: "https://example.com" }}'>x</a>`,
			`<a href="{{ website | default: &quot;https://example.com&quot; }}">x</a>`,
		},
		{"a condition", `{% if city %}<p>{{ city }}</p>{% endif %}`, `{% if city %}<p>{{ city }}</p>{% endif %}`},
	} {
		got, err := app.CreateTemplate(ctx, meg, action.TemplateInput{Name: try.what, Subject: "x", HTML: try.in})
		if err != nil || got.HTML != try.want {
			t.Errorf("%s: %s\n got %s %v\nwant %s", try.what, try.in, got.HTML, err, try.want)
			continue
		}
		again, err := app.UpdateTemplate(ctx, meg, got.ID, action.TemplateInput{Name: try.what, Subject: "x", HTML: got.HTML})
		if err != nil || again.HTML != got.HTML {
			t.Errorf("%s: saving it again changes %s to %s %v", try.what, got.HTML, again.HTML, err)
		}
	}
}

func TestPreviewTemplate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		bob := newUser(t, app, "Bob Baker", access.Seller)
		in := action.TemplateInput{
			Subject: "For {{ name }}", RecordKind: record.Lead,
			HTML: `<p>{{ first_name | default: "Friend" }} at {{ company }} {{ shoe_size }} {{ sender.first_name }} {{ sequence.name }}</p>`,
		}
		p, err := app.PreviewTemplate(ctx, bob, in, 0)
		if err != nil || p.RecordName != "" || !slices.Equal(p.Unknown, []string{"shoe_size"}) {
			t.Errorf("preview without records: %+v %v", p, err)
		}
		lead := newLead(t, app, bob, record.Values{"first_name": "Zoë", "last_name": "Zapf", "company": "A & B"})
		newLead(t, app, bob, record.Values{"last_name": "Abt"})
		p, err = app.PreviewTemplate(ctx, bob, in, 0)
		if err != nil || p.RecordName != "Abt" || !slices.Equal(p.Missing, []string{"company"}) || !strings.Contains(p.HTML, "Friend at") {
			t.Errorf("preview with the first record: %+v %v", p, err)
		}
		p, err = app.PreviewTemplate(ctx, bob, in, lead.ID)
		if err != nil || p.Subject != "For Zoë Zapf" || !strings.Contains(p.HTML, "Zoë at A &amp; B") || !strings.Contains(p.HTML, "Bob Name of the sequence") ||
			!strings.Contains(p.Text, "Zoë at A & B") || len(p.Missing) != 0 {
			t.Errorf("preview with a chosen record: %+v %v", p, err)
		}
		_, err = app.PreviewTemplate(ctx, bob, in, 4711)
		wantFault(t, "unknown record", err, fault.NotFound)
		in.Subject = "{{"
		_, err = app.PreviewTemplate(ctx, bob, in, 0)
		wantProblem(t, "broken subject", err, "subject")
	})
}
