package delivery

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"
)

// wire speaks the mail transactions of a session that stands. go-smtp opens and ends sessions; it waits for each answer, and
// where the server is far away the waiting is all that a mail costs. A server that offers PIPELINING (RFC 2920) is given a
// transaction's commands in one write, and one that offers CHUNKING (RFC 3030) a text for which it need not be asked.
type wire struct {
	conn net.Conn
	in   *textproto.Reader
	// lines is what in reads, and limit what lines reads, so that no answer goes on for ever.
	lines *bufio.Reader
	limit io.LimitedReader
	out   []byte
	// pipelining, eightBit and utf8 are what the server offers.
	pipelining, eightBit, utf8 bool
	chunking                   chunking
	// hurried tells that writing has a time limit. A text has none but that of the whole attempt.
	hurried bool
	// spoilt tells that the two sides are not, or may not be, between two transactions.
	spoilt bool
}

// answersMax bounds the answers to what is asked at once, in bytes: a hundred lines of 512, the longest of RFC 5321,
// section 4.5.3.1.5.
const answersMax = 100 * 512

// keepBuffer is how large a buffer may be that is kept for the next mail, in bytes.
const keepBuffer = 64 << 10

// errSpoilt is that of a session whose two sides are out of step.
var errSpoilt error = textproto.ProtocolError("the session cannot be used any more")

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn, hurried: true, limit: io.LimitedReader{R: conn, N: answersMax}}
	w.lines = bufio.NewReader(&w.limit)
	w.in = textproto.NewReader(w.lines)
	return w
}

// errTooLong is that of an answer which goes on for ever.
var errTooLong = errors.New("the answer is too long")

// takeOver gives a connection of which a client has signed in.
func takeOver(conn net.Conn, client *smtp.Client) *wire {
	w := newWire(conn)
	w.pipelining, _ = client.Extension("PIPELINING")
	w.chunking.offered, _ = client.Extension("CHUNKING")
	w.eightBit, _ = client.Extension("8BITMIME")
	w.utf8, _ = client.Extension("SMTPUTF8")
	return w
}

// command is one that waits for an answer of a code, or of a code that begins so.
type command struct {
	line string
	want int
	// to is who a recipient's command names, copied whether that is one in copy.
	to     string
	copied bool
}

// open has the server agree to a mail, and wait for its text.
func (w *wire) open(p Parcel) error {
	mail, err := w.envelope(p.From, p.To)
	if err != nil {
		return err
	}
	if !w.inStep() {
		w.spoilt = true
		return errSpoilt
	}
	if w.together(p.To) {
		return w.ask(upToText(mail, w.chunking.now)...)
	}
	if err := w.ask(mail...); err != nil || w.chunking.now {
		return err
	}
	return w.ask(dataCommand)
}

// dataCommand asks the server to wait for a text.
var dataCommand = command{line: "DATA", want: 354}

// upToText gives the commands of a mail up to its text. A chunk goes out unasked, and not in a transaction with DATA (RFC 3030,
// section 2).
func upToText(mail []command, chunk bool) []command {
	if chunk {
		return mail
	}
	return append(mail, dataCommand)
}

// together tells that all commands for these recipients may go out in one write: of several one may be refused, and then nobody is
// sent the text.
func (w *wire) together(to []string) bool { return w.pipelining && len(to) == 1 }

// ahead gives the commands of a mail that may go out together with the text of the one before it (RFC 2920, section 3.1, has the text
// begin a group); nil when they must wait.
func (w *wire) ahead(p Parcel) []command {
	if !w.together(p.To) {
		return nil
	}
	mail, err := w.envelope(p.From, p.To)
	if err != nil {
		return nil // it is told by open
	}
	return upToText(mail, w.chunking.next())
}

