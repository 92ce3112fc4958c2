package message

import (
	"encoding/hex"
	"strings"
)

// idPrefix marks the ids that are ours.
const idPrefix = "cadenza."

// idDomain stands in where no usable domain is given; RFC 2606 keeps it free for ever.
const idDomain = "cadenza.invalid"

// NewMessageID makes the Message-ID, without angle brackets, that carries a token. Use the sender's domain. The same
// token and domain give the same id.
//
// Invariant: TokenOf gives the token back, whatever bytes it has; TestRulesOfMessageID holds it.
func NewMessageID(token, domain string) string {
	ascii, ok := asciiDomain(domain)
	if !ok {
		ascii = idDomain
	}
	var b strings.Builder
	b.WriteString(idPrefix)
	for i := range len(token) {
		if c := token[i]; c != '=' && isAtext(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteString("=" + hex.EncodeToString([]byte{token[i]}))
	}
	return b.String() + "@" + ascii
}

// TokenOf gives the token of a Message-ID that NewMessageID made, with or without angle brackets. ok is false for the
// ids of others.
func TokenOf(messageID string) (token string, ok bool) {
	local, domain, ok := cutEmail(bareID(messageID))
	if !ok || domain == "" {
		return "", false
	}
	rest, ok := strings.CutPrefix(local, idPrefix)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for rest != "" {
		c := rest[0]
		if c != '=' {
			if !isAtext(c) {
				return "", false
			}
			b.WriteByte(c)
			rest = rest[1:]
			continue
		}
		if len(rest) < 3 {
			return "", false
		}
		raw, err := hex.DecodeString(rest[1:3])
		if err != nil {
			return "", false
		}
		b.WriteByte(raw[0])
		rest = rest[3:]
	}
	return b.String(), true
}

// bareID takes spaces and angle brackets off an id.
func bareID(id string) string {
	id = strings.TrimSpace(id)
	if inside, ok := strings.CutPrefix(id, "<"); ok {
		return strings.TrimSuffix(inside, ">")
	}
	return id
}

// usableID tells whether an id may be written into a header. Foreign ids break every rule of RFC 5322, 3.6.4, and are
// repeated as they came as long as they cannot leave their angle brackets.
func usableID(id string) bool {
	if id == "" || len(id) > 900 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// idList reads the ids of a Message-ID, In-Reply-To or References field. It looks for angle brackets alone, because
// real mail has comments, commas and line breaks between them.
func idList(value string) []string {
	var ids []string
	for rest := value; ; {
		open := strings.IndexByte(rest, '<')
		if open < 0 {
			break
		}
		rest = rest[open+1:]
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			break
		}
		if id := strings.Join(strings.Fields(rest[:end]), ""); usableID(id) {
			ids = append(ids, id)
		}
		rest = rest[end+1:]
	}
	if id := strings.TrimSpace(value); ids == nil && usableID(id) && strings.Contains(id, "@") {
		return []string{id}
	}
	return ids
}
