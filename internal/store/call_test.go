package store_test

import (
	"testing"
	"time"

	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestCalls writes calls down, finds whose number calls, and ends what a killed process left.
func TestCalls(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	storetest.EachAt(t, clock, func(t *testing.T, db *store.DB) {
		const number = "+4930901820"
		var lead, contact store.Record
		write := func(fn func(tx *store.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.Tx) (err error) {
			if lead, err = tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "Lead", "phone": number, "status": "open"}}); err != nil {
				return err
			}
			contact, err = tx.InsertRecord(record.Record{Kind: record.Contact, Values: record.Values{"last_name": "Contact", "home_phone": number, "status": "active"}})
			return err
		})
		c, _, err := db.CallArrived(t.Context(), number, "old")
		if err != nil || c.Record != contact.ID || !c.Incoming || c.RecordName != "Contact" {
			t.Fatalf("the call is of %q (%+v, %v), want the contact before the lead", c.RecordName, c, err)
		}
		stranger, _, err := db.CallArrived(t.Context(), "", "old")
		if err != nil || stranger.Record != 0 {
			t.Errorf("a call without a number is of record %s, %v", stranger.Record, err)
		}
		if err := db.CallAnswered(t.Context(), c.ID, 0); err != nil {
			t.Fatal(err)
		}
		if err := db.CallEnded(t.Context(), c.ID, store.EndedThere, "bye"); err != nil {
			t.Fatal(err)
		}
		if err := db.CallEnded(t.Context(), c.ID, store.EndedHere, ""); err != nil {
			t.Fatal(err)
		}
		if n, err := db.ExpireCalls(t.Context(), "new"); err != nil || n != 1 {
			t.Errorf("%d calls of a killed process are ended, %v; want 1", n, err)
		}
		write(func(tx *store.Tx) error {
			list, err := tx.CallsOf(contact.ID, 10)
			if err != nil || len(list) != 1 || list[0].End != store.EndedThere || list[0].Detail != "bye" || list[0].AnsweredAt.IsZero() {
				t.Errorf("calls of the contact: %+v, %v", list, err)
			}
			if s, err := tx.GetCall(stranger.ID); err != nil || s.End != store.EndedStopped {
				t.Errorf("the call of the killed process ended by %q, %v", s.End.Key(), err)
			}
			return tx.DeleteRecord(contact.ID)
		})
		write(func(tx *store.Tx) error {
			if _, err := tx.GetCall(c.ID); err == nil {
				t.Error("the call of a deleted record is still there")
			}
			found, err := tx.RecordsByNumber(number, 5)
			if err != nil || len(found) != 1 || found[0].ID != lead.ID {
				t.Errorf("found %d records by the number, %v; want the lead", len(found), err)
			}
			return nil
		})
	})
}

// TestTrunk keeps the trunk as it was saved.
func TestTrunk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := store.Trunk{Host: "sip.test", Port: 5070, Transport: "tls", Domain: "d", User: "u", Login: "l", Secret: []byte{1}, Number: "+49301", Register: true, Numbers: []string{"mobile"}, CheckedAt: time.UnixMicro(5).UTC(), CheckError: "x", Rev: 2}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if old, err := tx.Trunk(); err != nil || old.Ready() || len(old.Order()) != 3 {
				t.Errorf("before the first: %+v, %v", old, err)
			}
			if err := tx.SaveTrunk(want); err != nil {
				return err
			}
			got, err := tx.Trunk()
			if got.Host != want.Host || got.Port != want.Port || string(got.Secret) != string(want.Secret) || got.Order()[0] != "mobile" || !got.CheckedAt.Equal(want.CheckedAt) || !got.Register || got.Rev != 2 {
				t.Errorf("got %+v, want %+v", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
