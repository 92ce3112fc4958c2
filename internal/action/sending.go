package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/pace"
	"cadenza/internal/store"
)

// SendingInput are the rules of time for automated messages of the whole organisation. All of it is saved at once, so the revision
// of its limits is that of the whole.
type SendingInput struct {
	Limits store.SendLimits
	// Windows tells that messages go out in the windows of Days only; else at any hour.
	Windows bool
	// Days are the windows of the weekdays, Sunday first; one without From is a day on which nothing goes.
	Days [7]DayWindow
}

// DayWindow is the window of a weekday, as "08:00" and "18:00".
type DayWindow struct{ From, To string }

// GetSending gives the rules of time of the organisation.
func (a *App) GetSending(ctx context.Context, actor access.Actor) (SendingInput, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return SendingInput{}, err
	}
	return look(ctx, a, sendingOf)
}

func sendingOf(tx *store.Tx) (in SendingInput, err error) {
	if in.Limits, err = tx.SendLimits(); err != nil {
		return in, err
	}
	w, err := tx.SendWindows()
	in.Windows = w.On
	for day, span := range w.Days {
		if span.From < span.To {
			in.Days[day] = DayWindow{calendar.Clock(span.From), calendar.Clock(span.To)}
		}
	}
	return in, err
}

// newest refuses a change of a setting whose revision is no longer the one that was read; 0 does not check.
func newest(setting string, read, now int64) error {
	if read != 0 && read != now {
		return fault.New(fault.Stale, "Somebody else changed %s meanwhile.", setting).WithHint("Load it again, then repeat your change.")
	}
	return nil
}

// SaveSending changes them. What waits is looked at again at once. A revision of 0 in the limits does not check whether somebody else
// changed any of it meanwhile.
func (a *App) SaveSending(ctx context.Context, actor access.Actor, in SendingInput) (SendingInput, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return SendingInput{}, err
	}
	w, problems := in.windows()
	problems = append(problems, limitProblems(in.Limits)...)
	if err := fault.Of(problems...); err != nil {
		return SendingInput{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (SendingInput, error) {
		if err := tx.LockSettings(); err != nil {
			return in, err
		}
		old, err := tx.SendLimits()
		if err != nil {
			return in, err
		}
		if err := newest("the rules of sending", in.Limits.Rev, old.Rev); err != nil {
			return in, err
		}
		in.Limits.Rev = old.Rev + 1
		if err := tx.SaveSendLimits(in.Limits); err != nil {
			return in, err
		}
		if err := tx.SaveSendWindows(w); err != nil {
			return in, err
		}
		if err := tx.Audit(actor.ID, "update", "sending", 0, describeLimits(in.Limits)); err != nil {
			return in, err
		}
		return sendingOf(tx)
	})
}

// windows checks the windows and gives their stored form. Problems name monday_from or monday_to.
func (in SendingInput) windows() (w store.SendWindows, problems []fault.Problem) {
	w.On = in.Windows
	any := false
	for day, d := range in.Days {
		if d.From == "" && d.To == "" {
			continue
		}
		from, fromOK := calendar.ParseClock(d.From)
		to, toOK := calendar.ParseEnd(d.To)
		name := strings.ToLower(time.Weekday(day).String())
		switch times := time.Weekday(day).String() + " needs two times such as 08:00 and 18:00, or none."; {
		case !fromOK:
			problems = append(problems, fault.Problem{Field: name + "_from", Code: "invalid", Message: times})
		case !toOK:
			problems = append(problems, fault.Problem{Field: name + "_to", Code: "invalid", Message: times})
		case to <= from:
			problems = append(problems, fault.Problem{Field: name + "_to", Code: "order", Message: "The window of " + time.Weekday(day).String() + " ends before it begins."})
		default:
			w.Days[day], any = calendar.Span{From: from, To: to}, true
		}
	}
	if w.On && !any && len(problems) == 0 {
		problems = append(problems, fault.Problem{Field: "windows", Code: "required", Message: "Give at least one day a window, or let messages go at any hour."})
	}
	return w, problems
}

