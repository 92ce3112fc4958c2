package portion_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/portion"
)

const ms = time.Millisecond

// TestTook holds single answers.
func TestTook(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		first, rows int
		took        time.Duration
		want        int
	}{
		{"quick", 100, 100, 24 * ms, 200},
		{"as quick as it gets", 100, 100, 0, 200},
		{"quick, and at the most", 900, 900, ms, 1000},
		{"quick, but not full", 100, 99, ms, 100},
		{"nothing to do", 100, 0, 0, 100},
		{"fits", 100, 100, 25 * ms, 100},
		{"still fits", 100, 100, 50 * ms, 100},
		{"slow", 100, 100, 51 * ms, 50},
		{"slow, though not full", 100, 3, 51 * ms, 50},
		{"very slow", 1000, 1000, 350 * ms, 125},
		{"slow, and at the least", 12, 12, time.Second, 10},
		{"a stall", 1000, 1000, time.Hour, 10},
	} {
		p := portion.New(10, c.first, 1000)
		if p.Took(c.rows, c.took); p.Size() != c.want {
			t.Errorf("%s: %d of %d rows in %s make %d, want %d", c.name, c.rows, c.first, c.took, p.Size(), c.want)
		}
	}
	for _, odd := range []*portion.Portion{portion.New(0, 0, 0), portion.New(5, 1, 2), portion.New(-3, -2, -1)} {
		if odd.Took(odd.Size(), time.Hour); odd.Size() < 1 {
			t.Errorf("a portion of %d rows gets nothing done", odd.Size())
		}
	}
}

// machine works by a clock of its own: a row costs so much, and each transaction something beside its rows.
type machine struct{ row, each time.Duration }

func (m machine) work(rows int) time.Duration { return m.each + time.Duration(rows)*m.row }

// TestHoldsOthersShortly plays work on machines whose speed changes as it goes on. The size stays within its bounds; as long as a row costs at most
// twice what it did in the transaction before, nobody waits for longer than they may, once the first was short enough; and
// on a machine that keeps its speed the size settles where another doubling would be too much, and stays there.
func TestHoldsOthersShortly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(1, 50).Draw(t, "least")
		most := rapid.IntRange(least, 5000).Draw(t, "most")
		p := portion.New(least, rapid.IntRange(1, 5000).Draw(t, "first"), most)
		m := machine{row: time.Duration(rapid.IntRange(1, 3000).Draw(t, "row")) * time.Microsecond}
		last := m.work(p.Size())
		p.Took(p.Size(), last)
		for range rapid.IntRange(0, 30).Draw(t, "transactions") {
			if p.Size() < least || p.Size() > most {
				t.Fatalf("%d rows, want %d to %d", p.Size(), least, most)
			}
			m.row = m.row * time.Duration(rapid.IntRange(1, 20).Draw(t, "faster or slower, in tenths")) / 10
			took := m.work(p.Size())
			if took > portion.Hold && p.Size() > least {
				t.Fatalf("%d rows take %s after %s, with %s a row", p.Size(), took, last, m.row)
			}
			p.Took(p.Size(), took)
			last = took
		}
		m.each = time.Duration(rapid.IntRange(0, 20).Draw(t, "beside")) * ms
		for range 40 {
			p.Took(p.Size(), m.work(p.Size()))
		}
		settled := p.Size()
		p.Took(settled, m.work(settled))
		took := m.work(settled)
		if p.Size() != settled || took > portion.Slow && settled > least || took < portion.Quick && settled < most {
			t.Fatalf("it settled at %d rows of %s, then came to %d (%d to %d)", settled, took, p.Size(), least, most)
		}
	})
}
