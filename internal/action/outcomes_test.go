package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

func TestCallOutcomes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		list, err := h.app.OutcomeList(h.ctx, h.anna, step.PhoneCall)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "shipped", strings.Join(list.Outcomes.Keys(), " "), "connected left_voicemail no_answer busy wrong_number")
		_, err = h.app.SaveOutcomes(h.ctx, h.anna, list)
		refused(t, "a seller", err, fault.Forbidden)

		save := func(outcomes step.CallOutcomes) {
			t.Helper()
			if list, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: outcomes, Rev: list.Rev}); err != nil {
				t.Fatal(err)
			}
		}
		own := append(step.CallOutcomes{{Label: " Meeting  booked "}, {Label: "Rückruf?"}, {Label: "rückruf"}, {Label: "折り返し"}}, list.Outcomes...)
		save(own)
		same(t, "keys of labels", strings.Join(list.Outcomes.Keys()[:4], " "), "meeting_booked rueckruf rueckruf_2 outcome")
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: own, Rev: list.Rev - 1})
		refused(t, "of an older one", err, fault.Stale, "Somebody else")

		long := step.CallOutcomes{{Key: "connected", Label: strings.Repeat("n", 61)}, {Key: "busy"}, {Key: "busy", Label: "Busy", Retired: true}, {Key: "fax", Label: "busy"}}
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: long})
		refused(t, "bad list", err, fault.Invalid, "longer than 60", "no label", "given twice", "two outcomes", `no outcome "fax"`)
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: step.CallOutcomes{{Key: "meeting_booked", Label: "Booked", Retired: true}}})
		refused(t, "nothing offered", err, fault.Invalid, "must be offered", "shipped outcomes must stay")
		many := list.Outcomes
		for i := len(many); i <= step.MaxCallOutcomes; i++ {
			many = append(many, step.CallOutcome{Label: fmt.Sprint("Outcome ", i)})
		}
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: many})
		refused(t, "too many", err, fault.Invalid, "At most 30")

		// A sequence asks for one of them, after a wait, and another call ends with a second one.
		asks := step.Step{
			ID: "if", Type: "condition", When: &step.When{Call: &step.CallTest{Step: "first", Outcomes: []string{"meeting_booked"}}},
			Yes: []step.Step{task("meet")}, No: []step.Step{task("mourn")},
		}
		id := h.active(h.manager, define("Trial", call("first"), pause("wait", "1d"), asks))
		cara := h.lead(h.anna, "Cara", "Cole")
		for rec, outcome := range map[ident.Record]string{cara: "meeting_booked", h.lead(h.anna, "Dan", "Dorn"): "rueckruf"} {
			h.connect(h.anna, id, rec)
			if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Outcome: outcome}); err != nil {
				t.Fatal(err)
			}
		}
		without := func(key string) step.CallOutcomes {
			return slices.DeleteFunc(slices.Clone(list.Outcomes), func(o step.CallOutcome) bool { return o.Key == key })
		}
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: without("meeting_booked")})
		refused(t, "asked for", err, fault.Conflict, `"Trial" asks for it`, "Retire it")
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Outcomes: without("rueckruf")})
		refused(t, "told of", err, fault.Conflict, "calls have ended with it")
		save(without("rueckruf_2"))

		// Retired: no longer offered, still understood, and told by its label.
		retired := without("")
		retired[0].Label, retired[0].Retired = "Date made", true
		save(retired)
		h.pass(24 * time.Hour)
		if got := h.workNames(h.anna); got != "Task meet, Task mourn" && got != "Task mourn, Task meet" {
			t.Errorf("the conditions lead to %s", got)
		}
		entries, err := h.app.Timeline(h.ctx, h.anna, cara, 0)
		if text := fmt.Sprint(entries); err != nil || !strings.Contains(text, "Call first: date made") || !strings.Contains(text, "The call ended with: date made.") {
			t.Errorf("timeline %s, %v", text, err)
		}
		ring, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: cara, Kind: "phone_call", Name: "Ring"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.app.Complete(h.ctx, h.anna, ring.ID, Done{Outcome: "meeting_booked"})
		refused(t, "retired", err, fault.Invalid, "one of rueckruf, outcome, connected")
		audit, err := h.app.ListAudit(h.ctx, h.admin, 1)
		if err != nil || audit[0].Detail != "renamed Meeting booked to Date made, retired Date made" {
			t.Errorf("audit %+v, %v", audit, err)
		}
	})
}

