package action_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/oauth"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testmail"
)

// consenting is an office whose mailboxes sign in by grants of a provider.
type consenting struct {
	*testing.T
	db       *store.DB
	app      *action.App
	provider *testmail.Provider
	admin    access.Actor
	bob      access.Actor
}

const (
	origin  = "https://sales.example.com"
	account = "bob@test.example"
)

func newConsenting(t *testing.T, db *store.DB) *consenting {
	t.Helper()
	c := &consenting{T: t, db: db}
	c.provider = testmail.StartProvider(t, account, origin+action.ConsentPath)
	var err error
	c.app, err = action.New(action.Config{
		DB: c.db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: t.TempDir(), PasswordCost: cheap,
		OAuth: oauth.New(map[store.Auth]oauth.Endpoint{store.GoogleAuth: {Authorize: c.provider.URL + "/authorize", Token: c.provider.URL + "/token"}}),
	})
	wantFault(t, "new app", err, "")
	c.admin, c.bob = newUser(t, c.app, "ada", access.Admin), newUser(t, c.app, "bob", access.Seller)
	_, err = c.app.SaveOAuthClient(t.Context(), c.admin, action.OAuthClientInput{Provider: store.GoogleAuth, ID: testmail.ProviderClient, Secret: testmail.ProviderSecret})
	wantFault(t, "save client", err, "")
	return c
}

// connect consents as actor for user, and comes back.
func (c *consenting) connect(actor access.Actor, user ident.User) store.Mailbox {
	c.Helper()
	m, err := c.app.FinishConsent(c.Context(), actor, c.returned(actor, user))
	wantFault(c.T, "come back", err, "")
	return m
}

func (c *consenting) returned(actor access.Actor, user ident.User) action.Returned {
	c.Helper()
	address, err := c.app.StartConsent(c.Context(), actor, user, store.GoogleAuth, origin)
	wantFault(c.T, "start consent", err, "")
	q := c.provider.Consent(c.T, address)
	return action.Returned{State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error")}
}

// token wants the mailbox's credentials to open the account.
func (c *consenting) token(m store.Mailbox) string {
	c.Helper()
	got, err := c.app.Credentials(c.Context(), m)
	if err != nil || got.Username != account || got.Password != "" || !c.provider.Accepts(account, got.AccessToken) {
		c.Fatalf("credentials %q, token accepted: %v, %v", got.Username, c.provider.Accepts(account, got.AccessToken), err)
	}
	return got.AccessToken
}

// TestConsent follows a grant through its life on both databases: consent, use, renewal with replaced tokens, the provider
// out of order, and the end of the grant.
func TestConsent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newConsenting(t, db)
		m := c.connect(c.bob, c.bob.ID)
		if m.Address != account || m.Auth != store.GoogleAuth || m.Host != "smtp.gmail.com" || m.IMAPHost != "imap.gmail.com" || m.GrantError != "" || m.Grant != nil {
			t.Errorf("the connected mailbox: %+v", m)
		}
		first := c.token(m)
		if again := c.token(m); again != first || c.provider.Renewed() != 0 {
			t.Errorf("a good token is renewed: %q, %q, %d renewals", first, again, c.provider.Renewed())
		}
		c.provider.Brief(true)
		m = c.connect(c.bob, c.bob.ID)
		for range 3 { // each time with another refresh token
			c.token(m)
		}
		if n := c.provider.Renewed(); n != 3 {
			t.Errorf("%d renewals at three uses, want 3", n)
		}
		c.provider.Break(true)
		if _, err := c.app.Credentials(t.Context(), m); err == nil || fault.CodeOf(err) != "" {
			t.Errorf("a provider out of order gives %v; it must be no fault, because it passes", err)
		}
		c.provider.Break(false)
		c.token(m)

		c.provider.End(account)
		_, err := c.app.Credentials(t.Context(), m)
		wantFault(t, "ended grant", err, fault.Unavailable)
		kept, err := c.app.GetMailbox(t.Context(), c.bob, c.bob.ID)
		if err != nil || !strings.Contains(kept.GrantError, "Google ended the grant") {
			t.Errorf("the mailbox says %q, %v", kept.GrantError, err)
		}
		c.token(c.connect(c.bob, c.bob.ID))
	})
}

