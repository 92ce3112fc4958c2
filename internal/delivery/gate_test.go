package delivery

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/record"
	"cadenza/internal/store"
)

// monday is Monday 2 March 2026, 09:00 UTC.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// good is a candidate that nothing holds up.
func good() *store.MailCandidate {
	return &store.MailCandidate{
		Message:     store.Message{ID: 1, Enrollment: 1, Record: 1, User: 1, Template: "intro", RFCID: "cadenza.1@test.local"},
		Record:      record.Record{ID: 1, Kind: record.Lead, Values: record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@buyer.test"}},
		RecordFound: true,
		User:        store.User{ID: 1, Name: "Anna Berg", Email: "anna@test.local"},
		Mailbox:     store.Mailbox{ID: 1, Address: "anna@test.local", SenderName: "Anna Berg", Signature: "Anna & Co"},
		Template: store.Template{
			ID: 1, Version: 1, Name: "Intro",
			TemplateContent: store.TemplateContent{Subject: "Hello {{ first_name }}", HTML: "<p>Dear {{ last_name }} & team</p>"},
		},
		TemplateFound: true, SequenceName: "Trial", Live: true,
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*store.MailCandidate)
		kind   store.VerdictKind
		reason string
	}{
		{"nothing in the way", func(*store.MailCandidate) {}, store.Pass, ""},
		{"with a file", func(c *store.MailCandidate) { c.Files = []store.File{{ID: 1, Name: "offer.pdf"}} }, store.Pass, ""},
		{
			"with a file that was deleted", func(c *store.MailCandidate) { c.Files = []store.File{{ID: 1, Name: "offer.pdf", Deleted: true}} }, store.Fail,
			"The file offer.pdf was deleted. Take it out of the template, or attach another one.",
		},
		{
			"away", func(c *store.MailCandidate) { c.Back = monday.Add(time.Hour) }, store.Later,
			"Anna Berg is away, and automated messages wait for the return.",
		},
		{"finished", func(c *store.MailCandidate) { c.Live = false }, store.Withdraw, "Its enrollment has finished."},
		{"record deleted", func(c *store.MailCandidate) { c.RecordFound = false }, store.Withdraw, "The record was deleted."},
		{"not wanted", func(c *store.MailCandidate) { c.Record.Values["do_not_email"] = "true" }, store.Refuse, "The record must not be emailed."},
		{
			"nobody's", func(c *store.MailCandidate) { c.Message.User, c.User = 0, store.User{} }, store.Fail,
			"The record has no owner, so there is no mailbox to send from. Give it an owner.",
		},
		{"no mailbox", func(c *store.MailCandidate) { c.Mailbox = store.Mailbox{} }, store.Fail, "Anna Berg has no mailbox. Set one up under Mailboxes."},
		{"no mailbox any more", func(c *store.MailCandidate) {
			c.Mailbox, c.Pacing.NoMailbox, c.Message.Blocker = store.Mailbox{}, true, store.BlockWindow
		}, store.Later, "Anna Berg has no mailbox. Set one up under Mailboxes."},
		{"no mailbox any more, in a conversation", func(c *store.MailCandidate) {
			c.Mailbox, c.Pacing.NoMailbox, c.Pacing.MailboxGone, c.Message.Blocker = store.Mailbox{}, true, true, store.BlockDayCap
		}, store.Later, "Anna Berg has no mailbox. Set one up under Mailboxes."},
		{
			"no mailbox of somebody deleted", func(c *store.MailCandidate) { c.Mailbox, c.User = store.Mailbox{}, store.User{} }, store.Fail,
			"The assignee has no mailbox. Set one up under Mailboxes.",
		},
		{"paused", func(c *store.MailCandidate) { c.Mailbox.Paused = true }, store.Later, "The mailbox of Anna Berg is paused."},
		{
			"grant ended", func(c *store.MailCandidate) { c.Mailbox.GrantError = "revoked" }, store.Later,
			"The mailbox of Anna Berg has to be connected again: its sign-in has ended.",
		},
		{"no address", func(c *store.MailCandidate) { delete(c.Record.Values, "email") }, store.Fail, "The record has no valid email address. Add one and try again."},
		{"wrong address", func(c *store.MailCandidate) { c.Record.Values["email"] = "marta@[127.0.0.1]" }, store.Fail, "The record has no valid email address. Add one and try again."},
		{"a test of a template needs no record", func(c *store.MailCandidate) {
			c.Message = store.Message{ID: 1, Test: true, User: 1, Recipient: "anna@test.local", Subject: "[Test] x", HTML: "<p>x</p>", Text: "x"}
			c.Record, c.RecordFound, c.TemplateFound = record.Record{}, false, false
		}, store.Pass, ""},
		{"template gone", func(c *store.MailCandidate) { c.TemplateFound = false }, store.Fail, `The template "intro" does not exist any more.`},
		{"template broken", func(c *store.MailCandidate) { c.Template.HTML = "{{ first_name" }, store.Fail, "The template cannot be read: "},
		{
			"one value missing", func(c *store.MailCandidate) { delete(c.Record.Values, "last_name") }, store.Fail,
			"The record has no value for last_name. Add it, or give the template a fallback.",
		},
		{"two values missing", func(c *store.MailCandidate) {
			delete(c.Record.Values, "first_name")
			delete(c.Record.Values, "last_name")
		}, store.Fail, "The record has no value for first_name, last_name. Add it, or give the template a fallback."},
		{"fallback", func(c *store.MailCandidate) {
			delete(c.Record.Values, "last_name")
			c.Template.HTML = `{{ last_name | default: "friend" }}`
		}, store.Pass, ""},
		{"a person's own mail needs no template", func(c *store.MailCandidate) {
			c.Message = store.Message{ID: 1, Activity: 7, User: 1, Recipient: "other@buyer.test", Subject: "By hand", HTML: "<p>By hand</p>", Text: "By hand"}
			c.TemplateFound = false
		}, store.Pass, ""},
		{"but the record's wish counts", func(c *store.MailCandidate) {
			c.Message = store.Message{ID: 1, Activity: 7, User: 1, Recipient: "other@buyer.test"}
			c.Record.Values["do_not_email"] = "true"
		}, store.Refuse, "The record must not be emailed."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			candidate := good()
			c.change(candidate)
			v := New(Config{}).channel.gate(candidate, monday)
			if v.Kind != c.kind || !strings.HasPrefix(v.Reason, c.reason) || (c.reason == "") != (v.Reason == "") {
				t.Fatalf("got %d %q, want %d %q", v.Kind, v.Reason, c.kind, c.reason)
			}
			if v.Kind == store.Later && !v.Turn && v.Blocker != store.BlockAway && v.Blocker != store.BlockNoBox {
				t.Errorf("it does not wait for its turn: %+v", v)
			}
			if v.Kind != store.Pass {
				return
			}
			if m := v.Message; m.ID != 1 || m.Recipient == "" || m.Sender != "anna@test.local" || m.Subject == "" || m.HTML == "" || m.Text == "" || !m.AttemptAt.Equal(monday) {
				t.Errorf("the final message lacks something: %+v", m)
			}
		})
	}
}

