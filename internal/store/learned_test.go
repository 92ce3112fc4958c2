package store_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func endsOnReply(o *flow.Options) { o.ExitOnReply = true }

// lead makes one lead with values.
func (h *house) lead(values record.Values) (id ident.Record) {
	h.Helper()
	h.write(func(tx *store.Tx) error {
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: values})
		id = r.ID
		return err
	})
	return id
}

// sentTo gives the message of an enrollment as one that was sent to an address.
func (h *house) sentTo(id ident.Enrollment, address string) ident.Message {
	h.Helper()
	m := h.messages(id)[0]
	h.must(h.db.Exec(context.Background(), fmt.Sprintf(`update messages set recipient = '%s' where id = %d`, address, int64(m.ID))))
	h.write(func(tx *store.Tx) error { return tx.MarkSent(m) })
	h.due(10, 1)
	return m.ID
}

// TestReplyOfOneOfTwoSequences holds that a reply belongs to the sequence whose mail it answers, and to others only where
// they say so; said again it changes nothing.
func TestReplyOfOneOfTwoSequences(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		first := h.sequenceWith("First", endsOnReply, mail("a"), task("b"))
		second := h.sequenceWith("Second", endsOnReply, task("c"))
		third := h.sequenceWith("Third", func(o *flow.Options) { o.ExitOnReply, o.OtherReplies = true, true }, task("d"))
		rec := h.lead(record.Values{"last_name": "Okafor", "email": "sam@okafor.test"})
		one, two, three := h.enroll(first, 0, rec)[0], h.enroll(second, 0, rec)[0], h.enroll(third, 0, rec)[0]
		h.due(10, 3)
		sent := h.sentTo(one, "sam@okafor.test")
		reply := func() { h.write(func(tx *store.Tx) error { return tx.RecordReply(store.ReplyFacts{Message: sent}) }) }
		reply()
		h.due(10, 3)
		reply()
		h.due(10, 1)
		h.stands(one, "finished replied")
		h.stands(two, "active in c#1 for person")
		h.stands(three, "finished replied")
		h.read(func(tx *store.Tx) error {
			left, err := tx.UndoneActivities(rec)
			if len(left) != 2 || left[0].Kind != "task" || left[1].Kind != "email" {
				t.Errorf("got %+v, want the second sequence's task and one email to answer", left)
			}
			return err
		})
	})
}

// TestBounceAndOptOutReachEveryRecord holds that both end what is on for every record with the address, however it is
// written, and keep it on the list.
func TestBounceAndOptOutReachEveryRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		seq := h.sequence("Trial", mail("a"), task("b"))
		firm := h.lead(record.Values{"last_name": "Okafor", "email": "Sam@xn--bcher-kva.test"})
		again := h.lead(record.Values{"last_name": "Okafor", "email": "sam@bücher.test"})
		other := h.lead(record.Values{"last_name": "Reyes", "email": "ana@bücher.test"})
		ids := h.enroll(seq, 0, firm, again, other)
		h.due(10, 3)
		sent := h.sentTo(ids[0], "SAM@bücher.test")
		h.write(func(tx *store.Tx) error {
			return tx.RecordBounce(store.BounceFacts{Message: sent, Detail: "No such user."})
		})
		h.due(10, 2)
		h.stands(ids[0], "finished bounced")
		h.stands(ids[1], "finished bounced")
		h.stands(ids[2], "active in a#1 for mail")
		h.write(func(tx *store.Tx) error {
			added, err := tx.RecordOptOut(store.OptOutFacts{Address: "ana@xn--bcher-kva.test", Source: store.FromOneClick})
			if !added {
				t.Error("the address was on the list before")
			}
			return err
		})
		h.due(10, 1)
		h.stands(ids[2], "finished opted_out")
		h.work(ids[2], "message withdrawn")
		h.read(func(tx *store.Tx) error {
			got, err := tx.Suppressed([]string{"sam@bücher.test", "ana@BÜCHER.test", "eve@bücher.test", "nonsense"})
			if len(got) != 2 || got["sam@bücher.test"].Source != store.FromBounce || got["ana@BÜCHER.test"].Source != store.FromOneClick {
				t.Errorf("suppressed: %+v", got)
			}
			return err
		})
	})
}

// TestSuppressedByDomainAndNumber holds that a domain stands for its addresses, and that the heavier source stays.
func TestSuppressedByDomainAndNumber(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			for _, f := range []store.OptOutFacts{
				{Address: "@Rival.test", Source: store.FromPerson},
				{Address: "+49 170 1234567", Source: store.FromPage},
				{Address: "sam@okafor.test", Source: store.FromBounce},
				{Address: "sam@okafor.test", Source: store.FromPage},
				{Address: "sam@okafor.test", Source: store.FromImport},
			} {
				if _, err := tx.RecordOptOut(f); err != nil {
					return err
				}
			}
			got, err := tx.Suppressed([]string{"ann@rival.test", "+491701234567", "sam@okafor.test", "ann@mail.rival.test"})
			if len(got) != 3 || !got["ann@rival.test"].Domain() || got["+491701234567"].Channel != message.TextChannel ||
				got["sam@okafor.test"].Source != store.FromPage {
				t.Errorf("suppressed: %+v", got)
			}
			return err
		})
	})
}

