package step

// Exit is why an enrollment finished.
type Exit string

// The exits.
const (
	NoExit             Exit = ""
	ExitCompleted      Exit = "completed"
	ExitReplied        Exit = "replied"
	ExitBounced        Exit = "bounced"
	ExitOptedOut       Exit = "opted_out"
	ExitSuppressed     Exit = "suppressed" // by somebody else than the customer
	ExitMeetingBooked  Exit = "meeting_booked"
	ExitFieldCondition Exit = "field_condition"
	ExitDisconnected   Exit = "disconnected"
	ExitRecordClosed   Exit = "record_closed"
	ExitAdvanced       Exit = "advanced"
	ExitSequenceClosed Exit = "sequence_closed"
	ExitFailed         Exit = "failed"
)

// Describe gives the exit as people read it.
func (e Exit) Describe() string {
	switch e {
	case NoExit:
		return ""
	case ExitCompleted:
		return "Completed"
	case ExitReplied:
		return "The customer replied"
	case ExitBounced:
		return "An email bounced"
	case ExitOptedOut:
		return "The customer opted out"
	case ExitSuppressed:
		return "The address or number was suppressed"
	case ExitMeetingBooked:
		return "A meeting was booked"
	case ExitFieldCondition:
		return "The record met the condition"
	case ExitDisconnected:
		return "Disconnected"
	case ExitRecordClosed:
		return "The record was closed"
	case ExitAdvanced:
		return "Advanced to another sequence"
	case ExitSequenceClosed:
		return "The sequence was deactivated or deleted"
	case ExitFailed:
		return "Stopped by a fault"
	}
	return string(e)
}
