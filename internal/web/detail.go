package web

import (
	"net/http"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workTimeline is how many lines of the timeline stand beside an activity; the record's page shows more.
const (
	workTimeline   = 15
	recordTimeline = 50
)

// scope is what the panels of Up next know of the page they stand on: the work list, or a record's own page.
type scope struct {
	View   view
	Record store.Record
	Users  []store.User
	// Outcomes are those that the organisation knows.
	Outcomes step.Outcomes
	// Suppressed are those of the record's addresses that must not be written to.
	Suppressed []store.Suppression
	// Followed tells that the reader follows the record.
	Followed bool
	// Numbers are those under which the record is called, the preferred one first; PhoneReady tells that the dock calls them.
	Numbers    []action.PhoneNumber
	PhoneReady bool
	// Snooze are the quick choices of when an activity comes back.
	Snooze []action.SnoozeChoice
	Filter workFilter
	// Mail are the messages that activities wait for, and Drafts the emails that the reader has begun.
	Mail   map[ident.Activity]store.Message
	Drafts map[ident.Activity]time.Time
	// Back is the page to return to after an action, empty within the work list; see inPlace.
	Back string
}

// mayDo tells whether the reader may do the activities of this assignee.
func (c scope) mayDo(a store.Activity) bool { return c.View.mayOn(access.DoActivities, a.Assignee) }

// mayMove tells whether the reader may pause, resume or disconnect a track: the owner of the record, who does the
// activities, and those who manage records or sequences. The action decides; the page only does not offer in vain.
func (c scope) mayMove(t track) bool {
	return c.View.mayOn(access.EditRecords, c.Record.Owner) || c.View.may(access.ManageSequences) || t.Enrollment.Assignee == c.View.Actor.ID
}

// action gives the address to which a form about an activity is sent.
func (c scope) action(a store.Activity, verb string) string { return c.Filter.activity(a.ID, verb) }

// page gives the address that shows the form of a verb, for browsers without JavaScript and for the composer.
func (c scope) page(a store.Activity, verb string) string {
	return activityPath(a.ID) + c.Filter.query("do", verb, "back", c.Back)
}

// attrs let htmx send a form where the work list is; a record's page is loaded anew.
func (c scope) attrs(a store.Activity, verb string) ui.Attrs {
	if !c.inPlace() {
		return nil
	}
	return append(sendWork(c.action(a, verb)), ui.Attr{Name: "hx-disabled-elt", Value: "find button[type=submit]"},
		ui.Attr{Name: "hx-disinherit", Value: "hx-disabled-elt"}) // what else asks the server from within the form has no such button
}

// panelAttrs is attrs for the form whose button stands beside it.
func (c scope) panelAttrs(a store.Activity) ui.Attrs {
	if !c.inPlace() {
		return nil
	}
	return sendWork(c.action(a, "complete"))
}

// fields are the hidden fields of every form about an activity.
func (c scope) fields() []ui.Hidden {
	if c.Back == "" {
		return nil
	}
	return []ui.Hidden{{Name: "back", Value: c.Back}}
}

// detailProps is one activity with its record, as the work list shows it. The focused view shows records without an activity, too.
type detailProps struct {
	scope
	// Activity is zero when nothing is to be done for the record.
	Activity store.Activity
	Next     upNext
	Timeline []action.TimelineEntry
	Do       string
	Form     activityForm
	Mail     *mailForm
	Text     *textForm
	// Priority says how much the activity matters.
	Priority priority.Score
	// After offers the way on when the activity has just been done; nil in all other cases.
	After *afterDone
}

// track gives the track to which the activity belongs, nil for one made by hand and for one that its sequence has left behind.
func (d detailProps) track() *track {
	for i, t := range d.Next.Tracks {
		if t.Enrollment.ID == d.Activity.Enrollment && d.Activity.Enrollment != 0 && !finished(d.Activity) {
			return &d.Next.Tracks[i]
		}
	}
	return nil
}

// others gives what else is to do for the record.
func (d detailProps) others() upNext {
	var rest upNext
	for _, t := range d.Next.Tracks {
		if t.Enrollment.ID != d.Activity.Enrollment || finished(d.Activity) {
			rest.Tracks = append(rest.Tracks, t)
		}
	}
	for _, a := range d.Next.Manual {
		if a.ID != d.Activity.ID {
			rest.Manual = append(rest.Manual, a)
		}
	}
	return rest
}

// readDetail loads an activity with its record and everything beside it.
func (s *Server) readDetail(r *http.Request, o workOpened) (detailProps, error) {
	act, err := s.app.GetActivity(r.Context(), actorOf(r), o.ID)
	if err != nil {
		return detailProps{Do: o.Do, Form: o.Form}, err
	}
	d, err := s.readAround(r, act.Record)
	if err != nil {
		return d, err
	}
	d.Filter = readWorkFilter(r)
	if b := r.FormValue("back"); b != "" && localPath(b) != "/" {
		d.Back = localPath(b)
	}
	return s.readDoing(r, d, act, o)
}

// readAround loads a record with what stands around its activities.
func (s *Server) readAround(r *http.Request, id ident.Record) (d detailProps, err error) {
	ctx, actor := r.Context(), actorOf(r)
	if d.scope, err = s.readScope(r, id); err != nil {
		return d, err
	}
	if d.Next, err = s.readUpNext(r, id); err != nil {
		return d, err
	}
	d.scope.Mail, d.Drafts = d.Next.Mail, d.Next.Drafts
	if _, err = s.app.Visit(ctx, actor, id); err != nil {
		return d, err
	}
	d.Timeline, err = s.app.Timeline(ctx, actor, id, workTimeline)
	return d, err
}

// readDoing opens an activity of the record, with the form of what is being done with it.
func (s *Server) readDoing(r *http.Request, d detailProps, act store.Activity, o workOpened) (detailProps, error) {
	d.Activity, d.Do, d.Form = act, o.Do, o.Form
	var err error
	if d.Priority, err = s.app.PriorityOf(r.Context(), actorOf(r), act.ID); err != nil {
		return d, err
	}
	if d.After, err = s.readAfterDone(r, act); err != nil {
		return d, err
	}
	if !d.live() {
		d.Do = ""
	}
	if d.Do == "email" {
		d.Mail, err = s.readMail(r, act, o.Form)
	}
	if d.Do == "text" {
		d.Text, err = s.readText(r, act, o.Form)
	}
	return d, err
}

// composing tells that an email or a text message is being written; its form says itself what is wrong with it.
func (d detailProps) composing() bool { return d.Do == "email" || d.Do == "text" }

// live tells whether there is still something to do.
func (d detailProps) live() bool { return d.Activity.State == store.ActivityOpen }

// readScope loads the record and the users among whom work is handed over.
func (s *Server) readScope(r *http.Request, id ident.Record) (scope, error) {
	actor := actorOf(r)
	rec, err := s.app.GetRecord(r.Context(), actor, id)
	if err != nil {
		return scope{}, err
	}
	outcomes, err := s.app.Outcomes(r.Context(), actor)
	if err != nil {
		return scope{}, err
	}
	suppressed, err := s.app.SuppressionsOf(r.Context(), actor, rec)
	if err != nil {
		return scope{}, err
	}
	followed, err := s.app.Follows(r.Context(), actor, rec.ID)
	if err != nil {
		return scope{}, err
	}
	numbers, ready, err := s.app.PhoneNumbers(r.Context(), actor, rec)
	if err != nil {
		return scope{}, err
	}
	snooze, err := s.app.SnoozeChoices(r.Context(), actor)
	if err != nil {
		return scope{}, err
	}
	users, err := s.app.ListUsers(r.Context(), actor)
	return scope{
		Snooze:   snooze,
		Followed: followed, View: s.view(r), Record: rec, Users: users, Outcomes: outcomes, Suppressed: suppressed,
		Numbers: numbers, PhoneReady: ready,
	}, err
}
