package main

import (
	"cmp"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

type outboxCommand struct {
	List       outboxListCommand       `cmd:"" help:"List the messages that wait, in the order in which they will go, with what keeps each; or those of another state."`
	Show       outboxShowCommand       `cmd:"" help:"Show a message with its text."`
	Settle     outboxSettleCommand     `cmd:"" help:"Say what became of a message whose sending was cut off."`
	Reschedule outboxRescheduleCommand `cmd:"" help:"Send an email that waits and that a person wrote at another time."`
	SendNow    outboxSendNowCommand    `cmd:"" help:"Send an email that waits and that a person wrote at once."`
	TakeBack   outboxTakeBackCommand   `cmd:"" aliases:"withdraw" help:"Take an email back that waits and that a person wrote."`
}

const seeOutbox = "See cadenza outbox list."

// bouncedState asks for sent messages that came back. To the store they are sent; to people that is not the news.
const bouncedState = "bounced"

type outboxListCommand struct {
	site
	output
	acting
	State   string `help:"Only messages of a state: queued, held, sending, sent, bounced, failed, withdrawn or unknown; or all." enum:"queued,held,sending,sent,bounced,failed,withdrawn,unknown,all" default:"queued"`
	Channel string `help:"Only messages of a channel: email or text." enum:"email,text," default:""`
	User    string `help:"Only what this user sends: email address or id." placeholder:"USER"`
	Record  string `help:"Only messages to this record: its id or email address." placeholder:"RECORD"`
	Search  string `help:"Only those whose recipient or subject hold these words."`
	Limit   int    `help:"How many at most." default:"100"`
}

// Run lists them. Those that wait come in the order in which they will go, others newest first.
func (c *outboxListCommand) Run(env *environment) error {
	if c.Limit < 1 {
		return fault.Field("--limit", "range", "Ask for at least one message.")
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
		list, more, err := upTo(c.Limit, func(limit int, cursor string) (store.Page[store.Message], error) {
			q.Limit, q.Cursor = limit, cursor
			return h.app.ListMessages(env.ctx, actor, q)
		})
		if err != nil {
			return err
		}
		return c.show(env, shapes(list, api.ListedMessage), func() {
			for _, m := range list {
				env.listedMessage(m, zone)
			}
			env.sayListed(len(list), more)
		})
	})
}

func (c *outboxListCommand) query(env *environment, h *house) (q store.MessageQuery, err error) {
	q = store.MessageQuery{Channel: message.Channel(c.Channel), Search: c.Search}
	for _, state := range store.MessageStates() {
		if state.String() == c.State {
			q.State = state
		}
	}
	q.Queue = q.State == store.MessageQueued
	if c.State == bouncedState {
		q.Bounced = store.Bounces()
	}
	if c.User != "" {
		u, err := mailboxOwner{c.User}.find(env, h)
		if err != nil {
			return q, err
		}
		q.User = u.ID
	}
	if c.Record != "" {
		q.Record, err = findAnyRecord(env, h, c.Record)
	}
	return q, err
}

// listedMessage prints a message of a list, and below it what keeps it or what became of it.
func (e *environment) listedMessage(m store.Message, zone *time.Location) {
	e.say("%-16s  %-16s  %-9s  %-28s  %s", m.ID, messageWhen(m, zone), m.State, cut(cmp.Or(m.Recipient, m.RecordName), 28), messageSubject(m))
	if why := messageReason(m); why != "" {
		e.say("%s", indent(why))
	}
}

// messageWhen is the moment that matters in the message's state, about for one that waits for its turn.
func messageWhen(m store.Message, zone *time.Location) string {
	at := m.CreatedAt
	switch m.State {
	case store.MessageQueued:
		if m.Blocker.NeedsPerson() {
			return "when you act"
		}
		at = m.NextAt
	case store.MessageSent:
		at = m.SentAt
	case store.MessageFailed, store.MessageUnknown, store.MessageSending:
		if !m.AttemptAt.IsZero() {
			at = m.AttemptAt
		}
	case store.MessageHeld, store.MessageWithdrawn:
	}
	return at.In(zone).Format("2006-01-02 15:04")
}

// messageSubject is the subject, or what is known before the message is written.
func messageSubject(m store.Message) string {
	switch {
	case m.Subject != "":
		return m.Subject
	case m.Channel == message.TextChannel && m.Text != "":
		return cut(m.Text, 60)
	case m.Template != "":
		return "from template " + m.Template
	}
	return "no subject"
}

