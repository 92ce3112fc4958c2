package web

import (
	"net/http"
	"strconv"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// upNext is action.UpNextView as the page reads it.
type upNext struct {
	Tracks []track
	Manual []store.Activity
	Mail   map[ident.Activity]store.Message
	// Drafts tells for which of the activities the reader has begun an email.
	Drafts map[ident.Activity]time.Time
}

// track is action.Track as the page reads it.
type track struct{ action.Track }

// titleOf names a step of the track.
func (t track) titleOf(st step.Step) string { return t.Version.Def.Title(st, t.Outcomes) }

// readUpNext loads what is to do for a record.
func (s *Server) readUpNext(r *http.Request, id ident.Record) (upNext, error) {
	found, err := s.app.UpNext(r.Context(), actorOf(r), id)
	if err != nil {
		return upNext{}, err
	}
	next := upNext{Manual: found.Manual, Mail: found.Mail}
	var ids []ident.Activity
	for _, a := range found.Manual {
		ids = append(ids, a.ID)
	}
	for _, t := range found.Tracks {
		if next.Tracks = append(next.Tracks, track{t}); t.Activity != nil {
			ids = append(ids, t.Activity.ID)
		}
	}
	next.Drafts, err = s.app.MailDraftsOf(r.Context(), actorOf(r), ids)
	return next, err
}

// writeLabel is what the button says that opens the composer.
func (c scope) writeLabel(a store.Activity) string {
	if _, begun := c.Drafts[a.ID]; begun {
		return "Go on with the draft"
	}
	return "Write email"
}

// onItsWay says what an activity waits for whose message is being sent.
func onItsWay(a store.Activity) string {
	if kind, ok := step.KindOf(a.Kind); ok && kind.Texts {
		return "The text message is on its way. The activity is completed when the provider has taken it."
	}
	return "The email is on its way. The activity is completed when a server has taken it."
}

// panelContext says where an activity comes from, and whose it is: "Up next · Trial follow-up, step 3 of 7 · for Anna Berg".
func panelContext(a store.Activity, t *track) string {
	behalf := ""
	if a.Behalf != 0 {
		behalf = "for " + a.BehalfName
	}
	return joined(" · ", panelPlace(a, t), behalf)
}

func panelPlace(a store.Activity, t *track) string {
	switch {
	case a.Enrollment == 0:
		return "Up next · " + recordPlace(a)
	case t == nil || t.Total == 0:
		return joined(" · ", "Up next", a.SequenceName)
	}
	return "Up next · " + trackPlace(*t)
}

// recordPlace says where an activity of the record alone comes from.
func recordPlace(a store.Activity) string {
	if a.Answers != 0 {
		return "after a reply"
	}
	return "added by hand"
}

// replyLink leads to what an activity is to answer; both are "" for any other.
func replyLink(a store.Activity) (href, text string) {
	if a.Answers == 0 {
		return "", ""
	}
	return receivedPath(a.Answers), "Read the reply"
}

// trackPlace says how far a record has come: "Trial follow-up, step 3 of 7".
func trackPlace(t track) string {
	if t.Position == 0 {
		return t.Enrollment.SequenceName
	}
	return t.Enrollment.SequenceName + ", step " + strconv.Itoa(t.Position) + " of " + strconv.Itoa(t.Total)
}

// activityBadge says how an activity stands, in the corner of its panel.
func activityBadge(c scope, a store.Activity) *ui.BadgeProps {
	v := c.View
	switch a.State {
	case store.ActivitySending:
		if a.ScheduledAt.After(v.Now) {
			at := a.ScheduledAt.In(v.Zone)
			return &ui.BadgeProps{Text: "Scheduled " + ui.RelativeTime(at, v.Now), Tone: ui.Blue, Icon: "clock", Title: ui.AbsoluteTime(at)}
		}
		return &ui.BadgeProps{Text: "Sending", Tone: ui.Blue, Icon: "send"}
	case store.ActivityHeld:
		return &ui.BadgeProps{Text: "Paused", Tone: ui.Amber, Icon: "player-pause"}
	case store.ActivityCompleted:
		return &ui.BadgeProps{Text: "Completed", Tone: ui.Green, Icon: "check"}
	case store.ActivitySkipped, store.ActivityCancelled:
		return &ui.BadgeProps{Text: sentenceCase(a.State.String()), Tone: ui.Neutral}
	case store.ActivityOpen:
	}
	if a.Trouble != "" {
		return &ui.BadgeProps{Text: "Failed", Tone: ui.Red, Icon: "alert-triangle"}
	}
	if a.Kind == step.Meeting {
		return meetingBadge(v, a)
	}
	at := a.DueAt.In(v.Zone)
	badge := &ui.BadgeProps{Text: "Due " + ui.RelativeTime(at, v.Now), Tone: ui.Neutral, Title: ui.AbsoluteTime(at)}
	switch {
	case v.late(at):
		badge.Text, badge.Tone = "Overdue since "+ui.RelativeTime(at, v.Now), ui.Red
	case !at.After(v.Now):
		badge.Text, badge.Tone = "Due now", ui.Amber
	}
	return badge
}

// trackThen says what comes after the present step: "Then: Wait 2 days → Send the offer, Wed 2 Dec, 13:00".
func trackThen(v view, t *track) string {
	if t == nil {
		return ""
	}
	if len(t.Upcoming) == 0 {
		return "Then: the sequence is complete"
	}
	text := "Then: " + t.thenStep(v, t.Upcoming[0])
	if len(t.Upcoming) > 1 {
		text += " → " + t.thenStep(v, t.Upcoming[1])
	}
	return text
}

// thenStep names a step to come, with its time when that is not the present step's: a wait begins when that ends.
func (t track) thenStep(v view, st step.Step) string {
	at, later := t.later(v, st)
	if !later || st.Type == "wait" {
		return t.titleOf(st)
	}
	return t.titleOf(st) + ", " + at.In(v.Zone).Format("Mon 2 Jan, 15:04")
}

// later gives when a step to come is reached, when that is known and not at once after the present one.
func (t track) later(v view, st step.Step) (time.Time, bool) {
	at, known := t.Reached[st.ID]
	return at, known && at.After(v.Now.Add(time.Minute))
}

// trackLines lists every step of a track: done, current, to come.
func trackLines(v view, t track) []ui.StepLine {
	var lines []ui.StepLine
	for _, h := range t.Done {
		lines = append(lines, doneLine(v, t, h))
	}
	if t.Current != nil {
		line := ui.StepLine{Kind: ui.Kind(t.Current.Type), Title: t.titleOf(*t.Current), Sub: t.Waiting, State: ui.StepCurrent}
		if t.Activity != nil && t.Activity.Trouble != "" {
			line.State, line.Sub = ui.StepFailed, t.Activity.Trouble
		}
		lines = append(lines, line)
	}
	for _, st := range t.Upcoming {
		line := ui.StepLine{Kind: ui.Kind(st.Type), Title: t.titleOf(st)}
		if line.Title != stepLabel(st.Type) && st.Type != "wait" {
			line.Sub = stepLabel(st.Type)
		}
		if st.When != nil {
			line.Sub = t.lanesOf(st)
		}
		if at, later := t.later(v, st); later {
			line.Time = v.at(at)
		}
		lines = append(lines, line)
	}
	return lines
}

func doneLine(v view, t track, h store.HistoryRow) ui.StepLine {
	st, known := t.Version.Step(h.Step)
	if !known {
		st = step.Step{ID: h.Step}
	}
	how := sentenceCase(string(h.Outcome))
	if h.Outcome == step.Waited {
		how = ""
	}
	line := ui.StepLine{Kind: ui.Kind(st.Type), Title: t.titleOf(st), State: ui.StepDone, Time: v.at(h.At)}
	line.Sub = joined(" · ", how, t.Outcomes.Calls.Label(h.Detail), h.ByName)
	if h.Outcome == step.Updated {
		line.Sub = h.Detail
	}
	if h.Outcome == step.Skipped {
		line.State = ui.StepSkipped
	}
	return line
}

// lanesOf says where the two sides of a condition begin: "Yes: Call · No: Remind".
func (t track) lanesOf(st step.Step) string {
	side := func(word string, lane []step.Step) string {
		if len(lane) == 0 {
			return word + ": goes on"
		}
		return word + ": " + t.titleOf(lane[0])
	}
	return joined(" · ", side("Yes", st.Yes), side("No", st.No))
}

// stepsSummary counts the steps for the line that opens the list of them.
func stepsSummary(t track) string {
	return "All steps: " + plural(len(t.Done), "done", "done") + ", " + strconv.Itoa(len(t.Upcoming)) + " to come"
}

// waitBadge says what a track without an activity waits for, and until when.
func waitBadge(v view, t track) *ui.BadgeProps {
	switch {
	case !t.Until.IsZero() && t.Enrollment.State.Status != flow.Paused:
		at := t.Until.In(v.Zone)
		return &ui.BadgeProps{Text: "Until " + ui.RelativeTime(at, v.Now), Tone: ui.Neutral, Icon: "clock", Title: ui.AbsoluteTime(at)}
	case t.Enrollment.State.Status == flow.Paused:
		return &ui.BadgeProps{Text: "Paused", Tone: ui.Amber, Icon: "player-pause"}
	case t.Enrollment.State.Wait == step.ForTime:
		return &ui.BadgeProps{Text: "Waiting", Tone: ui.Neutral, Icon: "clock"}
	case t.Enrollment.State.Wait == step.ForMail:
		return &ui.BadgeProps{Text: "Sending", Tone: ui.Blue, Icon: "send"}
	}
	return &ui.BadgeProps{Text: "Moving on", Tone: ui.Blue, Icon: "progress"}
}

// trackKind is the icon of a track that waits.
func trackKind(t track) ui.Kind {
	if t.Current == nil {
		return ui.KindSequence
	}
	return ui.Kind(t.Current.Type)
}

// trackTitle names what a track stands at.
func trackTitle(t track) string {
	if t.Current == nil {
		return "The first step begins in a moment"
	}
	return t.titleOf(*t.Current)
}

// trackMoving tells that the engine is about to act, so that the page looks again by itself.
func trackMoving(t track) bool {
	return t.Activity == nil && t.Enrollment.State.Status == flow.Active && t.Enrollment.State.Wait == step.NoWait
}

// dialogID names a dialog about one activity; several activities may stand on a record's page.
func dialogID(verb string, a store.Activity) string { return verb + "-" + a.ID.String() }

// doneFormID names the form that completes an activity.
func doneFormID(a store.Activity) string { return "done-" + a.ID.String() }

// finished tells whether an activity is over.
func finished(a store.Activity) bool { return a.State >= store.ActivityCompleted }

// assignedText says whose an activity is, to somebody who may not do it.
func assignedText(a store.Activity) string {
	return "Assigned to " + a.AssigneeName + ", who finds it in the work list."
}

// finishedText tells how an activity ended.
func finishedText(v view, a store.Activity, known step.Outcomes) string {
	said := sentenceCase(a.State.String())
	if a.State == store.ActivityHeld {
		return "It waits because its sequence is paused for this record."
	}
	if !a.DoneAt.IsZero() {
		said += " " + ui.RelativeTime(a.DoneAt.In(v.Zone), v.Now)
	}
	return joined(" · ", said, known.Of(a.Kind).Label(a.Outcome), a.Note)
}
