package calendar

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's zones
)

// zoneNames are zones with unlike habits: none, half hours, changes at midnight, a half-hour change, a skipped day,
// a change at one minute past midnight, changes around fasting, and the far ends of the map.
var zoneNames = []string{
	"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles",
	"America/Santiago", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "America/Asuncion",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Tokyo", "Asia/Gaza", "Africa/Cairo",
	"Africa/Casablanca", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Auckland",
	"Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Pago_Pago", "Atlantic/Azores",
	"Antarctica/Troll",
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load zone %s: %v", name, err)
	}
	return loc
}

// stamp is how the tables write instants: wall clock with offset, so that a repeated hour is unambiguous.
const stamp = "Mon 2006-01-02 15:04 -0700"

func at(t testing.TB, loc *time.Location, text string) time.Time {
	t.Helper()
	v, err := time.Parse(stamp, text)
	if err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
	return v.In(loc)
}

// offOn makes a calendar's Off from dates.
func offOn(dates ...string) func(int, time.Month, int) bool {
	return func(y int, m time.Month, d int) bool {
		for _, s := range dates {
			if s == time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) {
				return true
			}
		}
		return false
	}
}

// checkTime compares instants and shows both on the wall clock of the expected one.
func checkTime(t *testing.T, what string, got time.Time, want string, loc *time.Location) {
	t.Helper()
	if g := got.In(loc).Format(stamp); g != want {
		t.Errorf("%s:\n got %s\nwant %s", what, g, want)
	}
}

func TestAddWorking(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	office := Calendar{Week: DefaultWeek(berlin)}
	leave := Calendar{Week: DefaultWeek(berlin), Off: offOn("2026-03-09", "2026-03-10")}
	lunch := Calendar{Week: DefaultWeek(berlin)}
	for d := time.Monday; d <= time.Friday; d++ {
		lunch.Week.Days[d] = []Span{{13 * time.Hour, 17 * time.Hour}, {8 * time.Hour, 12 * time.Hour}}
	}
	nights := Calendar{Week: AlwaysOpen(berlin)}
	cairo := Calendar{Week: AlwaysOpen(zone(t, "Africa/Cairo"))}
	tests := []struct {
		name  string
		c     Calendar
		start string
		days  int
		rest  time.Duration
		want  string
	}{
		{"the rule's example", office, "Wed 2026-03-04 10:00 +0100", 3, 0, "Mon 2026-03-09 10:00 +0100"},
		{"the next day", office, "Mon 2026-03-02 10:00 +0100", 1, 0, "Tue 2026-03-03 10:00 +0100"},
		{"over a weekend", office, "Fri 2026-03-06 16:59 +0100", 1, 0, "Mon 2026-03-09 16:59 +0100"},
		{"a week of work", office, "Wed 2026-03-04 10:00 +0100", 5, 0, "Wed 2026-03-11 10:00 +0100"},
		{"nothing in working time", office, "Wed 2026-03-04 10:00 +0100", 0, 0, "Wed 2026-03-04 10:00 +0100"},
		{"nothing before work", office, "Wed 2026-03-04 06:00 +0100", 0, 0, "Wed 2026-03-04 08:00 +0100"},
		{"nothing at the end of work", office, "Wed 2026-03-04 17:00 +0100", 0, 0, "Thu 2026-03-05 08:00 +0100"},
		{"nothing on saturday", office, "Sat 2026-03-07 12:00 +0100", 0, 0, "Mon 2026-03-09 08:00 +0100"},
		{"a day from the evening", office, "Mon 2026-03-02 20:00 +0100", 1, 0, "Wed 2026-03-04 08:00 +0100"},
		{"a day from the early morning", office, "Mon 2026-03-02 06:00 +0100", 1, 0, "Tue 2026-03-03 08:00 +0100"},
		{"a day from saturday", office, "Sat 2026-03-07 12:00 +0100", 1, 0, "Tue 2026-03-10 08:00 +0100"},
		{"a day from sunday", office, "Sun 2026-03-08 09:00 +0100", 1, 0, "Tue 2026-03-10 08:00 +0100"},
		{"hours within a day", office, "Mon 2026-03-02 10:00 +0100", 0, 4 * time.Hour, "Mon 2026-03-02 14:00 +0100"},
		{"hours over the night", office, "Mon 2026-03-02 16:00 +0100", 0, 4 * time.Hour, "Tue 2026-03-03 11:00 +0100"},
		{"hours over the weekend", office, "Fri 2026-03-06 16:30 +0100", 0, time.Hour, "Mon 2026-03-09 08:30 +0100"},
		{"exactly to the end of work", office, "Fri 2026-03-06 16:00 +0100", 0, time.Hour, "Mon 2026-03-09 08:00 +0100"},
		{"exactly one whole day", office, "Mon 2026-03-02 08:00 +0100", 0, 9 * time.Hour, "Tue 2026-03-03 08:00 +0100"},
		{"days, then hours", office, "Wed 2026-03-04 16:00 +0100", 2, 4 * time.Hour, "Mon 2026-03-09 11:00 +0100"},
		{"more hours than a day has", office, "Mon 2026-03-02 10:00 +0100", 0, 20 * time.Hour, "Wed 2026-03-04 12:00 +0100"},
		{"negative counts", office, "Mon 2026-03-02 10:00 +0100", -3, -time.Hour, "Mon 2026-03-02 10:00 +0100"},
		{"around days off", leave, "Fri 2026-03-06 10:00 +0100", 1, 0, "Wed 2026-03-11 10:00 +0100"},
		{"from a day off", leave, "Mon 2026-03-09 10:00 +0100", 1, 0, "Thu 2026-03-12 08:00 +0100"},
		{"hours around days off", leave, "Fri 2026-03-06 16:00 +0100", 0, 2 * time.Hour, "Wed 2026-03-11 09:00 +0100"},
		{"over lunch", lunch, "Mon 2026-03-02 11:30 +0100", 0, time.Hour, "Mon 2026-03-02 13:30 +0100"},
		{"into lunch", lunch, "Fri 2026-03-06 12:30 +0100", 1, 0, "Mon 2026-03-09 13:00 +0100"},
		{"same wall time over spring", office, "Fri 2026-03-27 09:00 +0100", 1, 0, "Mon 2026-03-30 09:00 +0200"},
		{"same wall time over autumn", office, "Fri 2026-10-23 09:00 +0200", 1, 0, "Mon 2026-10-26 09:00 +0100"},
		{"over a midnight that comes twice", cairo, "Thu 2024-10-31 23:59 +0300", 0, time.Minute, "Thu 2024-10-31 23:00 +0200"},
		{"hours over spring", office, "Fri 2026-03-27 16:00 +0100", 0, 2 * time.Hour, "Mon 2026-03-30 09:00 +0200"},
		{"skipped wall time moves on", nights, "Sat 2026-03-28 02:30 +0100", 1, 0, "Sun 2026-03-29 03:00 +0200"},
		{"repeated wall time is the first", nights, "Sat 2026-10-24 02:30 +0200", 1, 0, "Sun 2026-10-25 02:30 +0200"},
		{"real hours over the skipped one", nights, "Sun 2026-03-29 01:30 +0100", 0, time.Hour, "Sun 2026-03-29 03:30 +0200"},
		{"real hours over the repeated one", nights, "Sun 2026-10-25 01:30 +0200", 0, 2 * time.Hour, "Sun 2026-10-25 02:30 +0100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			loc := tt.c.Week.Zone
			got := tt.c.AddWorking(at(t, loc, tt.start), tt.days, tt.rest)
			checkTime(t, tt.start, got, tt.want, loc)
		})
	}
}

