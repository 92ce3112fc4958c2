package testmail

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// send sends one mail and returns the code of the refusal: 0 when taken, -1 when the connection broke.
func send(addr string, auth smtp.Auth, to, id string) int {
	return codeOf(smtp.SendMail(addr, auth, Anna, []string{to}, crlf(letter(id, Anna, to, "s", "text"))))
}

func codeOf(err error) int {
	var reply *textproto.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &reply):
		return reply.Code
	}
	return -1
}

func TestSinkRecords(t *testing.T) {
	t.Parallel()
	s := NewSink(t)
	if got := send(s.Addr(), smtp.PlainAuth("", "anna", "any", "127.0.0.1"), Buyer, "one@test.local"); got != 0 {
		t.Fatalf("refused with %d", got)
	}
	m := s.Wait(t, 1)[0]
	if m.From != Anna || len(m.To) != 1 || m.To[0] != Buyer || m.MessageID != "one@test.local" || m.User != "anna" {
		t.Errorf("recorded %+v", m)
	}
	if got, want := string(m.Raw), string(crlf(letter("one@test.local", Anna, Buyer, "s", "text"))); got != want {
		t.Errorf("text\n%q, want\n%q", got, want)
	}
	if len(s.MessagesTo("BUYER@buyer.test")) != 1 || len(s.MessagesTo(Bob)) != 0 {
		t.Errorf("by recipient: %v", s.Messages())
	}
	s.Reset()
	if s.Count() != 0 || len(s.Messages()) != 0 || len(s.Counts()) != 0 {
		t.Error("something is left after Reset")
	}
}

func TestSinkScripts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stage  Stage
		answer Answer
		code   int // what the client sees
		taken  int // what the sink has
	}{
		"good":                {AtTo, Answer{}, 0, 1},
		"busy at connect":     {AtConnect, Refuse(421, "busy"), 421, 0},
		"sender refused":      {AtFrom, Refuse(553, "not you"), 553, 0},
		"unknown recipient":   {AtTo, Refuse(550, "no such user"), 550, 0},
		"greylisted":          {AtTo, Refuse(450, "try later"), 450, 0},
		"421 in mid-dialogue": {AtTo, Refuse(421, "closing"), 421, 0},
		"text refused":        {AtData, Refuse(554, "spam"), 554, 0},
		"full after the dot":  {AtDot, Refuse(452, "disk full"), 452, 0},
		"lost before the dot": {AtData, Drop(), -1, 0},
		"lost after the dot":  {AtDot, Drop(), -1, 1},
		"lost at connect":     {AtConnect, Drop(), -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := NewSink(t)
			s.At(c.stage, c.answer)
			if got := send(s.Addr(), nil, Buyer, "x@test.local"); got != c.code {
				t.Errorf("the client saw %d, want %d", got, c.code)
			}
			if got := s.Count(); got != c.taken {
				t.Errorf("the sink has %d, want %d", got, c.taken)
			}
			if got := sendChunk(s.Addr(), "z@test.local"); got != c.code {
				t.Errorf("by BDAT the client saw %d, want %d", got, c.code)
			}
			if got := s.Count(); got != 2*c.taken {
				t.Errorf("after BDAT the sink has %d, want %d", got, 2*c.taken)
			}
			s.Script(nil)
			if got := send(s.Addr(), nil, Buyer, "y@test.local"); got != 0 {
				t.Errorf("a good sink refused with %d", got)
			}
		})
	}
}

// What a sink hides is not offered, and a script hears how a text comes.
func TestSinkChunks(t *testing.T) {
	t.Parallel()
	for _, hides := range [][]string{nil, {"CHUNKING"}, {"CHUNKING", "PIPELINING"}} {
		s := StartSink(t, SinkOptions{Hides: hides})
		chunks := make(chan bool, 2)
		s.Script(func(a Attempt) Answer {
			if a.Stage == AtDot {
				chunks <- a.Chunk
			}
			return Answer{}
		})
		c, err := smtp.Dial(s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"8BITMIME", "CHUNKING", "PIPELINING"} {
			if offered, _ := c.Extension(name); offered == slices.Contains(hides, name) {
				t.Errorf("%s is offered: %v, with %v hidden", name, offered, hides)
			}
		}
		_ = c.Close()
		if got := send(s.Addr(), nil, Buyer, "data@test.local"); got != 0 || <-chunks {
			t.Errorf("a text by DATA: %d, or it came as a chunk", got)
		}
		if got := sendChunk(s.Addr(), "bdat@test.local"); got != 0 || !<-chunks {
			t.Errorf("a text by BDAT: %d, or it came by DATA", got)
		}
		for i, m := range s.Messages() {
			if id := []string{"data@test.local", "bdat@test.local"}[i]; string(m.Raw) != string(crlf(letter(id, Anna, Buyer, "s", "text"))) {
				t.Errorf("%s arrived as %q", id, m.Raw)
			}
		}
	}
}

