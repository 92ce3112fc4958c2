package delivery_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// liar is a server that says what it is told to, whatever the rules are: an answer by the command's first word, "." being
// the end of the text, by DATA or BDAT. An answer is written as it stands; "" closes the connection. What has no answer gets a good one.
type liar struct {
	answers map[string]string
	// deaf tells that it does not know BDAT: the text behind one that it refuses so is taken for commands, and it closes without reading
	// one.
	deaf bool
	// signsIn has the mailbox sign in.
	signsIn bool
	// early is said as soon as the text begins.
	early string
	taken atomic.Int64
	// sessions counts the connections.
	sessions atomic.Int64
	// reformed tells that from here on it only has the answer to EHLO left.
	reformed atomic.Bool
	// asked counts each word. An answer to "MAIL 2" is that to the second one, over all connections.
	mu    sync.Mutex
	asked map[string]int
	// yes counts what it may have taken, by the text: an answer after the final dot that is no refusal.
	yes map[string]int
}

var good = map[string]string{"DATA": "354 go on\r\n", "QUIT": "221 bye\r\n"}

func (l *liar) answer(word string) (text string, told bool) {
	if l.reformed.Load() && word != "EHLO" {
		return "", false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if text, told = l.answers[fmt.Sprint(word, " ", l.asked[word])]; !told {
		text, told = l.answers[word]
	}
	return text, told
}

func (l *liar) hear(word string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == nil {
		l.asked, l.yes = map[string]int{}, map[string]int{}
	}
	l.asked[word]++
}

// forget makes it one that nobody has met. Whoever knows it remembers it.
func (l *liar) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked, l.yes = nil, nil
	l.taken.Store(0)
	l.sessions.Store(0)
}

// heard gives how often a word was said.
func (l *liar) heard(word string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked[word]
}

// arrived gives how often a text may have been taken.
func (l *liar) arrived(text []byte) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.yes[string(text)]
}

// take notes a text, unless its answer refuses it.
func (l *liar) take(text, answer string) {
	l.taken.Add(1)
	if answer == "" || answer[0] != '4' && answer[0] != '5' {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.yes[text]++
	}
}

// reply gives the answer to a word that it has heard.
func (l *liar) reply(word string) string {
	l.hear(word)
	if text, told := l.answer(word); told {
		return text
	}
	if text := good[word]; text != "" {
		return text
	}
	if l.deaf && !slices.Contains([]string{"EHLO", "MAIL", "RCPT", "RSET", "."}, word) {
		return "500 what?\r\n"
	}
	return "250 fine\r\n"
}

func (l *liar) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	l.sessions.Add(1)
	say := func(text string) bool {
		_, err := conn.Write([]byte(text))
		return err == nil && text != ""
	}
	if _, err := conn.Write([]byte("220 liar.test\r\n")); err != nil {
		return
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word, rest, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		if word == "BDAT" {
			if !l.chunk(in, rest, say) {
				return
			}
			continue
		}
		answer := l.reply(word)
		if !say(answer) {
			return
		}
		if word != "DATA" || !strings.HasPrefix(answer, "354") {
			continue
		}
		if l.early != "" {
			say(l.early)
		}
		var text strings.Builder
		for line != ".\r\n" {
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
			text.WriteString(line)
		}
		answer = l.reply(".")
		l.take(unstuffed(text.String()), answer)
		if !say(answer) {
			return
		}
	}
}

// chunk hears a BDAT, and tells whether the connection lives on.
func (l *liar) chunk(in io.Reader, size string, say func(string) bool) bool {
	l.hear("BDAT")
	answer := l.reply(".")
	if l.deaf && (answer == "" || strings.HasPrefix(answer, "50")) {
		return say(answer)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(size, " LAST"))
	if err != nil {
		return false
	}
	if l.early != "" {
		say(l.early)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(in, text); err != nil {
		return false
	}
	l.take(string(text), answer)
	return say(answer)
}

// unstuffed gives a text as it was before DATA (RFC 5321, section 4.5.2).
func unstuffed(text string) string {
	text = strings.TrimSuffix(text, ".\r\n")
	return strings.TrimPrefix(strings.ReplaceAll("\n"+text, "\n..", "\n."), "\n")
}

// dialect is what a server offers, and knows of it that was here before.
type dialect struct {
	name, hello string
	// known tells that the server has proven to take chunks as it should.
	known bool
}

var (
	chunksOnly = "250-liar.test\r\n250 CHUNKING\r\n"
	offersBoth = "250-liar.test\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
	dialects   = []dialect{
		{"neither", "250 liar.test\r\n", false},
		{"pipelining", offersPipelining, false},
		{"chunking", chunksOnly, false},
		{"proven chunking", chunksOnly, true},
		{"both", offersBoth, false},
		{"both, proven", offersBoth, true},
	}
)

func (d dialect) pipelining() bool { return strings.Contains(d.hello, "PIPELINING") }
func (d dialect) chunking() bool   { return strings.Contains(d.hello, "CHUNKING") }

// liar gives one that speaks a dialect, and a transport that leads to it and knows it.
func (d dialect) liar(t *testing.T, l *liar) (*liar, *delivery.SMTP) {
	t.Helper()
	l.answers = maps.Clone(l.answers)
	if l.answers == nil {
		l.answers = map[string]string{}
	}
	l.answers["EHLO"] = d.hello
	smtp := l.open(t)
	if d.known {
		deaf, early := l.deaf, l.early
		l.deaf, l.early = false, ""
		l.reformed.Store(true)
		for range 2 {
			if kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, fmt.Appendf(nil, raw, "known")); kind != store.Delivered {
				t.Fatalf("a good server: %d %q", kind, reason)
			}
		}
		smtp.Close()
		synctest.Wait()
		l.forget()
		l.deaf, l.early = deaf, early
		l.reformed.Store(false)
	}
	return l, smtp
}

