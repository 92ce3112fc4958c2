package action

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// longestLeave bounds one time off, a year of parental leave with room to spare.
	longestLeave = 730
	// farthestLeave bounds how far off it may end.
	farthestLeave = 10 * 366
	maxLeaveNote  = 200
)

// TimeOffInput is what a person enters of time off.
type TimeOffInput struct {
	User ident.User
	// From and To are the first and the last day, as 2026-12-24, in the user's time zone.
	From, To, Note string
	// Substitute does the work meanwhile; zero for nobody.
	Substitute ident.User
	// OpenToo hands over what is open when it begins; MailWaits keeps automated messages back until the return.
	OpenToo, MailWaits bool
}

// TimeOff is time off with what there is to do about it.
type TimeOff struct {
	store.TimeOff
	// Running tells that the user is away today.
	Running bool
	// StandIn does the work today, when the time off is running; zero for nobody. It differs from the substitute when that one is
	// away, too.
	StandIn     ident.User
	StandInName string
}

// TimesOff lists the time off that is not over, of one user or of all.
func (a *App) TimesOff(ctx context.Context, actor access.Actor, user ident.User) ([]TimeOff, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]TimeOff, error) {
		rows, err := tx.TimesOff(user, calendar.DateAt(tx.Now, nil)-1)
		if err != nil {
			return nil, err
		}
		return timesOff(tx, rows)
	})
}

// timesOff drops what is over in its user's zone, and says who stands in.
func timesOff(tx *store.Tx, rows []store.TimeOff) ([]TimeOff, error) {
	roster, err := tx.Roster()
	if err != nil {
		return nil, err
	}
	users, err := tx.ListUsers()
	if err != nil {
		return nil, err
	}
	byID := map[ident.User]store.User{}
	for _, u := range users {
		byID[u.ID] = u
	}
	var out []TimeOff
	for _, row := range rows {
		today := calendar.DateAt(tx.Now, zoneOf(byID[row.User].Zone))
		if row.To < today {
			continue
		}
		t := TimeOff{TimeOff: row, Running: row.From <= today}
		if t.Running {
			t.StandIn, _ = roster.StandIn(row.User, today)
			t.StandInName = byID[t.StandIn].Name
		}
		out = append(out, t)
	}
	return out, nil
}

func zoneOf(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// GetTimeOff gives one.
func (a *App) GetTimeOff(ctx context.Context, actor access.Actor, id ident.TimeOff) (store.TimeOff, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.TimeOff{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.TimeOff, error) { return tx.GetTimeOff(id) })
}

// AddTimeOff enters time off.
func (a *App) AddTimeOff(ctx context.Context, actor access.Actor, in TimeOffInput) (store.TimeOff, error) {
	if err := mayOn(actor, access.SetWorkingTime, in.User); err != nil {
		return store.TimeOff{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.TimeOff, error) {
		t, err := in.check(tx, 0)
		if err != nil {
			return t, err
		}
		if t.ID, err = tx.InsertTimeOff(t, actor.ID); err != nil {
			return t, err
		}
		if err := tx.Audit(actor.ID, "add_time_off", "user", int64(in.User), describeLeave(t)); err != nil {
			return t, err
		}
		return tx.GetTimeOff(t.ID)
	})
}

// ChangeTimeOff changes time off. The user stays the same.
func (a *App) ChangeTimeOff(ctx context.Context, actor access.Actor, id ident.TimeOff, in TimeOffInput) (store.TimeOff, error) {
	return change(ctx, a, func(tx *store.Tx) (store.TimeOff, error) {
		old, err := leaveFor(tx, actor, id)
		if err != nil {
			return old, err
		}
		in.User = old.User
		t, err := in.check(tx, id)
		if err != nil {
			return t, err
		}
		t.ID, t.HandedAt = id, old.HandedAt
		if old.Substitute != t.Substitute || old.From != t.From || !old.OpenToo {
			t.HandedAt = time.Time{}
		}
		if err := tx.UpdateTimeOff(t); err != nil {
			return t, err
		}
		if err := tx.Audit(actor.ID, "change_time_off", "user", int64(t.User), describeLeave(t)); err != nil {
			return t, err
		}
		return tx.GetTimeOff(id)
	})
}

// DeleteTimeOff removes time off. What others have of the user's work stays with them until it is taken back.
func (a *App) DeleteTimeOff(ctx context.Context, actor access.Actor, id ident.TimeOff) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		t, err := leaveFor(tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteTimeOff(t); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete_time_off", "user", int64(t.User), describeLeave(t))
	})
}

