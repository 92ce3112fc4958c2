package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TimelineEntry is one line of a record's story.
type TimelineEntry struct {
	At time.Time
	// Kind names the icon: note, email, automated_email, phone_call, task, wait, advance, connected, exit, paused,
	// resumed, message or received.
	Kind string
	// Title is a sentence without a full stop; Detail is what was written or why.
	Title, Detail string
	// By is who did it; empty when it happened by itself.
	By       string
	Sequence string
	// Message is the email or text message that the line is about; zero for none. Parts is how many parts a text was cut into.
	Message ident.Message
	Parts   int
	// Received is the mail that came in that the line is about; zero for none.
	Received ident.Received
	Class    message.Class
	// Opens and Clicks count what the customer did with that mail.
	Opens, Clicks int
	// Downloaded names the files of it that the customer fetched.
	Downloaded []string
	// Note is the note that the line is, with its Author; zero for none. Edited tells that it was changed.
	Note   ident.Note
	Author ident.User
	Edited time.Time
	// Trouble marks what did not go as it should, New what happened after the reader looked last.
	Trouble, New bool
}

// The counts of a timeline's lines.
const (
	defaultTimeline = 100
	maxTimeline     = 500
)

// Timeline gives the story of a record, newest first: what its sequences did, what people wrote and did by hand, and the
// mail that is in neither. limit is 100 when zero.
func (a *App) Timeline(ctx context.Context, actor access.Actor, id ident.Record, limit int) ([]TimelineEntry, error) {
	page, err := a.TimelinePage(ctx, actor, TimelineQuery{Record: id, Limit: limit})
	return page.Entries, err
}

// entries tells the story, newest first.
func (s *story) entries() []TimelineEntry {
	entries := slices.Concat(s.ofHistory(), s.ofNotes(), s.ofActivities(), s.ofMessages(), s.ofReceived(), s.ofCalls())
	for i := range entries {
		m := s.mail[entries[i].Message]
		entries[i].Opens, entries[i].Clicks, entries[i].Parts = m.Opens, m.Clicks, m.Parts
		entries[i].Downloaded = m.Downloaded
	}
	// Each part comes newest first; the stable sort keeps that order among lines of one moment.
	slices.SortStableFunc(entries, func(a, b TimelineEntry) int { return b.At.Compare(a.At) })
	return entries
}

// story is all that a timeline is told from. Its lists come newest first.
type story struct {
	history    []store.HistoryRow
	notes      []store.Note
	activities []store.Activity
	messages   []store.Message
	received   []store.Received
	calls      []store.Call

	enrollments map[ident.Enrollment]store.Enrollment
	versions    map[ident.Version]*flow.Version
	names       map[ident.User]string
	byVisit     map[step.Token]store.Activity
	mailByVisit map[step.Token]store.Message
	mail        map[ident.Message]store.Message
	told        map[ident.Message]bool // messages that another line is about
	outcomes    step.Outcomes
}

func readStory(tx *store.Tx, id ident.Record, limit int) (*story, error) {
	s := &story{
		versions: map[ident.Version]*flow.Version{}, names: map[ident.User]string{}, byVisit: map[step.Token]store.Activity{},
		mailByVisit: map[step.Token]store.Message{}, mail: map[ident.Message]store.Message{}, told: map[ident.Message]bool{},
	}
	if _, err := tx.GetRecord(id); err != nil {
		return nil, err
	}
	var err error
	if s.outcomes, err = tx.Outcomes(); err != nil {
		return nil, err
	}
	if s.history, err = tx.HistoryOfRecord(id, limit); err != nil {
		return nil, err
	}
	if s.notes, err = tx.ListNotes(id, limit); err != nil {
		return nil, err
	}
	if s.activities, err = tx.ActivitiesOf(id, limit); err != nil {
		return nil, err
	}
	if s.messages, err = tx.MessagesOf(id, limit); err != nil {
		return nil, err
	}
	if s.received, err = tx.ReceivedOf(id, limit); err != nil {
		return nil, err
	}
	if s.calls, err = tx.CallsOf(id, limit); err != nil {
		return nil, err
	}
	return s, s.index(tx)
}

