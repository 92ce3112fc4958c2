package main

import (
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
)

type draftCommand struct {
	List    draftListCommand    `cmd:"" help:"List the emails that a user has begun and not sent, newest first."`
	Show    draftShowCommand    `cmd:"" help:"Show the email that a user has begun for an activity."`
	Discard draftDiscardCommand `cmd:"" help:"Throw away the email that a user has begun for an activity."`
}

const seeDrafts = "See cadenza draft list."

type draftListCommand struct {
	site
	output
	User string `arg:"" help:"The email address of the user."`
}

// Run lists them.
func (c *draftListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		begun, err := h.app.BegunMails(env.ctx, actorOf(u))
		if err != nil {
			return err
		}
		return c.show(env, shapes(begun, api.BegunMail), func() { sayBegun(env, begun, u.Zone) })
	})
}

func sayBegun(env *environment, begun []action.BegunMail, zone string) {
	for _, b := range begun {
		env.say("%-16s  %s  %-28s  %s", b.ID, b.KeptAt.In(zoneNamed(zone)).Format("2006-01-02 15:04"), cut(b.RecordName, 28), b.Subject)
	}
	env.say("%d begun", len(begun))
}

type draftShowCommand struct {
	site
	output
	User     string `arg:"" help:"The email address of the user."`
	Activity string `arg:"" help:"The id of the activity."`
}

// Run shows it.
func (c *draftShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		id, err := readID[ident.Activity]("activity", c.Activity, seeDrafts)
		if err != nil {
			return err
		}
		d, err := h.app.KeptMailDraft(env.ctx, actorOf(u), id)
		if err != nil {
			return err
		}
		return c.show(env, api.Draft(d), func() { sayDraft(env, d) })
	})
}

func sayDraft(env *environment, d action.Draft) {
	env.say("To:      %s", d.To)
	if d.CC != "" {
		env.say("CC:      %s", d.CC)
	}
	if d.BCC != "" {
		env.say("BCC:     %s", d.BCC)
	}
	env.say("Subject: %s", d.Subject)
	env.say("")
	env.say("%s", message.PlainText(d.HTML))
	for _, g := range d.Gaps {
		env.say("! %s", g.Problem)
	}
	if d.Warning != "" {
		env.say("! %s", d.Warning)
	}
}

type draftDiscardCommand struct {
	site
	User     string `arg:"" help:"The email address of the user."`
	Activity string `arg:"" help:"The id of the activity."`
}

// Run throws it away. One that is not there is a mistake here: whoever types an id means a draft.
func (c *draftDiscardCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		id, err := readID[ident.Activity]("activity", c.Activity, seeDrafts)
		if err != nil {
			return err
		}
		if _, err := h.app.KeptMailDraft(env.ctx, actorOf(u), id); fault.Is(err, fault.NotFound) {
			return err
		}
		if err := h.app.DiscardMailDraft(env.ctx, actorOf(u), id); err != nil {
			return err
		}
		env.say("The draft of %s is gone.", u.Name)
		return nil
	})
}
