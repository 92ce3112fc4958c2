package web

import (
	"net/http"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// receivedView is one mail that came in.
type receivedView struct {
	store.Received
	// Owner is whose mailbox it came to.
	Owner string
	// About is the message of ours that it is about.
	About store.Message
	// PlainPart shows the text part instead of the formatted one.
	PlainPart bool
}

func (s *Server) receivedOf(r *http.Request) (receivedView, error) {
	var id ident.Received
	if err := readID(r.PathValue("id"), &id); err != nil {
		return receivedView{}, err
	}
	got, err := s.app.GetReceived(r.Context(), actorOf(r), id)
	if err != nil {
		return receivedView{}, err
	}
	v := receivedView{Received: got, PlainPart: got.HTML == "" || text(r, "part") == "text"}
	if v.About, err = s.app.GetMessage(r.Context(), actorOf(r), got.Message); err != nil {
		return v, err
	}
	names, err := s.userNames(r)
	v.Owner = names[got.User]
	return v, err
}

func (s *Server) showReceived(w http.ResponseWriter, r *http.Request) error {
	v, err := s.receivedOf(r)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: v.title(), Scripts: []string{"js/mail.js"}}, receivedPage(s.view(r), v))
}

// showReceivedMail is the formatted text of a received mail, for the frame.
func (s *Server) showReceivedMail(w http.ResponseWriter, r *http.Request) error {
	v, err := s.receivedOf(r)
	if err != nil {
		return err
	}
	return s.renderMail(w, r, mailDocument{Title: v.title(), HTML: message.SanitizeHTML(v.HTML)})
}

func (v receivedView) title() string { return orElse(v.Subject, v.Class.Label()) }

// badge is the class as a badge.
func (v receivedView) badge() ui.BadgeProps {
	tone := ui.Neutral
	switch v.Class {
	case message.HumanReply:
		tone = ui.Green
	case message.SoftBounce:
		tone = ui.Amber
	case message.HardBounce, message.Complaint:
		tone = ui.Red
	case message.AutomaticReply, message.Unrelated:
	}
	return ui.BadgeProps{Text: v.Class.Label(), Tone: tone}
}

// notice says what the mail means where that is not in its text.
func (v receivedView) notice() (p ui.AlertProps, ok bool) {
	p = ui.AlertProps{Tone: ui.Blue}
	p.Title, p.Text = action.ReceivedMeans(v.Received)
	switch v.Class {
	case message.HardBounce, message.SoftBounce:
		back, _ := bounceWords(store.Bounce{Class: v.Class})
		p.Tone, p.Text = back.Tone, v.Detail
	case message.Complaint:
		p.Tone = ui.Red
	case message.AutomaticReply, message.HumanReply, message.Unrelated:
	}
	return p, p.Title != "" || p.Text != ""
}

// facts are what the side of the page lists.
func (v receivedView) facts(w view) []ui.Fact {
	facts := []ui.Fact{{Label: "Came in", Content: ui.Time(w.exact(v.CreatedAt))}, {Label: "Mailbox of", Value: orElse(v.Owner, "a former user")}}
	if v.RecordName != "" {
		facts = append(facts, ui.Fact{Label: v.RecordKind.Label(), Value: v.RecordName, Href: recordPath(v.Record)})
	}
	if v.About.ID != 0 {
		facts = append(facts, ui.Fact{Label: "About", Value: messageTitle(v.About), Href: messagePath(v.About.ID)})
	}
	if v.Enrollment != 0 {
		facts = append(facts, ui.Fact{Label: "Sequence", Value: orElse(action.WhatCameOf(v.Received), "Where it stands"), Href: enrollmentPath(v.Enrollment)})
	}
	return facts
}

// writtenOrCame is the date of a received mail: its own, or when it came in.
func (v receivedView) writtenOrCame() time.Time {
	if v.WrittenAt.IsZero() {
		return v.CreatedAt
	}
	return v.WrittenAt
}

// answerLines lists what came in about a message.
func answerLines(w view, list []store.Received) []ui.TimelineEntry {
	lines := make([]ui.TimelineEntry, 0, len(list))
	for _, v := range list {
		lines = append(lines, ui.TimelineEntry{
			Kind: receivedKind(v.Class), Time: w.at(v.CreatedAt), Detail: orElse(v.SenderName, v.Sender), Parts: []ui.Part{{Text: v.Class.Label(), Href: receivedPath(v.ID)}},
		})
	}
	return lines
}

// receivedKind gives the icon of a received mail in a timeline.
func receivedKind(class message.Class) ui.Kind {
	switch class {
	case message.HumanReply:
		return ui.KindReplied
	case message.HardBounce, message.SoftBounce:
		return ui.KindBounced
	case message.Complaint:
		return ui.KindOptedOut
	case message.AutomaticReply, message.Unrelated:
	}
	return ui.KindEmail
}