// roomy is a connection with room for what nobody reads yet, which a pipe has not.
type roomy struct {
	net.Conn
	out chan []byte
}

func newRoomy(conn net.Conn) roomy {
	r := roomy{conn, make(chan []byte, 1000)}
	go func() {
		for p := range r.out {
			_, _ = conn.Write(p) // to one who is gone, perhaps
		}
		_ = conn.Close()
	}()
	return r
}

// Write puts an answer into the room.
func (r roomy) Write(p []byte) (int, error) {
	if len(p) > 0 { // a pipe waits for somebody who reads nothing
		r.out <- slices.Clone(p)
	}
	return len(p), nil
}

// Close closes the connection behind what was written.
func (r roomy) Close() error {
	close(r.out)
	return nil
}

// open gives a transport whose every connection leads to the liar.
func (l *liar) open(t *testing.T) *delivery.SMTP {
	t.Helper()
	server := delivery.Server{Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go l.serve(newRoomy(theirs))
		return ours, nil
	}}
	if l.signsIn {
		server.Credentials = func(context.Context, store.Mailbox) (signin.Credentials, error) {
			return signin.Credentials{Username: "anna", Password: "secret"}, nil
		}
	}
	smtp := delivery.NewSMTP(server)
	t.Cleanup(smtp.Close)
	return smtp
}

// TestSignInLies holds which answers to a sign-in hold the mail of a mailbox, which have it tried again, and that none fails it: a
// sign-in says nothing about the message (RFC 4954, sections 4 and 6).
func TestSignInLies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, word, answer string
		kind               store.ResultKind
	}{
		{"credentials invalid", "AUTH", "535 5.7.8 no", store.Held},
		{"credentials invalid, on several lines", "AUTH", "535-5.7.8 no\r\n535 5.7.8 see the page", store.Held},
		{"an app password is wanted", "AUTH", "534 5.7.9 application-specific password required", store.Held},
		{"encryption is wanted first", "AUTH", "538 5.7.11 encryption required", store.Held},
		{"STARTTLS is wanted first", "AUTH", "530 5.7.0 must issue a STARTTLS command first", store.Held},
		{"a new password is wanted", "AUTH", "432 4.7.12 a password transition is needed", store.Held},
		{"sign-in switched off", "AUTH", "500 5.5.1 not here", store.Held},
		{"another no", "AUTH", "554 5.7.0 too many failures", store.Held},
		{"the directory does not answer", "AUTH", "454 4.7.0 temporary failure", store.Unreached},
		{"good-bye", "AUTH", "421 4.3.0 closing", store.Unreached},
		{"sign-in wanted at the sender", "MAIL", "530 5.7.0 authentication required", store.Held},
		{"sign-in wanted at the recipient", "RCPT", "530 5.7.1 authentication required", store.Held},
		{"no sign-in offered", "EHLO", "250 liar.test", store.Held},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &liar{signsIn: true, answers: map[string]string{"EHLO": "250-liar.test\r\n250 AUTH PLAIN\r\n", "AUTH": "235 in\r\n"}}
				l.answers[c.word] = c.answer + "\r\n"
				box := store.Mailbox{ID: 1, Address: "anna@test.local", Host: "liar.test", Security: store.NoTLS}
				kind, reason := l.open(t).Send(t.Context(), box, box.Address, []string{"marta@buyer.test"}, fmt.Appendf(nil, raw, "m"))
				if kind != c.kind || reason == "" || l.taken.Load() != 0 {
					t.Errorf("got %d %q with %d taken, want %d", kind, reason, l.taken.Load(), c.kind)
				}
			})
		})
	}
}

