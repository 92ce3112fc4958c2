package web

import (
	"context"
	"net/http"
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

// mailForm is the composer: the draft, and the templates to start it from.
type mailForm struct {
	Draft     action.Draft
	Templates []ui.Option
	Problems  problems
	Files     filesForm
}

// readMail fills the composer: from the template, or with what was typed when it is shown again.
func (s *Server) readMail(r *http.Request, a store.Activity, f activityForm) (*mailForm, error) {
	draft, err := s.app.ComposeDraft(r.Context(), actorOf(r), a.ID, text(r, "template"), action.Thread(text(r, "thread")))
	if err != nil {
		return nil, err
	}
	if f.Problems.any() {
		typed := f.Mail
		typed.From, typed.Warning, typed.Unfollowed = draft.From, draft.Warning, draft.Unfollowed // how things stand now
		typed.Thread, typed.Before, typed.Reply = draft.Thread, draft.Before, draft.Reply
		if typed.Thread == action.ReplyThread {
			typed.Subject = draft.Subject
		}
		draft = typed
	}
	m := &mailForm{Draft: draft, Problems: f.Problems}
	if draft.Template == "" {
		m.Templates = append(m.Templates, ui.Option{Value: "", Label: "No template"})
	}
	if m.Files, err = s.filesOf(r, draft.Files, f.Problems); err != nil {
		return nil, err
	}
	list, err := s.app.ListTemplates(r.Context(), actorOf(r), a.RecordKind, "")
	for _, t := range action.OfChannel(list, message.EmailChannel) {
		m.Templates = append(m.Templates, ui.Option{Value: t.Key, Label: t.Name})
	}
	return m, err
}

// draftEmail fills the composer anew from another template. It is a POST because the address of a GET would carry the
// text of the mail.
func (s *Server) draftEmail(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	return s.renderWork(w, r, workOpened{ID: id, Do: "email", Chosen: true})
}

// chooseThread says what the email goes under as an answer, or as the first of a new thread. The text stays as it is.
func (s *Server) chooseThread(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if !isFragment(r) {
		return s.renderWork(w, r, workOpened{ID: id, Do: "email", Chosen: true})
	}
	draft, err := s.app.ComposeDraft(r.Context(), actorOf(r), id, text(r, "template"), action.Thread(text(r, "thread")))
	if err != nil {
		return err
	}
	c := scope{View: s.view(r), Filter: readWorkFilter(r), Back: back(r, "")}
	return s.fragment(w, r, 0, composerChosen(c, store.Activity{ID: id}, mailForm{Draft: draft}))
}

// sendEmail hands the mail to the outbox and goes on to the next activity.
func (s *Server) sendEmail(w http.ResponseWriter, r *http.Request) error {
	refusal := s.takeFiles(r)
	return s.act(w, r, "email", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		if len(f.Mail.Missing) > 0 && text(r, "filled") == "" {
			return "", fault.Field("filled", "required", "Read the text, fill the gaps, and tick the box below the warning.")
		}
		if refusal != nil {
			return "", refusal
		}
		m, err := s.app.SendEmail(ctx, actor, id, f.Mail)
		return "The email to " + m.Recipient + " is on its way.", err
	})
}

// blocked tells whether no text at all can be sent, so that Send is not offered. An address can still be typed.
func (m mailForm) blocked(r store.Record) bool {
	return m.Draft.Warning != "" && (m.Draft.From == "" || r.Get("do_not_email") != "")
}

// threadOptions are the choices of whether the email answers those before it.
func (m mailForm) threadOptions() []ui.Option {
	return []ui.Option{
		{Value: string(action.ReplyThread), Label: "Answer “" + m.Draft.Before[0].Subject + "”"},
		{Value: string(action.NewThread), Label: "Start a new thread"},
	}
}

// missingNames gives the labels of the merge fields that stayed empty.
func missingNames(kind record.Kind, keys []string) string {
	var names []string
	for _, key := range keys {
		label := key
		if f, ok := record.FieldAt(kind, key); ok {
			label = f.Label
		}
		names = append(names, label)
	}
	return strings.Join(names, ", ")
}
