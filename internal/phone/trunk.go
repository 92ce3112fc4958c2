package phone

import (
	"cmp"
	"crypto/x509"
	"net"
	"strconv"
	"strings"

	"cadenza/internal/store"
)

// Trunk is where calls go out and come in: a provider of telephony, or the telephone system of the house.
type Trunk struct {
	store.Trunk
	// Password is the opened one of store.Trunk.
	Password string
	// RootCAs judge the certificate of a trunk over TLS; nil for the system's.
	RootCAs *x509.CertPool
}

// domain is what stands behind the @ of addresses at the trunk.
func (t Trunk) domain() string { return cmp.Or(t.Domain, t.Host) }

// login is the user of the digest; trunks that know the caller by address have none.
func (t Trunk) login() string { return cmp.Or(t.Login, t.User) }

// caller is the user part of the From of our calls: the number that the called person sees.
func (t Trunk) caller() string { return cmp.Or(t.Number, t.User, "cadenza") }

// address is where the trunk listens.
func (t Trunk) address() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.port())) }

func (t Trunk) port() int {
	if t.Port == 0 && t.Transport == "tls" {
		return 5061
	}
	return cmp.Or(t.Port, 5060)
}

// Dialable gives a number without what people write between its digits; "" for a text that is none.
func Dialable(text string) string {
	number := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -/.()\u00a0", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	digits := strings.TrimPrefix(number, "+")
	if len(digits) < 2 || len(digits) > 30 || strings.Trim(digits, "0123456789*#") != "" {
		return ""
	}
	return number
}
