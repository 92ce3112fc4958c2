package report

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// StepFigures are what became of the visits of one step.
type StepFigures struct {
	// Entered is how many visits began, Here how many enrollments stand there now.
	Entered, Here int64
	// Ended counts the visits that ended by themselves, by how.
	Ended map[string]int64
	// Exits counts the enrollments that ended here, by why; the last step's own end is among them.
	Exits map[string]int64
	// Spent is how long the visits took together that ended by themselves.
	Spent time.Duration
}

// Done is how many visits ended by themselves.
func (f StepFigures) Done() int64 { return sum(f.Ended) }

// Gone is how many enrollments ended here.
func (f StepFigures) Gone() int64 { return sum(f.Exits) }

// Average is how long a visit took that ended by itself, 0 when none did.
func (f StepFigures) Average() time.Duration {
	if n := f.Done(); n > 0 {
		return f.Spent / time.Duration(n)
	}
	return 0
}

// Share gives a part of a whole as a whole percentage, 0 of nothing. What is not all is never 100, and what is there never 0.
func Share(part, whole int64) int {
	if whole <= 0 || part <= 0 {
		return 0
	}
	percent := (100*part + whole/2) / whole
	if part < whole {
		percent = min(percent, 99)
	}
	return int(max(percent, 1))
}

// Largest gives the keys of counts, that of the largest count first.
func Largest(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
