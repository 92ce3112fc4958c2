package action

import (
	"context"
	"fmt"
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

// UpNextView is what is to do for a record: one track per sequence that it is on, and the activities made by hand.
type UpNextView struct {
	Tracks []Track
	// Manual are the open activities of the record alone, by due date: those made by hand, and those to answer a reply.
	Manual []store.Activity
	// Mail are the messages of these activities that are not sent yet.
	Mail map[ident.Activity]store.Message
}

// Track is the way of a record through one sequence.
type Track struct {
	Enrollment store.Enrollment
	// Version is what the record goes by; it names the steps.
	Version *flow.Version
	// Position counts the steps behind the record and the current one; 0 before the first. Total adds the longest way
	// from here: conditions may make it shorter.
	Position, Total int
	// Current is nil before the first step.
	Current *step.Step
	// Activity is the open one of the current step, when a person has to act.
	Activity *store.Activity
	// Waiting is a sentence that says why nothing happens now and what comes then; empty when a person has to act.
	// Until is when it ends; zero when that is not known.
	Waiting string
	Until   time.Time
	// Message is the current step's mail that is not sent yet.
	Message  *store.Message
	Upcoming []step.Step
	// Reached says when steps to come are reached that come in any case, as far as that can be foreseen.
	Reached map[string]time.Time
	// Done are the steps that are over, oldest first.
	Done []store.HistoryRow
	// Outcomes are the words for outcomes.
	Outcomes step.Outcomes
	// Away is the absence of the enrollment's assignee; nil for one who is there.
	Away *Absence
}

// recentMessages is how many of a record's messages are looked through for the ones that are on their way.
const recentMessages = 200

// UpNext says where a record stands in its sequences, why, and what comes next.
func (a *App) UpNext(ctx context.Context, actor access.Actor, rec ident.Record) (UpNextView, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return UpNextView{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (UpNextView, error) {
		r, err := tx.GetRecord(rec)
		if err != nil {
			return UpNextView{}, err
		}
		activities, err := tx.UndoneActivities(rec)
		if err != nil {
			return UpNextView{}, err
		}
		messages, err := tx.MessagesOf(rec, recentMessages)
		if err != nil {
			return UpNextView{}, err
		}
		live, err := tx.LiveEnrollments(rec)
		if err != nil {
			return UpNextView{}, err
		}
		outcomes, err := tx.Outcomes()
		if err != nil {
			return UpNextView{}, err
		}
		view := UpNextView{Mail: unsentMail(activities, messages)}
		for _, e := range live {
			t, err := newTrack(tx, e, activities, messages)
			if err != nil {
				return UpNextView{}, err
			}
			t.Outcomes = outcomes
			if t.Away, err = absenceOf(tx, e.Assignee); err != nil {
				return UpNextView{}, err
			}
			if err = t.lookAhead(tx, r); err != nil {
				return UpNextView{}, err
			}
			view.Tracks = append(view.Tracks, t)
		}
		for _, act := range activities {
			if act.Enrollment == 0 {
				view.Manual = append(view.Manual, act)
			}
		}
		return view, nil
	})
}

// unsentMail finds the messages that activities wait for.
func unsentMail(activities []store.Activity, messages []store.Message) map[ident.Activity]store.Message {
	found := map[ident.Activity]store.Message{}
	for _, act := range activities {
		for _, m := range messages {
			if act.Message == m.ID && m.Activity == act.ID && unsent(m.State) {
				found[act.ID] = m
			}
		}
	}
	return found
}

func newTrack(tx *store.Tx, e store.Enrollment, activities []store.Activity, messages []store.Message) (Track, error) {
	v, err := tx.Version(e.Version)
	if err != nil {
		return Track{}, err
	}
	history, err := tx.HistoryOf(e.ID)
	if err != nil {
		return Track{}, err
	}
	t := Track{Enrollment: e, Version: v, Total: e.State.Done + v.Longest(e.State.Step), Upcoming: v.Upcoming(e.State.Step)}
	if e.State.Step != "" {
		t.Position = e.State.Done + 1
	}
	for _, h := range history {
		if h.Kind == flow.LineStep && h.Outcome != step.Retried {
			t.Done = append(t.Done, h)
		}
	}
	if e.State.Status == flow.Finished {
		t.Position, t.Total, t.Upcoming = e.State.Done, e.State.Done, nil
		return t, nil
	}
	if s, ok := v.Step(e.State.Step); ok {
		t.Current = &s
	}
	t.work(activities, messages)
	return t, t.explain(tx, v)
}

// work finds the current step's activity and mail.
func (t *Track) work(activities []store.Activity, messages []store.Message) {
	at := step.Token{Enrollment: t.Enrollment.ID, Step: t.Enrollment.State.Step, Visit: t.Enrollment.State.Visit}
	for i := range activities {
		if activities[i].Enrollment != 0 && activities[i].Token == at {
			t.Activity = &activities[i]
		}
	}
	for i := range messages {
		m := &messages[i]
		ofActivity := t.Activity != nil && t.Activity.Message == m.ID
		if (m.Token == at || ofActivity) && unsent(m.State) {
			t.Message = m
		}
	}
}

func unsent(s store.MessageState) bool {
	switch s {
	case store.MessageQueued, store.MessageHeld, store.MessageSending, store.MessageUnknown:
		return true
	case store.MessageSent, store.MessageFailed, store.MessageWithdrawn:
	}
	return false
}

// explain says why nothing happens at this moment.
func (t *Track) explain(tx *store.Tx, v *flow.Version) (err error) {
	st := t.Enrollment.State
	if st.Status == flow.Paused {
		t.Waiting, err = whyPaused(tx, t.Enrollment)
		return err
	}
	switch st.Wait {
	case step.NoWait:
		t.Waiting = "Its first step begins in a moment."
	case step.ForTime:
		t.Until = st.DueAt
		t.Waiting = waitSentence(*t.Current, v)
		if t.Current.When != nil {
			t.Waiting = limitSentence(*t.Current.When)
		}
	case step.ForMail:
		t.Waiting = "The " + messageWord(t.Current.Texts()) + " is about to be sent."
	case step.ForPerson:
		if t.Activity == nil {
			t.Waiting = "It waits for a person, but its activity is gone. Disconnect the record and connect it again."
		}
	}
	if t.Message != nil {
		t.Waiting, t.Until = mailSentence(*t.Message, tx.Now)
	}
	return nil
}

func whyPaused(tx *store.Tx, e store.Enrollment) (string, error) {
	s, err := tx.GetSequence(e.Sequence)
	if err != nil {
		return "", err
	}
	if s.Status != store.Active {
		return "Paused until the sequence is activated again.", nil
	}
	who, err := tx.HeldBy(e.ID)
	if who == "" {
		return "Paused until somebody resumes it.", err
	}
	return "Paused by " + who + " until somebody resumes it.", err
}

// waitSentence says how long a wait is and what follows it.
func waitSentence(s step.Step, v *flow.Version) string {
	length := "Waits"
	if d, err := calendar.ParseDuration(s.Config.Text("for")); err == nil {
		length = "Waits " + calendar.DescribeDuration(d)
		if v.Def.Options.Waits == flow.WorkingTime {
			length += " of working time"
		}
	}
	upcoming := v.Upcoming(s.ID)
	if len(upcoming) == 0 {
		return length + ", then the sequence ends."
	}
	return length + ", then " + comes(upcoming[0]) + "."
}

// limitSentence says what a condition waits for.
func limitSentence(w step.When) string {
	if w.Email == nil {
		return "Waits for the answer of a condition."
	}
	words := make([]string, len(w.Email.Results))
	for i, r := range w.Email.Results {
		words[i] = r.Describe()
	}
	word := " or "
	if w.Email.All {
		word = " and "
	}
	sentence := "Looks whether the customer " + strings.Join(words, word)
	if w.Email.AtOnce {
		return sentence + "; goes on as soon as that happens, or when the time is over."
	}
	return sentence + "; goes on when the time is over."
}

// comes says what happens when a step's turn has come.
func comes(s step.Step) string {
	name := ""
	if s.Name != "" {
		name = fmt.Sprintf(" %q", s.Name)
	}
	switch s.Type {
	case "automated_email":
		return "sends the email" + name
	case "automated_text":
		return "sends the text message" + name
	case "text_message":
		return "the text message" + name + " is due"
	case "email":
		return "the email" + name + " is due"
	case "phone_call":
		return "the call" + name + " is due"
	case "task":
		return "the task" + name + " is due"
	case "wait":
		return "waits again"
	case "advance":
		return fmt.Sprintf("goes on in %q", s.Config.Text("to"))
	case "condition":
		return "decides which way to go"
	case "update_field":
		return "updates a field"
	}
	return "goes on with" + name
}

// mailSentence says what keeps an unsent message, and until when.
func mailSentence(m store.Message, now time.Time) (sentence string, until time.Time) {
	word := messageWord(m.Channel == message.TextChannel)
	switch m.State {
	case store.MessageSending:
		return "The " + word + " is being sent.", time.Time{}
	case store.MessageUnknown:
		return "Nobody knows whether the " + word + " was sent. Open the message and say what became of it.", time.Time{}
	case store.MessageQueued:
		if m.Waits(now) && m.Blocker != store.BlockRestored {
			return "The " + word + " is scheduled. The activity is completed when it is sent.", m.ScheduledAt
		}
		if m.Reason != "" {
			if m.Blocker.NeedsPerson() {
				return "The " + word + " waits: " + m.Reason, time.Time{}
			}
			return "The " + word + " waits: " + m.Reason, m.NextAt
		}
	case store.MessageHeld:
		return "The " + word + " waits until the sequence is resumed.", time.Time{}
	case store.MessageSent, store.MessageFailed, store.MessageWithdrawn:
	}
	return "The " + word + " is about to be sent.", time.Time{}
}

// messageWord is what a message is called in a sentence.
func messageWord(text bool) string {
	if text {
		return "text message"
	}
	return "email"
}
