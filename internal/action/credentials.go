package action

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/oauth"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// renewBefore is how long before its end an access token is renewed.
const renewBefore = 2 * time.Minute

// secretName ties a mailbox's password to its user, servers and account: whoever changes where it is sent to must know it.
// One that is not read has the name of earlier releases.
func secretName(m store.Mailbox) string {
	name := fmt.Sprintf("mailbox/%d/%s/%s", int64(m.User), strings.ToLower(m.Host), m.Username)
	if m.IMAPHost != "" {
		name += "/" + strings.ToLower(m.IMAPHost)
	}
	return name
}

// Credentials gives what signs a mailbox in, for whoever sends its mail and reads it. A fault is what a person has to mend;
// any other error may pass by itself.
func (a *App) Credentials(ctx context.Context, m store.Mailbox) (signin.Credentials, error) {
	if m.Auth.OAuth() {
		token, err := a.accessToken(ctx, m.ID)
		return signin.Credentials{Username: m.Username, AccessToken: token}, err
	}
	password, err := a.vault.Open(secretName(m), m.Secret)
	return signin.Credentials{Username: m.Username, Password: password}, err
}

// renewals lets one goroutine of this node at a time renew a mailbox's token. Nodes need no such thing: whoever comes
// second keeps what the first has written.
type renewals struct {
	mu    sync.Mutex
	locks map[ident.Mailbox]*sync.Mutex
}

func newRenewals() *renewals { return &renewals{locks: map[ident.Mailbox]*sync.Mutex{}} }

func (r *renewals) of(id ident.Mailbox) *sync.Mutex {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locks[id] == nil {
		r.locks[id] = &sync.Mutex{}
	}
	return r.locks[id]
}

// accessToken gives a token that is good now, and renews it where needed.
func (a *App) accessToken(ctx context.Context, id ident.Mailbox) (string, error) {
	lock := a.renewals.of(id)
	lock.Lock()
	defer lock.Unlock()
	for range 2 {
		token, again, err := a.tryAccessToken(ctx, id)
		if !again {
			return token, err
		}
	}
	return "", errors.New("another node renews the grant")
}

// tryAccessToken tells by again that another node has renewed the grant meanwhile.
func (a *App) tryAccessToken(ctx context.Context, id ident.Mailbox) (token string, again bool, err error) {
	var client store.OAuthClient
	g, err := look(ctx, a, func(tx *store.Tx) (g store.Grant, err error) {
		if g, err = tx.GrantOf(id); err == nil {
			client, err = tx.OAuthClient(g.Mailbox.Auth)
		}
		return g, err
	})
	if err != nil {
		return "", false, err
	}
	m := g.Mailbox
	switch {
	case len(g.Refresh) == 0:
		return "", false, fault.New(fault.Unavailable, "Nobody has connected the mailbox with %s yet.", ProviderName(m.Auth)).WithHint("Connect it on its page.")
	case m.GrantError != "":
		return "", false, connectAgain(m)
	case len(g.Access) > 0 && a.db.Now().Add(renewBefore).Before(g.Until):
		token, err = a.vault.Open(grantName(m), g.Access)
		return token, false, err
	}
	refresh, err := a.vault.Open(grantName(m), g.Refresh)
	if err != nil {
		return "", false, err
	}
	asker, err := a.asker(client, "")
	if err != nil {
		return "", false, err
	}
	fresh, err := a.oauth().Refresh(ctx, asker, refresh)
	var ended *oauth.EndedError
	var refused *oauth.RefusedError
	switch {
	case errors.As(err, &ended):
		return a.endGrant(ctx, g, ended.Said)
	case errors.As(err, &refused):
		return "", false, a.refusedClient(m.Auth, err)
	case err != nil:
		return "", false, err
	}
	return fresh.Access, false, a.renewGrant(ctx, g, fresh)
}

func connectAgain(m store.Mailbox) error {
	return fault.New(fault.Unavailable, "%s does not let this server use the mailbox any more.", ProviderName(m.Auth)).WithHint("Connect it again.")
}

// renewGrant keeps the new tokens; a refresh token that was not replaced stays (RFC 6749, section 6).
func (a *App) renewGrant(ctx context.Context, g store.Grant, fresh oauth.Grant) error {
	next, was, name := g, g.Refresh, grantName(g.Mailbox)
	var err error
	if next.Access, err = a.vault.Seal(name, fresh.Access); err != nil {
		return err
	}
	if fresh.Refresh != "" {
		if next.Refresh, err = a.vault.Seal(name, fresh.Refresh); err != nil {
			return err
		}
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		next.Until = tx.Now.Add(fresh.Lasts)
		_, err := tx.RenewGrant(next, was)
		return err
	})
}

// endGrant notes that a grant is over, unless another node has a newer one.
func (a *App) endGrant(ctx context.Context, g store.Grant, said string) (string, bool, error) {
	newer := false
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.GrantOf(g.Mailbox.ID)
		if err != nil {
			return err
		}
		if newer = string(now.Refresh) != string(g.Refresh); newer {
			return nil
		}
		return tx.EndGrant(g.Mailbox.ID, g.Refresh, ProviderName(g.Mailbox.Auth)+" ended the grant ("+said+").")
	})
	if err != nil || newer {
		return "", newer && err == nil, err
	}
	return "", false, connectAgain(g.Mailbox)
}
