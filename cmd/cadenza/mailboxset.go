package main

import (
	"strings"
	"time"
	"unicode"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type mailboxSetCommand struct {
	site
	output
	acting
	mailboxOwner
	Address       *string `help:"Its email address; that of the user where it is made." placeholder:"EMAIL"`
	SenderName    *string `help:"The name that customers see; that of the user where it is made." placeholder:"NAME"`
	Aliases       *string `help:"More addresses that reach it, separated by commas; empty for none." placeholder:"EMAILS"`
	Provider      string  `help:"Fill in the servers of a well-known provider; flags for single servers win." placeholder:"KEY"`
	Host          *string `help:"The server that sends." placeholder:"NAME"`
	Port          *int    `help:"Its port; 587 where the mailbox is made." placeholder:"N"`
	Security      *string `help:"How it is protected: starttls, tls or none; starttls where the mailbox is made." placeholder:"HOW"`
	IMAPHost      *string `name:"imap-host" help:"The server that is read; empty for a mailbox that is not read." placeholder:"NAME"`
	IMAPPort      *int    `name:"imap-port" help:"Its port; 993 where the mailbox is made." placeholder:"N"`
	IMAPSecurity  *string `name:"imap-security" help:"How it is protected: starttls, tls or none; tls where the mailbox is made." placeholder:"HOW"`
	SentFolder    *string `help:"The folder of sent mail, where the server marks none; empty for the marked one." placeholder:"FOLDER"`
	CopySent      *string `help:"Whether sent emails are copied into that folder: automatic, always or never." placeholder:"CHOICE"`
	Auth          *string `help:"How it signs in: password, google or microsoft; see cadenza mailbox connect for the last two." placeholder:"HOW"`
	Username      *string `help:"The user name at the servers; the address of the user where it is made." placeholder:"NAME"`
	PasswordFile  string  `help:"File whose first line is the password, or - for standard input. Another server or account needs it again." placeholder:"FILE"`
	SignatureFile string  `help:"File with the signature, or - for standard input; an empty one takes it away." placeholder:"FILE"`
}

// Run makes the mailbox, or changes what is given.
func (c *mailboxSetCommand) Run(env *environment) error {
	if c.PasswordFile == "-" && c.SignatureFile == "-" {
		return fault.Field("--signature-file", "invalid", "Standard input holds one thing: read the password or the signature from a file.")
	}
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, _ *time.Location) error {
		old, err := h.app.GetMailbox(env.ctx, actor, u.ID)
		fresh := fault.Is(err, fault.NotFound)
		if err != nil && !fresh {
			return err
		}
		in := action.InputOf(old)
		if fresh {
			in = action.FreshInput(u)
		}
		if err := c.over(env, &in); err != nil {
			return err
		}
		m, err := h.app.SaveMailbox(env.ctx, actor, in)
		if err != nil {
			return byFlag(err, map[string]string{"password": "--password-file", "signature": "--signature-file"})
		}
		return c.show(env, api.Mailbox(m), func() {
			env.mailbox(m)
			env.say("Saved. See whether it works: cadenza mailbox test %s", u.Email)
		})
	})
}

// over changes what was given.
func (c *mailboxSetCommand) over(env *environment, in *action.MailboxInput) error {
	given := c.Provider != "" || c.PasswordFile != "" || c.SignatureFile != ""
	if c.Provider != "" && !in.Fill(c.Provider) {
		return fault.Field("--provider", "unknown", "The provider is one of "+strings.Join(presetKeys(), ", ")+". Give --host and --imap-host for others.")
	}
	for value, flag := range map[*string]*string{
		&in.Address: c.Address, &in.SenderName: c.SenderName, &in.Host: c.Host, &in.IMAPHost: c.IMAPHost, &in.SentFolder: c.SentFolder, &in.Username: c.Username,
		(*string)(&in.Security): c.Security, (*string)(&in.IMAPSecurity): c.IMAPSecurity, (*string)(&in.CopySent): c.CopySent, (*string)(&in.Auth): c.Auth,
	} {
		if flag != nil {
			*value, given = strings.TrimSpace(*flag), true
		}
	}
	for value, flag := range map[*int]*int{&in.Port: c.Port, &in.IMAPPort: c.IMAPPort} {
		if flag != nil {
			*value, given = *flag, true
		}
	}
	if c.Aliases != nil {
		in.Aliases, given = strings.FieldsFunc(*c.Aliases, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }), true
	}
	if !given {
		return fault.New(fault.Invalid, "No change was given.").WithHint("Give flags such as --host, --username and --password-file; see cadenza mailbox set --help.")
	}
	return c.read(env, in)
}

