package main

import (
	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
)

type mailProviderCommand struct {
	List   mailProviderListCommand   `cmd:"" help:"List the clients at the providers of mailboxes."`
	Save   mailProviderSaveCommand   `cmd:"" help:"Set up or change the client at a provider; its secret is read from standard input."`
	Remove mailProviderRemoveCommand `cmd:"" help:"Take the client at a provider away with its secret."`
}

type mailProviderListCommand struct{ site }

// Run lists the clients.
func (c *mailProviderListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
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
	})
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
	return within(env, c.site, func(h *house) error {
		p, err := h.app.SaveOAuthClient(env.ctx, access.System(), action.OAuthClientInput{Provider: store.Auth(c.Provider), ID: c.ClientID, Secret: secret, Tenant: c.Tenant})
		if err != nil {
			return err
		}
		env.say("Saved the client at %s. Mailboxes can be connected.", action.ProviderName(p.Provider))
		return nil
	})
}

type mailProviderRemoveCommand struct {
	site
	Provider string `arg:"" help:"The provider: google or microsoft." enum:"google,microsoft"`
}

// Run takes the client away.
func (c *mailProviderRemoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		if _, err := h.app.SaveOAuthClient(env.ctx, access.System(), action.OAuthClientInput{Provider: store.Auth(c.Provider)}); err != nil {
			return err
		}
		env.say("Removed the client at %s. Mailboxes that are connected through it wait until there is one again.", action.ProviderName(store.Auth(c.Provider)))
		return nil
	})
}
