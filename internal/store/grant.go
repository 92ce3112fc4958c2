package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// Grant is what a provider gave for a mailbox. Refresh and Access are sealed; see action.Vault.
type Grant struct {
	Mailbox         Mailbox
	Refresh, Access []byte
	// Until is when Access ends.
	Until time.Time
}

// GrantOf gives the grant of a mailbox.
func (tx *Tx) GrantOf(id ident.Mailbox) (Grant, error) {
	var g Grant
	var until sql.NullInt64
	err := tx.row(`select refresh_secret, access_secret, access_until from mailboxes where id = $1`, int64(id)).Scan(&g.Refresh, &g.Access, &until)
	if err != nil {
		return g, fmt.Errorf("get grant: %w", missing(err, "mailbox"))
	}
	g.Until = moment(until)
	g.Mailbox, err = tx.GetMailbox(id)
	return g, err
}

// RenewGrant keeps new tokens instead of the one that g was read with. Another node may have been first: then its tokens
// stay, and it gives false.
func (tx *Tx) RenewGrant(g Grant, was []byte) (bool, error) {
	n, err := tx.exec(`update mailboxes set refresh_secret = $1, access_secret = $2, access_until = $3, grant_error = '' where id = $4 and refresh_secret = $5`,
		g.Refresh, g.Access, micros(g.Until), int64(g.Mailbox.ID), was)
	if err != nil {
		return false, fmt.Errorf("renew grant: %w", err)
	}
	if n == 1 && g.Mailbox.GrantError != "" {
		err = tx.reopen(g.Mailbox.ID)
	}
	return n == 1, err
}

// EndGrant notes that a grant is worth nothing any more, unless there is a newer one.
func (tx *Tx) EndGrant(id ident.Mailbox, was []byte, why string) error {
	n, err := tx.exec(`update mailboxes set grant_error = $1, access_secret = null where id = $2 and refresh_secret = $3`, clip(why), int64(id), was)
	if err != nil {
		return fmt.Errorf("end grant: %w", err)
	}
	if n == 0 {
		return nil
	}
	return tx.lookAgainOf(id)
}

// Consent is one that is on its way. State is the hash of what the person comes back with; Secret is sealed.
type Consent struct {
	State       string
	Actor, User ident.User
	Provider    Auth
	Secret      []byte
	Until       time.Time
}

// InsertConsent keeps a consent, and deletes those that nobody came back with.
func (tx *Tx) InsertConsent(c Consent) error {
	if _, err := tx.exec(`delete from consents where until < $1`, micros(tx.Now)); err != nil {
		return fmt.Errorf("tidy consents: %w", err)
	}
	_, err := tx.exec(`insert into consents (state, actor_id, user_id, provider, secret, until) values ($1, $2, $3, $4, $5, $6)`,
		c.State, int64(c.Actor), int64(c.User), string(c.Provider), c.Secret, micros(c.Until))
	if err != nil {
		return fmt.Errorf("insert consent: %w", err)
	}
	return nil
}

// WaitingConsent gives a user's consent that somebody began last and has not come back with; NotFound when there is none.
func (tx *Tx) WaitingConsent(user ident.User) (Consent, error) {
	c := Consent{User: user}
	var until int64
	err := tx.row(`select actor_id, provider, until from consents where user_id = $1 and until >= $2 order by until desc limit 1`, int64(user), micros(tx.Now)).
		Scan(&c.Actor, &c.Provider, &until)
	if err != nil {
		return c, fmt.Errorf("find consent: %w", missing(err, "consent"))
	}
	c.Until = time.UnixMicro(until).UTC()
	return c, nil
}

// TakeConsent gives a consent and deletes it: it is good once.
func (tx *Tx) TakeConsent(state string) (Consent, error) {
	c := Consent{State: state}
	var until int64
	err := tx.row(`delete from consents where state = $1 returning actor_id, user_id, provider, secret, until`, state).
		Scan(&c.Actor, &c.User, &c.Provider, &c.Secret, &until)
	if err != nil {
		return c, fmt.Errorf("take consent: %w", missing(err, "consent"))
	}
	c.Until = time.UnixMicro(until).UTC()
	return c, nil
}

// OAuthClient is the organisation's client at a provider. Secret is sealed; see action.Vault.
type OAuthClient struct {
	Provider Auth
	// ID is "" while none is set up.
	ID string
	// Tenant is the organisation at Microsoft; "" for all.
	Tenant string
	Secret []byte
	Rev    int64
}

// Ready tells whether people can connect their mailboxes through it.
func (c OAuthClient) Ready() bool { return c.ID != "" && len(c.Secret) > 0 }

// oauthClientShape is how an OAuthClient is stored.
type oauthClientShape struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Secret []byte `json:"secret"`
	Rev    int64  `json:"rev"`
}

// OAuthClient gives the client at a provider.
func (tx *Tx) OAuthClient(provider Auth) (OAuthClient, error) {
	c := OAuthClient{Provider: provider}
	text, err := tx.setting("oauth_" + string(provider))
	if err != nil || text == "" {
		return c, err
	}
	var s oauthClientShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return c, fmt.Errorf("read client of provider: %w", err)
	}
	c.ID, c.Tenant, c.Secret, c.Rev = s.ID, s.Tenant, s.Secret, s.Rev
	return c, nil
}

// SaveOAuthClient replaces the client at a provider.
func (tx *Tx) SaveOAuthClient(c OAuthClient) error {
	text, err := json.Marshal(oauthClientShape{c.ID, c.Tenant, c.Secret, c.Rev})
	if err != nil {
		return err
	}
	return tx.saveSetting("oauth_"+string(c.Provider), string(text))
}
