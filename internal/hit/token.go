package hit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"

	"cadenza/internal/ident"
)

const (
	// macSize is how much of the signature a token carries: 96 bits (RFC 2104, section 5, wants half of the hash or 80
	// bits at least; nobody can try guesses but over the network).
	macSize = 12
	// tokenMax is the longest token that is looked at.
	tokenMax = 64
)

// OptOut is the number by which a token names the page where whoever got the message opts out. No link has it.
const OptOut = 1 << 20

// OptedOut and OptedIn are the numbers by which a token says that its message's page has taken a choice, and whether it leaves
// messages away. No link has them either.
const (
	OptedOut = OptOut + 1
	OptedIn  = OptOut + 2
)

// Signer makes and reads tokens. The zero Signer makes none.
type Signer struct {
	// begun is what signs with the key, before anything is written into it: to begin it anew costs more than a token. It is never
	// changed, and nil without a key.
	begun hash.Cloner
}

// NewSigner builds the signer of a key, which must be used for nothing else.
func NewSigner(key []byte) Signer {
	if len(key) == 0 {
		return Signer{}
	}
	begun, _ := hmac.New(sha256.New, key).(hash.Cloner) // those of the standard library are
	return Signer{begun}
}

// Ready tells whether there is a key.
func (s Signer) Ready() bool { return s.begun != nil }

// Token names a link or file of a message by its number, or the message's pixel by 0.
func (s Signer) Token(message ident.Message, link int) string {
	raw := binary.AppendUvarint(make([]byte, 0, 2*binary.MaxVarintLen64+sha256.Size), uint64(message))
	raw = binary.AppendUvarint(raw, uint64(link))
	mac, err := s.begun.Clone()
	if err != nil {
		return "" // says only a hash that cannot be copied, and this one can
	}
	mac.Write(raw)
	signed := mac.Sum(raw)
	return base64.RawURLEncoding.EncodeToString(signed[:len(raw)+macSize])
}

// Read gives what a token names. ok is false for everything that Token did not make.
func (s Signer) Read(token string) (message ident.Message, link int, ok bool) {
	if !s.Ready() || len(token) > tokenMax {
		return 0, 0, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, 0, false
	}
	id, n := binary.Uvarint(raw)
	if n <= 0 || id == 0 || id > 1<<62 {
		return 0, 0, false
	}
	number, m := binary.Uvarint(raw[n:])
	if m <= 0 || number > OptedIn {
		return 0, 0, false
	}
	message, link = ident.Message(id), int(number)
	if !hmac.Equal([]byte(token), []byte(s.Token(message, link))) { // also holds that there is one spelling
		return 0, 0, false
	}
	return message, link, true
}
