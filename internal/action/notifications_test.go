package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// told gives what a user has not read yet, newest first, and has it read.
func (h *house) told(actor access.Actor) string {
	h.t.Helper()
	page, err := h.app.Notifications(h.ctx, actor, NotificationQuery{Unread: true})
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for _, n := range page.Rows {
		title, detail := Told(n)
		lines = append(lines, strings.TrimSuffix(title+": "+detail, ": "))
	}
	if _, err := h.app.ReadAllNotifications(h.ctx, actor, 0); err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(lines, "; ")
}

func (h *house) tells(when string, want map[string]string) {
	h.t.Helper()
	for name, actor := range map[string]access.Actor{"manager": h.manager, "anna": h.anna, "bob": h.bob} {
		same(h.t, when+", "+name, h.told(actor), want[name])
	}
}

// opens has a customer open a mail with a browser.
func (h *house) opens(m ident.Message, link int) {
	h.t.Helper()
	agent := "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	if _, err := h.db.AddHits(h.ctx, []hit.Hit{{Message: m, Link: link, At: h.db.Now(), Agent: agent}}); err != nil {
		h.t.Fatal(err)
	}
}

// TestNotificationsOfMail holds who is told of what customers do: the owner, the followers and the writer, of the first open of a
// mail only, and nobody of what they reported themselves or have turned off.
func TestNotificationsOfMail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", mail("a", "intro"), pause("b", "5d"), task("c")))
		rec := h.lead(h.anna, "Cara", "Cole")
		e := h.connect(h.anna, id, rec)
		h.pass(0)
		h.deliver(store.Delivered, "")
		if err := h.app.Follow(h.ctx, h.bob, rec, true); err != nil {
			t.Fatal(err)
		}
		list, err := h.app.ListMessages(h.ctx, h.admin, store.MessageQuery{Record: rec})
		if err != nil || len(list.Rows) != 1 {
			t.Fatalf("%d messages, %v", len(list.Rows), err)
		}
		m := list.Rows[0].ID
		h.later(time.Hour)
		h.opens(m, 0)
		h.opens(m, 0)
		opened := "Cara Cole opened an email"
		h.tells("opened twice", map[string]string{"anna": opened, "bob": opened})

		report := func(actor access.Actor, result step.Result) {
			t.Helper()
			if _, err := h.app.ReportEngagement(h.ctx, actor, EngagementInput{Enrollment: e, Result: result}); err != nil {
				t.Fatal(err)
			}
		}
		report(h.manager, step.Opened)
		h.tells("reported what is known", nil)
		settings, err := h.app.SaveNotificationSettings(h.ctx, h.bob, NotificationSettings{Off: []store.NotificationKind{store.NotifyClick}})
		same(t, "turned off", fmt.Sprint(settings.Off, err), "[click] <nil>")
		report(h.manager, step.LinkOpened)
		h.tells("a link", map[string]string{"anna": "Cara Cole followed a link in an email"})
		report(h.anna, step.Answered)
		h.tells("a reply that Anna reports", map[string]string{"bob": "Cara Cole replied"})
		h.write(func(tx *store.Tx) error {
			return tx.RecordBounce(store.BounceFacts{Message: m, Detail: "No such user."})
		})
		bounced := "An email to Cara Cole came back: No such user."
		h.tells("a bounce", map[string]string{"anna": bounced, "bob": bounced})

		h.later(91 * 24 * time.Hour)
		if err := h.db.Tidy(h.ctx); err != nil {
			t.Fatal(err)
		}
		page, err := h.app.Notifications(h.ctx, h.anna, NotificationQuery{})
		same(t, "kept after 90 days", fmt.Sprint(len(page.Rows), err), "0 <nil>")
	})
}

