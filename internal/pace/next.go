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

// Next gives the first moment at or after now at which the mailbox may send one more mail, and what holds it up until then.
//
// Invariant: it is never more than two days away, a later now never gives an earlier answer, and mails that keep to it never
// exceed a cap; rules_test.go holds all three.
func Next(l Limits, u Usage, now time.Time) (time.Time, Reason) {
	u, at, why := u.At(l, now), now, Open
	if u.Free.After(at) {
		at, why = u.Free, Gap
	}
	for {
		switch day := dayOf(at, l.zone()); {
		case l.dayCap(day) > 0 && u.on(day) >= l.dayCap(day):
			at, why = dayStart(day+1, at, l.zone()), DayCap
		case l.Hour > 0 && u.LastHour(at) >= l.Hour:
			at, why = u.hourOpens(l.Hour, at), HourCap
		default:
			return at, why
		}
	}
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
	// given counts the moments given so far, known those of openings that were played, which are counted by played.
	given, known, played int
}

// NewForecast begins with the next mail that the mailbox may send.
func NewForecast(l Limits, u Usage, now time.Time) *Forecast {
	return &Forecast{l: l, u: u, start: now, at: now}
}

// Next gives the moment of the next mail.
func (f *Forecast) Next() time.Time {
	f.given++
	if f.l.None() {
		return f.start
	}
	if f.room == 0 && f.played < estimated {
		f.played++
		f.at, _ = Next(f.l, f.u, f.at)
		f.room = Room(f.l, f.u, f.at, MaxDay)
		f.u = f.u.sent(f.l, f.at, f.room, f.l.Gap+f.l.Jitter/2)
		f.known += f.room
	}
	if f.room > 0 {
		f.room--
		return f.at
	}
	span := float64(f.at.Sub(f.start)) * float64(f.given) / float64(f.known)
	return f.start.Add(time.Duration(min(span, float64(farthest))))
}

// farthest bounds a forecast.
const farthest = 10 * 365 * 24 * time.Hour

// Skip leaves out n mails, of which at most 100,000 are counted.
func (f *Forecast) Skip(n int) {
	for range min(n, 100_000) {
		f.Next()
	}
}
