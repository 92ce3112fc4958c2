package store

import (
	"testing"
	"time"

	"cadenza/internal/ident"
)

// TestFiguresKept holds how old the counts of a list may be: few are never kept, many for a moment, and for a little longer while one of those who
// look has them counted anew.
func TestFiguresKept(t *testing.T) {
	t.Parallel()
	var f figures
	began := time.Now()
	looks := func(after time.Duration, found, recount bool) {
		t.Helper()
		counts, again := f.young(began.Add(after))
		if (counts != nil) != found || again != recount {
			t.Errorf("after %s: found %v, counts anew %v; want %v, %v", after, counts != nil, again, found, recount)
		}
	}
	of := func(n int) map[ident.Sequence]SequenceRow { return map[ident.Sequence]SequenceRow{1: {Connected: n}} }
	looks(0, false, false)
	f.keep(of(manyEnrollments), began)
	looks(0, false, false)
	f.keep(of(manyEnrollments+1), began)
	looks(time.Second, true, false)
	looks(countsKept, true, true)
	looks(countsKept, true, false)  // somebody does already
	looks(countsOld, false, false)  // whoever looks counts
	looks(-time.Hour, false, false) // the clock was put back
	f.keep(of(manyEnrollments+1), began.Add(countsOld))
	looks(countsOld+countsKept, true, true)
	f.keep(nil, began.Add(countsOld)) // counting failed
	looks(countsOld, false, false)
}
