package action

import "cadenza/internal/store"

// Preset is how the servers of a well-known provider are reached.
type Preset struct {
	Key, Name    string
	Host         string
	Port         int
	Security     store.Security
	IMAPHost     string
	IMAPPort     int
	IMAPSecurity store.Security
	// Hint is what people need to know to sign in.
	Hint string
}

// Presets lists the well-known providers. Those of Providers come first, under their names.
func Presets() []Preset {
	tls, start := store.TLS, store.StartTLS
	app := "It wants an app password, which you make in the account's security settings."
	return []Preset{
		{"google", "Google", "smtp.gmail.com", 465, tls, "imap.gmail.com", 993, tls, "With a password it wants an app password; connecting with Google needs none."},
		{"microsoft", "Microsoft 365", "smtp.office365.com", 587, start, "outlook.office365.com", 993, tls, "It takes no passwords: connect with Microsoft."},
		{"icloud", "iCloud", "smtp.mail.me.com", 587, start, "imap.mail.me.com", 993, tls, app},
		{"yahoo", "Yahoo", "smtp.mail.yahoo.com", 465, tls, "imap.mail.yahoo.com", 993, tls, app},
		{"fastmail", "Fastmail", "smtp.fastmail.com", 465, tls, "imap.fastmail.com", 993, tls, app},
		{"zoho", "Zoho", "smtp.zoho.com", 465, tls, "imap.zoho.com", 993, tls, "Switch IMAP on in its settings first."},
		{"ionos", "IONOS", "smtp.ionos.com", 465, tls, "imap.ionos.com", 993, tls, ""},
		{"gmx", "GMX", "mail.gmx.net", 587, start, "imap.gmx.net", 993, tls, "Switch IMAP on in its settings first."},
	}
}

func presetOf(key string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Key == key {
			return p, true
		}
	}
	return Preset{}, false
}
