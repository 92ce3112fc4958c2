package action

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// What Why tells of at most, of each the newest.
const (
	whyEnded    = 10
	whyMessages = 20
)

// Why answers what people ask of a record: why nothing happens, and why a message went out.
type Why struct {
	Record store.Record
	// Live are the sequences that the record is on, each with what holds it there.
	Live []Explanation
	// Ended are those that it was on, newest first, at most 10.
	Ended []Ended
	// Obstacles keep the record from being connected, or messages from going to it.
	Obstacles []Hold
	// Causes are those of its messages, newest first, at most 20.
	Causes []Cause
}

// Ended is a sequence that is over for a record, and why.
type Ended struct {
	Enrollment store.Enrollment
	Reason     Reason
}

// Cause is why a message came about, and what became of it.
type Cause struct {
	Message store.Message
	// SequenceName is "" for a message that no sequence made.
	SequenceName string
	// Reasons are oldest first.
	Reasons []Reason
}

// WhyOf answers for a record.
func (a *App) WhyOf(ctx context.Context, actor access.Actor, id ident.Record) (Why, error) {
	if err := mayAskWhy(actor); err != nil {
		return Why{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (w Why, err error) {
		if w.Record, err = tx.GetRecord(id); err != nil {
			return w, err
		}
		if w.Live, err = explainedOf(tx, actor, id); err != nil {
			return w, err
		}
		if w.Ended, err = endedOf(tx, id); err != nil {
			return w, err
		}
		if w.Obstacles, err = obstaclesOf(tx, w.Record); err != nil {
			return w, err
		}
		messages, err := tx.MessagesOf(id, whyMessages)
		if err != nil {
			return w, err
		}
		c, err := newCauses(tx)
		for _, m := range messages {
			if err == nil {
				err = c.add(m)
			}
		}
		w.Causes = c.list
		return w, err
	})
}

// CauseOf says why a message came about.
func (a *App) CauseOf(ctx context.Context, actor access.Actor, id ident.Message) (Cause, error) {
	if err := mayAskWhy(actor); err != nil {
		return Cause{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Cause, error) {
		m, err := tx.GetMessage(id)
		if err != nil {
			return Cause{}, err
		}
		c, err := newCauses(tx)
		if err != nil {
			return Cause{}, err
		}
		if err := c.add(m); err != nil {
			return Cause{}, err
		}
		return c.list[0], nil
	})
}

func mayAskWhy(actor access.Actor) error {
	if err := may(actor, access.ReadSequences); err != nil {
		return err
	}
	return may(actor, access.ReadMessages)
}

// endedOf gives the sequences that are over for a record.
func endedOf(tx *store.Tx, id ident.Record) (list []Ended, err error) {
	over, err := tx.ListEnrollments(store.EnrollmentQuery{Record: id, Status: string(flow.Finished), Limit: whyEnded})
	if err != nil {
		return nil, err
	}
	for _, e := range over.Rows {
		history, err := tx.HistoryOf(e.ID)
		if err != nil {
			return nil, err
		}
		end := Ended{Enrollment: e, Reason: Reason{At: e.FinishedAt, Text: e.State.Exit.Describe() + "."}}
		for _, h := range history {
			if h.Kind == flow.LineExit {
				end.Reason, _ = teller{version: &flow.Version{}}.reason(h, false, false)
			}
		}
		list = append(list, end)
	}
	return list, nil
}

// obstaclesOf say what stands in the way of a record whatever sequence it is connected to.
func obstaclesOf(tx *store.Tx, r store.Record) (list []Hold, err error) {
	if !r.Open() {
		list = append(list, Hold{Code: "record_closed", Text: fmt.Sprintf("The record is closed: its status is %s.", r.Get("status")), Change: "Its owner or a manager can reopen it."})
	}
	facts, err := tx.WishFacts([]store.Record{r})
	if err != nil {
		return nil, err
	}
	f := facts[0]
	add := func(c message.Channel, why string, suppressed, reachable bool) {
		word, lacks := "Emails", "It has no valid email address."
		if c == message.TextChannel {
			word, lacks = "Text messages", "It has no number for text messages."
		}
		switch {
		case suppressed:
			list = append(list, Hold{Code: string(store.BlockSuppressed), Text: word + " do not go to it: " + why, Change: "A manager can look under Suppressions."})
		case why != "":
			list = append(list, Hold{Code: string(store.BlockUnwanted), Text: word + " do not go to it: " + why, Change: "The wish stands on the record; its owner can change it."})
		case !reachable && c == message.EmailChannel: // most records have no number, and most sequences no texts
			list = append(list, Hold{Code: string(store.BlockAddress), Text: lacks, Change: "Its owner can add one."})
		}
	}
	add(message.EmailChannel, f.NoEmail(), f.EmailSuppression.Reason != "", message.ValidEmail(r.Get("email")))
	add(message.TextChannel, f.NoText(), f.TextSuppression.Reason != "", true)
	return list, nil
}

// causes tells of several messages, and reads what they have in common once.
type causes struct {
	tx       *store.Tx
	outcomes step.Outcomes
	ways     map[ident.Enrollment]*pastWay
	list     []Cause
}

// pastWay is how an enrollment has gone so far.
type pastWay struct {
	enrollment store.Enrollment
	version    *flow.Version
	history    []store.HistoryRow
}

func newCauses(tx *store.Tx) (c *causes, err error) {
	c = &causes{tx: tx, ways: map[ident.Enrollment]*pastWay{}}
	c.outcomes, err = tx.Outcomes()
	return c, err
}

func (c *causes) way(id ident.Enrollment) (*pastWay, error) {
	if w := c.ways[id]; w != nil {
		return w, nil
	}
	w := &pastWay{}
	var err error
	if w.enrollment, err = c.tx.GetEnrollment(id); err != nil {
		return nil, err
	}
	if w.version, err = c.tx.Version(w.enrollment.Version); err != nil {
		return nil, err
	}
	if w.history, err = c.tx.HistoryOf(id); err != nil {
		return nil, err
	}
	c.ways[id] = w
	return w, nil
}

// add tells of one message.
func (c *causes) add(m store.Message) error {
	cause, token := Cause{Message: m}, m.Token
	if m.Activity != 0 {
		act, err := c.tx.GetActivity(m.Activity)
		if err != nil && !fault.Is(err, fault.NotFound) { // one by hand goes with its record
			return err
		}
		token = act.Token
	}
	if token.Enrollment != 0 {
		w, err := c.way(token.Enrollment)
		if err != nil {
			return err
		}
		cause.SequenceName = w.enrollment.SequenceName
		cause.Reasons = w.upTo(token, c.outcomes)
	}
	made, err := c.made(m, token)
	if err != nil {
		return err
	}
	cause.Reasons = append(cause.Reasons, made, fateOf(m))
	c.list = append(c.list, cause)
	return nil
}

// upTo tells what went before a step.
func (w *pastWay) upTo(token step.Token, outcomes step.Outcomes) (list []Reason) {
	if len(w.history) == 0 {
		return []Reason{{At: w.enrollment.ConnectedAt, Text: historyGone}}
	}
	for _, h := range w.history {
		if h.Visit >= token.Visit && h.Kind != flow.LineConnected {
			break
		}
		if r, tells := (teller{w.version, outcomes}).reason(h, true, false); tells {
			list = append(list, r)
		}
	}
	return list
}

// made tells who or what made a message, and of which text.
func (c *causes) made(m store.Message, token step.Token) (Reason, error) {
	r := Reason{At: m.CreatedAt}
	text := m.Template
	if m.Template != "" {
		t, err := c.tx.TemplateByKey(m.Template)
		switch {
		case err == nil:
			text = "“" + t.Name + "”"
		case !fault.Is(err, fault.NotFound):
			return r, err
		}
		if m.TemplateVersion > 0 {
			text += fmt.Sprintf(", version %d", m.TemplateVersion)
		}
		text = " from the template " + text
	}
	word, by := messageWord(m.Channel == message.TextChannel), ""
	if m.User != 0 {
		u, err := c.tx.GetUser(m.User)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return r, err
		}
		by = u.Name
	}
	if w := c.ways[token.Enrollment]; w != nil && token.Step != "" && m.Activity == 0 {
		st, _ := w.version.Step(token.Step)
		r.Kind = st.Type
		r.Text = fmt.Sprintf("The step “%s” of “%s”, version %d, made the %s%s, in the name of %s.",
			cmp.Or(w.version.Def.Title(st, c.outcomes), token.Step), w.enrollment.SequenceName, w.version.Number, word, text, cmp.Or(by, "nobody"))
		return r, nil
	}
	r.Text = fmt.Sprintf("%s wrote the %s by hand%s.", cmp.Or(by, "Somebody"), word, text)
	return r, nil
}

