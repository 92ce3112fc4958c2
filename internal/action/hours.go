package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// WeekHours are working hours as people write them, for each weekday, Sunday first: "08:00-12:00, 13:00-17:00"; "" for a day
// off.
type WeekHours [7]string

// String gives the working days from Monday, for the audit.
func (w WeekHours) String() string {
	var parts []string
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		if w[day] != "" {
			parts = append(parts, day.String()[:3]+" "+w[day])
		}
	}
	return strings.Join(parts, "; ")
}

func weekHours(h store.Hours) (w WeekHours) {
	for day, spans := range h {
		w[day] = calendar.FormatSpans(spans)
	}
	return w
}

// HoursField names the field of a weekday's working hours in problems.
func HoursField(day time.Weekday) string { return "hours/" + strings.ToLower(day.String()) }

// parse reads the hours, with a problem per day. A week without any work is one, too: sequences would never go on.
func (w WeekHours) parse() (h store.Hours, problems []fault.Problem) {
	for day := range w {
		spans, problem := calendar.ParseSpans(w[day])
		if problem != "" {
			problems = append(problems, fault.Problem{Field: HoursField(time.Weekday(day)), Code: "hours", Message: time.Weekday(day).String() + ": " + problem})
		}
		h[day] = spans
	}
	if len(problems) == 0 && h.Days() == [7]bool{} {
		problems = append(problems, fault.Problem{Field: HoursField(time.Monday), Code: "required", Message: "Give at least one day working hours."})
	}
	return h, problems
}

// SameHours gives a week with the same hours on some days, Sunday first.
func SameHours(days [7]bool, from, to string) (w WeekHours, err error) {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if days == [7]bool{} {
		add("days", "required", "Choose at least one working day.")
	}
	start, fromOK := calendar.ParseClock(from)
	if !fromOK {
		add("from", "invalid", "The start of the working hours is not a time such as 08:00.")
	}
	end, toOK := calendar.ParseEnd(to)
	if !toOK {
		add("to", "invalid", "The end of the working hours is not a time such as 17:00.")
	}
	if fromOK && toOK && end <= start {
		add("to", "order", "The working hours end before they start.")
	}
	for day, works := range days {
		if works {
			w[day] = calendar.Span{From: start, To: end}.String()
		}
	}
	return w, fault.Of(problems...)
}

// Bounds gives the working days of a week, when the earliest begins and when the latest ends.
func (w WeekHours) Bounds() (days [7]bool, from, to string) {
	h, _ := w.parse()
	start, end := h.Bounds()
	return h.Days(), calendar.Clock(start), calendar.Clock(end)
}

// WorkingTime is when a user works.
type WorkingTime struct {
	User ident.User
	Name string
	Zone string
	// Own tells that Hours are the user's own; else they are those of the organisation.
	Own   bool
	Hours WeekHours
	// Region is the code of the region whose holidays the user has, "" for the organisation's; Effective is the one in force, a
	// label, "" for none.
	Region, Effective string
}

// WorkingTime gives when a user works; everybody may see that.
func (a *App) WorkingTime(ctx context.Context, actor access.Actor, user ident.User) (WorkingTime, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return WorkingTime{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (WorkingTime, error) { return workingTime(tx, user) })
}

func workingTime(tx *store.Tx, user ident.User) (WorkingTime, error) {
	u, err := tx.GetUser(user)
	if err != nil {
		return WorkingTime{}, err
	}
	w, err := tx.WorkingTime(user)
	if err != nil {
		return WorkingTime{}, err
	}
	code := w.Region
	if code == "" {
		if code, err = tx.Region(); err != nil {
			return WorkingTime{}, err
		}
	}
	r, _ := calendar.RegionOf(code)
	return WorkingTime{User: u.ID, Name: u.Name, Zone: u.Zone, Own: w.Own, Hours: weekHours(w.Hours), Region: w.Region, Effective: r.Label()}, nil
}

// SaveWorkingTime changes when a user works: Own, Hours and Region of in. The hours count for what is decided from now on.
func (a *App) SaveWorkingTime(ctx context.Context, actor access.Actor, in WorkingTime) (WorkingTime, error) {
	if err := mayOn(actor, access.SetWorkingTime, in.User); err != nil {
		return WorkingTime{}, err
	}
	w := store.WorkingTime{Own: in.Own}
	var problems []fault.Problem
	if in.Own {
		w.Hours, problems = in.Hours.parse()
	}
	var problem []fault.Problem
	w.Region, problem = readRegion(in.Region)
	if err := fault.Of(slices.Concat(problems, problem)...); err != nil {
		return WorkingTime{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (WorkingTime, error) {
		if _, err := tx.GetUser(in.User); err != nil {
			return WorkingTime{}, err
		}
		if err := tx.SaveWorkingTime(in.User, w); err != nil {
			return WorkingTime{}, err
		}
		hours := "hours of the organisation"
		if w.Own {
			hours = weekHours(w.Hours).String()
		}
		if err := tx.Audit(actor.ID, "set_working_time", "user", int64(in.User), fmt.Sprintf("%s, holidays %q", hours, w.Region)); err != nil {
			return WorkingTime{}, err
		}
		return workingTime(tx, in.User)
	})
}

// readRegion checks the code of a region.
func readRegion(code string) (string, []fault.Problem) {
	if strings.TrimSpace(code) == "" {
		return "", nil
	}
	r, ok := calendar.RegionOf(code)
	if !ok {
		return "", []fault.Problem{{Field: "region", Code: "unknown", Message: "The holidays of this region are not known. Use a code such as DE or DE-BY."}}
	}
	return r.Code, nil
}
