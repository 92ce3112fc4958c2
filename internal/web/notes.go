package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// noteEdit is the form that changes a note.
type noteEdit struct {
	Note     store.Note
	Problems problems
}

func noteID(r *http.Request) (ident.Note, error) {
	var id ident.Note
	err := readID(r.PathValue("id"), &id)
	return id, err
}

func (s *Server) showEditNote(w http.ResponseWriter, r *http.Request) error {
	id, err := noteID(r)
	if err != nil {
		return err
	}
	n, err := s.app.GetNote(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	return s.askNote(w, r, 0, noteEdit{Note: n})
}

func (s *Server) askNote(w http.ResponseWriter, r *http.Request, status int, e noteEdit) error {
	q := question{ID: "edit-note", Title: "Edit note", Size: ui.Small, Back: recordPath(e.Note.Record)}
	return s.ask(w, r, status, q, func(q question) templ.Component { return editNoteBody(q, e) })
}

func (s *Server) editNote(w http.ResponseWriter, r *http.Request) error {
	id, err := noteID(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	n, err := s.app.EditNote(r.Context(), actorOf(r), id, text(r, "body"))
	if err != nil {
		found, shown := refused(err)
		if !shown {
			return err
		}
		if n, err = s.app.GetNote(r.Context(), actorOf(r), id); err != nil {
			return err
		}
		n.Body = text(r, "body")
		return s.askNote(w, r, http.StatusUnprocessableEntity, noteEdit{Note: n, Problems: found})
	}
	s.say(r, "The note is changed.")
	return s.redirect(w, r, recordPath(n.Record))
}

// deleteNote asks nothing: the message that follows takes it back.
func (s *Server) deleteNote(w http.ResponseWriter, r *http.Request) error {
	id, err := noteID(r)
	if err != nil {
		return err
	}
	n, err := s.app.DeleteNote(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.flash(r, ui.Flash{Text: "The note is deleted.", Action: notePath(id) + "/restore", LinkText: "Undo"})
	return s.redirect(w, r, recordPath(n.Record))
}

func (s *Server) restoreNote(w http.ResponseWriter, r *http.Request) error {
	id, err := noteID(r)
	if err != nil {
		return err
	}
	n, err := s.app.RestoreNote(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	s.say(r, "The note is back.")
	return s.redirect(w, r, recordPath(n.Record))
}