// read takes what stands in files: a password on a command line would be seen by everybody on the machine.
func (c *mailboxSetCommand) read(env *environment, in *action.MailboxInput) (err error) {
	if c.SignatureFile != "" {
		if in.Signature, err = readText(env, c.SignatureFile); err != nil {
			return err
		}
		in.Signature = strings.ReplaceAll(in.Signature, "\r\n", "\n")
	}
	switch c.PasswordFile {
	case "":
	case "-":
		in.Password, err = readSecret(env, "Password of the mailbox: ", "password")
	default:
		text, err := readText(env, c.PasswordFile)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(text, "\n")
		if in.Password = strings.TrimRight(first, "\r"); in.Password == "" {
			return fault.Field("--password-file", "required", "The first line of "+c.PasswordFile+" is empty: put the password there.")
		}
	}
	return err
}

func presetKeys() (keys []string) {
	for _, p := range action.Presets() {
		keys = append(keys, p.Key)
	}
	return keys
}

type mailboxTestCommand struct {
	site
	output
	acting
	mailboxOwner
}

// Run tries to sign in at the servers, prints what came of it, and fails when one of them refused.
func (c *mailboxTestCommand) Run(env *environment) error {
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, _ *time.Location) error {
		m, err := h.app.TestMailbox(env.ctx, actor, u.ID)
		if err != nil {
			return noMailbox(u, err)
		}
		if err := c.show(env, api.Mailbox(m), func() { env.tested(m) }); err != nil {
			return err
		}
		if m.CheckError != "" || m.IMAPCheckError != "" {
			return errReported
		}
		return nil
	})
}

// tested says of both ways what the test found out.
func (e *environment) tested(m store.Mailbox) {
	way := func(name, server, wrong string) {
		if wrong != "" {
			e.say("BAD  %-8s %s: %s", name, server, wrong)
			return
		}
		e.say("ok   %-8s %s", name, server)
	}
	way("sending", serverOf(m.Host, m.Port), m.CheckError)
	switch {
	case !m.Reads():
		e.say("-    %-8s it is not read", "reading")
	case m.CheckError != "" && m.IMAPCheckError == "" && m.Auth.OAuth():
		e.say("-    %-8s it was not tried, or works", "reading") // without a grant nothing is tried
	default:
		way("reading", serverOf(m.IMAPHost, m.IMAPPort), m.IMAPCheckError)
	}
}

type mailboxDeleteCommand struct {
	site
	acting
	mailboxOwner
}

// Run deletes it.
func (c *mailboxDeleteCommand) Run(env *environment) error {
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, _ *time.Location) error {
		if err := h.app.DeleteMailbox(env.ctx, actor, u.ID); err != nil {
			return noMailbox(u, err)
		}
		env.say("The mailbox of %s was deleted with its password. Emails that are not sent yet wait until there is a mailbox again.", u.Name)
		return nil
	})
}

type mailboxPauseCommand struct {
	site
	output
	acting
	mailboxOwner
}

// Run lets its mail wait.
func (c *mailboxPauseCommand) Run(env *environment) error { return c.pause(env, true) }

type mailboxResumeCommand mailboxPauseCommand

// Run lets its mail go out again.
func (c *mailboxResumeCommand) Run(env *environment) error {
	return (*mailboxPauseCommand)(c).pause(env, false)
}

func (c *mailboxPauseCommand) pause(env *environment, paused bool) error {
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, _ *time.Location) error {
		m, err := h.app.PauseMailbox(env.ctx, actor, u.ID, paused)
		if err != nil {
			return noMailbox(u, err)
		}
		return c.show(env, api.Mailbox(m), func() {
			if paused {
				env.say("Paused. Emails wait until the mailbox is resumed.")
			} else {
				env.say("Resumed. Emails go out again.")
			}
		})
	})
}