// A chunk of which the last byte never came is no message.
func TestSinkHalfChunk(t *testing.T) {
	t.Parallel()
	for _, half := range []string{"", "Subject: half\r\n", strings.Repeat("half a line\r\n", 1000)} {
		s := NewSink(t)
		c, err := smtp.Dial(s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Mail(Anna), c.Rcpt(Buyer)); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(c.Text.W, "BDAT %d LAST\r\n%s", len(half)+1, half); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Text.W.Flush(), c.Close()); err != nil {
			t.Fatal(err)
		}
		if got := send(s.Addr(), nil, Buyer, "next@test.local"); got != 0 {
			t.Errorf("the next one is refused with %d", got)
		}
		if s.Wait(t, 1); s.Counts()["next@test.local"] != 1 || s.Count() != 1 {
			t.Errorf("%d messages arrived after %d bytes of one", s.Count(), len(half))
		}
	}
}

// A sink that is closed in the middle of a chunk leaves nothing behind; the race detector watches.
func TestSinkClosesInAChunk(t *testing.T) {
	t.Parallel()
	s := NewSink(t)
	begun := make(chan struct{})
	s.Script(func(a Attempt) Answer {
		if a.Stage != AtData {
			return Answer{}
		}
		close(begun)
		return Stall(make(chan struct{}))
	})
	ended := make(chan int)
	go func() { ended <- sendChunk(s.Addr(), "cut@test.local") }()
	<-begun
	s.Close()
	if got := <-ended; got != -1 || s.Count() != 0 {
		t.Errorf("the client saw %d, and %d messages arrived", got, s.Count())
	}
}

// sendChunk is send by BDAT, which net/smtp does not speak.
func sendChunk(addr, id string) int {
	c, err := smtp.Dial(addr)
	if err != nil {
		return codeOf(err)
	}
	defer c.Close()
	if err := errors.Join(c.Mail(Anna), c.Rcpt(Buyer)); err != nil {
		return codeOf(err)
	}
	text := crlf(letter(id, Anna, Buyer, "s", "text"))
	if _, err := fmt.Fprintf(c.Text.W, "BDAT %d LAST\r\n%s", len(text), text); err != nil {
		return -1
	}
	if err := c.Text.W.Flush(); err != nil {
		return -1
	}
	_, _, err = c.Text.ReadResponse(250)
	return codeOf(err)
}

// After 421 the server must have closed the connection.
func TestSink421Closes(t *testing.T) {
	t.Parallel()
	s := NewSink(t)
	s.Once(AtTo, Refuse(421, "closing"))
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Mail(Anna); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(c.Rcpt(Buyer)); got != 421 {
		t.Fatalf("recipient: %d, want 421", got)
	}
	if err := c.Noop(); !errors.Is(err, io.EOF) && codeOf(err) != -1 {
		t.Errorf("the connection goes on: %v", err)
	}
	if got := send(s.Addr(), nil, Buyer, "next@test.local"); got != 0 {
		t.Errorf("the second time it refused with %d", got)
	}
}

func TestSinkStalls(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(s *Sink, until chan struct{}){
		"until told":    func(_ *Sink, until chan struct{}) { close(until) },
		"until the end": func(s *Sink, _ chan struct{}) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := NewSink(t)
			until := make(chan struct{})
			s.At(AtDot, Stall(until))
			result := make(chan int, 1)
			go func() { result <- send(s.Addr(), nil, Buyer, "slow@test.local") }()
			s.Wait(t, 1) // it has arrived, but the client does not know yet
			select {
			case got := <-result:
				t.Fatalf("answered %d while stalled", got)
			default:
			}
			release(s, until)
			want := map[string]int{"until told": 0, "until the end": -1}[name]
			if got := <-result; got != want {
				t.Errorf("the client saw %d, want %d", got, want)
			}
		})
	}
}

