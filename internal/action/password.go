package action

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"cadenza/internal/fault"
)

// The limits of a password, in characters and bytes. The upper one keeps a sign-in cheap for the server.
const (
	minPassword = 10
	maxPassword = 1000
)

// PasswordCost is what one check of a password costs.
type PasswordCost struct {
	// Memory in KiB and Rounds over it (argon2id).
	Memory, Rounds uint32
}

// params gives the parameters of argon2id. The default is above the least that OWASP asks for (19 MiB, 2 rounds).
func (c PasswordCost) params() *argon2id.Params {
	if c.Memory == 0 || c.Rounds == 0 {
		c = PasswordCost{Memory: 64 << 10, Rounds: 2}
	}
	return &argon2id.Params{Memory: c.Memory, Iterations: c.Rounds, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// hashPassword checks a new password and gives its hash. field is the input's name for problems.
func (a *App) hashPassword(field, password string) (string, error) {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return "", fault.Field(field, "too_short", fmt.Sprintf("The password needs at least %d characters.", minPassword))
	case len(password) > maxPassword:
		return "", fault.Field(field, "too_long", fmt.Sprintf("The password is longer than %d bytes.", maxPassword))
	}
	hash, err := argon2id.CreateHash(password, a.config.PasswordCost.params())
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// passwordFits tells whether the password has this hash.
func passwordFits(password, hash string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check password: %w", err)
	}
	return fits, nil
}

// newSecret gives 32 random bytes as text after a prefix, and the hash under which it is stored.
func newSecret(prefix string) (secret, hash string) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	secret = prefix + hex.EncodeToString(raw[:])
	return secret, hashSecret(secret)
}

// hashSecret needs no salt and no cost: the secret is random and long.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// nobodysHash is the hash that a sign-in of an unknown user is checked against, so that it takes as long as any other.
func (a *App) nobodysHash() (string, error) {
	a.nobody.once.Do(func() {
		secret, _ := newSecret("")
		a.nobody.hash, a.nobody.err = argon2id.CreateHash(secret, a.config.PasswordCost.params())
	})
	return a.nobody.hash, a.nobody.err
}

// nobody holds the hash of nobody's password once it was needed.
type nobody struct {
	once sync.Once
	hash string
	err  error
}
