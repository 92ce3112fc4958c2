package priority_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/priority"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func daysAgo(n float64) time.Time { return now.Add(-time.Duration(n * 24 * float64(time.Hour))) }

func TestReasons(t *testing.T) {
	t.Parallel()
	w := priority.DefaultWeights()
	for name, c := range map[string]struct {
		facts priority.Facts
		total int
		level priority.Level
		whys  [4]string
	}{
		"new and due": {
			priority.Facts{DueAt: now, CreatedAt: now},
			24, priority.Low,
			[4]string{"due now", "nothing in the last 14 days", "no value known", "new today"},
		},
		"a reply on a large deal": {
			priority.Facts{DueAt: daysAgo(2.5), CreatedAt: daysAgo(7), AnsweredAt: now, Value: 60_000},
			85, priority.High,
			[4]string{"overdue for 3 days", "replied within the last day", "worth 60k", "on the list for 7 days"},
		},
		"a fresh click beats an old reply": {
			priority.Facts{DueAt: now.Add(time.Hour), CreatedAt: now, AnsweredAt: daysAgo(13), ClickedAt: daysAgo(1), Value: 1_250_000},
			64, priority.High,
			[4]string{"due within a day", "followed a link 1 day ago", "worth 1.25m", "new today"},
		},
		"far away": {
			priority.Facts{DueAt: now.Add(9 * 24 * time.Hour), CreatedAt: now, OpenedAt: daysAgo(15)},
			0, priority.Low,
			[4]string{"due in 9 days", "nothing in the last 14 days", "no value known", "new today"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := priority.Of(c.facts, w, now)
			if s.Total != c.total || s.Level() != c.level {
				t.Errorf("%d %s, want %d %s", s.Total, s.Level(), c.total, c.level)
			}
			for i, p := range s.Parts {
				if p.Why != c.whys[i] {
					t.Errorf("%s: %q, want %q", p.Name, p.Why, c.whys[i])
				}
			}
		})
	}
}

// Whatever the facts, the score is their weighted mean and stays within 0 and 100; being later, worth more or engaged more
// recently never makes it less.
func TestRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.IntRange(-24*40, 24*40)
		at := func(label string) time.Time { return now.Add(time.Duration(hours.Draw(t, label)) * time.Hour) }
		weight := rapid.IntRange(0, priority.MaxWeight)
		w := priority.Weights{
			Due: weight.Draw(t, "due"), Engagement: weight.Draw(t, "engagement"), Value: weight.Draw(t, "value"), Age: weight.Draw(t, "age"),
			FullValue: rapid.Float64Range(0, priority.MaxFullValue).Draw(t, "full"),
		}
		f := priority.Facts{DueAt: at("due at"), CreatedAt: at("created"), OpenedAt: at("opened"), Value: rapid.Float64().Draw(t, "worth")}
		f.AnsweredAt, f.ClickedAt = at("answered"), rapid.SampledFrom([]time.Time{{}, at("clicked")}).Draw(t, "a click or none")
		s := priority.Of(f, w, now)
		if n := priority.Total(f, w, now); n != s.Total {
			t.Fatalf("%d without the reasons, %d with them", n, s.Total)
		}
		if s.Total < 0 || s.Total > 100 {
			t.Fatalf("total %d", s.Total)
		}
		for _, p := range s.Parts {
			if p.Points < 0 || p.Points > 100 || p.Why == "" {
				t.Fatalf("part %+v", p)
			}
		}
		more := f
		more.DueAt = f.DueAt.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "later")) * time.Hour)
		more.CreatedAt = f.CreatedAt.Add(-time.Hour)
		more.ClickedAt = now
		if f.Value > 0 {
			more.Value = 2 * f.Value
		}
		if m := priority.Total(more, w, now); m < s.Total {
			t.Fatalf("%d with more to say for it, %d without", m, s.Total)
		}
	})
}
