package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// mailboxOwner names the user of a mailbox, who may have left: the mailbox stays until somebody deletes it.
type mailboxOwner struct {
	User string `arg:"" help:"The user whose mailbox it is: email address or id."`
}

func (o mailboxOwner) find(env *environment, h *house) (store.User, error) {
	users, err := h.app.ListUsers(env.ctx, access.System())
	if err != nil {
		return store.User{}, err
	}
	var left store.User
	for _, u := range users {
		if !strings.EqualFold(u.Email, o.User) && u.ID.String() != o.User {
			continue
		}
		if u.Active {
			return u, nil
		}
		left = u
	}
	if left.ID == 0 {
		return left, fault.New(fault.NotFound, "There is no user %s.", o.User).WithHint("See cadenza user list.")
	}
	return left, nil
}

// act finds out who acts on which user's mailbox.
func (o mailboxOwner) act(env *environment, s site, as acting, do func(*house, access.Actor, store.User, *time.Location) error) error {
	return within(env, s, func(h *house) error {
		actor, zone, err := as.actor(env, h)
		if err != nil {
			return err
		}
		u, err := o.find(env, h)
		if err != nil {
			return err
		}
		return do(h, actor, u, zone)
	})
}

// noMailbox says what to do about a user who has none.
func noMailbox(u store.User, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "%s has no mailbox.", u.Name).WithHint("Make one with cadenza mailbox set.")
	}
	return err
}

type mailboxListCommand struct {
	site
	output
	acting
}

// Run lists everybody's mailboxes, and who has none.
func (c *mailboxListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		boxes, err := h.app.ListMailboxes(env.ctx, actor)
		if err != nil {
			return err
		}
		users, err := h.app.ListUsers(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, shapes(boxes, api.Mailbox), func() {
			if !access.May(actor, access.ManageMailboxes) { // of others nothing is known, not even that they have none
				users = nil
			}
			env.mailboxes(users, boxes)
		})
	})
}

func (e *environment) mailboxes(users []store.User, boxes []store.Mailbox) {
	with := map[ident.User]bool{}
	for _, m := range boxes {
		with[m.User] = true
		e.say("%-24s  %-32s  %-28s  %s", cut(m.UserName, 24), m.Address, cmp.Or(serverOf(m.Host, m.Port), "no server"), mailboxState(m))
	}
	for _, u := range users {
		if u.Active && !with[u.ID] {
			e.say("%-24s  %-32s  %-28s  no mailbox", cut(u.Name, 24), u.Email, "")
		}
	}
}

// serverOf names a server; "" for none.
func serverOf(host string, port int) string {
	if host == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", host, port)
}

// mailboxState says in a few words how a mailbox is.
func mailboxState(m store.Mailbox) string {
	var wrong []string
	for _, t := range mailboxTroubles(m) {
		wrong = append(wrong, t.what)
	}
	switch {
	case len(wrong) > 0:
		return strings.Join(wrong, ", ")
	case m.CheckedAt.IsZero():
		return "not tested"
	case !m.Reads():
		return "works, is not read"
	}
	return "works"
}

// mailboxTrouble is something that keeps a mailbox from working.
type mailboxTrouble struct{ what, why string }

func mailboxTroubles(m store.Mailbox) (list []mailboxTrouble) {
	add := func(is bool, what, why string) {
		if is {
			list = append(list, mailboxTrouble{what, why})
		}
	}
	add(m.GrantError != "", "not connected", m.GrantError+" Connect it with cadenza mailbox connect.")
	add(!m.UnreachedSince.IsZero(), "server not reached", m.SendError+" Emails wait, and one tries again now and then; a test that works lets them go at once.")
	add(m.SendError != "" && m.UnreachedSince.IsZero(), "shut out", m.SendError+" Emails wait until a change or a test mends it.")
	add(m.Paused && m.PauseReason != "", "stopped by a guard rail", m.PauseReason+" Find out why, then resume it.")
	add(m.Paused && m.PauseReason == "", "paused", "Emails wait until it is resumed.")
	add(m.CheckError != "", "sending failed its last test", m.CheckError)
	add(m.ReadError != "", "cannot be read", m.ReadError)
	add(m.IMAPCheckError != "", "reading failed its last test", m.IMAPCheckError)
	add(m.CopyError != "", "copies are missing", m.CopyError)
	return list
}

type mailboxShowCommand struct {
	site
	output
	acting
	mailboxOwner
}

// Run shows it.
func (c *mailboxShowCommand) Run(env *environment) error {
	return c.act(env, c.site, c.acting, func(h *house, actor access.Actor, u store.User, _ *time.Location) error {
		m, err := h.app.GetMailbox(env.ctx, actor, u.ID)
		if err != nil {
			return noMailbox(u, err)
		}
		return c.show(env, api.Mailbox(m), func() { env.mailbox(m) })
	})
}

// mailbox prints a mailbox. Its password is never given, only whether there is one.
func (e *environment) mailbox(m store.Mailbox) {
	fact := func(name, value string) { e.say("%-13s %s", name, value) }
	fact("user", m.UserName)
	fact("address", m.Address)
	fact("aliases", cmp.Or(strings.Join(m.Aliases, ", "), "none"))
	fact("sender name", cmp.Or(m.SenderName, "none"))
	fact("sends by", describeServer(m.Host, m.Port, m.Security))
	if m.Reads() {
		fact("reads by", describeServer(m.IMAPHost, m.IMAPPort, m.IMAPSecurity))
	} else {
		fact("reads by", "nothing: it is not read")
	}
	switch {
	case m.Auth.OAuth():
		fact("signs in", "with a grant of "+action.ProviderName(m.Auth)+" as "+m.Username)
	case m.Username == "":
		fact("signs in", "without a user name")
	case m.Secret == nil:
		fact("signs in", "as "+m.Username+", without a password")
	default:
		fact("signs in", "as "+m.Username+", with a password")
	}
	fact("sent folder", cmp.Or(m.SentFolder, "the one that the server marks"))
	fact("copy in Sent", string(m.CopySent)+": "+action.CopiesText(m))
	fact("state", mailboxState(m))
	for _, t := range mailboxTroubles(m) {
		e.say("! %s: %s", t.what, t.why)
	}
	if m.Signature != "" {
		e.say("signature\n%s", indent(m.Signature))
	}
}

func describeServer(host string, port int, s store.Security) string {
	if host == "" {
		return "nothing: it has no server"
	}
	return serverOf(host, port) + ", " + map[store.Security]string{store.NoTLS: "in the open", store.StartTLS: "with STARTTLS", store.TLS: "with TLS"}[s]
}
