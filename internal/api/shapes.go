package api

import (
	"time"

	"cadenza/internal/action"
	"cadenza/internal/seqfile/library"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// The functions of this file give things as the API answers them. The command line prints them for --json, so that a script reads one language at
// both doors.

// RecordWithNext gives a record of a list with its next activities.
func RecordWithNext(r store.RecordRow) any { return withActivities(r) }

// Activity gives an activity.
func Activity(a store.Activity) any { return activityOf(a) }

// WorkRow gives a row of the ordered work list, which stands in a group.
func WorkRow(r action.WorkRow, group action.WorkGroup) any { return workRowOf(r, group) }

// WorkSettings gives what counts in work lists.
func WorkSettings(s store.WorkSettings) any { return first(workSettingsOf(s, nil)) }

// Note gives a note.
func Note(n store.Note) any { return noteOf(n) }

// TimelineEntry gives a line of a record's timeline.
func TimelineEntry(e action.TimelineEntry) any { return timelineOf(e) }

// LibraryRow gives a sequence of the library in a list.
func LibraryRow(e library.Entry) any { return libraryRowOf(e) }

// LibraryEntry gives a sequence of the library with all that it holds.
func LibraryEntry(e library.Entry) any { return libraryOf(e) }

// Sequence gives a sequence with its draft.
func Sequence(v action.SequenceView) any { return sequenceOf(v) }

// Tag gives a tag of sequences.
func Tag(t store.Tag) any { return tagOf(t) }

// Team gives a team as the API shows it.
func Team(t store.Team) any { return teamOf(t) }

// Following says whether a user follows a record.
func Following(on bool) any { return following{on} }

// Draft gives an email before it is sent.
func Draft(d action.Draft) any { return draftOf(d) }

// BegunMail gives one of the emails that a user has begun.
func BegunMail(d action.BegunMail) any { return begunMailOf(d) }

// BulkPreview gives what one recipient of a bulk email would get.
func BulkPreview(p action.MailPreview) any { return bulkPreviewOf(p) }

// Standing says where the records on older versions stand.
func Standing(s action.Standing) any { return standingOf(s) }

// Move gives a move of records, with how far it is.
func Move(r store.MoveRun) any { return moveOf(r) }

// MovePreview says what a move would do.
func MovePreview(p action.MovePreview, in action.MoveInput) any { return startedPreview(p, in) }

// Batch gives a batch, with until when it can be taken back.
func Batch(b store.Batch, now time.Time) any { return batchOf(b, now) }

// BatchRow gives what became of an activity of a batch.
func BatchRow(r store.BatchRow) any { return batchRowOf(r) }

// StartedBatch gives a batch that was begun, or would be, with those of the rows that were refused.
func StartedBatch(b store.Batch, rows []store.BatchRow, now time.Time) any {
	return startedOf(b, rows, now)
}

// CleanUp gives a plan for overdue work.
func CleanUp(p action.Plan, how action.CleanUp) any { return cleanUpOf(p, how) }

// Planned gives what is planned for a user.
func Planned(p action.Planned) any { return plannedOf(p) }

// Explanation gives why a record stands where it stands on a sequence.
func Explanation(x action.Explanation) any { return explanationOf(x) }

// Why gives why nothing happens with a record, and why messages went out to it.
func Why(w action.Why) any { return whyOf(w) }

// Cause gives why a message came about.
func Cause(c action.Cause) any { return causeOf(c) }

// SequenceFigures gives what became of the records on a sequence.
func SequenceFigures(f action.SequenceFigures) any { return sequenceFiguresOf(f) }

// Connected gives which records were connected, and which were not.
func Connected(r action.ConnectResult) any { return connectedOf(r) }

// Notification gives something that a user is told of.
func Notification(n store.Notification) any { return notificationOf(n) }

// NotificationsRead gives how many were not read before.
func NotificationsRead(n int) any { return readShape{Read: n} }

// NotificationSettings gives what a user wants to be told of.
func NotificationSettings(s action.NotificationSettings) any {
	return first(notificationSettingsOf(s, nil))
}

// OwnSettings gives what a user has chosen.
func OwnSettings(s action.OwnSettings) any { return first(ownSettingsOf(s, nil)) }

// User gives a user.
func User(u store.User) any { return userOf(u) }

// Outcomes gives how calls, or meetings, can end.
func Outcomes(l action.OutcomeList) any {
	if l.Kind == step.Meeting {
		return first(meetingOutcomesOf(l, nil))
	}
	return first(outcomesOf(l, nil))
}

// Settings gives the settings of the organisation, its working hours among them.
func Settings(s action.Settings) any { return first(settingsOf(s, nil)) }

// WorkingTime gives when a user works.
func WorkingTime(w action.WorkingTime) any { return first(workTimeOf(w, nil)) }

// TimeOff gives time off.
func TimeOff(t action.TimeOff) any { return timeOffOf(t) }

// Moved gives how many activities changed their assignee.
func Moved(n int) any { return movedShape{n} }

// ComingHoliday gives a holiday of a region's calendar.
func ComingHoliday(h action.ComingHoliday) any { return comingHoliday(h) }

// Holiday gives a holiday that the organisation added.
func Holiday(h store.Holiday) any { return ownHoliday(h) }

// HolidaySettings gives whose holidays count, with the organisation's own.
func HolidaySettings(s action.HolidaySettings) any { return first(holidaysOf(s, nil)) }

// Suppression gives an address that must not be written to.
func Suppression(s store.Suppression) any { return suppressionOf(s) }

// Trunk gives the trunk over which people call, with what a test could not try.
func Trunk(t store.Trunk, note string) any {
	s, _ := trunkOf(t, nil)
	s.Note = note
	return s
}

// first drops the error that a conversion only passes on.
func first[T any](shape T, _ error) T { return shape }

// FieldFilter gives a filter of the work list by fields.
func FieldFilter(f store.FieldFilter, shown bool) any { return fieldFilterOf(f, shown) }

// WorkView gives a saved filter of the work list.
func WorkView(v store.WorkView) any { return workViewOf(v) }

// Version gives a version of a sequence with what it changed.
func Version(v action.VersionEntry) any { return versionOf(v) }

// Difference gives what differs between two definitions of a sequence.
func Difference(d action.Difference) any { return differenceOf(d) }