// TestConsentIsSealed holds that no token or secret is in the database in the open, and that another address keeps the grant.
func TestConsentIsSealed(t *testing.T) {
	t.Parallel()
	c := newConsenting(t, storetest.SQLite(t, store.Options{}))
	m := c.connect(c.bob, c.bob.ID)
	err := c.db.Read(t.Context(), func(tx *store.Tx) error {
		g, err := tx.GrantOf(m.ID)
		client, _ := tx.OAuthClient(store.GoogleAuth)
		for _, sealed := range [][]byte{g.Refresh, g.Access, client.Secret} {
			if len(sealed) == 0 || strings.Contains(string(sealed), "refresh-") || strings.Contains(string(sealed), "access-") || strings.Contains(string(sealed), "secret") {
				t.Errorf("kept in the open, or not at all: %q", sealed)
			}
		}
		return err
	})
	wantFault(t, "look", err, "")
	saved, err := c.app.SaveMailbox(t.Context(), c.bob, action.MailboxInput{Address: "b@test.example", Auth: store.GoogleAuth, Host: "evil.example", Aliases: []string{account, "b@test.example"}})
	if err != nil || saved.Host != "smtp.gmail.com" || saved.Username != account || saved.GrantError != "" || len(saved.Aliases) != 1 {
		t.Errorf("saved: %+v, %v", saved, err)
	}
	c.token(saved)
	saved, err = c.app.SaveMailbox(t.Context(), c.bob, action.MailboxInput{Address: "b@test.example", Host: "smtp.evil.example", Port: 25, Security: store.TLS})
	wantFault(t, "back to a password", err, "")
	if got, err := c.app.Credentials(t.Context(), saved); err != nil || got.AccessToken != "" {
		t.Errorf("a mailbox with a password has a token: %v", err)
	}
}

// TestForeignConsent holds that a consent is good once, in time, and for the one who began it.
func TestForeignConsent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	c := newConsenting(t, storetest.SQLite(t, store.Options{Now: func() time.Time { return now }}))
	ctx := context.Background()
	eve := newUser(t, c.app, "eve", access.Seller)
	_, err := c.app.StartConsent(ctx, eve, c.bob.ID, store.GoogleAuth, origin)
	wantFault(t, "somebody else's mailbox", err, fault.Forbidden)
	_, err = c.app.FinishConsent(ctx, c.bob, c.returned(eve, eve.ID))
	wantFault(t, "the consent of another user", err, fault.Conflict)
	used := c.returned(c.bob, c.bob.ID)
	_, err = c.app.FinishConsent(ctx, c.bob, used)
	wantFault(t, "the first time", err, "")
	_, err = c.app.FinishConsent(ctx, c.bob, used)
	wantFault(t, "the second time", err, fault.Conflict)
	late := c.returned(c.bob, c.bob.ID)
	now = now.Add(time.Hour)
	_, err = c.app.FinishConsent(ctx, c.bob, late)
	wantFault(t, "too late", err, fault.Conflict)
	denied := c.returned(c.bob, c.bob.ID)
	denied.Error, denied.Code = "access_denied", ""
	_, err = c.app.FinishConsent(ctx, c.bob, denied)
	wantFault(t, "denied", err, fault.Conflict)
	wrong := c.returned(c.bob, c.bob.ID)
	wrong.Code = "code-999"
	_, err = c.app.FinishConsent(ctx, c.bob, wrong)
	wantFault(t, "a code of somebody else", err, fault.Conflict)
	_, err = c.app.StartConsent(ctx, c.bob, c.bob.ID, store.MicrosoftAuth, origin)
	wantFault(t, "no client", err, fault.Conflict)
	for _, in := range []action.OAuthClientInput{
		{Provider: "example", ID: "x", Secret: "y"},
		{Provider: store.GoogleAuth, ID: "other"},
		{Provider: store.GoogleAuth, ID: "with space", Secret: "y"},
		{Provider: store.MicrosoftAuth, ID: "x", Secret: "y", Tenant: "../evil"},
	} {
		_, err = c.app.SaveOAuthClient(ctx, c.admin, in)
		wantFault(t, "client "+in.ID, err, fault.Invalid)
	}
	_, err = c.app.SaveOAuthClient(ctx, c.bob, action.OAuthClientInput{Provider: store.GoogleAuth})
	wantFault(t, "client by a seller", err, fault.Forbidden)
}

