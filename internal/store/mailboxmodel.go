package store

import (
	"time"

	"cadenza/internal/ident"
)

// Auth says how a mailbox signs in at its servers.
type Auth string

// The ways to sign in. The latter two are grants of a provider (OAuth 2).
const (
	PasswordAuth  Auth = "password"
	GoogleAuth    Auth = "google"
	MicrosoftAuth Auth = "microsoft"
)

// OAuth tells whether a provider's grant is used instead of a password.
func (a Auth) OAuth() bool { return a == GoogleAuth || a == MicrosoftAuth }

// Mailbox is the account that a user's mail goes through. Secret is encrypted; see action.Vault. What is only for those who
// look at a mailbox (from UserName on CheckedAt, and of the reading all but its server) is not loaded with a MailCandidate.
type Mailbox struct {
	ID         ident.Mailbox
	User       ident.User
	UserName   string
	Address    string
	SenderName string
	// Aliases are more addresses that its mail may come from or go to.
	Aliases   []string
	Host      string
	Port      int
	Security  Security
	Auth      Auth
	Username  string
	Secret    []byte
	Signature string
	Paused    bool
	// PauseReason is why a guard rail paused it; "" when a person did.
	PauseReason string

	// IMAPHost is "" for a mailbox that is not read. It signs in as for sending.
	IMAPHost     string
	IMAPPort     int
	IMAPSecurity Security
	// SentFolder names the folder of sent mail where the server does not mark one.
	SentFolder string
	// CopySent is whether what it sends is copied there, CopyError why the last copy could not be made.
	CopySent  SentCopy
	CopyError string

	// Grant is the sealed refresh token of a provider, GrantError why it is worth nothing any more.
	Grant      []byte
	GrantError string

	// CheckError and IMAPCheckError are what the last test said of sending and of reading; "" when it went well.
	CheckedAt      time.Time
	CheckError     string
	IMAPCheckError string
	// ReadAt is when the mailbox was read without trouble last, ReadError what keeps it from being read since.
	ReadAt    time.Time
	ReadError string
	// SendError is why its server does not let it in, and SendAgain when one mail tries again; "" while it does. UnreachedSince is since
	// when that is because the server cannot be reached; zero where it is not.
	SendError      string
	SendAgain      time.Time
	UnreachedSince time.Time
	Rev            int64
}

// Reads tells whether the mailbox is to be read.
func (m Mailbox) Reads() bool { return m.IMAPHost != "" }

// Addresses gives every address of the mailbox, its own first.
func (m Mailbox) Addresses() []string { return append([]string{m.Address}, m.Aliases...) }
