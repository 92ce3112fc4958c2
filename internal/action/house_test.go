package action

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// house is an organisation to test in: people, a mailbox, templates and a clock that the test moves. Nothing runs beside
// the test: it plays the engine with pass and the mail server with deliver.
type house struct {
	t                         *testing.T
	ctx                       context.Context
	app                       *App
	db                        *store.DB
	now                       *atomic.Int64
	admin, manager, anna, bob access.Actor
}

// eachHouse runs a test in a house on either database.
func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	for _, database := range []struct {
		name string
		open func(testing.TB, store.Options) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			now := &atomic.Int64{}
			now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMicro()) // a Monday
			db := database.open(t, store.Options{Now: func() time.Time { return time.UnixMicro(now.Load()).UTC() }})
			test(t, newHouse(t, db, now))
		})
	}
}

func newHouse(t *testing.T, db *store.DB, now *atomic.Int64) *house {
	t.Helper()
	app, err := New(Config{DB: db, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Key: bytes.Repeat([]byte{7}, 32), DataDir: t.TempDir(), BaseURL: "https://cadenza.test"})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, ctx: t.Context(), app: app, db: db, now: now}
	h.write(func(tx *store.Tx) error {
		for _, p := range []struct {
			actor *access.Actor
			name  string
			role  access.Role
		}{
			{&h.admin, "Ada Admin", access.Admin},
			{&h.manager, "Max Manager", access.SequenceManager},
			{&h.anna, "Anna Berg", access.Seller},
			{&h.bob, "Bob Stone", access.Seller},
		} {
			u, err := tx.InsertUser(store.User{Name: p.name, Email: strings.ToLower(p.name[:3]) + "@example.com", Role: p.role, Zone: "Europe/Berlin", Active: true})
			if err != nil {
				return err
			}
			*p.actor = access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Zone: u.Zone}
		}
		if _, err := tx.InsertMailbox(store.Mailbox{
			User: h.anna.ID, Address: "anna@example.com", SenderName: "Anna Berg", Host: "mail.example.com",
			Port: 465, Security: store.TLS, Username: "anna", Signature: "Best regards\nAnna",
		}); err != nil {
			return err
		}
		for _, tpl := range []store.Template{
			{Key: "intro", Name: "Introduction", TemplateContent: store.TemplateContent{Subject: "Hello {{ first_name | default: \"there\" }}", HTML: "<p>News for {{ company }}</p>"}},
			{Key: "deal", Name: "Deal", TemplateContent: store.TemplateContent{Subject: "Your deal", HTML: "<p>It closes on {{ close_date }}</p>"}},
		} {
			if _, err := tx.InsertTemplate(tpl, h.admin.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return h
}

func (h *house) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.ctx, fn); err != nil {
		h.t.Fatal(err)
	}
}

// later moves the clock.
func (h *house) later(d time.Duration) { h.now.Add(d.Microseconds()) }

// pass moves the clock and plays what falls due, as the engine does.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	h.later(d)
	for {
		n, err := h.db.Due(h.ctx, 100)
		if err != nil {
			h.t.Fatalf("play what is due: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// deliver takes every queued message, gives it this result, and plays what follows.
func (h *house) deliver(kind store.ResultKind, reason string) int {
	h.t.Helper()
	pass, _, err := h.db.ClaimMail(h.ctx, "test", 100, func(c *store.MailCandidate, now time.Time) store.Verdict {
		if !c.Live {
			return store.Verdict{Kind: store.Withdraw, Reason: "Nobody waits for it."}
		}
		m := c.Message
		m.Sender, m.AttemptAt = c.Mailbox.Address, now
		return store.Verdict{Kind: store.Pass, Message: m}
	})
	if err != nil {
		h.t.Fatalf("claim mail: %v", err)
	}
	var results []store.MailResult
	for _, c := range pass {
		results = append(results, store.MailResult{Message: c.Message, Kind: kind, Reason: reason})
	}
	if err := h.db.FinishMail(h.ctx, results); err != nil {
		h.t.Fatalf("finish mail: %v", err)
	}
	h.pass(0)
	return len(pass)
}

// lead makes a lead.
func (h *house) lead(owner access.Actor, first, last string, more ...string) ident.Record {
	h.t.Helper()
	values := record.Values{"first_name": first, "last_name": last, "company": "Acme", "email": strings.ToLower(first) + "@customer.test", "status": "open"}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	return h.record(record.Lead, owner.ID, values)
}

func (h *house) record(kind record.Kind, owner ident.User, values record.Values) (id ident.Record) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		r, err := tx.InsertRecord(record.Record{Kind: kind, Owner: owner, Values: values})
		id = r.ID
		return err
	})
	return id
}

