// Package signin is how a mailbox signs in at its servers, the same for sending and reading: what is needed for it, and the
// mechanism XOAUTH2, which Google and Microsoft ask for.
//
// It must never know where the secrets come from, keep one, or write one into an error.
//
// Start reading at Credentials.
package signin

import (
	"errors"
	"strings"
)

// Credentials sign a mailbox in at its servers. With an AccessToken it is XOAUTH2, else the password.
type Credentials struct {
	Username, Password, AccessToken string
}

// Token tells whether a token is to be used instead of a password.
func (c Credentials) Token() bool { return c.AccessToken != "" }

// XOAuth2Mechanism is the name by which servers offer it.
const XOAuth2Mechanism = "XOAUTH2"

// XOAuth2 speaks the mechanism; it has the methods of go-sasl's Client. When the server refuses the token it says why in a
// challenge, which wants an empty answer before the refusal itself comes.
type XOAuth2 struct{ c Credentials }

// NewXOAuth2 builds the client of one sign-in.
func NewXOAuth2(c Credentials) *XOAuth2 { return &XOAuth2{c} }

// Start gives the mechanism and what is said first.
func (x *XOAuth2) Start() (mechanism string, first []byte, err error) {
	if strings.ContainsAny(x.c.Username+x.c.AccessToken, "\x01\r\n") {
		return "", nil, errors.New("user name or token hold characters that cannot be sent")
	}
	return XOAuth2Mechanism, []byte("user=" + x.c.Username + "\x01auth=Bearer " + x.c.AccessToken + "\x01\x01"), nil
}

// Next answers the server's word about a refusal.
func (x *XOAuth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
