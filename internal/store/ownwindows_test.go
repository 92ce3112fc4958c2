package store_test

import (
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestOwnWindows holds that the gate hears of the windows of a sequence's own, whatever those of the organisation are.
func TestOwnWindows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		def := flow.Sequence{Name: "Early", Record: record.Lead, Options: flow.DefaultOptions()}
		def.Options.Sending = flow.InOwnWindows
		def.Options.Windows[time.Monday] = calendar.Span{From: 9 * time.Hour, To: 11 * time.Hour}
		def.Steps = append(def.Steps, mail("intro"))
		common := def
		common.Name, common.Options = "Common", flow.DefaultOptions()
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			for _, d := range []flow.Sequence{def, common} {
				if err := enrollOne(tx, d); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Due(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		if _, _, err := db.ClaimMail(t.Context(), "n", 10, func(c *store.MailCandidate, now time.Time) store.Verdict {
			got[c.SequenceName] = c.Pacing.Own
			if c.Pacing.Own && (!c.Pacing.Windows.On || c.Pacing.Windows.Days != def.Options.Windows || c.Pacing.OwnerZone == nil || c.Pacing.Off == nil) {
				t.Errorf("the gate hears of %+v", c.Pacing)
			}
			if !c.Pacing.Own && c.Pacing.Windows.On {
				t.Error("the other sequence has windows, too")
			}
			return store.Verdict{Kind: store.Later, At: now.Add(time.Hour)}
		}); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || !got["Early"] || got["Common"] {
			t.Errorf("own windows: %v", got)
		}
	})
}

func enrollOne(tx *store.Tx, def flow.Sequence) error {
	s, err := tx.InsertSequence(def, 0)
	if err != nil {
		return err
	}
	v, err := tx.InsertVersion(s.ID, 1, def, "", 0)
	if err != nil {
		return err
	}
	u, err := tx.InsertUser(store.User{Name: "Anna", Email: def.Name + "@example.com", Role: "seller", Zone: "Europe/Berlin", Active: true})
	if err != nil {
		return err
	}
	r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: u.ID, Values: record.Values{"last_name": "Cole", "email": "c@cole.test"}})
	if err != nil {
		return err
	}
	_, err = tx.Enroll([]store.NewEnrollment{{Sequence: s.ID, Version: v, Record: r.ID, Assignee: u.ID}})
	return err
}
