package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestForeseeSurroundings holds that the preview and the simulation count windows, holidays, time off and suppressions of the database.
func TestForeseeSurroundings(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		def := define("Way", mail("m", "intro"), task("x"))
		seq := h.draft(h.manager, def)
		own := define("Early", mail("m", "intro"), task("x"))
		own.Options.Sending = flow.InOwnWindows
		own.Options.Windows[time.Tuesday] = calendar.Span{From: 7 * time.Hour, To: 8 * time.Hour}
		early := h.draft(h.manager, own)
		anyTime := define("Any", mail("m", "intro"), task("x"))
		anyTime.Options.Sending = flow.AnyTime
		always := h.draft(h.manager, anyTime)
		oslo := h.lead(h.anna, "Oslo", "Lead", "time_zone", "Europe/Oslo", "country", "Norway", "email", "a@oslo.test")
		tokyo := h.lead(h.anna, "Tokyo", "Lead", "time_zone", "Asia/Tokyo", "email", "a@tokyo.test")
		out := h.lead(h.bob, "Out", "Lead", "email", "out@away.test")
		nowhere := h.lead(h.bob, "Nowhere", "Lead", "email", "")
		type named struct {
			name string
			id   ident.Record
		}
		said := func(seq store.Sequence, of ...named) string {
			var list []string
			for _, o := range of {
				f, err := h.app.Foresee(h.ctx, h.anna, seq.ID, o.id, nil)
				if err != nil {
					t.Fatal(err)
				}
				word := o.name + " " + string(f.Exit)
				if len(f.Visits) > 0 {
					v := f.Visits[0]
					word = fmt.Sprintf("%s %s %s %s%s", o.name, v.LeftAt.UTC().Format("2 15:04"), v.Outcome, v.Held, v.Detail)
				}
				list = append(list, word)
			}
			return strings.Join(list, "; ")
		}
		people := []named{{"oslo", oslo}, {"tokyo", tokyo}, {"nowhere", nowhere}, {"out", out}}
		same(t, "nothing set", said(seq, people...), "oslo 2 09:00 sent ; tokyo 2 09:00 sent ; nowhere 2 09:00 skipped The record has no email address.; out 2 09:00 sent ")

		h.write(func(tx *store.Tx) error {
			var w store.SendWindows
			for day := time.Monday; day <= time.Friday; day++ {
				w.Days[day] = calendar.Span{From: 11 * time.Hour, To: 17 * time.Hour}
			}
			w.On = true
			if err := tx.SaveSendWindows(w); err != nil {
				return err
			}
			_, err := tx.Suppress(store.Suppression{Channel: "email", Address: "out@away.test", Source: store.FromPage})
			return err
		})
		if _, err := h.app.AddHoliday(h.ctx, h.admin, HolidayInput{Date: "2026-03-02", Name: "Day off", Region: "NO"}); err != nil {
			t.Fatal(err)
		}
		const out1 = "; nowhere 2 09:00 skipped The record has no email address.; out opted_out"
		same(t, "windows", said(seq, people...),
			"oslo 3 10:00 sent It is a holiday at the customer's (Europe/Oslo).; tokyo 3 02:00 sent It is outside of the send window (Asia/Tokyo)."+out1)
		same(t, "own windows", said(early, people[:2]...),
			"oslo 3 06:00 sent It is a holiday at the customer's (Europe/Oslo).; tokyo 2 22:00 sent The sequence sends Tue 07:00–08:00 (Asia/Tokyo).")
		same(t, "at any time", said(always, people...), "oslo 2 09:00 sent ; tokyo 2 09:00 sent "+out1)

		if _, err := h.app.AddTimeOff(h.ctx, h.anna, TimeOffInput{User: h.anna.ID, From: "2026-03-01", To: "2026-03-05", MailWaits: true}); err != nil {
			t.Fatal(err)
		}
		same(t, "the sender is away", said(seq, people[:1]...), "oslo 6 10:00 sent Anna Berg is away, and automated messages wait for the return.")

		sim, err := h.app.Simulate(h.ctx, h.anna, seq.ID, DefaultSimulation())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "simulated", fmt.Sprint(sim.Day(0).Emails, sim.Day(4).Emails, sim.Records, sim.Unreached),
			"0 2 4 map[The customer opted out.:1 The record has no email address.:1]")
	})
}
