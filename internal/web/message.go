package web

import (
	"net/http"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// messageView is one message of the outbox.
type messageView struct {
	store.Message
	// From is the sender's name and Address its address; both are known before the mail is built.
	From, Address string
	// PlainPart shows the text part instead of the formatted one.
	PlainPart bool
	// TemplateRow leads to the message's template; it is zero when there is none.
	TemplateRow store.Template
	// MaySettle tells that the reader may decide about a message whose fate is unknown.
	MaySettle bool
	// Hits are the newest opens, clicks and downloads; MayCount tells that the reader may say that one counts.
	Hits     []store.Hit
	MayCount bool
	// Answers are what came in about it.
	Answers []store.Received
	// Captured tells that it can be looked at as its recipient sees it: in the demo, once it is sent.
	Captured bool
	// Why says what led to it, and what became of it.
	Why      action.Cause
	Problems problems
}

func (m messageView) whyTitle() string {
	if m.State == store.MessageSent {
		return "Why this " + channelWord(m.Channel) + " went out"
	}
	return "Why this " + channelWord(m.Channel) + ", and why it has not gone out"
}

// written tells that the mail has its text. One that waits is written when it is sent.
func (m messageView) written() bool { return m.HTML != "" || m.Text != "" }

// unwritten says why there is no text to show.
func (m messageView) unwritten() ui.EmptyStateProps {
	p := ui.EmptyStateProps{
		Icon: channelIcon(m.Channel), Small: true, Title: "The text is written when it is sent",
		Text: "The template is filled with the record as it is then, so late changes count.",
	}
	switch m.State {
	case store.MessageFailed, store.MessageWithdrawn:
		p.Icon, p.Title, p.Text = "x", "It was never written", "The text would have been made from the template at the moment of sending."
	}
	return p
}

func (s *Server) messageOf(r *http.Request) (messageView, error) {
	var id ident.Message
	if err := readID(r.PathValue("id"), &id); err != nil {
		return messageView{}, err
	}
	actor := actorOf(r)
	m, err := s.app.GetMessage(r.Context(), actor, id)
	if err != nil {
		return messageView{}, err
	}
	decides := m.User == actor.ID || access.May(actor, access.ManageMessages)
	v := messageView{
		Message: m, PlainPart: text(r, "part") == "text", MaySettle: m.State == store.MessageUnknown && decides, MayCount: decides,
		Captured: s.demo != nil && m.State == store.MessageSent && m.Channel == message.EmailChannel,
	}
	if m.Tracked {
		if v.Hits, err = s.app.Hits(r.Context(), actor, id); err != nil {
			return v, err
		}
	}
	answers, err := s.app.ListReceived(r.Context(), actor, store.ReceivedQuery{Message: id})
	if err != nil {
		return v, err
	}
	v.Answers = answers.Rows
	v.From, v.Address = addressName(m.Sender)
	names, err := s.userNames(r)
	if err != nil {
		return v, err
	}
	v.From = orElse(v.From, names[m.User])
	if m.Template != "" {
		v.TemplateRow, err = s.app.TemplateByKey(r.Context(), actor, m.Template)
		if fault.Is(err, fault.NotFound) {
			err = nil // it was deleted after the mail was made
		}
	}
	return v, err
}

func (s *Server) showMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageOf(r)
	if err != nil {
		return err
	}
	if m.Why, err = s.app.CauseOf(r.Context(), actorOf(r), m.ID); err != nil {
		return err
	}
	return s.renderMessage(w, r, 0, m)
}

func (s *Server) renderMessage(w http.ResponseWriter, r *http.Request, status int, m messageView) error {
	return s.render(w, r, page{Title: messageTitle(m.Message), Status: status, Scripts: []string{"js/mail.js"}}, messagePage(s.view(r), m))
}

// showMessageMail is the formatted text of a message, for the frame.
func (s *Server) showMessageMail(w http.ResponseWriter, r *http.Request) error {
	m, err := s.messageOf(r)
	if err != nil {
		return err
	}
	return s.renderMail(w, r, mailDocument{Title: messageTitle(m.Message), HTML: m.HTML})
}

