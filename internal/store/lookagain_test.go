package store_test

import (
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/pace"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestLookAgain holds for each thing that the gate goes by, which internal/delivery plays only in part, that who changes it has the messages looked at
// again that it concerns, and no others.
func TestLookAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(h *house, lead store.Record, box store.Mailbox)
		others bool // it concerns the message of somebody else's record, too
	}{
		{"a record that an import changes", func(h *house, lead store.Record, _ store.Mailbox) {
			x := h.db.NewRecordImport(record.Lead, lead.Owner, func(ident.User) bool { return true })
			values := record.Values{"last_name": lead.Values["last_name"], "email": lead.Values["email"], "time_zone": "Asia/Tokyo"}
			out, err := x.Apply(h.Context(), []store.ImportRow{{Values: values}}, false)
			if h.must(err); out[0].Change != store.RowUpdated {
				h.Fatalf("the row is %+v", out[0])
			}
		}, false},
		{"the account of a record", func(h *house, lead store.Record, _ store.Mailbox) {
			account, _ := record.LinkOf(lead.Values["account"])
			h.write(func(tx *store.Tx) error {
				return tx.NoteChanges([]ident.Record{account}, 0)
			})
		}, false},
		{"the mailbox is stopped by a guard rail", func(h *house, _ store.Record, box store.Mailbox) {
			h.write(func(tx *store.Tx) error {
				stopped, err := tx.NoteHarm(box.ID, pace.Complained)
				if !stopped {
					h.Error("the guard rail lets it go on")
				}
				return err
			})
		}, false},
		{"the grant ends", func(h *house, _ store.Record, box store.Mailbox) {
			h.write(func(tx *store.Tx) error { return tx.EndGrant(box.ID, []byte("grant"), "revoked") })
		}, false},
		{"the template changes", func(h *house, _ store.Record, _ store.Mailbox) {
			h.write(func(tx *store.Tx) error {
				m, err := tx.TemplateByKey("intro")
				if err != nil {
					return err
				}
				m.Subject = "Good morning"
				_, err = tx.UpdateTemplate(m, 0)
				return err
			})
		}, true},
		{"a domain", func(h *house, _ store.Record, _ store.Mailbox) {
			h.write(func(tx *store.Tx) error {
				_, err := tx.Suppress(store.Suppression{Channel: message.EmailChannel, Address: "buyer.test", Source: store.FromPerson})
				return err
			})
		}, true},
		{"an address", func(h *house, lead store.Record, _ store.Mailbox) {
			address, channel, _ := store.SuppressionKey(lead.Values["email"])
			h.write(func(tx *store.Tx) error {
				_, err := tx.Suppress(store.Suppression{Channel: channel, Address: address, Source: store.FromPerson})
				return err
			})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				lead, box, ids := h.waiting()
				c.change(h, lead, box)
				for i, id := range ids {
					due := !h.messages(id)[0].NextAt.After(h.now())
					if want := i == 0 || c.others; due != want {
						t.Errorf("message %d is looked at again: %t, want %t", i, due, want)
					}
				}
			})
		})
	}
}

// waiting makes two users with a message each that waits for a window. It gives the first one's record, which names an account, and mailbox.
func (h *house) waiting() (lead store.Record, box store.Mailbox, ids []ident.Enrollment) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		_, err := tx.InsertTemplate(store.Template{Key: "intro", Name: "Intro", TemplateContent: store.TemplateContent{Subject: "Hello", HTML: "<p>Hello</p>"}}, 0)
		return err
	})
	s := h.sequence("Trial", mail("intro"), task("call"))
	anna := h.user("Anna").ID
	h.connected(h.sequence("Earlier", mail("intro")), anna, pace.Floor)
	h.due(100, pace.Floor)
	if sent, _ := h.sendPaced(h.db); len(sent) != pace.Floor {
		h.Fatalf("%d went, want %d", len(sent), pace.Floor)
	}
	h.due(100, pace.Floor)
	ids = append(h.connected(s, anna, 1), h.connected(s, h.user("Ben").ID, 1)...)
	h.write(func(tx *store.Tx) (err error) {
		account, err := tx.InsertRecord(record.Record{Kind: record.Account, Values: record.Values{"name": "Buyers"}})
		if err != nil {
			return err
		}
		e, err := tx.GetEnrollment(ids[0])
		if err != nil {
			return err
		}
		if lead, err = tx.GetRecord(e.Record); err != nil {
			return err
		}
		lead.Values["account"] = account.ID.String()
		if lead, err = tx.UpdateRecord(lead); err != nil {
			return err
		}
		if box, err = tx.MailboxOf(e.Assignee); err != nil {
			return err
		}
		box.Grant = []byte("grant")
		box, err = tx.UpdateMailbox(box)
		return err
	})
	h.due(10, 2)
	h.verdict(2, func(*store.MailCandidate) store.Verdict {
		return store.Verdict{Kind: store.Later, Blocker: store.BlockWindow, Reason: "It is night.", At: h.now().Add(24 * time.Hour)}
	})
	return lead, box, ids
}

// TestLookAgainKeeps holds that what a person has scheduled keeps its time, and what a server refused for now its pause, and that what waited while its
// enrollment was paused is looked at when that goes on.
func TestLookAgainKeeps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.queued()
		for _, c := range h.verdict(1, passing) {
			h.finish(store.Retry, c.Message, "busy")
		}
		scheduled := h.now().Add(time.Hour)
		var byHand ident.Message
		h.write(func(tx *store.Tx) (err error) {
			e, err := tx.GetEnrollment(id)
			if err != nil {
				return err
			}
			if byHand, err = tx.InsertMessage(store.Message{Record: e.Record, User: e.Assignee, RFCID: "hand@test", Recipient: "x@buyer.test", HTML: "<p>x</p>", ScheduledAt: scheduled}); err != nil {
				return err
			}
			if err := tx.NoteChanges([]ident.Record{e.Record}, 0); err != nil {
				return err
			}
			o, err := tx.Organisation()
			if err != nil {
				return err
			}
			return tx.SaveOrganisation(o)
		})
		for _, m := range h.messages(id) {
			want := h.now().Add(15 * time.Minute)
			if m.ID == byHand {
				want = scheduled
			}
			if !m.NextAt.Equal(want) {
				t.Errorf("%q goes at %s, want %s", m.RFCID, m.NextAt, want)
			}
		}

		other := h.queued()
		h.verdict(1, func(*store.MailCandidate) store.Verdict {
			return store.Verdict{Kind: store.Later, Blocker: store.BlockHoliday, Reason: "It is a holiday.", At: h.now().Add(24 * time.Hour)}
		})
		h.play(1, step.Paused{}, other)
		h.play(1, step.Resumed{}, other)
		if m := h.messages(other)[0]; m.NextAt.After(h.now()) {
			t.Errorf("after the enrollment went on it is looked at again at %s", m.NextAt)
		}
	})
}
