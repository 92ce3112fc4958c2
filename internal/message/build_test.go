package message

import (
	"bytes"
	"flag"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden messages")

// letter is a usual mail; tests change what they are about.
func letter() Outgoing {
	return Outgoing{
		From:      Address{"Bo Beck", "bo@seller.test"},
		To:        Address{"Ann Lee", "ann@buyer.test"},
		Subject:   "Ten minutes this week?",
		HTML:      `<p>Hello Ann,</p><p>see <a href="https://seller.test/x?a=1&amp;b=2">our offer</a>.</p>`,
		MessageID: NewMessageID("m1", "seller.test"),
		Date:      time.Date(2026, 3, 4, 10, 0, 0, 0, time.FixedZone("", 3600)),
	}
}

func mustBuild(t testing.TB, o Outgoing) []byte {
	t.Helper()
	raw, err := Build(o)
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	return raw
}

func mustParse(t testing.TB, raw []byte) Incoming {
	t.Helper()
	in, err := Parse(raw)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, raw)
	}
	return in
}

// TestBuildGolden compares whole messages, byte for byte, with files that a person has read.
func TestBuildGolden(t *testing.T) {
	t.Parallel()
	full := letter()
	full.From.Name = "Beck, Bo \"the\" Seller"
	full.To = Address{"Änn Ļee", "ann@bücher.test"}
	full.ReplyTo = &Address{"", "team@seller.test"}
	full.CC = []Address{{"Cy", "cy@buyer.test"}, {"", "di@buyer.test"}}
	full.Subject = "Zürich: Ihre Anfrage über 25 Plätze – können wir diese Woche darüber sprechen? Ja gern 😀"
	full.InReplyTo = "<CAF=abc@mail.test>"
	full.References = []string{"first@mail.test", "<CAF=abc@mail.test>"}
	full.Headers = []Header{
		{"List-Unsubscribe", "<https://seller.test/u/abc>, <mailto:u@seller.test?subject=abc>"},
		{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
	}
	full.Attachments = []Attachment{{"Preisliste für Änn.pdf", "application/pdf", []byte("%PDF-1.4 nothing")}}
	plain := letter()
	plain.HTML, plain.Text = "", "Hello Ann,\n\n.a line with a dot\nFrom here \nüber = 3\n"
	for name, o := range map[string]Outgoing{"usual": letter(), "full": full, "plain": plain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustBuild(t, o)
			// Files keep LF ends so that they survive editors; the CRLF are checked in checkWire.
			checkWire(t, got)
			text := bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n"))
			file := filepath.Join("testdata", "built", name+".eml")
			if *update {
				if err := os.WriteFile(file, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text, want) {
				t.Errorf("Build gives\n%s\nwant %s:\n%s", text, file, want)
			}
		})
	}
}

var boundaryLine = regexp.MustCompile(`\r\nContent-Type: multipart/[a-z]+;\s+boundary="(=_[0-9a-f]{30})"`)

// checkWire holds what every message that leaves must keep.
func checkWire(t interface{ Fatalf(string, ...any) }, raw []byte) {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Fatalf("the message does not end in CRLF:\n%q", raw)
	}
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) ||
		bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) {
		t.Fatalf("the message has a bare CR or LF:\n%q", raw)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > lineMax {
			t.Fatalf("a line of %d bytes:\n%.200s", len(line), line)
		}
	}
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.Contains(line, "=?utf-8?") && len(line) > lineAim {
			t.Fatalf("a line of %d characters with an encoded word: %s", len(line), line)
		}
		if strings.TrimSpace(line) == "" {
			t.Fatalf("an empty line within the header:\n%s", head)
		}
	}
	for i, m := range boundaryLine.FindAllSubmatch(raw, -1) {
		if n := bytes.Count(raw, append([]byte("\r\n--"), m[1]...)); n < 2 {
			t.Fatalf("boundary %d (%s) stands %d times", i, m[1], n)
		}
	}
}

