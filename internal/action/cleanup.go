package action

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// CleanUp says how overdue work is to be cleaned up.
type CleanUp struct {
	// User is whose work it is; the actor's when zero.
	User ident.User
	// PerDay is how much a day may hold, with what is due on it already.
	PerDay int
	// BestFirst plans by priority, else what has waited longest comes first.
	BestFirst bool
	// SkipOlder skips what was due more than so many days ago; zero skips nothing.
	SkipOlder int
}

// The limits of a clean-up. Who has more overdue than a batch holds cleans up once more.
const (
	DefaultPerDay = 20
	maxPerDay     = 500
	maxSkipOlder  = 3650
	// planAhead is how many days a plan may reach ahead, as a snooze may.
	planAhead = 365
	// planSoon is how far from now the first activity of today is put, and planGap how far apart those of a day are, so that they keep their order.
	planSoon = 15 * time.Minute
	planGap  = time.Minute
)

// Plan is which day each overdue activity moves to, or that it is skipped.
type Plan struct {
	// Overdue counts what is overdue, by age; More tells that there is more, which is not planned.
	Overdue int
	Ages    []Age
	More    bool
	Days    []PlanDay
	Skipped []store.Activity
	// Mark changes when the plan does.
	Mark string
	Zone *time.Location
}

// Age counts what has been overdue for a span of days; Most is 0 for without end.
type Age struct{ Least, Most, Count int }

// PlanDay is what a day gets. Due counts what is due on it already.
type PlanDay struct {
	Day  time.Time
	Due  int
	Rows []PlannedMove
}

// PlannedMove is an activity with its new time.
type PlannedMove struct {
	store.Activity
	Until time.Time
}

func (in CleanUp) problems() []fault.Problem {
	var problems []fault.Problem
	if in.PerDay < 1 || in.PerDay > maxPerDay {
		problems = append(problems, fault.Problem{Field: "per_day", Code: "range", Message: fmt.Sprintf("A day holds 1 to %d activities.", maxPerDay)})
	}
	if in.SkipOlder < 0 || in.SkipOlder > maxSkipOlder {
		problems = append(problems, fault.Problem{Field: "skip_older", Code: "range", Message: fmt.Sprintf("Give 1 to %d days, or nothing to skip nothing.", maxSkipOlder)})
	}
	return problems
}

