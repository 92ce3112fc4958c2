package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/pace"
	"cadenza/internal/store"
)

// byPace is a gate that asks for nothing but the pace.
func byPace(c *store.MailCandidate, now time.Time) store.Verdict {
	if c.Mailbox.Paused {
		return store.Verdict{Kind: store.Later, Turn: true, Blocker: store.BlockPaused, Reason: "paused"}
	}
	if turn := c.Pacing.Next(c.Message, now); turn.Why != pace.Open {
		v := store.Verdict{Kind: store.Later, At: turn.At, Turn: true}
		v.Blocker, v.Reason = c.Pacing.Says(turn, now)
		return v
	}
	return passing(c)
}

// sendPaced takes what may go, and says that it was sent.
func (h *house) sendPaced(db *store.DB) (sent []store.Message, looked int) {
	h.Helper()
	pass, looked, err := db.ClaimMail(context.Background(), "test", 500, byPace)
	h.must(err)
	var results []store.MailResult
	for _, c := range pass {
		sent = append(sent, c.Message)
		results = append(results, store.MailResult{Message: c.Message, Kind: store.Delivered})
	}
	h.must(db.FinishMail(context.Background(), results))
	return sent, looked
}

func (h *house) limit(user ident.User, l *store.SendLimits) (box store.Mailbox) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		if box, err = tx.MailboxOf(user); err != nil {
			return err
		}
		return tx.SaveLimits(box.ID, l)
	})
	return box
}

func (h *house) pace(box ident.Mailbox) (p store.MailboxPace) {
	h.Helper()
	h.read(func(tx *store.Tx) (err error) {
		p, err = tx.PaceOf(box)
		return err
	})
	return p
}

// TestTurns holds that a cap is kept, that those who wait come due one after the other instead of all at once, that
// follow-ups go before first mails, and that nobody overtakes those who wait.
func TestTurns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		box := h.limit(anna, &store.SendLimits{Day: 3})
		s := h.sequence("Mails", mail("first"), pause("rest", "1h"), mail("second"), task("call"))
		early := h.connected(s, anna, 2)
		h.due(10, 2)
		if sent, _ := h.sendPaced(h.db); len(sent) != 2 {
			t.Fatalf("%d mails went, want 2", len(sent))
		}
		h.due(10, 2) // their waits begin
		late := h.connected(s, anna, 8)
		h.due(20, 8)
		sent, _ := h.sendPaced(h.db)
		if len(sent) != 1 || sent[0].Enrollment != late[0] {
			t.Fatalf("%+v went, want the first of the new ones", sent)
		}
		p := h.pace(box.ID)
		if p.Waiting != 7 || !p.OpensAt.Equal(monday.Truncate(24*time.Hour).AddDate(0, 0, 1)) || p.Usage.Today(p.Limits, h.now()) != 3 {
			t.Errorf("%+v, want 7 that wait for tomorrow", p)
		}
		days := map[string]int{}
		for _, id := range late[1:] {
			m := h.messages(id)[0]
			if days[m.NextAt.Format(time.DateOnly)]++; m.Blocker != store.BlockDayCap || !m.Turn {
				t.Errorf("it waits by %q, its turn: %t", m.Blocker, m.Turn)
			}
		}
		if fmt.Sprint(days) != "map[2026-03-03:3 2026-03-04:3 2026-03-05:1]" {
			t.Errorf("their turns are on %v", days)
		}
		if _, looked := h.sendPaced(h.db); looked != 0 {
			t.Errorf("%d are looked at again on the same day", looked)
		}
		h.pass(2 * time.Hour) // the follow-ups come
		h.due(20, 3)
		if sent, looked := h.sendPaced(h.db); len(sent) != 0 || looked == 0 {
			t.Fatalf("%d went above the cap, %d were looked at", len(sent), looked)
		}
		h.pass(24 * time.Hour)
		sent, _ = h.sendPaced(h.db)
		var who []ident.Enrollment
		for _, m := range sent {
			who = append(who, m.Enrollment)
		}
		if slices.Sort(who); !slices.Equal(who, []ident.Enrollment{early[0], early[1], late[1]}) {
			t.Errorf("%v went, want the follow-ups of %v, and %v", who, early, late[1])
		}
		for day := range 5 { // the rest, three a day
			h.pass(24 * time.Hour)
			_, err := h.db.Due(context.Background(), 20)
			h.must(err)
			if sent, _ := h.sendPaced(h.db); len(sent) > 3 {
				t.Errorf("%d mails on day %d, want at most 3", len(sent), day)
			}
		}
		if p := h.pace(box.ID); p.Usage.Health(p.Limits, h.now()).Sent < 18 {
			t.Errorf("%+v, want all of them sent", p.Usage)
		}
	})
}