// TestDefaultOutcome completes calls of which nobody says how they ended, once the organisation has said what that means.
func TestDefaultOutcome(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		ends := func(done Done) (string, error) {
			t.Helper()
			act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "phone_call", Name: "Ring"})
			if err != nil {
				t.Fatal(err)
			}
			act, err = h.app.Complete(h.ctx, h.anna, act.ID, done)
			return act.Outcome, err
		}
		_, err := ends(Done{})
		refused(t, "nothing said", err, fault.Invalid, "how the call ended")

		list, err := h.app.OutcomeList(h.ctx, h.admin, "")
		if err != nil {
			t.Fatal(err)
		}
		list.Outcomes[2].Default, list.Outcomes[3].Default = true, true
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, list)
		refused(t, "two of them", err, fault.Invalid, "one outcome at most")
		list.Outcomes[3].Default, list.Outcomes[2].Retired = false, true
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, list)
		refused(t, "one that is not offered", err, fault.Invalid, "not offered")
		list.Outcomes[2].Retired = false
		if list, err = h.app.SaveOutcomes(h.ctx, h.admin, list); err != nil {
			t.Fatal(err)
		}
		same(t, "the default", list.Outcomes.Default(), "no_answer")
		for said, want := range map[string]string{"": "no_answer", "connected": "connected"} {
			if got, err := ends(Done{Outcome: said}); err != nil || got != want {
				t.Errorf("a call of which is said %q ended with %q, %v", said, got, err)
			}
		}
		act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "Write"})
		if err != nil {
			t.Fatal(err)
		}
		if act, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{}); err != nil || act.Outcome != "" {
			t.Errorf("a task ended with %q, %v", act.Outcome, err)
		}
	})
}

// TestMeetingOutcomes ends meetings as the organisation says, and has a sequence ask how the latest one ended.
func TestMeetingOutcomes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		list, err := h.app.OutcomeList(h.ctx, h.anna, step.Meeting)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "shipped", strings.Join(list.Outcomes.Keys(), " "), "held moved did_not_come called_off")
		_, err = h.app.SaveOutcomes(h.ctx, h.anna, list)
		refused(t, "a seller", err, fault.Forbidden)
		save := func(outcomes step.CallOutcomes) {
			t.Helper()
			if list, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Kind: step.Meeting, Outcomes: outcomes, Rev: list.Rev}); err != nil {
				t.Fatal(err)
			}
		}
		own := append(slices.Clone(list.Outcomes), step.CallOutcome{Label: "Wants an offer", Held: true}, step.CallOutcome{Label: "Snowed in"})
		own[0].Default = false
		save(own)
		calls, err := h.app.OutcomeList(h.ctx, h.anna, step.PhoneCall)
		same(t, "those of calls", fmt.Sprint(len(calls.Outcomes), calls.Rev, err), "5 1 <nil>")

		asks := step.Step{
			ID: "if", Type: "condition", When: &step.When{Meeting: &step.MeetingTest{Outcomes: []string{"wants_an_offer", "held"}}},
			Yes: []step.Step{task("offer")}, No: []step.Step{task("invite")},
		}
		after := h.active(h.manager, define("After", asks))
		rec, begins := h.lead(h.anna, "Cara", "Cole"), h.db.Now().Add(time.Hour)
		meet := func(outcome string) error {
			act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: step.Meeting, Name: "Demo", DueAt: begins, Meeting: Meeting{EndsAt: begins.Add(time.Hour)}})
			if err != nil {
				t.Fatal(err)
			}
			h.pass(time.Minute)
			_, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{Outcome: outcome})
			return err
		}
		refused(t, "nothing said", meet(""), fault.Invalid, "Say how the meeting ended")
		for _, outcome := range []string{"wants_an_offer", "snowed_in", "wants_an_offer"} {
			if err := meet(outcome); err != nil {
				t.Fatal(err)
			}
		}
		h.connect(h.anna, after, rec)
		h.connect(h.anna, after, h.lead(h.anna, "Dan", "Dorn"))
		if got := h.workNames(h.anna); !strings.Contains(got, "Task offer") || !strings.Contains(got, "Task invite") {
			t.Errorf("the conditions lead to %s", got)
		}
		without := func(key string) step.CallOutcomes {
			return slices.DeleteFunc(slices.Clone(list.Outcomes), func(o step.CallOutcome) bool { return o.Key == key })
		}
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Kind: step.Meeting, Outcomes: without("wants_an_offer")})
		refused(t, "asked for", err, fault.Conflict, `"After" asks for it`)
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Kind: step.Meeting, Outcomes: without("snowed_in")})
		refused(t, "told of", err, fault.Conflict, "meetings have ended with it")
		save(without("called_off"))
		entries, err := h.app.Timeline(h.ctx, h.anna, rec, 0)
		if text := fmt.Sprint(entries); err != nil || !strings.Contains(text, "Demo: snowed in") || !strings.Contains(text, "The latest meeting ended with: wants an offer.") {
			t.Errorf("timeline %s, %v", text, err)
		}
		retired := without("")
		for i := range retired {
			retired[i].Retired = retired[i].Held
		}
		_, err = h.app.SaveOutcomes(h.ctx, h.admin, OutcomeList{Kind: step.Meeting, Outcomes: retired})
		refused(t, "none that took place", err, fault.Invalid, "must say that the meeting took place")
	})
}