// TestLies holds what comes of servers that break the rules: what may have been taken is unknown, what cannot have been taken
// is tried again or refused, and nothing is taken for sent without a yes after the final dot.
func TestLies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		name    string
		answers map[string]string
		kind    store.ResultKind
		taken   int64
	}{
		{"yes to the recipient, no to the text", map[string]string{"DATA": "550 changed my mind\r\n"}, store.Rejected, 0},
		{"yes to the recipient, later to the text", map[string]string{"DATA": "451 not now\r\n"}, store.Retry, 0},
		{"answers on several lines", map[string]string{"MAIL": "250-one\r\n250 two\r\n", "RCPT": "250-one\r\n250-two\r\n250 three\r\n", ".": "250-one\r\n250 two\r\n"}, store.Delivered, 1},
		{"a yes without a word, which is not read here", map[string]string{".": "250\r\n"}, store.Unknown, 1},
		{"a yes with nothing but a line feed", map[string]string{".": "250 fine\n"}, store.Delivered, 1},
		{"a no on several lines", map[string]string{".": "554-no\r\n554 never\r\n"}, store.Rejected, 1},
		{"garbage after the sender", map[string]string{"MAIL": "what?\r\n"}, store.Retry, 0},
		{"garbage after the final dot", map[string]string{".": "\x00\xff yes\r\n"}, store.Unknown, 1},
		{"an empty line after the final dot", map[string]string{".": "\r\n"}, store.Unknown, 1},
		{"half a yes after the final dot", map[string]string{".": "25"}, store.Unknown, 1},
		{"yes and no in one answer", map[string]string{".": "250-fine\r\n550 no\r\n"}, store.Unknown, 1},
		{"a line without end after the final dot", map[string]string{".": "250 " + long}, store.Unknown, 1},
		{"an answer that goes on for ever", map[string]string{".": strings.Repeat("250-fine\r\n", 10_000)}, store.Unknown, 1},
		{"a code out of turn after the final dot", map[string]string{".": "354 go on\r\n"}, store.Unknown, 1},
		{"a code out of turn after the sender", map[string]string{"MAIL": "354 go on\r\n"}, store.Retry, 0},
		{"no code that there is", map[string]string{".": "999 hm\r\n"}, store.Unknown, 1},
		{"gone after the final dot", map[string]string{".": ""}, store.Unknown, 1},
		{"gone after the sender", map[string]string{"MAIL": ""}, store.Retry, 0},
	} {
		for _, d := range dialects {
			if c.answers["DATA"] != "" && d.chunking() {
				continue
			}
			t.Run(c.name+", "+d.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, smtp := d.liar(t, &liar{answers: c.answers})
					kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, fmt.Appendf(nil, raw, "m"))
					if kind != c.kind || l.taken.Load() != c.taken {
						t.Errorf("got %d %q with %d taken, want %d with %d", kind, reason, l.taken.Load(), c.kind, c.taken)
					}
					if len(reason) > 2000 {
						t.Errorf("the reason has %d bytes", len(reason))
					}
				})
			})
		}
	}
}

var liarBox = store.Mailbox{ID: 1, Address: "anna@test.local", Host: "liar.test", Security: store.NoTLS}

// TestPipelining holds what becomes of a transaction whose commands go out together when one of them is refused: nobody is sent
// the text, not even an empty one, and the next mail goes out.
func TestPipelining(t *testing.T) {
	t.Parallel()
	both := []string{"marta@buyer.test", "tom@buyer.test"}
	for _, c := range []struct {
		name     string
		answers  map[string]string
		to       []string
		kind     store.ResultKind
		reason   string
		sessions int64 // in all, with the next mail's
	}{
		{"the sender, and all that follows", map[string]string{"MAIL": "550 not you\r\n", "RCPT": "503 no sender\r\n", "DATA": "503 no sender\r\n"}, both[:1], store.Rejected, "550: not you", 1},
		{"the recipient, and the text", map[string]string{"RCPT": "550 nobody\r\n", "DATA": "554 no recipients\r\n"}, both[:1], store.Rejected, "550: nobody", 1},
		{"the recipient, but it waits for the text", map[string]string{"RCPT": "550 nobody\r\n"}, both[:1], store.Rejected, "550: nobody", 2},
		{"for now, but it waits for the text", map[string]string{"RCPT": "450 later\r\n"}, both[:1], store.Retry, "450: later", 2},
		{"each of two recipients", map[string]string{"RCPT": "550 nobody\r\n"}, both, store.Rejected, "550: nobody", 1},
		{"the text for two", map[string]string{"DATA": "451 later\r\n"}, both, store.Retry, "451: later", 1},
		{"shutting down at the sender", map[string]string{"MAIL": "421 bye\r\n", "RCPT": ""}, both[:1], store.Retry, "421: bye", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.answers["EHLO"] = "250-liar.test\r\n250 PIPELINING\r\n"
				l := &liar{answers: c.answers}
				smtp := l.open(t)
				kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, c.to, fmt.Appendf(nil, raw, "m"))
				if kind != c.kind || !strings.Contains(reason, c.reason) || l.taken.Load() != 0 {
					t.Errorf("got %d %q with %d taken, want %d with %q and none", kind, reason, l.taken.Load(), c.kind, c.reason)
				}
				l.reformed.Store(true)
				if kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, c.to, fmt.Appendf(nil, raw, "n")); kind != store.Delivered || l.taken.Load() != 1 {
					t.Errorf("the next mail: got %d %q with %d taken", kind, reason, l.taken.Load())
				}
				if n := l.sessions.Load(); n != c.sessions {
					t.Errorf("%d sessions were opened, want %d", n, c.sessions)
				}
			})
		})
	}
}

