package action

import (
	"fmt"
	"slices"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Thread says whether an email answers those before it. Empty is what its step says.
type Thread string

// The choices that a seller has.
const (
	ReplyThread Thread = "reply"
	NewThread   Thread = "new"
)

// answer finds the emails that the letter belongs below, and lets it go through the mailbox of the first of them, as automated
// follow-ups do: customers see one sender in a thread. It gives all that could be answered, whatever the wish is.
func (l *letter) answer(tx *store.Tx, wish Thread) ([]store.Message, error) {
	if wish != "" && wish != ReplyThread && wish != NewThread {
		return nil, fault.Field("thread", "unknown", fmt.Sprintf("Thread is reply or new, not %q.", string(wish)))
	}
	before, err := l.threaded(tx)
	if err != nil {
		return nil, err
	}
	if len(before) == 0 {
		if wish == ReplyThread {
			return nil, fault.Field("thread", "nothing_sent", "There is no email that it could answer: its step does not ask for it, or none was sent yet. Choose new.")
		}
		return nil, nil
	}
	if wish == NewThread {
		return before, nil
	}
	l.before = before
	return before, l.takeOver(tx, before[0].Mailbox)
}

// threaded gives the emails that the enrollment has sent, where the step says that this one belongs to them.
func (l *letter) threaded(tx *store.Tx) ([]store.Message, error) {
	if l.activity.Enrollment == 0 {
		return nil, nil
	}
	e, err := tx.GetEnrollment(l.activity.Enrollment)
	if err != nil {
		return nil, err
	}
	v, err := tx.Version(e.Version)
	if err != nil {
		return nil, err
	}
	if s, ok := v.Step(l.activity.Token.Step); !ok || !inThread(s) {
		return nil, nil
	}
	return tx.SentOf(e)
}

func inThread(s step.Step) bool { return s.Config.Truth("thread") }

// takeOver makes a mailbox the letter's own. One that is gone leaves it without any, which is its obstacle.
func (l *letter) takeOver(tx *store.Tx, id ident.Mailbox) error {
	if id == 0 || id == l.mailbox.ID {
		return nil
	}
	box, err := tx.GetMailbox(id)
	if fault.Is(err, fault.NotFound) {
		l.mailbox, l.mailboxGone = store.Mailbox{}, true
		return nil
	}
	if err != nil {
		return err
	}
	l.mailbox = box
	l.sender, err = tx.GetUser(box.User)
	return err
}

// thread says what was chosen; empty where there is nothing to choose.
func (l *letter) thread(before []store.Message) Thread {
	switch {
	case len(before) == 0:
		return ""
	case len(l.before) > 0:
		return ReplyThread
	}
	return NewThread
}

// subject gives the one that the email goes under: that of its thread, because mail programs look at it, too.
func (l *letter) subject(own string) string {
	if len(l.before) == 0 {
		return own
	}
	return message.ReplySubject(l.before[0].Subject)
}

// recentReplies is how many of a record's mails are looked through for one that waits for an answer.
const recentReplies = 20

// unanswered gives what an activity is to answer. For another one of the record alone it is what the customer wrote last; zero when a person has
// written since, or nothing came.
func unanswered(tx *store.Tx, act store.Activity) (none store.Received, err error) {
	if act.Enrollment != 0 {
		return none, nil
	}
	if act.Answers != 0 {
		if v, err := tx.GetReceived(act.Answers); !fault.Is(err, fault.NotFound) {
			return v, err
		}
	}
	rec := act.Record
	came, err := tx.ReceivedOf(rec, recentReplies)
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(came, func(r store.Received) bool { return r.Class == message.HumanReply })
	if i < 0 {
		return none, nil
	}
	written, err := tx.MessagesOf(rec, recentReplies)
	if err != nil {
		return none, err
	}
	for _, m := range written {
		if m.Enrollment == 0 && m.Channel == message.EmailChannel && m.CreatedAt.After(came[i].CreatedAt) {
			return none, nil
		}
	}
	return came[i], nil
}

// answers tells whether an email under this subject goes into the thread of the mail: whoever gives it another one begins a new
// conversation.
func answers(subject string, to store.Received) bool {
	return to.ID != 0 && message.ReplySubject(subject) == message.ReplySubject(to.Subject)
}
