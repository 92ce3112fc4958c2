// Package portion says how many rows the next transaction of work in the background takes, from how long the last ones took.
//
// On SQLite, whose one writer is taken as long as a transaction lasts, an interactive write must not wait for more than 100 ms, and
// on PostgreSQL whoever wants one of its rows waits as long. How many rows that is depends on the machine, its disk, what else it does
// and what the rows lead to, so it is found out as the work goes on (docs/adr/0061).
//
// It must never read a clock: whoever does the work measures it, without the time for which it waited for its turn.
//
// Start reading at Portion.Took.
package portion

import "time"

// A portion that took less than Quick doubles; one that took more than Slow is halved. The span between them is as wide as one
// doubling, so that a size which fits stays as it is, and Slow leaves room for a next transaction that takes twice as long.
const (
	Quick = 25 * time.Millisecond
	Slow  = 50 * time.Millisecond
	// Hold is for how long a transaction may keep others waiting.
	Hold = 100 * time.Millisecond
)

// Portion is how many rows a transaction takes. It is for one goroutine.
type Portion struct{ least, most, size int }

// New begins with so many rows, and stays within least and most.
func New(least, first, most int) *Portion {
	least = max(least, 1)
	most = max(most, least)
	return &Portion{least: least, most: most, size: min(max(first, least), most)}
}

// Size is how many rows the next transaction takes at most.
func (p *Portion) Size() int { return p.size }

// Took notes how long a transaction with so many rows lasted. One that was not full says nothing of how quick a full one would
// be; a slow one always counts, and a very slow one as often as it was too slow, because a machine may lose its speed at once.
func (p *Portion) Took(rows int, d time.Duration) {
	if d < Quick && rows >= p.size {
		p.size = min(2*p.size, p.most)
	}
	for ; d > Slow && p.size > p.least; d /= 2 {
		p.size = max(p.size/2, p.least)
	}
}
