package pace

import (
	"slices"
	"time"
)

const (
	// slotLength is how finely an hour is counted, and hourSlots how many slots an hour can touch besides the present one.
	slotLength = 5 * time.Minute
	hourSlots  = int64(time.Hour / slotLength)
	// keptDays is for how many days back usage is kept: what Health looks at.
	keptDays = 7
)

// Usage is what a mailbox has sent of late. The zero value is that of a new one.
type Usage struct {
	// Slots count the mails of the last hour by slots of five minutes, Days those of the last week by day, oldest first.
	Slots []Slot
	Days  []Day
	// Free is when the gap after the last mail is over.
	Free time.Time
}

// Slot counts mails within five minutes. Number counts the slots since 1970.
type Slot struct {
	Number int64
	Sent   int
}

// Day counts what went out on a day of the mailbox's calendar, and what came of it. Number counts the days since 1970.
type Day struct {
	Number                    int64
	Sent, Bounced, Complained int
}

func slotOf(at time.Time) int64 { return at.Unix() / int64(slotLength/time.Second) }

func slotStart(number int64) time.Time {
	return time.Unix(number*int64(slotLength/time.Second), 0).UTC()
}

// At gives the usage as it counts at a moment: without what is past. A clock that was set back leaves counts in the future.
// Up to an hour ahead they count until their time has passed, so that no cap is exceeded. What is further ahead was written by
// a clock that was wrong, and is forgotten: nothing waits for a time that such a clock once showed.
func (u Usage) At(l Limits, now time.Time) Usage {
	slot, day := slotOf(now), dayOf(now, l.zone())
	out := Usage{Free: u.Free}
	for _, s := range u.Slots {
		if s.Number >= slot-hourSlots && s.Number <= slot+hourSlots && s.Sent > 0 {
			out.Slots = append(out.Slots, s)
		}
	}
	for _, d := range u.Days {
		if d.Number > day-keptDays && d.Number <= day+1 {
			out.Days = append(out.Days, d)
		}
	}
	if out.Free.After(now.Add(l.Gap + l.Jitter + time.Hour)) {
		out.Free = time.Time{}
	}
	return out
}

// Sent gives the usage after one more mail. seed is the message's id; the gap after it comes from that.
func (u Usage) Sent(l Limits, now time.Time, seed int64) Usage {
	return u.sent(l, now, 1, l.Gap+jitter(l.Jitter, seed))
}

func (u Usage) sent(l Limits, now time.Time, n int, gap time.Duration) Usage {
	u = u.At(l, now)
	u.Slots = addSlot(u.Slots, Slot{slotOf(now), n})
	u.Days = addDay(u.Days, Day{Number: dayOf(now, l.zone()), Sent: n})
	if free := now.Add(gap); gap > 0 && free.After(u.Free) {
		u.Free = free
	}
	return u
}

func addSlot(list []Slot, s Slot) []Slot {
	i, found := slices.BinarySearchFunc(list, s.Number, func(a Slot, n int64) int { return int(a.Number - n) })
	if !found {
		return slices.Insert(list, i, s)
	}
	list[i].Sent += s.Sent
	return list
}

func addDay(list []Day, d Day) []Day {
	i, found := slices.BinarySearchFunc(list, d.Number, func(a Day, n int64) int { return int(a.Number - n) })
	if !found {
		return slices.Insert(list, i, d)
	}
	list[i].Sent += d.Sent
	list[i].Bounced += d.Bounced
	list[i].Complained += d.Complained
	return list
}

// LastHour and Today count what the caps count at a moment.
func (u Usage) LastHour(now time.Time) int {
	n := 0
	for _, s := range u.Slots {
		if s.Number >= slotOf(now)-hourSlots {
			n += s.Sent
		}
	}
	return n
}

// Today counts the mails of the day of a moment.
func (u Usage) Today(l Limits, now time.Time) int { return u.on(dayOf(now, l.zone())) }

func (u Usage) on(day int64) int {
	for _, d := range u.Days {
		if d.Number == day {
			return d.Sent
		}
	}
	return 0
}

// jitter spreads gaps by the message's id, as good as chance and the same whenever it is asked (SplitMix64).
func jitter(most time.Duration, seed int64) time.Duration {
	if most <= 0 {
		return 0
	}
	x := uint64(seed) + 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return time.Duration((x ^ (x >> 31)) % uint64(most+1))
}