// The steps of tests.
func mail(id, template string) step.Step {
	return step.Step{ID: id, Type: "automated_email", Name: "Mail " + id, Config: step.Config{"template": template}}
}

func call(id string) step.Step {
	return step.Step{ID: id, Type: "phone_call", Name: "Call " + id, Description: "Ask"}
}
func task(id string) step.Step { return step.Step{ID: id, Type: "task", Name: "Task " + id} }
func pause(id, length string) step.Step {
	return step.Step{ID: id, Type: "wait", Config: step.Config{"for": length}}
}

func write(id, template string) step.Step {
	return step.Step{ID: id, Type: "email", Name: "Write " + id, Config: step.Config{"template": template}}
}

func advance(id, to string) step.Step {
	return step.Step{ID: id, Type: "advance", Config: step.Config{"to": to}}
}

func define(name string, steps ...step.Step) flow.Sequence {
	return flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}
}

// draft makes a sequence of a definition, inactive.
func (h *house) draft(owner access.Actor, def flow.Sequence) store.Sequence {
	h.t.Helper()
	result, err := h.app.ApplySequence(h.ctx, owner, def, false)
	if err != nil {
		h.t.Fatalf("apply %s: %v", def.Name, err)
	}
	return result.Sequence
}

// active makes an active sequence of a definition.
func (h *house) active(owner access.Actor, def flow.Sequence) ident.Sequence {
	h.t.Helper()
	s := h.draft(owner, def)
	if _, err := h.app.Activate(h.ctx, owner, s.ID, ActivateInput{Rev: s.DraftRev}); err != nil {
		h.t.Fatalf("activate %s: %v", def.Name, err)
	}
	return s.ID
}

// connect connects one record that must not be refused.
func (h *house) connect(actor access.Actor, seq ident.Sequence, rec ident.Record) ident.Enrollment {
	h.t.Helper()
	result, err := h.app.Connect(h.ctx, actor, seq, []ident.Record{rec}, false)
	if err != nil || len(result.Connected) != 1 {
		h.t.Fatalf("connect: %v, refused %v", err, result.Refused)
	}
	return result.Connected[0].ID
}

// enrollment gives an enrollment as "status step wait exit".
func (h *house) enrollment(id ident.Enrollment) string {
	h.t.Helper()
	e, err := h.app.GetEnrollment(h.ctx, h.admin, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(strings.Fields(fmt.Sprint(e.State.Status, " ", e.State.Step, " ", e.State.Wait, " ", e.State.Exit)), " ")
}

// work gives the only activity on a user's work list.
func (h *house) work(actor access.Actor) store.Activity {
	h.t.Helper()
	page, err := h.app.WorkList(h.ctx, actor, store.WorkQuery{Later: true})
	if err != nil || len(page.Rows) != 1 {
		h.t.Fatalf("work list of %s has %d activities, %v", actor.Name, len(page.Rows), err)
	}
	return page.Rows[0]
}

func (h *house) workNames(actor access.Actor) string {
	h.t.Helper()
	page, err := h.app.WorkList(h.ctx, actor, store.WorkQuery{Later: true})
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, a := range page.Rows {
		names = append(names, a.Name)
	}
	return strings.Join(names, ", ")
}

// same compares what a test got with what it wants.
func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}

// refused wants a fault with this code whose text, hint and problems hold the given words.
func refused(t *testing.T, what string, err error, code fault.Code, words ...string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want the fault %s", what, err, code)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %q does not say %q", what, err.Error(), word)
		}
	}
}
