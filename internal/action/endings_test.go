package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestRecordEnds checks what becomes of an enrollment when its record is closed, imported as closed, or deleted.
func TestRecordEnds(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Inbound", call("first"), mail("later", "intro")))
		for _, try := range []struct {
			what string
			end  func(rec ident.Record) error
			want string
		}{
			{"a change that leaves it open", func(rec ident.Record) error {
				_, err := h.app.UpdateRecord(h.ctx, h.anna, rec, RecordChange{Values: record.Values{"city": "Bonn"}})
				return err
			}, "active first person"},
			{"closing", func(rec ident.Record) error {
				_, err := h.app.UpdateRecord(h.ctx, h.anna, rec, RecordChange{Values: record.Values{"status": "disqualified"}})
				return err
			}, "finished first " + string(step.ExitRecordClosed)},
			{"an import that closes", func(rec ident.Record) error {
				r, err := h.app.GetRecord(h.ctx, h.anna, rec)
				if err != nil {
					return err
				}
				file := "Email,Status\n" + r.Get("email") + ",qualified\n"
				result, err := h.app.ImportNow(h.ctx, h.anna, record.Lead, strings.NewReader(file), ImportSettings{}, false, nil)
				if err == nil && result.Updated != 1 {
					err = fmt.Errorf("%+v", result)
				}
				return err
			}, "finished first " + string(step.ExitRecordClosed)},
			{"a check of an import that would close", func(rec ident.Record) error {
				r, err := h.app.GetRecord(h.ctx, h.anna, rec)
				if err != nil {
					return err
				}
				file := "Email,Status\n" + r.Get("email") + ",qualified\n"
				_, err = h.app.ImportNow(h.ctx, h.anna, record.Lead, strings.NewReader(file), ImportSettings{}, true, nil)
				return err
			}, "active first person"},
			{"deleting", func(rec ident.Record) error {
				_, _, err := h.app.DeleteRecords(h.ctx, h.anna, []ident.Record{rec})
				return err
			}, "finished first " + string(step.ExitDisconnected)},
		} {
			rec := h.lead(h.anna, strings.ReplaceAll(try.what, " ", "."), "Lead")
			enrollment := h.connect(h.anna, id, rec)
			h.pass(0)
			if err := try.end(rec); err != nil {
				t.Fatalf("%s: %v", try.what, err)
			}
			var state store.Enrollment
			h.write(func(tx *store.Tx) (err error) {
				state, err = tx.GetEnrollment(enrollment)
				return err
			})
			got := strings.Join(strings.Fields(fmt.Sprint(state.State.Status, " ", state.State.Step, " ", state.State.Wait, " ", state.State.Exit)), " ")
			same(t, try.what, got, strings.ReplaceAll(try.want, "person", string(step.ForPerson)))
			if strings.HasPrefix(try.want, "finished") {
				same(t, try.what+": nothing is left to do", h.workNames(h.anna), "")
				continue
			}
			if err := h.disconnect(enrollment); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// disconnect takes one enrollment off.
func (h *house) disconnect(id ident.Enrollment) error {
	_, _, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{id})
	return err
}

// TestRecordRow checks what a list of records says of sequences and due work.
func TestRecordRow(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Inbound", call("first")))
		other := h.active(h.manager, define("Nurture", pause("rest", "2d"), task("then")))
		busy, idle := h.lead(h.anna, "Busy", "Lead"), h.lead(h.anna, "Idle", "Lead")
		h.connect(h.anna, id, busy)
		h.connect(h.anna, other, busy)
		h.pass(0)
		list := func(q store.RecordQuery) string {
			q.Kind = record.Lead
			page, err := h.app.ListRecords(h.ctx, h.anna, q)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range page.Rows {
				out = append(out, fmt.Sprintf("%s %v %v", r.Name(), r.Sequences, !r.NextDueAt.IsZero()))
			}
			return strings.Join(out, "; ")
		}
		same(t, "all", list(store.RecordQuery{}), "Busy Lead [Inbound Nurture] true; Idle Lead [] false")
		same(t, "connected", list(store.RecordQuery{Connection: "connected"}), "Busy Lead [Inbound Nurture] true")
		same(t, "unconnected", list(store.RecordQuery{Connection: "unconnected"}), "Idle Lead [] false")
		same(t, "on a sequence", list(store.RecordQuery{Sequence: id}), "Busy Lead [Inbound Nurture] true")
		same(t, "not on a sequence", list(store.RecordQuery{Sequence: id, Connection: "unconnected"}), "Idle Lead [] false")
		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: idle, Kind: "task", Name: "Look up", DueAt: h.db.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		same(t, "work made by hand", list(store.RecordQuery{Search: "idle"}), "Idle Lead [] true")
		if _, _, err := h.app.DeleteRecords(h.ctx, h.anna, []ident.Record{idle, busy}); err != nil {
			t.Fatal(err)
		}
		same(t, "work of deleted records", h.workNames(h.anna), "")
	})
}

