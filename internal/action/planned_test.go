package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

func day(t *testing.T, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *house) planned(user ident.User, from, to string) Planned {
	h.t.Helper()
	p, err := h.app.Planned(h.ctx, h.anna, user, day(h.t, from), day(h.t, to))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// planText writes what is planned in one line: days with their hours, then the rest by time.
func planText(p Planned) string {
	var out []string
	for _, d := range p.Days {
		line := d.Date.String()[8:] + " " + calendar.FormatSpans(d.Hours) + d.Holiday
		if d.Leave != nil {
			line += "away"
		}
		out = append(out, line)
	}
	at := func(t time.Time) string { return t.In(p.Zone).Format("02 15:04 ") }
	for _, a := range p.Activities {
		out = append(out, at(a.DueAt)+a.Name)
	}
	for _, w := range p.Waits {
		out = append(out, at(w.At)+w.Enrollment.RecordName+": "+w.What)
	}
	for _, m := range p.Messages {
		out = append(out, at(m.Message.NextAt)+m.What)
	}
	return strings.Join(out, "\n")
}

func TestPlanned(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, err := h.app.SaveWorkingTime(h.ctx, h.anna, WorkingTime{User: h.anna.ID, Own: true, Hours: WeekHours{"", "08:00-12:00, 13:00-17:00", "", "08:00-17:00", "08:00-17:00", "08:00-15:00", ""}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.AddHoliday(h.ctx, h.admin, HolidayInput{Date: "2026-03-04", Name: "Founders' day"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.AddTimeOff(h.ctx, h.anna, TimeOffInput{User: h.anna.ID, From: "2026-03-05"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: h.lead(h.anna, "Paul", "Early"), Kind: "task", Name: "Look back", DueAt: time.Date(2026, 3, 1, 22, 59, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
		id := h.active(h.manager, define("Trial", call("first"), pause("wait", "2d"), task("book")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		first := h.connect(h.anna, id, h.lead(h.anna, "Dora", "Dale"))
		h.connect(h.bob, id, h.lead(h.bob, "Elsa", "Other"))
		var act store.Activity
		rec := h.recordOf(first)
		h.write(func(tx *store.Tx) error {
			rows, err := tx.UndoneActivities(rec)
			act = rows[0]
			return err
		})
		if _, err := h.app.Complete(h.ctx, h.anna, act.ID, Done{Outcome: "busy"}); err != nil {
			t.Fatal(err)
		}
		same(t, "the week", planText(h.planned(0, "2026-03-02", "2026-03-08")), strings.Join([]string{
			"02 08:00-12:00, 13:00-17:00", "03 ", "04 Founders' day", "05 away", "06 08:00-15:00", "07 ", "08 ",
			"02 10:00 Call first", "04 10:00 Dora Dale: Its wait ends; then the task \"Task book\" is due.",
		}, "\n"))
		same(t, "the day before", planText(h.planned(0, "2026-03-01", "2026-03-01")), "01 \n01 23:59 Look back")
		same(t, "the day of the wait's end alone", planText(h.planned(0, "2026-03-04", "2026-03-04")), "04 Founders' day\n04 10:00 Dora Dale: Its wait ends; then the task \"Task book\" is due.")
	})
}

// TestPlannedOfOthers holds that sellers look at their own, and managers at everybody's.
func TestPlannedOfOthers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		monday := day(t, "2026-03-02")
		_, err := h.app.Planned(h.ctx, h.bob, h.anna.ID, monday, monday)
		refused(t, "a colleague's", err, fault.Forbidden)
		if p, err := h.app.Planned(h.ctx, h.admin, h.anna.ID, monday, monday); err != nil || p.User.ID != h.anna.ID {
			t.Errorf("an admin looks at Anna's: %v, %v", p.User.Name, err)
		}
		_, err = h.app.Planned(h.ctx, h.admin, h.anna.ID+1000, monday, monday)
		refused(t, "nobody's", err, fault.NotFound)
		_, err = h.app.Planned(h.ctx, h.anna, 0, monday, monday-1)
		refused(t, "turned days", err, fault.Invalid, "before the first")
		_, err = h.app.Planned(h.ctx, h.anna, 0, monday, monday+62)
		refused(t, "too many days", err, fault.Invalid, "62 days")
	})
}

// TestPlannedMessages finds the messages that wait for their moment.
func TestPlannedMessages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Mails", mail("hello", "intro")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		same(t, "today", planText(h.planned(0, "2026-03-02", "2026-03-02")), "02 08:00-17:00\n02 10:00 An email goes out.")
		same(t, "tomorrow", planText(h.planned(0, "2026-03-03", "2026-03-03")), "03 08:00-17:00")
	})
}

func TestUnsnooze(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.connect(h.anna, h.active(h.manager, define("Trial", call("first"))), h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		due := act.DueAt
		_, err := h.app.Unsnooze(h.ctx, h.anna, act.ID)
		refused(t, "nothing was moved", err, fault.Conflict, "no move")
		if _, err := h.app.Snooze(h.ctx, h.anna, act.ID, due.Add(3*time.Hour)); err != nil {
			t.Fatal(err)
		}
		h.later(time.Hour)
		_, err = h.app.Unsnooze(h.ctx, h.bob, act.ID)
		refused(t, "another's", err, fault.Forbidden)
		back, err := h.app.Unsnooze(h.ctx, h.anna, act.ID)
		if err != nil || !back.DueAt.Equal(due) || back.Snoozes != 0 || !back.DueBefore.IsZero() || !back.MovedAt.Equal(due.Add(time.Hour)) {
			t.Errorf("back to its first time, though that has passed: due %v, %d snoozes, before %v, moved %v, %v", back.DueAt, back.Snoozes, back.DueBefore, back.MovedAt, err)
		}
		_, err = h.app.Unsnooze(h.ctx, h.anna, act.ID)
		refused(t, "twice", err, fault.Conflict, "no move")
	})
}