// PlanCleanUp proposes a plan for what is overdue, over the next working days of whose work it is. It changes nothing.
func (a *App) PlanCleanUp(ctx context.Context, actor access.Actor, in CleanUp) (Plan, error) {
	if in.User == 0 {
		in.User = actor.ID
	}
	if err := mayOn(actor, access.DoActivities, in.User); err != nil {
		return Plan{}, err
	}
	wrong := fault.Of(in.problems()...)
	return look(ctx, a, func(tx *store.Tx) (Plan, error) {
		u, err := tx.GetUser(in.User)
		if err != nil {
			return Plan{}, err
		}
		p := Plan{Zone: zoneOf(u.Zone)}
		today := startOfDay(tx.Now.In(p.Zone))
		entries, _, err := tx.WorkEntries(store.WorkQuery{Assignee: in.User, Until: today}, maxBatch+1)
		if err != nil {
			return p, err
		}
		// A meeting was when it was: who should have been there says how it ended.
		entries = slices.DeleteFunc(entries, func(e store.WorkEntry) bool { return e.Kind == step.Meeting })
		if p.More = len(entries) > maxBatch; p.More {
			entries = entries[:maxBatch]
		}
		p.Overdue, p.Ages = len(entries), agesOf(entries, today)
		if wrong != nil {
			return p, wrong
		}
		if in.BestFirst {
			settings, err := tx.WorkSettings()
			if err != nil {
				return p, err
			}
			for i, e := range placeWork(entries, ByPriority, settings.Weights, tx.Now, today) {
				entries[i] = e.WorkEntry
			}
		}
		return p, p.fill(tx, in, today, entries)
	})
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// agesOf counts entries by how many days ago they were due.
func agesOf(entries []store.WorkEntry, today time.Time) []Age {
	ages := []Age{{1, 1, 0}, {2, 7, 0}, {8, 14, 0}, {15, 30, 0}, {31, 0, 0}}
	for _, e := range entries {
		days := daysOverdue(e.Facts.DueAt, today)
		for i := range ages {
			if days >= ages[i].Least && (ages[i].Most == 0 || days <= ages[i].Most) {
				ages[i].Count++
			}
		}
	}
	return ages
}

// daysOverdue counts the days from that on which something was due to today, as people count them.
func daysOverdue(due, today time.Time) int {
	return int((today.Sub(startOfDay(due.In(today.Location()))) + 12*time.Hour) / (24 * time.Hour)) // a day of a change of clocks has 23 or 25 hours
}

// fill puts the entries, in their order, on the days.
func (p *Plan) fill(tx *store.Tx, in CleanUp, today time.Time, entries []store.WorkEntry) error {
	ids := make([]ident.Activity, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	list, err := tx.ActivitiesByID(ids)
	if err != nil {
		return err
	}
	due, err := dueByDay(tx, in.User, today)
	if err != nil {
		return err
	}
	cal, err := tx.CalendarOf(in.User)
	if err != nil {
		return err
	}
	var move []store.Activity
	for _, act := range list {
		if in.SkipOlder > 0 && daysOverdue(act.DueAt, today) > in.SkipOlder {
			p.Skipped = append(p.Skipped, act)
		} else {
			move = append(move, act)
		}
	}
	for day := today; len(move) > 0; day = day.AddDate(0, 0, 1) {
		if !day.Before(today.AddDate(0, 0, planAhead)) {
			return fault.Field("per_day", "range", fmt.Sprintf("With %d a day it takes more than a year. Choose more a day, or skip what is old.", in.PerDay))
		}
		at, ok := firstTime(cal, day, tx.Now)
		room := min(in.PerDay-due[day.Format(time.DateOnly)], len(move))
		if !ok || room <= 0 {
			continue
		}
		d := PlanDay{Day: day, Due: due[day.Format(time.DateOnly)]}
		for i, act := range move[:room] {
			d.Rows = append(d.Rows, PlannedMove{Activity: act, Until: at.Add(time.Duration(i) * planGap)})
		}
		p.Days, move = append(p.Days, d), move[room:]
	}
	p.Mark = p.mark()
	return nil
}

// firstTime gives the first working time of a day that is still to come; ok is false for a day without.
func firstTime(cal calendar.Calendar, day, now time.Time) (time.Time, bool) {
	from := day
	if soon := now.Add(planSoon).Truncate(time.Minute); soon.After(from) {
		from = soon
	}
	at, ok := cal.Next(from)
	return at, ok && at.Before(day.AddDate(0, 0, 1))
}

// dueByDay counts what is due from today on, by day.
func dueByDay(tx *store.Tx, user ident.User, today time.Time) (map[string]int, error) {
	entries, _, err := tx.WorkEntries(store.WorkQuery{Assignee: user, From: today, Later: true}, maxOrdered)
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.Facts.DueAt.In(today.Location()).Format(time.DateOnly)]++
	}
	return counts, err
}

// mark is a text that changes when another activity moves, another day is chosen for one, or another is skipped.
func (p *Plan) mark() string {
	h := fnv.New64a()
	for _, d := range p.Days {
		for _, m := range d.Rows {
			_, _ = fmt.Fprintln(h, d.Day.Format(time.DateOnly), int64(m.ID), m.Rev)
		}
	}
	for _, act := range p.Skipped {
		_, _ = fmt.Fprintln(h, "skip", int64(act.ID), act.Rev)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// Bulk gives the batch that carries the plan out.
func (p Plan) Bulk(in CleanUp) Bulk {
	b := Bulk{Verb: BulkCleanUp, Each: map[ident.Activity]Bulk{}}
	add := func(id ident.Activity, own Bulk) {
		b.Activities = append(b.Activities, id)
		b.Each[id] = own
	}
	for _, d := range p.Days {
		for _, m := range d.Rows {
			add(m.ID, Bulk{Verb: BulkSnooze, Until: m.Until})
		}
	}
	for _, act := range p.Skipped {
		add(act.ID, Bulk{Verb: BulkSkip, Note: fmt.Sprintf("Cleaned up: it was due more than %d days ago.", in.SkipOlder)})
	}
	return b
}
