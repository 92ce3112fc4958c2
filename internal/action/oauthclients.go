package action

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/oauth"
	"cadenza/internal/store"
)

// Providers lists the providers whose grants a mailbox can sign in with.
func Providers() []store.Auth { return []store.Auth{store.GoogleAuth, store.MicrosoftAuth} }

// ProviderName is what people call a provider.
func ProviderName(p store.Auth) string {
	if p == store.GoogleAuth {
		return "Google"
	}
	return "Microsoft"
}

// The limits of a client at a provider.
const (
	maxClientID     = 200
	maxClientSecret = 500
)

// OAuthClientInput is the input for the organisation's client at a provider.
type OAuthClientInput struct {
	Provider store.Auth
	// ID and Secret are those that the provider gave; an empty secret keeps the old one. An empty ID takes the client away.
	ID, Secret string
	// Tenant is the organisation's directory at Microsoft; empty for accounts of every organisation.
	Tenant string
	Rev    int64
}

// clientSecret ties a client's secret to its provider and id.
func clientSecret(c store.OAuthClient) string { return fmt.Sprintf("oauth/%s/%s", c.Provider, c.ID) }

// ListOAuthClients gives the clients at all providers. A Secret is nil when there is none, and empty when there is one.
func (a *App) ListOAuthClients(ctx context.Context, actor access.Actor) ([]store.OAuthClient, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (list []store.OAuthClient, err error) {
		for _, p := range Providers() {
			c, err := tx.OAuthClient(p)
			if err != nil {
				return nil, err
			}
			list = append(list, hideClient(c))
		}
		return list, nil
	})
}

// OfferedProviders gives the providers that people can connect their mailboxes to.
func (a *App) OfferedProviders(ctx context.Context) ([]store.Auth, error) {
	return look(ctx, a, func(tx *store.Tx) (list []store.Auth, err error) {
		for _, p := range Providers() {
			c, err := tx.OAuthClient(p)
			if err != nil {
				return nil, err
			}
			if c.Ready() {
				list = append(list, p)
			}
		}
		return list, nil
	})
}

func hideClient(c store.OAuthClient) store.OAuthClient {
	if len(c.Secret) > 0 {
		c.Secret = []byte{}
	} else {
		c.Secret = nil
	}
	return c
}

// SaveOAuthClient sets the client at a provider up, changes it or takes it away.
func (a *App) SaveOAuthClient(ctx context.Context, actor access.Actor, in OAuthClientInput) (store.OAuthClient, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.OAuthClient{}, err
	}
	next, err := in.client()
	if err != nil {
		return store.OAuthClient{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.OAuthClient, error) {
		old, err := tx.OAuthClient(in.Provider)
		if err != nil {
			return old, err
		}
		if in.Rev != 0 && in.Rev != old.Rev {
			return old, fault.New(fault.Stale, "Somebody else changed this client meanwhile.").WithHint("Load it again, then repeat your change.")
		}
		next.Rev = old.Rev + 1
		switch {
		case next.ID == "":
		case in.Secret != "":
			if next.Secret, err = a.vault.Seal(clientSecret(next), in.Secret); err != nil {
				return old, err
			}
		case old.ID == next.ID && len(old.Secret) > 0:
			next.Secret = old.Secret
		default:
			return old, fault.Field("secret", "required", "Enter the secret that belongs to this client.")
		}
		if err := tx.SaveOAuthClient(next); err != nil {
			return old, err
		}
		return hideClient(next), tx.Audit(actor.ID, "update", "oauth client", 0, string(next.Provider))
	})
}

// client checks the input and gives the client.
func (in OAuthClientInput) client() (store.OAuthClient, error) {
	c := store.OAuthClient{Provider: in.Provider, ID: strings.TrimSpace(in.ID), Tenant: strings.TrimSpace(in.Tenant)}
	if !c.Provider.OAuth() {
		return c, fault.Field("provider", "unknown", "The provider is google or microsoft.")
	}
	odd := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }
	var problems []fault.Problem
	add := func(field, text string) {
		problems = append(problems, fault.Problem{Field: field, Code: "invalid", Message: text})
	}
	if len(c.ID) > maxClientID || strings.ContainsFunc(c.ID, odd) {
		add("client_id", fmt.Sprintf("Client ID must be at most %d printable characters without spaces.", maxClientID))
	}
	if len(in.Secret) > maxClientSecret || strings.ContainsFunc(in.Secret, odd) {
		add("secret", fmt.Sprintf("Secret must be at most %d printable characters without spaces.", maxClientSecret))
	}
	if len(c.Tenant) > 100 || strings.ContainsFunc(c.Tenant, func(r rune) bool {
		return r != '-' && r != '.' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) || strings.HasPrefix(c.Tenant, ".") {
		add("tenant", "Directory must be the ID or domain of your organisation at Microsoft, for instance example.com.")
	}
	if c.Provider != store.MicrosoftAuth {
		c.Tenant = ""
	}
	return c, fault.Of(problems...)
}

func notSetUp(p store.Auth) *fault.Error {
	return fault.New(fault.Conflict, "Nobody has set %s up for this server yet.", ProviderName(p)).
		WithHint("An admin does that under Settings, Mail providers.")
}

// asker opens the client at a provider for a request.
func (a *App) asker(c store.OAuthClient, redirect string) (oauth.Asker, error) {
	if !c.Ready() {
		return oauth.Asker{}, notSetUp(c.Provider)
	}
	secret, err := a.vault.Open(clientSecret(c), c.Secret)
	if err != nil {
		return oauth.Asker{}, fault.New(fault.Unavailable, "The secret of the client at %s cannot be read.", ProviderName(c.Provider)).
			WithHint("An admin enters it again under Settings, Mail providers.")
	}
	return oauth.Asker{Provider: c.Provider, ClientID: c.ID, Secret: secret, Tenant: c.Tenant, Return: redirect}, nil
}
