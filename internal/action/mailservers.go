package action

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

// checkServers checks the servers that a mailbox's password goes to, and writes their names as the DNS knows them.
func checkServers(m *store.Mailbox, add func(field, code, text string)) {
	var wrong string
	if m.Host, wrong = serverName(m.Host); wrong != "" {
		add("host", "invalid", "Server "+wrong+", for instance smtp.example.com.")
	}
	if m.Port < 1 || m.Port > 65535 {
		add("port", "invalid", "Port must be a number from 1 to 65535; 587 with STARTTLS and 465 with TLS are usual.")
	}
	if !knownSecurity(m.Security) {
		add("security", "unknown", "Protection is none, starttls or tls.")
	}
	if m.IMAPHost == "" {
		return
	}
	if m.IMAPHost, wrong = serverName(m.IMAPHost); wrong != "" {
		add("imap_host", "invalid", "IMAP server "+wrong+", for instance imap.example.com.")
	}
	if m.IMAPPort < 1 || m.IMAPPort > 65535 {
		add("imap_port", "invalid", "IMAP port must be a number from 1 to 65535; 993 with TLS and 143 with STARTTLS are usual.")
	}
	if !knownSecurity(m.IMAPSecurity) {
		add("imap_security", "unknown", "Protection is none, starttls or tls.")
	}
}

// serverName reads the name of a server, or its IP address: an international name becomes that of the DNS. wrong says what a name must be
// that none can have.
func serverName(typed string) (name, wrong string) {
	if _, err := netip.ParseAddr(typed); err == nil {
		return typed, ""
	}
	name = typed
	if strings.ContainsFunc(typed, func(r rune) bool { return r >= utf8.RuneSelf }) {
		_, name = message.DomainForms(typed)
	}
	switch {
	case strings.HasPrefix(typed, "["):
		return typed, "must be written without brackets and without a port, which has its own field"
	case strings.Contains(typed, ":"):
		return typed, "must be a host name without a port, which has its own field"
	case !hostName(name):
		return typed, "must be a host name"
	}
	return name, ""
}

// hostName tells whether a name can be a host's: words of letters, digits and hyphens (RFC 1123, section 2.1), of underscores too, which
// own networks have. One whose last word is a number would be an address (RFC 3696, section 2), and is none.
func hostName(name string) bool {
	words := strings.Split(strings.TrimSuffix(name, "."), ".")
	for _, word := range words {
		if word == "" || len(word) > 63 || word[0] == '-' || word[len(word)-1] == '-' || strings.ContainsFunc(word, func(r rune) bool {
			return r != '-' && r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && !('0' <= r && r <= '9')
		}) {
			return false
		}
	}
	return len(name) <= maxHost && strings.Trim(words[len(words)-1], "0123456789") != ""
}

func knownSecurity(s store.Security) bool {
	return s == store.NoTLS || s == store.StartTLS || s == store.TLS
}