// fieldNames are the names of the header fields, as a parser that is not ours sees them.
func fieldNames(t interface{ Fatalf(string, ...any) }, raw []byte) []string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("net/mail cannot read the message: %v\n%s", err, raw)
	}
	var names []string
	for name, values := range m.Header {
		for range values {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestBuildIsDeterministic(t *testing.T) {
	t.Parallel()
	o := letter()
	o.Attachments = []Attachment{{"a.txt", "text/plain", []byte("a")}}
	first := mustBuild(t, o)
	if again := mustBuild(t, o); !bytes.Equal(first, again) {
		t.Errorf("the same input gives\n%s\nand\n%s", first, again)
	}
	o.MessageID = NewMessageID("m2", "seller.test")
	if bytes.Equal(boundaryLine.Find(first), boundaryLine.Find(mustBuild(t, o))) {
		t.Error("two messages share a boundary")
	}
}

// TestBuildCannotBeInjected puts line breaks and a header into every value that people or records provide.
func TestBuildCannotBeInjected(t *testing.T) {
	t.Parallel()
	want := fieldNames(t, mustBuild(t, letter()))
	for _, evil := range []string{
		"x\r\nBcc: all@evil.test", "x\nBcc: all@evil.test", "x\rBcc: all@evil.test", "x\r\n\r\n<script>",
		"x\u2028Bcc: all@evil.test", "x\x00\x0bBcc: y", "=?utf-8?q?x=0D=0ABcc:_all@evil.test?=",
	} {
		t.Run(evil, func(t *testing.T) {
			t.Parallel()
			o := letter()
			o.Subject, o.From.Name, o.To.Name = evil, evil, evil
			o.Attachments = []Attachment{{evil, evil, []byte("a")}}
			raw := mustBuild(t, o)
			checkWire(t, raw)
			if got := fieldNames(t, raw); !slices.Equal(got, want) {
				t.Errorf("header fields %v, want %v:\n%s", got, want, raw)
			}
			in := mustParse(t, raw)
			if in.Subject != cleanLine(evil) || in.From.Name != cleanLine(evil) {
				t.Errorf("subject %q and name %q, want %q", in.Subject, in.From.Name, cleanLine(evil))
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Outgoing)
		want   string
	}{
		{"no sender", func(o *Outgoing) { o.From.Email = "" }, "From: an address is not valid"},
		{"no recipient", func(o *Outgoing) { o.To.Email = "" }, "To: an address is not valid"},
		{"injected recipient", func(o *Outgoing) { o.To.Email = "a@b.test>\r\nBcc: <c@d.test" }, "To: an address is not valid"},
		{"two recipients in one", func(o *Outgoing) { o.To.Email = "a@b.test,c@d.test" }, "To: an address is not valid"},
		{"bad copy", func(o *Outgoing) { o.CC = []Address{{"", "x"}} }, "Cc: an address is not valid"},
		{"bad reply address", func(o *Outgoing) { o.ReplyTo = &Address{"", "x"} }, "Reply-To: an address is not valid"},
		{"no id", func(o *Outgoing) { o.MessageID = "" }, "Message-ID: it is not valid"},
		{"injected id", func(o *Outgoing) { o.MessageID = "a@b.test>\r\nBcc: x" }, "Message-ID: it is not valid"},
		{"no date", func(o *Outgoing) { o.Date = time.Time{} }, "Date: it is missing"},
		{"a date that cannot be written", func(o *Outgoing) { o.Date = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) }, "Date:"},
		{"injected header", func(o *Outgoing) { o.Headers = []Header{{"X-A", "a\r\nBcc: x"}} }, "header X-A has a line break"},
		{"injected header name", func(o *Outgoing) { o.Headers = []Header{{"X-A: b\r\nBcc", "x"}} }, "a header's name is not valid"},
		{"no header name", func(o *Outgoing) { o.Headers = []Header{{"", "x"}} }, "a header's name is not valid"},
		{"own header", func(o *Outgoing) { o.Headers = []Header{{"subject", "x"}} }, "header subject is written by Build alone"},
		{"hidden recipient", func(o *Outgoing) { o.Headers = []Header{{"BCC", "x@y.test"}} }, "header BCC is written"},
		{"own body header", func(o *Outgoing) { o.Headers = []Header{{"Content-Type", "text/html"}} }, "header Content-Type is written"},
		{"too long a word", func(o *Outgoing) { o.Headers = []Header{{"X-A", strings.Repeat("a", 1000)}} }, "too long for a line"},
		{"too large", func(o *Outgoing) { o.Attachments = []Attachment{{Data: make([]byte, SizeMax)}} }, "longer than 40 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := letter()
			tt.change(&o)
			raw, err := Build(o)
			if err == nil {
				t.Fatalf("Build gives\n%s\nwant an error with %q", raw, tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Build says %q, want %q in it", err, tt.want)
			}
		})
	}
}

func TestBuildNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := Build(Outgoing{Headers: []Header{{"Bcc", "x"}}})
	if err == nil {
		t.Fatal("Build of nothing gives a message")
	}
	for _, want := range []string{"From:", "To:", "Message-ID:", "Date:", "header Bcc"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Build says %q, want %q in it", err, want)
		}
	}
}

func TestBuildErrorsKeepAddressesToThemselves(t *testing.T) {
	t.Parallel()
	o := letter()
	o.To.Email = "secret.person@@nowhere"
	o.Subject = "private words"
	if _, err := Build(o); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "private") {
		t.Errorf("Build says %v, want an error without the address or the subject", err)
	}
}

func TestBuildMakesTextFromHTML(t *testing.T) {
	t.Parallel()
	in := mustParse(t, mustBuild(t, letter()))
	if want := "Hello Ann,\n\nsee our offer ( https://seller.test/x?a=1&b=2 )."; in.Text != want {
		t.Errorf("text is %q, want %q", in.Text, want)
	}
	o := letter()
	o.Text = "Own words"
	if in := mustParse(t, mustBuild(t, o)); in.Text != "Own words" || in.HTML != o.HTML {
		t.Errorf("text %q and HTML %q, want those given", in.Text, in.HTML)
	}
}

func TestBuildLeavesOutUnusableIDs(t *testing.T) {
	t.Parallel()
	o := letter()
	o.InReplyTo = "a b@c"
	o.References = []string{"ok@mail.test", "", "x\r\nBcc: y@z.test", "no-at-sign", strings.Repeat("a", 1000)}
	in := mustParse(t, mustBuild(t, o))
	if in.InReplyTo != "" || !slices.Equal(in.References, []string{"ok@mail.test", "no-at-sign"}) {
		t.Errorf("in reply to %q, references %q", in.InReplyTo, in.References)
	}
}

func TestBuildDates(t *testing.T) {
	t.Parallel()
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("", -12*3600), time.FixedZone("", 5*3600+45*60), time.FixedZone("", 4*3600+17)} {
		o := letter()
		o.Date = time.Date(2026, 12, 31, 23, 59, 59, 999, zone)
		if in := mustParse(t, mustBuild(t, o)); !in.Date.Equal(o.Date.Truncate(time.Second)) {
			t.Errorf("date %v comes back as %v", o.Date, in.Date)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	o := letter()
	b.ReportAllocs()
	for b.Loop() {
		mustBuild(b, o)
	}
}
