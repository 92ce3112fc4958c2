package message

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// drawLine draws a subject or name: any characters, often such as break headers.
func drawLine(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringN(0, 300, -1),
		rapid.StringMatching(`[a-zA-Z ,.;:<>@"\\()=?_-]{0,80}`),
		rapid.StringOf(rapid.RuneFrom([]rune("äß€漢字😀 a=?_\u200b\u0301"))),
		rapid.StringOf(rapid.RuneFrom(nil, unicode.Han, unicode.Arabic, unicode.Latin)),
		rapid.SampledFrom([]string{"=?utf-8?q?a?=", "=?", "?=", "\r\n\r\n", " a  b ", strings.Repeat("a", 1200), "\ufeff", "\xff"}),
	).Draw(t, label)
}

// drawBody draws text with the line ends and edges that encodings stumble over.
func drawBody(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringN(0, 3000, -1),
		rapid.StringOf(rapid.RuneFrom([]rune("ab=. \t\r\n-_äß漢😀\x00"))),
		rapid.SampledFrom([]string{".", "\n.\n", "From x", "--=_", "a \n", "=\n", "\r", strings.Repeat("x", 5000)}),
	).Draw(t, label)
}

// drawAddress draws an address in its normal form.
func drawAddress(t *rapid.T, label string) Address {
	email := rapid.SampledFrom([]string{
		"ann@buyer.test", "o'hara+x@a-b.c.test", "a.b@bücher.test", "x@例え.test", "änn@buyer.test",
		strings.Repeat("l", 64) + "@" + strings.Repeat("d", 60) + ".test",
	}).Draw(t, label+" email")
	return Address{Name: drawLine(t, label+" name"), Email: email}
}

func drawID(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.StringMatching(`[!-;=?-~]{1,40}@[a-z.]{1,20}`),
		rapid.Map(rapid.String(), func(s string) string { return NewMessageID(s, "seller.test") }),
	).Draw(t, label)
}

func drawOutgoing(t *rapid.T) Outgoing {
	o := Outgoing{
		From: drawAddress(t, "from"), To: drawAddress(t, "to"), Subject: drawLine(t, "subject"),
		Text: drawBody(t, "text"), MessageID: NewMessageID(drawLine(t, "token"), "seller.test"),
		Date: time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "date"), 0).In(
			time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(t, "offset"))),
	}
	if len(o.MessageID) > 900 {
		o.MessageID = NewMessageID("m", "seller.test")
	}
	if rapid.Bool().Draw(t, "has html") {
		o.HTML = drawBody(t, "html")
	}
	if rapid.Bool().Draw(t, "has reply-to") {
		a := drawAddress(t, "reply-to")
		o.ReplyTo = &a
	}
	for range rapid.IntRange(0, 3).Draw(t, "copies") {
		o.CC = append(o.CC, drawAddress(t, "cc"))
	}
	if rapid.Bool().Draw(t, "is a reply") {
		o.InReplyTo = drawID(t, "in reply to")
		o.References = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawID(t, "reference") }), 0, 20).Draw(t, "references")
	}
	for range rapid.IntRange(0, 2).Draw(t, "attachments") {
		o.Attachments = append(o.Attachments, Attachment{
			Name: rapid.StringMatching(`[a-zA-Zäß漢 ;"']{1,20}\.[a-z]{1,4}`).Draw(t, "file"),
			Type: rapid.SampledFrom([]string{"application/pdf", "text/plain", "text/csv", "image/png", "text/html"}).Draw(t, "type"),
			Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
		})
	}
	return o
}

// TestRulesOfBuild: what is built can be sent, reads back as it was meant, and is the same when built again.
func TestRulesOfBuild(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOutgoing(t)
		raw, err := Build(o)
		if err != nil {
			t.Fatalf("Build: %v", err)
		}
		checkWire(t, raw)
		if again, err := Build(o); err != nil || !bytes.Equal(raw, again) {
			t.Fatalf("building twice gives other bytes (%v)", err)
		}
		in, err := Parse(raw)
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, raw)
		}
		checkSameHeader(t, in, meant(o))
		text, html := cleanText(o.Text), cleanText(o.HTML)
		if text == "" && html != "" {
			text = cleanText(PlainText(html))
		}
		if in.Text != text || in.HTML != html || in.Truncated {
			t.Fatalf("text %q and HTML %q (truncated %v), want %q and %q", in.Text, in.HTML, in.Truncated, text, html)
		}
		for i, a := range o.Attachments {
			o.Attachments[i].Name = attachmentName(a.Name)
		}
		checkAttachments(t, in.Attachments, o.Attachments)
	})
}