// limitProblems finds what is wrong with limits.
func limitProblems(l store.SendLimits) []fault.Problem {
	problems := l.Limits(time.Unix(0, 0), time.UTC).Check()
	if l.RampFirst < 0 || l.RampFirst == 0 && (l.RampStep != 0 || l.RampFrom != "") {
		problems = append(problems, fault.Problem{Field: "ramp_first", Code: "required", Message: "Say with how many mails a day the warm-up begins, or leave all of it empty."})
	}
	if _, err := time.Parse(time.DateOnly, l.RampFrom); l.RampFrom != "" && err != nil {
		problems = append(problems, fault.Problem{Field: "ramp_from", Code: "invalid", Message: "The first day of the warm-up is not a date such as 2026-03-02."})
	}
	return problems
}

func describeLimits(l store.SendLimits) string {
	return fmt.Sprintf("%d an hour, %d a day, gap %s to %s, warm-up %d and %d more a day", l.Hour, l.Day, l.Gap, l.Gap+l.Jitter, l.RampFirst, l.RampStep)
}

// PaceView is how a mailbox sends.
type PaceView struct {
	Mailbox store.Mailbox
	store.MailboxPace
	// LastHour and Today are what the caps count now, Cap is that of today, 0 for none.
	LastHour, Today, Cap int
	Health               pace.Health
}

// Rev tells one state of the mailbox's own limits from any other; 1 is that of having none.
func (v PaceView) Rev() int64 {
	if v.Own == nil {
		return 1
	}
	return v.Own.Rev
}

// GetPace gives how a user's mailbox sends, what waits there, and who stopped it.
func (a *App) GetPace(ctx context.Context, actor access.Actor, user ident.User) (PaceView, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return PaceView{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (PaceView, error) { return paceOf(tx, user) })
}

func paceOf(tx *store.Tx, user ident.User) (v PaceView, err error) {
	m, err := tx.MailboxOf(user)
	if err != nil {
		return v, err
	}
	v.Mailbox = withoutSecret(m)
	if v.MailboxPace, err = tx.PaceOf(m.ID); err != nil {
		return v, err
	}
	v.LastHour, v.Today, v.Cap = v.Usage.LastHour(tx.Now), v.Usage.Today(v.Limits, tx.Now), v.Limits.DayCap(tx.Now)
	v.Health = v.Usage.Health(v.Limits, tx.Now)
	return v, nil
}

// SavePace gives a user's mailbox limits of its own; nil gives it those of the organisation. Only who manages mailboxes may let
// more out than the organisation does. A rev of 0 does not check whether somebody else changed them meanwhile.
func (a *App) SavePace(ctx context.Context, actor access.Actor, user ident.User, own *store.SendLimits, rev int64) (PaceView, error) {
	if err := mayOn(actor, access.UseMailbox, user); err != nil {
		return PaceView{}, err
	}
	detail := "those of the organisation"
	if own != nil {
		if err := fault.Of(limitProblems(*own)...); err != nil {
			return PaceView{}, err
		}
		detail = describeLimits(*own)
	}
	return change(ctx, a, func(tx *store.Tx) (PaceView, error) {
		if err := tx.LockSettings(); err != nil {
			return PaceView{}, err
		}
		m, err := tx.MailboxOf(user)
		if err != nil {
			return PaceView{}, err
		}
		old, err := paceOf(tx, user)
		if err != nil {
			return PaceView{}, err
		}
		if err := newest("the limits of this mailbox", rev, old.Rev()); err != nil {
			return PaceView{}, err
		}
		if err := tx.SaveLimits(m.ID, numbered(own, old.Own, tx.Now)); err != nil {
			return PaceView{}, err
		}
		v, err := paceOf(tx, user)
		if err != nil {
			return PaceView{}, err
		}
		if !access.May(actor, access.ManageMailboxes) {
			if err := fault.Of(v.Limits.Within(v.Shared, tx.Now)...); err != nil {
				return PaceView{}, err
			}
		}
		if err := tx.Audit(actor.ID, "limit", "mailbox", int64(m.ID), detail); err != nil {
			return PaceView{}, err
		}
		return v, nil
	})
}

// numbered gives a mailbox's own limits the revision that follows. Nothing is kept of limits that were given up, so the first ones are
// numbered by the clock: no earlier ones had that number.
func numbered(own, old *store.SendLimits, now time.Time) *store.SendLimits {
	if own == nil {
		return nil
	}
	next := *own
	next.Rev = now.UnixMilli()
	if old != nil {
		next.Rev = old.Rev + 1
	}
	return &next
}
