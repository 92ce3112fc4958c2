package action

import (
	"context"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// aProvider is a provider that nothing is wrong with.
func aProvider() TextProviderInput {
	return TextProviderInput{
		URL: "https://sms.example/send", Method: "post", Format: message.JSONFormat, Body: `{"to": "{{to}}", "text": "{{text}}"}`,
		Sender: "Acme", Secret: "Bearer sesame",
	}
}

func TestTextProvider(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for field, change := range map[string]func(*TextProviderInput){
			"url":    func(in *TextProviderInput) { in.URL = "sms.example/send" },
			"method": func(in *TextProviderInput) { in.Method = "GET" },
			"format": func(in *TextProviderInput) { in.Format = "xml" },
			"body":   func(in *TextProviderInput) { in.Body = `{"to": {{to}}, "text": "{{text}}"}` },
			"sender": func(in *TextProviderInput) { in.Sender = strings.Repeat("x", 41) },
			"header": func(in *TextProviderInput) { in.Header = "X: y" },
			"secret": func(in *TextProviderInput) { in.Secret = "a\r\nHost: b" },
		} {
			in := aProvider()
			change(&in)
			_, err := h.app.SaveTextProvider(h.ctx, h.admin, in)
			refused(t, field, err, fault.Invalid, field+":")
		}
		for name, header := range map[string]string{"ours": "Idempotency-Key", "the length": "content-length"} {
			in := aProvider()
			in.Header = header
			_, err := h.app.SaveTextProvider(h.ctx, h.admin, in)
			refused(t, name, err, fault.Invalid, "header"+":")
		}
		in := aProvider()
		in.URL = "https://user:password@sms.example/send"
		_, err := h.app.SaveTextProvider(h.ctx, h.admin, in)
		refused(t, "a password in the address", err, fault.Invalid, "url"+":")
		_, err = h.app.SaveTextProvider(h.ctx, h.anna, aProvider())
		refused(t, "a seller", err, fault.Forbidden, "")

		p, err := h.app.SaveTextProvider(h.ctx, h.admin, aProvider())
		if err != nil || p.Method != "POST" || p.Header != "Authorization" || p.Secret == nil || len(p.Secret) != 0 {
			t.Fatalf("saved %+v, %v", p, err)
		}
		secret := func() string {
			stored, err := look(h.ctx, h.app, func(tx *store.Tx) (store.TextProvider, error) { return tx.TextProvider() })
			if err != nil || strings.Contains(string(stored.Secret), "sesame") {
				t.Fatalf("stored %+v, %v", stored, err)
			}
			s, err := h.app.Vault().ProviderSecret(stored)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		in = aProvider()
		in.Secret, in.Sender, in.Rev = "", "Acme Inc", p.Rev
		if p, err = h.app.SaveTextProvider(h.ctx, h.admin, in); err != nil || secret() != "Bearer sesame" {
			t.Errorf("another sender: %v, the secret is %q", err, secret())
		}
		_, err = h.app.SaveTextProvider(h.ctx, h.admin, in)
		refused(t, "an old revision", err, fault.Stale, "")
		in.Rev = 0
		for what, change := range map[string]func(*TextProviderInput){
			"another host":   func(in *TextProviderInput) { in.URL = "https://evil.example/send" },
			"another header": func(in *TextProviderInput) { in.Header = "X-Log" },
			"in the open":    func(in *TextProviderInput) { in.URL = "http://sms.example/send" },
		} {
			other := in
			change(&other)
			_, err = h.app.SaveTextProvider(h.ctx, h.admin, other)
			refused(t, what, err, fault.Invalid, "secret"+":")
		}
		in.NoSecret = true
		if p, err = h.app.SaveTextProvider(h.ctx, h.admin, in); err != nil || p.Secret != nil || secret() != "" {
			t.Errorf("without a secret: %+v, %v", p, err)
		}
	})
}

// TestTestText holds that a test says what failed, and that doctor knows it.
func TestTestText(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		state := func(want string) {
			t.Helper()
			got, err := h.app.TextState(h.ctx)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, want) {
				t.Errorf("doctor says %q, want %q", got, want)
			}
		}
		_, err := h.app.TestText(h.ctx, h.admin, "+491701234567", "Test")
		refused(t, "where nothing is sent", err, fault.Unavailable, "")
		var sent store.Message
		answer := "The text provider answered 401 Unauthorized."
		h.app.config.Text = func(_ context.Context, p store.TextProvider, m store.Message) (store.ResultKind, string, time.Duration) {
			if secret, err := h.app.Vault().ProviderSecret(p); err != nil || secret != "Bearer sesame" {
				t.Errorf("the provider is asked with %q, %v", secret, err)
			}
			sent = m
			if answer == "" {
				return store.Delivered, "", 0
			}
			return store.Rejected, answer, 0
		}
		state("no provider is set up")
		_, err = h.app.TestText(h.ctx, h.admin, "+491701234567", "Test")
		refused(t, "without a provider", err, fault.Conflict, "No provider")
		if _, err := h.app.SaveTextProvider(h.ctx, h.admin, aProvider()); err != nil {
			t.Fatal(err)
		}
		state("sent by https://sms.example, never tested")
		_, err = h.app.TestText(h.ctx, h.admin, "0170", "")
		refused(t, "no number", err, fault.Invalid, "to"+":")
		p, err := h.app.TestText(h.ctx, h.admin, "+49 170 1234567", " Test ")
		if err != nil || p.CheckError != answer || p.CheckedAt.IsZero() || sent.Recipient != "+491701234567" || sent.Text != "Test" || sent.RFCID == "" {
			t.Fatalf("tested %+v with %+v, %v", p, sent, err)
		}
		state("The last test text failed: The text provider answered 401")
		first := sent.RFCID
		answer = ""
		if p, err = h.app.TestText(h.ctx, h.admin, "+491701234567", "Test"); err != nil || p.CheckError != "" || sent.RFCID == first {
			t.Errorf("tested again: %+v, %v", p, err)
		}
		state("sent by https://sms.example")
	})
}