// TestContent holds the text that goes out: values are filled in, escaped in HTML, and the signature is there.
func TestContent(t *testing.T) {
	t.Parallel()
	l, c := New(Config{}), good()
	c.Record.Values["last_name"] = "<b>O'Neil</b>"
	m := l.channel.gate(c, monday).Message
	if m.Subject != "Hello Marta" || !strings.Contains(m.HTML, "&lt;b&gt;O&#39;Neil&lt;/b&gt;") || !strings.Contains(m.HTML, "Anna &amp; Co") ||
		!strings.Contains(m.Text, "<b>O'Neil</b> & team") || !strings.Contains(m.Text, "Anna & Co") || m.Recipient != "marta@buyer.test" {
		t.Errorf("got %+v", m)
	}
	// A template that was changed is read again.
	c.Template.Subject, c.Template.Version = "Good morning", 2
	if m := l.channel.gate(c, monday).Message; m.Subject != "Good morning" {
		t.Errorf("the changed template gives %q", m.Subject)
	}
	c.Template.Subject = "Never seen: same revision"
	if m := l.channel.gate(c, monday).Message; m.Subject != "Good morning" {
		t.Errorf("a template is read once per revision, and gives %q", m.Subject)
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*store.MailCandidate)
		to     []string
		header map[string]string
		err    string
	}{
		{"plain", func(*store.MailCandidate) {}, []string{"marta@buyer.test"}, map[string]string{
			"From": "Anna Berg <anna@test.local>", "To": "marta@buyer.test", "Subject": "Hello", "Message-ID": "<cadenza.1@test.local>",
			"Date": "Mon, 02 Mar 2026 09:00:00 +0000", "Cc": "",
		}, ""},
		{
			"copies", func(c *store.MailCandidate) { c.Message.CC = "b@buyer.test, Cy Lee <c@buyer.test>,," },
			[]string{"marta@buyer.test", "b@buyer.test", "c@buyer.test"},
			map[string]string{"Cc": "b@buyer.test, Cy Lee <c@buyer.test>"},
			"",
		},
		{
			"hidden copies", func(c *store.MailCandidate) {
				c.Message.CC, c.Message.BCC = "b@buyer.test", "Dora <d@home.test>, e@home.test"
			},
			[]string{"marta@buyer.test", "b@buyer.test", "d@home.test", "e@home.test"},
			map[string]string{"Cc": "b@buyer.test", "Bcc": ""},
			"",
		},
		{"letters of any script", func(c *store.MailCandidate) {
			c.Message.Subject, c.Mailbox.SenderName = "Grüße 你好", "Änne Weiß"
		}, []string{"marta@buyer.test"}, map[string]string{"Subject": "Grüße 你好", "From": "Änne Weiß <anna@test.local>"}, ""},
		{
			"an international domain", func(c *store.MailCandidate) {
				c.Message.Recipient, c.Message.CC = "marta@bücher.test", "x@例え.test"
			},
			[]string{"marta@xn--bcher-kva.test", "x@xn--r8jz45g.test"},
			map[string]string{"To": "marta@xn--bcher-kva.test"},
			"",
		},
		{
			"a mailbox of an international domain", func(c *store.MailCandidate) {
				c.Mailbox.Address = "anna@bücher.test"
			},
			[]string{"marta@buyer.test"},
			map[string]string{"From": "Anna Berg <anna@xn--bcher-kva.test>"},
			"",
		},
		{
			"no sender's name", func(c *store.MailCandidate) { c.Mailbox.SenderName = "" },
			[]string{"marta@buyer.test"},
			map[string]string{"From": "Anna Berg <anna@test.local>"},
			"",
		},
		{
			"line breaks stay out of the header", func(c *store.MailCandidate) { c.Message.Subject = "Hello\r\nBcc: eve@buyer.test" },
			[]string{"marta@buyer.test"},
			map[string]string{"Bcc": ""},
			"",
		},
		{"no recipient", func(c *store.MailCandidate) { c.Message.Recipient = "" }, nil, nil, "the email address is empty"},
		{"wrong copy", func(c *store.MailCandidate) { c.Message.CC = "b@buyer.test, nobody" }, nil, nil, "is not an email address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			candidate := good()
			candidate.Message.Recipient, candidate.Message.Subject, candidate.Message.AttemptAt = "marta@buyer.test", "Hello", monday
			candidate.Message.HTML, candidate.Message.Text = "<p>Grüße</p>", "Grüße"
			c.change(candidate)
			raw, names, err := build(nil, candidate, Tracking{}, nil, false)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want an error that says %q", err, c.err)
				}
				return
			}
			if err != nil || !slices.Equal(names.to, c.to) {
				t.Fatalf("it goes to %v, %v, want %v", names.to, err, c.to)
			}
			checkWire(t, raw, c.header)
			if !bytes.Contains(raw, []byte("<"+names.from+">\r\n")) {
				t.Errorf("it goes out from %s, which its header does not say", names.from)
			}
		})
	}
}

