package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mails are messages in the shapes that the usual programs send, and what must be read from them.
var mails = []struct {
	name        string
	raw         []byte
	from        string
	answers     string // the token of ours that it answers
	text, html  string
	attachments int
	auto        string // Auto-Submitted
}{
	{
		name: "a reply from a web mailer",
		raw: eml(
			"MIME-Version: 1.0",
			"References: <cadenza.m1@seller.test>",
			"In-Reply-To: <cadenza.m1@seller.test>",
			"From: Ann Lee <ann@buyer.test>",
			"Date: Wed, 4 Mar 2026 12:01:02 +0100",
			"Message-ID: <CAPq+x=abc_1@mail.buyer.test>",
			"Subject: Re: Ten minutes this week?",
			"To: Bo Beck <bo@seller.test>",
			"Content-Type: multipart/alternative; boundary=\"000000000000abcdef\"",
			"",
			"--000000000000abcdef",
			"Content-Type: text/plain; charset=\"UTF-8\"",
			"Content-Transfer-Encoding: quoted-printable",
			"",
			"Thursday at ten =E2=80=93 fine.",
			"",
			"On Wed, 4 Mar 2026 at 10:00, Bo Beck <bo@seller.test> wrote:",
			"",
			"> Hello Ann,",
			"",
			"--000000000000abcdef",
			"Content-Type: text/html; charset=\"UTF-8\"",
			"",
			"<div dir=\"ltr\">Thursday at ten.</div>",
			"",
			"--000000000000abcdef--",
			"",
		),
		from:    "ann@buyer.test",
		answers: "m1",
		text:    "Thursday at ten – fine.\n\nOn Wed, 4 Mar 2026 at 10:00, Bo Beck <bo@seller.test> wrote:\n\n> Hello Ann,",
		html:    "<div dir=\"ltr\">Thursday at ten.</div>",
	},
	{
		name: "a reply from an office program",
		raw: eml(
			"Received: from x.test by y.test; Wed, 4 Mar 2026 11:01:03 +0000",
			"From: \"Lee, Ann\" <Ann.Lee@BUYER.test>",
			"To: \"'Bo Beck'\" <bo@seller.test>",
			"Subject: AW: Ten minutes this week?",
			"Thread-Topic: Ten minutes this week?",
			"Date: Wed, 4 Mar 2026 11:01:02 +0000",
			"Message-ID: <AM0PR01MB1234@AM0PR01MB1234.prod.test>",
			"References: <cadenza.m1@seller.test>",
			"In-Reply-To: <cadenza.m1@seller.test>",
			"Content-Type: multipart/related;",
			"\tboundary=\"_004_AM0PR_\";",
			"\ttype=\"multipart/alternative\"",
			"MIME-Version: 1.0",
			"",
			"--_004_AM0PR_",
			"Content-Type: multipart/alternative;",
			"\tboundary=\"_000_AM0PR_\"",
			"",
			"--_000_AM0PR_",
			"Content-Type: text/plain; charset=\"iso-8859-1\"",
			"Content-Transfer-Encoding: quoted-printable",
			"",
			"Gr=FC=DFe",
			"",
			"--_000_AM0PR_",
			"Content-Type: text/html; charset=\"iso-8859-1\"",
			"Content-Transfer-Encoding: quoted-printable",
			"",
			"<html><body>Gr=FC=DFe<img src=3D\"cid:image001.png\"></body></html>",
			"",
			"--_000_AM0PR_--",
			"",
			"--_004_AM0PR_",
			"Content-Type: image/png; name=\"image001.png\"",
			"Content-Disposition: inline; filename=\"image001.png\"; size=3;",
			"\tcreation-date=\"Wed, 04 Mar 2026 11:01:01 GMT\"",
			"Content-ID: <image001.png>",
			"Content-Transfer-Encoding: base64",
			"",
			"AAEC",
			"",
			"--_004_AM0PR_--",
			"",
		),
		from:        "Ann.Lee@buyer.test",
		answers:     "m1",
		text:        "Grüße",
		html:        "<html><body>Grüße<img src=\"cid:image001.png\"></body></html>",
		attachments: 1,
	},
	{
		name: "an out-of-office answer",
		raw: eml(
			"From: ann@buyer.test",
			"To: bo@seller.test",
			"Subject: =?UTF-8?B?QWJ3ZXNlbmhlaXQ=?=",
			"Auto-Submitted: auto-replied (vacation)",
			"X-Auto-Response-Suppress: All",
			"In-Reply-To: <cadenza.m1@seller.test>",
			"Message-ID: <v1@buyer.test>",
			"Content-Type: text/plain; charset=utf-8",
			"",
			"Back on Monday.",
			"",
		),
		from:    "ann@buyer.test",
		answers: "m1",
		text:    "Back on Monday.",
		auto:    "auto-replied (vacation)",
	},
	{
		name: "a bounce",
		raw: eml(
			"Return-Path: <>",
			"From: MAILER-DAEMON@mx.test (Mail Delivery System)",
			"Subject: Undelivered Mail Returned to Sender",
			"To: bo@seller.test",
			"Auto-Submitted: auto-replied",
			"MIME-Version: 1.0",
			"Content-Type: multipart/report; report-type=delivery-status;",
			"\tboundary=\"4B.1/mx.test\"",
			"Message-Id: <20260304.4B@mx.test>",
			"",
			"This is a MIME-encapsulated message.",
			"",
			"--4B.1/mx.test",
			"Content-Description: Notification",
			"Content-Type: text/plain; charset=us-ascii",
			"",
			"user unknown",
			"",
			"--4B.1/mx.test",
			"Content-Type: message/delivery-status",
			"",
			"Final-Recipient: rfc822; ann@buyer.test",
			"Action: failed",
			"Status: 5.1.1",
			"",
			"--4B.1/mx.test",
			"Content-Type: text/rfc822-headers",
			"",
			"Message-ID: <cadenza.m1@seller.test>",
			"",
			"--4B.1/mx.test--",
			"",
		),
		from:        "MAILER-DAEMON@mx.test",
		text:        "user unknown",
		attachments: 2,
		auto:        "auto-replied",
	},
	{
		name: "a list's footer behind the text",
		raw: eml(
			"From: ann@buyer.test",
			"Content-Type: multipart/mixed; boundary=\"===============1==\"",
			"",
			"--===============1==",
			"Content-Type: text/plain; charset=\"us-ascii\"",
			"",
			"words",
			"--===============1==",
			"Content-Type: text/plain; charset=\"us-ascii\"",
			"Content-Disposition: inline",
			"",
			"_______",
			"list mailing list",
			"--===============1==--",
		),
		from: "ann@buyer.test",
		text: "words\n_______\nlist mailing list",
	},
}

