package message_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/message"
)

func TestBodyCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		format message.TextFormat
		body   string
		want   string
	}{
		{"json", message.JSONFormat, `{"to": "{{to}}", "from": "{{ from }}", "body": "{{text}}", "ref": "{{id}}"}`, ""},
		{"json in lists", message.JSONFormat, `{"messages": [{"to": ["{{to}}"], "text": "Info: {{text}}"}]}`, ""},
		{"no text", message.JSONFormat, `{"to": "{{to}}"}`, "needs {{to}} and {{text}}"},
		{"outside of quotation marks", message.JSONFormat, `{"to": {{to}}, "text": "{{text}}"}`, "not valid JSON"},
		{"no json", message.JSONFormat, `to={{to}}&text={{text}}`, "not valid JSON"},
		{"a strange place", message.JSONFormat, `{"to": "{{to}}", "text": "{{text}}", "x": "{{mobile}}"}`, "{{mobile}} stands for nothing"},
		{"an empty place", message.JSONFormat, `{"to": "{{to}}", "text": "{{text}}", "x": "{{}}"}`, "{{}} stands for nothing"},
		{"form", message.FormFormat, `To={{to}}&From={{from}}&Body={{text}}`, ""},
		{"a broken form", message.FormFormat, `To={{to}}&Body={{text}}&x=%zz`, "no form"},
		{"a form on lines", message.FormFormat, "To={{to}}\nBody={{text}}", "no form"},
	} {
		if got := c.format.Check(c.body); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestRulesOfBody holds that a value stays a value, whatever it is made of.
func TestRulesOfBody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string {
			return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`","admin":"1`, "{{id}}", "a&to=+1", "x\n\\", "50% + 1"})).Draw(t, label)
		}
		o := message.TextOrder{To: draw("to"), From: draw("from"), Text: draw("text"), ID: "one"}
		var got map[string]string
		body := message.JSONFormat.Body(`{"to": "{{to}}", "from": "{{from}}", "text": "{{text}}", "id": "{{id}}"}`, o)
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if len(got) != 4 || got["to"] != o.To || got["from"] != o.From || got["text"] != o.Text || got["id"] != "one" {
			t.Fatalf("%+v became %s", o, body)
		}
		form, err := url.ParseQuery(message.FormFormat.Body(`to={{to}}&from={{from}}&text={{text}}`, o))
		if err != nil || len(form) != 3 || form.Get("to") != o.To || form.Get("from") != o.From || form.Get("text") != o.Text {
			t.Fatalf("%+v became %v, %v", o, form, err)
		}
	})
}

func TestTidyText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" a\r\nb\rc\u2028d ": "a\nb\nc\nd", "a\x00\x1bb\tc": "ab c", "": "", "\n\n": "", "ok\xff": "ok",
	} {
		if got := message.TidyText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
