package main

import (
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
)

type mailProviderCommand struct {
	List   mailProviderListCommand   `cmd:"" help:"List the clients at the providers of mailboxes."`
	Save   mailProviderSaveCommand   `cmd:"" help:"Set up or change the client at a provider; its secret is read from standard input."`
	Remove mailProviderRemoveCommand `cmd:"" help:"Take the client at a provider away with its secret."`
}

// reached are the flags of commands that name the server's own address.
type reached struct {
	URL string `help:"Address under which browsers reach the server." placeholder:"URL" required:"" env:"CADENZA_URL"`
}

type mailProviderListCommand struct{ site }

// Run lists the clients.
func (c *mailProviderListCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	list, err := h.app.ListOAuthClients(env.ctx, access.System())
	if err != nil {
		return err
	}
	for _, p := range list {
		id := p.ID
		if id == "" {
			id = "not set up"
		}
		if p.Tenant != "" {
			id += "  (directory " + p.Tenant + ")"
		}
		env.say("%-12s %s", p.Provider, id)
	}
	return nil
}

type mailProviderSaveCommand struct {
	site
	Provider string `arg:"" help:"The provider: google or microsoft." enum:"google,microsoft"`
	ClientID string `arg:"" help:"The client ID that the provider gave."`
	Tenant   string `help:"The organisation's directory at Microsoft; without it accounts of every organisation."`
}

// Run saves the client.
func (c *mailProviderSaveCommand) Run(env *environment) error {
	secret, err := readSecret(env, "Secret of the client: ", "secret")
	if err != nil {
		return err
	}
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	p, err := h.app.SaveOAuthClient(env.ctx, access.System(), action.OAuthClientInput{Provider: store.Auth(c.Provider), ID: c.ClientID, Secret: secret, Tenant: c.Tenant})
	if err != nil {
		return err
	}
	env.say("Saved the client at %s. Mailboxes can be connected.", action.ProviderName(p.Provider))
	return nil
}

type mailProviderRemoveCommand struct {
	site
	Provider string `arg:"" help:"The provider: google or microsoft." enum:"google,microsoft"`
}

// Run takes the client away.
func (c *mailProviderRemoveCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	if _, err := h.app.SaveOAuthClient(env.ctx, access.System(), action.OAuthClientInput{Provider: store.Auth(c.Provider)}); err != nil {
		return err
	}
	env.say("Removed the client at %s. Mailboxes that are connected through it wait until there is one again.", action.ProviderName(store.Auth(c.Provider)))
	return nil
}

type mailboxCommand struct {
	Connect mailboxConnectCommand `cmd:"" help:"Begin to connect a user's mailbox with a provider; prints the address to open."`
	Consent mailboxConsentCommand `cmd:"" help:"Say how far the connection of a user's mailbox is."`
	Copies  mailboxCopiesCommand  `cmd:"" name:"copy-sent" help:"Say, or choose, whether sent emails are copied into a mailbox's folder of sent mail."`
}

type mailboxConnectCommand struct {
	site
	reached
	Email    string `arg:"" help:"Email address of the user."`
	Provider string `help:"The provider: google or microsoft." enum:"google,microsoft" required:""`
	As       string `help:"Email address of who opens the address, if that is not the user." placeholder:"EMAIL"`
}

// Run begins the consent.
func (c *mailboxConnectCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := findUser(env, h, c.Email)
	if err != nil {
		return err
	}
	opener := u
	if c.As != "" {
		if opener, err = findUser(env, h, c.As); err != nil {
			return err
		}
	}
	address, err := h.app.StartConsent(env.ctx, actorOf(opener), u.ID, store.Auth(c.Provider), strings.TrimSuffix(c.URL, "/"))
	if err != nil {
		return err
	}
	_, _ = env.stderr.Write([]byte("Open this within 15 minutes, in a browser in which " + opener.Name + " is signed in to Cadenza:\n"))
	env.say("%s", address)
	return nil
}

type mailboxConsentCommand struct {
	site
	Email string `arg:"" help:"Email address of the user."`
}

// Run says how far it is.
func (c *mailboxConsentCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := findUser(env, h, c.Email)
	if err != nil {
		return err
	}
	s, err := h.app.ConsentOf(env.ctx, actorOf(u), u.ID)
	if err != nil {
		return err
	}
	switch s.Stage {
	case action.ConsentNone:
		env.say("none: the mailbox is not connected with a provider.")
	case action.ConsentWaiting:
		env.say("waiting: the consent at %s must be given by %s.", action.ProviderName(s.Provider), s.Until.Format(time.RFC3339))
	case action.ConsentConnected:
		env.say("connected: %s at %s.", s.Account, action.ProviderName(s.Provider))
	case action.ConsentEnded:
		env.say("ended: %s", s.Why)
	}
	return nil
}
