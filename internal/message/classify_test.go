package message

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestClassifyCorpus reads every mail of testdata/received and compares what is read of it with want.txt. The beginning of
// a file's name says its class.
func TestClassifyCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/received/*.eml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	var b strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		r, name := Classify(in), strings.TrimSuffix(filepath.Base(file), ".eml")
		fmt.Fprintf(&b, "%s: %s\n", name, describe(in, r))
		prefix, _, _ := strings.Cut(name, "_")
		means := map[string]Class{
			"reply": HumanReply, "auto": AutomaticReply, "bounce": HardBounce, "soft": SoftBounce, "complaint": Complaint, "unrelated": Unrelated,
		}
		if want, ok := means[prefix]; ok && r.Class != want {
			t.Errorf("%s is %s, want %s", name, r.Class, want)
		}
	}
	golden(t, "testdata/received/want.txt", b.String())
}

// golden compares a text with a file, which -update writes anew.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants := strings.Split(string(want), "\n")
	for _, line := range strings.Split(got, "\n") {
		if !slices.Contains(wants, line) {
			t.Errorf("got  %s\nwhich is not in %s; look at it, then run with -update", line, file)
		}
	}
}

// describe gives a reading in one line.
func describe(in Incoming, r Reading) string {
	parts := []string{string(r.Class)}
	if len(r.Originals) > 0 {
		parts = append(parts, "of "+strings.Join(r.Originals, " "))
	}
	for _, f := range r.Failures {
		parts = append(parts, fmt.Sprintf("%s %s %v %q", f.Address, f.Status, f.Hard, f.Detail))
	}
	if !r.Returns.IsZero() {
		parts = append(parts, "back "+r.Returns.Format(time.DateOnly))
	}
	if r.Class == HumanReply || r.Class == AutomaticReply {
		parts = append(parts, fmt.Sprintf("%q", Preview(in, 200)))
	}
	return strings.Join(parts, "; ")
}

func TestThreadSubject(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]string{
		"Ten minutes?":                           "ten minutes?",
		"Re: Ten  minutes?":                      "ten minutes?",
		"AW: RE: Fwd: Ten minutes?":              "ten minutes?",
		"Re[2]: Ten minutes?":                    "ten minutes?",
		"SV: Ten minutes?":                       "ten minutes?",
		"[EXTERNAL] Re: Ten minutes?":            "ten minutes?",
		"Automatic reply: Ten minutes?":          "ten minutes?",
		"Automatische Antwort: AW: Ten minutes?": "ten minutes?",
		"Réponse automatique : Ten minutes?":     "ten minutes?",
		"回复：Ten minutes?":                        "ten minutes?",
		"Results: all good":                      "results: all good",
		"Re:":                                    "",
		"":                                       "",
		"Read: this":                             "read: this",
		strings.Repeat("Re: ", 400) + "Ten minutes?": strings.ToLower(strings.TrimSpace(strings.Repeat("re: ", 380) + "ten minutes?")),
	} {
		if got := ThreadSubject(give); got != want {
			t.Errorf("ThreadSubject(%.60q) = %.60q, want %.60q", give, got, want)
		}
	}
}

func TestFreeMail(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]bool{
		"gmail.com": true, "GMAIL.com": true, "yahoo.co.uk": true, "hotmail.fr": true, "gmx.de": true, "web.de": true,
		"buyer.test": false, "live.example.com": false, "": false, "notgmail.com": false,
	} {
		if got := FreeMail(domain); got != want {
			t.Errorf("FreeMail(%q) = %v, want %v", domain, got, want)
		}
	}
}

// bombs are mails that want a reader to use up time or memory.
func bombs() map[string][]byte {
	head := "From: MAILER-DAEMON@b.test\r\nSubject: Undelivered\r\nDate: Wed, 4 Mar 2026 11:00:00 +0100\r\n"
	return map[string][]byte{
		"many parts":    []byte(head + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.test\r\nAction: failed\r\n\r\n", 5000)),
		"many failures": []byte(head + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + strings.Repeat("Final-Recipient: rfc822; a@b.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n", 20000)),
		"long lines":    []byte(head + "\r\ncould not be delivered " + strings.Repeat("a@", 200000) + strings.Repeat(" 550-", 100000)),
		"many quotes":   []byte("From: a@b.test\r\n\r\n" + strings.Repeat("On 1 wrote\r\n", 60000)),
		"one line":      []byte("From: a@b.test\r\n\r\nOn " + strings.Repeat("x ", 400000) + "wrote:"),
		"references":    []byte("From: a@b.test\r\nReferences: " + strings.Repeat("<a@b.test> ", 20000) + "\r\n\r\nhello"),
		"subject":       []byte("From: a@b.test\r\nSubject: " + strings.Repeat("Re: ", 50000) + "\r\n\r\nhello"),
		"html":          []byte("From: a@b.test\r\nSubject: Out of office\r\nDate: Wed, 4 Mar 2026 11:00:00 +0100\r\nContent-Type: text/html\r\n\r\n" + strings.Repeat("<div><blockquote>", 50000)),
		"days":          []byte("From: a@b.test\r\nSubject: Out of office\r\nDate: Wed, 4 Mar 2026 11:00:00 +0100\r\n\r\n" + strings.Repeat("back until 31/02/2026 32.13. ", 30000)),
	}
}

// TestClassifyBombs wants every bomb to be read within a moment; the limit of the test run ends one that is not.
func TestClassifyBombs(t *testing.T) {
	t.Parallel()
	for name, raw := range bombs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			in, err := Parse(raw)
			if err != nil {
				t.Logf("not read: %v", err)
			}
			r := Classify(in)
			Preview(in, 500)
			t.Logf("%s in %v", r.Class, time.Since(begin))
			if len(r.Failures) > failuresMax || len(r.Originals) > referencesMax {
				t.Errorf("%d failures and %d originals, want at most %d and %d", len(r.Failures), len(r.Originals), failuresMax, referencesMax)
			}
		})
	}
}

func FuzzClassify(f *testing.F) {
	files, _ := filepath.Glob("testdata/received/*.eml")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := Parse(raw)
		if err != nil {
			return
		}
		r := Classify(in)
		if r.Class == "" || len(r.Failures) > failuresMax || len(r.Originals) > referencesMax {
			t.Errorf("%+v", r)
		}
		if p := Preview(in, 200); len(p) > 200+len("…") {
			t.Errorf("the preview has %d bytes", len(p))
		}
		for _, x := range r.Failures {
			if len(x.Detail) > detailMax+len("…") || len(x.Address) > emailMax+64 {
				t.Errorf("%+v", x)
			}
		}
		ThreadSubject(in.Subject)
	})
}
