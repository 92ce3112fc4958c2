package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// officeHours are windows from Monday to Friday, ten to noon, with a holiday on Tuesday 3 March.
func officeHours() flow.SendHours {
	h := flow.SendHours{On: true, Off: func(y int, m time.Month, d int) bool {
		return calendar.DateOf(y, m, d) == calendar.DateOf(2026, time.March, 3)
	}}
	for day := time.Monday; day <= time.Friday; day++ {
		h.Windows[day] = calendar.Span{From: 10 * time.Hour, To: 12 * time.Hour}
	}
	return h
}

func TestSendHours(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, time.March, day, hour, 0, 0, 0, time.UTC) }
	plain, own, abroad, away, shut := officeHours(), officeHours(), officeHours(), officeHours(), officeHours()
	own.Own, abroad.Zone, shut.Windows = true, berlin, flow.Windows{}
	away.Sender, away.Back = "Anna", func(t time.Time) time.Time {
		if t.Before(at(4, 13)) {
			return at(4, 13)
		}
		return time.Time{}
	}
	for _, c := range []struct {
		name  string
		hours flow.SendHours
		at    time.Time
		want  string
	}{
		{"no windows", flow.SendHours{}, at(2, 3), "2 03:00 "},
		{"within", plain, at(2, 11), "2 11:00 "},
		{"before", plain, at(2, 3), "2 10:00 It is outside of the send window (UTC)."},
		{"after, with a holiday on the next day", plain, at(2, 12), "4 10:00 It is outside of the send window (UTC)."},
		{"on the holiday", plain, at(3, 11), "4 10:00 It is a holiday at the customer's (UTC)."},
		{"of the sequence", own, at(2, 3), "2 10:00 The sequence sends Mon–Fri 10:00–12:00 (UTC)."},
		{"in the customer's zone", abroad, at(2, 3), "2 09:00 It is outside of the send window (Europe/Berlin)."},
		{"the sender is away, and the windows are shut at the return", away, at(2, 11), "5 10:00 Anna is away, and automated messages wait for the return."},
		{"never", shut, at(2, 11), "never It is outside of the send window (UTC)."},
	} {
		leaves, why, ok := c.hours.Next(c.at)
		got := leaves.UTC().Format("2 15:04 ") + why
		if !ok {
			got = "never " + why
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestForeseeMessages holds that a way says when messages leave, and what becomes of those that cannot.
func TestForeseeMessages(t *testing.T) {
	t.Parallel()
	def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		configured("intro", "automated_email", "template", "intro"),
		ask("opened", opened("intro", "2d"), []step.Step{named("call", "phone_call")}, nil),
		configured("ping", "automated_text", "template", "ping"),
		named("write", "email"),
		named("book", "task"),
	}}
	optedOut := step.Suppression{Reason: "The customer opted out.", Exit: step.ExitOptedOut}
	for _, c := range []struct {
		name   string
		around flow.Surroundings
		want   string
	}{
		{
			"nothing holds them up",
			flow.Surroundings{},
			"intro 2 09:00 sent, opened 4 09:00 yes, call 4 09:00 completed by hand, ping 4 09:00 sent, write 4 09:00 completed by hand, book 4 09:00 completed by hand = completed",
		},
		{
			"windows",
			flow.Surroundings{Hours: officeHours()},
			"intro 2 10:00 sent held, opened 4 10:00 yes, call 4 10:00 completed by hand, ping 4 10:00 sent, write 4 10:00 completed by hand, book 4 10:00 completed by hand = completed",
		},
		{
			"a window that never opens",
			flow.Surroundings{Hours: flow.SendHours{On: true}},
			" =  stuck",
		},
		{
			"no address and no number",
			flow.Surroundings{NoAddress: true, NoNumber: true},
			"intro 2 09:00 skipped by hand, opened 2 09:00 no, ping 2 09:00 skipped by hand, write 2 09:00 skipped by hand, book 2 09:00 completed by hand = completed",
		},
		{
			"wishes",
			flow.Surroundings{Facts: step.Facts{DoNotEmail: true, DoNotText: true}},
			"intro 2 09:00 skipped, opened 2 09:00 no, ping 2 09:00 skipped, write 2 09:00 skipped by hand, book 2 09:00 completed by hand = completed",
		},
		{"opted out", flow.Surroundings{Facts: step.Facts{EmailSuppression: optedOut}}, " = opted_out"},
		{
			"a suppressed domain",
			flow.Surroundings{Facts: step.Facts{EmailSuppression: step.Suppression{Reason: "The domain of the address is suppressed."}}},
			"intro 2 09:00 skipped, opened 2 09:00 no, ping 2 09:00 sent, write 2 09:00 skipped by hand, book 2 09:00 completed by hand = completed",
		},
	} {
		way := flow.Foresee(flow.NewVersion(1, 1, 1, def), c.around, monday, func(step.Step) bool { return true })
		var got []string
		for _, v := range way.Visits {
			word := fmt.Sprintf("%s %s %s", v.Step.ID, v.LeftAt.Format("2 15:04"), v.Outcome)
			if v.ByHand {
				word += " by hand"
			}
			if v.Held != "" {
				word += " held"
			}
			got = append(got, word)
		}
		line := strings.Join(got, ", ") + " = " + string(way.Exit)
		if way.Stuck != "" {
			line += " stuck"
		}
		if line != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, line, c.want)
		}
	}
}

// TestSimulationCountsWhoCannotBeReached holds that a simulation counts what does not go, and the work that is left of it.
func TestSimulationCountsWhoCannotBeReached(t *testing.T) {
	t.Parallel()
	v := flow.NewVersion(1, 1, 1, flow.Sequence{Name: "S", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		configured("intro", "automated_email", "template", "intro"), named("book", "task"),
	}})
	s := flow.NewSimulation(monday, flow.DefaultRates(), func() float64 { return 1 })
	domain := step.Suppression{Reason: "The domain of the address is suppressed."}
	for _, around := range []flow.Surroundings{
		{},
		{NoAddress: true},
		{Facts: step.Facts{DoNotEmail: true}},
		{Facts: step.Facts{EmailSuppression: domain}},
		{Facts: step.Facts{EmailSuppression: domain}},
		{Hours: flow.SendHours{On: true}},
	} {
		s.Play(v, around, monday, "Anna")
	}
	got := fmt.Sprint(s.Day(0).Emails, s.Day(0).Unsent, s.Day(0).Activities(), s.Unreached, s.Stuck)
	want := "1 3 6 map[The domain of the address is suppressed.:2 The record has no email address.:1 The record must not be emailed.:1] map[It is outside of the send window (UTC).:1]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
