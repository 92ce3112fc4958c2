package action

import (
	"testing"
)

func TestTrackingBase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, out string }{
		{"", ""},
		{" https://Links.Example.com/ ", "https://links.example.com"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
	} {
		if got, ok := trackingBase(c.in); got != c.out || !ok {
			t.Errorf("%q gives %q %t, want %q", c.in, got, ok, c.out)
		}
	}
	for _, bad := range []string{"links.example.com", "ftp://a.test", "https://", "https://a.test/path", "https://a.test?x", "https://a.test/?", "https://a.test#x", "https://a.test/#", "https://me:pw@a.test", "javascript:x", "https://a.test\nx", "https://a.test\x00"} {
		if got, ok := trackingBase(bad); ok {
			t.Errorf("%q passes as %q", bad, got)
		}
	}
}

// TestTrackingState holds what people are told, and that the composer says why a mail will not be followed.
func TestTrackingState(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("w", "intro")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole", "company", "Acme", "do_not_track", "true"))
		act := h.work(h.anna)
		check := func(state, unfollowed string) {
			t.Helper()
			got, err := h.app.TrackingState(h.ctx)
			same(t, "state", got, state)
			if err != nil {
				t.Error(err)
			}
			d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
			if err != nil {
				t.Error(err)
			}
			same(t, "unfollowed", d.Unfollowed, unfollowed)
		}
		check("Opens and clicks are seen under https://cadenza.test.", "Cara Cole does not want emails to be followed.")
		h.app.config.BaseURL = ""
		check("Emails are not followed, because the server does not know the address under which people outside reach it.",
			"The server does not know its own address, so emails cannot be followed.")
		s, err := h.app.GetSettings(h.ctx, h.admin)
		if err != nil {
			t.Fatal(err)
		}
		s.Follow = false
		if _, err := h.app.SaveSettings(h.ctx, h.admin, s); err != nil {
			t.Fatal(err)
		}
		check("Emails are not followed.", "Emails are not followed in this organisation.")
	})
}
