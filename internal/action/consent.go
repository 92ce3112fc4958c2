package action

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/oauth"
	"cadenza/internal/store"
)

// consentLimit is how long a person has to consent.
const consentLimit = 15 * time.Minute

// ConsentPath is where providers send people back, behind the server's address. It is registered at the provider.
const ConsentPath = "/mailboxes/connected"

// consentSecret is what a consent keeps sealed until the person comes back.
type consentSecret struct {
	Verifier string `json:"verifier"`
	Return   string `json:"return"`
}

func consentName(state string) string { return "consent/" + state }

// grantName ties a grant's tokens to user, provider and account.
func grantName(m store.Mailbox) string {
	return fmt.Sprintf("grant/%d/%s/%s", int64(m.User), m.Auth, m.Username)
}

// ConsentReturn is the address at which people come back from a provider. origin is that under which the asking browser
// reached the server; it counts where nobody said another one.
func (a *App) ConsentReturn(origin string) string {
	if a.config.BaseURL != "" {
		origin = a.config.BaseURL
	}
	return origin + ConsentPath
}

// StartConsent gives the address at which a person lets this server use a user's mailbox at a provider.
func (a *App) StartConsent(ctx context.Context, actor access.Actor, user ident.User, provider store.Auth, origin string) (string, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return "", err
	}
	if !provider.OAuth() {
		return "", fault.Field("provider", "unknown", "The provider is google or microsoft.")
	}
	state, secret := rand.Text()+rand.Text(), consentSecret{oauth.NewVerifier(), a.ConsentReturn(origin)}
	return change(ctx, a, func(tx *store.Tx) (string, error) {
		u, err := tx.GetUser(user)
		if err != nil {
			return "", err
		}
		hint := u.Email
		if m, err := tx.MailboxOf(user); err == nil {
			hint = m.Address
		}
		client, err := tx.OAuthClient(provider)
		if err != nil {
			return "", err
		}
		asker, err := a.asker(client, secret.Return)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(secret)
		if err != nil {
			return "", err
		}
		hash := stateHash(state)
		sealed, err := a.vault.Seal(consentName(hash), string(text))
		if err != nil {
			return "", err
		}
		c := store.Consent{State: hash, Actor: actor.ID, User: user, Provider: provider, Secret: sealed, Until: tx.Now.Add(consentLimit)}
		return a.oauth().ConsentURL(asker, state, secret.Verifier, hint), tx.InsertConsent(c)
	})
}

// ConsentStage is how far the connection of a mailbox with a provider is.
type ConsentStage string

// The stages. A mailbox that is connected can have another consent on its way: then that one is told.
const (
	ConsentNone      ConsentStage = "none"      // it signs in by a password, or there is no mailbox
	ConsentWaiting   ConsentStage = "waiting"   // somebody was sent to the provider and has not come back
	ConsentConnected ConsentStage = "connected" // it signs in by a grant
	ConsentEnded     ConsentStage = "ended"     // the provider does not let it in any more, or nobody has consented yet
)

// ConsentState is the state of the connection of a mailbox with a provider.
type ConsentState struct {
	Stage    ConsentStage
	Provider store.Auth
	// Account is whose grant it is, for a mailbox that is or was connected; Until is when a waiting consent ends; Why says why it ended.
	Account, Why string
	Until        time.Time
}

// ConsentOf gives how far the connection of a user's mailbox with a provider is.
func (a *App) ConsentOf(ctx context.Context, actor access.Actor, user ident.User) (ConsentState, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return ConsentState{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (ConsentState, error) {
		if _, err := tx.GetUser(user); err != nil {
			return ConsentState{}, err
		}
		c, err := tx.WaitingConsent(user)
		if err == nil {
			return ConsentState{Stage: ConsentWaiting, Provider: c.Provider, Until: c.Until}, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return ConsentState{}, err
		}
		m, err := tx.MailboxOf(user)
		switch {
		case fault.Is(err, fault.NotFound), err == nil && !m.Auth.OAuth():
			return ConsentState{Stage: ConsentNone}, nil
		case err != nil:
			return ConsentState{}, err
		case m.GrantError != "":
			return ConsentState{Stage: ConsentEnded, Provider: m.Auth, Account: m.Username, Why: m.GrantError}, nil
		}
		return ConsentState{Stage: ConsentConnected, Provider: m.Auth, Account: m.Username}, nil
	})
}

func stateHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

func (a *App) oauth() *oauth.Client {
	if a.config.OAuth != nil {
		return a.config.OAuth
	}
	return oauth.New(nil)
}

// Returned is what a provider sends a person back with.
type Returned struct{ State, Code, Error string }

