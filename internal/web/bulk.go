package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// bulkChoice is what is selected in the work list, and what is to be done with it.
type bulkChoice struct {
	Verb   string
	Filter workFilter
	// IDs are what is selected; All tells that it is everything that the filter shows, and More that there is more than a batch holds.
	IDs       []ident.Activity
	All, More bool
	// Calls tells that phone calls are among them, which need an outcome.
	Calls    bool
	Outcomes step.Outcomes
	Users    []store.User
	// Snooze are the quick choices of when they come back.
	Snooze []action.SnoozeChoice
	Form   activityForm
}

// bulkWork does one thing with what is selected in the work list. What needs more than the selection asks for it first.
func (s *Server) bulkWork(w http.ResponseWriter, r *http.Request) error {
	c, err := s.readBulk(r)
	if err != nil {
		return err
	}
	if bulkWords[c.Verb].Do == "" || c.Verb == action.BulkCleanUp || c.Verb == action.BulkEmail {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	if len(c.IDs) == 0 {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "Nothing is selected any more."})
		return s.comeBack(w, r, c.Filter.list())
	}
	if c.asks() && text(r, "go") == "" {
		return s.askBulk(w, r, 0, c)
	}
	in, err := c.bulk(s.view(r), r)
	if err != nil {
		return s.refuseBulk(w, r, c, err)
	}
	b, err := s.app.StartBatch(r.Context(), actorOf(r), in)
	if err != nil {
		return s.refuseBulk(w, r, c, err)
	}
	s.sayBatch(r, b)
	w.Header().Set("HX-Trigger", "bulk-started")
	return s.comeBack(w, r, c.Filter.list())
}

// asks tells whether more is to be known than what is selected.
func (c bulkChoice) asks() bool {
	return c.Verb == action.BulkSnooze || c.Verb == action.BulkReassign || c.Verb == action.BulkComplete && c.Calls
}

// readBulk reads the selection: the ticked rows, or everything that the filter shows.
func (s *Server) readBulk(r *http.Request) (bulkChoice, error) {
	if err := parse(r); err != nil {
		return bulkChoice{}, err
	}
	c := bulkChoice{Verb: r.PathValue("verb"), Filter: readWorkFilter(r), All: text(r, "all") == "1", Form: readActivityForm(r)}
	c.IDs = readIDs[ident.Activity](r.Form["activity"])
	c.Filter.Flow = false
	var err error
	if c.All {
		if c.IDs, c.More, err = s.app.WorkIDs(r.Context(), actorOf(r), c.Filter.storeQuery(s.view(r))); err != nil {
			return c, err
		}
	}
	if c.Verb == action.BulkSnooze {
		if c.Snooze, err = s.app.SnoozeChoices(r.Context(), actorOf(r)); err != nil {
			return c, err
		}
	}
	if c.Verb == action.BulkComplete {
		kinds, err := s.app.KindsOf(r.Context(), actorOf(r), c.IDs)
		if err != nil {
			return c, err
		}
		c.Calls = slices.Contains(kinds, "phone_call")
	}
	return c, nil
}

// bulk gives what the form says.
func (c bulkChoice) bulk(v view, r *http.Request) (action.Bulk, error) {
	in := action.Bulk{Verb: c.Verb, Activities: c.IDs, Outcome: c.Form.Outcome, Note: c.Form.Note}
	switch c.Verb {
	case action.BulkSnooze:
		var err error
		in.Until, err = readSnooze(v, c.Snooze, text(r, "choice"), c.Form.Until)
		return in, err
	case action.BulkReassign:
		if readID(c.Form.To, &in.Assignee) != nil {
			return in, fault.Field("to", "required", "Choose who gets the activities.")
		}
	}
	return in, nil
}

