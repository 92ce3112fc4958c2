package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// eml makes a message from lines.
func eml(lines ...string) []byte {
	return []byte(strings.Join(lines, "\r\n"))
}

func TestParseHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines []string
		want  Incoming
	}{
		{
			"a usual reply",
			[]string{
				"From: Ann Lee <ann@buyer.test>", "To: Bo <bo@seller.test>, cy@seller.test", "Cc: di@seller.test",
				"Reply-To: ann@home.test", "Subject: Re: Ten minutes", "Message-ID: <r1@buyer.test>",
				"In-Reply-To: <cadenza.m1@seller.test>", "References: <a@b.test>", " <cadenza.m1@seller.test>",
				"Date: Wed, 4 Mar 2026 11:00:00 +0100 (CET)",
			},
			Incoming{
				From: Address{"Ann Lee", "ann@buyer.test"}, To: []Address{{"Bo", "bo@seller.test"}, {"", "cy@seller.test"}},
				CC: []Address{{"", "di@seller.test"}}, ReplyTo: []Address{{"", "ann@home.test"}}, Subject: "Re: Ten minutes",
				MessageID: "r1@buyer.test", InReplyTo: "cadenza.m1@seller.test",
				References: []string{"a@b.test", "cadenza.m1@seller.test"}, Date: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC),
			},
		},
		{
			"encoded words",
			[]string{
				"From: =?iso-8859-1?q?=C4nn?= <ann@buyer.test>", "Subject: =?utf-8?b?w4RyZ2Vy?=", " =?utf-8?q?_hier?=",
				"To: =?windows-1252?q?B=80?= <bo@seller.test>",
			},
			Incoming{From: Address{"Änn", "ann@buyer.test"}, Subject: "Ärger hier", To: []Address{{"B€", "bo@seller.test"}}},
		},
		{
			"words that cannot be decoded",
			[]string{"Subject: =?klingon?q?a?= b", "From: =?klingon?q?a?= <a@b.test>"},
			Incoming{Subject: "=?klingon?q?a?= b", From: Address{"=?klingon?q?a?=", "a@b.test"}},
		},
		{
			"control characters behind encoded words",
			[]string{"Subject: =?utf-8?q?a=0D=0ABcc:_b=00c?="},
			Incoming{Subject: "a Bcc: b c"},
		},
		{
			"addresses that break the rules",
			[]string{"From: Lee, Ann <ann@buyer.test>", "To: <bo@seller.test>; x, cy@seller.test <cy@seller.test>,, a b@c", "Cc: undisclosed-recipients:;"},
			Incoming{From: Address{"Ann", "ann@buyer.test"}, To: []Address{{"", "bo@seller.test"}, {"", "cy@seller.test"}}},
		},
		{
			"a date nobody can read",
			[]string{"Date: tomorrow", "Subject: x"},
			Incoming{Subject: "x"},
		},
		{
			"ids that break the rules",
			[]string{"Message-ID: r1@buyer.test", "In-Reply-To: Your mail of Monday <m@x.test> and <n@x.test>", "References: ,,<a@b.test"},
			Incoming{MessageID: "r1@buyer.test", InReplyTo: "m@x.test"},
		},
		{
			"an international domain",
			[]string{"From: ann@xn--bcher-kva.test", "To: bo@BÜCHER.test"},
			Incoming{From: Address{"", "ann@bücher.test"}, To: []Address{{"", "bo@bücher.test"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustParse(t, eml(append(tt.lines, "", "body")...))
			if len(in.Headers) == 0 || in.Text != "body" || in.Truncated {
				t.Errorf("headers %v, text %q, truncated %v", in.Headers, in.Text, in.Truncated)
			}
			checkSameHeader(t, in, tt.want)
		})
	}
}

