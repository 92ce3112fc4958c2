package delivery

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"cadenza/internal/domaincheck"
	"cadenza/internal/store"
)

const unsigned = "From: Anna <anna@example.com>\r\nTo: marta@buyer.test\r\nSubject: Hello\r\nMessage-ID: <m@example.com>\r\n" +
	"List-Unsubscribe: <https://example.com/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello\r\n"

// TestSign holds that receivers accept the signatures by the very record that is shown to be published, that the header
// fields of the opt-out are covered, and that a change is noticed.
func TestSign(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPublic, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		algorithm string
		signer    crypto.Signer
		public    []byte
		domain    string
		dnsName   string
	}{
		{domaincheck.RSA, rsaKey, rsaPublic, "example.com", "example.com"},
		{domaincheck.Ed25519, edKey, edPublic, "bücher.example", "xn--bcher-kva.example"},
	} {
		key := store.DKIMKey{Domain: c.domain, Selector: "c1", Algorithm: c.algorithm, Signs: true}
		raw, err := sign([]byte(unsigned), key, func(store.DKIMKey) (crypto.Signer, error) { return c.signer, nil })
		if err != nil || !bytes.HasSuffix(raw, []byte(unsigned)) {
			t.Fatalf("%s: %v, and the message is changed: %q", c.algorithm, err, raw)
		}
		record := domaincheck.Key{Selector: "c1", Algorithm: c.algorithm, Public: base64.StdEncoding.EncodeToString(c.public)}.Record(c.dnsName)
		verify := func(raw []byte) *dkim.Verification {
			list, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
				if name != record.Name {
					return nil, errors.New("asked for " + name)
				}
				return []string{record.Value}, nil
			}})
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %v, %d signatures", c.algorithm, err, len(list))
			}
			return list[0]
		}
		good := verify(raw)
		if good.Err != nil || good.Domain != c.dnsName {
			t.Errorf("%s: %v for %s", c.algorithm, good.Err, good.Domain)
		}
		for _, want := range []string{"From", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if !slices.ContainsFunc(good.HeaderKeys, func(k string) bool { return strings.EqualFold(k, want) }) {
				t.Errorf("%s: %s is not signed: %v", c.algorithm, want, good.HeaderKeys)
			}
		}
		for _, change := range [][2]string{{"One-Click", "Two-Click"}, {"Hello\r\n", "Hell\r\n"}, {"Subject: Hello", "Subject: Hell"}} {
			if v := verify([]byte(strings.Replace(string(raw), change[0], change[1], 1))); v.Err == nil {
				t.Errorf("%s: a change of %q is not noticed", c.algorithm, change[0])
			}
		}
	}
	for _, key := range []store.DKIMKey{{}, {Domain: "example.com", Selector: "c1"}} {
		if raw, err := sign([]byte(unsigned), key, func(store.DKIMKey) (crypto.Signer, error) { return nil, errors.New("asked") }); err != nil || string(raw) != unsigned {
			t.Errorf("without a key that signs: %q, %v", raw, err)
		}
	}
}
