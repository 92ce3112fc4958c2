package delivery

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// recipientError is the refusal of one recipient.
type recipientError struct {
	inner   error
	address string
	// copied tells that it is one of those in copy.
	copied bool
}

func (e *recipientError) Error() string { return "recipient: " + e.inner.Error() }
func (e *recipientError) Unwrap() error { return e.inner }

// refused turns the answer by which a server refuses a message into a result, and says it in words. What is done follows the
// first digit of the reply code, never the words (RFC 5321, section 4.2); the one exception is 552 for a recipient. The
// enhanced code (RFC 3463) tells what it is about.
func refused(err error, answer *smtp.SMTPError) (store.ResultKind, string) {
	var to *recipientError
	atRecipient := errors.As(err, &to)
	r := refusing{answer: answer, text: strings.ToLower(answer.Message), status: status(answer), atRecipient: atRecipient}
	kind, meaning := r.permanent()
	if answer.Temporary() {
		kind, meaning = store.Retry, r.passing()
	}
	reason := fmt.Sprintf("The mail server answered %d: %s", answer.Code, strings.TrimSpace(answer.Message))
	if meaning != "" {
		reason = strings.TrimRight(reason, " .") + ". " + meaning
	}
	if atRecipient && to.copied {
		reason = strings.TrimRight(reason, " .") + ". This is about the copy to " + to.address + "."
		if kind == store.Dead { // the mail's own recipient may be reached
			kind = store.Rejected
		}
	}
	return kind, reason
}

// status gives the enhanced code of an answer; "" for none.
func status(answer *smtp.SMTPError) string {
	c := answer.EnhancedCode
	if c[0] <= 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", c[0], c[1], c[2])
}

// refusing is an answer that is being read.
type refusing struct {
	answer       *smtp.SMTPError
	text, status string
	atRecipient  bool
}

// about tells whether the enhanced code is of a subject and detail, whatever its class.
func (r refusing) about(rest ...string) bool {
	_, got, _ := strings.Cut(r.status, ".")
	for _, want := range rest {
		if got == want || strings.HasSuffix(want, ".") && strings.HasPrefix(got, want) {
			return true
		}
	}
	return false
}

// passing says what a refusal for now is about.
func (r refusing) passing() string {
	switch {
	case r.greylists():
		return "It wants to see an unknown sender's email a second time (greylisting); it is tried again in a few minutes."
	case r.answer.Code == 421:
		return "It is closing, or too busy; it is tried again later."
	case message.FullMailbox(r.status, r.text):
		return "The customer's mailbox is full; it is tried again later."
	case r.about("5.3") || r.answer.Code == 452 && strings.Contains(r.text, "recipients"):
		return "It takes no more recipients at the moment; it is tried again later."
	case r.about("3.1") || r.answer.Code == 452:
		return "It has no room at the moment; it is tried again later."
	case r.about("7."):
		return "It slows this sender down, or does not trust it yet; it is tried again later."
	}
	return ""
}

// greylists tells a server that only wants to see the message again (RFC 6647, section 5: 450 or 451; 4.7.1 is customary).
func (r refusing) greylists() bool {
	if strings.Contains(r.text, "greylist") || strings.Contains(r.text, "graylist") {
		return true
	}
	return (r.answer.Code == 450 || r.answer.Code == 451) && r.status == "4.7.1"
}

// permanent says what a refusal for good is about, and what comes of it.
func (r refusing) permanent() (store.ResultKind, string) {
	code := r.answer.Code
	switch {
	case r.atRecipient && code == 552 && !r.about("2.3", "3.4"): // what 452 means (RFC 5321, section 4.5.3.1.10)
		if message.FullMailbox(r.status, r.text) {
			return store.Retry, "The customer's mailbox is full; it is tried again later."
		}
		return store.Retry, "It takes no more recipients at the moment; it is tried again later."
	case r.atRecipient && (code == 521 || code == 556): // RFC 7504, RFC 7505
		return store.Dead, "The customer's domain takes no email, so nobody writes to this address any more."
	case r.atRecipient && message.Dead(r.status, r.text):
		if r.about("1.2", "1.10") {
			return store.Dead, "The customer's domain takes no email, so nobody writes to this address any more."
		}
		return store.Dead, "The address does not exist, so nobody writes to it any more."
	case strings.HasPrefix(r.status, "4."): // the reply code decides, but the address is not to blame
		return store.Rejected, "It may take the email another time; send it again by hand."
	case message.FullMailbox(r.status, r.text):
		return store.Rejected, "The customer's mailbox is full; the address itself is good."
	case r.about("2.3", "3.4") || code == 552:
		return store.Rejected, "The email is too large for it."
	case r.about("7.") && code >= 550: // those below are about commands
		return store.Rejected, "It refuses the email by its policy, which says nothing about the address."
	}
	return store.Rejected, ""
}

// notServed turns a server's refusal before any mail into a fault of the mailbox: it says nothing about the message.
func notServed(err error) error {
	var shut *shutOutError
	answer, ok := refusal(err)
	if !ok || answer.Temporary() || errors.As(err, &shut) {
		return err
	}
	return &shutOutError{fmt.Sprintf("The mail server answered %d: %s. It does not serve this mailbox; check server and port.", answer.Code, strings.TrimRight(answer.Message, " ."))}
}