// settleMessage takes a person's word for what became of a message whose sending was cut off.
func (s *Server) settleMessage(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	m, err := s.messageOf(r)
	if err != nil {
		return err
	}
	sent := false
	switch r.FormValue("fate") {
	case "sent":
		sent = true
	case "again":
	default:
		m.Problems, _ = refused(fault.Field("fate", "required", "Choose whether it was sent or is to be sent again."))
		return s.renderMessage(w, r, http.StatusUnprocessableEntity, m)
	}
	if _, err := s.app.SettleMessage(r.Context(), actorOf(r), m.ID, sent); err != nil {
		return err
	}
	if sent {
		s.say(r, "Marked as sent. The sequence goes on.")
	} else {
		s.say(r, "The "+channelWord(m.Channel)+" is queued again.")
	}
	return s.redirect(w, r, messagePath(m.ID))
}

// settleText says what is to find out about a message whose fate is unknown.
func (m messageView) settleText() string {
	if m.AttemptAt.IsZero() && m.Reason != "" { // it was restored, and there is no attempt that we know of
		return m.Reason + " Cadenza sends nothing twice by itself."
	}
	if m.isText() {
		return "The provider did not answer after it was handed over, so it may or may not have been sent. Look into the provider's list of messages, or ask the customer. Cadenza sends nothing twice by itself."
	}
	return "The connection to the mail server broke at the moment it was handed over, so it may or may not have been delivered. Look into the Sent folder of the mailbox, or ask the customer: what is there was sent, but what is missing there may have been sent, too. Cadenza sends nothing twice by itself."
}

// facts are what the side of the page lists.
func (m messageView) facts(v view) []ui.Fact {
	facts := []ui.Fact{{Label: "State", Content: ui.Badge(*messageBadge(m.Message))}}
	add := func(f ui.Fact) { facts = append(facts, f) }
	switch m.State {
	case store.MessageQueued:
		when := ui.Fact{Label: "Goes out", Value: "When somebody acts"}
		if !m.Blocker.NeedsPerson() {
			when = ui.Fact{Label: "Goes out", Content: ui.Time(v.exact(m.NextAt))}
		}
		add(when)
	case store.MessageSent:
		add(ui.Fact{Label: "Sent", Content: ui.Time(v.exact(m.SentAt))})
		if !m.Bounce.At.IsZero() {
			add(ui.Fact{Label: "Bounced", Content: ui.Time(v.exact(m.Bounce.At))})
		}
	}
	if f, ok := engagementFact(m.Message); ok {
		add(f)
	}
	if m.RecordName != "" {
		add(ui.Fact{Label: m.RecordKind.Label(), Value: m.RecordName, Href: recordPath(m.Record)})
		add(ui.Fact{Label: "Reason", Value: "Why this " + channelWord(m.Channel), Href: whyPath(m.Record) + "?message=" + m.ID.String() + "#" + m.ID.String()})
	}
	if m.Activity != 0 {
		add(ui.Fact{Label: "Activity", Value: "Written by hand", Href: activityPath(m.Activity)})
	}
	if m.TemplateRow.ID != 0 {
		add(ui.Fact{Label: "Template", Value: m.TemplateRow.Name, Href: templatePath(m.TemplateRow.ID)})
	} else if m.Template != "" {
		add(ui.Fact{Label: "Template", Value: m.Template + " (deleted)"})
	}
	add(ui.Fact{Label: "Made", Content: ui.Time(v.exact(m.CreatedAt))})
	if m.Attempts > 0 {
		add(ui.Fact{Label: "Attempts", Value: ui.Count(m.Attempts)})
		add(ui.Fact{Label: "Last one", Content: ui.Time(v.exact(m.AttemptAt))})
	}
	return facts
}

// headers are those of the mail that people ask for when they look for it elsewhere.
func (m messageView) headers() []ui.Fact {
	list := []ui.Fact{{Label: "Message-ID", Content: code("<" + m.RFCID + ">")}, {Label: "From", Value: orElse(m.Sender, m.From)}, {Label: "To", Value: m.Recipient}}
	if m.CC != "" {
		list = append(list, ui.Fact{Label: "Cc", Value: m.CC})
	}
	if m.BCC != "" {
		list = append(list, ui.Fact{Label: "Bcc", Value: m.BCC})
	}
	return append(list, ui.Fact{Label: "Subject", Value: m.Subject})
}

// sentOrMade is the date of a mail: when it was sent, or made.
func sentOrMade(m store.Message) time.Time {
	if m.SentAt.IsZero() {
		return m.CreatedAt
	}
	return m.SentAt
}
