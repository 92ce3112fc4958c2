package delivery

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/emersion/go-smtp"

	"cadenza/internal/fault"
	"cadenza/internal/mailnet"
	"cadenza/internal/store"
)

// refusal gives the answer by which a server refuses, for now or for good. Any other code where a yes was due is no answer to
// what it was asked: the two sides are out of step.
func refusal(err error) (answer *smtp.SMTPError, ok bool) {
	ok = errors.As(err, &answer) && (answer.Code/100 == 4 || answer.Code/100 == 5)
	return answer, ok
}

// judge turns an error into a result. An answer of the server is definite (RFC 5321, section 4.2.1); silence after the
// final dot is not.
func judge(err error, committed bool, box store.Mailbox) (store.ResultKind, string) {
	var shut *shutOutError
	if errors.As(err, &shut) {
		return store.Held, shut.reason
	}
	if answer, ok := refusal(err); ok {
		if wantsSignIn(answer.Code) {
			return store.Held, fmt.Sprintf("The mail server wants a sign-in, or another one (%d). Check user name, password and protection.", answer.Code)
		}
		return refused(err, answer)
	}
	var setup *setupError
	if errors.As(err, &setup) {
		return store.Rejected, setup.reason
	}
	if errors.As(err, new(*signInError)) {
		return store.Retry, "The provider that signs the mailbox in cannot be reached at the moment."
	}
	if committed {
		return store.Unknown, "The connection broke before the mail server answered. Look whether it arrived, then say so."
	}
	if errors.As(err, new(*smtp.SMTPError)) {
		return store.Retry, "The mail server answers out of turn."
	}
	if errors.As(err, new(textproto.ProtocolError)) {
		return store.Retry, "The mail server says what cannot be understood."
	}
	if distrusted, found := mailnet.Distrusted(err, "mail server", box.Host); found { // certificates are renewed, so another attempt has a chance
		return store.Retry, distrusted
	}
	return store.Retry, "The mail server cannot be reached: " + mailnet.Trouble(err) + "."
}

// judgeOpening is judge for the opening of a session, where nothing was said of a message yet, so that no attempt of it counts. What no
// other attempt would change holds the mailbox: for long where somebody may be locked out by trying, and shortly where no mail server answered;
// what may pass holds it ever longer.
func judgeOpening(err error, box store.Mailbox) (store.ResultKind, string) {
	switch {
	case mailnet.NoTLS(err):
		return store.Astray, "The mail server does not speak TLS on this port. Check port and protection."
	case errors.As(err, new(textproto.ProtocolError)):
		return store.Astray, "What answers at this port is no mail server. Check host and port."
	}
	kind, reason := judge(err, false, box)
	if kind == store.Retry {
		kind = store.Unreached
	}
	return kind, reason
}

// beforeMail tells the results of what never came to a message: there was no session, or not the sign-in that the mail wants.
func beforeMail(kind store.ResultKind) bool {
	return kind == store.Held || kind == store.Astray || kind == store.Unreached || kind == store.Crowded
}

// noCredentials turns what keeps a mailbox from signing in into an error that judge knows: a fault wants a person.
func noCredentials(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return &shutOutError{strings.TrimSpace(f.Message + " " + f.Hint)}
	}
	return &signInError{err}
}

// signInError is a sign-in that cannot be made now; another attempt may.
type signInError struct{ inner error }

func (e *signInError) Error() string { return "sign in: " + e.inner.Error() }
func (e *signInError) Unwrap() error { return e.inner }

// wantsSignIn tells the codes that speak of the mailbox's sign-in, and never of a message (RFC 4954, section 6): signing in
// is required (530), its mechanism is too weak (534) or wants encryption (538), its credentials are invalid (535).
func wantsSignIn(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// shutOutError is a fault of the mailbox's sign-in: all of its mail would meet it, and a person has to mend it.
type shutOutError struct{ reason string }

func (e *shutOutError) Error() string { return e.reason }

// setupError is a message that the server cannot take.
type setupError struct{ reason string }

func (e *setupError) Error() string { return e.reason }