// meant is how a reader should see the header of a mail.
func meant(o Outgoing) Incoming {
	clean := func(a Address) Address { return Address{cleanLine(a.Name), a.Email} }
	in := Incoming{
		From: clean(o.From), To: []Address{clean(o.To)}, Subject: cleanLine(o.Subject), MessageID: o.MessageID,
		InReplyTo: o.InReplyTo, Date: o.Date,
	}
	for _, id := range o.References {
		if usableID(id) {
			in.References = append(in.References, id)
		}
	}
	for _, a := range o.CC {
		in.CC = append(in.CC, clean(a))
	}
	if !usableID(o.InReplyTo) {
		in.InReplyTo = ""
	}
	if o.ReplyTo != nil {
		in.ReplyTo = []Address{clean(*o.ReplyTo)}
	}
	return in
}

// TestRulesOfHeaders: a header of the caller's is refused or arrives as one field with its words.
func TestRulesOfHeaders(t *testing.T) {
	t.Parallel()
	without := len(fieldNames(t, mustBuild(t, letter())))
	rapid.Check(t, func(t *rapid.T) {
		h := Header{
			Name:  rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z-]{1,20}`)).Draw(t, "name"),
			Value: drawLine(t, "value"),
		}
		o := letter()
		o.Headers = []Header{h}
		raw, err := Build(o)
		if err != nil {
			return
		}
		checkWire(t, raw)
		if n := len(fieldNames(t, raw)); n != without+1 {
			t.Fatalf("%q makes %d header fields of one:\n%s", h, n-without, raw)
		}
		in, err := Parse(raw)
		if err != nil {
			t.Fatalf("Parse: %v", err)
		}
		want := strings.Join(strings.Fields(h.Value), " ")
		if got := strings.Join(strings.Fields(in.Header(h.Name)), " "); got != want && !strings.Contains(h.Value, "=?") {
			t.Fatalf("header %q arrives as %q", h, got)
		}
	})
}

// TestRulesOfAddresses: what ParseAddress accepts is valid, is in its normal form, and can be built with.
func TestRulesOfAddresses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[a-zA-ZäÖß.+'-]{1,10}@[a-zA-ZäÖß.-]{1,20}\.(test|TEST|例え)`),
			rapid.StringMatching(`"?[a-zA-Z ,\\"]{0,10}"? ?<[a-z.]{1,5}@[a-z.]{1,9}>`),
		).Draw(t, "address")
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if !ValidEmail(a.Email) || a.Name != cleanLine(a.Name) {
			t.Fatalf("ParseAddress(%q) = %+v, which is not valid", s, a)
		}
		again, err := ParseAddress(a.Email)
		if err != nil || again.Email != a.Email {
			t.Fatalf("ParseAddress(%q) = %q, which reads as %q, %v", s, a.Email, again.Email, err)
		}
		if domain := DomainOf(a.Email); !strings.HasSuffix(a.Email, "@"+domain) || DomainOf("x@"+domain) != domain {
			t.Fatalf("DomainOf(%q) = %q", a.Email, domain)
		}
		o := letter()
		o.To = a
		raw, err := Build(o)
		if err != nil {
			t.Fatalf("Build with %+v: %v", a, err)
		}
		if in, err := Parse(raw); err != nil || !slices.Equal(in.To, []Address{a}) {
			t.Fatalf("%+v arrives as %+v, %v", a, in.To, err)
		}
	})
}

// FuzzParse feeds anything to Parse and holds what everybody relies on who stores or shows the result.
func FuzzParse(f *testing.F) {
	full := letter()
	full.Attachments = []Attachment{{"ä.txt", "text/plain", []byte("x")}}
	f.Add(mustBuild(f, letter()))
	f.Add(mustBuild(f, full))
	for _, s := range []string{
		"", "a: b\r\n\r\nc", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--", "Subject: =?utf-8?q?=0D=0A?=\n\n",
		"Content-Type: text/html; charset=utf-16\r\n\r\n\xff\xfe<\x00", "From: (((\r\nTo: <<a@b>>\r\n\r\n", "Date: x\r\nReferences: <a@b",
		"Content-Type: multipart/x; boundary=\"\"\r\n\r\n----\r\n", "Content-Transfer-Encoding: base64\r\n\r\n=A=",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := Parse(raw)
		if err != nil {
			return
		}
		for _, s := range []string{in.Text, in.HTML} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00") {
				t.Fatalf("text cannot be stored or shown: %q", s)
			}
		}
		lines := []string{in.Subject, in.MessageID, in.InReplyTo, in.From.Name, in.From.Email}
		for _, h := range in.Headers {
			lines = append(lines, h.Name, h.Value)
		}
		for _, a := range slices.Concat(in.To, in.CC, in.ReplyTo) {
			lines = append(lines, a.Name, a.Email)
		}
		for _, a := range in.Attachments {
			lines = append(lines, a.Name, a.Type)
		}
		for _, s := range append(lines, in.References...) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("%q is not one line of text", s)
			}
		}
		answer := letter()
		answer.Subject, answer.InReplyTo, answer.References = "Re: "+in.Subject, in.MessageID, in.References
		answer.Text, answer.HTML = in.Text, SanitizeHTML(in.HTML)
		checkWire(t, mustBuild(t, answer))
	})
}
