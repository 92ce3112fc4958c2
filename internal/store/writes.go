package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// writes is everything that a batch of moves changes, as rows. It is written set-based by write_sqlite.go and
// write_postgres.go.
type writes struct {
	states []stateRow
	// statuses are those of the states whose status changed, which enrollments carries as well.
	statuses   []stateRow
	history    []historyRow
	activities []activityRow
	messages   []messageRow
	connects   []connectRow
	sets       []setRow
	// closed are the records that the sets closed, changed all that they changed.
	closed, changed []ident.Record
	// cancel are enrollments whose open work is over, by what is said of what was to be sent; hold and release are those whose work waits and goes on.
	cancel        map[string][]int64
	hold, release []int64
	// renew are the visits whose work gets the texts of their step in another version.
	renew []renewRow
	// events are the consumed ones.
	events []int64
	// figures are what changes in the counts of steps.
	figures tally
}

type stateRow struct {
	id, rev            int64
	status, wait       int16
	step               string
	visit              int
	since              int64
	due, timer, finish *int64
	done, autoMoves    int
	exit               string
	lastLine           int64
	// was is since before the move.
	was int64
}

type historyRow struct {
	// state is the place of its enrollment's row in writes.states.
	state           int
	id, prev        int64
	enrollment      int64
	kind            int16
	step            string
	visit           int
	since, at       int64
	outcome, detail string
	user            *int64
}

type activityRow struct {
	record                                     int64
	enrollment                                 *int64
	step                                       string
	visit                                      int
	kind, name, description, template, trouble string
	state                                      int16
	// behalf is whose work it is, while the assignee stands in.
	assignee, behalf *int64
	// answers is the received mail that it is to answer.
	answers *int64
	due, at int64
}

type messageRow struct {
	record, enrollment int64
	step               string
	visit              int
	template           string
	user               *int64
	state              int16
	next               int64
	rfcID              string
	channel, variant   int16
	// thread, anyTime, lateAfter (microseconds) and lateSkip are what its step says of its sending; see Pacing.
	thread, anyTime, lateSkip bool
	lateAfter                 int64
}

type connectRow struct {
	from      *loaded
	sequence  string
	autoMoves int
}

// add puts one enrollment's move into the rows.
func (w *writes) add(l *loaded, move flow.Move, now time.Time) {
	st, at := move.State, now.UnixMicro()
	row := stateRow{
		id: int64(l.snap.Enrollment), rev: l.rev, status: statusCodes[st.Status], wait: waitCodes[st.Wait], step: st.Step,
		visit: st.Visit, since: st.Since.UnixMicro(), timer: microsOf(st.DueAt), done: st.Done, autoMoves: st.AutoMoves, exit: string(st.Exit),
		lastLine: l.lastLine, was: l.snap.State.Since.UnixMicro(),
	}
	switch st.Status {
	case flow.Active:
		row.due = row.timer
	case flow.Finished:
		row.finish = &at
	case flow.Paused: // nothing is due
	}
	if w.figures == nil {
		w.figures = tally{}
	}
	w.figures.move(l, move, now)
	w.states = append(w.states, row)
	if st.Status != l.snap.State.Status {
		w.statuses = append(w.statuses, row)
	}
	w.events = append(w.events, l.events...)
	for _, line := range move.Lines {
		w.history = append(w.history, historyRow{
			state: len(w.states) - 1, enrollment: row.id, kind: lineCodes[line.Kind], step: line.Step,
			visit: line.Visit, since: line.Since.UnixMicro(), at: at, outcome: string(line.Outcome), detail: clip(line.Detail), user: keyOf(line.By),
		})
	}
	w.effects(l, move, at)
}