func TestParseMails(t *testing.T) {
	t.Parallel()
	for _, tt := range mails {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustParse(t, tt.raw)
			if in.From.Email != tt.from || in.Text != tt.text || in.HTML != tt.html || in.Truncated {
				t.Errorf("from %q, text %q, HTML %q, truncated %v", in.From.Email, in.Text, in.HTML, in.Truncated)
			}
			if token, _ := TokenOf(in.InReplyTo); token != tt.answers {
				t.Errorf("answers %q, want %q", token, tt.answers)
			}
			if len(in.Attachments) != tt.attachments {
				t.Errorf("attachments %q, want %d", in.Attachments, tt.attachments)
			}
			if got := in.Header("Auto-Submitted"); got != tt.auto {
				t.Errorf("Auto-Submitted is %q, want %q", got, tt.auto)
			}
		})
	}
}

// TestParseMailsBrokenOff cuts every mail at every byte. Within the body the header's facts stay, so that a broken
// answer still counts as an answer; within the header the mail is read or refused.
func TestParseMailsBrokenOff(t *testing.T) {
	t.Parallel()
	for _, tt := range mails {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := bytes.Index(tt.raw, []byte("\r\n\r\n")) + 4
			for cut := range tt.raw {
				in, err := Parse(tt.raw[:cut])
				if cut < body {
					continue
				}
				if err != nil {
					t.Fatalf("cut at %d of %d: %v", cut, len(tt.raw), err)
				}
				if token, _ := TokenOf(in.InReplyTo); token != tt.answers || in.From.Email != tt.from {
					t.Fatalf("cut at %d: from %q, answers %q", cut, in.From.Email, token)
				}
				if len(in.Text) > cut || len(in.HTML) > cut {
					t.Fatalf("cut at %d: more text than mail: %q, %q", cut, in.Text, in.HTML)
				}
			}
		})
	}
}

