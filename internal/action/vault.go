package action

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/store"
)

// KeySize is the length of the key that encrypts secrets, in bytes.
const KeySize = 32

// sealed secrets begin with this byte, so that another form may follow one day.
const vaultForm = 1

// Vault keeps secrets encrypted: AES-256-GCM with a random nonce. A sealed secret is tied to its thing's name, so that
// nobody moves one mailbox's password to another mailbox.
type Vault struct {
	aead   cipher.AEAD
	signer hit.Signer
	// mark tells keys apart without giving anything of them away.
	mark string
	// names is the key of Name.
	names []byte
}

// NewVault builds the vault of a 32-byte key.
func NewVault(key []byte) (*Vault, error) {
	if len(key) != KeySize {
		return nil, fault.New(fault.Invalid, "The key for secrets has %d bytes; it needs %d.", len(key), KeySize).
			WithHint("Use the key that the server made at its first start, or set up a new one of 32 random bytes.")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	mark := hex.EncodeToString(derive(key, "cadenza key fingerprint")[:16])
	return &Vault{aead: aead, signer: hit.NewSigner(derive(key, "cadenza tracking tokens")), mark: mark, names: derive(key, "cadenza names")}, nil
}

// derive makes a key for one use from the one key.
func derive(key []byte, use string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(use))
	return mac.Sum(nil)
}

// Name gives 16 bytes that stand for a thing of this installation, always the same, and for nothing of any other.
func (v *Vault) Name(thing string) [16]byte { return [16]byte(derive(v.names, thing)[:16]) }

// Signer gives the signer of the tokens in followed mail. With another key the links of mail that is out lead nowhere.
func (v *Vault) Signer() hit.Signer { return v.signer }

// Seal encrypts a secret. name is that of the thing it belongs to.
func (v *Vault) Seal(name, secret string) ([]byte, error) {
	nonce := make([]byte, v.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	out := append([]byte{vaultForm}, nonce...)
	return v.aead.Seal(out, nonce, []byte(secret), []byte(name)), nil
}

// Open decrypts what Seal gave under the same name and key. Nothing sealed is the empty secret.
func (v *Vault) Open(name string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	size := v.aead.NonceSize()
	if len(sealed) <= 1+size || sealed[0] != vaultForm {
		return "", wrongKey()
	}
	secret, err := v.aead.Open(nil, sealed[1:1+size], sealed[1+size:], []byte(name))
	if err != nil {
		return "", wrongKey()
	}
	return string(secret), nil
}

func wrongKey() error {
	return fault.New(fault.Unavailable, "The stored password cannot be read with the server's present key.").
		WithHint("Start the server with the key it had before, or enter the password again.")
}

// CheckKey tells whether the key is the one with which this database's secrets were sealed. The first key is written
// down; serve and doctor ask.
func (a *App) CheckKey(ctx context.Context) error {
	var known string
	if err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		known, err = tx.KeyFingerprint()
		return err
	}); err != nil {
		return err
	}
	if known == "" {
		return a.db.Write(ctx, func(tx *store.Tx) (err error) {
			if known, err = tx.KeyFingerprint(); err != nil || known != "" {
				return err
			}
			return tx.SaveKeyFingerprint(a.vault.mark)
		})
	}
	if !hmac.Equal([]byte(known), []byte(a.vault.mark)) {
		return fault.New(fault.Conflict, "The key for secrets is not the one that this database was used with.").
			WithHint("Start the server with the former key. If it is lost, adopt the new one and enter the passwords of the mailboxes again.")
	}
	return nil
}

// AdoptKey makes the present key that of the database. Secrets sealed with another one must be entered again.
func (a *App) AdoptKey(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SaveKeyFingerprint(a.vault.mark); err != nil {
			return err
		}
		return tx.Audit(0, "replace", "key", 0, "")
	})
}