// TestTemplateInUse checks who keeps a template from being deleted.
func TestTemplateInUse(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		tpl, err := h.app.TemplateByKey(h.ctx, h.anna, "intro")
		if err != nil || tpl.UsedBy != 0 {
			t.Fatalf("template: %+v %v", tpl, err)
		}
		h.draft(h.manager, define("Sketch", mail("one", "intro")))
		id := h.active(h.manager, define("Inbound", mail("one", "intro"), call("two")))
		tpl, err = h.app.TemplateByKey(h.ctx, h.anna, "intro")
		same(t, "used by a draft and a version", fmt.Sprint(tpl.UsedBy, err), "2 <nil>")
		refused(t, "delete while it is active", h.app.DeleteTemplate(h.ctx, h.manager, tpl.ID), fault.Conflict, "Introduction", "Inbound")
		rec := h.lead(h.anna, "Lea", "Lead")
		enrollment := h.connect(h.anna, id, rec)
		if _, err := h.app.Deactivate(h.ctx, h.manager, id, "pause"); err != nil {
			t.Fatal(err)
		}
		refused(t, "delete while records wait", h.app.DeleteTemplate(h.ctx, h.manager, tpl.ID), fault.Conflict, "Inbound")
		if err := h.disconnect(enrollment); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DeleteTemplate(h.ctx, h.manager, tpl.ID); err != nil {
			t.Errorf("delete when nobody waits: %v", err)
		}
	})
}

// TestStepClosesRecord lets a step set a status with which work on the record ends: all its enrollments end in that very
// transaction, those that were due at the same time among them (decision 13).
func TestStepClosesRecord(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		qualify := step.Step{ID: "qualify", Type: "update_field", Config: step.Config{"field": "status", "value": "qualified"}}
		h.active(h.manager, define("Next", task("never")))
		names := []string{"Closer", "Mailer", "Caller", "Leaver"}
		rec := h.lead(h.anna, "Cara", "Cole")
		ids := map[string]ident.Enrollment{}
		for name, steps := range map[string][]step.Step{
			"Closer": {pause("wait", "1h"), qualify, task("after")},
			"Mailer": {pause("wait", "1h"), mail("write", "intro"), task("then")},
			"Caller": {call("ring")},
			"Leaver": {pause("wait", "1h"), advance("go", "Next")},
		} {
			ids[name] = h.connect(h.anna, h.active(h.manager, define(name, steps...)), rec)
		}
		h.pass(0)
		same(t, "before", h.workNames(h.anna), "Call ring")
		h.pass(time.Hour)
		for _, name := range names {
			if got := h.enrollment(ids[name]); !strings.HasPrefix(got, "finished") || name != "Leaver" && !strings.HasSuffix(got, "record_closed") {
				t.Errorf("%s is %s", name, got)
			}
		}
		same(t, "nothing is left to do", h.workNames(h.anna), "")
		same(t, "and nothing is mailed", h.deliver(store.Delivered, ""), 0)
		r, err := h.app.GetRecord(h.ctx, h.anna, rec)
		if err != nil || r.Open() {
			t.Errorf("the record is %s, %v", r.Get("status"), err)
		}
		live, err := h.app.UpNext(h.ctx, h.anna, rec)
		if err != nil || len(live.Tracks) != 0 {
			t.Errorf("it is still on %d sequences, %v", len(live.Tracks), err)
		}
		lines, err := h.app.EnrollmentHistory(h.ctx, h.anna, ids["Closer"])
		if err != nil || len(lines) < 2 {
			t.Fatalf("history %+v, %v", lines, err)
		}
		last := lines[len(lines)-2:]
		same(t, "history", last[0].Detail+", then "+string(last[1].Outcome), "Status set to qualified, then record_closed")
	})
}
