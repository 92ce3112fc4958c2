package main

import (
	"fmt"
	"net/url"

	"cadenza/internal/fault"
)

type feedCommand struct {
	Make   feedMakeCommand   `cmd:"" help:"Make a secret address that a user's calendar program can read, and print it once; the one before is useless then."`
	Revoke feedRevokeCommand `cmd:"" help:"Make a user's address useless."`
}

type feedMakeCommand struct {
	site
	Email string `arg:"" help:"Email address of the user."`
	URL   string `help:"The address under which people reach the server." required:"" placeholder:"URL"`
}

// Run makes the address.
func (c *feedMakeCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		if at, err := url.Parse(c.URL); err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
			return fault.Field("--url", "invalid", "Give the address of the server as https://cadenza.example.com.")
		}
		address, err := h.app.MakeFeed(env.ctx, actorOf(u), c.URL)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(env.stderr, "This address is shown once. Whoever has it can read the user's activities.")
		env.say("%s", address)
		return nil
	})
}

type feedRevokeCommand struct {
	site
	Email string `arg:"" help:"Email address of the user."`
}

// Run revokes the address.
func (c *feedRevokeCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err == nil {
			err = h.app.RevokeFeed(env.ctx, actorOf(u))
		}
		if err == nil {
			env.say("Calendar programs cannot read the activities of %s any more.", u.Name)
		}
		return err
	})
}
