package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/calendar"
)

// TestSnoozeChoices holds that what is put off does not come back on a day on which nobody works.
func TestSnoozeChoices(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	office := calendar.Calendar{Week: calendar.DefaultWeek(berlin)}
	feast := office
	feast.Off = func(_ int, m time.Month, d int) bool { return m == time.December && (d == 25 || d == 26 || d == 28) }
	for _, c := range []struct {
		name, now string
		calendar  calendar.Calendar
		want      string
	}{
		{"a Tuesday", "2026-12-01T10:30", office, "In 1 hour 1 11:30, Tomorrow morning 2 08:00, In 3 working days 4 08:00, Next week 7 08:00"},
		{"a Friday", "2026-12-04T16:30", office, "In 1 hour 4 17:30, Monday morning 7 08:00, In 3 working days 9 08:00"},
		{"a Wednesday before a long weekend", "2026-12-23T09:00", feast, "In 1 hour 23 10:00, Tomorrow morning 24 08:00, In 3 working days 30 08:00, Next week 29 08:00"},
		{"the day before it", "2026-12-24T09:00", feast, "In 1 hour 24 10:00, Tuesday morning 29 08:00, In 3 working days 31 08:00"},
		{"a Sunday", "2026-12-06T09:00", office, "In 1 hour 6 10:00, Tomorrow morning 7 08:00, In 3 working days 9 08:00"},
		{"nobody works", "2026-12-04T16:30", calendar.Calendar{Week: calendar.Week{Zone: berlin}}, "In 1 hour 4 17:30, Tomorrow morning 5 09:00, In 3 working days 7 09:00"},
	} {
		now, err := time.ParseInLocation("2006-01-02T15:04", c.now, berlin)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, choice := range snoozeChoices(now, c.calendar) {
			got = append(got, choice.Label+" "+choice.At.Format("2 15:04"))
		}
		if line := strings.Join(got, ", "); line != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, line, c.want)
		}
	}
}

// TestSnoozeChoicesOfAUser asks for those of a user who is away on Monday.
func TestSnoozeChoicesOfAUser(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.later(4 * 24 * time.Hour) // a Friday
		if _, err := h.app.AddTimeOff(h.ctx, h.anna, TimeOffInput{User: h.anna.ID, From: "2026-03-09", To: "2026-03-09"}); err != nil {
			t.Fatal(err)
		}
		choices, err := h.app.SnoozeChoices(h.ctx, h.anna)
		if err != nil || len(choices) != 3 {
			t.Fatalf("%v, %v", choices, err)
		}
		same(t, "the next morning", choices[1].Label+choices[1].At.Format(" 2 15:04 MST"), "Tuesday morning 10 08:00 CET")
	})
}