// hand gives the text to a server that waits for it, with the commands of the next mail behind it, whose answers the caller has to
// read. committed tells that the whole text was handed over, so that a lost answer leaves it open whether the server took it.
func (w *wire) hand(raw []byte, ahead []command) (committed bool, err error) {
	if !w.inStep() {
		w.spoilt = true
		return false, errSpoilt
	}
	w.spoilt = true // in the middle of the text
	if w.hurried {
		_ = w.conn.SetWriteDeadline(time.Time{})
		w.hurried = false
	}
	chunk := w.chunking.now
	w.chunking.sent()
	if chunk {
		w.out = appendChunk(w.out[:0], raw)
	} else {
		w.out = appendText(w.out[:0], raw)
	}
	text := len(w.out)
	w.out = appendCommands(w.out, ahead)
	n, err := w.conn.Write(w.out)
	whole := n >= text // else its last byte never left, and the server cannot have taken the message
	if cap(w.out) > keepBuffer {
		w.out = nil
	}
	if err != nil {
		return whole, err
	}
	_ = w.conn.SetReadDeadline(time.Now().Add(submitLimit))
	w.limit.N = answersMax
	err = w.answer(250)
	_, refused := refusal(err)
	w.spoilt = err != nil && (!refused || chunk && misunderstood(err)) // the text is being read as commands, perhaps
	return true, err
}

func appendCommands(out []byte, list []command) []byte {
	for _, c := range list {
		out = append(append(out, c.line...), "\r\n"...)
	}
	return out
}

// envelope gives the commands that name the sender and those who get the mail.
func (w *wire) envelope(from string, to []string) ([]command, error) {
	mail := "MAIL FROM:<" + from + ">"
	if w.eightBit {
		mail += " BODY=8BITMIME"
	}
	all := from + strings.Join(to, "")
	if strings.ContainsAny(all, "\r\n<>") {
		return nil, &setupError{"An address of the email cannot be written in a command."}
	}
	if strings.ContainsFunc(all, beyondASCII) {
		if !w.utf8 {
			return nil, &setupError{noLetters(strings.ContainsFunc(from, beyondASCII))}
		}
		mail += " SMTPUTF8"
	}
	list := append(make([]command, 0, len(to)+2), command{line: mail, want: 250})
	for i, address := range to {
		list = append(list, command{"RCPT TO:<" + address + ">", 25, address, i > 0})
	}
	return list, nil
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

// noLetters says that a server has no SMTPUTF8 (RFC 6531, section 3.4), without which an address is ASCII before the @; own tells that it is
// the mailbox's own address. A domain is in ASCII by now.
func noLetters(own bool) string {
	const server = "The mail server takes no addresses with letters like ä before the @"
	if own {
		return server + ", and the mailbox has such an address. Use another address of it."
	}
	return server + "."
}

// ask writes commands and reads their answers: all at once where the server offers that, else one by one. The error is that of
// the first command that was refused, or went wrong.
func (w *wire) ask(list ...command) error {
	if !w.pipelining && len(list) > 1 {
		for _, c := range list {
			if err := w.ask(c); err != nil {
				return err
			}
		}
		return nil
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(commandLimit))
	w.hurried = true
	w.out = appendCommands(w.out[:0], list)
	if _, err := w.conn.Write(w.out); err != nil {
		w.spoilt = true
		return err
	}
	return w.answered(list...)
}

// answered reads the answers to commands that are written.
func (w *wire) answered(list ...command) error {
	_ = w.conn.SetReadDeadline(time.Now().Add(commandLimit))
	w.limit.N = answersMax
	var first error
	for _, c := range list {
		err := w.answer(c.want)
		if _, refused := refusal(err); err != nil && !refused {
			w.spoilt = true // the answers behind it can be taken for nothing
		}
		if outOfTurn(err) {
			first = err // a refusal before it may be about another mail
		}
		if err == nil && c.want == 354 {
			w.chunking.inStep()
			w.spoilt = w.spoilt || first != nil // it waits for the text of a mail that it has refused (RFC 2920, section 3.1)
		}
		if err != nil && c.to != "" {
			err = &recipientError{err, c.to, c.copied}
		}
		if first == nil {
			first = err
		}
		if w.spoilt {
			return first
		}
	}
	return first
}

// answer reads one answer.
func (w *wire) answer(want int) error {
	if w.plainAnswer(want) {
		return nil
	}
	_, _, err := w.in.ReadResponse(want)
	if w.limit.N <= 0 {
		return errTooLong
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return smtpError(answer)
	}
	return err
}

// plainAnswer reads the answer that nearly all are: one line with the code that is wanted (or one that begins so) and a word. Anything
// else it leaves to textproto, which makes several texts of each.
func (w *wire) plainAnswer(want int) bool {
	if _, err := w.lines.Peek(1); err != nil {
		return false
	}
	line, _ := w.lines.Peek(w.lines.Buffered())
	end := bytes.IndexByte(line, '\n')
	code := strconv.Itoa(want)
	if end < len("250 ") || line[3] != ' ' || !bytes.HasPrefix(line, []byte(code)) {
		return false
	}
	for _, digit := range line[:3] {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	_, _ = w.lines.Discard(end + 1)
	return true
}

// reset ends a transaction that was refused; after an error the session must not be used any more.
func (w *wire) reset() error {
	if w.spoilt {
		return errSpoilt
	}
	return w.ask(command{line: "RSET", want: 250})
}

// inStep tells that nothing has come that was not asked for.
func (w *wire) inStep() bool { return !w.spoilt && w.lines.Buffered() == 0 }

// smtpError gives an answer the type that go-smtp has for it, with the enhanced code (RFC 2034) apart from the words.
func smtpError(answer *textproto.Error) *smtp.SMTPError {
	e := &smtp.SMTPError{Code: answer.Code, Message: answer.Msg}
	code, words, found := strings.Cut(answer.Msg, " ")
	if !found {
		return e
	}
	parts := strings.Split(code, ".")
	if len(parts) != len(e.EnhancedCode) {
		return e
	}
	var enhanced smtp.EnhancedCode
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return e
		}
		enhanced[i] = int(n)
	}
	e.EnhancedCode, e.Message = enhanced, strings.ReplaceAll(words, "\n"+code+" ", "\n")
	return e
}