// effects turns orders into rows. What an earlier order of the same move opened and a later one cancels is not written
// at all.
func (w *writes) effects(l *loaded, move flow.Move, at int64) {
	activities, messages := len(w.activities), len(w.messages)
	var left []activityRow
	held := move.State.Status == flow.Paused
	for _, placed := range move.Effects {
		switch e := placed.Effect.(type) {
		case step.SendMail:
			w.messages = append(w.messages, newMessage(l, placed.Token, message.EmailChannel, e, held, at))
		case step.SendText:
			w.messages = append(w.messages, newMessage(l, placed.Token, message.TextChannel, step.SendMail{Template: e.Template}, held, at))
		case step.OpenActivity:
			w.activities = append(w.activities, newActivity(l, placed.Token, e, held, at))
		case step.LeaveActivity:
			left = append(left, leftActivity(l, e, at))
		case step.CancelWork:
			w.activities, w.messages = w.activities[:activities], w.messages[:messages]
			if w.cancel == nil {
				w.cancel = map[string][]int64{}
			}
			why := withdrawnFor(move.State.Exit)
			w.cancel[why] = append(w.cancel[why], int64(l.snap.Enrollment))
		case step.HoldWork:
			w.hold = append(w.hold, int64(l.snap.Enrollment))
		case step.ReleaseWork:
			w.release = append(w.release, int64(l.snap.Enrollment))
		case step.RenewWork:
			w.renew = append(w.renew, renewRow{version: l.snap.Version, token: placed.Token})
		case step.SetField:
			w.sets = append(w.sets, setRow{record: l.record, field: e.Field, value: e.Value})
		case step.ConnectTo:
			w.connects = append(w.connects, connectRow{from: l, sequence: e.Sequence, autoMoves: e.AutoMoves})
		default:
			panic(fmt.Sprintf("effect %T is not stored", e))
		}
	}
	w.activities = append(w.activities, left...)
}

// leftActivity is an activity of the record alone, which outlives the enrollment.
func leftActivity(l *loaded, e step.LeaveActivity, now int64) activityRow {
	who := e.For
	if who == 0 {
		who = l.assignee
	}
	return activityRow{
		record: int64(l.record), kind: e.Kind, name: e.Name, description: e.Description, state: int16(ActivityOpen),
		assignee: keyOf(who), answers: keyOf(e.Answers), due: e.DueAt.UnixMicro(), at: now,
	}
}

func newMessage(l *loaded, at step.Token, channel message.Channel, e step.SendMail, held bool, now int64) messageRow {
	state := MessageQueued
	if held {
		state = MessageHeld
	}
	s, _ := l.snap.Version.Step(at.Step)
	late, skip := s.TooLate()
	return messageRow{
		thread: s.Config.Truth("thread"), anyTime: l.snap.Version.Def.Options.Sending == flow.AnyTime, lateAfter: late.Microseconds(), lateSkip: skip,
		record: int64(l.record), enrollment: int64(at.Enrollment), step: at.Step, visit: at.Visit, template: e.Template,
		user: keyOf(l.assignee), state: int16(state), next: now, channel: channelCodes[channel], variant: int16(e.Variant),
	}
}

func newActivity(l *loaded, at step.Token, e step.OpenActivity, held bool, now int64) activityRow {
	state := ActivityOpen
	if held {
		state = ActivityHeld
	}
	s, _ := l.snap.Version.Step(at.Step)
	return activityRow{
		record: int64(l.record), enrollment: keyOf(at.Enrollment), step: at.Step, visit: at.Visit, kind: e.Kind, name: titleOfActivity(s),
		description: s.Description, template: e.Template, trouble: clip(e.Trouble), state: int16(state), assignee: keyOf(l.assignee),
		due: e.DueAt.UnixMicro(), at: now,
	}
}

// write brings the rows into the database, in an order in which work that is cancelled goes before work that is new.
func (tx *Tx) write(w *writes) error {
	if len(w.states) == 0 {
		return nil
	}
	if err := tx.changeWork(w); err != nil {
		return err
	}
	if err := tx.renewWork(w.renew); err != nil {
		return fmt.Errorf("renew work: %w", err)
	}
	var err error
	if w.activities, err = tx.joinAnswers(w.activities); err != nil {
		return fmt.Errorf("join answers: %w", err)
	}
	if err := tx.handOver(w.activities); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	if err := tx.nameMessages(w.messages); err != nil {
		return fmt.Errorf("name messages: %w", err)
	}
	if err := tx.writeRows(w); err != nil {
		return err
	}
	if err := tx.noteFigures(w.figures); err != nil {
		return err
	}
	if w.closed, w.changed, err = tx.setFields(w.sets); err != nil {
		return err
	}
	for _, m := range w.messages {
		tx.queued(channelOf[m.channel])
	}
	if len(w.release) > 0 {
		tx.mail, tx.text = true, true
	}
	return nil
}