// TestOthersReadOurMail reads what Build makes with the standard library alone, so that Build and Parse cannot agree
// on a mistake.
func TestOthersReadOurMail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOutgoing(t)
		o.Attachments = nil
		o.HTML = "<p>" + drawBody(t, "rich") + "</p>"
		raw, err := Build(o)
		if err != nil {
			t.Fatalf("Build: %v", err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("net/mail cannot read it: %v\n%s", err, raw)
		}
		var words mime.WordDecoder
		if got, err := words.DecodeHeader(m.Header.Get("Subject")); err != nil || got != cleanLine(o.Subject) {
			t.Fatalf("subject %q, %v, want %q", got, err, cleanLine(o.Subject))
		}
		wire, err := WireEmail(o.To.Email)
		if err != nil {
			t.Fatalf("WireEmail(%q): %v", o.To.Email, err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != wire || to[0].Name != cleanLine(o.To.Name) {
			t.Fatalf("to %v, %v, want %q <%s>", to, err, o.To.Name, wire)
		}
		kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil || kind != "multipart/alternative" {
			t.Fatalf("type %q, %v", kind, err)
		}
		parts := multipart.NewReader(m.Body, params["boundary"])
		for _, want := range []struct{ kind, content string }{
			{"text/plain; charset=utf-8", ""},
			{"text/html; charset=utf-8", cleanText(o.HTML)},
		} {
			p, err := parts.NextRawPart()
			if err != nil || p.Header.Get("Content-Type") != want.kind {
				t.Fatalf("part %v, %v, want %s", p, err, want.kind)
			}
			body, err := io.ReadAll(quotedprintable.NewReader(p))
			if err != nil {
				t.Fatalf("read %s: %v", want.kind, err)
			}
			if got := strings.ReplaceAll(string(body), "\r\n", "\n"); want.content != "" && got != want.content {
				t.Fatalf("%s is %q, want %q", want.kind, got, want.content)
			}
		}
		if _, err := parts.NextRawPart(); err != io.EOF {
			t.Fatalf("behind the last part: %v, want the end", err)
		}
	})
}

func TestAttachmentNamesAndTypes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, kind, wantName, wantKind string }{
		{"a.pdf", "application/pdf", "a.pdf", "application/pdf"},
		{"../../etc/passwd", "text/plain; charset=latin1", "passwd", "text/plain"},
		{`C:\x\a b.txt`, "TEXT/CSV", "a b.txt", "text/csv"},
		{"", "", "attachment", "application/octet-stream"},
		{"..", "nonsense", "attachment", "application/octet-stream"},
		{"a\r\nX: y.txt", "multipart/mixed; boundary=x", "a X: y.txt", "application/octet-stream"},
		{"mail.eml", "message/rfc822", "mail.eml", "application/octet-stream"},
		{"漢字 \"x\".png", "image/png", "漢字 \"x\".png", "image/png"},
		{strings.Repeat("ä", 100), "image/png", strings.Repeat("ä", 75), "image/png"},
	}
	for _, tt := range tests {
		o := letter()
		o.Attachments = []Attachment{{tt.name, tt.kind, []byte{0, 1, 0xff, '\r', '\n'}}}
		raw := mustBuild(t, o)
		checkWire(t, raw)
		if !bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString([]byte{0, 1, 0xff, '\r', '\n'}))) {
			t.Errorf("%q is not base64 in\n%s", tt.name, raw)
		}
		checkAttachments(t, mustParse(t, raw).Attachments,
			[]Attachment{{tt.wantName, tt.wantKind, []byte{0, 1, 0xff, '\r', '\n'}}})
	}
}