// checkSameHeader compares what the header says.
func checkSameHeader(t interface{ Errorf(string, ...any) }, got, want Incoming) {
	show := func(in Incoming) string {
		return fmt.Sprintf("from %q\nreply to %q\nto %q\ncc %q\nsubject %q\nid %q\nin reply to %q\nreferences %q\ndate %v",
			in.From, in.ReplyTo, in.To, in.CC, in.Subject, in.MessageID, in.InReplyTo, in.References, in.Date.UTC())
	}
	if g, w := show(got), show(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// multi is a multipart of the given kind with parts, each with its own header.
func multi(kind string, parts ...string) string {
	b := "b" + strings.Trim(kind, "/") + fmt.Sprint(len(parts))
	var s strings.Builder
	fmt.Fprintf(&s, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\npreamble", kind, b)
	for _, p := range parts {
		fmt.Fprintf(&s, "\r\n--%s\r\n%s", b, p)
	}
	fmt.Fprintf(&s, "\r\n--%s--\r\nepilogue", b)
	return s.String()
}

func TestParseBody(t *testing.T) {
	t.Parallel()
	text := "Content-Type: text/plain\r\n\r\nplain words"
	page := "Content-Type: text/html; charset=utf-8\r\n\r\n<p>rich words</p>"
	file := "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n" +
		"Content-Disposition: attachment; filename=\"../x/a.pdf\"\r\n\r\nUERG"
	tests := []struct {
		name, raw   string
		text, html  string
		attachments []Attachment
		truncated   bool
	}{
		{"plain", text, "plain words", "", nil, false},
		{"html alone", page, "", "<p>rich words</p>", nil, false},
		{"no type", "X: y\r\n\r\nwords", "words", "", nil, false},
		{"no body", "X: y\r\n\r\n", "", "", nil, false},
		{"no empty line", "X: y", "", "", nil, false},
		{"unix line ends", "X: y\n\na\nb\n", "a\nb", "", nil, false},
		{"old mac line ends", "X: y\r\n\r\na\rb", "a\nb", "", nil, false},
		{"a broken type", "Content-Type: ;;text\r\n\r\nwords", "words", "", nil, false},
		{"a bare type", "Content-Type: text\r\n\r\nwords", "words", "", nil, false},
		{"a doubled parameter", "Content-Type: text/html; charset=utf-8; charset=utf-8\r\n\r\n<p>", "", "<p>", nil, false},
		{"alternative", multi("alternative", text, page), "plain words", "<p>rich words</p>", nil, false},
		{
			"with a file", multi("mixed", multi("alternative", text, page), file), "plain words", "<p>rich words</p>",
			[]Attachment{{"a.pdf", "application/pdf", []byte("PDF")}},
			false,
		},
		{"two texts", multi("mixed", text, text), "plain words\nplain words", "", nil, false},
		{
			"a text as a file", multi("mixed", text, "Content-Disposition: attachment\r\n\r\nx\r\n"), "plain words", "",
			[]Attachment{{"attachment", "text/plain", []byte("x\r\n")}},
			false,
		},
		{
			"a text file keeps its bytes", multi("mixed", text,
				"Content-Type: text/csv; charset=iso-8859-1; name=a.csv\r\n\r\n\xe4"), "plain words", "",
			[]Attachment{{"a.csv", "text/csv", []byte("\xe4")}},
			false,
		},
		{
			"a picture of the text", multi("related", page, "Content-Type: image/png\r\nContent-ID: <p>\r\n\r\npng"), "", "<p>rich words</p>",
			[]Attachment{{"attachment", "image/png", []byte("png")}},
			false,
		},
		{
			"a mail in the mail", multi("mixed", text, "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx"), "plain words", "",
			[]Attachment{{"attachment", "message/rfc822", []byte("Subject: inner\r\n\r\nx")}},
			false,
		},
		{"latin letters", "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe4\xf6", "äö", "", nil, false},
		{"windows letters", "Content-Type: text/plain; charset=Windows-1252\r\n\r\n\x80", "€", "", nil, false},
		{"japanese", "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3$s\x1b(B", "こん", "", nil, false},
		{"an unknown charset", "Content-Type: text/plain; charset=klingon\r\n\r\na\xe4", "aä", "", nil, false},
		{"latin letters without a charset", "X: y\r\n\r\nGr\xfc\xdfe f\xfcr 5 \x80", "Grüße für 5 €", "", nil, false},
		{"latin letters that are said to be ASCII", "Content-Type: text/plain; charset=us-ascii\r\n\r\na\xe4", "aä", "", nil, false},
		{"latin letters in quoted-printable", "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>a=E4</p>", "", "<p>aä</p>", nil, false},
		{"latin letters in a part", multi("mixed", "Content-Type: text/plain\r\n\r\nGr\xfc\xdfe"), "Grüße", "", nil, false},
		{"UTF-8 without a charset", "X: y\r\n\r\nGr\u00fc\u00dfe", "Grüße", "", nil, false},
		{"UTF-8 with an unknown charset", "Content-Type: text/plain; charset=klingon\r\n\r\nGr\u00fc\u00dfe", "Grüße", "", nil, false},
		{
			"long UTF-8 without a charset", "X: y\r\n\r\n" + "a" + strings.Repeat("ä", TextMax/2), "a" + strings.Repeat("ä", TextMax/2-1) + "\ufffd", "", nil, true,
		},
		{
			"long latin letters without a charset", "X: y\r\n\r\n" + strings.Repeat("\xe4", TextMax), strings.Repeat("ä", TextMax/2), "", nil, true,
		},
		{"wrong bytes", "Content-Type: text/plain; charset=utf-8\r\n\r\na\xff\x00b", "a\ufffdb", "", nil, false},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3D=\r\nb=C3=A4", "a=bä", "", nil, false},
		{"base64", "Content-Transfer-Encoding: BASE64\r\n\r\nw6R\r\n4", "äx", "", nil, false},
		{"broken base64", "Content-Transfer-Encoding: base64\r\n\r\nw6R4!!", "äx", "", nil, true},
		{"an unknown encoding", "Content-Transfer-Encoding: rot13\r\n\r\nnopq", "nopq", "", nil, false},
		{"no boundary", "Content-Type: multipart/mixed\r\n\r\nwords", "words", "", nil, false},
		{"an empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nwords", "words", "", nil, false},
		{"a boundary that never comes", "Content-Type: multipart/mixed; boundary=x\r\n\r\nGr\xfc\xdfe,\r\ninterested!", "Grüße,\ninterested!", "", nil, false},
		{"a part's boundary that never comes", multi("mixed", "Content-Type: multipart/alternative; boundary=x\r\n\r\nwords", text), "words\nplain words", "", nil, false},
		{
			"a part without a header", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nwords and more\r\n--x--\r\n",
			"--x\nwords and more\n--x--", "", nil, false,
		},
		{
			"a long text whose boundary never comes", "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("a", 2*TextMax),
			strings.Repeat("a", TextMax), "", nil, true,
		},
		{"broken off", strings.TrimSuffix(multi("mixed", text, page), "\r\n--bmixed2--\r\nepilogue"), "plain words", "<p>rich words</p>", nil, true},
		{"long text", "X: y\r\n\r\n" + strings.Repeat("a", TextMax+1), strings.Repeat("a", TextMax), "", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustParse(t, []byte(tt.raw))
			if in.Text != tt.text || in.HTML != tt.html || in.Truncated != tt.truncated {
				t.Errorf("text %.60q, HTML %.60q, truncated %v,\nwant %.60q, %.60q, %v", in.Text, in.HTML, in.Truncated, tt.text, tt.html, tt.truncated)
			}
			checkAttachments(t, in.Attachments, tt.attachments)
		})
	}
}

func checkAttachments(t interface{ Errorf(string, ...any) }, got, want []Attachment) {
	same := func(a, b Attachment) bool {
		return a.Name == b.Name && a.Type == b.Type && string(a.Data) == string(b.Data)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("attachments %q, want %q", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw, want string
	}{
		{"nothing", "", "no header"},
		{"no header", "\r\nwords", "no header"},
		{"words", "just words", "its header cannot be read"},
		{"a header line without colon", "Subject: secret\r\nprivate words\r\n\r\n", "its header cannot be read"},
		{"begins with a space", " a: b\r\n\r\n", "its header cannot be read"},
		{"endless header", "X: " + strings.Repeat("a", headerMax) + "\r\n\r\n", "its header cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := Parse([]byte(tt.raw))
			if err == nil {
				t.Fatalf("Parse gives %+v, want an error", in)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse says %q, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), "private") {
				t.Errorf("Parse quotes the mail: %q", err)
			}
		})
	}
	if _, err := Parse(make([]byte, SizeMax+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Parse of too large a message says %v, want ErrTooLarge", err)
	}
}

func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	deep := "Content-Type: text/plain\r\n\r\nbottom"
	for i := range 200 {
		b := fmt.Sprintf("deep%d", i)
		deep = fmt.Sprintf("Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n", b, b, deep, b)
	}
	wide := "Content-Type: multipart/mixed; boundary=wide\r\n\r\n" + strings.Repeat("--wide\r\n\r\nx\r\n", 5000) + "--wide--\r\n"
	shallow := "Content-Type: text/plain\r\n\r\nbottom"
	for i := range depthMax {
		b := fmt.Sprintf("deep%d", i)
		shallow = fmt.Sprintf("Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n", b, b, shallow, b)
	}
	many := "References: " + strings.Repeat("<a@b.test> ", referencesMax) + "<last@b.test>\r\n\r\nx"
	comments := "To: " + strings.Repeat("(", 30_000) + "\r\nFrom: " + strings.Repeat("a@b.test,", 10_000) + "\r\n\r\nx"
	tests := []struct {
		name, raw string
		text      string
		truncated bool
	}{
		{"too deep", "Subject: s\r\n" + deep, "", true},
		{"just deep enough", "Subject: s\r\n" + shallow, "bottom", false},
		{"too wide", "Subject: s\r\n" + wide, strings.TrimSuffix(strings.Repeat("x\n", partsMax-1), "\n"), true},
		{"many references", "Subject: s\r\n" + many, "x", false},
		{"endless addresses", "Subject: s\r\n" + comments, "x", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := mustParse(t, []byte(tt.raw))
			if in.Subject != "s" || in.Text != tt.text || in.Truncated != tt.truncated {
				t.Errorf("subject %q, text %q, truncated %v, want text %q, %v", in.Subject, in.Text, in.Truncated, tt.text, tt.truncated)
			}
			if len(in.References) > referencesMax {
				t.Errorf("%d references, want at most %d", len(in.References), referencesMax)
			}
			if n := len(in.References); n > 0 && in.References[n-1] != "last@b.test" {
				t.Errorf("the latest reference is %q", in.References[n-1])
			}
		})
	}
}

func TestHeaderByName(t *testing.T) {
	t.Parallel()
	in := mustParse(t, eml("X-One: first", "x-one: second", "Auto-Submitted: auto-replied", "", "x"))
	for name, want := range map[string]string{"x-ONE": "first", "auto-submitted": "auto-replied", "X-Two": ""} {
		if got := in.Header(name); got != want {
			t.Errorf("Header(%q) = %q, want %q", name, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	raw := mustBuild(b, letter())
	b.ReportAllocs()
	for b.Loop() {
		mustParse(b, raw)
	}
}
