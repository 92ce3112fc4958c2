package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	// Idle says why nothing comes by itself of a record that is on no sequence; nil for one that is on one.
	Idle *Hold
	// Waiting are those of Causes that wait for something which Live does not tell of, such as emails by hand.
	Waiting []Cause
	// Obstacles keep the record from being connected, or messages from going to it.
	Obstacles []Hold
	// Causes are those of its messages, newest first, at most 20.
	Causes []Cause
	// Chances say what a connect to the active sequences would say that it is not on, of at most 20; MoreChances are left out.
	Chances     []Chance
	MoreChances int
}

// Ended is a sequence that is over for a record, and why.
type Ended struct {
	Enrollment store.Enrollment
	Reason     Reason
	// Change says who can put it there again, and Place where; or what keeps everybody from it.
	Change string
	Place  Place
}

// Cause is why a message came about, and what became of it.
type Cause struct {
	Message store.Message
	// Enrollment is that which led to it, and SequenceName its sequence's; 0 and "" for a message that no sequence made.
	Enrollment   ident.Enrollment
	SequenceName string
	// StepName is that of the step which made it; "" for one by hand.
	StepName string
	// Hold is what keeps it from being sent; nil for one that is out, or that nobody waits for any more.
	Hold *Hold
	// Reasons are oldest first.
	Reasons []Reason
}

// WhyOf answers for a record; also tells of one of its messages that is told of even where it is not among the newest, 0 for none.
func (a *App) WhyOf(ctx context.Context, actor access.Actor, id ident.Record, also ident.Message) (Why, error) {
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
		if w.Ended, err = endedOf(tx, actor, w.Record); err != nil {
			return w, err
		}
		w.Idle = w.idleHold(actor)
		if w.Obstacles, err = obstaclesOf(tx, actor, w.Record); err != nil {
			return w, err
		}
		messages, err := tx.MessagesOf(id, whyMessages)
		if err != nil {
			return w, err
		}
		if messages, err = withMessage(tx, messages, id, also); err != nil {
			return w, err
		}
		if w.Causes, err = causesOf(tx, actor, messages); err != nil {
			return w, err
		}
		w.Waiting = w.waiting()
		w.Chances, w.MoreChances, err = chancesOf(tx, actor, w.Record, w.Live)
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
		list, err := causesOf(tx, actor, []store.Message{m})
		if err != nil {
			return Cause{}, err
		}
		return list[0], nil
	})
}

// withMessage adds a message of a record to the newest of it, where it is not among them.
func withMessage(tx *store.Tx, list []store.Message, of ident.Record, id ident.Message) ([]store.Message, error) {
	if id == 0 || slices.ContainsFunc(list, func(m store.Message) bool { return m.ID == id }) {
		return list, nil
	}
	m, err := tx.GetMessage(id)
	if err == nil && m.Record == of {
		list = append(list, m)
	}
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return list, err
}

// waiting are the messages that wait for what is not told of the sequences.
func (w Why) waiting() (list []Cause) {
	told := map[Place]bool{}
	for _, x := range w.Live {
		if x.Message != nil {
			told[placeOf("message", x.Message.ID)] = true
		}
		for _, h := range x.Holds {
			told[h.Place] = true
		}
	}
	for _, c := range w.Causes {
		if c.Hold != nil && !told[placeOf("message", c.Message.ID)] && !told[c.Hold.Place] {
			list = append(list, c)
		}
	}
	return list
}

func mayAskWhy(actor access.Actor) error {
	if err := may(actor, access.ReadSequences); err != nil {
		return err
	}
	return may(actor, access.ReadMessages)
}

// endedOf gives the sequences that are over for a record.
func endedOf(tx *store.Tx, reader access.Actor, rec store.Record) (list []Ended, err error) {
	over, err := tx.ListEnrollments(store.EnrollmentQuery{Record: rec.ID, Status: string(flow.Finished), Limit: whyEnded})
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
		x := Explanation{Record: rec, reader: reader}
		x.Enrollment = e
		if x.Version, err = tx.Version(e.Version); err != nil {
			return nil, err
		}
		if x.SeesSequence, err = tx.For(reader).Sees(e.Sequence); err != nil {
			return nil, err
		}
		if end.Change, end.Place, err = againOf(tx, x); err != nil {
			return nil, err
		}
		list = append(list, end)
	}
	return list, nil
}

// causes tells of several messages, and reads what they have in common once.
type causes struct {
	tx       *store.Tx
	reader   access.Actor
	whole    []store.AuditRow // what was done with the whole database, newest first; nil before it is asked for
	holds    map[ident.Message][]store.MailHold
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

// causesOf tells of messages.
func causesOf(tx *store.Tx, reader access.Actor, messages []store.Message) (list []Cause, err error) {
	c := &causes{tx: tx, reader: reader, ways: map[ident.Enrollment]*pastWay{}}
	if c.outcomes, err = tx.Outcomes(); err != nil {
		return nil, err
	}
	if err := c.heldOf(messages); err != nil {
		return nil, err
	}
	for _, m := range messages {
		if err := c.add(m); err != nil {
			return nil, err
		}
	}
	return c.list, nil
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
	var w *pastWay
	if token.Enrollment != 0 {
		var err error
		if w, err = c.way(token.Enrollment); err != nil {
			return err
		}
		cause.Enrollment = token.Enrollment
		cause.SequenceName = w.enrollment.SequenceName
		cause.Reasons = w.upTo(token, c.outcomes)
	}
	by, err := c.nameOf(m.User)
	if err != nil {
		return err
	}
	if w != nil && m.Activity == 0 {
		st, _ := w.version.Step(token.Step)
		cause.StepName = w.version.Def.Title(st, c.outcomes)
	}
	made, err := c.made(m, token, by)
	if err != nil {
		return err
	}
	held, err := c.heldReasons(m, w)
	if err != nil {
		return err
	}
	if cause.Hold, err = c.holdOf(m, w, by); err != nil {
		return err
	}
	cause.Reasons = append(append(append(cause.Reasons, made), held...), fateOf(m, cause.Hold))
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
func (c *causes) made(m store.Message, token step.Token, by string) (Reason, error) {
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
	word := messageWord(m.Channel == message.TextChannel)
	if m.Test {
		r.Text = fmt.Sprintf("The %s was made for a user of Cadenza, and for no customer%s.", word, text)
		return r, nil
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

// nameOf gives the name of a user; "" for nobody, and for one who is gone.
func (c *causes) nameOf(id ident.User) (string, error) {
	if id == 0 {
		return "", nil
	}
	u, err := c.tx.GetUser(id)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return u.Name, err
}

// fateOf tells what became of a message since it was made; hold is what keeps it.
func fateOf(m store.Message, hold *Hold) Reason {
	r := Reason{At: m.CreatedAt, Kind: mailKind(m)}
	at, text := fate(m)
	if r.Text = text; !at.IsZero() {
		r.At = at
	}
	if hold != nil && (m.State == store.MessageQueued || m.State == store.MessageHeld) {
		r.Text, r.Until = hold.Text, hold.Until
		if !hold.Since.IsZero() {
			r.At = hold.Since
		}
	}
	return r
}

// fate gives when that was; zero for nobody knows when.
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
		return time.Time{}, "It waits to be sent."
	case store.MessageSending:
		return m.AttemptAt, "It is being sent now."
	case store.MessageFailed, store.MessageWithdrawn, store.MessageUnknown:
	}
	return m.AttemptAt, strings.TrimSpace(fmt.Sprintf("It is %s. %s", m.State, m.Reason))
}
