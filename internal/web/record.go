package web

import (
	"net/http"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/web/ui"
)

// recordProps is the page of one record.
type recordProps struct {
	scope
	Next     upNext
	Timeline timelinePart
	// Related are the records that name this one, by their kind.
	Related []relatedList
	// Note is a note that was refused, with what is wrong.
	Note         string
	NoteProblems problems
}

// connected counts the sequences that the record is on.
func (p recordProps) connected() int { return len(p.Next.Tracks) }

// recordOf reads the record that the address names.
func recordOf(r *http.Request) (ident.Record, error) {
	var id ident.Record
	err := readID(r.PathValue("id"), &id)
	return id, err
}

func (s *Server) showRecord(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	p, err := s.readRecord(r, id)
	if err != nil {
		return err
	}
	return s.renderRecord(w, r, 0, p)
}

func (s *Server) renderRecord(w http.ResponseWriter, r *http.Request, status int, p recordProps) error {
	keys := []ui.KeyHint{
		{Key: "e", Does: "Write the email"},
		{Key: "c", Does: "Call"},
		{Key: "d", Does: "Complete"},
		{Key: "z", Does: "Snooze"},
		{Key: "s", Does: "Skip"},
		{Key: "1–9", Does: "Say how the call ended"},
		{Key: "a", Does: "Hand over"},
		{Key: "t", Does: "Add an activity"},
		{Key: "b", Does: "Book a meeting"},
		{Key: "n", Does: "Add a note"},
	}
	return s.render(w, r, page{Title: p.Record.Name(), Status: status, Keys: keys, Scripts: []string{"js/work.js"}}, recordPage(p))
}

// readRecord loads a record with everything that its page shows.
func (s *Server) readRecord(r *http.Request, id ident.Record) (recordProps, error) {
	var p recordProps
	var err error
	if p.scope, err = s.readScope(r, id); err != nil {
		return p, err
	}
	p.Back = recordPath(id)
	if p.Next, err = s.readUpNext(r, id); err != nil {
		return p, err
	}
	p.Mail, p.Drafts = p.Next.Mail, p.Next.Drafts
	if p.Related, err = s.readRelated(r, p.Record); err != nil {
		return p, err
	}
	p.Timeline, err = s.readTimeline(r, id)
	return p, err
}

// addNote writes a note, from the record's page or from the work list.
func (s *Server) addNote(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if _, err := s.app.AddNote(r.Context(), actorOf(r), id, text(r, "body")); err != nil {
		found, shown := refused(err)
		if !shown || isFragment(r) { // the work list says it in a short message and leaves its dialog open
			return err
		}
		p, err := s.readRecord(r, id)
		if err != nil {
			return err
		}
		p.Note, p.NoteProblems = text(r, "body"), found
		return s.renderRecord(w, r, http.StatusUnprocessableEntity, p)
	}
	s.say(r, "The note is added.")
	return s.comeBack(w, r, back(r, recordPath(id)))
}

// setStatus closes or reopens a record. Closing ends its sequences, which the page has said before.
func (s *Server) setStatus(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	rec, err := s.app.UpdateRecord(r.Context(), actorOf(r), id, action.RecordChange{Values: record.Values{"status": text(r, "status")}})
	if err != nil {
		return err
	}
	s.say(r, rec.Name()+" is "+rec.Get("status")+".")
	return s.redirect(w, r, back(r, recordPath(id)))
}

// closingStatuses are the ways to close a record, none when it is closed.
func closingStatuses(r record.Record) []string {
	if !r.Open() {
		return nil
	}
	return record.Statuses(r.Kind)[1:]
}

// statusVerb names the button that sets a status: "Qualify", "Mark as won".
func statusVerb(status string) string {
	switch status {
	case "qualified":
		return "Qualify"
	case "disqualified":
		return "Disqualify"
	case "inactive":
		return "Deactivate"
	}
	return "Mark as " + status
}

// statusEffect says what closing a record does to its sequences.
func statusEffect(p recordProps) string {
	if n := p.connected(); n > 0 {
		return plural(n, "sequence ends", "sequences end") + " for this " + kindWord(p.Record.Kind, 1) + ". Open activities are cancelled, and email that is not sent yet is withdrawn."
	}
	return "You can reopen it at any time."
}

// changeEnrollment runs one action on an enrollment and says what it did.
func (s *Server) changeEnrollment(said string, run func(r *http.Request, id ident.Enrollment) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var id ident.Enrollment
		if err := readID(r.PathValue("id"), &id); err != nil {
			return err
		}
		if err := parse(r); err != nil {
			return err
		}
		e, err := s.app.GetEnrollment(r.Context(), actorOf(r), id)
		if err != nil {
			return err
		}
		path := back(r, recordPath(e.Record))
		if err := run(r, id); err != nil {
			found, shown := refused(err)
			if !shown {
				return err
			}
			for _, one := range found.summary().Problems {
				s.flash(r, ui.Flash{Tone: ui.Red, Text: one.Text})
			}
			return s.comeBack(w, r, path)
		}
		s.say(r, e.SequenceName+": "+said)
		return s.comeBack(w, r, path)
	}
}

// enrollmentRoutes registers what can be done with an enrollment.
func (s *Server) enrollmentRoutes(t routeTable) {
	change := func(verb, said string, run func(*http.Request, ident.Enrollment) error) {
		t.post("/enrollments/{id}/"+verb, s.changeEnrollment(said, run))
	}
	change("pause", "paused for this record.", func(r *http.Request, id ident.Enrollment) error {
		_, err := s.app.PauseEnrollment(r.Context(), actorOf(r), id)
		return err
	})
	change("resume", "goes on for this record.", func(r *http.Request, id ident.Enrollment) error {
		_, err := s.app.ResumeEnrollment(r.Context(), actorOf(r), id)
		return err
	})
	change("skip-wait", "the wait is over.", func(r *http.Request, id ident.Enrollment) error {
		_, err := s.app.SkipWait(r.Context(), actorOf(r), id)
		return err
	})
	change("replied", "the reply is noted.", func(r *http.Request, id ident.Enrollment) error {
		_, err := s.app.MarkReplied(r.Context(), actorOf(r), id)
		return err
	})
	change("meeting", "the meeting is noted.", func(r *http.Request, id ident.Enrollment) error {
		_, err := s.app.BookMeetingFor(r.Context(), actorOf(r), id)
		return err
	})
	change("disconnect", "disconnected.", func(r *http.Request, id ident.Enrollment) error {
		_, refusals, err := s.app.Disconnect(r.Context(), actorOf(r), []ident.Enrollment{id})
		if err == nil && len(refusals) > 0 {
			return fault.New(fault.Conflict, "%s", refusals[0].Reason)
		}
		return err
	})
}

// mayEdit tells whether the reader may change the record.
func (c scope) mayEdit() bool { return c.View.mayOn(access.EditRecords, c.Record.Owner) }
