package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/domaincheck"
	"cadenza/internal/web/ui"
)

func domainPath(name string) string { return "/domains/" + url.PathEscape(name) }

// domainForm is the page of a domain that mail is sent from.
type domainForm struct {
	Domain action.Domain
	// Reports are those of a check just now.
	Reports  []domaincheck.Report
	Input    action.DKIMInput
	Problems problems
}

// subtitle says how the DNS writes a domain that people write otherwise.
func (f domainForm) subtitle() string {
	about := "What receivers find in the DNS about mail of this domain"
	if f.Domain.DNSName != f.Domain.Name {
		about += ", where it is " + f.Domain.DNSName
	}
	return about + "."
}

// keyShown tells that a report of the check shows the key's record already, as it stands in the DNS or to publish.
func (f domainForm) keyShown() bool {
	record := f.Domain.Record()
	return slices.ContainsFunc(f.Reports, func(r domaincheck.Report) bool {
		return r.Publish == record || r.Name == record.Name && slices.Contains(r.Found, record.Value)
	})
}

func (s *Server) domain(r *http.Request) (f domainForm, err error) {
	f.Domain, err = s.app.GetDomain(r.Context(), actorOf(r), r.PathValue("domain"))
	f.Input = action.DKIMInput{Domain: f.Domain.Name, Selector: "cadenza", Algorithm: domaincheck.RSA}
	return f, err
}

func (s *Server) renderDomain(w http.ResponseWriter, r *http.Request, status int, f domainForm) error {
	return s.render(w, r, page{Title: f.Domain.Name, Status: status}, domainPage(s.view(r), f))
}

func (s *Server) showDomain(w http.ResponseWriter, r *http.Request) error {
	f, err := s.domain(r)
	if err != nil {
		return err
	}
	return s.renderDomain(w, r, 0, f)
}

// checkDomain asks the name server now, and shows what it says.
func (s *Server) checkDomain(w http.ResponseWriter, r *http.Request) error {
	f, err := s.domain(r)
	if err != nil {
		return err
	}
	if f.Reports, err = s.app.CheckDomain(r.Context(), actorOf(r), f.Domain.Name); err != nil {
		return err
	}
	return s.renderDomain(w, r, 0, f)
}

func (s *Server) saveDKIMKey(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.domain(r)
	if err != nil {
		return err
	}
	f.Input = action.DKIMInput{Domain: f.Domain.Name, Selector: text(r, "selector"), Algorithm: text(r, "algorithm"), PEM: r.FormValue("pem")}
	if _, err := s.app.SaveDKIMKey(r.Context(), actorOf(r), f.Input); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		f.Input.PEM = ""
		return s.renderDomain(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "The key is kept. Publish its record, then start signing.")
	return s.redirect(w, r, domainPath(f.Domain.Name))
}

// switchSigning starts or stops the signing.
func (s *Server) switchSigning(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	change, said := s.app.StartSigning, "Mail of this domain is signed from now on."
	if text(r, "signs") != "true" {
		change, said = s.app.StopSigning, "Mail of this domain is not signed any more."
	}
	d, err := change(r.Context(), actorOf(r), r.PathValue("domain"))
	if err != nil {
		text, shown := oneSentence(err)
		if !shown || d.Name == "" {
			return err
		}
		s.flash(r, ui.Flash{Tone: ui.Red, Text: text})
	} else {
		s.say(r, said)
	}
	return s.redirect(w, r, domainPath(r.PathValue("domain")))
}

func (s *Server) showDeleteDKIMKey(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageMailboxes)); err != nil {
		return err
	}
	f, err := s.domain(r)
	if err != nil {
		return err
	}
	q := question{ID: "delete-key", Title: "Delete the key of " + f.Domain.Name + "?", Size: ui.Small, Back: domainPath(f.Domain.Name)}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteKeyBody(q, f) })
}

func (s *Server) deleteDKIMKey(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("domain")
	if err := s.app.DeleteDKIMKey(r.Context(), actorOf(r), name); err != nil {
		return err
	}
	s.say(r, "The key was deleted. Take its record out of the DNS as well.")
	return s.redirect(w, r, domainPath(name))
}

func levelTone(l domaincheck.Level) ui.Tone {
	switch l {
	case domaincheck.Good:
		return ui.Green
	case domaincheck.Advice:
		return ui.Amber
	case domaincheck.Bad:
		return ui.Red
	}
	return ui.Neutral
}

func levelWord(l domaincheck.Level) string {
	switch l {
	case domaincheck.Good:
		return "Good"
	case domaincheck.Advice:
		return "Could be better"
	case domaincheck.Bad:
		return "Needs attention"
	}
	return ""
}

// domainTable leads to the domains that mail is sent from.
func domainTable(domains []action.Domain) ui.TableProps {
	t := ui.TableProps{Caption: "Sending domains", Columns: []ui.Column{{Label: "Domain", Wide: true}, {Label: "Mailboxes", HidePhone: true}, {Label: "DKIM key"}}}
	for _, d := range domains {
		badge := ui.BadgeProps{Text: "None here", Tone: ui.Neutral, Title: "Right where the mail server signs by itself."}
		switch {
		case d.Key.Signs:
			badge = ui.BadgeProps{Text: "Signs", Tone: ui.Green, Dot: true, Title: signingWord(true)}
		case d.Key.Domain != "":
			badge = ui.BadgeProps{Text: "Does not sign yet", Tone: ui.Amber, Dot: true, Title: signingWord(false)}
		}
		t.Rows = append(t.Rows, ui.Row{ID: d.Name, Label: d.Name, Cells: []ui.Cell{
			{Text: d.Name, Href: domainPath(d.Name), Sub: otherName(d)}, {Text: ui.Count(d.Mailboxes)}, {Badge: &badge},
		}})
	}
	return t
}

// otherName is the name of a domain in the DNS, where that is another one.
func otherName(d action.Domain) string {
	if d.DNSName == d.Name {
		return ""
	}
	return d.DNSName
}