// TestTurnsNameTheirLimit holds that what is said of each message that waits for its turn is of the limit from which its moment comes, not of the one
// that is in the way of the next message of the mailbox.
func TestTurnsNameTheirLimit(t *testing.T) {
	t.Parallel()
	const hour, today, day, gap = "hour_cap: The mailbox sends at most 2 emails an hour.", "day_cap: The mailbox sends at most 5 emails today.",
		"day_cap: The mailbox sends at most 5 emails a day.", "gap: The mailbox keeps a gap between its emails."
	each(t, func(t *testing.T, h *house) {
		s := h.sequence("Mails", mail("first"))
		for _, tt := range []struct {
			name   string
			limits store.SendLimits
			atOnce int
			want   []string
		}{
			{"hour before day", store.SendLimits{Hour: 2, Day: 5}, 2, []string{
				"02 10:05 " + hour, "02 10:05 " + hour, "02 11:10 " + hour, "03 00:00 " + today, "03 00:00 " + today,
				"03 01:05 " + today, "03 01:05 " + today, "03 02:10 " + today, "04 00:00 " + day, "04 00:00 " + day,
			}},
			{"gap before day", store.SendLimits{Day: 5, Gap: 10 * time.Minute}, 1, []string{
				"02 09:10 " + gap, "02 09:20 " + gap, "02 09:30 " + gap, "02 09:40 " + gap, "03 00:00 " + today, "03 00:10 " + today,
			}},
			{"gap before hour", store.SendLimits{Hour: 2, Gap: 10 * time.Minute}, 1, []string{"02 09:10 " + gap, "02 10:05 " + hour, "02 10:15 " + hour}},
			{"warming up", store.SendLimits{Day: 10, RampFirst: 1, RampStep: 1}, 1, []string{
				"03 00:00 day_cap: The mailbox sends at most 1 emails today.", "03 00:00 day_cap: The mailbox sends at most 1 emails today.",
				"04 00:00 day_cap: The mailbox sends at most 2 emails a day.",
			}},
		} {
			user := h.user(tt.name).ID
			h.limit(user, &tt.limits)
			ids := h.connected(s, user, tt.atOnce+len(tt.want))
			_, err := h.db.Due(t.Context(), 100)
			h.must(err)
			if sent, _ := h.sendPaced(h.db); len(sent) != tt.atOnce {
				t.Fatalf("%s: %d go at once, want %d", tt.name, len(sent), tt.atOnce)
			}
			for i, id := range ids[tt.atOnce:] {
				m := h.messages(id)[0]
				if got := fmt.Sprintf("%s %s: %s", m.NextAt.Format("02 15:04"), m.Blocker, m.Reason); got != tt.want[i] {
					t.Errorf("%s: mail %d waits until %s, want %s", tt.name, i, got, tt.want[i])
				}
			}
		}
	})
}

// TestWaiting holds that a mailbox counts all the queued email of its user, whatever that waits for, and nobody else's.
func TestWaiting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, ben := h.user("Anna").ID, h.user("Ben").ID
		box := h.limit(anna, nil)
		s := h.sequence("Mails", mail("first"))
		h.connected(s, anna, 2)
		h.connected(s, ben, 1)
		h.due(10, 3)
		h.verdict(3, func(*store.MailCandidate) store.Verdict {
			return store.Verdict{Kind: store.Later, Blocker: store.BlockAway, Reason: "Away.", At: h.now().Add(time.Hour)}
		})
		if p := h.pace(box.ID); p.Waiting != 2 {
			t.Errorf("%d wait, want 2", p.Waiting)
		}
	})
}

// TestLimitsChange holds that what waits is looked at when limits are lifted, and when a mailbox is resumed.
func TestLimitsChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		box := h.limit(anna, &store.SendLimits{Day: 1})
		s := h.sequence("Mails", mail("first"))
		h.connected(s, anna, 6)
		h.due(10, 6)
		if sent, _ := h.sendPaced(h.db); len(sent) != 1 {
			t.Fatalf("%d went, want 1", len(sent))
		}
		h.limit(anna, &store.SendLimits{Day: 3})
		if sent, _ := h.sendPaced(h.db); len(sent) != 2 {
			t.Errorf("with a cap of 3 %d more went, want 2", len(sent))
		}
		pausing := func(paused bool) {
			h.write(func(tx *store.Tx) error {
				m, err := tx.MailboxOf(anna)
				if err != nil {
					return err
				}
				m.Paused = paused
				if _, err = tx.UpdateMailbox(m); err != nil {
					return err
				}
				return tx.NotePause(m.ID, anna, paused)
			})
		}
		pausing(true)
		h.limit(anna, nil)
		if sent, _ := h.sendPaced(h.db); len(sent) != 0 {
			t.Errorf("%d went from a paused mailbox", len(sent))
		}
		if p := h.pace(box.ID); p.PausedBy != anna || p.PausedByName != "Anna" || p.PauseReason != "" || p.Own != nil {
			t.Errorf("the pause is %+v, want Anna's", p)
		}
		pausing(false)
		if sent, _ := h.sendPaced(h.db); len(sent) != 3 {
			t.Errorf("after the pause %d went, want 3", len(sent))
		}
	})
}

