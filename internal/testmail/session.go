package testmail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one SMTP connection to the sink.
type session struct {
	sink *Sink
	conn *sinkConn
	user string
	from string
	to   []string
	// chunk tells that the text comes by BDAT.
	chunk bool
}

var _ smtp.AuthSession = (*session)(nil)

func (s *Sink) newSession(c *smtp.Conn) (smtp.Session, error) {
	conn, ok := c.Conn().(*sinkConn)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T", c.Conn())
	}
	return &session{sink: s, conn: conn}, nil
}

// at describes where the dialogue stands.
func (x *session) at(stage Stage) Attempt {
	return Attempt{Stage: stage, Session: x.conn.n, From: x.from, To: slices.Clone(x.to), Chunk: x.chunk}
}

// ask lets the script answer. A nil error means: go on.
func (x *session) ask(stage Stage) error {
	return x.sink.ask(x.at(stage)).obey(x.conn, x.sink.done)
}

// AuthMechanisms names what the sink offers.
func (x *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth checks a name and password.
func (x *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if want, known := x.sink.o.Users[user]; x.sink.o.Users != nil && (!known || want != password) {
			return smtp.ErrAuthFailed
		}
		x.user = user
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// Mail takes the envelope sender.
func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.sink.o.Users != nil && x.user == "" {
		return smtp.ErrAuthRequired
	}
	x.from, x.to = from, nil
	return x.ask(AtFrom)
}

// Rcpt takes one envelope recipient.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.to = append(x.to, to)
	err := x.ask(AtTo)
	if err != nil {
		x.to = x.to[:len(x.to)-1]
	}
	return err
}

// Data takes the message.
func (x *session) Data(r io.Reader) error {
	_, x.chunk = r.(*io.PipeReader) // go-smtp does not say which command it was
	defer func() { x.chunk = false }()
	if err := x.ask(AtData); err != nil {
		return err
	}
	m := Message{From: x.from, To: x.to, User: x.user}
	var err error
	if x.sink.o.CountOnly {
		m.MessageID, err = skim(r)
	} else if m.Raw, err = io.ReadAll(r); err == nil {
		m.MessageID, err = skim(bytes.NewReader(m.Raw))
	}
	if err != nil {
		return err
	}
	if x.chunk && x.conn.ended.Load() { // go-smtp takes what there is of a chunk for all of it
		return errDropped
	}
	a := x.at(AtDot)
	a.MessageID = m.MessageID
	answer := x.sink.ask(a)
	if answer.Code == 0 { // dropped or held back: it has arrived all the same
		x.sink.take(m)
	}
	return answer.obey(x.conn, x.sink.done)
}

// Reset forgets the envelope.
func (x *session) Reset() { x.from, x.to = "", nil }

// Logout ends the session; the connection counts itself.
func (x *session) Logout() error { return nil }

// skimmed is how much of a message is searched for its Message-ID.
const skimmed = 64 << 10

// skim reads a message to its end and returns its Message-ID, without angle brackets. It keeps only the start.
func skim(r io.Reader) (messageID string, err error) {
	head := make([]byte, 0, 4<<10)
	for len(head) < skimmed && !bytes.Contains(head, []byte("\r\n\r\n")) {
		if len(head) == cap(head) {
			head = slices.Grow(head, cap(head))
		}
		n, err := r.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if errors.Is(err, io.EOF) {
			return headerID(head), nil
		}
		if err != nil {
			return "", err
		}
	}
	_, err = io.Copy(io.Discard, r)
	return headerID(head), err
}

// headerID finds the Message-ID among the header lines, which may be folded (RFC 5322, 2.2.3).
func headerID(head []byte) string {
	header, _, _ := strings.Cut(string(head), "\r\n\r\n")
	unfolded := strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(header)
	for line := range strings.SplitSeq(unfolded, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Message-ID") {
			return strings.Trim(strings.TrimSpace(value), "<>")
		}
	}
	return ""
}

// loginServer is the old LOGIN mechanism, which go-sasl has for clients only.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

// Next answers one line of the client.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response != nil { // initial response: the name
		l.step = 1
	}
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
