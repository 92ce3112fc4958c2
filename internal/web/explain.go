package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// explained is an explanation on its page, or in a dialog over the record.
type explained struct {
	scope
	X action.Explanation
}

// showEnrollment explains an enrollment: why the record stands there, what comes next and when, and what holds it.
func (s *Server) showEnrollment(w http.ResponseWriter, r *http.Request) error {
	var id ident.Enrollment
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	x, err := s.app.Explain(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	e := explained{X: x}
	if isFragment(r) {
		e.View = s.view(r)
		q := question{ID: "explain", Title: "Why is this here?", Text: joined(" · ", x.Enrollment.RecordName, trackPlace(e.track())), Size: ui.Large}
		return s.ask(w, r, http.StatusOK, q, func(question) templ.Component { return explainDialog(e) })
	}
	if e.scope, err = s.readScope(r, x.Enrollment.Record); err != nil {
		return err
	}
	e.Back = enrollmentPath(id)
	return s.render(w, r, page{Title: x.Enrollment.RecordName + " in " + x.Enrollment.SequenceName}, explainPage(e))
}

func (e explained) track() track { return track{e.X.Track} }

// live tells that the enrollment goes on.
func (e explained) live() bool { return e.X.Enrollment.State.Status != flow.Finished }

// badge says how the enrollment stands.
func (e explained) badge() ui.BadgeProps {
	switch e.X.Enrollment.State.Status {
	case flow.Paused:
		return ui.BadgeProps{Text: "Paused", Tone: ui.Amber, Icon: "player-pause"}
	case flow.Finished:
		return ui.BadgeProps{Text: e.X.Enrollment.State.Exit.Describe(), Tone: ui.Neutral}
	case flow.Active:
	}
	return ui.BadgeProps{Text: "Under way", Tone: ui.Green}
}

// facts say how far the record has come.
func (e explained) facts() []ui.Fact {
	x := e.X
	facts := []ui.Fact{
		{Label: "Record", Value: x.Enrollment.RecordName, Href: recordPath(x.Enrollment.Record)},
		{Label: "Sequence", Value: x.Enrollment.SequenceName},
		{Label: "Version", Value: "Version " + strconv.Itoa(x.Enrollment.VersionNumber)},
		{Label: "Activities for", Value: orElse(x.Enrollment.AssigneeName, "nobody")},
		{Label: "Steps", Value: e.progress()},
		{Label: "Connected", Content: ui.Time(e.View.at(x.Enrollment.ConnectedAt))},
		{Label: "Days so far", Value: daysPast(e.until().Sub(x.Enrollment.ConnectedAt))},
	}
	if x.SeesSequence {
		facts[1].Href = sequencePath(x.Enrollment.Sequence)
	}
	if !e.live() {
		return append(facts, ui.Fact{Label: "Ended", Content: ui.Time(e.View.at(x.Enrollment.FinishedAt))})
	}
	from, to := x.EndsAt()
	if from.IsZero() {
		return append(facts, ui.Fact{Label: "Days to go", Value: "nobody can foresee that"})
	}
	left, most := dayCount(from.Sub(e.View.Now)), dayCount(to.Sub(e.View.Now))
	if left != most {
		left = strconv.Itoa(wholeDays(from.Sub(e.View.Now))) + " to " + most
	}
	return append(facts, ui.Fact{Label: "Days to go", Value: left})
}

// until is the moment up to which the days count.
func (e explained) until() time.Time {
	if e.live() {
		return e.View.Now
	}
	return e.X.Enrollment.FinishedAt
}

func (e explained) progress() string {
	done := plural(e.X.Enrollment.State.Done, "is over", "are over")
	if !e.live() {
		return done
	}
	return done + ", at most " + strconv.Itoa(e.X.Total-e.X.Enrollment.State.Done) + " to go"
}

// wholeDays counts a day that has begun as one.
func wholeDays(d time.Duration) int {
	const day = 24 * time.Hour
	return int((max(d, 0) + day - 1) / day)
}

func daysPast(d time.Duration) string {
	if whole := int(d / (24 * time.Hour)); whole > 0 {
		return plural(whole, "day", "days")
	}
	return "less than one"
}

func dayCount(d time.Duration) string { return plural(wholeDays(d), "day", "days") }

// way is a list of foreseen visits, with its ending.
type foreseenWay struct {
	e      explained
	Visits []flow.Visit
	Ending string
}

// day heads the visits of one day.
func (w foreseenWay) day(i int) string {
	return foresight{View: w.e.View, Foresight: action.Foresight{Way: flow.Way{Visits: w.Visits}}}.day(i)
}

func (w foreseenWay) says(v flow.Visit) string {
	return visitText(w.e.View, v, orElse(w.e.X.Enrollment.AssigneeName, "the assignee"))
}

// sure is what comes in any case.
func (e explained) sure() foreseenWay {
	w := foreseenWay{e: e, Visits: e.X.Coming()}
	if e.X.Fork == nil {
		w.Ending = e.ending(e.X.End)
	}
	return w
}

func (e explained) side(f action.ForkWay) foreseenWay {
	return foreseenWay{e: e, Visits: f.Visits, Ending: e.ending(f.Way)}
}

// ending says how a way ends.
func (e explained) ending(w flow.Way) string {
	switch {
	case w.Stuck != "":
		return "Nobody can foresee when it goes on: " + w.Stuck
	case w.EndAt.IsZero():
		return "It waits for something that nobody can foresee."
	}
	return w.Exit.Describe() + ", " + w.EndAt.In(e.View.Zone).Format("Monday 2 January, 15:04")
}

// sideWhen says when a side is taken.
func (e explained) sideWhen(yes bool) string {
	f := e.X.Fork
	switch {
	case !yes:
		return "No, by " + e.moment(f.No.At) + " at the latest"
	case f.Step.When.Email != nil && f.Step.When.Email.AtOnce:
		return "Yes, as soon as it happens"
	}
	return "Yes, on " + e.moment(f.Yes.At)
}

func (e explained) moment(t time.Time) string { return momentIn(e.View, t) }

func momentIn(v view, t time.Time) string { return t.In(v.Zone).Format("Mon 2 Jan, 15:04") }

// reasons are the lines of why it stands there.
func (e explained) reasons() []ui.TimelineEntry { return reasonLines(e.View, e.X.Reasons) }

// whyLink leads from an activity to what explains it: the mail that it answers, or its place in a sequence.
func whyLink(a store.Activity, t *track) (href, text string) {
	if href, text = replyLink(a); href == "" && t != nil {
		href = enrollmentPath(t.Enrollment.ID)
	}
	return href, text
}

// whyAttrs let the explanation open over the page.
func whyAttrs(t *track) ui.Attrs {
	if t == nil {
		return nil
	}
	return asks(enrollmentPath(t.Enrollment.ID))
}
