package step

import (
	"time"

	"cadenza/internal/calendar"
)

// The bounds of how late an automated message may be, and what counts where its step says nothing (spec.md 13, decision 19).
const (
	ShortestLate = time.Hour
	LongestLate  = 30 * 24 * time.Hour
	DefaultLate  = 7 * 24 * time.Hour
)

// What becomes of an automated message that is too late.
const (
	handOverLate = "hand_over"
	skipLate     = "skip"
)

// lateFields say when the message of a step is too late to be sent, and what happens then.
func lateFields() []Field {
	return []Field{
		{
			Key: "too_late_after", Label: "Too late after", Type: DurationField, Min: ShortestLate, Max: LongestLate,
			Hint: "When it could not be sent for so long because the server was down. 7 days when empty.",
		},
		{
			Key: "when_too_late", Label: "When it is too late", Type: ChoiceField, Initial: handOverLate,
			Options: []Option{{handOverLate, "Hand it to a person"}, {skipLate, "Skip the step"}},
		},
	}
}

// threadField puts an email into the thread of those before it.
func threadField() Field {
	return Field{
		Key: "thread", Label: "Answer to the email before it", Type: TruthField,
		Hint: "Mail programs then show it below the earlier emails of the sequence. Its subject is theirs, with “Re:” before it.",
	}
}

// TooLate gives how late the step's message may be at most, and whether it is skipped then instead of handed to a person; zero
// for a step that sends nothing by itself.
func (s Step) TooLate() (after time.Duration, skip bool) {
	kind, _ := KindOf(s.Type)
	if kind.Human || !kind.Mails && !kind.Texts {
		return 0, false
	}
	return s.lateness()
}

func (s Step) lateness() (after time.Duration, skip bool) {
	after = DefaultLate
	if d, err := calendar.ParseDuration(s.Config.Text("too_late_after")); err == nil && d >= ShortestLate && d <= LongestLate {
		after = d
	}
	return after, s.Config.Text("when_too_late") == skipLate
}

// LateReason says that a message is too late.
func LateReason(late time.Duration) string {
	return "It is " + calendar.DescribeDuration(late.Truncate(time.Hour)) + " late, because the server was down, and was not sent any more."
}

// late answers for a step that is entered too late; ok is false when it is not.
func late(in In, kind string) (out Out, ok bool) {
	after, skip := in.Step.lateness()
	if in.Late <= after {
		return Out{}, false
	}
	if skip {
		return Leave(Skipped, LateReason(in.Late)), true
	}
	return handed(in, kind, LateReason(in.Late)), true
}
