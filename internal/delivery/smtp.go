package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"cadenza/internal/ident"
	"cadenza/internal/mailnet"
	"cadenza/internal/message"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// The time limits of one attempt: until the session stands, of each answer, of the answer to the text, and of all
// together, because a server that stops reading is noticed by nothing else.
const (
	dialLimit    = 20 * time.Second
	commandLimit = 30 * time.Second
	submitLimit  = 60 * time.Second
	attemptLimit = 5 * time.Minute
	// idleLimit is how long an unused connection is kept; servers close theirs after about five minutes (RFC 5321,
	// section 4.5.3.2.7).
	idleLimit = 90 * time.Second
)

// Server is how the mailboxes' servers are reached.
type Server struct {
	// Credentials gives what signs a mailbox in; its user name alone when nil. A fault is what only a person can mend; any
	// other error may pass.
	Credentials func(context.Context, store.Mailbox) (signin.Credentials, error)
	// Name is what this side says in EHLO; "localhost" when empty.
	Name string
	// Dial opens a connection; a net.Dialer's when nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs are the authorities whose certificates are trusted; those of the machine when nil.
	RootCAs *x509.CertPool
}

// SMTP sends through the mailboxes' servers. It keeps sessions open and hands them out again.
type SMTP struct {
	server Server
	mu     sync.Mutex
	idle   map[key][]*session
	// uses tells of sessions that stood of late.
	uses map[key]use
	// hosts is about all sessions, and outlives them.
	hosts hosts
}

// key names the sessions that can be used for one another: those of one mailbox in one revision.
type key struct {
	mailbox ident.Mailbox
	rev     int64
}

type session struct {
	client *smtp.Client
	wire   *wire
	used   time.Time
}

var _ Transport = (*SMTP)(nil)

// NewSMTP builds the transport.
func NewSMTP(server Server) *SMTP {
	return &SMTP{server: server.complete(), idle: map[key][]*session{}, uses: map[key]use{}}
}

func (s Server) complete() Server {
	if s.Name == "" {
		s.Name = "localhost"
	}
	if s.Credentials == nil {
		s.Credentials = func(_ context.Context, box store.Mailbox) (signin.Credentials, error) {
			return signin.Credentials{Username: box.Username}, nil
		}
	}
	if s.Dial == nil {
		s.Dial = (&net.Dialer{}).DialContext
	}
	return s
}

// take gives a kept session or opens one. It is sent no chunk where another session has found out that this does not work.
func (t *SMTP) take(ctx context.Context, k key, box store.Mailbox) (s *session, fresh bool, err error) {
	if s = t.kept(k, box); s == nil {
		fresh = true
		if s, err = t.dial(ctx, box); err != nil {
			return nil, fresh, err
		}
	}
	s.wire.chunking.begin(t.hosts.get(hostOf(box)))
	return s, fresh, nil
}

// kept gives a kept session; nil when there is none of use.
func (t *SMTP) kept(k key, box store.Mailbox) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	for list := t.idle[k]; len(list) > 0; list = t.idle[k] {
		s := list[len(list)-1]
		t.idle[k] = list[:len(list)-1]
		inStep := s.wire.inStep()
		if time.Since(s.used) < idleLimit && inStep {
			return s
		}
		if s.wire.chunking.trial && !inStep { // a second answer to its chunk
			t.hosts.refuse(hostOf(box))
		}
		_ = s.client.Close()
	}
	return nil
}

func (t *SMTP) keep(k key, s *session) {
	s.used = time.Now()
	t.mu.Lock()
	t.idle[k] = append(t.idle[k], s)
	t.mu.Unlock()
}

// use is how many sessions of a mailbox are in use, and when one began or ended to be last.
type use struct {
	riding int
	at     time.Time
}

// ride counts a session that begins or ends to be used.
func (t *SMTP) ride(k key, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.uses[k] = use{t.uses[k].riding + more, time.Now()}
}

// stands tells that a mailbox has sessions, or had one of late.
func (t *SMTP) stands(k key) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.uses[k]
	return u.riding > 0 || !u.at.IsZero() && time.Since(u.at) < idleLimit
}

// dial opens a session: connection, protection as the mailbox asks, and sign-in.
func (t *SMTP) dial(ctx context.Context, box store.Mailbox) (*session, error) {
	c, err := t.server.Credentials(ctx, box)
	if err != nil {
		return nil, noCredentials(err)
	}
	return t.server.session(ctx, box, c)
}