// messageReason says what keeps a message that waits, with the code of it, or why it is in its state.
func messageReason(m store.Message) string {
	why := m.Reason
	if m.State == store.MessageQueued {
		why = action.WhyWaiting(m, time.Now())
	}
	if m.Bounce.Class != "" {
		why = "It bounced. " + m.Bounce.Detail
	}
	if m.Blocker != store.NotBlocked {
		why += " [" + string(m.Blocker) + "]"
	}
	return why
}

type outboxShowCommand struct {
	site
	output
	acting
	Message string `arg:"" help:"The id of the message."`
}

// Run shows it.
func (c *outboxShowCommand) Run(env *environment) error {
	return withMessage(env, c.site, c.acting, c.Message, func(h *house, actor access.Actor, id ident.Message, zone *time.Location) error {
		m, err := h.app.GetMessage(env.ctx, actor, id)
		if err != nil {
			return err
		}
		return c.show(env, api.Message(m), func() { env.message(m, zone) })
	})
}

// withMessage finds out who acts on which message.
func withMessage(env *environment, s site, as acting, text string, do func(*house, access.Actor, ident.Message, *time.Location) error) error {
	return within(env, s, func(h *house) error {
		actor, zone, err := as.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.Message]("message", text, seeOutbox)
		if err != nil {
			return err
		}
		return do(h, actor, id, zone)
	})
}

// message prints a message with its text.
func (e *environment) message(m store.Message, zone *time.Location) {
	fact := func(name, value string) {
		if value != "" {
			e.say("%-12s %s", name, value)
		}
	}
	moment := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(zone).Format("2006-01-02 15:04 MST")
	}
	fact("message", m.ID.String())
	fact("state", m.State.String())
	fact("why", messageReason(m))
	switch {
	case m.State == store.MessageQueued && m.Blocker.NeedsPerson():
		fact("goes out", "when somebody acts")
	case m.State == store.MessageQueued:
		fact("goes out", moment(m.NextAt)+map[bool]string{true: ", about"}[m.Turn])
	case m.State == store.MessageUnknown:
		fact("to do", "cadenza outbox settle "+m.ID.String()+" sent, or again")
	}
	fact("record", m.RecordName)
	fact("from", m.Sender)
	fact("to", m.Recipient)
	fact("cc", m.CC)
	fact("bcc", m.BCC)
	fact("subject", messageSubject(m))
	fact("made", moment(m.CreatedAt))
	fact("scheduled", moment(m.ScheduledAt))
	fact("tried last", moment(m.AttemptAt))
	fact("sent", moment(m.SentAt))
	fact("Message-ID", m.RFCID)
	for _, f := range m.Files {
		fact("file", f.Name)
	}
	e.say("")
	switch {
	case m.Text != "":
		e.say("%s", m.Text)
	case m.HTML != "":
		e.say("%s", message.PlainText(m.HTML))
	default:
		e.say("Its text is written when it is sent, with the record as it is then.")
	}
}

type outboxSettleCommand struct {
	site
	output
	acting
	Message string `arg:"" help:"The id of the message; see cadenza outbox list --state unknown."`
	Fate    string `arg:"" help:"What became of it: sent (it arrived), or again (it is to be sent again)." enum:"sent,again"`
}

// Run takes a person's word for it.
func (c *outboxSettleCommand) Run(env *environment) error {
	return withMessage(env, c.site, c.acting, c.Message, func(h *house, actor access.Actor, id ident.Message, _ *time.Location) error {
		m, err := h.app.SettleMessage(env.ctx, actor, id, c.Fate == "sent")
		if err != nil {
			return err
		}
		return c.show(env, api.Message(m), func() {
			if c.Fate == "sent" {
				env.say("Marked as sent. The sequence goes on.")
			} else {
				env.say("It is queued again.")
			}
		})
	})
}

type outboxTakeBackCommand struct {
	site
	output
	theirs
	Message string `arg:"" help:"The id of the message."`
}

// Run takes it back. Its text becomes a draft of a user, so that the server itself cannot do it.
func (c *outboxTakeBackCommand) Run(env *environment) error {
	return withMessage(env, c.site, acting{As: c.As}, c.Message, func(h *house, actor access.Actor, id ident.Message, _ *time.Location) error {
		m, err := h.app.TakeBackMessage(env.ctx, actor, id)
		if err != nil {
			return err
		}
		return c.show(env, api.Message(m), func() {
			env.say("The email is taken back. Its text is kept as a draft: cadenza draft show %s %s", c.As, m.Activity)
		})
	})
}
