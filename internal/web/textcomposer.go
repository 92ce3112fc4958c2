package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// textForm is the composer of a text message: the draft, and the templates to start it from.
type textForm struct {
	Draft     action.TextDraft
	Templates []ui.Option
	Problems  problems
}

// readText fills the composer: from the template, or with what was typed when it is shown again.
func (s *Server) readText(r *http.Request, a store.Activity, f activityForm) (*textForm, error) {
	draft, err := s.app.ComposeText(r.Context(), actorOf(r), a.ID, text(r, "template"))
	if err != nil {
		return nil, err
	}
	if f.Problems.any() {
		typed := f.Text
		typed.From, typed.Ready, typed.Warning = draft.From, draft.Ready, draft.Warning // how things stand now
		typed.Size = message.SizeOfText(message.TidyText(typed.Text))
		draft = typed
	}
	t := &textForm{Draft: draft, Problems: f.Problems}
	if draft.Template == "" {
		t.Templates = append(t.Templates, ui.Option{Value: "", Label: "No template"})
	}
	list, err := s.app.ListTemplates(r.Context(), actorOf(r), a.RecordKind, "")
	for _, one := range action.OfChannel(list, message.TextChannel) {
		t.Templates = append(t.Templates, ui.Option{Value: one.Key, Label: one.Name})
	}
	return t, err
}

// blocked tells whether no text at all can be sent, so that Send is not offered. A number can still be typed.
func (t textForm) blocked(r store.Record) bool { return !t.Draft.Ready || r.Get("do_not_text") != "" }

// draftText fills the composer anew from another template.
func (s *Server) draftText(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	return s.renderWork(w, r, workOpened{ID: id, Do: "text", Chosen: true})
}

// sendText hands the text message to the outbox and goes on to the next activity.
func (s *Server) sendText(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "text", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		if len(f.Text.Missing) > 0 && text(r, "filled") == "" {
			return "", fault.Field("filled", "required", "Read the text, fill the gaps, and tick the box below the warning.")
		}
		m, err := s.app.SendText(ctx, actor, id, f.Text)
		return "The text message to " + m.Recipient + " is on its way.", err
	})
}

// measureText says how what is being written would travel, and has the phone's own link carry it.
func (s *Server) measureText(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	return s.fragment(w, r, 0, textMeasure(action.TextDraft{To: text(r, "text_to"), Text: textOf(r), Size: message.SizeOfText(message.TidyText(textOf(r)))}))
}

func readTextDraft(r *http.Request) action.TextDraft {
	return action.TextDraft{To: text(r, "text_to"), Text: textOf(r), Template: text(r, "template"), Missing: strings.Fields(text(r, "missing"))}
}

// smsLink opens the text in the phone's or computer's own program (RFC 5724).
func smsLink(d action.TextDraft) string {
	return "sms:" + strings.ReplaceAll(strings.TrimPrefix(telLink(d.To), "tel:"), " ", "") + "?body=" + strings.ReplaceAll(url.QueryEscape(d.Text), "+", "%20")
}

// numberField is the field in which the number for text messages of a record is entered.
func numberField(kind record.Kind) string {
	if _, ok := record.FieldOf(kind, "mobile"); ok {
		return "mobile"
	}
	return "phone"
}