// session opens a session with a mailbox's server and signs in.
func (s Server) session(ctx context.Context, box store.Mailbox, c signin.Credentials) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := s.Dial(ctx, "tcp", net.JoinHostPort(box.Host, strconv.Itoa(box.Port)))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	opened, err := s.open(ctx, conn, box, c)
	err = notServed(err)
	if !stop() && err == nil { // the connection was closed at the last moment
		err = opened.client.Close()
	}
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return opened, nil
}

func (s Server) open(ctx context.Context, conn net.Conn, box store.Mailbox, c signin.Credentials) (*session, error) {
	conn, err := s.protect(ctx, conn, box)
	if err != nil {
		return nil, err
	}
	client := smtp.NewClient(conn)
	client.CommandTimeout, client.SubmissionTimeout = commandLimit, submitLimit
	if err := greet(client, c, s.Name); err != nil {
		return nil, err
	}
	return &session{client: client, wire: takeOver(conn, client)}, nil
}

func (s Server) protect(ctx context.Context, conn net.Conn, box store.Mailbox) (net.Conn, error) {
	config := mailnet.TLS(box.Host, s.RootCAs)
	handshake := func(c *tls.Conn) error { return c.HandshakeContext(ctx) }
	switch box.Security {
	case store.TLS:
		wrapped := tls.Client(conn, config)
		return wrapped, handshake(wrapped)
	case store.StartTLS:
		return startTLS(conn, s.Name, config, handshake)
	case store.NoTLS:
		return conn, nil
	}
	return nil, &shutOutError{"The mailbox names no way of protection."}
}

func greet(client *smtp.Client, c signin.Credentials, name string) error {
	if err := client.Hello(name); err != nil {
		return err
	}
	if c.Username == "" {
		return nil
	}
	if ok, _ := client.Extension("AUTH"); !ok {
		return &shutOutError{"The mail server offers no sign-in on this connection. Check port and protection, or leave the user name empty."}
	}
	auth, err := mechanism(client, c)
	if err != nil {
		return err
	}
	if err := client.Auth(auth); err != nil {
		var answer *smtp.SMTPError
		if errors.As(err, &answer) && (!answer.Temporary() || answer.Code == 432) { // 432 wants another password, too (RFC 4954, section 6)
			return &shutOutError{refusedSignIn(c, answer)}
		}
		return err
	}
	return nil
}

// mechanism chooses how to sign in among what the server offers.
func mechanism(client *smtp.Client, c signin.Credentials) (sasl.Client, error) {
	switch {
	case c.Token() && !client.SupportsAuth(signin.XOAuth2Mechanism):
		return nil, &shutOutError{"The mail server takes no sign-in by a provider's grant (XOAUTH2). Use a password instead."}
	case c.Token():
		return signin.NewXOAuth2(c), nil
	case client.SupportsAuth(sasl.Plain):
		return sasl.NewPlainClient("", c.Username, c.Password), nil
	}
	return sasl.NewLoginClient(c.Username, c.Password), nil
}

func refusedSignIn(c signin.Credentials, answer *smtp.SMTPError) string {
	if c.Token() {
		return fmt.Sprintf("The mail server refused the provider's grant (%d). Connect the mailbox again.", answer.Code)
	}
	return fmt.Sprintf("The mail server refused user name and password (%d). Enter the password again.", answer.Code)
}

// Probe tries a mailbox's settings without sending anything; the error says what failed and what to do.
func Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	return Server{}.Probe(ctx, box, c)
}

// Probe is the function Probe for a server that is reached in another way.
func (s Server) Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	from, err := message.WireEmail(box.Address)
	if err != nil {
		return &setupError{"The mailbox has no valid address."}
	}
	opened, err := s.complete().session(ctx, box, c)
	if err != nil {
		_, reason := judgeOpening(err, box)
		return &setupError{reason}
	}
	takes := opened.wire.utf8 || !strings.ContainsFunc(from, beyondASCII)
	_ = opened.client.Quit() // the settings work, however the server says good-bye
	if !takes {
		return &setupError{noLetters(true)}
	}
	return nil
}

// Close ends every kept session.
func (t *SMTP) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, list := range t.idle {
		for _, s := range list {
			_ = s.client.Close()
		}
		delete(t.idle, k)
	}
}