// appendText appends a mail as DATA wants it: lines end in CRLF, a dot at the begin of a line is doubled, a line with a dot
// ends it (RFC 5321, section 4.5.2).
func appendText(out, raw []byte) []byte {
	raw = wholeLines(raw)
	if bytes.HasPrefix(raw, []byte(".")) {
		out = append(out, '.')
	}
	for {
		at := bytes.Index(raw, []byte("\n."))
		if at < 0 {
			break
		}
		out = append(append(out, raw[:at+2]...), '.')
		raw = raw[at+2:]
	}
	return append(append(out, raw...), ".\r\n"...)
}

// wholeLines gives a mail of which every line ends in CRLF, the last one, too (RFC 5321, section 2.3.8). Those built here are so
// already, and are not copied.
func wholeLines(raw []byte) []byte {
	ends := bytes.Count(raw, []byte("\r\n"))
	if bytes.HasSuffix(raw, []byte("\r\n")) && ends == bytes.Count(raw, []byte("\n")) && ends == bytes.Count(raw, []byte("\r")) {
		return raw
	}
	out := make([]byte, 0, len(raw)+len(raw)/16+2)
	returned := false // by a CR that may begin the end of a line; one behind another CR is text, as in net/textproto
	for _, b := range raw {
		if b == '\n' && !returned {
			out = append(out, '\r')
		}
		out = append(out, b)
		returned = b == '\r' && !returned
	}
	switch {
	case returned:
		return append(out, '\n')
	case bytes.HasSuffix(out, []byte("\n")):
		return out
	}
	return append(out, "\r\n"...)
}
