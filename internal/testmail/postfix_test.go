package testmail

import (
	"context"
	"os"
	"strings"
	"testing"
)

func letter(id, from, to, subject, text string) string {
	return "Message-ID: <" + id + ">\nFrom: " + from + "\nTo: " + to + "\nSubject: " + subject +
		"\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n" + text + "\n"
}

func TestPostfix(t *testing.T) {
	t.Parallel()
	p := NewPostfix(t)
	t.Run("a submitted mail arrives", func(t *testing.T) {
		p.Submit(t, Anna, []string{Buyer}, letter("hello@test.local", Anna, Buyer, "Hello", "Good morning."))
		got := p.Messages(t, Buyer, 1)
		if len(got) != 1 || got[0].MessageID != "hello@test.local" || got[0].From != Anna || got[0].Header("Subject") != "Hello" {
			t.Errorf("inbox of the buyer: %+v", got)
		}
	})
	t.Run("a reply comes in from outside", func(t *testing.T) {
		p.Deliver(t, Buyer, []string{Bob}, letter("answer@buyer.test", Buyer, Bob, "Re: Hello", "Call me."))
		if got := p.Messages(t, Bob, 1); len(got) != 1 || !strings.Contains(string(got[0].Raw), "Call me.") {
			t.Errorf("inbox of Bob: %+v", got)
		}
	})
	t.Run("unknown addresses bounce", func(t *testing.T) {
		p.Submit(t, Anna, []string{"nobody@buyer.test"}, letter("b1@test.local", Anna, "nobody@buyer.test", "One", "x"))
		checkBounce(t, p.Messages(t, Anna, 1)[0], "b1@test.local", "5.1.1", "message/")
		p.Submit(t, Anna, []string{"who@elsewhere.test"}, letter("b2@test.local", Anna, "who@elsewhere.test", "Two", "x"))
		checkBounce(t, p.Messages(t, Anna, 2)[1], "b2@test.local", "5.1.2", "message/")
	})
	t.Run("full mailboxes bounce", func(t *testing.T) {
		p.Submit(t, Anna, []string{Full}, letter("b3@test.local", Anna, Full, "Three", "x"))
		checkBounce(t, p.Messages(t, Anna, 3)[2], "b3@test.local", "5.2.2", "message/")
		p.Submit(t, Anna, []string{Crammed}, letter("b4@test.local", Anna, Crammed, "Four", "x"))
		checkBounce(t, p.Messages(t, Anna, 4)[3], "b4@test.local", "4.2.2", "message/")
	})
	t.Run("an empty folder is no error", func(t *testing.T) {
		got, err := p.Folder(t.Context(), Anna, "Sent", 0)
		if len(got) != 0 || err != nil {
			t.Errorf("Sent of Anna: %v, %v", got, err)
		}
	})
	t.Run("waiting ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := p.Folder(ctx, Buyer, "INBOX", 1000); err == nil {
			t.Errorf("got %d messages, want an error", len(got))
		}
	})
}

func checkBounce(t *testing.T, m Message, original, status, reportType string) {
	t.Helper()
	raw := string(m.Raw)
	for _, want := range []string{"report-type=delivery-status", original, "Status: " + status, reportType} {
		if !strings.Contains(raw, want) {
			t.Errorf("bounce lacks %q:\n%s", want, raw)
		}
	}
	if m.From != "" && m.From != "MAILER-DAEMON" {
		t.Errorf("bounce has the sender %q, want the empty one", m.From)
	}
}

func TestPostfixClassicBounces(t *testing.T) {
	t.Parallel()
	p := StartPostfix(t, PostfixOptions{ClassicBounces: true})
	p.Submit(t, Bob, []string{"nobody@buyer.test"}, letter("b3@test.local", Bob, "nobody@buyer.test", "Three", "x"))
	checkBounce(t, p.Messages(t, Bob, 1)[0], "b3@test.local", "5.1.1", "message/delivery-status")
}

// A held mail is not with its recipient, and its sender waits, until it is let go.
func TestPostfixHolds(t *testing.T) {
	t.Parallel()
	held, release := make(chan string, 1), make(chan struct{})
	p := StartPostfix(t, PostfixOptions{Hold: NewHold(t, func(to string) <-chan struct{} {
		held <- to
		return release
	})})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		p.Submit(t, Anna, []string{Buyer}, letter("held@test.local", Anna, Buyer, "Held", "x"))
	}()
	if to := <-held; to != Buyer {
		t.Errorf("asked about %q, want %q", to, Buyer)
	}
	p.Deliver(t, Buyer, []string{Anna}, letter("meanwhile@buyer.test", Buyer, Anna, "Meanwhile", "x")) // from outside nothing is held
	p.Messages(t, Anna, 1)
	select {
	case <-sent:
		t.Error("the sender did not wait")
	default:
	}
	close(release)
	<-sent
	if got := p.Messages(t, Buyer, 1); len(got) != 1 || got[0].MessageID != "held@test.local" {
		t.Errorf("inbox of the buyer: %+v", got)
	}
}

// The pair of a test is gone when the test is over.
func TestPostfixStops(t *testing.T) {
	t.Parallel()
	var dir string
	t.Run("pair", func(t *testing.T) { dir = NewPostfix(t).dir })
	if dir == "" {
		t.SkipNow() // the pair could not be started and has said so
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("folder %s is still there: %v", dir, err)
	}
}