// TestWishStandsAboveAnEntry holds that a customer's wish does not wipe out what somebody else entered: taken back, that counts again.
func TestWishStandsAboveAnEntry(t *testing.T) {
	t.Parallel()
	const address = "sam@okafor.test"
	each(t, func(t *testing.T, h *house) {
		rec := h.lead(record.Values{"last_name": "Okafor", "email": address})
		id := h.enroll(h.sequence("Trial", mail("a")), 0, rec)[0]
		h.due(10, 1)
		sent := h.sentTo(id, address)
		entry := func() (s store.Suppression) {
			h.read(func(tx *store.Tx) error {
				found, err := tx.Suppressed([]string{address})
				s = found[address]
				return err
			})
			return s
		}
		h.write(func(tx *store.Tx) error {
			u, err := tx.InsertUser(store.User{Name: "Anna", Email: "anna@example.com", Role: access.Seller, Zone: "UTC", Active: true})
			if err != nil {
				return err
			}
			_, err = tx.RecordOptOut(store.OptOutFacts{Address: address, Source: store.FromPerson, Note: "Competitor", By: u.ID})
			return err
		})
		yes, no := true, false
		for _, tt := range []struct {
			name string
			wish *bool
			want string
		}{
			{"no more of it", &yes, "one_click above person by nobody: Competitor"},
			{"said again", &yes, "one_click above person by nobody: Competitor"},
			{"taken back", &no, "person above  by somebody: Competitor"},
			{"taken back again", &no, "person above  by somebody: Competitor"},
		} {
			if _, err := h.db.ChooseOptOut(t.Context(), sent, store.OptOutChoice{Emails: tt.wish, Source: store.FromOneClick}); err != nil {
				t.Fatal(err)
			}
			s := entry()
			by := map[bool]string{true: "somebody", false: "nobody"}[s.By != 0]
			if got := fmt.Sprintf("%s above %s by %s: %s", s.Source, s.HeldBy, by, s.Note); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

// TestWishStandsAboveEntriesInAnyOrder holds that it does not matter when the customer's wish comes: once they take it back, what weighs most of the
// rest counts, with its note and whoever added it, and without any of that the address may be written to.
func TestWishStandsAboveEntriesInAnyOrder(t *testing.T) {
	t.Parallel()
	weights := map[store.SuppressionSource]int{store.FromOneClick: 2, store.FromComplaint: 2, store.FromPerson: 1, store.FromImport: 1, store.FromBounce: 0}
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		rec := h.lead(record.Values{"last_name": "Okafor"})
		n := 0
		try := func(list ...store.SuppressionSource) {
			n++
			address := fmt.Sprintf("sam@okafor%d.test", n)
			var rest store.SuppressionSource
			var mail ident.Message
			h.write(func(tx *store.Tx) (err error) {
				for _, source := range list {
					if weights[source] < 2 && (rest == "" || weights[source] > weights[rest]) {
						rest = source
					}
					if err := arrive(tx, source, address, anna); err != nil {
						return err
					}
				}
				mail, err = tx.InsertMessage(store.Message{Record: rec, Recipient: address, RFCID: address, Subject: "Hello"})
				return err
			})
			no := false
			if _, err := h.db.ChooseOptOut(t.Context(), mail, store.OptOutChoice{Emails: &no, Source: store.FromPage}); err != nil {
				t.Fatal(err)
			}
			h.read(func(tx *store.Tx) error {
				found, err := tx.Suppressed([]string{address})
				s := found[address]
				by := map[store.SuppressionSource]ident.User{store.FromPerson: anna, store.FromImport: anna}[rest]
				note := map[bool]string{true: "by " + string(rest)}[rest != ""]
				if s.Source != rest || s.HeldBy != "" || s.Note != note || s.By != by {
					t.Errorf("after %q and no wish any more: %+v, want %q by %d", list, s, rest, by)
				}
				return err
			})
		}
		for first := range weights {
			try(first)
			for second := range weights {
				try(first, second)
				for third := range weights {
					try(first, second, third)
				}
			}
		}
	})
}

// arrive has something keep mail from an address, by the way on which it comes.
func arrive(tx *store.Tx, source store.SuppressionSource, address string, by ident.User) (err error) {
	note := "by " + string(source)
	switch source {
	case store.FromBounce:
		err = tx.RecordBounce(store.BounceFacts{Addresses: []string{address}, Detail: note})
	case store.FromImport:
		_, err = tx.RecordOptOuts(source, by, []store.Suppression{{Channel: message.EmailChannel, Address: address, Note: note}})
	default:
		if source != store.FromPerson {
			by, note = 0, ""
		}
		_, err = tx.RecordOptOut(store.OptOutFacts{Address: address, Source: source, Note: note, By: by})
	}
	return err
}

// TestListOfElsewhereGoesUnderAWish holds that what an exported list says of an address outweighs no entry that is there, and is kept under the
// customer's wish.
func TestListOfElsewhereGoesUnderAWish(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			for _, tt := range []struct{ first, then, want store.SuppressionSource }{
				{store.FromPage, store.FromBounce, "page above bounce"},
				{store.FromPage, store.FromPerson, "page above person"},
				{store.FromPage, store.FromComplaint, "page above "},
				{store.FromBounce, store.FromPage, "bounce above "},
				{store.FromPerson, store.FromBounce, "person above "},
			} {
				address := fmt.Sprintf("%s@%s.test", tt.then, tt.first)
				if err := arrive(tx, tt.first, address, 0); err != nil {
					return err
				}
				listed := store.Suppression{Channel: message.EmailChannel, Address: address, Source: tt.then, At: tx.Now.AddDate(-1, 0, 0)}
				added, err := tx.RecordOptOuts(store.FromImport, 0, []store.Suppression{listed})
				if err != nil {
					return err
				}
				found, err := tx.Suppressed([]string{address})
				if s := found[address]; err != nil || added != 0 || s.Source+" above "+s.HeldBy != tt.want || !s.At.Equal(tx.Now) {
					t.Errorf("%s is listed as %s: %d added, %+v, want %q since now", tt.first, tt.then, added, s, tt.want)
				}
			}
			return nil
		})
	})
}