// checkWire holds what every server takes: ASCII headers, short lines, CRLF, and both forms of the text.
func checkWire(t *testing.T, raw []byte, want map[string]string) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("a line has %d bytes or a bare line break", len(line))
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	decoder := mime.WordDecoder{}
	for name, value := range want {
		got, err := decoder.DecodeHeader(m.Header.Get(name))
		if got = strings.ReplaceAll(got, `"`, ""); err != nil || got != value {
			t.Errorf("%s is %q, %v, want %q", name, got, err, value)
		}
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for _, b := range head {
		if b >= 0x80 {
			t.Fatalf("the header is not ASCII: %q", head)
		}
	}
	for _, kind := range []string{"multipart/alternative", "text/plain", "text/html"} {
		if !bytes.Contains(bytes.ToLower(raw), []byte(kind)) {
			t.Errorf("there is no %s in %s", kind, raw)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempt int
		reason  string
		want    time.Duration
	}{
		{1, "The mail server answered 450: busy", 15 * time.Minute},
		{1, "The mail server answered 450: 4.2.0 Greylisted, come back", 5 * time.Minute},
		{2, "The mail server answered 450: 4.2.0 Greylisted, come back", time.Hour},
		{2, "", time.Hour},
		{3, "", 4 * time.Hour},
		{4, "", 0},
		{99, "", 0},
	} {
		t.Run(fmt.Sprint(c.attempt, c.reason), func(t *testing.T) {
			t.Parallel()
			if got, ok := retryAfter(c.attempt, c.reason); got != c.want || ok != (c.want > 0) {
				t.Errorf("got %v %v, want %v", got, ok, c.want)
			}
		})
	}
}
