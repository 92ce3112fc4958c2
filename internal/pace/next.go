package pace

import "time"

// Reason says what a mail waits for.
type Reason int

// The reasons.
const (
	Open Reason = iota // nothing
	Gap
	HourCap
	DayCap
	// Queue says that others wait for the mailbox already. Next never gives it; it is for whoever keeps them in order.
	Queue
)

// Next gives the first moment at or after now at which the mailbox may send one more mail, and which limit is full until then: of several that are,
// the day's goes before the hour's, and that before the gap.
//
// Invariant: it is never more than two days away, a later now never gives an earlier answer, and mails that keep to it never
// exceed a cap; rules_test.go holds all three.
func Next(l Limits, u Usage, now time.Time) (time.Time, Reason) {
	u, at, why := u.At(l, now), now, Open
	if u.Free.After(at) {
		at, why = u.Free, Gap
	}
	for {
		switch u.full(l, at) {
		case DayCap:
			at, why = dayStart(dayOf(at, l.zone())+1, at, l.zone()), DayCap
		case HourCap:
			at, why = u.hourOpens(l.Hour, at), HourCap
		default: // no cap is
			if why != Open {
				why = max(why, u.full(l, at.Add(-time.Nanosecond)))
			}
			return at, why
		}
	}
}

// full gives the cap that is full at a moment; Open for none.
func (u Usage) full(l Limits, at time.Time) Reason {
	switch day := dayOf(at, l.zone()); {
	case l.dayCap(day) > 0 && u.on(day) >= l.dayCap(day):
		return DayCap
	case l.Hour > 0 && u.LastHour(at) >= l.Hour:
		return HourCap
	}
	return Open
}

// hourOpens is when enough of the counted slots are more than an hour old.
func (u Usage) hourOpens(limit int, at time.Time) time.Time {
	n := u.LastHour(at)
	for _, s := range u.Slots {
		if s.Number < slotOf(at)-hourSlots {
			continue
		}
		if n -= s.Sent; n < limit {
			return slotStart(s.Number + hourSlots + 1)
		}
	}
	return at
}

// Room is how many mails the mailbox may send at once at a moment, at most limit. A gap makes it one.
func Room(l Limits, u Usage, now time.Time, limit int) int {
	if at, _ := Next(l, u, now); at.After(now) {
		return 0
	}
	u = u.At(l, now)
	if l.Hour > 0 {
		limit = min(limit, l.Hour-u.LastHour(now))
	}
	if most := l.DayCap(now); most > 0 {
		limit = min(limit, most-u.Today(l, now))
	}
	if l.Gap+l.Jitter > 0 {
		limit = min(limit, 1)
	}
	return limit
}

// estimated is how many openings a Forecast plays; what comes after them is drawn on in a straight line.
const estimated = 1000

// Forecast says roughly when mails that wait for a mailbox will go, one after the other. Others may come before them, and
// their own windows are not in it.
type Forecast struct {
	l     Limits
	u     Usage
	start time.Time
	at    time.Time
	room  int
	turn  Turn
	// given counts the moments given so far, known those of openings that were played, which are counted by played.
	given, known, played int
}

// Turn is when a mail goes, and what it waits for until then.
type Turn struct {
	At time.Time
	// Why is the limit that makes it wait: of those that it and the mails before it have to wait for, one after the other, the day's goes before the
	// hour's, and that before the gap. Open is for one that waits for others alone.
	Why Reason
	// Full is a moment of the last day whose cap it waits for; zero for none.
	Full time.Time
}

// then gives the turn after one more wait, until a moment.
func (t Turn) then(at time.Time, why Reason) Turn {
	t.At, t.Why = at, max(t.Why, why)
	if why == DayCap {
		t.Full = at.Add(-time.Nanosecond)
	}
	return t
}

// NextTurn is Next as a turn.
func NextTurn(l Limits, u Usage, now time.Time) Turn { return Turn{}.then(Next(l, u, now)) }

// NewForecast begins with the next mail that the mailbox may send.
func NewForecast(l Limits, u Usage, now time.Time) *Forecast {
	return &Forecast{l: l, u: u, start: now, at: now}
}

// Next gives the turn of the next mail.
func (f *Forecast) Next() Turn {
	f.given++
	if f.l.None() {
		return Turn{At: f.start}
	}
	if f.room == 0 && f.played < estimated {
		f.played++
		f.turn = f.turn.then(Next(f.l, f.u, f.at))
		f.at = f.turn.At
		f.room = Room(f.l, f.u, f.at, MaxDay)
		f.u = f.u.sent(f.l, f.at, f.room, f.l.Gap+f.l.Jitter/2)
		f.known += f.room
	}
	if f.room > 0 {
		f.room--
		return f.turn
	}
	later, span := f.turn, float64(f.at.Sub(f.start))*float64(f.given)/float64(f.known)
	later.At = f.start.Add(time.Duration(min(span, float64(farthest))))
	return later
}

// farthest bounds a forecast.
const farthest = 10 * 365 * 24 * time.Hour

// Skip leaves out n mails, of which at most 100,000 are counted.
func (f *Forecast) Skip(n int) {
	for range min(n, 100_000) {
		f.Next()
	}
}
