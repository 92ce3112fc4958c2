package main

import (
	"cmp"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/domaincheck"
	"cadenza/internal/fault"
)

type domainCommand struct {
	List  domainListCommand  `cmd:"" help:"List the domains that mail is sent from, and whether it is signed here."`
	Check domainCheckCommand `cmd:"" help:"Ask the name server what a domain publishes about its mail (SPF, DKIM, DMARC), and say what to publish."`
	DKIM  domainDKIMCommand  `cmd:"" name:"dkim" help:"Make and take away the key that signs the mail of a domain, and start and stop the signing."`
}

// sendingDomain names a domain of a mailbox.
type sendingDomain struct {
	Domain string `arg:"" help:"The domain; see cadenza domain list."`
}

// within finds out who acts on which domain.
func (d sendingDomain) within(env *environment, s site, as acting, do func(*house, access.Actor, action.Domain) error) error {
	return within(env, s, func(h *house) error {
		actor, _, err := as.actor(env, h)
		if err != nil {
			return err
		}
		found, err := h.app.GetDomain(env.ctx, actor, d.Domain)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "No mailbox sends from %s.", d.Domain).WithHint("See cadenza domain list.")
		}
		if err != nil {
			return err
		}
		return do(h, actor, found)
	})
}

type domainListCommand struct {
	site
	output
	acting
}

// Run lists them.
func (c *domainListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		list, err := h.app.ListDomains(env.ctx, actor)
		if err != nil {
			return err
		}
		return c.show(env, shapes(list, api.Domain), func() {
			for _, d := range list {
				name := d.Name
				if d.DNSName != d.Name {
					name += " (" + d.DNSName + ")"
				}
				env.say("%-36s  %-12s  %s", name, mailboxesWord(d.Mailboxes), signingWords(d))
			}
			env.say("%d listed", len(list))
		})
	})
}

func mailboxesWord(n int) string {
	if n == 1 {
		return "1 mailbox"
	}
	return fmt.Sprintf("%d mailboxes", n)
}

// signingWords say how the mail of a domain is signed here.
func signingWords(d action.Domain) string {
	switch {
	case d.Key.Domain == "":
		return "no DKIM key here"
	case d.Key.Signs:
		return "signed with the DKIM key " + d.Key.Selector
	}
	return "has the DKIM key " + d.Key.Selector + ", is not signed"
}

type domainCheckCommand struct {
	site
	output
	acting
	sendingDomain
}

// Run checks it now, and fails when something has to be mended.
func (c *domainCheckCommand) Run(env *environment) error {
	return c.within(env, c.site, c.acting, func(h *house, actor access.Actor, d action.Domain) error {
		reports, err := h.app.CheckDomain(env.ctx, actor, d.Name)
		if err != nil {
			return err
		}
		err = c.show(env, shapes(reports, api.DomainReport), func() {
			for _, r := range reports {
				env.domainReport(r)
			}
		})
		for _, r := range reports {
			if err == nil && r.Level() == domaincheck.Bad {
				err = errReported
			}
		}
		return err
	})
}

// domainReport prints what was found of one of SPF, DKIM and DMARC, and what to publish.
func (e *environment) domainReport(r domaincheck.Report) {
	mark := map[domaincheck.Level]string{domaincheck.Good: "ok", domaincheck.Advice: "-", domaincheck.Bad: "BAD"}
	e.say("%-4s %-5s %s", mark[r.Level()], r.Topic, cmp.Or(r.Name, "no record is known"))
	for _, f := range r.Findings {
		e.say("     %s", f.Text)
	}
	for _, text := range r.Found {
		e.say("     published  %s", text)
	}
	if r.Publish.Name != "" {
		e.txtRecord(r.Publish)
	}
}

// txtRecord prints a record to publish, each part on a line to be copied whole.
func (e *environment) txtRecord(r domaincheck.Record) {
	e.say("     publish this TXT record:")
	e.say("     name       %s", r.Name)
	e.say("     value      %s", r.Value)
}
