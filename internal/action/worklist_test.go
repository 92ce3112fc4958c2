package action

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// orderedWork gives Anna work of every kind, one activity of it on a sequence whose customer has replied.
func orderedWork(t *testing.T, h *house) (cara ident.Record) {
	t.Helper()
	start := h.db.Now()
	cara = h.record(record.Lead, h.anna.ID, record.Values{"first_name": "Cara", "last_name": "Cole", "status": "open", "score": "85"})
	zoe := h.record(record.Lead, h.anna.ID, record.Values{"first_name": "Zoe", "last_name": "Ames", "status": "open", "value": "100000"})
	birch := h.record(record.Account, h.anna.ID, record.Values{"name": "Birch", "status": "active"})
	deal := h.record(record.Opportunity, h.anna.ID, record.Values{"name": "turbines", "status": "open", "score": "12"})
	for _, a := range []NewActivity{
		{Record: cara, Kind: "task", Name: "One", DueAt: start.Add(-50 * time.Hour)},
		{Record: birch, Kind: "phone_call", Name: "Two", DueAt: start},
		{Record: deal, Kind: "task", Name: "Three", DueAt: start.Add(time.Hour)},
		{Record: zoe, Kind: "email", Name: "Four", DueAt: start.Add(30 * time.Hour)},
	} {
		if _, err := h.app.CreateActivity(h.ctx, h.anna, a); err != nil {
			t.Fatal(err)
		}
	}
	enrollment := h.connect(h.anna, h.active(h.manager, define("Trial", task("five"))), h.lead(h.anna, "Lee", "Ives"))
	h.pass(0)
	h.write(func(tx *store.Tx) error {
		_, err := tx.Engage(store.Engagement{Enrollment: enrollment, Step: "mail", Result: step.Answered})
		return err
	})
	return cara
}

// grouped writes a list as its groups with their counts and rows.
func grouped(p WorkPage) string {
	var b strings.Builder
	last := -1
	for _, r := range p.Rows {
		if r.Group != last {
			last = r.Group
			fmt.Fprintf(&b, "[%s %d] ", p.Groups[last].Label, p.Groups[last].Count)
		}
		b.WriteString(strings.TrimPrefix(r.Name, "Task ") + " ")
	}
	return strings.TrimSpace(b.String())
}

