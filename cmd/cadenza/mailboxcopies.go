package main

import (
	"cadenza/internal/action"
	"cadenza/internal/store"
)

type mailboxCopiesCommand struct {
	site
	Email  string `arg:"" help:"Email address of the user."`
	Choice string `arg:"" optional:"" help:"automatic, always or never; without it nothing changes."`
}

// Run says what becomes of copies, after a choice was saved.
func (c *mailboxCopiesCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	u, err := findUser(env, h, c.Email)
	if err != nil {
		return err
	}
	box, err := h.app.GetMailbox(env.ctx, actorOf(u), u.ID)
	if err != nil {
		return err
	}
	if c.Choice != "" {
		if box, err = h.app.ChooseCopies(env.ctx, actorOf(u), u.ID, store.SentCopy(c.Choice)); err != nil {
			return err
		}
	}
	env.say("%s: %s", box.CopySent, action.CopiesText(box))
	if box.CopyError != "" {
		env.say("Copies are missing: %s", box.CopyError)
	}
	return nil
}