// TestEarlyYes holds that a yes before the final dot, which cannot be told from one after it, spoils no other mail: the answers
// are out of step from there on, so the session is not used for another message once that shows.
func TestEarlyYes(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		if d.known { // it would have shown
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, smtp := d.liar(t, &liar{early: "250 queued already\r\n"})
				for i := range 4 {
					kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, numbered(i))
					if kind != store.Delivered {
						t.Errorf("message %d: got %d %q", i, kind, reason)
					}
					time.Sleep(time.Second)
				}
				if n := l.taken.Load(); n != 4 {
					t.Errorf("%d messages were taken, want 4", n)
				}
				if n := l.heard("BDAT"); d.chunking() && n != 1 {
					t.Errorf("%d chunks were sent to it, want 1", n)
				}
			})
		})
	}
}

// TestStartTLSInjection holds that what somebody on the way says before the connection is protected counts for nothing after it
// (RFC 3207, section 6; CVE-2011-0411).
func TestStartTLSInjection(t *testing.T) {
	t.Parallel()
	known := newAuthority(t)
	config := &tls.Config{Certificates: []tls.Certificate{known.certificate(t, "mail.test", time.Now().Add(time.Hour))}}
	l := &liar{}
	smtp := delivery.NewSMTP(delivery.Server{RootCAs: known.pool, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			in := bufio.NewReader(theirs)
			_, _ = theirs.Write([]byte("220 mail.test\r\n"))
			for _, answer := range []string{"250-mail.test\r\n250 STARTTLS\r\n", "220 go on\r\n250 injected\r\n250 injected\r\n550 injected\r\n"} {
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
				_, _ = theirs.Write([]byte(answer))
			}
			protected := tls.Server(theirs, config)
			defer func() { _ = protected.Close() }()
			l.serve(afterGreeting{protected})
		}()
		return ours, nil
	}})
	t.Cleanup(smtp.Close)
	box := store.Mailbox{ID: 1, Address: "anna@test.local", Host: "mail.test", Security: store.StartTLS}
	kind, reason := smtp.Send(t.Context(), box, box.Address, []string{"marta@buyer.test"}, fmt.Appendf(nil, raw, "m"))
	if kind == store.Delivered && l.taken.Load() != 1 || kind == store.Rejected && strings.Contains(reason, "injected") {
		t.Errorf("got %d %q with %d taken", kind, reason, l.taken.Load())
	}
}

// afterGreeting leaves out the greeting, which is not repeated on a connection that became a protected one.
type afterGreeting struct{ net.Conn }

// Write writes all but the greeting.
func (c afterGreeting) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "220 ") {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// TestStalledServer holds that a server which stalls holds up nobody else's mail: its mailbox keeps its own connections
// busy, and no others.
func TestStalledServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 300) // Anna's
		if err := o.db.Write(context.Background(), func(tx *store.Tx) error { return queueOf(tx, "Ben", "ben@test.local", 50) }); err != nil {
			t.Fatal(err)
		}
		if _, err := o.db.Due(context.Background(), 100); err != nil {
			t.Fatal(err)
		}
		goOn := make(chan struct{})
		defer close(goOn)
		var stalled atomic.Int64 // the rest of the five is only announced, behind one that stalls
		o.open(8, func(a testmail.Attempt) testmail.Answer {
			if a.Stage == testmail.AtDot && a.From == "anna@test.local" {
				stalled.Add(1)
				return testmail.Stall(goOn)
			}
			return testmail.Answer{}
		})
		time.Sleep(2 * time.Second)
		o.states("queued 295, sending 5, sent 50")
		o.stop()
		n := stalled.Load()
		if n == 0 {
			t.Error("nothing stalled")
		}
		o.states(fmt.Sprintf("queued %d, sent 50, unknown %d", 300-n, n))
	})
}