// TestGuardRail holds that a mailbox stops when too much of its mail bounces, and that whoever resumes it begins anew.
func TestGuardRail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		box := h.limit(anna, nil)
		h.connected(h.sequence("Mails", mail("first")), anna, 60)
		h.due(100, 60)
		if sent, _ := h.sendPaced(h.db); len(sent) != 60 {
			t.Fatalf("%d went, want 60", len(sent))
		}
		harm := func() (stopped bool) {
			h.write(func(tx *store.Tx) (err error) {
				stopped, err = tx.NoteHarm(box.ID, pace.Bounced)
				return err
			})
			return stopped
		}
		for nth, want := range []bool{false, false, true, false} {
			if got := harm(); got != want {
				t.Errorf("bounce %d of 60: stopped is %t, want %t", nth+1, got, want)
			}
		}
		if p := h.pace(box.ID); p.PauseReason == "" || p.PausedBy != 0 || p.PausedAt.IsZero() {
			t.Errorf("the pause is %+v, want that of a guard rail", p)
		}
		h.write(func(tx *store.Tx) error {
			m, err := tx.MailboxOf(anna)
			if err != nil || !m.Paused {
				return fmt.Errorf("paused: %t, %w", m.Paused, err)
			}
			m.Paused = false
			if _, err := tx.UpdateMailbox(m); err != nil {
				return err
			}
			return tx.NotePause(m.ID, anna, false)
		})
		if harm() {
			t.Error("one more bounce stops it again")
		}
	})
}

// TestNodesKeepCaps holds that nodes which send from one mailbox at the same time do not exceed its cap together.
func TestNodesKeepCaps(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 4)
	anna := h.user("Anna").ID
	box := h.limit(anna, &store.SendLimits{Hour: 37})
	h.connected(h.sequence("Mails", mail("first")), anna, 200)
	h.due(500, 200)
	var mu sync.Mutex
	var group sync.WaitGroup
	total := 0
	for i, db := range nodes {
		group.Go(func() {
			for range 8 {
				pass, _, err := db.ClaimMail(context.Background(), fmt.Sprint("node", i), 20, byPace)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				total += len(pass)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if p := h.pace(box.ID); total != 37 || p.Usage.LastHour(h.now()) != 37 {
		t.Errorf("%d mails went and %d were counted, want 37", total, p.Usage.LastHour(h.now()))
	}
}

// TestFollowUpIsSignedByItsMailbox: a follow-up keeps the mailbox of the first mail when another seller is responsible, and so the domain that signs it.
func TestFollowUpIsSignedByItsMailbox(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna, bob := h.user("Anna").ID, h.user("Bob").ID
		h.write(func(tx *store.Tx) error {
			box, err := tx.MailboxOf(bob)
			if err != nil {
				return err
			}
			box.Address = "bob@elsewhere.test"
			if _, err := tx.UpdateMailbox(box); err != nil {
				return err
			}
			for _, domain := range []string{"test.local", "elsewhere.test"} {
				if err := tx.SaveDKIMKey(store.DKIMKey{Domain: domain, Selector: "c1", Secret: []byte("secret"), Signs: true}); err != nil {
					return err
				}
			}
			return nil
		})
		h.connected(h.sequence("Mails", mail("first"), pause("rest", "1h"), mail("second")), anna, 1)
		h.due(10, 1)
		h.sendPaced(h.db)
		h.due(10, 1)
		h.pass(time.Hour)
		h.due(10, 1)
		h.must(h.db.Exec(t.Context(), fmt.Sprintf(`update messages set user_id = %d where state = 1`, bob)))
		pass := h.verdict(1, passing)
		if len(pass) != 1 || pass[0].Mailbox.Address != "anna@test.local" || pass[0].DKIM.Domain != "test.local" {
			t.Fatalf("%d pass; the first from %q, signed for %q", len(pass), pass[0].Mailbox.Address, pass[0].DKIM.Domain)
		}
	})
}
