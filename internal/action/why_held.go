package action

import (
	"fmt"
	"slices"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// whyHolds is how many times that a message waited are told at most: the first and the newest.
const whyHolds = 10

// heldReasons tell what a message waited for before now, or before it was sent, in the order of time: what the gate said, pauses of its sequence, restores, and what
// people did with it. What holds it still is not among them.
func (c *causes) heldReasons(m store.Message, w *pastWay) ([]Reason, error) {
	var list []Reason
	if !m.ScheduledAt.IsZero() && !m.Waits(c.tx.Now) { // fateOf tells of one that still does
		list = append(list, Reason{At: m.CreatedAt, Until: m.ScheduledAt, Text: "It was to go at a chosen time."})
	}
	over := m.SentAt
	if over.IsZero() {
		over = c.tx.Now
	}
	done, err := c.doneWith(m, over)
	list = append(append(list, done...), c.gateReasons(m)...)
	if w != nil {
		list = append(list, w.pauses(m.CreatedAt, over)...)
	}
	for i := range list {
		list[i].Kind = "wait"
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return a.At.Compare(b.At) })
	return list, err
}

// gateReasons are what the gate said of a message while it held it, but for what it says now.
func (c *causes) gateReasons(m store.Message) (list []Reason) {
	holds := c.holds[m.ID]
	for i, h := range holds {
		r := Reason{At: h.At, Until: m.AttemptAt, Text: "It had to wait: " + h.Reason}
		switch {
		case i+1 < len(holds):
			r.Until = holds[i+1].At
		case m.State == store.MessageQueued && m.Blocker == h.Blocker:
			continue // it still does
		case m.AttemptAt.Before(h.At):
			r.Until = time.Time{}
		}
		list = append(list, r)
	}
	if left := len(list) - whyHolds; left > 0 {
		between := Reason{At: list[1].At, Until: list[left+1].Until, Text: fmt.Sprintf("It waited %s more in between.", times(left+1))}
		list = append([]Reason{list[0], between}, list[left+2:]...)
	}
	return list
}

// pauses tell when an enrollment was paused and resumed between two moments.
func (w *pastWay) pauses(from, to time.Time) (list []Reason) {
	for _, h := range w.history {
		if h.At.Before(from) || h.At.After(to) {
			continue
		}
		switch h.Kind {
		case flow.LinePaused:
			list = append(list, Reason{At: h.At, Text: "The sequence was paused for the record" + byWhom(h) + "."})
		case flow.LineResumed:
			list = append(list, Reason{At: h.At, Text: "It was resumed" + byWhom(h) + "."})
		}
	}
	return list
}

// doneWith tells what people did with a message, and with all messages while it waited.
func (c *causes) doneWith(m store.Message, over time.Time) (list []Reason, err error) {
	if c.whole == nil {
		if c.whole, err = c.tx.ListAudit("database", 0, 50); err != nil {
			return nil, err
		}
	}
	own, err := c.tx.ListAudit("message", int64(m.ID), 50)
	if err != nil {
		return nil, err
	}
	words := map[string]string{
		"restore":         "The database was restored from a backup, and sending was held",
		"release sending": "Messages were let go again",
		"settle as sent":  "It was said to be sent",
		"send again":      "It was to be sent again",
		"reschedule":      "It got another time",
		"send now":        "It was to go at once",
		"take back":       "It was taken back",
	}
	for _, r := range slices.Concat(c.whole, own) {
		text, known := words[r.Verb]
		if !known || r.At.Before(m.CreatedAt) || r.Thing == "database" && r.At.After(over) {
			continue
		}
		if r.Verb != "restore" && r.ByName != "" {
			text += ", by " + r.ByName
		}
		list = append(list, Reason{At: r.At, Text: text + "."})
	}
	return list, nil
}

// holdOf says what keeps a message from being sent, since when, and who can change that where; nil for one that is out, or that nobody waits for.
func (c *causes) holdOf(m store.Message, w *pastWay, user string) (*Hold, error) {
	x := Explanation{reader: c.reader}
	x.Message = &m
	var err error
	if w != nil {
		x.Enrollment, x.Version = w.enrollment, w.version
		if x.SeesSequence, err = c.tx.For(c.reader).Sees(w.enrollment.Sequence); err != nil {
			return nil, err
		}
	} else {
		x.Enrollment.Assignee, x.Enrollment.AssigneeName = m.User, user
	}
	if m.Record != 0 {
		if x.Record, err = c.tx.GetRecord(m.Record); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	switch m.State {
	case store.MessageSent, store.MessageWithdrawn:
		return nil, nil
	case store.MessageFailed:
		return c.failedHold(m, x)
	case store.MessageQueued, store.MessageSending, store.MessageHeld, store.MessageUnknown:
	}
	h := mailHold(x, c.tx.Now)
	if h.Code == string(m.Blocker) {
		since, err := heldSince(c.tx, &m, c.holds[m.ID])
		if err != nil {
			return nil, err
		}
		if !since.IsZero() {
			h.Since = since
		}
	}
	return &h, nil
}

// failedHold says who can mend a message that failed, where somebody still waits for it: by the activity that it was written in, or that its step became.
func (c *causes) failedHold(m store.Message, x Explanation) (*Hold, error) {
	if x.Record.ID == 0 {
		return nil, nil
	}
	undone, err := c.tx.UndoneActivities(m.Record)
	if err != nil {
		return nil, err
	}
	for _, a := range undone {
		if a.ID == m.Activity || m.Activity == 0 && a.Token == m.Token {
			x.Activity = &a
			h := personHolds(x, c.tx.Now)[0]
			return &h, nil
		}
	}
	return nil, nil
}

// heldOf reads what the gate said of messages.
func (c *causes) heldOf(list []store.Message) (err error) {
	ids := make([]ident.Message, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	c.holds, err = c.tx.HoldsOf(ids)
	return err
}

// mailKind is the kind of step that stands for a message.
func mailKind(m store.Message) string {
	if m.Channel == message.TextChannel {
		return "automated_text"
	}
	return "automated_email"
}
