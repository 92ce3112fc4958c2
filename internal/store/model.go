package store

import (
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Page is one page of a list. Next is the cursor of the following page, "" on the last one.
type Page[T any] struct {
	Rows []T
	Next string
	// Total counts all rows of the list; -1 where it is not counted.
	Total int
}

// PageSize bounds a page of a list (design: 50, at most 200). A page of records may hold a few more.
const (
	DefaultPageSize = 50
	MaxPageSize     = 200
	MaxRecordPage   = 250
)

// User is somebody who signs in.
type User struct {
	ID           ident.User
	Name         string
	Email        string
	Role         access.Role
	Zone         string
	PasswordHash string
	Active       bool
	// SessionSeries is the series of browser sessions that counts; sessions of an older one are over.
	SessionSeries int64
	CreatedAt     time.Time
	// Teams are those that the user is a member of.
	Teams []ident.Team
}

// Token is a bearer token of the API. Only the hash of its secret is stored.
type Token struct {
	ID        ident.Token
	User      ident.User
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time
	RevokedAt time.Time
}

// Record is a record with what the store knows beside it.
type Record struct {
	record.Record
	OwnerName string
	// Links are the records that its lookups name, by their fields. One that is gone is not among them.
	Links     map[string]Link
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// RecordRow is a record in a list.
type RecordRow struct {
	Record
	// Sequences are the names of the sequences that the record is on.
	Sequences []string
	// NextDueAt is when its first open activity is due; zero when it has none.
	NextDueAt time.Time
	// Next are its first open activities by due time, when the query asks for them.
	Next []Activity
}

// RecordQuery selects a list of records.
type RecordQuery struct {
	Kind   record.Kind
	Search string
	// Owner narrows to one owner; Mine is resolved by the caller.
	Owner ident.User
	// Status narrows to one status; "" for all.
	Status string
	// Account and Contact narrow to records that name this one.
	Account, Contact ident.Record
	// Connection narrows to "connected" or "unconnected" records; "" for all.
	Connection string
	// Sequence narrows to records that are on this sequence (or not, with Connection "unconnected").
	Sequence ident.Sequence
	// Sort is name, updated, created, company or owner; "-" before it reverses.
	Sort   string
	Cursor string
	Limit  int
	// Activities is how many of its next open activities come with each record; 0 for none.
	Activities int
}

// Note is a person's remark on a record.
type Note struct {
	ID        ident.Note
	Record    ident.Record
	User      ident.User
	UserName  string
	Body      string
	CreatedAt time.Time
	// EditedAt is when it was changed last, DeletedAt when it was deleted; zero for never.
	EditedAt, DeletedAt time.Time
}

// Template is a template of emails or text messages with its newest content. Key is its name in files; it and Channel never
// change.
type Template struct {
	ID         ident.Template
	Key        string
	Name       string
	RecordKind record.Kind // "" for every kind
	Channel    message.Channel
	TemplateContent
	// Version is the number of the content.
	Version   int
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// UsedBy counts the sequences whose draft or version names it.
	UsedBy int
}

// Snippet is a piece of text with merge fields that writers copy into templates and emails.
type Snippet struct {
	ID        ident.Snippet
	Key       string
	Name      string
	HTML      string
	Rev       int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Security says how the connection to a mail server is protected.
type Security string

// The ways of protection.
const (
	NoTLS    Security = "none"
	StartTLS Security = "starttls"
	TLS      Security = "tls"
)

// SequenceStatus is the state of a sequence.
type SequenceStatus string

// The states of a sequence.
const (
	Inactive SequenceStatus = "inactive"
	Active   SequenceStatus = "active"
	// Archived sequences are inactive ones that nobody needs any more: out of lists and choices, with all that they hold.
	Archived SequenceStatus = "archived"
)

// Sequence is a definition with its draft. Version is zero before the first activation.
type Sequence struct {
	ID          ident.Sequence
	Name        string
	Description string
	RecordKind  record.Kind
	Status      SequenceStatus
	// Holding says whose it is, a user's or a team's, and who sees it besides.
	access.Holding
	// OwnerName is that of the user or team who owns it, SharedName that of the team with which it is shared.
	OwnerName, SharedName string
	Version               ident.Version
	// VersionNumber counts the activations.
	VersionNumber int
	Draft         flow.Sequence
	DraftRev      int64
	DraftBy       ident.User
	DraftByName   string
	DraftAt       time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// SequenceRow is a sequence in a list.
type SequenceRow struct {
	Sequence
	// Connected counts the records that are on it now, paused ones included; Paused counts those alone.
	Connected, Paused int
	// Finished and Completed count ended enrollments, and those of them that ran to the end.
	Finished, Completed int
	// Changed tells that the draft differs from the active version.
	Changed bool
	Tags    []Tag
}

// SequenceQuery selects a list of sequences.
type SequenceQuery struct {
	Search string
	// Status narrows to one status; "" gives all but the archived.
	Status     SequenceStatus
	RecordKind record.Kind
	Owner      ident.User
	// Teams narrows to those that one of these teams owns; nil does not.
	Teams []ident.Team
	// Tag narrows to those with this tag or one below it.
	Tag ident.Tag
	// Sort is name, status, connected or updated; "-" before it reverses.
	Sort string
}

// VersionRow is one frozen version in the history of a sequence.
type VersionRow struct {
	ID            ident.Version
	Number        int
	Note          string
	CreatedBy     ident.User
	CreatedByName string
	CreatedAt     time.Time
	// Connected counts the records that are on this version now.
	Connected int
}

// Enrollment is one record on one version.
type Enrollment struct {
	ID            ident.Enrollment
	Sequence      ident.Sequence
	SequenceName  string
	Version       ident.Version
	VersionNumber int
	Record        ident.Record
	RecordName    string
	RecordKind    record.Kind
	Assignee      ident.User
	AssigneeName  string
	State         flow.State
	ConnectedBy   ident.User
	ConnectedAt   time.Time
	FinishedAt    time.Time
	Rev           int64
}

// EnrollmentQuery selects a list of enrollments.
type EnrollmentQuery struct {
	Sequence ident.Sequence
	Record   ident.Record
	// Status narrows to active, paused or finished; "" for all. "live" means active and paused.
	Status string
	Search string
	Cursor string
	Limit  int
}

// ActivityState is the state of an activity.
type ActivityState int

// The states. Those below ActivityCompleted are work that is not done; only open and sending
// ones (below ActivityHeld) are on a work list.
const (
	ActivityOpen      ActivityState = 1
	ActivitySending   ActivityState = 2 // its email is on its way
	ActivityHeld      ActivityState = 3 // its enrollment is paused
	ActivityCompleted ActivityState = 4
	ActivitySkipped   ActivityState = 5
	ActivityCancelled ActivityState = 6
)

// String gives the state as the API and people read it.
func (s ActivityState) String() string {
	switch s {
	case ActivityOpen:
		return "open"
	case ActivitySending:
		return "sending"
	case ActivityCompleted:
		return "completed"
	case ActivitySkipped:
		return "skipped"
	case ActivityCancelled:
		return "cancelled"
	case ActivityHeld:
		return "held"
	}
	return "unknown"
}

// Activity is something that a seller does, from a step or made by hand.
type Activity struct {
	ID         ident.Activity
	Record     ident.Record
	RecordName string
	RecordKind record.Kind
	Company    string
	// Enrollment and Token are zero for an activity made by hand, and for one that is to answer a reply.
	Enrollment   ident.Enrollment
	Token        step.Token
	SequenceName string
	// Kind is email, phone_call, task, meeting (by hand only), automated_email or advance (the latter two after a failure).
	Kind        string
	Name        string
	Description string
	Template    string
	// Trouble is why an automatic step became this activity.
	Trouble      string
	State        ActivityState
	Assignee     ident.User
	AssigneeName string
	// Behalf is whose work it is, while the assignee stands in; zero for the assignee's own.
	Behalf     ident.User
	BehalfName string
	// Answers is the received mail that it is to answer; zero for none.
	Answers ident.Received
	// ProposedAt is when the sequence wanted it done; DueAt is when it is due now. A snooze changes the latter only.
	ProposedAt time.Time
	DueAt      time.Time
	// DueBefore is when it was due before it was moved last, zero when there is no move to take back; MovedAt is when a person
	// last moved it.
	DueBefore, MovedAt time.Time
	Snoozes            int
	// Length is how long a meeting lasts, which begins when it is due; Place is where or under which link, People who comes. All are
	// empty for every other kind.
	Length  time.Duration
	Place   string
	People  []string
	Outcome string
	Note    string
	// Duration of a call, in seconds.
	Duration int
	Message  ident.Message
	// ScheduledAt is the time of its email, while that waits for it.
	ScheduledAt time.Time
	CreatedAt   time.Time
	DoneBy      ident.User
	DoneAt      time.Time
	// SeenAt is when its assignee first opened it; zero for never.
	SeenAt time.Time
	Rev    int64
}

// EndsAt is when a meeting ends, and zero for every other activity.
func (a Activity) EndsAt() time.Time {
	if a.Length == 0 {
		return time.Time{}
	}
	return a.DueAt.Add(a.Length)
}

// MessageState is the state of a message in the outbox.
type MessageState int

// The states of the outbox (design, section 3). A held message waits for its paused enrollment.
const (
	MessageQueued    MessageState = 1
	MessageHeld      MessageState = 2
	MessageSending   MessageState = 3
	MessageSent      MessageState = 4
	MessageFailed    MessageState = 5
	MessageWithdrawn MessageState = 6
	MessageUnknown   MessageState = 7
)

// MessageStates lists every state in the order of filters.
func MessageStates() []MessageState {
	return []MessageState{MessageQueued, MessageHeld, MessageSending, MessageSent, MessageFailed, MessageWithdrawn, MessageUnknown}
}

// String gives the state as the API and people read it.
func (s MessageState) String() string {
	switch s {
	case MessageQueued:
		return "queued"
	case MessageHeld:
		return "held"
	case MessageSending:
		return "sending"
	case MessageSent:
		return "sent"
	case MessageFailed:
		return "failed"
	case MessageWithdrawn:
		return "withdrawn"
	case MessageUnknown:
		return "unknown"
	}
	return ""
}

// Message is one outgoing email or text message.
type Message struct {
	ID         ident.Message
	Channel    message.Channel
	Enrollment ident.Enrollment
	Token      step.Token
	Activity   ident.Activity
	Record     ident.Record
	RecordName string
	RecordKind record.Kind
	User       ident.User
	Mailbox    ident.Mailbox
	Template   string
	// TemplateVersion is the version of the template that its text was made of.
	TemplateVersion int
	// Test tells that it shows a template to its writer; it belongs to no record.
	Test bool
	// RFCID is the Message-ID without angle brackets, fixed when the row is written. A text message has such an id, too: by it
	// its provider knows it again.
	RFCID     string
	State     MessageState
	NextAt    time.Time
	Attempts  int
	AttemptAt time.Time
	Sender    string
	Recipient string
	CC        string
	// BCC get it, too, and stand in no header of what is sent; only the copy in the sender's mailbox names them.
	BCC     string
	Subject string
	HTML    string
	Text    string
	// Parts is how many parts a text message is cut into.
	Parts int
	// Reason says why it waits, failed or was withdrawn, Blocker is the code of what does.
	Reason  string
	Blocker Blocker
	// Turn tells that it waits for its turn at its mailbox, so that NextAt is an estimate.
	Turn bool
	// Thread says that it belongs into the thread of the mails before it.
	Thread bool
	// Answers is the received mail that it answers; zero for none.
	Answers ident.Received
	// ScheduledAt is when its writer wants it sent, zero for at once; DueBefore is when its activity was due before that.
	ScheduledAt, DueBefore time.Time
	CreatedAt              time.Time
	SentAt                 time.Time
	// Follow says that its writer lets it be followed; Tracked that it went out so.
	Follow, Tracked bool
	// Opens, Clicks and Downloads count its hits that count; FirstOpenedAt is the first open of them.
	Opens, Clicks, Downloads int
	FirstOpenedAt            time.Time
	// Downloaded names the files that were fetched, each once.
	Downloaded []string
	// Bounce is what came back for it after it was sent.
	Bounce Bounce
	// Files go with it. InsertMessage takes their ids; those of a template come with the first attempt.
	Files []File
}

// MessageQuery selects a list of messages.
type MessageQuery struct {
	State MessageState // 0 for all
	// Queue gives those that wait, in the order in which they will go, instead of the newest first. State is queued then.
	Queue bool
	// Channel narrows; "" for both.
	Channel message.Channel
	// Bounced narrows to sent messages that came back in one of these ways; State and Queue say nothing then.
	Bounced []message.Class
	// OnRelease narrows to what waits while sending is held, by what its release does with it.
	OnRelease OnRelease
	Record    ident.Record
	User      ident.User
	Search    string
	Cursor    string
	Limit     int
}

// HistoryRow is one line of an enrollment's history.
type HistoryRow struct {
	ID           ident.History
	Enrollment   ident.Enrollment
	SequenceName string
	flow.Line
	At     time.Time
	ByName string
}

// Import is one uploaded file and what became of it. Settings, Progress and Result are the importer's JSON.
type Import struct {
	ID         ident.Import
	User       ident.User
	UserName   string
	RecordKind record.Kind
	FileName   string
	FilePath   string
	Size       int64
	Settings   string
	// State is uploaded, checking, checked, running, done, failed or cancelled.
	State      string
	Progress   string
	Result     string
	CreatedAt  time.Time
	FinishedAt time.Time
}
