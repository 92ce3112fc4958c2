package phone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emiago/sipgo/sip"

	"cadenza/internal/store"
)

// end is why a call is over, with what the other side said where that helps.
type end struct {
	reason store.CallEnd
	detail string
}

func (e end) Error() string { return Words(e.reason, e.detail) }

// Said tells whether an error is a sentence for people about the trunk.
func Said(err error) bool {
	var e end
	return errors.As(err, &e)
}

// Words says in a sentence how a call ended.
func Words(reason store.CallEnd, detail string) string {
	text := words(reason)
	if detail != "" {
		text = strings.TrimSuffix(text, ".") + ": " + detail
		if !strings.HasSuffix(text, ".") {
			text += "."
		}
	}
	return text
}

func words(reason store.CallEnd) string {
	switch reason {
	case store.EndedHere:
		return "You hung up."
	case store.EndedThere:
		return "The other side hung up."
	case store.EndedCancelled:
		return "You hung up before anybody answered."
	case store.EndedBusy:
		return "The line is busy."
	case store.EndedNoAnswer:
		return "Nobody answered."
	case store.EndedRefused:
		return "The call was refused."
	case store.EndedUnknownNumber:
		return "The trunk does not know this number."
	case store.EndedWrongPassword:
		return "The trunk refuses our user name or password. An admin enters them under Settings, Phone."
	case store.EndedTrunkDown:
		return "The trunk cannot be reached."
	case store.EndedTrunkTrouble:
		return "The trunk could not place the call."
	case store.EndedNoAudio:
		return "There is no audio that both sides understand. The trunk must offer G.711 μ-law (PCMU)."
	case store.EndedBrowserLost:
		return "The page of the call was closed or lost its connection."
	case store.EndedTooLong:
		return "The call reached the longest time that is allowed."
	case store.EndedStopped:
		return "The server stopped during the call."
	case store.EndedMissed:
		return "Nobody here answered."
	case store.EndedDeclined:
		return "The call was declined here."
	}
	return "The call ended."
}

// ofStatus reads the final answer of the other side to our INVITE (RFC 3261 section 21).
func ofStatus(res *sip.Response) end {
	said := fmt.Sprintf("%d %s", res.StatusCode, printable(res.Reason))
	switch res.StatusCode {
	case 401, 407:
		return end{reason: store.EndedWrongPassword}
	case 486, 600:
		return end{reason: store.EndedBusy}
	case 408, 480, 487:
		return end{reason: store.EndedNoAnswer}
	case 403, 603, 607, 608:
		return end{store.EndedRefused, said}
	case 404, 410, 484, 485, 604:
		return end{store.EndedUnknownNumber, said}
	case 415, 488, 606:
		return end{reason: store.EndedNoAudio}
	}
	return end{store.EndedTrunkTrouble, said}
}

// printable keeps a text of the other side short and plain.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "")
	}
	return s
}

// ofTrouble says why the trunk could not be reached.
func ofTrouble(err error) end {
	e := end{reason: store.EndedTrunkDown}
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &dns):
		e.detail = "the name " + dns.Name + " is not known"
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &verify):
		e.detail = "its certificate is not trusted"
	case errors.As(err, &record):
		e.detail = "it does not speak TLS at this port"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errSilent):
		e.detail = "it does not answer"
	case strings.Contains(err.Error(), "connection refused"):
		e.detail = "it refuses the connection"
	}
	return e
}

// errSilent is the cause of giving up on a trunk from which nothing at all was heard.
var errSilent = errors.New("the trunk says nothing")
