package delivery

import (
	"bytes"
	"crypto"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// signedHeaders are the header fields that a signature covers (RFC 6376, section 5.4.1), those of the one-click opt-out among
// them (RFC 8058, section 4).
func signedHeaders() []string {
	return []string{
		"From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
		"List-Unsubscribe", "List-Unsubscribe-Post",
	}
}

// sign puts a signature before a message's final bytes. Without a key that is in use they stay as they are.
func sign(raw []byte, key store.DKIMKey, open func(store.DKIMKey) (crypto.Signer, error)) ([]byte, error) {
	if !key.Signs || open == nil {
		return raw, nil
	}
	signer, err := open(key)
	if err != nil {
		return nil, err
	}
	_, domain := message.DomainForms(key.Domain) // RFC 6376, section 3.5: an international one is written in ASCII
	var signed bytes.Buffer
	signed.Grow(len(raw) + 1024)
	err = dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: domain, Selector: key.Selector, Signer: signer, Hash: crypto.SHA256, HeaderKeys: signedHeaders(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signed.Bytes(), nil
}