// TestChosenProvider holds that a provider with which nobody can consent is not chosen, and that a mailbox of one with which somebody
// can says, until that is done, that it was not connected yet, and not that it is no longer.
func TestChosenProvider(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c, ctx := newConsenting(t, db), t.Context()
		choose := func(auth store.Auth) (store.Mailbox, error) {
			return c.app.SaveMailbox(ctx, c.bob, action.MailboxInput{Address: account, Auth: auth})
		}
		_, err := choose(store.MicrosoftAuth)
		wantFault(t, "a provider that nobody has set up", err, fault.Conflict)
		if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Field != "auth" || !strings.Contains(list[0].String(), "Nobody has set Microsoft up for this server yet. An admin does that") {
			t.Errorf("it says %v", list)
		}
		m, err := choose(store.GoogleAuth)
		wantFault(t, "a provider that is set up", err, "")
		if _, err := c.app.Credentials(ctx, c.kept(m)); err == nil || err.Error() != "Nobody has connected the mailbox with Google yet. Connect it on its page." {
			t.Errorf("before the consent: %v", err)
		}
		_, err = c.app.SaveOAuthClient(ctx, c.admin, action.OAuthClientInput{Provider: store.GoogleAuth})
		wantFault(t, "take the client away", err, "")
		_, err = choose(store.GoogleAuth)
		wantFault(t, "a mailbox that has the provider already", err, "")
	})
}

// TestConsentOfAnothersAccount holds that no mailbox is made of an account that is a colleague's mailbox.
func TestConsentOfAnothersAccount(t *testing.T) {
	t.Parallel()
	c := newConsenting(t, storetest.SQLite(t, store.Options{}))
	c.connect(c.bob, c.bob.ID)
	c.connect(c.bob, c.bob.ID)
	eve := newUser(t, c.app, "eve", access.Seller)
	_, err := c.app.FinishConsent(t.Context(), eve, c.returned(eve, eve.ID))
	wantFault(t, "a colleague's account", err, fault.Conflict)
	_, err = c.app.GetMailbox(t.Context(), eve, eve.ID)
	wantFault(t, "her mailbox", err, fault.NotFound)
}

// TestConsentStages holds what is said of a connection from before it begins until the provider ends it.
func TestConsentStages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newConsenting(t, db)
		stage := func(want action.ConsentStage) {
			t.Helper()
			s, err := c.app.ConsentOf(t.Context(), c.bob, c.bob.ID)
			if err != nil || s.Stage != want || (want == action.ConsentWaiting) == s.Until.IsZero() || (want == action.ConsentConnected) && s.Account != account {
				t.Errorf("got %+v, %v, want %s", s, err, want)
			}
		}
		stage(action.ConsentNone)
		back := c.returned(c.bob, c.bob.ID)
		stage(action.ConsentWaiting)
		m, err := c.app.FinishConsent(t.Context(), c.bob, back)
		wantFault(t, "come back", err, "")
		stage(action.ConsentConnected)
		kept := c.kept(m)
		wantFault(t, "end", db.Write(t.Context(), func(tx *store.Tx) error { return tx.EndGrant(kept.ID, kept.Grant, "revoked") }), "")
		stage(action.ConsentEnded)
		_, err = c.app.ConsentOf(t.Context(), c.bob, c.admin.ID)
		wantFault(t, "a colleague's", err, fault.Forbidden)
	})
}

func (c *consenting) kept(m store.Mailbox) (kept store.Mailbox) {
	c.Helper()
	if err := c.db.Read(c.Context(), func(tx *store.Tx) (err error) { kept, err = tx.GetMailbox(m.ID); return err }); err != nil {
		c.Fatal(err)
	}
	return kept
}