// HandOver gives the open activities that fall due within the time off to whoever stands in, and counts them.
func (a *App) HandOver(ctx context.Context, actor access.Actor, id ident.TimeOff) (moved int, err error) {
	return change(ctx, a, func(tx *store.Tx) (int, error) {
		t, err := leaveFor(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if t.Substitute == 0 {
			return 0, fault.New(fault.Conflict, "Nobody is named to stand in.").WithHint("Choose a substitute first.")
		}
		moved, _, err := tx.HandOverOpen(t)
		if err != nil {
			return 0, err
		}
		return moved, tx.Audit(actor.ID, "hand_over", "user", int64(t.User), fmt.Sprintf("%d activities", moved))
	})
}

// TakeBack gives a user the open activities again that others do meanwhile, and counts them.
func (a *App) TakeBack(ctx context.Context, actor access.Actor, user ident.User) (moved int, err error) {
	if err := mayOn(actor, access.SetWorkingTime, user); err != nil {
		return 0, err
	}
	return change(ctx, a, func(tx *store.Tx) (int, error) {
		moved, err := tx.TakeBack(user, actor.ID)
		if err != nil {
			return 0, err
		}
		return moved, tx.Audit(actor.ID, "take_back", "user", int64(user), fmt.Sprintf("%d activities", moved))
	})
}

// HandedOver counts the open activities that others do for a user.
func (a *App) HandedOver(ctx context.Context, actor access.Actor, user ident.User) (int, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return 0, err
	}
	return look(ctx, a, func(tx *store.Tx) (int, error) { return tx.HandedOver(user) })
}

// leaveFor gives time off that the actor may change.
func leaveFor(tx *store.Tx, actor access.Actor, id ident.TimeOff) (store.TimeOff, error) {
	t, err := tx.GetTimeOff(id)
	if err != nil {
		return store.TimeOff{}, err
	}
	return t, mayOn(actor, access.SetWorkingTime, t.User)
}

// check gives the stored form of what was entered.
func (in TimeOffInput) check(tx *store.Tx, id ident.TimeOff) (store.TimeOff, error) {
	u, err := tx.GetUser(in.User)
	if err != nil {
		return store.TimeOff{}, err
	}
	t := store.TimeOff{Note: strings.Join(strings.Fields(in.Note), " "), OpenToo: in.OpenToo && in.Substitute != 0}
	t.User, t.Substitute, t.MailWaits = in.User, in.Substitute, in.MailWaits
	problems := in.readDays(&t, calendar.DateAt(tx.Now, zoneOf(u.Zone)))
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if !utf8.ValidString(t.Note) || utf8.RuneCountInString(t.Note) > maxLeaveNote {
		add("note", "too_long", fmt.Sprintf("The note is longer than %d characters.", maxLeaveNote))
	}
	if in.Substitute == in.User {
		add("substitute", "same", "Nobody can stand in for themselves.")
	} else if in.Substitute != 0 {
		if err := activeUser(tx, in.Substitute, "substitute"); err != nil {
			if fault.CodeOf(err) == "" {
				return t, err
			}
			problems = append(problems, fault.ProblemsOf(err)...)
		}
	}
	if len(problems) == 0 {
		others, err := tx.TimesOff(in.User, t.From)
		if err != nil {
			return t, err
		}
		for _, o := range others {
			if o.ID != id && o.From <= t.To && t.From <= o.To {
				add("from", "overlap", fmt.Sprintf("%s is away from %s to %s already. Change that instead.", u.Name, o.From, o.To))
				break
			}
		}
	}
	return t, fault.Of(problems...)
}

// readDays reads the days into t.
func (in TimeOffInput) readDays(t *store.TimeOff, today calendar.Date) (problems []fault.Problem) {
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	var fromErr, toErr error
	if t.From, fromErr = calendar.ParseDate(strings.TrimSpace(in.From)); fromErr != nil {
		add("from", "invalid", "The first day is not a date such as 2026-12-24.")
	}
	if strings.TrimSpace(in.To) == "" {
		in.To = in.From // one day
	}
	if t.To, toErr = calendar.ParseDate(strings.TrimSpace(in.To)); toErr != nil && fromErr == nil {
		add("to", "invalid", "The last day is not a date such as 2026-12-24.")
	}
	if len(problems) > 0 {
		return problems
	}
	switch {
	case t.To < t.From:
		add("to", "order", "The last day is before the first.")
	case t.To < today:
		add("to", "past", "The last day is over.")
	case t.To-t.From >= longestLeave:
		add("to", "too_long", "Time off lasts at most two years.")
	case t.To > today+farthestLeave:
		add("to", "too_far", "The last day is more than ten years away.")
	}
	return problems
}

func describeLeave(t store.TimeOff) string {
	out := fmt.Sprintf("%s to %s", t.From, t.To)
	if t.Substitute != 0 {
		out += ", substitute " + t.Substitute.String()
	}
	return out
}

// Absence says until when somebody is away, and who stands in.
type Absence struct {
	User  ident.User
	Name  string
	Until calendar.Date
	// StandIn is the name of whoever stands in; "" for nobody.
	StandIn string
}

// absenceOf gives the absence of a user who is away today; nil for one who is there.
func absenceOf(tx *store.Tx, user ident.User) (*Absence, error) {
	roster, err := tx.Roster()
	if err != nil || user == 0 || len(roster.Leaves(user)) == 0 {
		return nil, err
	}
	u, err := tx.GetUser(user)
	if err != nil {
		return nil, err
	}
	today := calendar.DateAt(tx.Now, zoneOf(u.Zone))
	if _, away := roster.Away(user, today); !away {
		return nil, nil
	}
	a := Absence{User: user, Name: u.Name, Until: roster.Last(user, today)}
	if who, ok := roster.StandIn(user, today); ok {
		other, err := tx.GetUser(who)
		if err != nil {
			return nil, err
		}
		a.StandIn = other.Name
	}
	return &a, nil
}