// fateOf tells what became of a message since it was made.
func fateOf(m store.Message) Reason {
	r := Reason{At: m.CreatedAt, Kind: "automated_email"}
	if m.Channel == message.TextChannel {
		r.Kind = "automated_text"
	}
	at, text := fate(m)
	if r.Text = text; !at.IsZero() {
		r.At = at
	}
	return r
}

// fate gives when that was, or will be; zero for nobody knows when.
func fate(m store.Message) (at time.Time, text string) {
	switch m.State {
	case store.MessageSent:
		if m.Sender == "" { // no attempt is known: the database was restored
			return m.SentAt, "Somebody said that it was sent."
		}
		text = "Everything allowed it, and it was sent from " + m.Sender
		if m.Recipient != "" {
			text += " to " + m.Recipient
		}
		if m.Attempts > 1 {
			text += fmt.Sprintf(", at the attempt number %d", m.Attempts)
		}
		return m.SentAt, text + "."
	case store.MessageQueued, store.MessageHeld:
		return m.NextAt, cmp.Or(m.Reason, "It waits to be sent.")
	case store.MessageSending:
		return m.AttemptAt, "It is being sent now."
	case store.MessageFailed, store.MessageWithdrawn, store.MessageUnknown:
	}
	return m.AttemptAt, strings.TrimSpace(fmt.Sprintf("It is %s. %s", m.State, m.Reason))
}
