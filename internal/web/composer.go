package web

import (
	"context"
	"net/http"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
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
	// Check is what to look at before it is sent.
	Check action.MailCheck
	// Later are the times that are offered for sending it later.
	Later laterForm
	// Begun tells that its text comes from a choice that is not kept yet.
	Begun bool
}

// readMail fills the composer: with the draft that was kept, from the template, or with what was typed when it is shown again.
func (s *Server) readMail(r *http.Request, a store.Activity, f activityForm) (*mailForm, error) {
	draft, err := s.readDraft(r, a, f)
	if err != nil {
		return nil, err
	}
	m := &mailForm{Draft: draft, Problems: f.Problems, Begun: r.Method == http.MethodPost}
	if draft.Template == "" {
		m.Templates = append(m.Templates, ui.Option{Value: "", Label: "No template"})
	}
	if m.Check, err = s.app.CheckMail(r.Context(), actorOf(r), a.ID, draft); err != nil {
		return nil, err
	}
	if m.Later, err = s.readLater(r, a); err != nil {
		return nil, err
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

func (s *Server) readDraft(r *http.Request, a store.Activity, f activityForm) (action.Draft, error) {
	if r.Method != http.MethodPost {
		return s.app.OpenMailDraft(r.Context(), actorOf(r), a.ID)
	}
	typed := f.Mail
	if !f.Problems.any() {
		typed = readActivityForm(r).Mail
	}
	draft, err := s.app.ComposeDraft(r.Context(), actorOf(r), a.ID, typed.Template, typed.Thread)
	if err != nil {
		return draft, err
	}
	if !f.Problems.any() { // another template was chosen: whom it goes to stays
		draft.CC, draft.BCC, draft.Follow, draft.Unsigned, draft.Rev = typed.CC, typed.BCC, typed.Follow, typed.Unsigned, typed.Rev
		if typed.To != "" {
			draft.To = typed.To
		}
		return draft, nil
	}
	typed.From, typed.Warning, typed.Unfollowed, typed.Signature = draft.From, draft.Warning, draft.Unfollowed, draft.Signature // how things stand now
	typed.Thread, typed.Before, typed.Reply = draft.Thread, draft.Before, draft.Reply
	if typed.Thread == action.ReplyThread {
		typed.Subject = draft.Subject
	}
	return typed, nil
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
	draft.Rev = readActivityForm(r).Mail.Rev
	return s.fragment(w, r, 0, composerChosen(c, store.Activity{ID: id}, mailForm{Draft: draft}))
}

// sendEmail hands the mail to the outbox, for now or for a time that was chosen, and goes on to the next activity.
func (s *Server) sendEmail(w http.ResponseWriter, r *http.Request) error {
	refusal := s.takeFiles(r)
	return s.act(w, r, "email", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		if refusal != nil {
			return "", refusal
		}
		zone, err := s.zoneOfActivity(r, id)
		if err != nil {
			return "", err
		}
		v := s.view(r)
		if f.Mail.At, err = readSendTime(v, zone, r); err != nil {
			return "", err
		}
		m, err := s.app.SendEmail(ctx, actor, id, f.Mail)
		if !m.ScheduledAt.IsZero() {
			return "The email to " + m.Recipient + " goes out " + action.ClockIn(m.ScheduledAt, zone, v.Zone) + ".", err
		}
		return "The email to " + m.Recipient + " is on its way.", err
	})
}

// stopped tells that nothing can be sent whatever is written, so that nobody begins to write.
func (m mailForm) stopped(r store.Record) bool {
	return m.blocked(r) && m.Draft.KeptAt.IsZero() && !m.Problems.any()
}

// blocked tells whether no text at all can be sent, so that Send is not offered. An address can still be typed.
func (m mailForm) blocked(r store.Record) bool {
	return m.Draft.Warning != "" && (m.Draft.From == "" || r.Get("do_not_email") != "")
}

// textProblem is what is wrong with the text; its merge fields are told apart, in a list of their own.
func (m mailForm) textProblem() string {
	if text := m.Problems.of("html"); text == "" || len(m.Check.Gaps) == 0 {
		return text
	}
	return "See below what to do about its merge fields."
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
