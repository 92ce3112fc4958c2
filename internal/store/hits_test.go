package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

// hit stores hits on links of a message that come now, and wants that many kept.
func (h *house) hit(want int, id ident.Message, links ...int) {
	h.Helper()
	var list []hit.Hit
	for _, l := range links {
		list = append(list, hit.Hit{Message: id, Link: l, At: h.now(), Agent: firefox})
	}
	n, err := h.db.AddHits(context.Background(), list)
	if err != nil || n != want {
		h.Fatalf("%d hits are kept, %v, want %d", n, err, want)
	}
}

// engaged wants just these results of an enrollment's emails, by step and code.
func (h *house) engaged(id ident.Enrollment, step string, codes ...int) {
	h.Helper()
	h.count(int64(len(codes)), fmt.Sprintf("select count(*) from engagements where enrollment_id = %d", id))
	for _, code := range codes {
		h.count(1, fmt.Sprintf("select count(*) from engagements where enrollment_id = %d and step = '%s' and result = %d", id, step, code))
	}
}

// followedSequence is a sequence of a mail and a condition that waits for an open.
func (h *house) followedSequence() (ident.Enrollment, ident.Message) {
	h.Helper()
	h.leads++
	ask := step.Step{ID: "ask", Type: "condition", When: &step.When{Email: &step.EmailTest{Step: "intro", Results: []step.Result{step.Opened}, Within: "1d", AtOnce: true}}}
	s := h.sequence(fmt.Sprint("Followed", h.leads), mail("intro"), ask, task("call"))
	id := h.connected(s, h.user(fmt.Sprint("Otto", h.leads)).ID, 1)[0]
	h.due(10, 1)
	h.send(func(*store.MailCandidate) []string { return []string{"https://buyer.test/a", "https://buyer.test/b"} })
	h.due(10, 1) // to the condition
	return id, h.messages(id)[0].ID
}

func TestHits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id, m := h.followedSequence()
		other := h.followed(1)[0]
		h.hit(1, m, 0) // too soon: it moves nothing
		h.due(10, 0)
		h.pass(time.Hour)
		h.hit(2, m, 0, 0)
		h.hit(1, m, 2)
		if n, err := h.db.AddHits(context.Background(), []hit.Hit{{Message: m, At: h.now(), Agent: "curl/8"}, {Message: other, At: h.now(), Agent: firefox}, {Message: 999, At: h.now(), Agent: firefox}}); n != 2 || err != nil {
			t.Errorf("kept %d, %v, want 2: there is no message 999", n, err)
		}
		h.engaged(id, "intro", 1, 2)
		h.due(10, 1) // the condition goes on at once
		h.read(func(tx *store.Tx) error {
			msg, err := tx.GetMessage(m)
			if err != nil || !msg.Tracked || msg.Opens != 2 || msg.Clicks != 1 || !msg.FirstOpenedAt.Equal(h.now()) {
				t.Errorf("%t, %d opens, %d clicks, first %s, %v", msg.Tracked, msg.Opens, msg.Clicks, msg.FirstOpenedAt, err)
			}
			list, err := tx.HitsOf(m, 10)
			var got []string
			for _, x := range list {
				got = append(got, strings.TrimSpace(fmt.Sprint(x.Kind(), " ", x.Reason, " ", x.URL)))
			}
			if want := []string{"open scanner", "click  https://buyer.test/b", "open", "open", "open too_soon"}; err != nil || !slices.Equal(got, want) {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
			return nil
		})
	})
}

// TestCountHit holds that a person's word makes a hit count, and moves the sequence.
func TestCountHit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id, m := h.followedSequence()
		u := h.user("Ida")
		h.hit(1, m, 0)
		h.due(10, 0)
		h.write(func(tx *store.Tx) error {
			list, err := tx.HitsOf(m, 10)
			if err != nil {
				return err
			}
			if err := tx.CountHit(list[0], u.ID); err != nil {
				return err
			}
			_, err = tx.GetHit(m+1, list[0].ID)
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("the hit of another message: %v", err)
			}
			counted, err := tx.GetHit(m, list[0].ID)
			if counted.Reason != hit.Counted || counted.CountedByName != "Ida" {
				t.Errorf("got %+v", counted)
			}
			return err
		})
		h.due(10, 1)
		h.engaged(id, "intro", 1)
	})
}

// TestHitsOfWrittenMail holds that the mail of an activity tells the enrollment and step of that activity.
func TestHitsOfWrittenMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		u := h.user("Anna")
		s := h.sequence("Written", step.Step{ID: "write", Type: "email", Name: "Write", Config: step.Config{}}, task("call"))
		id := h.connected(s, u.ID, 1)[0]
		h.due(10, 1)
		_, m := h.written(id, false)
		h.send(func(*store.MailCandidate) []string { return nil })
		h.pass(time.Hour)
		h.hit(1, m, 0)
		h.engaged(id, "write", 1)
	})
}