func (s *Server) refuseBulk(w http.ResponseWriter, r *http.Request, c bulkChoice, err error) error {
	problems, shown := refused(err)
	if !shown {
		return err
	}
	if !c.asks() {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: problems.first()})
		return s.comeBack(w, r, c.Filter.list())
	}
	c.Form.Problems = problems
	return s.askBulk(w, r, http.StatusUnprocessableEntity, c)
}

func (s *Server) askBulk(w http.ResponseWriter, r *http.Request, status int, c bulkChoice) error {
	var err error
	if c.Verb == action.BulkReassign {
		if c.Users, err = s.app.ListUsers(r.Context(), actorOf(r)); err != nil {
			return err
		}
	}
	if c.Calls {
		if c.Outcomes, err = s.app.Outcomes(r.Context(), actorOf(r)); err != nil {
			return err
		}
	}
	w.Header().Set("HX-Reswap", "innerHTML")
	q := question{ID: "bulk-" + c.Verb, Title: bulkWords[c.Verb].Do + " " + someOf(len(c.IDs), "activity", "activities"), Size: ui.Small, Back: c.Filter.list()}
	v := s.view(r)
	return s.ask(w, r, status, q, func(q question) templ.Component { return bulkQuestion(v, q, c) })
}

// someOf counts things in words: "1 activity", "5 activities".
func someOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return ui.Count(n) + " " + many
}

// bulkWords say what a batch is to do, does and did.
var bulkWords = map[string]struct{ Do, Doing, Done string }{
	action.BulkComplete: {"Complete", "Completing", "Completed"},
	action.BulkSkip:     {"Skip", "Skipping", "Skipped"},
	action.BulkSnooze:   {"Snooze", "Snoozing", "Snoozed"},
	action.BulkReassign: {"Hand over", "Handing over", "Handed over"},
	action.BulkCleanUp:  {"Clean up", "Cleaning up", "Cleaned up"},
	action.BulkEmail:    {"Email", "Emailing", "Queued the emails of"},
}

// sayBatch says that a batch has begun, for as long as all of it can be taken back.
func (s *Server) sayBatch(r *http.Request, b store.Batch) {
	said := bulkWords[b.Verb].Doing + " " + someOf(b.Counts[store.RowWaiting], "activity", "activities") + "."
	if n := b.Counts[store.RowFailed]; n > 0 {
		said = bulkWords[b.Verb].Doing + " " + someOf(b.Counts[store.RowWaiting], "activity", "activities") + "; " + ui.Count(n) + " cannot be."
	}
	s.flash(r, ui.Flash{
		Text: said, Href: batchPath(b.ID), LinkText: "Show", Action: batchPath(b.ID) + "/undo", Button: "Undo", InPlace: true,
		Seconds: int(b.RunAt.Sub(b.CreatedAt) / time.Second),
	})
}

// undoBatch takes a batch back, from the message that followed it or from its page.
func (s *Server) undoBatch(w http.ResponseWriter, r *http.Request) error {
	var id ident.Batch
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	b, err := s.app.UndoBatch(r.Context(), actorOf(r), id)
	if problems, shown := refused(err); shown {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: problems.first()})
	} else if err != nil {
		return err
	} else {
		s.say(r, undoneText(b))
	}
	if path := workAround(r); path != "" && isFragment(r) {
		w.Header().Set("HX-Retarget", ".split")
		w.Header().Set("HX-Reswap", "outerHTML show:none")
		return s.comeBack(w, r, path)
	}
	return s.redirect(w, r, batchPath(id))
}

func undoneText(b store.Batch) string {
	switch {
	case b.State == store.BatchUndoing:
		return "The batch is being taken back."
	case b.State == store.BatchDone:
		return "Stopped. " + someOf(b.Counts[store.RowUndone], "activity was", "activities were") + " taken back; what was done before stays."
	}
	return "Taken back. Nothing was changed."
}

// first gives one problem as a sentence.
func (p problems) first() string {
	if len(p.list) > 0 {
		return p.list[0].Message
	}
	return p.message
}

func batchPath(id ident.Batch) string { return "/batches/" + id.String() }