func TestAddWorkingNeverHangs(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	always := func(int, time.Month, int) bool { return true }
	sliver := Calendar{Off: func(_ int, m time.Month, d int) bool { return m != time.July || d != 1 }}
	for d := range sliver.Week.Days {
		sliver.Week.Days[d] = []Span{{0, 1}}
	}
	tests := []struct {
		name string
		c    Calendar
		days int
		rest time.Duration
		want time.Time
	}{
		{"no spans", Calendar{}, 2, time.Hour, start.Add(49 * time.Hour)},
		{"always off", Calendar{Week: DefaultWeek(nil), Off: always}, 1, 0, start.Add(24 * time.Hour)},
		{"always off, no days", Calendar{Week: DefaultWeek(nil), Off: always}, 0, time.Minute, start.Add(time.Minute)},
		{"turned spans", Calendar{Week: Week{Days: [7][]Span{{{5, 2}}, {{5, 5}}}}}, 0, 0, start},
		{"one nanosecond a year", sliver, 0, time.Hour, start.Add(time.Hour)},
		{"more days than countable", Calendar{Week: DefaultWeek(nil)}, 1 << 40, 0, start.Add(countDays * day)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.c.AddWorking(start, tt.days, tt.rest); !got.Equal(tt.want) {
				t.Errorf("AddWorking(%d, %v) = %v, want plain elapsed time %v", tt.days, tt.rest, got, tt.want)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	office := Calendar{Week: DefaultWeek(berlin)}
	early := Calendar{Week: Week{Zone: berlin}}
	for d := range early.Week.Days {
		early.Week.Days[d] = []Span{{2 * time.Hour, 2*time.Hour + 30*time.Minute}}
	}
	tests := []struct {
		name, start, want string
		c                 Calendar
	}{
		{"in working time", "Wed 2026-03-04 10:00 +0100", "Wed 2026-03-04 10:00 +0100", office},
		{"at the first moment", "Wed 2026-03-04 08:00 +0100", "Wed 2026-03-04 08:00 +0100", office},
		{"one minute before", "Wed 2026-03-04 07:59 +0100", "Wed 2026-03-04 08:00 +0100", office},
		{"at the end", "Wed 2026-03-04 17:00 +0100", "Thu 2026-03-05 08:00 +0100", office},
		{"friday evening", "Fri 2026-03-06 18:00 +0100", "Mon 2026-03-09 08:00 +0100", office},
		{"asked from another zone", "Fri 2026-03-06 07:30 +0000", "Fri 2026-03-06 08:30 +0100", office},
		{"a span that is skipped", "Sun 2026-03-29 00:00 +0100", "Mon 2026-03-30 02:00 +0200", early},
		{"a span that is repeated", "Sun 2026-10-25 00:00 +0200", "Sun 2026-10-25 02:00 +0200", early},
		{"the repetition is no working time", "Sun 2026-10-25 02:10 +0100", "Mon 2026-10-26 02:00 +0100", early},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := tt.c.Next(at(t, berlin, tt.start))
			if !ok {
				t.Fatalf("Next(%s) found nothing", tt.start)
			}
			checkTime(t, tt.start, got, tt.want, berlin)
			if !tt.c.Open(got) {
				t.Errorf("Next(%s) = %v is not working time", tt.start, got)
			}
		})
	}
}

func TestNextIsBounded(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	asked := 0
	c := Calendar{Week: AlwaysOpen(nil), Off: func(int, time.Month, int) bool { asked++; return true }}
	got, ok := c.Next(start)
	if ok || !got.Equal(start) {
		t.Errorf("Next without working time = %v, %v, want the start and false", got, ok)
	}
	if asked > searchDays+2 {
		t.Errorf("Next asked for %d days, want at most %d", asked, searchDays+2)
	}
	back := start.AddDate(0, 0, searchDays).Format(time.DateOnly)
	c.Off = func(y int, m time.Month, d int) bool {
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) != back
	}
	if got, ok := c.Next(start); !ok || got.Format(time.DateOnly) != back {
		t.Errorf("Next over %d days off = %v, %v, want %s", searchDays, got, ok, back)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	c := Calendar{Week: DefaultWeek(berlin), Off: offOn("2026-03-05")}
	for text, want := range map[string]bool{
		"Wed 2026-03-04 07:59 +0100": false,
		"Wed 2026-03-04 08:00 +0100": true,
		"Wed 2026-03-04 16:59 +0100": true,
		"Wed 2026-03-04 17:00 +0100": false,
		"Wed 2026-03-04 16:30 +0000": false,
		"Wed 2026-03-04 15:30 +0000": true,
		"Thu 2026-03-05 10:00 +0100": false,
		"Sat 2026-03-07 10:00 +0100": false,
	} {
		if got := c.Open(at(t, berlin, text)); got != want {
			t.Errorf("Open(%s) = %v, want %v", text, got, want)
		}
	}
}

func TestSpansAreTidied(t *testing.T) {
	t.Parallel()
	h := time.Hour
	tests := []struct {
		name       string
		give, want []Span
	}{
		{"in order", []Span{{8 * h, 12 * h}, {13 * h, 17 * h}}, []Span{{8 * h, 12 * h}, {13 * h, 17 * h}}},
		{"turned round", []Span{{13 * h, 17 * h}, {8 * h, 12 * h}}, []Span{{8 * h, 12 * h}, {13 * h, 17 * h}}},
		{"overlapping", []Span{{8 * h, 14 * h}, {12 * h, 17 * h}}, []Span{{8 * h, 17 * h}}},
		{"one in the other", []Span{{8 * h, 17 * h}, {9 * h, 10 * h}}, []Span{{8 * h, 17 * h}}},
		{"touching", []Span{{12 * h, 17 * h}, {8 * h, 12 * h}}, []Span{{8 * h, 17 * h}}},
		{"beyond the day", []Span{{-2 * h, 3 * h}, {22 * h, 30 * h}}, []Span{{0, 3 * h}, {22 * h, 24 * h}}},
		{"empty and turned", []Span{{3 * h, 3 * h}, {9 * h, 2 * h}}, nil},
		{"none", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var w Week
			w.Days[time.Monday] = tt.give
			got := w.spans(time.Monday)
			if len(got) != len(tt.want) {
				t.Fatalf("spans(%v) = %v, want %v", tt.give, got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("spans(%v) = %v, want %v", tt.give, got, tt.want)
				}
			}
		})
	}
}

func BenchmarkAddWorking(b *testing.B) {
	c := Calendar{Week: DefaultWeek(zone(b, "Europe/Berlin"))}
	start := at(b, c.Week.Zone, "Fri 2026-03-27 16:00 +0100")
	b.ReportAllocs()
	for b.Loop() {
		c.AddWorking(start, 3, 4*time.Hour)
	}
}
