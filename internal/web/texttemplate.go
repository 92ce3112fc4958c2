package web

import (
	"net/http"
	"strconv"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// ofTexts tells that the editor holds a template for text messages.
func (f templateForm) ofTexts() bool { return f.Input.Channel == message.TextChannel }

// renderTextTemplate shows the editor of a text template, or to who may not edit templates the template alone.
func (s *Server) renderTextTemplate(w http.ResponseWriter, r *http.Request, status int, f templateForm) error {
	v := s.view(r)
	p := page{Title: f.title(), Status: status}
	if !v.may(access.EditTemplates) {
		return s.render(w, r, p, textTemplateReadPage(v, f))
	}
	p.Scripts = []string{"js/work.js"}
	return s.render(w, r, p, textTemplatePage(v, f))
}

// textOf gives the body of a text message from a form.
func textOf(r *http.Request) string { return strings.ReplaceAll(r.FormValue("text"), "\r\n", "\n") }

// sizeWords say how a text message travels: "142 characters · 1 part".
func sizeWords(s message.TextSize) string {
	if s.Parts == 0 {
		return "Empty"
	}
	words := plural(s.Used, "character", "characters") + " · " + plural(s.Parts, "part", "parts")
	if s.Unicode {
		words += " · with letters that take more room"
	}
	return words
}

// sizeHint says how much room is left, or that there is too much already.
func sizeHint(s message.TextSize) string {
	switch {
	case s.Parts > message.MaxTextParts:
		return "At most " + strconv.Itoa(message.MaxTextParts) + " parts can be sent. Shorten it."
	case s.Parts > 1:
		return strconv.Itoa(s.Left) + " left in this part. Each part is billed as a message."
	}
	return strconv.Itoa(s.Left) + " left."
}

// textFields are the merge fields as buttons that put them into a text.
func textFields(in action.TemplateInput) []mergeGroup { return mergeGroups(in.RecordKind) }

func mergeTag(f store.MergeField) string { return "{{ " + f.Name + " }}" }

// channelOptions are the channels to choose from in filters.
func channelOptions() []ui.Option {
	return []ui.Option{{Label: "Emails and texts"}, {Value: string(message.EmailChannel), Label: "Emails"}, {Value: string(message.TextChannel), Label: "Text messages"}}
}

// channelOf reads a channel; what is none is "" for both.
func channelOf(r *http.Request) message.Channel {
	if c := message.Channel(text(r, "channel")); c.Known() {
		return c
	}
	return ""
}
