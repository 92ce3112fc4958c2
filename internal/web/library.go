package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/seqfile/library"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// libraryPath is the page of the sequences that come with Cadenza.
const libraryPath = "/library"

func entryPath(key string) string { return libraryPath + "/" + key }

// libraryCard is one sequence of the library as its list shows it.
type libraryCard struct {
	library.Entry
	Flow flowView
}

// facts say in figures what a sequence of the library is.
func (c libraryCard) facts() string {
	return joined(" · ", plural(c.Steps, "step", "steps"), plural(c.Days, "day", "days"), plural(len(c.Templates), "email", "emails"))
}

func (s *Server) showLibrary(w http.ResponseWriter, r *http.Request) error {
	kind := record.Kind(text(r, "record"))
	if !kind.Known() {
		kind = ""
	}
	entries, err := s.app.Library(r.Context(), actorOf(r), "")
	if err != nil {
		return err
	}
	var cards []libraryCard
	count := map[record.Kind]int{"": len(entries)}
	for _, e := range entries {
		count[e.Def.Record]++
		if kind != "" && kind != e.Def.Record {
			continue
		}
		card, err := s.libraryCard(r, e)
		if err != nil {
			return err
		}
		cards = append(cards, card)
	}
	chips := []ui.Chip{{Label: "All", Href: libraryPath, On: kind == "", Count: ui.Count(count[""])}}
	for _, k := range record.Kinds() {
		chips = append(chips, ui.Chip{Label: k.Plural(), Href: libraryFor(k), On: kind == k, Count: ui.Count(count[k])})
	}
	return s.render(w, r, page{Title: "Library"}, libraryPage(s.view(r), kind, chips, cards))
}

// libraryFor is the library's page with the sequences of one kind of records.
func libraryFor(kind record.Kind) string { return libraryPath + "?record=" + string(kind) }

func (s *Server) libraryCard(r *http.Request, e library.Entry) (libraryCard, error) {
	outcomes, err := s.app.Outcomes(r.Context(), actorOf(r))
	words := stepWords{def: e.Def, templates: map[string]string{}, outcomes: outcomes}
	for _, t := range e.Templates {
		words.templates[t.Key] = t.Name
	}
	return libraryCard{e, readFlow(words, nil)}, err
}

// entryOf gives the sequence of the library that the address names.
func (s *Server) entryOf(r *http.Request) (library.Entry, error) {
	return s.app.LibraryEntry(r.Context(), actorOf(r), r.PathValue("key"))
}

func (s *Server) showLibraryEntry(w http.ResponseWriter, r *http.Request) error {
	e, err := s.entryOf(r)
	if err != nil {
		return err
	}
	card, err := s.libraryCard(r, e)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: e.Def.Name, Scripts: []string{"js/mail.js"}}, libraryEntryPage(s.view(r), card))
}

// showLibraryMail is an email of the library for the frame, its merge fields as they stand.
func (s *Server) showLibraryMail(w http.ResponseWriter, r *http.Request) error {
	e, err := s.entryOf(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(e.Templates, func(t library.Template) bool { return t.Key == r.PathValue("template") })
	if i < 0 {
		return fault.New(fault.NotFound, "The sequence has no such email.")
	}
	t := e.Templates[i]
	return s.renderMail(w, r, mailDocument{Title: t.Name, HTML: plainTags(e.Def.Record, t.HTML)})
}

// libraryUse is the state of the question that makes a sequence of one from the library.
type libraryUse struct {
	Entry    library.Entry
	Name     string
	Problems problems
}

func (s *Server) showUseLibrary(w http.ResponseWriter, r *http.Request) error {
	e, err := s.entryOf(r)
	if err != nil {
		return err
	}
	name, err := s.app.FreeSequenceName(r.Context(), actorOf(r), e.Def.Name)
	if err != nil {
		return err
	}
	return s.askUseLibrary(w, r, 0, libraryUse{Entry: e, Name: name})
}

func (s *Server) askUseLibrary(w http.ResponseWriter, r *http.Request, status int, u libraryUse) error {
	q := question{ID: "use-library", Title: "Use “" + u.Entry.Def.Name + "”", Back: entryPath(u.Entry.Key)}
	return s.ask(w, r, status, q, func(q question) templ.Component { return useLibraryBody(q, u) })
}

func (s *Server) useLibrary(w http.ResponseWriter, r *http.Request) error {
	e, err := s.entryOf(r)
	if err != nil {
		return err
	}
	u := libraryUse{Entry: e, Name: text(r, "name")}
	if u.Name == "" {
		u.Problems = problems{list: []fault.Problem{{Field: "/name", Code: "required", Message: "Name is required."}}}
		return s.askUseLibrary(w, r, http.StatusUnprocessableEntity, u)
	}
	made, err := s.app.CreateSequence(r.Context(), actorOf(r), action.SequenceInput{Library: e.Key, Name: u.Name})
	if err != nil {
		var shown bool
		if u.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askUseLibrary(w, r, http.StatusUnprocessableEntity, u)
	}
	view, err := s.app.GetSequence(r.Context(), actorOf(r), made.ID)
	if err != nil {
		return err
	}
	s.say(r, fmt.Sprintf("This is your copy, with %s. %s", plural(len(e.Templates), "email template", "email templates"), toActivate(view.Problems)))
	return s.redirect(w, r, sequencePath(made.ID))
}

// toActivate says what is to be done before a copy is activated. It has problems where the organisation lacks what it asks for, such as an outcome of calls.
func toActivate(list []fault.Problem) string {
	switch len(list) {
	case 0:
		return "Change what you like, then activate it."
	case 1:
		return "Before it is activated, mend this: " + list[0].Message
	}
	return fmt.Sprintf("Before it is activated, mend %d problems, the first of them: %s", len(list), list[0].Message)
}

// libraryMail is an email of the library with the steps that send it.
type libraryMail struct {
	library.Template
	Src   string
	Steps []string
}

// mails are the emails of a card in the order of the flow.
func (c libraryCard) mails() []libraryMail {
	var list []libraryMail
	for _, t := range c.Templates {
		m := libraryMail{Template: t, Src: entryPath(c.Key) + "/" + t.Key + "/mail"}
		for _, st := range c.Def.Each() {
			if slices.Contains(st.Templates(), t.Key) {
				m.Steps = append(m.Steps, c.Def.Title(st, step.Shipped())+sentBy(st.Type))
			}
		}
		list = append(list, m)
	}
	return list
}

// sentBy says who sends the email of a kind of step.
func sentBy(kind string) string {
	if kind == "email" {
		return ", a seller reads it over and sends it"
	}
	return ", goes out by itself"
}

// pictureWords tell what the picture of a flow shows to those who do not see it.
func pictureWords(def flow.Sequence) string {
	return fmt.Sprintf("Picture of the flow: %s from connect to end", plural(def.Count(), "step", "steps"))
}