// TestNotificationsOfWork holds who is told of what colleagues and servers do.
func TestNotificationsOfWork(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", call("a"), mail("b", "intro"), task("c")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		must := func(_ any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(h.app.Reassign(h.ctx, h.anna, act.ID, h.anna.ID))
		must(h.app.Reassign(h.ctx, h.anna, act.ID, h.bob.ID))
		h.tells("handed over", map[string]string{"bob": "Anna Berg handed you “Call a” for Cara Cole"})
		must(h.app.Complete(h.ctx, h.bob, act.ID, Done{Outcome: "connected"}))
		h.deliver(store.Rejected, "550 no")
		h.tells("not sent", map[string]string{"anna": "An email to Cara Cole was not sent: 550 no"})

		must(h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: BulkReassign, Activities: h.someTasks(h.anna, 3), Assignee: h.bob.ID}))
		h.later(batchGrace)
		h.runBatches()
		h.tells("many at once", map[string]string{"bob": "Anna Berg handed you 3 activities"})

		b, err := h.app.StartBatch(h.ctx, h.anna, Bulk{Verb: BulkReassign, Activities: h.someTasks(h.anna, 3), Assignee: h.bob.ID})
		must(b, err)
		h.later(batchGrace)
		h.runBatches()
		must(h.app.UndoBatch(h.ctx, h.anna, b.ID))
		h.runBatches()
		h.tells("taken back", nil)

		must(h.app.Deactivate(h.ctx, h.admin, id, PauseRecords))
		h.tells("ended", map[string]string{"manager": "Ada Admin deactivated “Trial”"})
		must(h.app.Activate(h.ctx, h.manager, id, ActivateInput{}))
		h.tells("by its owner", nil)
		must(h.app.PauseMailbox(h.ctx, h.admin, h.anna.ID, true))
		h.tells("paused", map[string]string{"anna": "Ada Admin paused anna@example.com"})

		c, _, err := h.db.CallArrived(h.ctx, "+4930123456", "test")
		must(c, err)
		must(nil, h.db.CallEnded(h.ctx, c.ID, store.EndedMissed, ""))
		h.tells("a stranger calls", nil)
		h.lead(h.bob, "Dora", "Dale", "phone", "+4930123456")
		c, _, err = h.db.CallArrived(h.ctx, "+4930123456", "test")
		must(c, err)
		must(nil, h.db.CallEnded(h.ctx, c.ID, store.EndedMissed, ""))
		h.tells("missed", map[string]string{"bob": "Missed call from Dora Dale: +4930123456"})
	})
}

// TestReadNotifications holds that reading is one's own matter, and what all covers.
func TestReadNotifications(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		for _, name := range []string{"One", "Two", "Three"} {
			if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: name, Assignee: h.bob.ID}); err != nil {
				t.Fatal(err)
			}
		}
		page, err := h.app.Notifications(h.ctx, h.bob, NotificationQuery{Limit: 2})
		if err != nil || len(page.Rows) != 2 || page.Next == "" {
			t.Fatalf("%d rows, next %q, %v", len(page.Rows), page.Next, err)
		}
		three, two := page.Rows[0], page.Rows[1]
		page, err = h.app.Notifications(h.ctx, h.bob, NotificationQuery{Limit: 2, Cursor: page.Next})
		same(t, "second page", fmt.Sprintf("%d %q %v", len(page.Rows), page.Next, err), `1 "" <nil>`)
		_, err = h.app.ReadNotification(h.ctx, h.anna, two.ID, true)
		refused(t, "of somebody else", err, fault.NotFound)
		count := func(want int) {
			t.Helper()
			n, _, err := h.app.UnreadNotifications(h.ctx, h.bob)
			same(t, "unread", fmt.Sprint(n, err), fmt.Sprint(want, " <nil>"))
		}
		count(3)
		n, err := h.app.ReadAllNotifications(h.ctx, h.bob, two.ID)
		same(t, "read up to the second", fmt.Sprint(n, err), "2 <nil>")
		count(1)
		read, err := h.app.ReadNotification(h.ctx, h.bob, three.ID, true)
		same(t, "read", fmt.Sprint(read.ReadAt.Equal(h.db.Now()), err), "true <nil>")
		count(0)
		_, err = h.app.ReadNotification(h.ctx, h.bob, three.ID, false)
		same(t, "not read again", err, nil)
		count(1)
		_, err = h.app.SaveNotificationSettings(h.ctx, h.bob, NotificationSettings{Off: []store.NotificationKind{"weather"}})
		refused(t, "unknown kind", err, fault.Invalid, "kinds", "weather")
		_, err = h.app.Notifications(h.ctx, access.System(), NotificationQuery{})
		refused(t, "the server", err, fault.Forbidden)
	})
}
