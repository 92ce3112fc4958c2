package action

import (
	"sync"
	"testing"

	"cadenza/internal/fault"
)

// TestSavedAtOnce holds that of several who save the same revision of a setting in the same moment one gets it, and the others hear of it.
func TestSavedAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		sending, err := h.app.GetSending(h.ctx, h.admin)
		ok(t, err)
		optOut, err := h.app.GetOptOut(h.ctx, h.admin)
		ok(t, err)
		settings, err := h.app.GetSettings(h.ctx, h.admin)
		ok(t, err)
		work, err := h.app.WorkSettings(h.ctx, h.admin)
		ok(t, err)
		for name, save := range map[string]func() error{
			"sending":    func() error { _, err := h.app.SaveSending(h.ctx, h.admin, sending); return err },
			"opt-out":    func() error { _, err := h.app.SaveOptOut(h.ctx, h.admin, optOut); return err },
			"settings":   func() error { _, err := h.app.SaveSettings(h.ctx, h.admin, settings); return err },
			"work lists": func() error { _, err := h.app.SaveWorkSettings(h.ctx, h.admin, work); return err },
		} {
			results := make([]error, 8)
			var all sync.WaitGroup
			for i := range results {
				all.Go(func() { results[i] = save() })
			}
			all.Wait()
			saved := 0
			for _, err := range results {
				if err == nil {
					saved++
				} else if !fault.Is(err, fault.Stale) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if saved != 1 {
				t.Errorf("%s: %d of %d saved the same revision", name, saved, len(results))
			}
		}
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
