// Package report holds the arithmetic of figures: what counted rows say, and whether they say anything at all.
//
// It must never count by itself, nor know where the counts come from.
//
// Start reading at Compare.
package report

import "math"

// Arm is one side of a comparison: how many there were, and how many of them did what counts.
type Arm struct{ Count, Hits int64 }

// Rate gives the share of hits, 0 for an empty arm.
func (a Arm) Rate() float64 {
	if a.Count == 0 {
		return 0
	}
	return float64(a.Hits) / float64(a.Count)
}

// Verdict is what a comparison says.
type Verdict int

// The verdicts.
const (
	Open Verdict = iota // nothing yet: go on
	First
	Second
)

const (
	// Fewest is how many each arm needs before anything is said.
	Fewest = 50
	// alpha is how often two arms that are alike may be called different, however often one looks.
	alpha = 0.05
	// spread is the size of differences in rates that the test is made for.
	spread = 0.1
)

// Compare tells whether the rates of two arms differ. It may be asked after every single hit: it is a mixture sequential
// probability ratio test (Robbins 1970; Johari, Pekelis and Walsh 2015), whose error stays below 5 % however often one looks,
// where a common test of significance would sooner or later call any two arms different.
func Compare(first, second Arm) Verdict {
	if first.Count < Fewest || second.Count < Fewest {
		return Open
	}
	difference := second.Rate() - first.Rate()
	v := variance(first) + variance(second)
	t := spread * spread
	// The logarithm, because the ratio itself overflows for clear differences.
	ratio := 0.5*math.Log(v/(v+t)) + t*difference*difference/(2*v*(v+t))
	switch {
	case ratio < -math.Log(alpha):
		return Open
	case difference > 0:
		return Second
	}
	return First
}

// variance is that of an arm's rate. Half a hit and half a miss are added, so that an arm of nothing but hits or misses is not
// taken for certain.
func variance(a Arm) float64 {
	n := float64(a.Count) + 1
	p := (float64(a.Hits) + 0.5) / n
	return p * (1 - p) / n
}