// TestScannerAcrossBatches holds that the last of all links is judged by those stored before.
func TestScannerAcrossBatches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.queued()
		h.send(func(*store.MailCandidate) []string {
			return []string{"https://a.test", "https://b.test", "https://c.test"}
		})
		var m ident.Message
		h.read(func(tx *store.Tx) error {
			page, err := tx.ListMessages(store.MessageQuery{})
			m = page.Rows[0].ID
			return err
		})
		h.pass(time.Hour)
		h.hit(2, m, 1, 2)
		h.pass(time.Second)
		h.hit(1, m, 3)
		h.read(func(tx *store.Tx) error {
			msg, err := tx.GetMessage(m)
			if msg.Clicks != 2 {
				t.Errorf("%d clicks count, want the two of the batch before", msg.Clicks)
			}
			return err
		})
	})
}

// TestManyHits holds that nobody can fill the database.
func TestManyHits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		m := h.followed(1)[0]
		h.pass(time.Hour)
		h.hit(600, m, make([]int, 600)...)
		h.hit(400, m, make([]int, 600)...)
		h.hit(0, m, 0)
		long := hit.Hit{Message: h.followedMore(), At: h.now(), Agent: strings.Repeat("ä\x00\xff", 500)}
		if n, err := h.db.AddHits(context.Background(), []hit.Hit{long}); n != 1 || err != nil {
			t.Errorf("a long name: %d, %v", n, err)
		}
	})
}

func (h *house) followedMore() (id ident.Message) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		id, err = tx.InsertMessage(store.Message{Record: 1, RFCID: "more@test.local"})
		return err
	})
	return id
}

// TestLinksKeepNumbers holds that what is sent again leads where the first attempt led.
func TestLinksKeepNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.queued()
		claim := func(want string, links ...string) store.Message {
			t.Helper()
			pass := h.verdict(1, func(c *store.MailCandidate) store.Verdict {
				v := passing(c)
				v.Message.Tracked, v.Links = true, links
				return v
			})
			if got := fmt.Sprint(pass[0].Links); got != want {
				t.Errorf("links %s, want %s", got, want)
			}
			return pass[0].Message
		}
		m := claim("map[https://a.test:1 https://b.test:2]", "https://a.test", "https://b.test")
		h.finish(store.Retry, m, "later")
		h.pass(time.Hour)
		m = claim("map[https://a.test:1 https://b.test:2 https://c.test:3]", "https://c.test", "https://b.test")
		h.finish(store.Delivered, m, "")
		for n, want := range map[int]string{1: "https://a.test", 2: "https://b.test", 3: "https://c.test"} {
			if got, err := h.db.Link(context.Background(), m.ID, n); got != want || err != nil {
				t.Errorf("link %d leads to %q, %v, want %s", n, got, err, want)
			}
		}
		if _, err := h.db.Link(context.Background(), m.ID, 4); !fault.Is(err, fault.NotFound) {
			t.Errorf("link 4: %v", err)
		}
	})
}

// TestUnwilling holds whose wish switches tracking off: the record's, and that of every address the mail goes to.
func TestUnwilling(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		u := h.user("Anna")
		var free, wish ident.Record
		h.write(func(tx *store.Tx) error {
			for _, r := range []struct {
				id     *ident.Record
				kind   record.Kind
				values record.Values
			}{
				{&free, record.Lead, record.Values{"last_name": "Free", "email": "free@buyer.test"}},
				{&wish, record.Contact, record.Values{"last_name": "Wish", "email": "Wish@buyer.test", "do_not_track": "true"}},
			} {
				made, err := tx.InsertRecord(record.Record{Kind: r.kind, Values: r.values})
				if err != nil {
					return err
				}
				*r.id = made.ID
			}
			return nil
		})
		for i, c := range []struct {
			to   ident.Record
			m    store.Message
			want bool
		}{
			{free, store.Message{}, false},
			{wish, store.Message{}, true},
			{free, store.Message{Recipient: "wish@buyer.test"}, true},
			{free, store.Message{Recipient: "free@buyer.test", CC: "other@buyer.test, WISH@buyer.test"}, true},
			{free, store.Message{Recipient: "free@buyer.test", CC: "other@buyer.test"}, false},
		} {
			h.write(func(tx *store.Tx) error {
				c.m.Record, c.m.User, c.m.RFCID = c.to, u.ID, fmt.Sprint("wish.", i)
				_, err := tx.InsertMessage(c.m)
				return err
			})
			h.verdict(1, func(got *store.MailCandidate) store.Verdict {
				if got.Unwilling != c.want || !got.Tracking.On {
					t.Errorf("case %d: unwilling is %t, want %t", i, got.Unwilling, c.want)
				}
				return store.Verdict{Kind: store.Withdraw}
			})
		}
		h.write(func(tx *store.Tx) error { return tx.SaveTracking(store.Tracking{URL: "https://links.test"}) })
		h.read(func(tx *store.Tx) error {
			got, err := tx.Tracking()
			if got != (store.Tracking{URL: "https://links.test"}) {
				t.Errorf("got %+v", got)
			}
			return err
		})
	})
}
