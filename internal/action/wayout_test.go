package action

import (
	"testing"

	"cadenza/internal/flow"
)

// TestNoWayOut holds that an activation warns of emails that nobody could opt out of, and of no others, until somebody says
// where people outside reach the server.
func TestNoWayOut(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		outside := h.app.config.BaseURL
		warned := func(def flow.Sequence, want string) {
			t.Helper()
			s := h.draft(h.manager, def)
			view, err := h.app.Activate(h.ctx, h.manager, s.ID, ActivateInput{DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, w := range view.Warnings {
				got += w.Code
			}
			same(t, def.Name, got, want)
		}
		said := func(want string, wantOK bool) {
			t.Helper()
			got, ok, err := h.app.WayOut(h.ctx)
			if err != nil {
				t.Error(err)
			}
			same(t, "sentence", got, want)
			same(t, "ok", ok, wantOK)
		}
		automated, byHand, calls := define("Automated", mail("m", "intro")), define("By hand", write("w", "intro")), define("Calls", call("c"))
		warned(automated, "")
		said("The link leads to https://cadenza.test.", true)

		h.app.config.BaseURL = ""
		warned(automated, "no_opt_out_link")
		warned(byHand, "")
		warned(calls, "")
		said("Automated emails go out without a link and a button to opt out, because the server does not know the address under which people outside reach it.", false)
		o, err := h.app.GetOptOut(h.ctx, h.admin)
		if err != nil {
			t.Fatal(err)
		}
		o.ByHand = true
		if _, err := h.app.SaveOptOut(h.ctx, h.admin, o); err != nil {
			t.Fatal(err)
		}
		warned(byHand, "no_opt_out_link")
		warned(calls, "")

		// A command beside a server knows what the server was started with.
		h.app.config.BaseURL = outside
		if err := h.app.RememberAddress(h.ctx); err != nil {
			t.Fatal(err)
		}
		h.app.config.BaseURL = ""
		warned(automated, "")
		said("The link leads to https://cadenza.test.", true)
		if err := h.app.RememberAddress(h.ctx); err != nil { // as a server does that is started without
			t.Fatal(err)
		}
		warned(automated, "no_opt_out_link")

		s, err := h.app.GetSettings(h.ctx, h.admin)
		if err != nil {
			t.Fatal(err)
		}
		s.TrackingURL = "https://links.example.com"
		if _, err := h.app.SaveSettings(h.ctx, h.admin, s); err != nil {
			t.Fatal(err)
		}
		warned(automated, "")
		said("The link leads to https://links.example.com.", true)
	})
}