func TestSinkUsers(t *testing.T) {
	t.Parallel()
	s := StartSink(t, SinkOptions{Users: map[string]string{"anna": "right"}})
	for name, c := range map[string]struct {
		auth smtp.Auth
		code int
	}{
		"right":       {smtp.PlainAuth("", "anna", "right", "127.0.0.1"), 0},
		"wrong":       {smtp.PlainAuth("", "anna", "wrong", "127.0.0.1"), 535},
		"unknown":     {smtp.PlainAuth("", "eve", "right", "127.0.0.1"), 535},
		"not at all":  {nil, 502},
		"LOGIN right": {login{"anna", "right"}, 0},
		"LOGIN wrong": {login{"anna", "wrong"}, 535},
	} {
		if got := send(s.Addr(), c.auth, Buyer, "u@test.local"); got != c.code {
			t.Errorf("%s: %d, want %d", name, got, c.code)
		}
	}
}

// login is the client's side of the LOGIN mechanism.
type login struct{ user, password string }

func (login) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (l login) Next(challenge []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	return []byte(map[string]string{"Username:": l.user, "Password:": l.password}[string(challenge)]), nil
}

func TestSinkCountsByMessageID(t *testing.T) {
	t.Parallel()
	s := StartSink(t, SinkOptions{CountOnly: true})
	const clients, each = 4, 25
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d@test.local", i) // every client sends the same ids
				if got := send(s.Addr(), nil, Buyer, id); got != 0 {
					t.Errorf("client %d: %d", n, got)
				}
			}
		})
	}
	if got := s.Wait(t, clients*each); got != nil {
		t.Errorf("kept %d messages", len(got))
	}
	wg.Wait()
	counts := s.Counts()
	for id, n := range counts {
		if n != clients {
			t.Errorf("%s came %d times, want %d", id, n, clients)
		}
	}
	ever, _, most := s.Sessions()
	// A session that has said QUIT may still be closing when its client opens the next one.
	if len(counts) != each || ever != clients*each || most < 1 || most > 2*clients {
		t.Errorf("%d ids, %d sessions, %d at once", len(counts), ever, most)
	}
}

func TestHeaderID(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"Message-ID: <a@b>\r\n\r\nx":                     "a@b",
		"Subject: s\r\nmessage-id:\r\n <long@b>\r\n\r\n": "long@b",
		"Subject: s\r\n\r\nMessage-ID: <body@b>\r\n":     "",
		"": "",
	} {
		if got := headerID([]byte(head)); got != want {
			t.Errorf("headerID(%q) = %q, want %q", head, got, want)
		}
	}
}

// Over a Pipe the sink lives in a synctest bubble: no socket, no real time.
func TestSinkOverPipe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipe := NewPipe()
		s := StartSink(t, SinkOptions{Listener: pipe})
		conn, err := pipe.Dial(t.Context(), "tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		c, err := smtp.NewClient(conn, "sink.test")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Mail(Anna), c.Rcpt(Buyer)); err != nil {
			t.Fatal(err)
		}
		w, err := c.Data()
		if err != nil {
			t.Fatal(err)
		}
		w.Write(crlf(letter("p@test.local", Anna, Buyer, "s", "text")))
		if err := errors.Join(w.Close(), c.Quit()); err != nil {
			t.Fatal(err)
		}
		if got := s.Counts()["p@test.local"]; got != 1 {
			t.Errorf("arrived %d times, want 1", got)
		}
		s.Close()
		if _, err := pipe.Dial(t.Context(), "tcp", s.Addr()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("dial after Close: %v", err)
		}
	})
}

func BenchmarkSink(b *testing.B) {
	s := StartSink(b, SinkOptions{CountOnly: true})
	text := crlf(letter("bench@test.local", Anna, Buyer, "s", "text"))
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		c, err := smtp.Dial(s.Addr())
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Quit()
		for pb.Next() {
			if err := errors.Join(c.Mail(Anna), c.Rcpt(Buyer)); err != nil {
				b.Error(err)
				return
			}
			w, err := c.Data()
			if err != nil {
				b.Error(err)
				return
			}
			w.Write(text)
			if err := w.Close(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
