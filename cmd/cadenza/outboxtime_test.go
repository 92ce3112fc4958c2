package main

import (
	"testing"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// scheduled queues an email to Marta, who lives in Tokyo, for a week ahead.
func (d *desk) scheduled() store.Message {
	d.t.Helper()
	a, err := d.h.app.GetActivity(d.t.Context(), d.anna, d.emails()[0])
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.h.app.UpdateRecord(d.t.Context(), d.anna, a.Record, action.RecordChange{Values: record.Values{"time_zone": "Asia/Tokyo"}}); err != nil {
		d.t.Fatal(err)
	}
	m, err := d.h.app.SendEmail(d.t.Context(), d.anna, a.ID, action.Draft{To: "marta@buyer.test", Subject: "Our offer", HTML: "<p>Dear Marta</p>", At: time.Now().AddDate(0, 0, 7)})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// TestRescheduleOnTheCommandLine moves an email that waits for its time, by one's own clock, the recipient's and the suggestion, and sends it at once.
func TestRescheduleOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			id := d.scheduled().ID.String()
			day := time.Now().AddDate(0, 0, 3).UTC().Format("2006-01-02")
			says := func(want int, texts []string, flags ...string) {
				t.Helper()
				d.tells(want, append([]string{"outbox", "reschedule", id}, flags...), texts...)
			}
			says(exitOK, []string{"The email to marta@buyer.test goes out " + day + " 09:00 UTC, " + day + " 18:00 JST by the recipient's clock."}, "--at", day+" 09:00")
			d.says(exitOK, "outbox show "+id, "scheduled    "+day+" 09:00 UTC", "goes out     "+day+" 09:00 UTC")
			says(exitOK, []string{day + " 00:00 UTC, " + day + " 09:00 JST by"}, "--at", day+" 09:00", "--theirs")
			says(exitOK, []string{day + " 09:00 CE", "by the recipient's clock."}, "--at", day+" 09:00", "--as", "anna@example.com")
			says(exitOK, []string{`"scheduled_at": "` + day + `T09:00:00Z"`}, "--at", day+" 09:00", "--json")

			says(exitFailed, []string{"- --at: Say when it is to go", "cadenza outbox send-now"})
			says(exitFailed, []string{"- --at: Give a time as 2026-12-24 09:00."}, "--at", "tomorrow")
			says(exitFailed, []string{"- --at: Choose a time that is still to come"}, "--at", "2020-01-01 09:00")
			says(exitFailed, []string{"- --at: Choose a time within one year."}, "--at", "2999-01-01 09:00")
			says(exitFailed, []string{"- --suggested: There is a time in --at already"}, "--at", day+" 09:00", "--suggested")
			says(exitFailed, []string{"- --theirs: It says whose clock"}, "--theirs", "--suggested")
			d.says(exitFailed, "outbox reschedule nonsense --suggested", "- <message>: There is no message nonsense. See cadenza outbox list.")
			d.says(exitFailed, "outbox reschedule "+ident.Message(4711).String()+" --suggested", "There is no such message")
			d.says(exitOK, "user create ben@example.com --name Ben")
			says(exitFailed, []string{"may not"}, "--at", day+" 10:00", "--as", "ben@example.com")
			d.says(exitFailed, "outbox send-now "+id+" --as ben@example.com", "may not")

			d.says(exitOK, "outbox send-now "+id+" --as anna@example.com", "The email to marta@buyer.test is on its way.")
			d.says(exitOK, "outbox send-now "+id+" --json", `"state": "queued"`)
			d.says(exitOK, "outbox list", id, "    It is next.")
			d.says(exitOK, "outbox take-back "+id+" --as anna@example.com")
			d.says(exitFailed, "outbox send-now "+id, "The email is withdrawn; only one that waits can be moved or taken back.")
			d.says(exitFailed, "outbox send-now nonsense", "- <message>: There is no message nonsense.")
		})
	}
}

// TestSuggestedTimeOnTheCommandLine holds that what was asked for by --suggested is the time that the browser offers, or the advice to send now.
func TestSuggestedTimeOnTheCommandLine(t *testing.T) {
	t.Parallel()
	now := time.Now()
	theirs := time.FixedZone("JST", 9*3600)
	c := outboxRescheduleCommand{Suggested: true}
	if _, err := c.moment(7, action.Suggestion{}, false, time.UTC, theirs); err == nil {
		t.Error("nothing is known, and a time is given")
	}
	if _, err := c.moment(7, action.Suggestion{At: now, Now: true}, true, time.UTC, theirs); err == nil {
		t.Error("now is good, and a time is given")
	}
	if at, err := c.moment(7, action.Suggestion{At: now.Add(time.Hour)}, true, time.UTC, theirs); err != nil || !at.Equal(now.Add(time.Hour)) {
		t.Errorf("the suggested time is %v, %v", at, err)
	}
}
