package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// TestRefusalCodes holds what each refusal leads to, with the rule that it comes from. RCPT is the recipient's command, "." the end
// of the text.
func TestRefusalCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, at, answer string
		kind               store.ResultKind
		words              string
	}{
		{"RFC 5321, 3.8 and 4.2.2", "MAIL", "421 4.3.2 closing", store.Retry, "too busy"},
		{"RFC 5321, 4.2.1: 4 is for now", "RCPT", "450 mailbox busy", store.Retry, "450: mailbox busy"},
		{"RFC 6647, 5", "RCPT", "450 4.7.1 please wait", store.Retry, "(greylisting)"},
		{"RFC 6647, 5", "RCPT", "451 4.7.1 try again", store.Retry, "(greylisting)"},
		{"RFC 6647, 5, in words", "RCPT", "451 Greylisted for 300 seconds", store.Retry, "(greylisting)"},
		{"RFC 6647, 4.2: after the text", ".", "451 4.7.1 graylisted", store.Retry, "(greylisting)"},
		{"RFC 3463, 3.8", "MAIL", "421 4.7.0 too many from you", store.Retry, "too busy"},
		{"RFC 3463, 3.8", "MAIL", "450 4.7.0 slow down", store.Retry, "slows this sender down"},
		{"RFC 5321, 4.2.2: local error", ".", "451 4.3.0 error in processing", store.Retry, "451"},
		{"RFC 5321, 4.5.3.1.10: too many recipients", "RCPT", "452 4.5.3 too many recipients", store.Retry, "no more recipients"},
		{"RFC 5321, 4.2.2: no room", "RCPT", "452 4.3.1 insufficient system storage", store.Retry, "no room"},
		{"RFC 3463, 3.3: x.2.2", "RCPT", "452 4.2.2 over quota", store.Retry, "mailbox is full"},
		{"RFC 5321, 4.5.3.1.10: 552 is 452 for a recipient", "RCPT", "552 too many recipients", store.Retry, "no more recipients"},
		{"RFC 5321, 4.5.3.1.10, a full mailbox", "RCPT", "552 5.2.2 mailbox full", store.Retry, "mailbox is full"},
		{"RFC 1870, 6.1: too large, said early", "RCPT", "552 5.3.4 message too large", store.Rejected, "too large"},
		{"RFC 5321, 4.2.2: 552 elsewhere", ".", "552 5.3.4 message too large", store.Rejected, "too large"},
		{"RFC 1870, 6.1", "MAIL", "552 size exceeds the limit", store.Rejected, "too large"},
		{"RFC 5321, 4.2: the reply code decides", "RCPT", "550 4.2.1 busy", store.Rejected, "another time"},
		{"RFC 5321, 4.2: the reply code decides", "RCPT", "450 5.1.1 no such user", store.Retry, "450"},
		{"RFC 3463, 3.2: 5.1.1", "RCPT", "550 5.1.1 no", store.Dead, "address does not exist"},
		{"RFC 3463, 3.2: 5.1.6", "RCPT", "551 5.1.6 moved", store.Dead, "address does not exist"},
		{"RFC 3463, 3.3: 5.2.1", "RCPT", "550 5.2.1 disabled", store.Dead, "address does not exist"},
		{"no enhanced code, in words", "RCPT", "550 User unknown", store.Dead, "address does not exist"},
		{"no enhanced code, no words: not enough", "RCPT", "550 rejected", store.Rejected, "550: rejected"},
		{"about the sender, asked with the recipient", "RCPT", "550 5.1.0 <anna@test.local>: Sender address rejected: User unknown", store.Rejected, "550"},
		{"RFC 3463, 3.2: 5.1.8 is the sender's", "RCPT", "550 5.1.8 bad sender's domain", store.Rejected, "550"},
		{"not for a recipient", ".", "550 5.1.1 no such user", store.Rejected, "550"},
		{"RFC 3463, 3.8: policy", "RCPT", "550 5.7.1 access denied", store.Rejected, "by its policy"},
		{"RFC 3463, 3.8: policy, whatever it says", "RCPT", "550 5.7.1 user unknown or not allowed", store.Rejected, "by its policy"},
		{"RFC 7372, 3: policy after the text", ".", "550 5.7.26 unauthenticated", store.Rejected, "by its policy"},
		{"RFC 7504, 3: a host that takes no mail", "RCPT", "521 no mail here", store.Dead, "domain takes no email"},
		{"RFC 7505, 4: a null MX", "RCPT", "556 5.1.10 null MX", store.Dead, "domain takes no email"},
		{"RFC 3463, 3.2: 5.1.2", "RCPT", "550 5.1.2 no such domain", store.Dead, "domain takes no email"},
		{"RFC 7504, 3: our own host", "EHLO", "521 no mail here", store.Held, "does not serve this mailbox"},
		{"RFC 4954, 6", "MAIL", "530 5.7.0 authentication required", store.Held, "sign-in"},
		{"RFC 5321, 4.2.2", ".", "554 transaction failed", store.Rejected, "554: transaction failed"},
	} {
		for _, hello := range []string{offersPipelining, offersBoth} {
			t.Run(c.answer+" at "+c.at+", "+hello, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					answers := map[string]string{"EHLO": hello}
					answers[c.at] = c.answer + "\r\n"
					if c.at == "EHLO" {
						answers["HELO"] = answers["EHLO"]
					}
					l := &liar{answers: answers}
					kind, reason := l.open(t).Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, numbered(1))
					if kind != c.kind || !strings.Contains(reason, c.words) {
						t.Errorf("got %d %q, want %d with %q (%s)", kind, reason, c.kind, c.words, c.source)
					}
				})
			})
		}
	}
}

// TestRefusedCopy holds that an address in copy that does not exist is named, and not taken for the recipient's.
func TestRefusedCopy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCopyRefuser(t)
		kind, reason := l.smtp.Send(t.Context(), l.box, l.box.Address, []string{"marta@buyer.test", "gone@buyer.test"}, fmt.Appendf(nil, raw, "m"))
		if kind != store.Rejected || !strings.HasSuffix(reason, "This is about the copy to gone@buyer.test.") {
			t.Errorf("got %d %q", kind, reason)
		}
	})
}

func newCopyRefuser(t *testing.T) *line {
	t.Helper()
	l := newLine(t, testmail.SinkOptions{})
	l.sink.Script(func(a testmail.Attempt) testmail.Answer {
		if a.Stage == testmail.AtTo && len(a.To) == 2 {
			return testmail.Refuse(550, "no such user")
		}
		return testmail.Answer{}
	})
	return l
}
