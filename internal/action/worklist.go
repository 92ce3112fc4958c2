package action

import (
	"context"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// maxOrdered is how many activities of one seller are put in order: the first so many by due time.
const maxOrdered = 5000

// WorkSort is an order of a work list, in which it is also grouped. With "-" before it, it is reversed.
type WorkSort string

// The orders that are always there (spec.md 6.3); ByField gives those by a field of the records. Priority and Score begin with the highest, the others with the first.
const (
	ByDue      WorkSort = "due"
	ByPriority WorkSort = "priority"
	ByScore    WorkSort = "score"
	ByName     WorkSort = "name"
	ByKind     WorkSort = "kind"
	ByRecord   WorkSort = "record_kind"
	BySequence WorkSort = "sequence"
	ByAssignee WorkSort = "assignee"
)

// WorkSorts lists the orders that are always there as people choose them.
func WorkSorts() []WorkSort {
	return []WorkSort{ByDue, ByPriority, ByScore, ByName, ByKind, ByRecord, BySequence, ByAssignee}
}

// Known tells whether it is an order, reversed or not.
func (s WorkSort) Known() bool {
	_, field := SortField(s)
	return field || slices.Contains(WorkSorts(), s.plain())
}

// Reversed tells whether it is turned round.
func (s WorkSort) Reversed() bool { return strings.HasPrefix(string(s), "-") }

func (s WorkSort) plain() WorkSort { return WorkSort(strings.TrimPrefix(string(s), "-")) }

// WorkOrder is how a list is put in order.
type WorkOrder struct {
	// Sort is "" for the organisation's order.
	Sort WorkSort
	// Tonight is the end of the reader's today, by which due work is grouped.
	Tonight time.Time
}

// WorkPage is one page of a work list in an order.
type WorkPage struct {
	Rows   []WorkRow
	Groups []WorkGroup
	// Total counts everything that the query selects, at most 5,000; More tells that there is more than that, which is not put in order.
	Total int
	More  bool
	// From is the place of the first row in the whole list, from 1. Next and Prev are the cursors of the pages around, "" for none.
	From       int
	Next, Prev string
	Sort       WorkSort
	Settings   store.WorkSettings

	narrow bool // the order was made of times and what priority counts alone
}

// WorkRow is an activity as it stands in a list.
type WorkRow struct {
	store.Activity
	// Group is its group's place in WorkPage.Groups.
	Group    int
	Priority priority.Score
	Followed bool
	Record   record.Record
}

// WorkGroup is what the rows of a list have in common, and how many in the whole list do.
type WorkGroup struct {
	Label string
	Count int
}

// Work gives one page of a seller's work list, put in order and in groups. The actor's own is meant when the query names
// nobody; without an order the organisation's is taken.
func (a *App) Work(ctx context.Context, actor access.Actor, q store.WorkQuery, o WorkOrder) (WorkPage, error) {
	q, err := readable(actor, q)
	if err != nil {
		return WorkPage{}, err
	}
	if o.Sort != "" {
		if err := o.Sort.check(); err != nil {
			return WorkPage{}, err
		}
	}
	return look(ctx, a, func(tx *store.Tx) (WorkPage, error) {
		p := WorkPage{Sort: o.Sort}
		var err error
		if p.Settings, err = tx.WorkSettings(); err != nil {
			return p, err
		}
		if err := ownIcons(tx, actor, &p.Settings); err != nil {
			return p, err
		}
		if p.Sort == "" {
			p.Sort = WorkSort(p.Settings.Sort)
		}
		if err := chooseFilters(tx, actor, &q); err != nil {
			return p, err
		}
		q.Field, _ = p.Sort.Field()
		entries, more, err := p.entries(tx, q)
		if err != nil {
			return p, err
		}
		if p.More = more; len(entries) > maxOrdered {
			p.More, entries = true, entries[:maxOrdered]
		}
		return p, p.fill(tx, actor, q, o.Tonight, entries)
	})
}

// entries reads what the order needs of everything that the query selects. By due time and by priority, as most people work, that is little.
func (p *WorkPage) entries(tx *store.Tx, q store.WorkQuery) (list []store.WorkEntry, more bool, err error) {
	sort := p.Sort.plain()
	p.narrow = len(q.Fields) == 0 && (sort == ByDue || sort == ByPriority)
	switch {
	case p.narrow && sort == ByDue:
		list, err = tx.WorkTimes(q, maxOrdered+1)
	case p.narrow:
		list, err = tx.WorkFacts(q, maxOrdered+1)
	default:
		return tx.WorkEntries(q, maxOrdered+1)
	}
	return list, false, err
}

func oneOfSorts() string {
	var names []string
	for _, s := range WorkSorts() {
		names = append(names, string(s))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// fill orders the entries, cuts the page out of them and reads what stands on it.
func (p *WorkPage) fill(tx *store.Tx, actor access.Actor, q store.WorkQuery, tonight time.Time, entries []store.WorkEntry) error {
	placed := placeWork(entries, p.Sort, p.Settings.Weights, tx.Now, tonight)
	p.Total = len(placed)
	start, err := cursorPlace(q.Cursor, p.Sort, placed)
	if err != nil {
		return err
	}
	size := q.Limit
	if size <= 0 {
		size = store.DefaultPageSize
	}
	size = min(size, store.MaxPageSize)
	end := min(start+size, len(placed))
	p.From = start + 1
	if end < len(placed) {
		p.Next = pageAfter(p.Sort, &placed[end-1])
	}
	if start > 0 {
		p.Prev = pageBack(p.Sort, max(0, start-size))
	}
	groups := map[string]int{}
	for i := range placed {
		at, known := groups[placed[i].group]
		if !known {
			at = len(p.Groups)
			groups[placed[i].group] = at
			p.Groups = append(p.Groups, WorkGroup{Label: placed[i].group})
		}
		p.Groups[at].Count++
	}
	return p.read(tx, actor, placed[start:end], groups)
}

// read completes the rows of the page.
func (p *WorkPage) read(tx *store.Tx, actor access.Actor, placed []placedWork, groups map[string]int) error {
	ids := make([]ident.Activity, len(placed))
	by := make(map[ident.Activity]placedWork, len(placed))
	for i, e := range placed {
		ids[i], by[e.ID] = e.ID, e
	}
	if err := p.complete(tx, ids, by); err != nil {
		return err
	}
	list, err := tx.ActivitiesByID(ids)
	if err != nil {
		return err
	}
	records := make([]ident.Record, len(list))
	for i, act := range list {
		records[i] = act.Record
	}
	followed, err := tx.FollowedOf(actor.ID, records)
	if err != nil {
		return err
	}
	known, err := tx.RecordsByID(records)
	if err != nil {
		return err
	}
	for _, act := range list {
		e := by[act.ID]
		p.Rows = append(p.Rows, WorkRow{
			Activity: act, Group: groups[e.group], Priority: priority.Of(e.Facts, p.Settings.Weights, tx.Now),
			Followed: followed[act.Record], Record: known[act.Record].Record,
		})
	}
	return nil
}

// complete reads what priority needs of the rows of a page whose order did not.
func (p *WorkPage) complete(tx *store.Tx, ids []ident.Activity, by map[ident.Activity]placedWork) error {
	if !p.narrow {
		return nil
	}
	entries, err := tx.WorkEntriesByID(ids)
	for id, e := range entries {
		whole := by[id]
		whole.WorkEntry = e
		by[id] = whole
	}
	return err
}

// WorkMark gives a text that changes when what the actor has to do until a moment does, and counts it.
func (a *App) WorkMark(ctx context.Context, actor access.Actor, until time.Time) (mark string, count int, err error) {
	if err := may(actor, access.DoActivities); err != nil {
		return "", 0, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) { mark, count, err = tx.WorkMark(actor.ID, until); return err })
	return mark, count, err
}

// PriorityOf says how much an activity matters now, and why.
func (a *App) PriorityOf(ctx context.Context, actor access.Actor, id ident.Activity) (priority.Score, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return priority.Score{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (priority.Score, error) {
		e, err := tx.WorkEntry(id)
		if err != nil {
			return priority.Score{}, err
		}
		settings, err := tx.WorkSettings()
		return priority.Of(e.Facts, settings.Weights, tx.Now), err
	})
}
