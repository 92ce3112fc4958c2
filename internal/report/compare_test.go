package report_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/report"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		first, second report.Arm
		want          report.Verdict
	}{
		{"nothing sent", report.Arm{}, report.Arm{}, report.Open},
		{"too few to say anything", report.Arm{Count: 49, Hits: 0}, report.Arm{Count: 49, Hits: 49}, report.Open},
		{"one arm is too small", report.Arm{Count: 1000, Hits: 100}, report.Arm{Count: 10, Hits: 10}, report.Open},
		{"alike", report.Arm{Count: 1000, Hits: 200}, report.Arm{Count: 1000, Hits: 204}, report.Open},
		{"a common test would see a difference here", report.Arm{Count: 500, Hits: 100}, report.Arm{Count: 500, Hits: 127}, report.Open},
		{"the second is better", report.Arm{Count: 500, Hits: 100}, report.Arm{Count: 500, Hits: 160}, report.Second},
		{"the first is better", report.Arm{Count: 500, Hits: 160}, report.Arm{Count: 500, Hits: 100}, report.First},
		{"all and none", report.Arm{Count: 60, Hits: 0}, report.Arm{Count: 60, Hits: 60}, report.Second},
		{"no hits at all", report.Arm{Count: 100_000}, report.Arm{Count: 100_000}, report.Open},
		{"very clear and very many", report.Arm{Count: 10_000_000, Hits: 1}, report.Arm{Count: 10_000_000, Hits: 9_999_999}, report.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := report.Compare(c.first, c.second); got != c.want {
				t.Errorf("Compare(%+v, %+v) = %v, want %v", c.first, c.second, got, c.want)
			}
		})
	}
}

// TestCompareIsFair holds that exchanging the arms exchanges the verdict.
func TestCompareIsFair(t *testing.T) {
	t.Parallel()
	arm := rapid.Custom(func(t *rapid.T) report.Arm {
		n := rapid.Int64Range(0, 5000).Draw(t, "count")
		return report.Arm{Count: n, Hits: rapid.Int64Range(0, n).Draw(t, "hits")}
	})
	other := map[report.Verdict]report.Verdict{report.Open: report.Open, report.First: report.Second, report.Second: report.First}
	rapid.Check(t, func(t *rapid.T) {
		a, b := arm.Draw(t, "first"), arm.Draw(t, "second")
		if got := report.Compare(b, a); got != other[report.Compare(a, b)] {
			t.Fatalf("Compare(%+v, %+v) = %v, and the other way round %v", a, b, report.Compare(a, b), got)
		}
	})
}

// TestCompareMayBeAskedAllTheTime looks after every message at arms that are alike, and counts how often a difference is
// claimed: at most once in twenty.
func TestCompareMayBeAskedAllTheTime(t *testing.T) {
	t.Parallel()
	const trials, length = 400, 2000
	for _, rate := range []float64{0.02, 0.2, 0.5} {
		chance := rand.New(rand.NewPCG(1, 2))
		wrong := 0
		for range trials {
			var arms [2]report.Arm
			for range length {
				a := &arms[chance.IntN(2)]
				a.Count++
				if chance.Float64() < rate {
					a.Hits++
				}
				if report.Compare(arms[0], arms[1]) != report.Open {
					wrong++
					break
				}
			}
		}
		if share := float64(wrong) / trials; share > 0.05 {
			t.Errorf("at a rate of %v two arms that are alike were called different in %.1f %% of the trials", rate, 100*share)
		}
	}
}

// TestCompareFindsWhatIsThere holds that a real difference is found in most trials.
func TestCompareFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(3, 4))
	const trials = 200
	found := 0
	for range trials {
		first, second := report.Arm{}, report.Arm{}
		for report.Compare(first, second) == report.Open && first.Count < 2000 {
			first.Count++
			second.Count++
			if chance.Float64() < 0.2 {
				first.Hits++
			}
			if chance.Float64() < 0.3 {
				second.Hits++
			}
		}
		if report.Compare(first, second) == report.Second {
			found++
		}
	}
	if found < trials*9/10 {
		t.Errorf("20 %% against 30 %% was found in %d of %d trials", found, trials)
	}
}
