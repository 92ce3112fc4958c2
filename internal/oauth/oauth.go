// Package oauth is the hand that asks Google and Microsoft for grants over mailboxes (OAuth 2, RFC 6749): the address where
// a person consents, and the requests for tokens.
//
// It must never keep a token or a secret, log one, or send one anywhere but to its own provider.
//
// Start reading at Client.Exchange.
package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"cadenza/internal/store"
)

// requestLimit bounds a request for tokens.
const requestLimit = 20 * time.Second

// Endpoint is where a provider is asked.
type Endpoint struct{ Authorize, Token string }

// Endpoints gives the providers' own. {tenant} in Microsoft's stands for the organisation there, or "common" for all.
func Endpoints() map[store.Auth]Endpoint {
	return map[store.Auth]Endpoint{
		store.GoogleAuth: {"https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"},
		store.MicrosoftAuth: {
			"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
		},
	}
}

// scopes are what is asked for: to read and send mail, to do so while nobody looks, and to know whose mailbox it is.
func scopes(p store.Auth) []string {
	if p == store.GoogleAuth {
		return []string{"https://mail.google.com/", "openid", "email"}
	}
	return []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access", "openid", "email", "profile"}
}

// Asker is who asks a provider: the organisation's client there. Return is where the person comes back.
type Asker struct {
	Provider                         store.Auth
	ClientID, Secret, Tenant, Return string
}

// Grant is what a provider gives. Refresh is empty where the former one stays good.
type Grant struct {
	Access, Refresh string
	// Lasts is how long Access is good.
	Lasts time.Duration
	// Account is whose mailbox it is; after a consent only.
	Account string
}

// EndedError tells that a grant is worth nothing any more: somebody has to consent again.
type EndedError struct{ Said string }

func (e *EndedError) Error() string { return "the provider ended the grant: " + e.Said }

// RefusedError tells that the provider refuses the client itself; an admin has to mend its settings.
type RefusedError struct{ Said string }

func (e *RefusedError) Error() string { return "the provider refused the client: " + e.Said }

// Client asks the providers.
type Client struct {
	endpoints map[store.Auth]Endpoint
	http      *http.Client
}

// New builds the client; endpoints are the providers' own when nil.
func New(endpoints map[store.Auth]Endpoint) *Client {
	if endpoints == nil {
		endpoints = Endpoints()
	}
	return &Client{endpoints, &http.Client{
		Timeout: requestLimit,
		// A secret is not sent on to wherever an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *Client) config(a Asker) *oauth2.Config {
	tenant := a.Tenant
	if tenant == "" {
		tenant = "common"
	}
	e := c.endpoints[a.Provider]
	at := strings.NewReplacer("{tenant}", tenant)
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.Secret, RedirectURL: a.Return, Scopes: scopes(a.Provider),
		Endpoint: oauth2.Endpoint{AuthURL: at.Replace(e.Authorize), TokenURL: at.Replace(e.Token), AuthStyle: oauth2.AuthStyleInParams},
	}
}

// NewVerifier gives a fresh secret of one consent (PKCE, RFC 7636).
func NewVerifier() string { return oauth2.GenerateVerifier() }

// ConsentURL is where a person consents. hint is the address that the provider proposes.
func (c *Client) ConsentURL(a Asker, state, verifier, hint string) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent")}
	if hint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", hint))
	}
	return c.config(a).AuthCodeURL(state, options...)
}

// Exchange turns the code with which a person came back into a grant.
func (c *Client) Exchange(ctx context.Context, a Asker, code, verifier string) (Grant, error) {
	t, err := c.config(a).Exchange(c.within(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Grant{}, judge(err)
	}
	g := grantOf(t)
	if g.Refresh == "" {
		return Grant{}, &RefusedError{"it gave no lasting grant (refresh token)"}
	}
	id, _ := t.Extra("id_token").(string)
	g.Account, err = account(id, a.ClientID)
	return g, err
}

// Refresh gives a new access token.
func (c *Client) Refresh(ctx context.Context, a Asker, refresh string) (Grant, error) {
	t, err := c.config(a).TokenSource(c.within(ctx), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return Grant{}, judge(err)
	}
	g := grantOf(t)
	if g.Refresh == refresh {
		g.Refresh = ""
	}
	return g, nil
}

func (c *Client) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http)
}

func grantOf(t *oauth2.Token) Grant {
	lasts := time.Duration(t.ExpiresIn) * time.Second
	if lasts <= 0 {
		lasts = 5 * time.Minute
	}
	return Grant{Access: t.AccessToken, Refresh: t.RefreshToken, Lasts: lasts}
}

// judge tells what an error of a request for tokens means (RFC 6749, section 5.2).
func judge(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("ask for a token: %w", err)
	}
	// The provider's words are left out: some repeat parts of what they were sent.
	switch answer.ErrorCode {
	case "invalid_grant", "interaction_required", "consent_required", "login_required":
		return &EndedError{answer.ErrorCode}
	case "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request":
		return &RefusedError{answer.ErrorCode}
	}
	return fmt.Errorf("ask for a token: status %d, %s", answer.Response.StatusCode, answer.ErrorCode)
}

// account reads whose mailbox it is from the ID token. It came straight from the provider over TLS, so that its signature
// needs no check (OpenID Connect Core, section 3.1.3.7, rule 6); whom it is for does.
func account(idToken, clientID string) (string, error) {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return "", &RefusedError{"it did not say whose mailbox it is"}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Audience any    `json:"aud"`
		Email    string `json:"email"`
		Name     string `json:"preferred_username"`
	}
	if err != nil || json.Unmarshal(raw, &claims) != nil || !audience(claims.Audience, clientID) {
		return "", &RefusedError{"what it said of the account cannot be read"}
	}
	for _, name := range []string{claims.Email, claims.Name} {
		if strings.Contains(name, "@") {
			return name, nil
		}
	}
	return "", &RefusedError{"it did not say whose mailbox it is"}
}

func audience(claim any, clientID string) bool {
	switch a := claim.(type) {
	case string:
		return a == clientID
	case []any:
		return len(a) == 1 && a[0] == clientID
	}
	return false
}

// Addresses gives where people consent.
func (c *Client) Addresses() []string {
	var list []string
	for _, p := range []store.Auth{store.GoogleAuth, store.MicrosoftAuth} {
		if e, ok := c.endpoints[p]; ok {
			list = append(list, strings.ReplaceAll(e.Authorize, "{tenant}", "common"))
		}
	}
	return list
}
