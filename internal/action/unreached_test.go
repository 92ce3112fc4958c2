package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestConnectUnreached holds what connecting foretells of records that cannot be emailed against what becomes of them.
func TestConnectUnreached(t *testing.T) {
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

// TestConnectUnreachedOpportunity holds that the address of an opportunity counts.
func TestConnectUnreachedOpportunity(t *testing.T) {
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
		same(t, "said", fmt.Sprint(u.Name, ": ", u.Reason, " ", u.Fate), "Deal: The domain of the address is suppressed. "+string(flow.FateSkips))
	})
}

// TestConnectUntexted holds what connecting foretells of records that cannot be sent text messages against what becomes of them.
func TestConnectUntexted(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		if _, err := h.app.CreateTemplate(h.ctx, h.admin, TemplateInput{Key: "ping", Name: "Ping", Channel: message.TextChannel, Text: "Hello {{ last_name }}"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.SaveTextProvider(h.ctx, h.admin, aProvider()); err != nil {
			t.Fatal(err)
		}
		machine := step.Step{ID: "m", Type: "automated_text", Name: "Text", Config: step.Config{"template": "ping"}}
		hand := step.Step{ID: "w", Type: "text_message", Name: "Write", Config: step.Config{"template": "ping"}}
		kept := define("Kept", machine, task("x"))
		kept.Options.ExitOnOptOut = false
		both, alone, keptID := h.active(h.manager, define("Both", machine, hand, task("x"))), h.active(h.manager, define("Alone", hand, task("x"))), h.active(h.manager, kept)
		emails := h.active(h.manager, define("Emails", mail("m", "intro"), task("x")))

		good := h.lead(h.anna, "Good", "Lead", "mobile", "+49 170 1234567")
		silent := h.lead(h.anna, "Silent", "Lead", "mobile", "+49 170 1234568", "do_not_text", "true")
		nowhere := h.lead(h.anna, "Nowhere", "Lead")
		local := h.lead(h.anna, "Local", "Lead", "phone", "0170 1234569")
		out := h.lead(h.anna, "Out", "Lead", "phone", "+49 170 1234570")
		h.write(func(tx *store.Tx) error {
			_, err := tx.Suppress(store.Suppression{Channel: message.TextChannel, Address: "+491701234570", Source: store.FromPage})
			return err
		})
		const lacking = "Nowhere no_address waits, Local no_address waits"
		for _, try := range []struct {
			name           string
			id             ident.Sequence
			said, then, is string
		}{
			{
				"both", both, "Silent do_not_contact skips, " + lacking + ", Out suppressed ends",
				"Automated texts are skipped. A text by hand waits for the seller, who can skip it.|" +
					"Each text step waits for a person, who adds a number or skips it.|The sequence ends at the first text step.",
				"Silent active w person, Nowhere active m mail, Local active m mail, Out finished m opted_out",
			},
			{
				"without the exit", keptID, "Silent do_not_contact skips, " + lacking + ", Out suppressed skips",
				"Automated texts are skipped, and the sequence goes on.|Each text step waits for a person, who adds a number or skips it.",
				"Silent active x person, Nowhere active m mail, Local active m mail, Out active x person",
			},
			{
				"by hand", alone, "Silent do_not_contact waits, " + lacking + ", Out suppressed ends",
				"Each text waits for the seller, who can skip it.|Each text step waits for a person, who adds a number or skips it.|The sequence ends at the first text step.",
				"Silent active w person, Nowhere active w person, Local active w person, Out finished w opted_out",
			},
			{"without texts", emails, "", "", "Silent active m mail, Nowhere active m mail, Local active m mail, Out active m mail"},
		} {
			var result ConnectResult
			for _, dry := range []bool{true, false} {
				var err error
				if result, err = h.app.Connect(h.ctx, h.anna, try.id, []ident.Record{good, silent, nowhere, local, out}, dry); err != nil {
					t.Fatal(err)
				}
				said, then := told(result.Untexted)
				same(t, try.name, said, try.said)
				same(t, try.name, then, try.then)
				same(t, try.name+": nobody lacks an email address", len(result.Unmailed), 0)
			}
			var is []string
			for _, e := range result.Connected[1:] {
				first, _, _ := strings.Cut(e.RecordName, " ")
				is = append(is, first+" "+h.enrollment(e.ID))
			}
			same(t, try.name+": what became of them", strings.Join(is, ", "), try.is)
		}
	})
}

// hold has the gate refuse what has no address, as delivery does, and hold back the rest.
func (h *house) hold() {
	h.t.Helper()
	_, _, err := h.db.ClaimMail(h.ctx, "test", 100, func(c *store.MailCandidate, now time.Time) store.Verdict {
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
func told(list []Unreached) (who, then string) {
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