// index makes everything findable by its key.
func (s *story) index(tx *store.Tx) error {
	users, err := tx.ListUsers()
	if err != nil {
		return err
	}
	for _, u := range users {
		s.names[u.ID] = u.Name
	}
	for _, a := range s.activities {
		if a.Enrollment != 0 {
			s.byVisit[a.Token] = a
		}
	}
	for _, m := range s.messages {
		s.mail[m.ID] = m
		if m.Enrollment != 0 {
			s.mailByVisit[m.Token] = m
		}
	}
	var ids []ident.Enrollment
	for _, h := range s.history {
		ids = append(ids, h.Enrollment)
	}
	if s.enrollments, err = tx.EnrollmentsByID(distinct(ids)); err != nil {
		return err
	}
	for _, e := range s.enrollments {
		if s.versions[e.Version], err = tx.Version(e.Version); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) ofHistory() []TimelineEntry {
	var list []TimelineEntry
	for _, h := range s.history {
		e := TimelineEntry{At: h.At, Kind: string(h.Kind), By: h.ByName, Sequence: h.SequenceName, Detail: h.Detail}
		switch h.Kind {
		case flow.LineConnected:
			e.Title = fmt.Sprintf("Connected to %s, version %d", h.SequenceName, s.enrollments[h.Enrollment].VersionNumber)
		case flow.LinePaused:
			e.Title = "Paused in " + h.SequenceName
		case flow.LineResumed:
			e.Title = "Resumed in " + h.SequenceName
		case flow.LineExit:
			if step.Exit(h.Outcome) == step.ExitAdvanced {
				continue // the line of the advance step tells it
			}
			e.Title, e.Trouble = exitTitle(h), step.Exit(h.Outcome) == step.ExitFailed
		case flow.LineMoved:
			e.Title, e.Detail = movedWords(h.Detail)
		case flow.LineHanded, flow.LineStep, flow.LineWaitSkipped:
			s.tellStep(h, &e)
		}
		list = append(list, e)
	}
	return list
}

// movedWords parts the line of a move into where it went and why.
func movedWords(detail string) (where, why string) {
	where, why, _ = strings.Cut(detail, "\n")
	return strings.TrimSuffix(where, "."), why
}

func exitTitle(h store.HistoryRow) string {
	switch step.Exit(h.Outcome) {
	case step.ExitCompleted:
		return "Completed " + h.SequenceName
	case step.ExitDisconnected:
		return "Disconnected from " + h.SequenceName
	}
	return h.SequenceName + " ended: " + lowerFirst(step.Exit(h.Outcome).Describe())
}

// tellStep says how a visit of a step went.
func (s *story) tellStep(h store.HistoryRow, e *TimelineEntry) {
	st := s.stepOf(h)
	at := step.Token{Enrollment: h.Enrollment, Step: h.Step, Visit: h.Visit}
	act, acted := s.byVisit[at]
	e.Kind = st.Type
	if m, ok := s.mailByVisit[at]; ok {
		e.Message = m.ID
	}
	if acted && act.Message != 0 && h.Kind == flow.LineStep {
		e.Message = act.Message
	}
	s.told[e.Message] = true
	switch {
	case h.Kind == flow.LineHanded:
		e.Title, e.Trouble = fmt.Sprintf("%s did not work and was handed to a person", nameStep(st)), true
	case h.Outcome == step.Retried:
		e.Title, e.Message = nameStep(st)+" is tried again", 0 // the line of the failure has the mail
	case h.Outcome == step.Waited:
		e.Title = "Waited " + lengthOf(st)
	case h.Outcome == step.Advanced:
		e.Title, e.Detail = "Advanced to "+h.Detail, ""
	case h.Outcome == step.Updated:
		e.Title, e.Detail = h.Detail, ""
	case h.Outcome == step.Yes || h.Outcome == step.No:
		e.Title = s.titleOf(h, st) + " " + upperFirst(string(h.Outcome))
	case h.Outcome == step.Skipped && st.Type == "wait":
		e.Title = "Skipped the wait of " + lengthOf(st)
	case acted:
		s.tellActivity(act, e)
	case h.Outcome == step.Sent:
		e.Title = nameStep(st) + " sent" + s.sender(e.Message)
	default:
		e.Title = nameStep(st) + " " + string(h.Outcome)
	}
}

// stepOf gives the step that a line is about; one whose version cannot be read any more still has its id.
func (s *story) stepOf(h store.HistoryRow) step.Step {
	if v := s.versions[s.enrollments[h.Enrollment].Version]; v != nil {
		if st, ok := v.Step(h.Step); ok {
			return st
		}
	}
	return step.Step{ID: h.Step, Name: h.Step}
}

// titleOf names a step by the words of its sequence.
func (s *story) titleOf(h store.HistoryRow, st step.Step) string {
	if v := s.versions[s.enrollments[h.Enrollment].Version]; v != nil {
		return v.Def.Title(st, s.outcomes)
	}
	return nameStep(st)
}

// tellActivity says how an activity ended.
func (s *story) tellActivity(act store.Activity, e *TimelineEntry) {
	e.Detail = act.Note
	if e.By == "" {
		e.By = s.names[act.DoneBy]
	}
	name := nameStep(step.Step{Type: act.Kind, Name: act.Name})
	switch {
	case act.State == store.ActivitySkipped:
		e.Title = name + " skipped"
	case act.Kind == step.Meeting && act.Outcome != "":
		e.Title, e.Detail = name+": "+lowerFirst(s.outcomes.Meetings.Label(act.Outcome)), joinText("\n", meetingWords(act), act.Note)
	case act.Kind == "phone_call":
		e.Title = name + ": " + lowerFirst(cmp.Or(s.outcomes.Calls.Label(act.Outcome), "completed")) + spoken(act.Duration)
	case act.Message != 0 && s.mail[act.Message].State == store.MessageSent:
		e.Title, e.Message = name+" sent"+s.sender(act.Message), act.Message
	case act.Kind == "email" || act.Kind == "automated_email" || act.Kind == "text_message" || act.Kind == "automated_text":
		e.Title = name + " done by hand"
	default:
		e.Title = name + " completed"
	}
}

// meetingWords says in a line where a meeting was and who came.
func meetingWords(act store.Activity) string {
	return joinText(" · ", act.Place, strings.Join(act.People, ", "))
}

// spoken gives how long a call was, behind its title.
func spoken(seconds int) string {
	if seconds <= 0 {
		return ""
	}
	return fmt.Sprintf(" (%d:%02d min)", seconds/60, seconds%60)
}

func (s *story) ofNotes() []TimelineEntry {
	var list []TimelineEntry
	for _, n := range s.notes {
		list = append(list, TimelineEntry{At: n.CreatedAt, Kind: "note", Title: "Note", Detail: n.Body, By: n.UserName, Note: n.ID, Author: n.User, Edited: n.EditedAt})
	}
	return list
}

// ofActivities tells of the activities made by hand that are over; those of steps are in the history.
func (s *story) ofActivities() []TimelineEntry {
	var list []TimelineEntry
	for _, act := range s.activities {
		if act.Enrollment != 0 || (act.State != store.ActivityCompleted && act.State != store.ActivitySkipped) {
			continue
		}
		e := TimelineEntry{At: act.DoneAt, Kind: act.Kind}
		s.tellActivity(act, &e)
		s.told[e.Message] = true
		list = append(list, e)
	}
	return list
}

// ofMessages tells of the mail that went wrong and is in no other line.
func (s *story) ofMessages() []TimelineEntry {
	var list []TimelineEntry
	for _, m := range s.messages {
		e := TimelineEntry{At: m.CreatedAt, Kind: "message", Detail: m.Reason, By: s.names[m.User], Message: m.ID, Trouble: true}
		if !m.AttemptAt.IsZero() {
			e.At = m.AttemptAt
		}
		switch {
		case s.told[m.ID]:
			continue
		case m.State == store.MessageFailed:
			e.Title = nameMessage(m) + " was not sent"
		case m.State == store.MessageUnknown:
			e.Title = nameMessage(m) + " may or may not have been sent"
		case m.State == store.MessageSent:
			e.Title, e.At, e.Trouble = nameMessage(m)+" sent"+s.sender(m.ID), m.SentAt, false
			if en, of := s.enrollments[m.Token.Enrollment]; of && !en.FinishedAt.IsZero() && !m.SentAt.Before(en.FinishedAt) {
				e.Detail = "It was on its way already when " + en.SequenceName + " ended."
			}
		default:
			continue // it waits, or its step ended before it was sent
		}
		list = append(list, e)
	}
	return list
}

// nameMessage gives a message as people speak of it: "Email Our offer", "Text message".
func nameMessage(m store.Message) string { return named(m.Channel.Label(), m.Subject) }

// sender gives " from ADDRESS" of a message.
func (s *story) sender(id ident.Message) string {
	if from := s.mail[id].Sender; from != "" {
		return " from " + from
	}
	return ""
}

// nameStep gives a step as people speak of it: "Call First call".
func nameStep(st step.Step) string {
	word := ""
	switch st.Type {
	case "email", "automated_email":
		word = "Email"
	case "text_message", "automated_text":
		word = "Text message"
	case "phone_call":
		word = "Call"
	default:
		word = step.ActivityLabel(st.Type)
	}
	return named(word, st.Name)
}

func named(word, name string) string { return strings.TrimSpace(word + " " + name) }

func lengthOf(st step.Step) string {
	d, err := calendar.ParseDuration(st.Config.Text("for"))
	if err != nil {
		return st.Config.Text("for")
	}
	return calendar.DescribeDuration(d)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
