package pace

import (
	"fmt"
	"time"
)

// The guard rails: a mailbox that sent at least Floor mails within seven days is stopped at these shares of bounces and of
// complaints. Large providers refuse or hide mail of senders beyond them.
const (
	Floor              = 50
	BouncesPercent     = 5
	ComplaintsPerMille = 1
)

// Harm is what can come of a mail.
type Harm int

// The harms.
const (
	Bounced Harm = iota + 1
	Complained
)

// Health is what went out within seven days, and what came of it.
type Health struct{ Sent, Bounced, Complained int }

// Health adds up the days that count at a moment.
func (u Usage) Health(l Limits, now time.Time) Health {
	var h Health
	for _, d := range u.At(l, now).Days {
		h.Sent += d.Sent
		h.Bounced += d.Bounced
		h.Complained += d.Complained
	}
	return h
}

// Suffered gives the usage after a harm.
func (u Usage) Suffered(l Limits, now time.Time, what Harm) Usage {
	u = u.At(l, now)
	d := Day{Number: dayOf(now, l.zone())}
	switch what {
	case Bounced:
		d.Bounced = 1
	case Complained:
		d.Complained = 1
	}
	u.Days = addDay(u.Days, d)
	return u
}

// Forgiven gives the usage without its harms: a person who lets a stopped mailbox go on has looked at them.
func (u Usage) Forgiven() Usage {
	days := make([]Day, len(u.Days))
	for i, d := range u.Days {
		days[i] = Day{Number: d.Number, Sent: d.Sent}
	}
	u.Days = days
	return u
}

// Trouble says why the mailbox must stop; "" when it need not.
func (h Health) Trouble() string {
	switch {
	case h.Sent < Floor:
		return ""
	case h.Complained*1000 >= h.Sent*ComplaintsPerMille:
		return fmt.Sprintf("%d of %d emails of the last 7 days were reported as spam; the limit is 0.10 percent.", h.Complained, h.Sent)
	case h.Bounced*100 >= h.Sent*BouncesPercent:
		return fmt.Sprintf("%d of %d emails of the last 7 days bounced; the limit is %d percent.", h.Bounced, h.Sent, BouncesPercent)
	}
	return ""
}