// FinishConsent keeps what a provider granted to the person who comes back. Whoever has no mailbox gets one of the account
// that they chose.
func (a *App) FinishConsent(ctx context.Context, actor access.Actor, r Returned) (store.Mailbox, error) {
	none := store.Mailbox{}
	if err := may(actor, access.UseMailbox); err != nil {
		return none, err
	}
	var client store.OAuthClient
	consent, err := change(ctx, a, func(tx *store.Tx) (c store.Consent, err error) {
		if c, err = tx.TakeConsent(stateHash(r.State)); err == nil {
			client, err = tx.OAuthClient(c.Provider)
		}
		return c, err
	})
	// Whoever is led here with the consent of somebody else must not get their mailbox (RFC 6749, section 10.12).
	if fault.Is(err, fault.NotFound) || err == nil && (consent.Actor != actor.ID || consent.Until.Before(a.db.Now())) {
		return none, fault.New(fault.Conflict, "This connection was begun somewhere else, used already, or too long ago.").WithHint("Begin again on the mailbox's page.")
	}
	if err != nil {
		return none, err
	}
	if err := mayOn(actor, access.UseMailbox, consent.User); err != nil {
		return none, err
	}
	name := ProviderName(consent.Provider)
	if r.Error != "" || r.Code == "" {
		if r.Error == "access_denied" {
			return store.Mailbox{User: consent.User}, fault.New(fault.Conflict, "%s was not allowed to connect the mailbox.", name).WithHint("Connect it again and consent, or use a password.")
		}
		return store.Mailbox{User: consent.User}, fault.New(fault.Conflict, "%s refused the connection (%s).", name, shortened(clean(r.Error), 80)).WithHint("Check the client under Settings, Mail providers.")
	}
	grant, err := a.exchange(ctx, consent, client, r.Code)
	if err != nil {
		return store.Mailbox{User: consent.User}, err
	}
	return a.keepGrant(ctx, actor, consent, grant)
}

// exchange asks for the grant. The network is never touched inside of a transaction.
func (a *App) exchange(ctx context.Context, c store.Consent, client store.OAuthClient, code string) (oauth.Grant, error) {
	text, err := a.vault.Open(consentName(c.State), c.Secret)
	var secret consentSecret
	if err == nil {
		err = json.Unmarshal([]byte(text), &secret)
	}
	if err != nil {
		return oauth.Grant{}, err
	}
	asker, err := a.asker(client, secret.Return)
	if err != nil {
		return oauth.Grant{}, err
	}
	g, err := a.oauth().Exchange(ctx, asker, code, secret.Verifier)
	var ended *oauth.EndedError
	switch {
	case errors.As(err, &ended):
		return g, fault.New(fault.Conflict, "%s did not accept the answer any more.", ProviderName(c.Provider)).WithHint("Connect the mailbox again.")
	case err != nil:
		return g, a.refusedClient(c.Provider, err)
	}
	return g, nil
}

// refusedClient says what an admin has to mend; another error passes by itself.
func (a *App) refusedClient(p store.Auth, err error) error {
	var refused *oauth.RefusedError
	if errors.As(err, &refused) {
		return fault.New(fault.Unavailable, "%s refused this server's client (%s).", ProviderName(p), refused.Said).
			WithHint("An admin checks client ID, secret and permissions under Settings, Mail providers.")
	}
	a.log.Warn("ask provider for a grant", "provider", string(p), "error", err)
	return fault.New(fault.Unavailable, "%s did not answer.", ProviderName(p)).WithHint("Try again in a moment.")
}

// keepGrant writes the grant into the user's mailbox, with the provider's servers and without a password.
func (a *App) keepGrant(ctx context.Context, actor access.Actor, c store.Consent, g oauth.Grant) (store.Mailbox, error) {
	return change(ctx, a, func(tx *store.Tx) (store.Mailbox, error) {
		u, err := tx.GetUser(c.User)
		if err != nil {
			return store.Mailbox{}, err
		}
		m, err := tx.MailboxOf(c.User)
		write := tx.UpdateMailbox
		if fault.Is(err, fault.NotFound) {
			m, write = store.Mailbox{User: c.User, Address: g.Account, SenderName: u.Name}, tx.InsertMailbox
			err = unclaimed(tx, m, store.Mailbox{})
		}
		if err != nil {
			return m, err
		}
		m.Auth, m.Username, m.Secret, m.GrantError = c.Provider, g.Account, nil, ""
		m = withServers(m)
		if m.Grant, err = a.vault.Seal(grantName(m), g.Refresh); err != nil {
			return m, err
		}
		m.CheckedAt, m.CheckError, m.IMAPCheckError = time.Time{}, "", ""
		if m, err = write(m); err != nil {
			return m, err
		}
		next := store.Grant{Mailbox: m, Refresh: m.Grant, Until: tx.Now.Add(g.Lasts)}
		if next.Access, err = a.vault.Seal(grantName(m), g.Access); err != nil {
			return m, err
		}
		if _, err := tx.RenewGrant(next, m.Grant); err != nil {
			return m, err
		}
		return withoutSecret(m), tx.Audit(actor.ID, "connect", "mailbox", int64(m.ID), string(c.Provider))
	})
}

// withServers sets the servers of the mailbox's provider: a grant goes to no others.
func withServers(m store.Mailbox) store.Mailbox {
	p, ok := presetOf(string(m.Auth))
	if ok {
		m.Host, m.Port, m.Security = p.Host, p.Port, p.Security
		m.IMAPHost, m.IMAPPort, m.IMAPSecurity = p.IMAPHost, p.IMAPPort, p.IMAPSecurity
	}
	return m
}
