// Package flow holds the heart of Cadenza: what a sequence is, what is wrong with one, and what an enrollment does next.
//
// Decide is one pure function of version, state, event, moment and facts. The package must never read a clock, a
// database or the network, log, or fail for outside reasons: a broken sequence is a problem value, not a panic.
//
// Start reading at Decide, then Problems, then the stories in testdata.
package flow

import (
	"time"

	"cadenza/internal/record"
	"cadenza/internal/step"
)

// Limits of a sequence (spec.md 1.2 and 4.8).
const (
	MaxSteps           = 40
	MaxName            = 160
	MaxDescription     = 2000
	MaxStepName        = 100
	MaxStepDescription = 2000
	MaxActive          = 250
	// MaxValue is the most characters of a value that a step compares with or sets.
	MaxValue = 1000
)

// Waits says how waits are counted.
type Waits string

// The ways of counting (spec.md 13, decision 3).
const (
	Elapsed     Waits = "elapsed"
	WorkingTime Waits = "working_time"
)

// Assignee says who gets the activities of a sequence (spec.md 13, decision 2).
type Assignee string

// The assignees.
const (
	RecordOwner    Assignee = "record_owner"
	ConnectingUser Assignee = "connecting_user"
)

// Reentry says whether a record may be connected to a sequence again (spec.md 13, decision 1).
type Reentry string

// The rules of re-entry.
const (
	AfterFinish Reentry = "after_finish"
	Never       Reentry = "never"
)

// Sending says at what hours the automated messages of a sequence go out.
type Sending string

// The ways of sending.
const (
	InWindows    Sending = "in_windows" // within the send windows of the organisation
	InOwnWindows Sending = "own_windows"
	AnyTime      Sending = "any_time"
)

// Options are a sequence's settings.
type Options struct {
	Exits
	Waits    Waits
	Assignee Assignee
	Reentry  Reentry
	Sending  Sending
	// Windows count with InOwnWindows and are empty otherwise.
	Windows Windows
}

// DefaultOptions are those of a new sequence, and of what a definition says nothing about: a version that was frozen before
// an option existed has its default.
func DefaultOptions() Options {
	return Options{Exits: DefaultExits(), Waits: Elapsed, Assignee: RecordOwner, Reentry: AfterFinish, Sending: InWindows}
}

// Sequence is a definition as its designer wrote it: the shape that files, the API and the designer share.
type Sequence struct {
	Name        string
	Record      record.Kind
	Description string
	Options     Options
	Steps       []step.Step
}

// Status is the state of an enrollment's life.
type Status string

// The statuses. A new enrollment is Active with NoWait: it has not entered its first step.
const (
	Active   Status = "active"
	Paused   Status = "paused"
	Finished Status = "finished"
)

// State is all that is known of an enrollment's place in its version.
//
// Invariant: an active state waits for something or is due (rules_test.go); a finished one waits for nothing.
type State struct {
	Status Status
	// Step is where the enrollment stands; "" before the first step.
	Step string
	// Visit counts the steps entered so far.
	Visit int
	// Since is when the present visit began.
	Since time.Time
	// Wait is what the enrollment waits for. NoWait while active or paused means that Step is not entered yet.
	Wait step.Wait
	// DueAt is when the engine must look again; zero for never. It is kept while paused.
	DueAt time.Time
	Exit  step.Exit
	// Done counts the steps that were left, skipped ones included.
	Done int
	// AutoMoves counts automatic moves since time last passed or a person last acted.
	AutoMoves int
}

// Start is the state of a new enrollment, due at once.
func Start(now time.Time, autoMoves int) State {
	return State{Status: Active, DueAt: now, Since: now, AutoMoves: autoMoves}
}
