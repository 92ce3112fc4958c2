package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// readMailDraft reads what stands in the composer.
func readMailDraft(r *http.Request) action.Draft {
	rev, _ := strconv.ParseInt(text(r, "rev"), 10, 64) // none was kept yet
	return action.Draft{
		To: text(r, "mail_to"), CC: text(r, "cc"), BCC: text(r, "bcc"), Subject: text(r, "subject"), HTML: r.FormValue("html"), Template: text(r, "template"),
		Thread: action.Thread(text(r, "thread")), Follow: text(r, "follow") != "", Unsigned: text(r, "signature") == "",
		EmptyFields: text(r, "empty_fields") != "", Files: tickedFiles(r), Rev: rev,
	}
}

// draftState is what the composer says of its draft.
type draftState struct {
	Draft action.Draft
	// Conflict says that it was kept elsewhere meanwhile; Refused why it cannot be kept.
	Conflict, Refused string
}

// keepMail keeps what stands in the composer. Scripts ask for it while somebody types, and get how things stand with it.
func (s *Server) keepMail(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	refusal := s.takeFiles(r)
	if refusal != nil {
		return refusal
	}
	state := draftState{Draft: readMailDraft(r)}
	kept, err := s.app.KeepMailDraft(r.Context(), actorOf(r), id, state.Draft)
	if fault.Is(err, fault.Stale) && text(r, "over") != "" {
		again := state.Draft
		again.Rev = kept.Rev
		if kept.UpdatedAt.IsZero() {
			again.Rev = 0 // it was discarded
		}
		kept, err = s.app.KeepMailDraft(r.Context(), actorOf(r), id, again)
	}
	status := http.StatusOK
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		status = http.StatusUnprocessableEntity
		for _, one := range p.summary().Problems {
			state.Refused = joined(" ", state.Refused, one.Text)
		}
		if fault.Is(err, fault.Stale) {
			state.Conflict, state.Refused, status = state.Refused, "", http.StatusConflict
		}
	} else {
		state.Draft.Rev, state.Draft.KeptAt = kept.Rev, kept.UpdatedAt
	}
	if !isFragment(r) {
		return s.keptPlainly(w, r, id, state)
	}
	m := mailForm{Draft: state.Draft}
	if m.Check, err = s.app.CheckMail(r.Context(), actorOf(r), id, state.Draft); err != nil {
		if _, shown := refused(err); !shown {
			return err
		}
	}
	c, a, err := s.scopeOfActivity(r, id)
	if err != nil {
		return err
	}
	return s.write(w, r, status, templ.Join(draftStatus(c, a, state), composerCheck(c, m)))
}

// keptPlainly is the answer for browsers without scripts.
func (s *Server) keptPlainly(w http.ResponseWriter, r *http.Request, id ident.Activity, state draftState) error {
	if said := state.Conflict + state.Refused; said != "" {
		f := readActivityForm(r)
		f.Problems = problems{message: said}
		return s.renderWork(w, r, workOpened{ID: id, Do: "email", Chosen: true, Form: f, Status: http.StatusUnprocessableEntity})
	}
	s.say(r, "The draft is kept.")
	return s.redirect(w, r, back(r, readWorkFilter(r).activity(id, "")))
}

// scopeOfActivity loads what the panels of an activity know of their page.
func (s *Server) scopeOfActivity(r *http.Request, id ident.Activity) (c scope, a store.Activity, err error) {
	if a, err = s.app.GetActivity(r.Context(), actorOf(r), id); err != nil {
		return c, a, err
	}
	rec, err := s.app.GetRecord(r.Context(), actorOf(r), a.Record)
	return scope{View: s.view(r), Record: rec, Filter: readWorkFilter(r), Back: back(r, "")}, a, err
}

// discardMail throws the draft away and closes the composer.
func (s *Server) discardMail(w http.ResponseWriter, r *http.Request) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if err := s.app.DiscardMailDraft(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	s.say(r, "The draft is discarded.")
	if path := back(r, ""); path != "" {
		return s.redirect(w, r, path)
	}
	path := readWorkFilter(r).activity(id, "")
	if !isFragment(r) {
		return s.redirect(w, r, path)
	}
	w.Header().Set("HX-Push-Url", path)
	return s.renderWork(w, r, workOpened{ID: id, Chosen: true})
}