func (h *house) ordered(actor access.Actor, q store.WorkQuery, sort WorkSort) WorkPage {
	h.t.Helper()
	y, m, d := h.db.Now().Date()
	p, err := h.app.Work(h.ctx, actor, q, WorkOrder{Sort: sort, Tonight: time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func TestWorkInOrder(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		all := store.WorkQuery{Later: true}
		for _, c := range []struct {
			sort WorkSort
			want string
		}{
			{"", "[Overdue 1] One [Today 3] Two five Three [Tomorrow 1] Four"},
			{"-due", "[Tomorrow 1] Four [Today 3] Three Two five [Overdue 1] One"},
			{"priority", "[Medium priority 3] five Four One [Low priority 2] Two Three"},
			{"score", "[Score 80 and more 1] One [Score below 40 1] Three [No score 3] Two five Four"},
			{"name", "[B 1] Two [C 1] One [L 1] five [T 1] Three [Z 1] Four"},
			{"kind", "[Email 1] Four [Phone call 1] Two [Task 3] One five Three"},
			{"record_kind", "[Leads 3] One five Four [Opportunities 1] Three [Accounts 1] Two"},
			{"sequence", "[Trial 1] five [By hand 4] One Two Three Four"},
		} {
			same(t, "by "+string(c.sort), grouped(h.ordered(h.anna, all, c.sort)), c.want)
		}
		five := h.ordered(h.anna, all, "priority").Rows[0]
		same(t, "the reply is the reason", fmt.Sprint(five.Priority.Total, five.Priority.Parts[1].Why), "54replied within the last day")
		score, err := h.app.PriorityOf(h.ctx, h.anna, five.ID)
		same(t, "the same by itself", fmt.Sprint(score.Total, err), "54 <nil>")
		_, err = h.app.Work(h.ctx, h.anna, all, WorkOrder{Sort: "colour"})
		refused(t, "an unknown order", err, fault.Invalid, "sort", "priority")
		_, err = h.app.Work(h.ctx, h.anna, store.WorkQuery{Cursor: "%"}, WorkOrder{})
		refused(t, "a broken cursor", err, fault.Malformed, "cursor")
	})
}

// By priority the list is read from an index, a part of what there is to know: whatever counts how much, its order and its reasons are those of all
// that is known, on each of its pages.
func TestOrderByPriority(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 40 {
			values := record.Values{"last_name": fmt.Sprint("Lead ", i), "status": "open"}
			if i%3 > 0 {
				values["value"] = fmt.Sprint(random.IntN(80_000))
			}
			a := NewActivity{Record: h.record(record.Lead, h.anna.ID, values), Kind: "task", Name: fmt.Sprint("Task ", i), DueAt: h.db.Now().Add(time.Duration(random.IntN(400)-300) * time.Hour)}
			if _, err := h.app.CreateActivity(h.ctx, h.anna, a); err != nil {
				t.Fatal(err)
			}
			h.pass(time.Duration(random.IntN(20)) * time.Hour)
		}
		for range 4 {
			settings, err := h.app.WorkSettings(h.ctx, h.admin)
			if err != nil {
				t.Fatal(err)
			}
			settings.Weights = priority.Weights{Due: random.IntN(101), Engagement: random.IntN(101), Value: random.IntN(101), Age: random.IntN(101), FullValue: 1 + float64(random.IntN(90_000))}
			if _, err := h.app.SaveWorkSettings(h.ctx, h.admin, settings); err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for _, e := range h.wholeOrder(settings.Weights) {
				want = append(want, fmt.Sprint(e.ID, " ", priority.Of(e.Facts, settings.Weights, h.db.Now())))
			}
			q := store.WorkQuery{Later: true, Limit: 12}
			for more := true; more; more = q.Cursor != "" {
				page := h.ordered(h.anna, q, ByPriority)
				for _, r := range page.Rows {
					got = append(got, fmt.Sprint(r.ID, " ", r.Priority))
				}
				q.Cursor = page.Next
			}
			same(t, fmt.Sprintf("by %+v", settings.Weights), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// wholeOrder sorts all that is known of Anna's work by priority, in the plainest way.
func (h *house) wholeOrder(w priority.Weights) (list []store.WorkEntry) {
	h.t.Helper()
	h.write(func(tx *store.Tx) (err error) {
		list, _, err = tx.WorkEntries(store.WorkQuery{Assignee: h.anna.ID, Later: true}, 100)
		return err
	})
	slices.SortFunc(list, func(a, b store.WorkEntry) int {
		of := func(e store.WorkEntry) int { return priority.Of(e.Facts, w, h.db.Now()).Total }
		return cmp.Or(of(b)-of(a), a.Facts.DueAt.Compare(b.Facts.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Pages go on where the one before ended, whatever came or went meanwhile, and back again.
func TestPagesOfWork(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		q := store.WorkQuery{Later: true, Limit: 2}
		first := h.ordered(h.anna, q, ByName)
		same(t, "first", fmt.Sprint(grouped(first), first.From, first.Total, first.Prev == ""), "[B 1] Two [C 1] One1 5 true")
		if _, err := h.app.SkipActivity(h.ctx, h.anna, first.Rows[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		q.Cursor = first.Next
		second := h.ordered(h.anna, q, ByName)
		same(t, "second, after one above was done", fmt.Sprint(grouped(second), second.From), "[L 1] five [T 1] Three2")
		q.Cursor = second.Next
		third := h.ordered(h.anna, q, ByName)
		same(t, "third", fmt.Sprint(grouped(third), third.Next == ""), "[Z 1] Fourtrue")
		q.Cursor = second.Prev
		same(t, "back", grouped(h.ordered(h.anna, q, ByName)), "[C 1] One [L 1] five")
		q.Cursor, q.Limit = "", 3
		three := h.ordered(h.anna, q, ByName)
		q.Cursor = three.Next
		last := h.ordered(h.anna, q, ByName)
		same(t, "a last page that is not full", fmt.Sprint(len(last.Rows), last.From), "1 4")
		q.Cursor = last.Prev
		same(t, "and the whole page before it", grouped(h.ordered(h.anna, q, ByName)), grouped(three))
	})
}

// Who leads others looks at their lists; a seller is told who can.
func TestWorkOfOthers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		orderedWork(t, h)
		lead := h.record(record.Lead, h.bob.ID, record.Values{"last_name": "Dahl", "status": "open"})
		if _, err := h.app.CreateActivity(h.ctx, h.bob, NewActivity{Record: lead, Kind: "task", Name: "Six", DueAt: h.db.Now().Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		bob, everybody := store.WorkQuery{Assignee: h.bob.ID, Later: true}, store.WorkQuery{Everybody: true, Later: true}
		same(t, "Bob's", grouped(h.ordered(h.admin, bob, ByDue)), "[Today 1] Six")
		same(t, "everybody's", grouped(h.ordered(h.admin, everybody, ByAssignee)), "["+h.anna.Name+" 5] One Two five Three Four ["+h.bob.Name+" 1] Six")
		page, err := h.app.WorkList(h.ctx, h.admin, everybody)
		same(t, "by due time", fmt.Sprint(len(page.Rows), page.Rows[1].Name, err), "6Six<nil>")
		for what, q := range map[string]store.WorkQuery{"Bob's": bob, "everybody's": everybody} {
			_, err := h.app.Work(h.ctx, h.anna, q, WorkOrder{})
			refused(t, what+" list for Anna", err, fault.Forbidden, "sees its own work list, not those of others")
			_, err = h.app.WorkList(h.ctx, h.anna, q)
			refused(t, what+" plain list for Anna", err, fault.Forbidden, "sales manager")
			_, _, err = h.app.WorkIDs(h.ctx, h.anna, q)
			refused(t, what+" ids for Anna", err, fault.Forbidden, "own work list")
		}
		_, _, err = h.app.WorkCounts(h.ctx, h.anna, h.bob.ID, h.db.Now())
		refused(t, "Bob's counts for Anna", err, fault.Forbidden, "own work list")
	})
}

func TestUnopenedAndFollowed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		cara := orderedWork(t, h)
		one := h.ordered(h.anna, store.WorkQuery{}, ByDue).Rows[0].Activity
		unopened := store.WorkQuery{Later: true, Unopened: true}
		same(t, "all", fmt.Sprint(h.ordered(h.anna, unopened, ByDue).Total), "5")
		for _, who := range []access.Actor{h.bob, h.anna, h.anna} { // Bob leaves no trace, and twice is once
			if err := h.app.See(h.ctx, who, one); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "but the opened", fmt.Sprint(h.ordered(h.anna, unopened, ByDue).Total), "4")
		if _, err := h.app.Unsee(h.ctx, h.anna, one.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "all again", fmt.Sprint(h.ordered(h.anna, unopened, ByDue).Total), "5")
		if err := h.app.See(h.ctx, h.anna, one); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Reassign(h.ctx, h.anna, one.ID, h.bob.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "new to Bob", fmt.Sprint(h.ordered(h.bob, store.WorkQuery{Unopened: true}, ByDue).Total), "1")

		if err := h.app.Follow(h.ctx, h.bob, cara, true); err != nil {
			t.Fatal(err)
		}
		same(t, "followed", grouped(h.ordered(h.bob, store.WorkQuery{Followed: h.bob.ID}, ByDue)), "[Overdue 1] One")
		if err := h.app.Follow(h.ctx, h.bob, cara, false); err != nil {
			t.Fatal(err)
		}
		same(t, "no longer", grouped(h.ordered(h.bob, store.WorkQuery{Followed: h.bob.ID}, ByDue)), "")
		refused(t, "nobody follows", h.app.Follow(h.ctx, access.System(), cara, true), fault.Conflict, "user")
		refused(t, "no such record", h.app.Follow(h.ctx, h.bob, 999, true), fault.NotFound, "record")
	})
}

func TestWorkSettings(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		shipped, err := h.app.WorkSettings(h.ctx, h.anna)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.app.SaveWorkSettings(h.ctx, h.anna, shipped)
		refused(t, "a seller", err, fault.Forbidden)
		bad := shipped
		bad.Weights = priority.Weights{Due: -1, Value: 101}
		bad.Sort = "colour"
		bad.Cards = map[record.Kind]store.Card{record.Account: {Second: []string{"job_title"}}, record.Lead: {Third: []string{"city", "phone", "score", "value", "email"}}}
		_, err = h.app.SaveWorkSettings(h.ctx, h.admin, bad)
		refused(t, "bad input", err, fault.Invalid, "due", "value", "full_value", "sort", "cards.account.second", "cards.lead.third")

		next := shipped
		next.Sort, next.Weights = "-score", priority.Weights{Value: 10, FullValue: 1000}
		next.Cards = map[record.Kind]store.Card{record.Lead: {Second: []string{"activity", "score"}, Third: []string{"job_title"}}}
		if _, err := h.app.SaveWorkSettings(h.ctx, h.admin, next); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.SaveWorkSettings(h.ctx, h.admin, next)
		refused(t, "over somebody's change", err, fault.Stale)
		saved, err := h.app.WorkSettings(h.ctx, h.anna)
		same(t, "saved", fmt.Sprint(saved.Sort, saved.Weights.Value, saved.Cards[record.Lead].Third, saved.Cards[record.Account].Second, err), "-score10 [job_title] [activity company sequence] <nil>")
		orderedWork(t, h)
		same(t, "in everybody's order", grouped(h.ordered(h.anna, store.WorkQuery{Later: true}, "")), "[No score 3] Two five Four [Score below 40 1] Three [Score 80 and more 1] One")
	})
}

func TestWorkViews(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		save := func(actor access.Actor, name, query string, shared bool) error {
			_, err := h.app.SaveWorkView(h.ctx, actor, name, query, shared)
			return err
		}
		for _, err := range []error{save(h.anna, " Calls  today", "kind=phone_call&due=today", false), save(h.anna, "calls today", "kind=phone_call", false), save(h.admin, "Overdue", "due=overdue", true), save(h.bob, "Mine", "", false)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		refused(t, "for all by a seller", save(h.anna, "X", "", true), fault.Forbidden)
		refused(t, "without a name", save(h.anna, " ", "", false), fault.Invalid, "name")
		refused(t, "no query", save(h.anna, "X", "%zz", false), fault.Invalid, "query")
		list, err := h.app.WorkViews(h.ctx, h.anna)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, v := range list {
			names = append(names, v.Name+"?"+v.Query)
		}
		same(t, "Anna's", strings.Join(names, " "), "Overdue?due=overdue calls today?kind=phone_call")
		refused(t, "everybody's by a seller", h.app.DeleteWorkView(h.ctx, h.anna, list[0].ID), fault.Forbidden)
		refused(t, "Anna's by Bob", h.app.DeleteWorkView(h.ctx, h.bob, list[1].ID), fault.NotFound)
		if err := h.app.DeleteWorkView(h.ctx, h.anna, list[1].ID); err != nil {
			t.Fatal(err)
		}
	})
}
