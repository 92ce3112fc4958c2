package action

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"

	"cadenza/internal/access"
	"cadenza/internal/domaincheck"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// The limits of a key.
const (
	maxSelector = 60
	maxPEM      = 10_000
	rsaBits     = 2048
)

// DKIMInput asks for a key of a domain.
type DKIMInput struct {
	Domain, Selector string
	// Algorithm is rsa or ed25519, for a key that is made here.
	Algorithm string
	// PEM is a private key that exists already; a new one is made when it is empty.
	PEM string
}

// dkimName ties a key to its domain.
func dkimName(k store.DKIMKey) string { return "dkim/" + k.Domain + "/" + k.Selector }

// SaveDKIMKey makes a key for a domain, or takes one that exists. It signs nothing before StartSigning.
func (a *App) SaveDKIMKey(ctx context.Context, actor access.Actor, in DKIMInput) (Domain, error) {
	d, err := a.manageDomain(ctx, actor, in.Domain)
	if err != nil {
		return d, err
	}
	k := store.DKIMKey{Domain: d.Name, Selector: strings.ToLower(strings.TrimSpace(in.Selector)), Algorithm: in.Algorithm}
	if k.Selector == "" || len(k.Selector) > maxSelector || strings.HasPrefix(k.Selector, "-") || strings.ContainsFunc(k.Selector, func(r rune) bool {
		return r != '-' && !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	}) {
		return d, fault.Field("selector", "invalid", fmt.Sprintf("Selector must be a word of at most %d letters, digits and hyphens, for instance cadenza.", maxSelector))
	}
	text := strings.TrimSpace(in.PEM)
	if text == "" {
		text, err = newKey(k.Algorithm)
	}
	if err != nil {
		return d, err
	}
	signer, err := parseKey(text)
	if err != nil {
		return d, err
	}
	if k.Algorithm, k.Public, err = publicKey(signer); err != nil {
		return d, err
	}
	if k.Secret, err = a.vault.Seal(dkimName(k), text); err != nil {
		return d, err
	}
	d.Key, err = change(ctx, a, func(tx *store.Tx) (store.DKIMKey, error) {
		if err := tx.SaveDKIMKey(k); err != nil {
			return k, err
		}
		if err := tx.Audit(actor.ID, "create", "dkim key", 0, d.Name); err != nil {
			return k, err
		}
		return tx.DKIMKey(k.Domain)
	})
	d.Key.Secret = nil
	return d, err
}

// manageDomain is GetDomain for those who manage mailboxes: a key speaks for everybody of the domain.
func (a *App) manageDomain(ctx context.Context, actor access.Actor, name string) (Domain, error) {
	if err := may(actor, access.ManageMailboxes); err != nil {
		return Domain{}, err
	}
	return a.GetDomain(ctx, actor, name)
}

// StartSigning has the mail of a domain signed, once its record is published; until then it is refused.
func (a *App) StartSigning(ctx context.Context, actor access.Actor, name string) (Domain, error) {
	d, err := a.manageDomain(ctx, actor, name)
	if err != nil {
		return d, err
	}
	if d.Key.Domain == "" {
		return d, fault.New(fault.Conflict, "The domain has no key yet.").WithHint("Make one first.")
	}
	if a.config.LookupTXT == nil {
		return d, fault.New(fault.Unavailable, "Domains cannot be checked here.").WithHint("Do it on the running server.")
	}
	checking, cancel := context.WithTimeout(ctx, checkLimit)
	report := a.judgeDKIM(checking, d)
	cancel()
	if len(report.Found) != 1 || report.Level() == domaincheck.Bad {
		return d, fault.New(fault.Conflict, "The key is not published as it should be. %s", report.Findings[0].Text).
			WithHint("Publish the record that is shown; it may take some hours until it is seen everywhere.")
	}
	return a.setSigning(ctx, actor, d, true)
}

// StopSigning lets mail of a domain go out unsigned; the key stays.
func (a *App) StopSigning(ctx context.Context, actor access.Actor, name string) (Domain, error) {
	d, err := a.manageDomain(ctx, actor, name)
	if err != nil || d.Key.Domain == "" {
		return d, err
	}
	return a.setSigning(ctx, actor, d, false)
}

func (a *App) setSigning(ctx context.Context, actor access.Actor, d Domain, on bool) (Domain, error) {
	verb := map[bool]string{true: "start", false: "stop"}[on]
	return change(ctx, a, func(tx *store.Tx) (Domain, error) {
		k, err := tx.DKIMKey(d.Name)
		if err != nil {
			return d, err
		}
		if k.Public != d.Key.Public {
			return d, fault.New(fault.Stale, "Somebody else changed the key meanwhile.").WithHint("Load the page again.")
		}
		k.Signs = on
		if err := tx.SaveDKIMKey(k); err != nil {
			return d, err
		}
		d.Key, d.Key.Secret = k, nil
		return d, tx.Audit(actor.ID, verb, "dkim key", 0, d.Name)
	})
}

// DeleteDKIMKey deletes the key of a domain. Mail goes out unsigned from then on.
func (a *App) DeleteDKIMKey(ctx context.Context, actor access.Actor, name string) error {
	d, err := a.manageDomain(ctx, actor, name)
	if err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteDKIMKey(d.Name); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "dkim key", 0, d.Name)
	})
}

// newKey makes a private key.
func newKey(algorithm string) (string, error) {
	var key any
	var err error
	switch algorithm {
	case domaincheck.RSA, "":
		key, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case domaincheck.Ed25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return "", fault.Field("algorithm", "unknown", "The algorithm is rsa or ed25519.")
	}
	if err != nil {
		return "", err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})), err
}

// parseKey reads a private key in one of the usual forms.
func parseKey(text string) (crypto.Signer, error) {
	wrong := fault.Field("pem", "invalid", "Paste a private key in PEM form: RSA of 1024 to 4096 bits, or Ed25519, without a password.")
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(text) > maxPEM {
		return nil, wrong
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, wrong
		}
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n >= 1024 && n <= 4096 {
			return k, nil
		}
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, wrong
}

// publicKey gives the algorithm and the p= of a key's record (RFC 6376, section 3.6.1; RFC 8463, section 4).
func publicKey(s crypto.Signer) (algorithm, p string, err error) {
	switch k := s.Public().(type) {
	case *rsa.PublicKey:
		raw, err := x509.MarshalPKIXPublicKey(k)
		return domaincheck.RSA, base64.StdEncoding.EncodeToString(raw), err
	case ed25519.PublicKey:
		return domaincheck.Ed25519, base64.StdEncoding.EncodeToString(k), nil
	}
	return "", "", errors.New("a key of another kind")
}

// signers keeps opened keys, because one signs many mails.
type signers struct {
	mu   sync.Mutex
	kept map[string]crypto.Signer
}

// Signer opens the key of a domain; delivery asks.
func (a *App) Signer(k store.DKIMKey) (crypto.Signer, error) {
	a.signers.mu.Lock()
	defer a.signers.mu.Unlock()
	name := k.Domain + "/" + k.Selector + "/" + k.Public
	if s := a.signers.kept[name]; s != nil {
		return s, nil
	}
	text, err := a.vault.Open(dkimName(k), k.Secret)
	if err != nil {
		return nil, fmt.Errorf("the DKIM key of %s cannot be read", k.Domain)
	}
	s, err := parseKey(text)
	if err == nil {
		if a.signers.kept == nil {
			a.signers.kept = map[string]crypto.Signer{}
		}
		a.signers.kept[name] = s
	}
	return s, err
}
