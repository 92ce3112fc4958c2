package main

import (
	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
)

type domainDKIMCommand struct {
	Show   dkimShowCommand   `cmd:"" help:"Show a domain's key, and the record to publish for it."`
	Make   dkimMakeCommand   `cmd:"" help:"Make a key for a domain, or keep one that exists; it signs nothing before cadenza domain dkim start."`
	Start  dkimStartCommand  `cmd:"" help:"Sign the mail of a domain, once the record of its key is published."`
	Stop   dkimStopCommand   `cmd:"" help:"Let the mail of a domain go out unsigned; the key stays."`
	Delete dkimDeleteCommand `cmd:"" help:"Delete a domain's key; its mail goes out unsigned."`
}

type dkimShowCommand struct {
	site
	output
	acting
	sendingDomain
}

// Run shows it. The private key never comes out.
func (c *dkimShowCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(_ *house, _ access.Actor, d action.Domain) error {
		return c.show(env, api.Domain(d), func() { env.dkimKey(d) })
	})
}

// dkimKey prints a domain's key with the record to publish.
func (e *environment) dkimKey(d action.Domain) {
	if d.Key.Domain == "" {
		e.say("%s has no key here. That is right where the mail server signs by itself.", d.Name)
		return
	}
	e.say("selector   %s", d.Key.Selector)
	e.say("algorithm  %s", d.Key.Algorithm)
	e.say("signing    %s", map[bool]string{true: "mail is signed", false: "not yet: publish the record, then cadenza domain dkim start " + d.Name}[d.Key.Signs])
	e.txtRecord(d.Record())
}

type dkimMakeCommand struct {
	site
	output
	acting
	sendingDomain
	Selector  string `help:"The key's name in the DNS; another one than before for a key that takes its place." default:"cadenza" placeholder:"NAME"`
	Algorithm string `help:"Its kind, where one is made: rsa (read by all) or ed25519 (short, read by some)." enum:"rsa,ed25519" default:"rsa"`
	PEMFile   string `name:"pem-file" help:"File with a private key that exists already, in PEM form, or - for standard input." placeholder:"FILE"`
	Replace   bool   `help:"Put it in the place of the key that is there. Mail goes out unsigned until the new record is published and signing is started."`
}

// Run makes it. One that is there is replaced only where that was said: its mail would go out unsigned by a slip.
func (c *dkimMakeCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(h *house, actor access.Actor, d action.Domain) error {
		if d.Key.Domain != "" && !c.Replace {
			return fault.Field("--replace", "required", d.Name+" has the key "+d.Key.Selector+" already. Give --replace and another --selector to put a new one in its place.")
		}
		in := action.DKIMInput{Domain: d.Name, Selector: c.Selector, Algorithm: c.Algorithm}
		if c.PEMFile != "" {
			text, err := readText(env, c.PEMFile)
			if err != nil {
				return err
			}
			if in.PEM = text; len(text) == 0 {
				return fault.Field("--pem-file", "required", "There is no key in "+c.PEMFile+".")
			}
		}
		made, err := h.app.SaveDKIMKey(env.ctx, actor, in)
		if err != nil {
			return byFlag(err, map[string]string{"pem": "--pem-file"})
		}
		return c.show(env, api.Domain(made), func() {
			env.say("The key is kept. Publish its record, then start signing.")
			env.dkimKey(made)
		})
	})
}

type dkimStartCommand struct {
	site
	output
	acting
	sendingDomain
}

// Run starts the signing. It is refused until the record is published as it should be.
func (c *dkimStartCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(h *house, actor access.Actor, d action.Domain) error {
		d, err := h.app.StartSigning(env.ctx, actor, d.Name)
		if err != nil {
			return err
		}
		return c.show(env, api.Domain(d), func() { env.say("Mail of %s is signed from now on.", d.Name) })
	})
}

type dkimStopCommand struct {
	site
	output
	acting
	sendingDomain
}

// Run stops the signing.
func (c *dkimStopCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(h *house, actor access.Actor, d action.Domain) error {
		d, err := h.app.StopSigning(env.ctx, actor, d.Name)
		if err != nil {
			return err
		}
		return c.show(env, api.Domain(d), func() { env.say("Mail of %s is not signed any more.", d.Name) })
	})
}

type dkimDeleteCommand struct {
	site
	acting
	sendingDomain
}

// Run deletes it. One that is not there is a mistake here: whoever types a domain means its key.
func (c *dkimDeleteCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(h *house, actor access.Actor, d action.Domain) error {
		if d.Key.Domain == "" {
			return fault.New(fault.NotFound, "%s has no key.", d.Name).WithHint("See cadenza domain list.")
		}
		if err := h.app.DeleteDKIMKey(env.ctx, actor, d.Name); err != nil {
			return err
		}
		env.say("The key %s of %s was deleted. Take its record out of the DNS as well.", d.Key.Selector, d.Name)
		return nil
	})
}
