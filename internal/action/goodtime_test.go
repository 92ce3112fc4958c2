package action

import (
	"fmt"
	"testing"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

func TestSuggestTime(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) { // it is Monday, 10:00 in Berlin, 18:00 in Tokyo
		check := func(what string, rec ident.Record, want string) {
			t.Helper()
			s, ok, err := h.app.SuggestTime(h.ctx, h.anna, rec)
			same(t, what, fmt.Sprint(s.Why, " ", s.Seen, ok, s.Now, err), want)
		}
		tokyo := h.lead(h.anna, "Cara", "Cole", "time_zone", "Asia/Tokyo")
		check("never seen", tokyo, "Tue 3 Mar, 08:00 in Tokyo (00:00 your time): their working day begins. 0 true false <nil>")
		check("zone not known", h.lead(h.anna, "Dora", "Dale"), "Now is good: it is Mon 2 Mar, 10:00, the working hours by your clock; their time zone is not known. 0 true true <nil>")
		check("here", h.lead(h.anna, "Emma", "Ek", "time_zone", "Europe/Vienna"), "Now is good: it is Mon 2 Mar, 10:00, their working hours. 0 true true <nil>")

		act := h.byHand(tokyo)
		m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "S", HTML: "<p>x</p>", Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		h.deliver(store.Delivered, "")
		open := func() {
			t.Helper()
			if n, err := h.db.AddHits(h.ctx, []hit.Hit{{Message: m.ID, At: h.db.Now(), Agent: reader}}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		h.later(9 * time.Hour) // 03:00 in Tokyo
		open()
		check("seen at night only", tokyo, "Tue 3 Mar, 08:00 in Tokyo (00:00 your time): their working day begins. 0 true false <nil>")
		h.later(6*time.Hour + 47*time.Minute)
		open()
		h.later(8 * time.Hour)
		check("seen in the morning", tokyo, "Wed 4 Mar, 09:40 in Tokyo (01:40 your time): Cara Cole opened or answered an email at this hour before. 1 true false <nil>")
		h.later(16*time.Hour + 10*time.Minute)
		open()
		check("twice", tokyo, "Thu 5 Mar, 09:40 in Tokyo (01:40 your time): Cara Cole opened or answered 2 emails at this hour before. 2 true false <nil>")
	})
}

const reader = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
