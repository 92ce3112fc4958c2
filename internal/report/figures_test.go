package report_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/report"
)

func TestStepFigures(t *testing.T) {
	t.Parallel()
	f := report.StepFigures{Ended: map[string]int64{"completed": 3, "skipped": 1}, Exits: map[string]int64{"replied": 2}, Spent: 8 * time.Hour}
	if f.Done() != 4 || f.Gone() != 2 || f.Average() != 2*time.Hour {
		t.Errorf("done %d, gone %d, average %s, want 4, 2 and 2h", f.Done(), f.Gone(), f.Average())
	}
	if got := (report.StepFigures{}).Average(); got != 0 {
		t.Errorf("the average of nothing is %s", got)
	}
}

// TestShare holds that a share never says all of what is not all, nor nothing of what is there.
func TestShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(0, 1e12).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		got := report.Share(part, whole)
		if (got == 0) != (part == 0) || (got == 100) != (part == whole && whole > 0) || got < 0 || got > 100 {
			t.Errorf("%d of %d is %d %%", part, whole, got)
		}
	})
}
