package domaincheck

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
)

// The algorithms of keys (RFC 6376, section 3.3; RFC 8463).
const (
	RSA     = "rsa"
	Ed25519 = "ed25519"
)

// Key is the key that signs. Public is the p= of its record.
type Key struct{ Selector, Algorithm, Public string }

// DKIMName is where the record of a selector stands.
func DKIMName(selector, domain string) string { return selector + "._domainkey." + domain }

// Record is what to publish for a key.
func (k Key) Record(domain string) Record {
	return Record{DKIMName(k.Selector, domain), "v=DKIM1; k=" + k.Algorithm + "; p=" + k.Public}
}

// DKIM judges the record of a selector. ours is the key that signs here; its Public is "" where the mail server signs.
func DKIM(domain string, ours Key, txt []string) Report {
	name := DKIMName(ours.Selector, domain)
	r := Report{Topic: "DKIM", Name: name}
	for _, t := range txt {
		if _, ok := tags(t)["p"]; ok {
			r.Found = append(r.Found, t)
		}
	}
	publish := func() {
		if ours.Public != "" {
			r.Publish = ours.Record(domain)
		}
	}
	switch len(r.Found) {
	case 0:
		r.say(Bad, "There is no DKIM record under this name. Signatures made with this key are worth nothing until it is published.")
		publish()
		return r
	case 1:
	default:
		r.say(Bad, "There are several records under this name, so that receivers may use none. Keep one.")
		publish()
		return r
	}
	t := tags(r.Found[0])
	p := strings.Join(strings.Fields(t["p"]), "")
	if v, ok := t["v"]; ok && v != "DKIM1" {
		r.say(Bad, "Its version is not DKIM1, so receivers ignore it.")
	}
	if h, ok := t["h"]; ok && !strings.Contains(h, "sha256") {
		r.say(Bad, "It does not allow SHA-256 (h=), with which mail is signed today.")
	}
	switch {
	case p == "":
		r.say(Bad, "The key was revoked: p= is empty. Publish the key again, or make another one.")
	case ours.Public != "" && p != ours.Public:
		r.say(Bad, "Another key is published than the one that signs here.")
	default:
		r.judgeKey(t["k"], p)
	}
	for flag := range strings.SplitSeq(t["t"], ":") {
		if strings.TrimSpace(flag) == "y" {
			r.say(Advice, "It is marked as a test (t=y), so that receivers need not heed it. Take the mark away when all is well.")
		}
	}
	if r.Level() == Bad {
		publish()
	}
	if len(r.Findings) == 0 {
		r.say(Good, "The key is published, and receivers can use it.")
	}
	return r
}

// judgeKey looks at the published key itself.
func (r *Report) judgeKey(algorithm, p string) {
	raw, err := base64.StdEncoding.DecodeString(p)
	if algorithm == Ed25519 {
		if err != nil || len(raw) != ed25519.PublicKeySize {
			r.say(Bad, "The published key cannot be read.")
		}
		return
	}
	bits := 0
	if err == nil {
		bits = rsaBits(raw)
	}
	switch {
	case bits == 0:
		r.say(Bad, "The published key cannot be read.")
	case bits < 1024: // RFC 8301, section 3.2
		r.say(Bad, fmt.Sprintf("The key has %d bits. Receivers ignore keys of less than 1024.", bits))
	case bits < 2048:
		r.say(Advice, fmt.Sprintf("The key has %d bits; 2048 are usual today.", bits))
	}
}

func rsaBits(raw []byte) int {
	any, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		key, err := x509.ParsePKCS1PublicKey(raw) // what RFC 6376 says, and few do
		if err != nil {
			return 0
		}
		return key.N.BitLen()
	}
	if key, ok := any.(*rsa.PublicKey); ok {
		return key.N.BitLen()
	}
	return 0
}
