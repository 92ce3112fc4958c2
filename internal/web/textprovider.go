package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const textsPath = "/settings/texts"

// textProviderForm is the page of the provider of text messages.
type textProviderForm struct {
	// Saved is the provider as it is stored; it is not Ready when there is none.
	Saved store.TextProvider
	Input action.TextProviderInput
	// To and Text are those of the test.
	To, Text string
	Problems problems
	// Test are the problems of the test's own form.
	Test problems
}

// exampleBody is what the form begins with: most providers want something like it.
const exampleBody = "{\n  \"to\": \"{{to}}\",\n  \"from\": \"{{from}}\",\n  \"text\": \"{{text}}\"\n}"

func (s *Server) textProvider(r *http.Request) (textProviderForm, error) {
	p, err := s.app.GetTextProvider(r.Context(), actorOf(r))
	f := textProviderForm{Saved: p, Text: "This is a test of Cadenza."}
	f.Input = action.TextProviderInput{
		URL: p.URL, Method: p.Method, Format: message.TextFormat(p.Format), Body: p.Body, Sender: p.Sender, Header: p.Header, Rev: p.Rev,
	}
	if !p.Ready() {
		f.Input.Method, f.Input.Format, f.Input.Body, f.Input.Header = http.MethodPost, message.JSONFormat, exampleBody, "Authorization"
	}
	return f, err
}

func (s *Server) showTextProvider(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	f, err := s.textProvider(r)
	if err != nil {
		return err
	}
	return s.renderTextProvider(w, r, 0, f)
}

func (s *Server) renderTextProvider(w http.ResponseWriter, r *http.Request, status int, f textProviderForm) error {
	return s.render(w, r, page{Title: "Text messages", Status: status}, textProviderPage(s.view(r), f))
}

func (s *Server) saveTextProvider(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.textProvider(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(text(r, "rev"), 10, 64) // a broken one is 0, which does not check
	f.Input = action.TextProviderInput{
		URL: text(r, "url"), Method: text(r, "method"), Format: message.TextFormat(text(r, "format")), Sender: text(r, "sender"),
		Body: strings.ReplaceAll(r.FormValue("body"), "\r\n", "\n"), Header: text(r, "header"), Secret: r.FormValue("secret"),
		NoSecret: text(r, "no_secret") != "", Rev: rev,
	}
	if _, err := s.app.SaveTextProvider(r.Context(), actorOf(r), f.Input); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderTextProvider(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Text provider saved. Send a test text to see whether it works.")
	return s.redirect(w, r, textsPath)
}

// testText sends a text at once; what came of it stands on the page.
func (s *Server) testText(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.textProvider(r)
	if err != nil {
		return err
	}
	f.To, f.Text = text(r, "to"), textOf(r)
	p, err := s.app.TestText(r.Context(), actorOf(r), f.To, f.Text)
	if err != nil {
		var shown bool
		if f.Test, shown = refused(err); !shown {
			return err
		}
		return s.renderTextProvider(w, r, http.StatusUnprocessableEntity, f)
	}
	if p.CheckError != "" {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "The test text was not sent."})
	} else {
		s.say(r, "The provider has taken the test text.")
	}
	return s.redirect(w, r, textsPath)
}

func (s *Server) showDeleteTextProvider(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	q := question{ID: "delete-provider", Title: "Remove the text provider?", Size: ui.Small, Back: textsPath}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteTextProviderBody(q) })
}

func (s *Server) deleteTextProvider(w http.ResponseWriter, r *http.Request) error {
	if err := s.app.DeleteTextProvider(r.Context(), actorOf(r)); err != nil {
		return err
	}
	s.say(r, "The text provider was removed.")
	return s.redirect(w, r, textsPath)
}

// providerBadge says how the provider is.
func providerBadge(p store.TextProvider) ui.BadgeProps {
	switch {
	case !p.Ready():
		return ui.BadgeProps{Text: "None", Tone: ui.Neutral}
	case p.CheckError != "":
		return ui.BadgeProps{Text: "Does not send", Tone: ui.Red, Dot: true, Title: p.CheckError}
	case p.CheckedAt.IsZero():
		return ui.BadgeProps{Text: "Not tested", Tone: ui.Neutral, Dot: true}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Green, Dot: true}
}
