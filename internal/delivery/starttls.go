package delivery

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"
)

// startTLS asks for protection (RFC 3207) and gives the protected connection. On it the session begins anew, but for the
// greeting, which is not repeated: it is put before what the server says.
func startTLS(conn net.Conn, name string, config *tls.Config, handshake func(*tls.Conn) error) (net.Conn, error) {
	_ = conn.SetDeadline(time.Now().Add(commandLimit))
	w := newWire(conn)
	if err := w.answer(220); err != nil {
		return nil, err
	}
	offers, err := w.hello(name)
	if err != nil {
		return nil, err
	}
	if !offers {
		return nil, &shutOutError{"The mail server offers no STARTTLS on this port. Check port and protection."}
	}
	if err := w.ask(command{line: "STARTTLS", want: 220}); err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	wrapped := tls.Client(conn, config) // what was read ahead counts for nothing (CVE-2011-0411)
	if err := handshake(wrapped); err != nil {
		return nil, err
	}
	return &greeted{Conn: wrapped, rest: strings.NewReader("220 protected\r\n")}, nil
}

// hello says EHLO and tells whether the server offers STARTTLS.
func (w *wire) hello(name string) (offers bool, err error) {
	if _, err := io.WriteString(w.conn, "EHLO "+name+"\r\n"); err != nil {
		return false, err
	}
	_, text, err := w.in.ReadResponse(250)
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return false, smtpError(answer)
	}
	for line := range strings.SplitSeq(text, "\n") {
		offers = offers || strings.EqualFold(strings.TrimSpace(line), "STARTTLS")
	}
	return offers, err
}

// greeted is a connection on which something was said before.
type greeted struct {
	net.Conn
	rest *strings.Reader
}

// Read gives what was said before, and then what comes.
func (c *greeted) Read(p []byte) (int, error) {
	if c.rest.Len() > 0 {
		return c.rest.Read(p)
	}
	return c.Conn.Read(p)
}