// writeRows writes the rows that a batch has many of.
func (tx *Tx) writeRows(w *writes) error {
	if tx.db.dialect == sqliteDialect {
		if err := tx.writeAlike(w); err != nil {
			return fmt.Errorf("write what is alike: %w", err)
		}
	}
	if err := tx.numberLines(w); err != nil {
		return fmt.Errorf("number lines of history: %w", err)
	}
	if tx.db.dialect == sqliteDialect {
		return tx.writeSQLite(w)
	}
	return tx.writePostgres(w)
}

// nameMessages fixes the Message-IDs: unique by the visit, under the domain of the assignee's mailbox. They stay the same
// whatever mailbox sends in the end (RFC 5322, section 3.6.4).
func (tx *Tx) nameMessages(rows []messageRow) error {
	domains := map[int64]string{}
	for i := range rows {
		domain := ""
		if user := rows[i].user; user != nil {
			known, ok := domains[*user]
			if !ok {
				var address string
				err := tx.row(`select address from mailboxes where user_id = $1`, *user).Scan(&address)
				if err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
				known = message.DomainOf(address)
				domains[*user] = known
			}
			domain = known
		}
		token := fmt.Sprintf("%s.%d", ident.Enrollment(rows[i].enrollment), rows[i].visit)
		if channelOf[rows[i].channel] == message.TextChannel {
			// A provider of texts knows them by nothing else: two installations must not use the same id there.
			token += "." + strconv.FormatInt(rows[i].next, 36)
		}
		rows[i].rfcID = message.NewMessageID(token, domain)
	}
	return nil
}

// followUp is what a batch of moves leads to beyond its own enrollments.
type followUp struct {
	connects []connectRow
	// closed are the records that steps closed, changed all that they changed.
	closed, changed []ident.Record
}

func (f *followUp) add(more followUp) {
	f.connects, f.closed = append(f.connects, more.connects...), append(f.closed, more.closed...)
	f.changed = append(f.changed, more.changed...)
}

// follow carries out what moves led to: new enrollments, and the end of all enrollments of records that steps closed, those
// new ones among them (spec.md 13, decision 13).
func (tx *Tx) follow(f followUp) error {
	if err := tx.connectAll(f.connects); err != nil {
		return err
	}
	if err := tx.NoteChanges(f.changed, 0); err != nil || len(f.closed) == 0 {
		return err
	}
	if _, err := tx.EndEnrollmentsOf(f.closed, step.RecordClosed{}); err != nil {
		return fmt.Errorf("end enrollments of closed records: %w", err)
	}
	return nil
}

// connectAll connects the records of finished enrollments to the next sequence. A record that is on it already stays
// as it is.
func (tx *Tx) connectAll(list []connectRow) error {
	var enrollments []NewEnrollment
	for _, c := range list {
		var (
			sequence ident.Sequence
			version  ident.Version
		)
		err := tx.row(`select id, version_id from sequences where lower(name) = lower($1) and deleted_at is null and status = 'active'`,
			c.sequence).Scan(&sequence, &version)
		if err != nil {
			return fmt.Errorf("advance to %q: %w", c.sequence, missing(err, "sequence"))
		}
		assignee, err := tx.assigneeOf(version, c.from)
		if err != nil {
			return err
		}
		enrollments = append(enrollments, NewEnrollment{
			Sequence: sequence, Version: version, Record: c.from.record, Assignee: assignee,
			AutoMoves: c.autoMoves,
		})
	}
	if len(enrollments) == 0 {
		return nil
	}
	_, err := tx.Enroll(enrollments)
	return err
}

// assigneeOf gives who gets the activities in the next sequence: its record's owner, or else whoever had them so far.
func (tx *Tx) assigneeOf(version ident.Version, from *loaded) (ident.User, error) {
	v, err := tx.Version(version)
	if err != nil || v.Def.Options.Assignee != flow.RecordOwner {
		return from.assignee, err
	}
	var owner ident.User
	if err := tx.row(`select coalesce(owner_id, 0) from records where id = $1`, int64(from.record)).Scan(&owner); err != nil {
		return 0, fmt.Errorf("read owner: %w", missing(err, "record"))
	}
	if owner == 0 {
		owner = from.assignee
	}
	return owner, nil
}

func microsOf(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	v := t.UnixMicro()
	return &v
}

func keyOf[T ~int64](id T) *int64 {
	if id == 0 {
		return nil
	}
	v := int64(id)
	return &v
}

// clip bounds a stored sentence to 1,000 bytes at a character's edge; servers' answers can be long.
func clip(s string) string {
	const limit = 1000
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit-3], "") + "…"
}