// TestExitSaysWhoSuppressed holds that only the customer's own wish is called an opt-out: what else ends an enrollment says by what it came, who did it,
// and the note, whether it ends at once or at the next step that would write.
func TestExitSaysWhoSuppressed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna").ID
		s := h.sequence("Trial", task("call"), mail("a"))
		for i, tt := range []struct {
			source store.SuppressionSource
			listed store.SuppressionSource
			note   string
			want   string
		}{
			{store.FromOneClick, "", "", "opted_out: One-click opt-out, by nobody"},
			{store.FromComplaint, "", "", "opted_out: Complaint, by nobody"},
			{store.FromPerson, "", "", "suppressed: Added by a person, by Anna"},
			{store.FromPerson, "", "Competitor", "suppressed: Added by a person: Competitor, by Anna"},
			{store.FromAPI, "", "From the ERP", "suppressed: API: From the ERP, by Anna"},
			{store.FromImport, "", "Robinson list", "suppressed: Import: Robinson list, by Anna"},
			{store.FromImport, store.FromPage, "", "opted_out: Import, by nobody"},
			{store.FromImport, store.FromBounce, "No such user", "bounced: Import: No such user, by nobody"},
		} {
			address := fmt.Sprintf("sam%d@okafor.test", i)
			id := h.enroll(s, anna, h.lead(record.Values{"last_name": "Okafor", "email": address}))[0]
			h.due(10, 1)
			h.write(func(tx *store.Tx) (err error) {
				by := anna
				if tt.source == store.FromOneClick || tt.source == store.FromComplaint {
					by = 0
				}
				if tt.source == store.FromImport {
					other := store.Suppression{Channel: message.EmailChannel, Address: fmt.Sprintf("x%d@okafor.test", i), Note: "another"}
					_, err = tx.RecordOptOuts(tt.source, by, []store.Suppression{other, {Channel: message.EmailChannel, Address: address, Source: tt.listed, Note: tt.note}})
					return err
				}
				_, err = tx.RecordOptOut(store.OptOutFacts{Address: address, Source: tt.source, Note: tt.note, By: by})
				return err
			})
			h.due(10, 1)
			if got := h.exitOf(id); got != tt.want {
				t.Errorf("%s, listed as %q, with the note %q: got %q, want %q", tt.source, tt.listed, tt.note, got, tt.want)
			}
		}
		// Whoever is on the list before a step writes.
		late := h.lead(record.Values{"last_name": "Okafor", "email": "sam5@okafor.test"})
		id := h.enroll(h.sequence("Mails", mail("a")), anna, late)[0]
		h.due(10, 1)
		if got, want := h.exitOf(id), "suppressed: The address is suppressed. Import by Anna: Robinson list, by nobody"; got != want {
			t.Errorf("at the step: got %q, want %q", got, want)
		}
	})
}

// exitOf tells the exit of an enrollment as its history does.
func (h *house) exitOf(id ident.Enrollment) (told string) {
	h.Helper()
	h.read(func(tx *store.Tx) error {
		list, err := tx.HistoryOf(id)
		if err != nil || len(list) == 0 {
			return err
		}
		last := list[len(list)-1]
		told = fmt.Sprintf("%s: %s, by %s", last.Outcome, last.Detail, cmp.Or(last.ByName, "nobody"))
		e, err := tx.GetEnrollment(id)
		if string(e.State.Exit) != string(last.Outcome) {
			h.Errorf("the enrollment ended by %q, its history says %q", e.State.Exit, last.Outcome)
		}
		return err
	})
	return told
}
