package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestConnectUnmailed holds what connecting foretells of records that cannot be emailed against what becomes of them.
func TestConnectUnmailed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		both := h.active(h.manager, define("Both", mail("m", "intro"), write("w", "intro"), task("x")))
		machine := h.active(h.manager, define("Machine", mail("m", "intro"), task("x")))
		kept := define("Kept", mail("m", "intro"), task("x"))
		kept.Options.ExitOnBounce, kept.Options.ExitOnOptOut = false, false
		keptID := h.active(h.manager, kept)
		hand := h.active(h.manager, define("Hand", write("w", "intro"), task("x")))
		calls := h.active(h.manager, define("Calls", call("c")))

		good := h.lead(h.anna, "Good", "Lead")
		silent := h.lead(h.anna, "Silent", "Lead", "do_not_email", "true")
		nowhere := h.lead(h.anna, "Nowhere", "Lead", "email", "")
		out := h.lead(h.anna, "Out", "Lead", "email", "out@away.test")
		bounced := h.lead(h.anna, "Bounced", "Lead", "email", "bounced@away.test")
		domain := h.lead(h.anna, "Domain", "Lead", "email", "some@closed.test")
		h.write(func(tx *store.Tx) error {
			_, err := tx.Suppress(store.Suppression{Channel: "email", Address: "out@away.test", Source: store.FromPage},
				store.Suppression{Channel: "email", Address: "bounced@away.test", Source: store.FromBounce},
				store.Suppression{Channel: "email", Address: "closed.test", Source: store.FromPerson})
			return err
		})
		list := []ident.Record{good, silent, nowhere, out, bounced, domain}
		for _, try := range []struct {
			name string
			id   ident.Sequence
			said string
			then []string // the sentences, each once
			is   string   // what really becomes of them
		}{
			{
				"both", both, "Silent do_not_contact skips, Nowhere no_address waits, Out suppressed ends, Bounced suppressed ends, Domain suppressed skips",
				[]string{
					"Automated emails are skipped. An email by hand waits for the seller, who can skip it.",
					"Each email step waits for a person, who adds an address or skips it.", "The sequence ends at the first email step.",
				},
				"Silent active w person, Nowhere active m person, Out finished m opted_out, Bounced finished m bounced, Domain active w person",
			},
			{
				"machine", machine, "Silent do_not_contact skips, Nowhere no_address waits, Out suppressed ends, Bounced suppressed ends, Domain suppressed skips",
				[]string{
					"Automated emails are skipped, and the sequence goes on.",
					"Each email step waits for a person, who adds an address or skips it.", "The sequence ends at the first email step.",
				},
				"Silent active x person, Nowhere active m person, Out finished m opted_out, Bounced finished m bounced, Domain active x person",
			},
			{
				"without the exits", keptID, "Silent do_not_contact skips, Nowhere no_address waits, Out suppressed skips, Bounced suppressed skips, Domain suppressed skips",
				[]string{
					"Automated emails are skipped, and the sequence goes on.",
					"Each email step waits for a person, who adds an address or skips it.",
				},
				"Silent active x person, Nowhere active m person, Out active x person, Bounced active x person, Domain active x person",
			},
			{
				"by hand", hand, "Silent do_not_contact waits, Nowhere no_address waits, Out suppressed ends, Bounced suppressed ends, Domain suppressed waits",
				[]string{
					"Each email waits for the seller, who can skip it.",
					"Each email step waits for a person, who adds an address or skips it.", "The sequence ends at the first email step.",
				},
				"Silent active w person, Nowhere active w person, Out finished w opted_out, Bounced finished w bounced, Domain active w person",
			},
			{
				"without emails", calls, "", nil,
				"Silent active c person, Nowhere active c person, Out active c person, Bounced active c person, Domain active c person",
			},
		} {
			var result ConnectResult
			for _, dry := range []bool{true, false} {
				var err error
				if result, err = h.app.Connect(h.ctx, h.anna, try.id, list, dry); err != nil {
					t.Fatal(err)
				}
				same(t, try.name+": nobody is refused", len(result.Connected), len(list))
				said, then := told(result.Unmailed)
				same(t, try.name, said, try.said)
				same(t, try.name, then, strings.Join(try.then, "|"))
			}
			h.hold()
			var is []string
			for _, e := range result.Connected[1:] {
				first, _, _ := strings.Cut(e.RecordName, " ")
				is = append(is, first+" "+h.enrollment(e.ID))
			}
			same(t, try.name+": what became of them", strings.Join(is, ", "), try.is)
		}
	})
}

// TestConnectUnmailedOpportunity holds that the address of an opportunity counts.
func TestConnectUnmailedOpportunity(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		def := define("Deals", mail("m", "intro"))
		def.Record = record.Opportunity
		id := h.active(h.manager, def)
		deal := h.record(record.Opportunity, h.anna.ID, record.Values{"name": "Deal", "status": "open", "email": "a@closed.test"})
		h.write(func(tx *store.Tx) error {
			_, err := tx.Suppress(store.Suppression{Channel: "email", Address: "closed.test", Source: store.FromPerson})
			return err
		})
		result, err := h.app.Connect(h.ctx, h.anna, id, []ident.Record{deal}, true)
		if err != nil || len(result.Unmailed) != 1 {
			t.Fatalf("%v, %v", result.Unmailed, err)
		}
		u := result.Unmailed[0]
		same(t, "said", fmt.Sprint(u.Name, ": ", u.Reason, " ", u.Fate), "Deal: The domain of the address is suppressed. "+string(flow.MailSkips))
	})
}

// hold has the gate refuse what has no address, as delivery does, and hold back the rest.
func (h *house) hold() {
	h.t.Helper()
	_, _, err := h.db.ClaimMail(h.ctx, "test", 100, func(c store.MailCandidate, now time.Time) store.Verdict {
		if c.Record.Get("email") == "" {
			return store.Verdict{Kind: store.Fail, Blocker: store.BlockAddress, Reason: "The record has no valid email address."}
		}
		return store.Verdict{Kind: store.Later, At: now.Add(time.Hour)}
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.pass(0)
}

// told gives who cannot be emailed, and each sentence of what becomes of it once.
func told(list []Unmailed) (who, then string) {
	var names, sentences []string
	for _, u := range list {
		first, _, _ := strings.Cut(u.Name, " ")
		names = append(names, fmt.Sprint(first, " ", u.Code, " ", u.Fate))
		if !strings.Contains(strings.Join(sentences, "|"), u.Then) {
			sentences = append(sentences, u.Then)
		}
	}
	return strings.Join(names, ", "), strings.Join(sentences, "|")
}
