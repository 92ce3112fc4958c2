package main

import (
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type optOutCommand struct {
	Show optOutShowCommand `cmd:"" help:"Say how customers get out of emails, and in which words."`
	Set  optOutSetCommand  `cmd:"" help:"Change how customers get out of emails, or the words; what is not given stays as it is."`
}

type optOutShowCommand struct {
	site
	output
	acting
}

// Run shows it.
func (c *optOutShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		o, err := h.app.GetOptOut(env.ctx, actor)
		if err != nil {
			return err
		}
		return c.show(env, api.OptOut(o), func() { env.optOut(o) })
	})
}

// optOut prints the setting, each text by the flag that changes it.
func (e *environment) optOut(o store.OptOut) {
	for _, choice := range []struct {
		name, what string
		on         bool
	}{{"footer", "automated emails without an opt-out link get a line with one", o.Footer}, {"by-hand", "so do emails that sellers write in a sequence", o.ByHand}} {
		e.say("%-13s %s", choice.name, map[bool]string{true: "yes: ", false: "no: "}[choice.on]+choice.what)
	}
	for _, f := range o.OptOutFields() {
		e.say("%-13s %s", flagName(f.Key), *f.Text)
	}
}

type optOutSetCommand struct {
	site
	output
	acting
	Footer      *bool   `help:"Add a line with the link to automated emails without such a link, or do not." negatable:""`
	ByHand      *bool   `help:"Add it to emails that sellers write in a sequence, too, or do not." negatable:""`
	Line        *string `help:"The line under emails. An empty text stands for the usual one, here and below." placeholder:"TEXT"`
	Link        *string `help:"The text of the link." placeholder:"TEXT"`
	Language    *string `help:"The language of all these texts, as a code such as en, de or pt-BR." placeholder:"CODE"`
	Title       *string `help:"The title of the page that the link leads to." placeholder:"TEXT"`
	Intro       *string `help:"The text under the title." placeholder:"TEXT"`
	NoEmails    *string `help:"The choice of no more emails." placeholder:"TEXT"`
	NoTexts     *string `help:"The choice of no more text messages." placeholder:"TEXT"`
	NoFollowing *string `help:"The choice not to be followed." placeholder:"TEXT"`
	Button      *string `help:"The button." placeholder:"TEXT"`
	Done        *string `help:"The answer to an opt-out." placeholder:"TEXT"`
	Back        *string `help:"The answer to taking it back." placeholder:"TEXT"`
	Unfollowed  *string `help:"The answer to the choice not to be followed." placeholder:"TEXT"`
	Resume      *string `help:"The button that takes an opt-out back." placeholder:"TEXT"`
	Held        *string `help:"The answer where the address is kept from mail for another reason." placeholder:"TEXT"`
	HeldTexts   *string `help:"The answer where the number is kept from text messages for another reason." placeholder:"TEXT"`
}

// Run changes what was given, and prints what is in force then.
func (c *optOutSetCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		o, err := h.app.GetOptOut(env.ctx, actor)
		if err != nil {
			return err
		}
		if !c.over(&o) {
			return fault.New(fault.Invalid, "No change was given.").WithHint("Give flags such as --footer, --language and --title; see cadenza optout set --help.")
		}
		if o, err = h.app.SaveOptOut(env.ctx, actor, o); err != nil {
			return byFlag(err, nil)
		}
		return c.show(env, api.OptOut(o), func() { env.optOut(o) })
	})
}

// over changes what was given, and tells whether anything was.
func (c *optOutSetCommand) over(o *store.OptOut) (given bool) {
	for value, flag := range map[*bool]*bool{&o.Footer: c.Footer, &o.ByHand: c.ByHand} {
		if flag != nil {
			*value, given = *flag, true
		}
	}
	texts := map[string]*string{
		"line": c.Line, "link": c.Link, "language": c.Language, "title": c.Title, "intro": c.Intro, "no_emails": c.NoEmails, "no_texts": c.NoTexts,
		"no_following": c.NoFollowing, "button": c.Button, "done": c.Done, "back": c.Back, "unfollowed": c.Unfollowed, "resume": c.Resume,
		"held": c.Held, "held_texts": c.HeldTexts,
	}
	for _, f := range o.OptOutFields() {
		if text := texts[f.Key]; text != nil {
			*f.Text, given = *text, true
		}
	}
	return given
}
