package web

import (
	"net/http"
	"net/url"

	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// saveWorkView saves the filter that the form holds under a name, and shows the list with it.
func (s *Server) saveWorkView(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	filters, err := s.app.WorkFilters(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	f := workFilterOf(url.Values(r.PostForm))
	f.WorkFilter = f.Known(filters.Fields) // the form sends the values of filters that are not ticked, too
	v, err := s.app.SaveWorkView(r.Context(), actorOf(r), text(r, "name"), f.saved(), text(r, "shared") == "1")
	if err != nil {
		return s.notHere(w, r, err, f.list())
	}
	s.say(r, "The filter “"+v.Name+"” is saved.")
	return s.redirect(w, r, f.list())
}

func (s *Server) deleteWorkView(w http.ResponseWriter, r *http.Request) error {
	var id ident.WorkView
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := s.app.DeleteWorkView(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	s.say(r, "The filter is deleted.")
	return s.redirect(w, r, "/work")
}

// notHere says what is wrong with a form that has no page of its own, on the page that it was sent from.
func (s *Server) notHere(w http.ResponseWriter, r *http.Request, err error, path string) error {
	p, shown := refused(err)
	if !shown {
		return err
	}
	text := p.message
	for _, one := range p.list {
		text = joined(" ", text, one.Message)
	}
	s.flash(r, ui.Flash{Tone: ui.Red, Text: text})
	return s.redirect(w, r, path)
}
