package main

import (
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/store"
)

type mailboxCommand struct {
	List    mailboxListCommand    `cmd:"" help:"List the mailboxes, and how each is."`
	Show    mailboxShowCommand    `cmd:"" help:"Show a user's mailbox."`
	Set     mailboxSetCommand     `cmd:"" help:"Make or change a user's mailbox; what is not given stays as it is."`
	Test    mailboxTestCommand    `cmd:"" help:"Sign in at the servers of a user's mailbox, to see whether it works."`
	Pause   mailboxPauseCommand   `cmd:"" help:"Let the mail of a user's mailbox wait."`
	Resume  mailboxResumeCommand  `cmd:"" help:"Let the mail of a user's mailbox go out again."`
	Pace    mailboxPaceCommand    `cmd:"" help:"Say how fast a user's mailbox sends and what waits there, and change its limits."`
	Delete  mailboxDeleteCommand  `cmd:"" help:"Delete a user's mailbox with its password."`
	Connect mailboxConnectCommand `cmd:"" help:"Begin to connect a user's mailbox with a provider; prints the address to open."`
	Consent mailboxConsentCommand `cmd:"" help:"Say how far the connection of a user's mailbox is."`
	Copies  mailboxCopiesCommand  `cmd:"" name:"copy-sent" help:"Say, or choose, whether sent emails are copied into a mailbox's folder of sent mail."`
}

// reached are the flags of commands that name the server's own address.
type reached struct {
	URL string `help:"Address under which browsers reach the server." placeholder:"URL" required:"" env:"CADENZA_URL"`
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
	return within(env, c.site, func(h *house) error {
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
	})
}

type mailboxConsentCommand struct {
	site
	Email string `arg:"" help:"Email address of the user."`
}

// Run says how far it is.
func (c *mailboxConsentCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
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
	})
}

type mailboxCopiesCommand struct {
	site
	Email  string `arg:"" help:"Email address of the user."`
	Choice string `arg:"" optional:"" help:"automatic, always or never; without it nothing changes."`
}

// Run says what becomes of copies, after a choice was saved.
func (c *mailboxCopiesCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
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
				return byFlag(err, map[string]string{"copy_sent": "CHOICE"})
			}
		}
		env.say("%s: %s", box.CopySent, action.CopiesText(box))
		if box.CopyError != "" {
			env.say("Copies are missing: %s", box.CopyError)
		}
		return nil
	})
}
