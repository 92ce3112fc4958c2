package delivery

import (
	"net/netip"
	"strings"
	"testing"

	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// goodText is a text message that nothing holds up.
func goodText() *store.MailCandidate {
	return &store.MailCandidate{
		Message:       store.Message{ID: 1, Channel: message.TextChannel, Enrollment: 1, Record: 1, User: 1, Template: "ping"},
		Record:        record.Record{ID: 1, Kind: record.Lead, Values: record.Values{"first_name": "Marta", "mobile": "+491701234567"}},
		RecordFound:   true,
		User:          store.User{ID: 1, Name: "Anna Berg"},
		Template:      store.Template{ID: 1, Version: 1, Channel: message.TextChannel, TemplateContent: store.TemplateContent{Text: "Hello {{ first_name }}, it is {{ sender.first_name }}\r\n"}},
		TemplateFound: true, Live: true,
		Provider: store.TextProvider{URL: "https://sms.test", Sender: "Cadenza"},
	}
}

func TestTextGate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*store.MailCandidate)
		kind   store.VerdictKind
		want   string // the reason, or the number and text
	}{
		{"nothing in the way", func(*store.MailCandidate) {}, store.Pass, "+491701234567 Hello Marta, it is Anna"},
		{"finished", func(c *store.MailCandidate) { c.Live = false }, store.Withdraw, "Its enrollment has finished."},
		{"record deleted", func(c *store.MailCandidate) { c.RecordFound = false }, store.Withdraw, "The record was deleted."},
		{"not wanted", func(c *store.MailCandidate) { c.Record.Values["do_not_text"] = "true" }, store.Refuse, "The record must not be sent text messages."},
		{"emails are not wanted", func(c *store.MailCandidate) { c.Record.Values["do_not_email"] = "true" }, store.Pass, "+491701234567 Hello Marta, it is Anna"},
		{"no provider", func(c *store.MailCandidate) { c.Provider = store.TextProvider{} }, store.Fail, "No provider of text messages is set up. An admin does that under Settings."},
		{"no number", func(c *store.MailCandidate) { delete(c.Record.Values, "mobile") }, store.Fail, "The record has no mobile or phone number in international form"},
		{"a phone", func(c *store.MailCandidate) {
			c.Record.Values["mobile"], c.Record.Values["phone"] = "0170 12", "+4930901820"
		}, store.Pass, "+4930901820 Hello Marta, it is Anna"},
		{"template gone", func(c *store.MailCandidate) { c.TemplateFound = false }, store.Fail, `There is no text template "ping" any more.`},
		{"a template of emails has taken the key", func(c *store.MailCandidate) { c.Template.Channel = message.EmailChannel }, store.Fail, `There is no text template "ping" any more.`},
		{"a value is missing", func(c *store.MailCandidate) { delete(c.Record.Values, "first_name") }, store.Fail, "The record has no value for first_name."},
		{"nothing is left", func(c *store.MailCandidate) { c.Template.Text = "\n" }, store.Fail, "The text message would be empty."},
		{"ten parts", func(c *store.MailCandidate) { c.Template.Text = strings.Repeat("a", 1530) }, store.Pass, "+491701234567 aaa"},
		{"eleven parts", func(c *store.MailCandidate) { c.Template.Text = strings.Repeat("a", 1531) }, store.Fail, "The text message would have 11 parts; it may have 10."},
		{"a person's own needs no template", func(c *store.MailCandidate) {
			c.TemplateFound, c.Message.Activity, c.Message.Recipient, c.Message.Text = false, 7, "+4722001122", "By hand"
		}, store.Pass, "+4722001122 By hand"},
		{"one that was tried goes out as it was", func(c *store.MailCandidate) {
			c.Message.Attempts, c.Message.Recipient, c.Message.Text = 1, "+4722001122", "As before"
		}, store.Pass, "+4722001122 As before"},
		{"but the wish counts", func(c *store.MailCandidate) {
			c.Message.Attempts, c.Message.Text, c.Record.Values["do_not_text"] = 1, "As before", "true"
		}, store.Refuse, "The record must not be sent text messages."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			candidate := goodText()
			c.change(candidate)
			v := NewTexts(Config{}).channel.gate(candidate, monday)
			got := v.Reason
			if v.Kind == store.Pass {
				got = v.Message.Recipient + " " + v.Message.Text
				if v.Message.Sender != "Cadenza" || (v.Message.Attempts == 0 && v.Message.Activity == 0 && v.Message.Parts == 0) || !v.Message.AttemptAt.Equal(monday) {
					t.Errorf("the final message lacks something: %+v", v.Message)
				}
			}
			if v.Kind != c.kind || !strings.HasPrefix(got, c.want) {
				t.Fatalf("got %d %q, want %d %q", v.Kind, got, c.kind, c.want)
			}
		})
	}
}

func TestOutside(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true, "8.8.8.8": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false,
	} {
		if got := outside(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %t, want %t", address, got, want)
		}
	}
}
