package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"cadenza/internal/ident"
	"cadenza/internal/mailnet"
	"cadenza/internal/message"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// The time limits of one attempt: until the session stands, of each answer, of the answer to the final dot, and of all
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
}

// key names the sessions that can be used for one another: those of one mailbox in one revision.
type key struct {
	mailbox ident.Mailbox
	rev     int64
}

type session struct {
	client *smtp.Client
	used   time.Time
}

var _ Transport = (*SMTP)(nil)

// NewSMTP builds the transport.
func NewSMTP(server Server) *SMTP {
	return &SMTP{server: server.complete(), idle: map[key][]*session{}}
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

// Send hands one message over.
func (t *SMTP) Send(ctx context.Context, box store.Mailbox, from string, to []string, raw []byte) (store.ResultKind, string) {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	k := key{box.ID, box.Rev}
	for {
		s, fresh, err := t.take(ctx, k, box)
		if err != nil {
			return judge(err, false, box)
		}
		stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
		committed, err := submit(ctx, s.client, from, to, raw)
		stop()
		if err == nil {
			t.keep(k, s)
			return store.Delivered, ""
		}
		kind, reason := judge(err, committed, box)
		if _, ok := refusal(err); ok && s.client.Reset() == nil {
			t.keep(k, s)
			return kind, reason
		}
		_ = s.client.Close()
		// A kept session may have been closed by the server meanwhile; nothing was handed over then, so another one
		// may be tried at once.
		if !fresh && !committed && kind == store.Retry {
			continue
		}
		return kind, reason
	}
}

// submit speaks one mail transaction. committed tells that the whole text was handed over, so that a lost answer leaves
// it open whether the server took it.
func submit(ctx context.Context, c *smtp.Client, from string, to []string, raw []byte) (committed bool, err error) {
	options := &smtp.MailOptions{UTF8: strings.ContainsFunc(from+strings.Join(to, ""), func(r rune) bool { return r >= utf8.RuneSelf })}
	if offered, _ := c.Extension("SMTPUTF8"); options.UTF8 && !offered { // RFC 6531, section 3.4
		return false, &setupError{"The mail server takes no addresses with letters like ä before the @."}
	}
	if err := c.Mail(from, options); err != nil {
		return false, err
	}
	for _, address := range to {
		if err := c.Rcpt(address, nil); err != nil {
			return false, err
		}
	}
	w, err := c.Data()
	if err != nil {
		return false, err
	}
	if _, err := w.Write(raw); err != nil {
		return false, err
	}
	err = w.Close()
	return !unwritten(ctx, err), err
}

// unwritten tells that an error came from writing: then the final dot, which is written last, never left, and the server
// cannot have taken the message. A pipe that this side closed itself does not say in what it was interrupted.
func unwritten(ctx context.Context, err error) bool {
	var op *net.OpError
	return (errors.Is(err, io.ErrClosedPipe) && ctx.Err() == nil) || (errors.As(err, &op) && op.Op == "write")
}

// take gives a kept session or opens one.
func (t *SMTP) take(ctx context.Context, k key, box store.Mailbox) (s *session, fresh bool, err error) {
	t.mu.Lock()
	for list := t.idle[k]; len(list) > 0; list = t.idle[k] {
		s = list[len(list)-1]
		t.idle[k] = list[:len(list)-1]
		if time.Since(s.used) < idleLimit {
			t.mu.Unlock()
			return s, false, nil
		}
		_ = s.client.Close()
	}
	t.mu.Unlock()
	client, err := t.dial(ctx, box)
	return &session{client: client}, true, err
}

func (t *SMTP) keep(k key, s *session) {
	s.used = time.Now()
	t.mu.Lock()
	t.idle[k] = append(t.idle[k], s)
	t.mu.Unlock()
}

// dial opens a session: connection, protection as the mailbox asks, and sign-in.
func (t *SMTP) dial(ctx context.Context, box store.Mailbox) (*smtp.Client, error) {
	c, err := t.server.Credentials(ctx, box)
	if err != nil {
		return nil, noCredentials(err)
	}
	return t.server.session(ctx, box, c)
}

// session opens a session with a mailbox's server and signs in.
func (s Server) session(ctx context.Context, box store.Mailbox, c signin.Credentials) (*smtp.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := s.Dial(ctx, "tcp", net.JoinHostPort(box.Host, strconv.Itoa(box.Port)))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := s.open(ctx, conn, box, c)
	if !stop() && err == nil { // the connection was closed at the last moment
		err = client.Close()
	}
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return client, nil
}

func (s Server) open(ctx context.Context, conn net.Conn, box store.Mailbox, c signin.Credentials) (*smtp.Client, error) {
	config := mailnet.TLS(box.Host, s.RootCAs)
	client, err := protect(ctx, conn, box.Security, config)
	if err != nil {
		return nil, err
	}
	client.CommandTimeout, client.SubmissionTimeout = commandLimit, submitLimit
	return client, greet(client, c, s.Name)
}

func protect(ctx context.Context, conn net.Conn, security store.Security, config *tls.Config) (*smtp.Client, error) {
	switch security {
	case store.TLS:
		wrapped := tls.Client(conn, config)
		if err := wrapped.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return smtp.NewClient(wrapped), nil
	case store.StartTLS:
		client, err := smtp.NewClientStartTLS(conn, config)
		if err != nil && !told(err) { // go-smtp has no type for the one error that is left
			return nil, &setupError{"The mail server offers no STARTTLS on this port. Check port and security."}
		}
		return client, err
	case store.NoTLS:
		return smtp.NewClient(conn), nil
	}
	return nil, &setupError{"The mailbox names no way of protection."}
}

func greet(client *smtp.Client, c signin.Credentials, name string) error {
	if err := client.Hello(name); err != nil {
		return err
	}
	if c.Username == "" {
		return nil
	}
	if ok, _ := client.Extension("AUTH"); !ok {
		return &setupError{"The mail server offers no sign-in on this connection. Check port and security, or leave the user name empty."}
	}
	auth, err := mechanism(client, c)
	if err != nil {
		return err
	}
	if err := client.Auth(auth); err != nil {
		var answer *smtp.SMTPError
		if errors.As(err, &answer) && !answer.Temporary() {
			return &setupError{refusedSignIn(c, answer)}
		}
		return err
	}
	return nil
}

// mechanism chooses how to sign in among what the server offers.
func mechanism(client *smtp.Client, c signin.Credentials) (sasl.Client, error) {
	switch {
	case c.Token() && !client.SupportsAuth(signin.XOAuth2Mechanism):
		return nil, &setupError{"The mail server takes no sign-in by a provider's grant (XOAUTH2). Use a password instead."}
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
	return fmt.Sprintf("The mail server refused user name and password (%d).", answer.Code)
}

// Probe tries a mailbox's settings without sending anything; the error says what failed and what to do.
func Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	return Server{}.Probe(ctx, box, c)
}

// Probe is the function Probe for a server that is reached in another way.
func (s Server) Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	if !message.ValidEmail(box.Address) {
		return &setupError{"The mailbox has no valid address."}
	}
	client, err := s.complete().session(ctx, box, c)
	if err != nil {
		_, reason := judge(err, false, box)
		return &setupError{reason}
	}
	_ = client.Quit() // the settings work, however the server says good-bye
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
