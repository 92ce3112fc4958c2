package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// activityForm is what a person has filled in about an activity, kept when it is shown again.
type activityForm struct {
	Outcome, Note, Duration string
	Until                   string
	To                      string
	Mail                    action.Draft
	Text                    action.TextDraft
	Problems                problems
}

// doing is one way to be done with an activity: it reads the form, acts, and says what it has done.
type doing func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (said string, err error)

// act runs a doing and goes on to the next activity, or back to the page that sent the form. A refused form is shown
// again with what was typed.
func (s *Server) act(w http.ResponseWriter, r *http.Request, do string, run doing) error {
	var id ident.Activity
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	filter := readWorkFilter(r)
	next, err := s.following(r, filter, id)
	if err != nil {
		return err
	}
	form := readActivityForm(r)
	said, err := run(r.Context(), actorOf(r), id, form)
	if err != nil {
		var shown bool
		if form.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderWork(w, r, workOpened{ID: id, Do: do, Chosen: true, Form: form, Status: http.StatusUnprocessableEntity})
	}
	s.say(r, said)
	if path := back(r, ""); path != "" {
		return s.comeBack(w, r, path)
	}
	return s.moveOn(w, r, filter, id, next)
}

func readActivityForm(r *http.Request) activityForm {
	return activityForm{
		Outcome: text(r, "outcome"), Note: text(r, "note"), Duration: text(r, "duration"), Until: text(r, "until"), To: text(r, "to"),
		Mail: readMailDraft(r),
		Text: readTextDraft(r),
	}
}

func (s *Server) completeActivity(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, completeForm(r), func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		seconds, _ := strconv.Atoi(f.Duration) // measured in the browser; nothing when it was not
		done, err := s.app.Complete(ctx, actor, id, action.Done{Outcome: f.Outcome, Note: f.Note, Duration: max(seconds, 0)})
		return "“" + done.Name + "” is completed.", err
	})
}

// completeForm tells which form a refused completion came from: the one in the panel, or the dialog.
func completeForm(r *http.Request) string {
	if r.FormValue("from") == "panel" {
		return ""
	}
	return "complete"
}

func (s *Server) skipActivity(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "skip", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		a, err := s.app.SkipActivity(ctx, actor, id, f.Note)
		return "“" + a.Name + "” is skipped.", err
	})
}

func (s *Server) snoozeActivity(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	return s.act(w, r, "snooze", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		choices, err := s.app.SnoozeChoices(ctx, actor)
		if err != nil {
			return "", err
		}
		until, err := readSnooze(v, choices, text(r, "choice"), f.Until)
		if err != nil {
			return "", err
		}
		a, err := s.app.Snooze(ctx, actor, id, until)
		return "“" + a.Name + "” comes back " + ui.RelativeTime(until.In(v.Zone), v.Now) + ".", err
	})
}

func (s *Server) reassignActivity(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "assign", func(ctx context.Context, actor access.Actor, id ident.Activity, f activityForm) (string, error) {
		var to ident.User
		if readID(f.To, &to) != nil {
			return "", fault.Field("to", "required", "Choose who gets the activity.")
		}
		a, err := s.app.Reassign(ctx, actor, id, to)
		return "“" + a.Name + "” is handed to " + a.AssigneeName + ".", err
	})
}

func (s *Server) retryActivity(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "", func(ctx context.Context, actor access.Actor, id ident.Activity, _ activityForm) (string, error) {
		a, err := s.app.Retry(ctx, actor, id)
		return "“" + a.Name + "” is tried again.", err
	})
}

// readSnooze gives the moment that was chosen, by a button or as date and time.
func readSnooze(v view, choices []action.SnoozeChoice, choice, until string) (time.Time, error) {
	for _, c := range choices {
		if c.Key == choice {
			return c.At, nil
		}
	}
	at, err := readLocalTime(v, until)
	switch {
	case err != nil:
		return time.Time{}, fault.Field("until", "invalid", "Choose a date and time.")
	case !at.After(v.Now):
		return time.Time{}, fault.Field("until", "past", "Choose a time that is still to come.")
	}
	return at, nil
}

// readLocalTime reads the value of a date and time field, in the zone of the reader.
func readLocalTime(v view, value string) (time.Time, error) {
	value = strings.Replace(value, " ", "T", 1)
	if len(value) > len(localTime) {
		value = value[:len(localTime)]
	}
	return time.ParseInLocation(localTime, value, v.Zone)
}
