package inbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"cadenza/internal/fault"
	"cadenza/internal/mailnet"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// openLimit bounds the way to a signed-in session.
const openLimit = 20 * time.Second

// Server is how the mailboxes' servers are reached.
type Server struct {
	// Credentials gives what signs a mailbox in; its user name alone when nil. A fault is what only a person can mend; any
	// other error may pass.
	Credentials func(context.Context, store.Mailbox) (signin.Credentials, error)
	// Dial opens a connection; a net.Dialer's when nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs are the authorities whose certificates are trusted; those of the machine when nil.
	RootCAs *x509.CertPool
}

// Open gives a signed-in session with a mailbox's server, which the caller closes. Trouble says what its error means.
func (s Server) Open(ctx context.Context, box store.Mailbox, handler *imapclient.UnilateralDataHandler) (*imapclient.Client, error) {
	c := signin.Credentials{Username: box.Username}
	if s.Credentials != nil {
		var err error
		if c, err = s.Credentials(ctx, box); err != nil {
			return nil, &credentialsError{err}
		}
	}
	return s.session(ctx, box, c, handler)
}

func (s Server) session(ctx context.Context, box store.Mailbox, c signin.Credentials, handler *imapclient.UnilateralDataHandler) (*imapclient.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(box.IMAPHost, strconv.Itoa(box.IMAPPort)))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := s.protect(ctx, conn, box, handler)
	if err == nil {
		if err = authenticate(client, c); err != nil {
			_ = client.Close()
		}
	}
	if !stop() { // the connection was closed at the last moment
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return client, nil
}

// protect is greeted where what answers may be something else than an IMAP server.
func (s Server) protect(ctx context.Context, conn net.Conn, box store.Mailbox, handler *imapclient.UnilateralDataHandler) (*imapclient.Client, error) {
	var stranger atomic.Bool
	client, err := s.greeted(ctx, conn, box, handler, &stranger)
	if err != nil && stranger.Load() {
		err = &setupError{"What answers at this port is no IMAP server. Check host and port."}
	}
	return client, err
}

// greetedConn notes whether the first thing that a server says is none that an IMAP server says.
type greetedConn struct {
	net.Conn
	heard    bool
	stranger *atomic.Bool
}

// Read reads; an IMAP server's greeting begins with a star (RFC 9051, section 7.1).
func (c *greetedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard {
		c.heard = true
		c.stranger.Store(p[0] != '*')
	}
	return n, err
}

// greeted speaks TLS as the mailbox asks, and waits for the server's greeting.
func (s Server) greeted(ctx context.Context, conn net.Conn, box store.Mailbox, handler *imapclient.UnilateralDataHandler, stranger *atomic.Bool) (*imapclient.Client, error) {
	config := mailnet.TLS(box.IMAPHost, s.RootCAs)
	options := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: handler}
	switch box.IMAPSecurity {
	case store.TLS:
		wrapped := tls.Client(conn, config)
		if err := wrapped.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = wrapped
	case store.StartTLS:
		client, err := imapclient.NewStartTLS(&greetedConn{Conn: conn, stranger: stranger}, options)
		var answer *imap.Error
		if errors.As(err, &answer) { // RFC 9051, section 6.2.1
			err = &setupError{"The IMAP server offers no STARTTLS on this port. Check port and protection."}
		}
		return client, err
	case store.NoTLS:
	default:
		return nil, &setupError{"The mailbox names no way of protection for reading."}
	}
	client := imapclient.New(&greetedConn{Conn: conn, stranger: stranger}, options)
	if err := client.WaitGreeting(); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// authenticate signs in: with a provider's token by XOAUTH2, else by PLAIN where it is offered, else by LOGIN.
func authenticate(client *imapclient.Client, c signin.Credentials) error {
	offered := client.Caps()
	var err error
	switch {
	case c.Token() && !offered.Has(imap.AuthCap(signin.XOAuth2Mechanism)):
		return &setupError{"The IMAP server takes no sign-in by a provider's grant (XOAUTH2). Use a password instead."}
	case c.Token():
		err = client.Authenticate(signin.NewXOAuth2(c))
	case offered.Has(imap.AuthCap(sasl.Plain)):
		err = client.Authenticate(sasl.NewPlainClient("", c.Username, c.Password))
	case offered.Has(imap.CapLoginDisabled):
		return &setupError{"The IMAP server offers no sign-in on this connection. Check port and protection."}
	default:
		err = client.Login(c.Username, c.Password).Wait()
	}
	var answer *imap.Error
	if errors.As(err, &answer) {
		return refusedSignIn(c, answer)
	}
	return err
}

// refusedSignIn says what a refusal means. UNAVAILABLE (RFC 5530) passes by itself.
func refusedSignIn(c signin.Credentials, answer *imap.Error) error {
	said := strings.TrimSpace(answer.Text)
	switch lower := strings.ToLower(said); {
	case answer.Code == "UNAVAILABLE" || answer.Code == "INUSE" || answer.Code == "LIMIT":
		return answer
	case strings.Contains(lower, "imap") && (strings.Contains(lower, "disabled") || strings.Contains(lower, "not enabled")):
		return &setupError{"Reading by IMAP is switched off for this account. Switch it on at the provider, or leave the IMAP server empty."}
	case c.Token():
		return &setupError{"The IMAP server refused the provider's grant. Connect the mailbox again."}
	case strings.Contains(lower, "application-specific") || strings.Contains(lower, "app password"):
		return &setupError{"The IMAP server wants an app password instead of the account's own. Make one at the provider and enter it here."}
	}
	return &setupError{"The IMAP server refused user name and password."}
}

// credentialsError is what keeps the own side from signing in.
type credentialsError struct{ inner error }

func (e *credentialsError) Error() string { return "sign in: " + e.inner.Error() }
func (e *credentialsError) Unwrap() error { return e.inner }

// setupError is a fault of the mailbox's settings that no retry mends.
type setupError struct{ reason string }

func (e *setupError) Error() string { return e.reason }

// Trouble says in a sentence what an error of Open means, and whether only a person can mend it.
func Trouble(err error, box store.Mailbox) (reason string, setup bool) {
	var wrong *setupError
	var f *fault.Error
	var answer *imap.Error
	distrusted, found := mailnet.Distrusted(err, "IMAP server", box.IMAPHost)
	switch {
	case errors.As(err, &wrong):
		return wrong.reason, true
	case errors.As(err, &f):
		return strings.TrimSpace(f.Message + " " + f.Hint), true
	case errors.As(err, new(*credentialsError)):
		return "The provider that signs the mailbox in cannot be reached at the moment.", false
	case found:
		return distrusted, false // certificates are renewed
	case mailnet.NoTLS(err):
		return "The IMAP server does not speak TLS on this port. Check port and protection.", true
	case errors.As(err, &answer):
		return fmt.Sprintf("The IMAP server answered: %s", strings.TrimSpace(answer.Text)), false
	}
	return "The IMAP server cannot be reached: " + mailnet.Trouble(err) + ".", false
}
