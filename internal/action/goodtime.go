package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// Suggestion is a good time to write to a record.
type Suggestion struct {
	At time.Time
	// Zone is the recipient's; Guessed tells that the record does not say it, and it is the sender's or the organisation's.
	Zone    *time.Location
	Guessed bool
	// Now tells that this moment is as good as any.
	Now bool
	// Seen counts the answers and openings that speak for the hour.
	Seen int
	// Why says all that in words, with the time of the recipient and of the actor.
	Why string
}

// recentEngagement is how many of what a record did last is looked at.
const recentEngagement = 100

// goodNow is how soon a suggested time counts as now.
const goodNow = 10 * time.Minute

// SuggestTime says when a record is likely to read an email: at the hour at which it has opened or answered mail before, within
// the organisation's send windows or else working hours, by its own clock and holidays. ok is false when nothing can be said.
func (a *App) SuggestTime(ctx context.Context, actor access.Actor, rec ident.Record) (s Suggestion, ok bool, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return s, false, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.GetRecord(rec)
		if err != nil {
			return err
		}
		s, ok, err = suggestTime(tx, actor, r.Record)
		return err
	})
	return s, ok, err
}

func suggestTime(tx *store.Tx, actor access.Actor, r record.Record) (s Suggestion, ok bool, err error) {
	open, guessed, err := tx.RecipientCalendar(r, actor.ID)
	if err != nil {
		return s, false, err
	}
	seen, err := tx.EngagedAt(r.ID, recentEngagement)
	if err != nil {
		return s, false, err
	}
	good, ok := open.Good(tx.Now, seen)
	s = Suggestion{At: good.At, Zone: open.Week.Zone, Guessed: guessed, Seen: good.Seen, Now: good.At.Sub(tx.Now) < goodNow}
	s.Why = s.say(actor, r, tx.Now)
	return s, ok, nil
}

// say puts a suggestion into words: "Tue 09:40 in Tokyo (01:40 your time): opened or answered mail at this hour before."
func (s Suggestion) say(actor access.Actor, r record.Record, now time.Time) string {
	own, err := time.LoadLocation(actor.Zone)
	if err != nil {
		own = time.UTC
	}
	why := "working day begins."
	if s.Now {
		why = "working hours."
	}
	switch {
	case s.Seen == 1:
		why = r.Name() + " opened or answered an email at this hour before."
	case s.Seen > 1:
		why = fmt.Sprintf("%s opened or answered %d emails at this hour before.", r.Name(), s.Seen)
	case s.Guessed:
		why = "the " + strings.TrimSuffix(why, ".") + " by your clock; their time zone is not known."
	default:
		why = "their " + why
	}
	if s.Now {
		return fmt.Sprintf("Now is good: it is %s, %s", ClockIn(now, s.Zone, own), why)
	}
	return ClockIn(s.At, s.Zone, own) + ": " + why
}

// ClockIn says a moment by the recipient's clock, and by one's own where that differs.
func ClockIn(at time.Time, zone, own *time.Location) string {
	theirs, mine := at.In(zone), at.In(own)
	text := theirs.Format("Mon 2 Jan, 15:04")
	if _, a := theirs.Zone(); !sameOffset(mine, a) {
		layout := "15:04"
		if theirs.Format(time.DateOnly) != mine.Format(time.DateOnly) {
			layout = "Mon 15:04"
		}
		text += " in " + calendar.Place(zone) + " (" + mine.Format(layout) + " your time)"
	}
	return text
}

func sameOffset(t time.Time, offset int) bool {
	_, own := t.Zone()
	return own == offset
}
