package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// atOneStep connects people with the addresses to a sequence that begins with an email by hand, and gives the activities.
func (h *house) atOneStep(addresses ...string) (ids []ident.Activity) {
	h.t.Helper()
	seq := h.active(h.manager, define("Trial", write("w", ""), task("b")))
	for i, address := range addresses {
		var more []string
		if address != "" {
			more = []string{"email", address}
		}
		h.connect(h.anna, seq, h.lead(h.anna, fmt.Sprint("Cara", i), "Cole", more...))
	}
	page, err := h.app.WorkList(h.ctx, h.anna, store.WorkQuery{})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, act := range page.Rows {
		ids = append(ids, act.ID)
	}
	return ids
}

// TestBulkMail sends one email to the people of a step: each gets their own values, who cannot be written to is left out, and each
// activity is completed when its mail is really sent.
func TestBulkMail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ids := h.atOneStep("a@customer.test", "b@customer.test", "c@customer.test")
		in := Bulk{Verb: BulkEmail, Activities: ids, Mail: BulkMail{Subject: "Hello {{ first_name }}", HTML: "<p>News for {{ first_name }} in {{ city }}</p>"}}
		previews, err := h.app.PreviewBulkMail(h.ctx, h.anna, in)
		same(t, "empty fields", fmt.Sprint(len(previews), previews[0].Subject, previews[0].Empty, previews[0].Warning != "", err), "3Hello Cara0true true <nil>")
		_, err = h.app.StartBatch(h.ctx, h.anna, in)
		refused(t, "all have an empty field", err, fault.Invalid, "City")

		in.Each = map[ident.Activity]Bulk{ids[0]: {Mail: BulkMail{EmptyFields: true}}, ids[1]: {Mail: BulkMail{HTML: "<p>Only for you</p>"}}}
		in.At = h.db.Now().Add(time.Hour)
		b, err := h.app.StartBatch(h.ctx, h.anna, in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "one is left out", h.batch(b.ID), "waiting 2 0 1 0 0")
		same(t, "nothing is queued in the grace", h.deliver(store.Delivered, ""), 0)
		h.later(batchGrace)
		h.runBatches()
		same(t, "queued", h.batch(b.ID), "done 0 2 1 0 0")
		act, err := h.app.GetActivity(h.ctx, h.anna, ids[1])
		if err != nil {
			t.Fatal(err)
		}
		m, err := h.app.GetMessage(h.ctx, h.anna, act.Message)
		same(t, "scheduled, with a text of its own", fmt.Sprint(act.State, m.Subject, strings.HasPrefix(m.Text, "Only for you"), m.ScheduledAt.Equal(in.At), err), "sendingHello Cara1true true <nil>")
		same(t, "not before its time", h.deliver(store.Delivered, ""), 0)
		h.later(time.Hour)
		same(t, "sent", h.deliver(store.Delivered, ""), 2)
		act, err = h.app.GetActivity(h.ctx, h.anna, ids[0])
		same(t, "completed", fmt.Sprint(act.State, err), "completed <nil>")

		other := h.someTasks(h.anna, 1)
		_, err = h.app.PreviewBulkMail(h.ctx, h.anna, Bulk{Activities: append(other, ids[2])})
		refused(t, "mixed", err, fault.Invalid, "one step of one sequence")
	})
}