func TestComposeText(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for key, text := range map[string]string{"hello": "Hello {{ first_name }}\nfrom {{ sender.first_name }}", "deal": "On {{ close_date }}"} {
			if _, err := h.app.CreateTemplate(h.ctx, h.admin, TemplateInput{Key: key + "-text", Name: key, Channel: message.TextChannel, Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		by := func(values record.Values) store.Activity {
			act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: h.record(record.Lead, h.anna.ID, values), Kind: "text_message", Name: "Text"})
			if err != nil {
				t.Fatal(err)
			}
			return act
		}
		cara := record.Values{"first_name": "Cara", "last_name": "Cole", "mobile": "+491701234567"}
		act := by(cara)
		d, err := h.app.ComposeText(h.ctx, h.anna, act.ID, "hello-text")
		if err != nil || d.To != "+491701234567" || d.Text != "Hello Cara\nfrom Anna" || d.Ready || d.Size.Parts != 1 || !strings.Contains(d.Warning, "No provider") {
			t.Errorf("without a provider: %+v, %v", d, err)
		}
		_, err = h.app.SendText(h.ctx, h.anna, act.ID, d)
		refused(t, "send without a provider", err, fault.Conflict, "No provider")
		_, err = h.app.ComposeText(h.ctx, h.anna, act.ID, "intro")
		refused(t, "a template of emails", err, fault.Invalid, "template"+":")
		if _, err := h.app.SaveTextProvider(h.ctx, h.admin, aProvider()); err != nil {
			t.Fatal(err)
		}
		if d, err = h.app.ComposeText(h.ctx, h.anna, act.ID, "deal-text"); err != nil || strings.Join(d.Missing, "") != "close_date" || d.From != "Acme" {
			t.Errorf("a template with a gap: %+v, %v", d, err)
		}
		for field, bad := range map[string]TextDraft{
			"to": {To: "0170", Text: "x"}, "text": {To: "+491701234567", Text: strings.Repeat("x", 1531)},
		} {
			_, err = h.app.SendText(h.ctx, h.anna, act.ID, bad)
			refused(t, field, err, fault.Invalid, field+":")
		}
		_, err = h.app.SendText(h.ctx, h.bob, act.ID, TextDraft{To: "+491701234567", Text: "x"})
		refused(t, "somebody else's", err, fault.Forbidden, "")
		m, err := h.app.SendText(h.ctx, h.anna, act.ID, TextDraft{To: "+491701234567", Text: "Hello\r\nCara", Template: "hello-text"})
		if err != nil || m.Channel != message.TextChannel || m.Text != "Hello\nCara" || m.Parts != 1 || m.Sender != "Acme" || m.State != store.MessageQueued {
			t.Fatalf("queued %+v, %v", m, err)
		}
		_, err = h.app.SendText(h.ctx, h.anna, act.ID, TextDraft{To: "+491701234567", Text: "twice"})
		refused(t, "twice", err, fault.Conflict, "")

		quiet := by(record.Values{"last_name": "Quiet", "mobile": "+491701234567", "do_not_text": "true"})
		if d, err = h.app.ComposeText(h.ctx, h.anna, quiet.ID, ""); err != nil || !strings.Contains(d.Warning, "must not be sent text messages") {
			t.Errorf("against the wish: %+v, %v", d, err)
		}
		_, err = h.app.SendText(h.ctx, h.anna, quiet.ID, TextDraft{To: "+491701234567", Text: "x"})
		refused(t, "against the wish", err, fault.Conflict, "must not be sent text messages")
		unknown := by(record.Values{"last_name": "Unknown", "phone": "0170 12345"})
		if d, err = h.app.ComposeText(h.ctx, h.anna, unknown.ID, ""); err != nil || d.To != "" || !strings.Contains(d.Warning, "no mobile or phone number") {
			t.Errorf("without a number: %+v, %v", d, err)
		}
	})
}
