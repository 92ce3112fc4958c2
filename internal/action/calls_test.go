package action

import (
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestSaveTrunk sets the trunk up: wrong input names its field, and the password stays with its trunk.
func TestSaveTrunk(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good := TrunkInput{Host: "SIP.example.com ", Transport: "tls", User: "roth", Password: "sesame", Number: "+49 (30) 555-000", Register: true}
		for field, change := range map[string]func(*TrunkInput){
			"host":      func(in *TrunkInput) { in.Host = "sip:trunk.test" },
			"port":      func(in *TrunkInput) { in.Port = 70_000 },
			"transport": func(in *TrunkInput) { in.Transport = "pigeon" },
			"domain":    func(in *TrunkInput) { in.Domain = "a b" },
			"user":      func(in *TrunkInput) { in.User = "" },
			"login":     func(in *TrunkInput) { in.Login = "a@b" },
			"password":  func(in *TrunkInput) { in.Password = "a\nb" },
			"number":    func(in *TrunkInput) { in.Number = "our number" },
			"numbers":   func(in *TrunkInput) { in.Numbers = []string{"phone", "phone"} },
		} {
			in := good
			change(&in)
			if _, err := h.app.SaveTrunk(h.ctx, h.admin, in); !wrongAt(err, field) {
				t.Errorf("a wrong %s is answered by %v", field, err)
			}
		}
		if _, err := h.app.SaveTrunk(h.ctx, h.anna, good); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a seller saves the trunk: %v", err)
		}
		saved, err := h.app.SaveTrunk(h.ctx, h.admin, good)
		if err != nil || saved.Host != "sip.example.com" || saved.Number != "+4930555000" || saved.Secret == nil || len(saved.Secret) > 0 {
			t.Fatalf("saved %+v, %v", saved, err)
		}
		if open, err := h.app.Trunk(h.ctx); err != nil || open.Password != "sesame" {
			t.Errorf("the phone gets the password %q, %v", open.Password, err)
		}
		good.Password, good.Host = "", "elsewhere.example.com"
		if _, err := h.app.SaveTrunk(h.ctx, h.admin, good); !wrongAt(err, "password") {
			t.Errorf("the password goes to another trunk: %v", err)
		}
		good.Host, good.Rev = "sip.example.com", 99
		if _, err := h.app.SaveTrunk(h.ctx, h.admin, good); !fault.Is(err, fault.Stale) {
			t.Errorf("a newer trunk is overwritten: %v", err)
		}
		if err := h.app.DeleteTrunk(h.ctx, h.admin); err != nil {
			t.Fatal(err)
		}
		if got, err := h.app.GetTrunk(h.ctx, h.admin); err != nil || got.Ready() || got.Secret != nil {
			t.Errorf("after the removal there is %+v, %v", got, err)
		}
	})
}

// wrongAt tells whether an error is about a field.
func wrongAt(err error, field string) bool {
	f, ok := err.(*fault.Error)
	return ok && len(f.Problems) == 1 && f.Problems[0].Field == field
}

// TestPhoneNumbers gives a record's numbers in the admin's order, and those of an opportunity's contact before its own.
func TestPhoneNumbers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		person := h.record(record.Contact, h.anna.ID, record.Values{"last_name": "Roth", "phone": "+4930901820", "mobile": "+491701234567", "home_phone": "+4930901821"})
		deal := h.record(record.Opportunity, h.anna.ID, record.Values{"name": "Deal", "contact": person.String(), "phone": "+4930901822"})
		check := func(id ident.Record, want string) {
			t.Helper()
			r, err := h.app.GetRecord(h.ctx, h.anna, id)
			if err != nil {
				t.Fatal(err)
			}
			list, _, err := h.app.PhoneNumbers(h.ctx, h.anna, r)
			var got []string
			for _, n := range list {
				got = append(got, strings.TrimSpace(n.Label+" "+n.Of))
			}
			if text := strings.Join(got, ", "); err != nil || text != want {
				t.Errorf("numbers %q, %v; want %q", text, err, want)
			}
		}
		check(person, "Phone, Mobile, Home phone")
		if _, err := h.app.SaveTrunk(h.ctx, h.admin, TrunkInput{Host: "sip.test", Transport: "tls", Numbers: []string{"mobile", "phone"}}); err != nil {
			t.Fatal(err)
		}
		check(person, "Mobile, Phone")
		check(deal, "Mobile Roth, Phone Roth, Phone")
	})
}

// TestLogCall completes the activity of a call with its measured duration, makes one where there is none, and tells of both.
func TestLogCall(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		lead := h.lead(h.anna, "Lena", "Roth")
		seq := h.active(h.manager, flow.Sequence{Name: "Calls", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{{ID: "ring", Type: "phone_call", Name: "Ring up"}, {ID: "visit", Type: "task", Name: "Visit"}}})
		h.connect(h.anna, seq, lead)
		h.pass(0)
		made := func(c store.Call, spoken time.Duration, end store.CallEnd) store.Call {
			t.Helper()
			h.later(time.Second)
			h.write(func(tx *store.Tx) (err error) {
				c, err = tx.InsertCall(c)
				return err
			})
			if spoken > 0 {
				if err := h.db.CallAnswered(h.ctx, c.ID, h.anna.ID); err != nil {
					t.Fatal(err)
				}
				h.later(spoken)
			}
			if err := h.db.CallEnded(h.ctx, c.ID, end, ""); err != nil {
				t.Fatal(err)
			}
			return c
		}
		ring := h.work(h.anna)
		made(store.Call{Record: lead, User: h.anna.ID, Activity: ring.ID, Number: "+4930901820"}, 0, store.EndedBusy)
		c := made(store.Call{Record: lead, User: h.anna.ID, Activity: ring.ID, Number: "+4930901820"}, 83*time.Second, store.EndedThere)
		if _, err := h.app.LogCall(h.ctx, h.bob, c.ID, Done{Outcome: "connected"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody else logs the call: %v", err)
		}
		if _, err := h.app.LogCall(h.ctx, h.anna, c.ID, Done{}); !wrongAt(err, "outcome") {
			t.Errorf("a call without an outcome is logged: %v", err)
		}
		if act, err := h.app.LogCall(h.ctx, h.anna, c.ID, Done{Outcome: "connected"}); err != nil || act.Duration != 83 || act.State != store.ActivityCompleted {
			t.Fatalf("logged %+v, %v", act, err)
		}
		if next := h.work(h.anna); next.Name != "Visit" {
			t.Errorf("after the call there is %q to do, want the visit", next.Name)
		}
		in := made(store.Call{Record: lead, User: h.anna.ID, Incoming: true, Number: "+4930901820"}, 5*time.Second, store.EndedHere)
		if _, err := h.app.LogCall(h.ctx, h.anna, in.ID, Done{Outcome: "connected", Note: "Asked for the price"}); err != nil {
			t.Fatal(err)
		}
		made(store.Call{Record: lead, Incoming: true, Number: "+4930901820"}, 0, store.EndedMissed)
		stranger := made(store.Call{Incoming: true, User: h.anna.ID}, time.Second, store.EndedHere)
		if _, err := h.app.LogCall(h.ctx, h.anna, stranger.ID, Done{Outcome: "connected"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a call of no record is logged: %v", err)
		}
		entries, err := h.app.Timeline(h.ctx, h.anna, lead, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Title)
		}
		want := []string{
			"Missed call from +49 30 901820", "Call from +49 30 901820: connected (0:05 min)", "Call Ring up: connected (1:23 min)",
			"Called +49 30 901820", "Connected to Calls, version 1",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("the timeline says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
