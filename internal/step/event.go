package step

import (
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// Event is something that happened to an enrollment. The set is closed: only types of this package are events.
type Event interface{ event() }

// Visited is an event that belongs to one visit of one step; flow drops it when the enrollment is elsewhere.
type Visited interface {
	Event
	At() Token
}

type (
	// Connected starts an enrollment.
	Connected struct{ By ident.User }
	// TimerFired says that the due time of the enrollment has come.
	TimerFired struct{}
	// MailSent says that a server took the message: the email or the text message of the step.
	MailSent struct {
		Token Token
		// Variant is which email of an A/B test it was.
		Variant Variant
	}
	// MailFailed says that the message will never be sent, and why in a sentence.
	MailFailed struct {
		Token  Token
		Reason string
	}
	// MailRefused says that the customer must not be written to; the step is skipped (spec.md 13, decision 9).
	MailRefused struct {
		Token  Token
		Reason string
	}
	// ActivityDone says that a person completed or skipped the activity of a step.
	ActivityDone struct {
		Token   Token
		Skipped bool
		// Outcome is the activity's own outcome (of a call), may be empty.
		Outcome string
		By      ident.User
	}
	// Retry asks to try a failed automatic step again.
	Retry struct {
		Token Token
		By    ident.User
	}
	// WaitSkipped ends a wait at once.
	WaitSkipped struct {
		Token Token
		By    ident.User
	}
	// Replied says that the customer answered. A sequence that does not end on it goes on; that the answer belongs to a
	// certain email is told by Engaged.
	Replied struct {
		// By is the user who reported it, zero where the mailbox was read.
		By ident.User
		// Colleague tells that somebody else of the customer's wrote it than was written to.
		Colleague bool
		// Other tells that it answers no mail of this enrollment, but one of the same record.
		Other bool
		// Owner is the seller who owns the mail that it answers; zero where nobody knows.
		Owner ident.User
		// Mail is the reply itself; zero where a person reported it.
		Mail ident.Received
	}
	// Bounced says that the customer's address takes no mail, for good, and why in a sentence.
	Bounced struct{ Detail string }
	// OptedOut says that the customer wants no more messages on a channel; the empty one stands for all.
	OptedOut struct {
		Channel message.Channel
		// Detail says how it became known: on the page, in one click, by a complaint.
		Detail string
		By     ident.User
	}
	// Suppressed says that somebody put the customer's address or number on the list of those whom nobody writes to; the empty channel stands for all.
	Suppressed struct {
		Channel message.Channel
		// Detail says how it came there, and what was noted.
		Detail string
		By     ident.User
	}
	// MeetingBooked says that somebody agreed on a meeting with the customer.
	MeetingBooked struct{ By ident.User }
	// FieldsChanged says that fields of the record, or of one that it names, have new values; Facts.Values has them. By is
	// who changed them; zero for nobody.
	FieldsChanged struct{ By ident.User }
	// Engaged says that the customer did something with the email of a step for the first time. Facts.Mail tells what; the
	// event only has a condition look again.
	Engaged struct {
		Step   string
		Result Result
	}
	// RecordClosed says that the record was closed.
	RecordClosed struct{ By ident.User }
	// Stopped ends the enrollment for a reason outside of it.
	Stopped struct {
		Exit Exit
		By   ident.User
	}
	// Paused holds the enrollment.
	Paused struct{ By ident.User }
	// Resumed lets a paused enrollment go on.
	Resumed struct{ By ident.User }
)

func (Connected) event()     {}
func (TimerFired) event()    {}
func (MailSent) event()      {}
func (MailFailed) event()    {}
func (MailRefused) event()   {}
func (ActivityDone) event()  {}
func (Retry) event()         {}
func (WaitSkipped) event()   {}
func (Replied) event()       {}
func (Bounced) event()       {}
func (OptedOut) event()      {}
func (Suppressed) event()    {}
func (MeetingBooked) event() {}
func (FieldsChanged) event() {}
func (Engaged) event()       {}
func (RecordClosed) event()  {}
func (Stopped) event()       {}
func (Paused) event()        {}
func (Resumed) event()       {}

// At gives the visit that the event belongs to.
func (e MailSent) At() Token     { return e.Token }
func (e MailFailed) At() Token   { return e.Token }
func (e MailRefused) At() Token  { return e.Token }
func (e ActivityDone) At() Token { return e.Token }
func (e Retry) At() Token        { return e.Token }
func (e WaitSkipped) At() Token  { return e.Token }

// Effect is an order to the world outside of the decision. The store writes it in the decision's transaction; hands
// carry it out after the commit. The set is closed.
type Effect interface{ effect() }

type (
	// SendMail queues one message from a template. The store makes at most one of it per visit.
	SendMail struct {
		Template string
		// Variant is which email of an A/B test it is.
		Variant Variant
	}
	// SendText queues one text message from a template. The store makes at most one message, of either channel, per visit.
	SendText struct{ Template string }
	// OpenActivity puts an activity on the assignee's work list.
	OpenActivity struct {
		// Kind is the kind's Type: email, phone_call, task, automated_email (a failed one).
		Kind     string
		Template string
		DueAt    time.Time
		// Trouble is why an automatic step became this activity; empty for others.
		Trouble string
	}
	// LeaveActivity puts an activity on somebody's work list that outlives the enrollment: it belongs to the record alone.
	LeaveActivity struct {
		Kind, Name, Description string
		DueAt                   time.Time
		// For is who does it; zero for the enrollment's assignee.
		For ident.User
		// Answers is the received mail that it is about.
		Answers ident.Received
	}
	// CancelWork cancels the open activities and withdraws the unsent messages of the enrollment.
	CancelWork struct{}
	// HoldWork takes open activities and unsent mail of the enrollment out of sight until ReleaseWork.
	HoldWork struct{}
	// ReleaseWork undoes HoldWork.
	ReleaseWork struct{}
	// RenewWork gives the open activity and the unsent message of the visit the texts of the step as it is now: the
	// enrollment was moved to another version.
	RenewWork struct{}
	// SetField sets a field of the record to a canonical value; an empty one clears it.
	SetField struct{ Field, Value string }
	// ConnectTo connects the record to another sequence.
	ConnectTo struct {
		Sequence string
		// AutoMoves is handed on, so that a chain of sequences without a pause is noticed.
		AutoMoves int
	}
)

func (SendMail) effect()      {}
func (SendText) effect()      {}
func (OpenActivity) effect()  {}
func (LeaveActivity) effect() {}
func (CancelWork) effect()    {}
func (HoldWork) effect()      {}
func (ReleaseWork) effect()   {}
func (RenewWork) effect()     {}
func (SetField) effect()      {}
func (ConnectTo) effect()     {}

// Effects lists one of each effect, for the test that every one is stored.
func Effects() []Effect {
	return []Effect{SendMail{}, SendText{}, OpenActivity{}, LeaveActivity{}, CancelWork{}, HoldWork{}, ReleaseWork{}, RenewWork{}, SetField{}, ConnectTo{}}
}
