package delivery

import (
	"errors"
	"strconv"

	"github.com/emersion/go-smtp"
)

// chunking is whether the texts of a session go out as chunks (RFC 3030). DATA is answered by 354 and nothing else is, so that answers
// which are out of step show there; of a chunk all answers are alike. Some servers answer it twice: so the first one that a server is
// sent is on trial, and the mail after it goes by DATA.
type chunking struct {
	// offered tells that the server offers it (CHUNKING), and nothing is known against it.
	offered bool
	// proven tells that it is known to answer a chunk once.
	proven bool
	// trial tells that a chunk was sent, and no 354 has come since.
	trial bool
	// now tells that the text of the present mail goes out so.
	now bool
}

// begin decides about the first mail of a session that is used anew.
func (c *chunking) begin(takes, known bool) {
	c.offered = c.offered && (takes || !known)
	c.proven = c.proven || takes
	c.now = c.offered && (c.proven || !c.trial)
}

// next tells how the text of the mail after the present one goes out.
func (c *chunking) next() bool { return c.offered && c.proven }

// sent goes on to the next mail.
func (c *chunking) sent() {
	c.trial = c.trial || c.now && !c.proven
	c.now = c.next()
}

// inStep notes that a 354 has come where it was due.
func (c *chunking) inStep() {
	c.proven = c.proven || c.trial
	c.trial = false
}

// appendChunk appends a mail as BDAT wants it: how many bytes it has, and these as they are, with no dots to look for (RFC 3030,
// section 2). Its lines end in CRLF all the same, because it is not sent as BINARYMIME (section 3).
func appendChunk(out, raw []byte) []byte {
	raw = wholeLines(raw)
	out = strconv.AppendInt(append(out, "BDAT "...), int64(len(raw)), 10)
	return append(append(out, " LAST\r\n"...), raw...)
}

// misunderstood tells a refusal of the command and not of the message: unknown, wrong in its form, or out of place (RFC 5321,
// section 4.2.2). Whoever answers BDAT so, a filter before the server perhaps, may take the text behind it for commands.
func misunderstood(err error) bool {
	answer, ok := refusal(err)
	if !ok {
		return false
	}
	switch answer.Code {
	case 500, 501, 502, 503, 504, 555:
		return true
	}
	return false
}

// outOfTurn tells an answer that is none to what was asked.
func outOfTurn(err error) bool {
	_, refused := refusal(err)
	return !refused && errors.As(err, new(*smtp.SMTPError))
}

// byData tells, of a text that went out as a chunk, that its message has to go out again by DATA, over another session. The server
// cannot have taken it: it did not understand the command, or the last byte never left.
func (r *ride) byData(err error, committed bool) bool {
	if err == nil || errors.Is(err, errSpoilt) { // nothing went out
		return false
	}
	if misunderstood(err) {
		r.hosts.refuse(hostOf(r.box))
		return true
	}
	_, refused := refusal(err)
	return !refused && r.hosts.lose(hostOf(r.box)) && !committed && !r.late.Load()
}

// learn takes note of what the answers to the commands of a mail tell about the chunk before it.
func (r *ride) learn(opening error) {
	switch c := r.wire.chunking; {
	case c.offered && c.proven:
		r.hosts.prove(hostOf(r.box))
	case c.trial && outOfTurn(opening):
		r.hosts.refuse(hostOf(r.box))
	}
}
