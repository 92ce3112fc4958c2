package message

import (
	"errors"
	"fmt"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"golang.org/x/net/idna"
)

// The lengths of RFC 5321, 4.5.3.1, in bytes; an address is 254 because it stands between angle brackets on a path
// of 256.
const (
	emailMax = 254
	localMax = 64
)

var errAddressForm = errors.New("write it like name@example.com")

// ParseAddress reads an address as people write it: ann@example.com, Ann Lee <ann@example.com>, "Lee, Ann"
// <ann@example.com>. The result's domain is in lower case, and an international one in its own letters.
func ParseAddress(s string) (Address, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Address{}, fmt.Errorf("the email address is empty: %w", errAddressForm)
	}
	if len(text) > 4*emailMax || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return Address{}, fmt.Errorf("the email address is too long or has unreadable characters: %w", errAddressForm)
	}
	email, name := text, ""
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		inside, ok := strings.CutSuffix(text[open+1:], ">")
		if !ok {
			return Address{}, fmt.Errorf("%q lacks the closing >: %w", text, errAddressForm)
		}
		email = strings.TrimSpace(inside)
		if name, ok = readName(text[:open]); !ok {
			return Address{}, fmt.Errorf("%q has more than one address: %w", text, errAddressForm)
		}
	}
	if !ValidEmail(email) {
		return Address{}, fmt.Errorf("%q is not an email address: %w", email, errAddressForm)
	}
	return Address{Name: name, Email: normalEmail(email)}, nil
}

// readName reads what stands before <. ok is false for what looks like further addresses.
func readName(s string) (name string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		var b strings.Builder
		for i, escaped := 1, false; i < len(s)-1; i++ {
			if escaped = s[i] == '\\' && !escaped; !escaped {
				b.WriteByte(s[i])
			}
		}
		return cleanLine(b.String()), true
	}
	if strings.ContainsAny(s, "@<>;") {
		return "", false
	}
	return cleanLine(decodeWords(s)), true
}

// decodeWords decodes the encoded words of RFC 2047; what cannot be decoded stays as it is.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: message.CharsetReader}
	if decoded, err := d.DecodeHeader(s); err == nil {
		return decoded
	}
	return s
}

// String is the address for people: Ann Lee <ann@example.com>. It is not for headers.
func (a Address) String() string {
	if a.Name == "" {
		return a.Email
	}
	return a.Name + " <" + a.Email + ">"
}

// ValidEmail tells whether an address can be mailed: a name of usual characters, an @, and a domain with a dot.
// Letters of any script are fine on both sides. Quoted names and addresses of machines by number are not.
func ValidEmail(s string) bool {
	local, domain, ok := cutEmail(s)
	if !ok || len(s) > emailMax || !validLocal(local) {
		return false
	}
	ascii, ok := asciiDomain(domain)
	return ok && len(local)+1+len(ascii) <= emailMax
}

// DomainOf is the domain of an address in the form that ParseAddress gives; empty when there is none.
func DomainOf(email string) string {
	_, domain, ok := cutEmail(email)
	if !ok {
		return ""
	}
	return normalDomain(domain)
}

// DomainForms gives a domain as people read it, which is the form of DomainOf, and as the DNS knows it: in ASCII (RFC 5891). They differ
// for international ones alone, and what is no domain stays as it is, in lower case.
func DomainForms(domain string) (letters, ascii string) {
	ascii, ok := asciiDomain(domain)
	if !ok {
		ascii = strings.ToLower(domain)
	}
	return normalDomain(domain), ascii
}

// AddressKey is the form in which addresses are compared: as ParseAddress gives it, in lower case. RFC 5321, 2.4 lets a
// server tell the cases before the @ apart; none does, and whoever opts out means every spelling.
func AddressKey(email string) string { return strings.ToLower(normalEmail(email)) }

// WireEmail is an address as it goes over SMTP and into headers: its domain in ASCII (RFC 5891). Letters beyond ASCII
// before the @ stay, and need a server that speaks SMTPUTF8 (RFC 6531).
func WireEmail(email string) (string, error) {
	local, domain, _ := cutEmail(email)
	ascii, ok := asciiDomain(domain)
	if !ok || !validLocal(local) || len(local)+1+len(ascii) > emailMax {
		return "", errors.New("an address is not valid")
	}
	return local + "@" + ascii, nil
}

func cutEmail(s string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// normalEmail brings the domain of an address to its normal form.
func normalEmail(email string) string {
	local, domain, ok := cutEmail(email)
	if !ok {
		return email
	}
	return local + "@" + normalDomain(domain)
}

// validLocal holds the dot-atom of RFC 5322, 3.2.3, with the letters of RFC 6532.
func validLocal(s string) bool {
	if s == "" || len(s) > localMax || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			return false
		case r < utf8.RuneSelf:
			if r != '.' && !isAtext(byte(r)) {
				return false
			}
		case !unicode.In(r, unicode.L, unicode.M, unicode.N):
			return false
		}
	}
	return true
}

// isAtext tells whether an ASCII byte may stand in an atom (RFC 5322, 3.2.3).
func isAtext(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// normalDomain is a domain in lower case, an international one in its own letters. A name whose letters would not
// lead back to the same ASCII stays in ASCII, so that the normal form never means another domain.
func normalDomain(domain string) string {
	ascii, ok := asciiDomain(domain)
	if !ok {
		return strings.ToLower(domain)
	}
	if !strings.Contains(ascii, "xn--") {
		return ascii
	}
	letters, err := idna.Lookup.ToUnicode(ascii)
	if err != nil {
		return ascii
	}
	if back, err := idna.Lookup.ToASCII(letters); err != nil || back != ascii {
		return ascii
	}
	return letters
}

// asciiDomain is a domain as DNS knows it, in lower case. ok is false for what is no host name with a dot.
func asciiDomain(domain string) (ascii string, ok bool) {
	ascii = strings.ToLower(domain)
	if strings.Contains(ascii, "xn--") || strings.IndexFunc(ascii, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		var err error
		if ascii, err = idna.Lookup.ToASCII(ascii); err != nil {
			return "", false
		}
	}
	label, rest, dotted := strings.Cut(ascii, ".")
	if len(ascii) > 253 || !dotted {
		return "", false
	}
	for ; dotted; label, rest, dotted = strings.Cut(rest, ".") {
		if !validLabel(label) {
			return "", false
		}
	}
	// The last label has a letter; else it is an address by number.
	if !validLabel(label) || strings.Trim(label, "0123456789") == "" {
		return "", false
	}
	return ascii, true
}

// validLabel holds the letters, digits and hyphens of RFC 1123, 2.1.
func validLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
