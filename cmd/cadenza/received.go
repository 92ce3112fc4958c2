package main

import (
	"cmp"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

type receivedCommand struct {
	List receivedListCommand `cmd:"" help:"List the mail that came in and is about ours, newest first."`
	Show receivedShowCommand `cmd:"" help:"Show a mail that came in with its text."`
}

type receivedListCommand struct {
	site
	output
	acting
	Class   string `help:"Only mail of a class: reply, automatic, bounce, soft_bounce or complaint." enum:"reply,automatic,bounce,soft_bounce,complaint," default:""`
	Record  string `help:"Only about messages to this record: its id or email address." placeholder:"RECORD"`
	Message string `help:"Only about this message of ours: its id." placeholder:"MESSAGE"`
	User    string `help:"Only what came to this user's mailbox: email address or id." placeholder:"USER"`
	Limit   int    `help:"How many at most." default:"100"`
}

// Run lists it.
func (c *receivedListCommand) Run(env *environment) error {
	if c.Limit < 1 {
		return fault.Field("--limit", "range", "Ask for at least one mail.")
	}
	return within(env, c.site, func(h *house) error {
		actor, zone, err := c.actor(env, h)
		if err != nil {
			return err
		}
		q, err := c.query(env, h)
		if err != nil {
			return err
		}
		list, more, err := upTo(c.Limit, func(limit int, cursor string) (store.Page[store.Received], error) {
			q.Limit, q.Cursor = limit, cursor
			return h.app.ListReceived(env.ctx, actor, q)
		})
		if err != nil {
			return err
		}
		return c.show(env, shapes(list, api.ListedReceived), func() {
			for _, v := range list {
				env.listedReceived(v, zone)
			}
			env.sayListed(len(list), more)
		})
	})
}

func (c *receivedListCommand) query(env *environment, h *house) (q store.ReceivedQuery, err error) {
	q = store.ReceivedQuery{Class: message.Class(c.Class)}
	if c.Record != "" {
		if q.Record, err = findAnyRecord(env, h, c.Record); err != nil {
			return q, err
		}
	}
	if c.Message != "" && q.Message.UnmarshalText([]byte(strings.TrimSpace(c.Message))) != nil {
		return q, fault.Field("--message", "unknown", "There is no message "+c.Message+". "+seeOutbox)
	}
	if c.User != "" {
		u, err := mailboxOwner{c.User}.find(env, h)
		if err != nil {
			return q, err
		}
		q.User = u.ID
	}
	return q, nil
}

// listedReceived prints a mail of a list, and below it whom it is about and what came of it.
func (e *environment) listedReceived(v store.Received, zone *time.Location) {
	e.say("%-16s  %s  %-15s  %-28s  %s", v.ID, v.CreatedAt.In(zone).Format("2006-01-02 15:04"), v.Class.Label(), cut(cmp.Or(v.SenderName, v.Sender), 28), v.Subject)
	title, _ := action.ReceivedMeans(v)
	if title != "" {
		title += "."
	}
	e.say("%s", indent(strings.Join(filled(cmp.Or(v.RecordName, "A deleted record")+".", title, action.WhatCameOf(v)), " ")))
}

// filled gives the words of a line that say something.
func filled(words ...string) (list []string) {
	for _, w := range words {
		if w != "" {
			list = append(list, w)
		}
	}
	return list
}

type receivedShowCommand struct {
	site
	output
	acting
	Mail string `arg:"" help:"The id of the mail."`
}

// Run shows it.
func (c *receivedShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, zone, err := c.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.Received]("mail", c.Mail, "See cadenza received list.")
		if err != nil {
			return err
		}
		v, err := h.app.GetReceived(env.ctx, actor, id)
		if err != nil {
			return err
		}
		about, err := h.app.GetMessage(env.ctx, actor, v.Message)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		owner, err := h.app.GetUser(env.ctx, actor, v.User)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		return c.show(env, api.Received(v), func() { env.received(v, about, owner, zone) })
	})
}

// received prints a mail that came in with its text.
func (e *environment) received(v store.Received, about store.Message, owner store.User, zone *time.Location) {
	fact := func(name, value string) {
		if value != "" {
			e.say("%-12s %s", name, value)
		}
	}
	const layout = "2006-01-02 15:04 MST"
	fact("received", v.ID.String())
	fact("class", v.Class.Label())
	fact("from", strings.TrimSpace(v.SenderName+" <"+v.Sender+">"))
	fact("subject", v.Subject)
	if !v.WrittenAt.IsZero() {
		fact("written", v.WrittenAt.In(zone).Format(layout))
	}
	fact("came in", v.CreatedAt.In(zone).Format(layout))
	fact("mailbox of", cmp.Or(owner.Name, "a former user"))
	fact("record", v.RecordName)
	if about.ID != 0 {
		fact("about", about.ID.String()+"  "+messageSubject(about))
	}
	fact("sequence", v.SequenceName)
	title, text := action.ReceivedMeans(v)
	if title != "" {
		title += "."
	}
	fact("it means", strings.Join(filled(title, text), " "))
	fact("server said", v.Detail)
	fact("came of it", action.WhatCameOf(v))
	fact("Message-ID", v.RFCID)
	for _, name := range v.Files {
		fact("file", name+", in the mailbox")
	}
	e.say("")
	e.say("%s", receivedText(v))
	if v.Truncated {
		e.say("")
		e.say("Only the beginning of it was read. The whole email is in the mailbox.")
	}
}

// receivedText is what a mail says. A stranger wrote it, so that what would steer a terminal is taken out.
func receivedText(v store.Received) string {
	text := v.Text
	if strings.TrimSpace(text) == "" {
		text = message.PlainText(message.SanitizeHTML(v.HTML))
	}
	return cmp.Or(message.TidyText(text), "It has no text.")
}
