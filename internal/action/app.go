// Package action is everything that a person or a client of the API may ask for. Each action checks the right, then the
// input, and then does its work in one transaction.
//
// It must never know of HTTP, HTML or JSON: the doors (api, web, the command line) translate. A rule stands here once,
// or deeper, never in a door.
//
// Start reading at App, then connect.go.
package action

import (
	"context"
	"log/slog"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/oauth"
	"cadenza/internal/phone"
	"cadenza/internal/store"
)

// Config is what New needs.
type Config struct {
	DB  *store.DB
	Log *slog.Logger
	// Key encrypts the secrets of mailboxes and of the text provider: 32 bytes from outside of the database.
	Key []byte
	// DataDir is where uploaded files wait for their import.
	DataDir string
	// BaseURL is the address under which people outside reach the server, without a slash at the end; "" when nobody said.
	BaseURL string
	// Probe tries a mailbox's server for sending, ProbeReading that for reading; nil when the doors offer no test.
	Probe, ProbeReading Prober
	// LookupTXT asks the name server for TXT records; nil when the doors offer no check of domains.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
	// OAuth asks providers for grants; at their own addresses when nil.
	OAuth *oauth.Client
	// Text hands a test text to the provider; nil when the doors offer no test.
	Text Texter
	// Phone carries calls; nil when the doors offer none.
	Phone *phone.Phone
	// PasswordCost is what a guess of a password costs; zero for the strong default. Tests take a cheap one.
	PasswordCost PasswordCost
}

// App carries out actions. It is safe for concurrent use.
type App struct {
	db     *store.DB
	log    *slog.Logger
	vault  *Vault
	config Config
	// limiter slows down guessing of passwords.
	limiter  *limiter
	nobody   nobody
	imports  *importQueue
	renewals *renewals
	signers  signers
}

// New builds the App. The key must have 32 bytes.
func New(c Config) (*App, error) {
	vault, err := NewVault(c.Key)
	if err != nil {
		return nil, err
	}
	return &App{db: c.DB, log: c.Log, vault: vault, config: c, limiter: newLimiter(), imports: newImportQueue(c.DataDir), renewals: newRenewals()}, nil
}

// DB gives the store, for the doors' sessions and health pages.
func (a *App) DB() *store.DB { return a.db }

// Vault gives the keeper of secrets, for delivery.
func (a *App) Vault() *Vault { return a.vault }

// Refusal says why one record or activity of a bulk action was left out.
type Refusal struct {
	Record ident.Record
	Name   string
	// Code is stable: already_connected, record_closed, wrong_kind, not_found, forbidden, finished_before, ….
	Code   string
	Reason string
}

// may gives a Forbidden fault unless the actor has the right.
func may(actor access.Actor, verb access.Verb) error {
	if access.May(actor, verb) {
		return nil
	}
	return refuse(actor)
}

// mayOn is may for a thing that owner owns.
func mayOn(actor access.Actor, verb access.Verb, owner ident.User) error {
	if access.MayOn(actor, verb, owner) {
		return nil
	}
	return refuse(actor)
}

// mayWith is mayOn for a thing that a team may own.
func mayWith(actor access.Actor, verb access.Verb, held access.Holding) error {
	if access.MayWith(actor, verb, held) {
		return nil
	}
	return refuse(actor)
}

func refuse(actor access.Actor) error {
	if actor.ID == 0 && !actor.System {
		return fault.New(fault.Unauthenticated, "Nobody is signed in.").WithHint("Sign in first.")
	}
	return fault.New(fault.Forbidden, "The role %s may not do this.", actor.Role.Label()).
		WithHint("Ask an admin, or somebody who owns it.")
}
