package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// correspondence is a house in which a lead got a mail.
type correspondence struct {
	*house
	anna store.User
	box  store.Mailbox
	lead ident.Record
	sent store.Message
	uid  uint32
}

func newCorrespondence(h *house) *correspondence {
	h.Helper()
	c := &correspondence{house: h, anna: h.user("Anna")}
	h.user("Bob")
	h.write(func(tx *store.Tx) error {
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@buyer.test"}})
		c.lead = r.ID
		if err == nil {
			c.box, err = tx.MailboxOf(c.anna.ID)
		}
		return err
	})
	h.enroll(h.sequence("Trial", mail("intro"), pause("rest", "5d"), mail("again")), c.anna.ID, c.lead)
	c.sent = c.send()
	return c
}

// send sends the mail that is due.
func (c *correspondence) send() store.Message {
	c.Helper()
	c.drain()
	list, _, err := c.db.ClaimMail(context.Background(), "node", 10, func(m *store.MailCandidate, _ time.Time) store.Verdict {
		m.Message.Sender, m.Message.Recipient, m.Message.Subject, m.Message.Text = c.box.Address, "marta@buyer.test", "Ten minutes?", "Hello"
		return store.Verdict{Kind: store.Pass, Message: m.Message}
	})
	c.must(err)
	if len(list) != 1 {
		c.Fatalf("%d mails are due, want 1", len(list))
	}
	c.must(c.db.FinishMail(context.Background(), []store.MailResult{{Message: list[0].Message}}))
	c.drain()
	return list[0].Message
}

func (c *correspondence) drain() {
	c.Helper()
	for {
		n, err := c.db.Due(context.Background(), 100)
		c.must(err)
		if n == 0 {
			return
		}
	}
}

// receive takes a mail in and wants what it turned out to be.
func (c *correspondence) receive(want message.Class, r message.Reading, in message.Incoming) {
	c.Helper()
	c.uid++
	if in.MessageID == "" {
		in.MessageID = fmt.Sprintf("m%d@buyer.test", c.uid)
	}
	got, err := c.db.Receive(context.Background(), c.box, store.FolderCursor{Folder: "INBOX", Validity: 1, Next: c.uid + 1}, store.Arrival{UID: c.uid, In: in, Reading: r})
	if err != nil || got != want {
		c.Errorf("%s of %q from %s is %s, %v, want %s", r.Class, in.Subject, in.From.Email, got, err, want)
	}
}

func from(email string) message.Address { return message.Address{Email: email} }

func (c *correspondence) about() []string { return []string{"elsewhere@x.test", c.sent.RFCID} }

// TestReceiveMatches wants mail to be found to belong to the right message, or to none.
func TestReceiveMatches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		reply := message.Reading{Class: message.AutomaticReply}
		named := message.Reading{Class: message.AutomaticReply, Originals: c.about()}
		token, _ := message.TokenOf(c.sent.RFCID)
		rewritten := message.Reading{Class: message.AutomaticReply, Originals: []string{message.NewMessageID(token, "relay.test")}}

		c.receive(message.AutomaticReply, named, message.Incoming{From: from("marta@home.test")})
		c.receive(message.AutomaticReply, rewritten, message.Incoming{From: from("marta@buyer.test")})
		c.receive(message.AutomaticReply, reply, message.Incoming{From: from("Marta@buyer.test"), Subject: "RE: Ten minutes?"})
		c.receive(message.AutomaticReply, reply, message.Incoming{From: from("ola@buyer.test"), CC: []message.Address{from("marta@buyer.test")}, Subject: "AW: Ten minutes?"})

		c.receive(message.Unrelated, reply, message.Incoming{From: from("marta@buyer.test"), Subject: "Something else"})
		c.receive(message.Unrelated, reply, message.Incoming{From: from("marta@buyer.test")})
		c.receive(message.Unrelated, reply, message.Incoming{From: from("ola@other.test"), CC: []message.Address{from("marta@buyer.test")}, Subject: "AW: Ten minutes?"})
		c.receive(message.Unrelated, message.Reading{Class: message.HumanReply, Originals: []string{"cadenza.nothing@test.local"}}, message.Incoming{From: from("marta@buyer.test")})
		c.receive(message.Unrelated, message.Reading{Class: message.Unrelated, Originals: c.about()}, message.Incoming{From: from("marta@buyer.test")})
		c.write(func(tx *store.Tx) (err error) {
			c.box.Aliases = []string{"Anna@XN--BCHER-KVA.test", "a@kräuter.test"}
			c.box, err = tx.UpdateMailbox(c.box)
			return err
		})
		for _, own := range []string{"anna@test.local", "BOB@test.local", "boss@test.local", "anna@bücher.test", "A@kräuter.test"} {
			c.receive(message.Unrelated, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from(own)})
		}
		c.pass(90 * 24 * time.Hour)
		c.receive(message.Unrelated, reply, message.Incoming{From: from("marta@buyer.test"), Subject: "RE: Ten minutes?"})
		c.count(4, `select count(*) from received`)
	})
}

// TestReceiveFromFormerAddress wants a mail without references to be matched from the address that the message went to, though
// the record has another one by now.
func TestReceiveFromFormerAddress(t *testing.T) {
	t.Parallel()
	reply := message.Reading{Class: message.AutomaticReply}
	for name, change := range map[string]func(*correspondence){
		"edited":  func(c *correspondence) { c.address("marta@later.test") },
		"emptied": func(c *correspondence) { c.address("") },
		"imported": func(c *correspondence) {
			c.write(func(tx *store.Tx) error {
				r, err := tx.LockRecord(c.lead)
				if err == nil {
					r.ExternalKey = "k1"
					_, err = tx.UpdateRecord(r)
				}
				return err
			})
			x := c.db.NewRecordImport(record.Lead, 0, func(ident.User) bool { return true })
			outcomes, err := x.Apply(context.Background(), []store.ImportRow{{ExternalKey: "k1", Values: record.Values{"email": "marta@later.test"}}}, false)
			if c.must(err); outcomes[0].Change != store.RowUpdated {
				c.Errorf("the row gives %+v", outcomes[0])
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				c := newCorrespondence(h)
				change(c)
				c.receive(message.AutomaticReply, reply, message.Incoming{From: from("Marta@buyer.test"), Subject: "RE: Ten minutes?"})
				c.receive(message.Unrelated, reply, message.Incoming{From: from("marta@buyer.test"), Subject: "Something else"})
				c.address("marta@latest.test")
				c.receive(message.AutomaticReply, reply, message.Incoming{From: from("marta@buyer.test"), Subject: "RE: Ten minutes?"})
				c.receive(message.Unrelated, reply, message.Incoming{From: from("marta@later.test"), Subject: "RE: Ten minutes?"}) // was never mailed
				c.count(2, `select count(*) from received where record_id = `+fmt.Sprint(int64(c.lead)))
				c.write(func(tx *store.Tx) error { return tx.DeleteRecord(c.lead) })
				c.count(0, `select count(*) from former_addresses`)
			})
		})
	}
}

// address changes the lead's email address.
func (c *correspondence) address(email string) {
	c.Helper()
	c.write(func(tx *store.Tx) error {
		r, err := tx.LockRecord(c.lead)
		if err != nil {
			return err
		}
		r.Values["email"] = email
		if email == "" {
			delete(r.Values, "email")
		}
		_, err = tx.UpdateRecord(r)
		return err
	})
}

// TestReceiveOnce wants a mail to be taken in once, whatever its place is called, and the cursor to move all the same.
func TestReceiveOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		r := message.Reading{Class: message.HumanReply, Originals: c.about()}
		in := message.Incoming{From: from("marta@buyer.test"), MessageID: "r1@buyer.test", Text: "Yes."}
		c.receive(message.HumanReply, r, in)
		c.receive(message.Unrelated, r, in) // another UID
		c.uid = 0
		c.receive(message.Unrelated, r, message.Incoming{From: from("marta@buyer.test"), MessageID: "r2@buyer.test"}) // the same UID
		bob := store.Mailbox{ID: c.box.ID + 1, User: c.anna.ID + 1, Address: "bob@test.local"}
		c.box, c.uid = bob, 9
		c.receive(message.Unrelated, r, in) // in a colleague's mailbox
		c.count(1, `select count(*) from received`)
		c.count(1, `select count(*) from events where kind = 4`)
		cursors, err := c.db.FolderCursors(context.Background(), bob.ID)
		if got := cursors["INBOX"]; err != nil || got.Next != 11 || got.Validity != 1 {
			t.Errorf("the cursor is %+v, %v, want 11", got, err)
		}
	})
}

// TestReceiveMeans wants each class to do what it should: a reply is told to the enrollment, a bounce and a complaint
// suppress, the others are shown alone.
func TestReceiveMeans(t *testing.T) {
	t.Parallel()
	gone := message.Failure{Address: "marta@buyer.test", Status: "5.1.1", Detail: "No such user", Hard: true}
	for _, tt := range []struct {
		name     string
		reading  message.Reading
		want     message.Class
		events   int64
		suppress int64
	}{
		{"reply", message.Reading{Class: message.HumanReply}, message.HumanReply, 2, 0}, // replied, and what conditions ask
		{"automatic", message.Reading{Class: message.AutomaticReply}, message.AutomaticReply, 0, 0},
		{"bounce", message.Reading{Class: message.HardBounce, Failures: []message.Failure{gone}}, message.HardBounce, 1, 1},
		{"soft bounce", message.Reading{Class: message.SoftBounce, Failures: []message.Failure{{Address: "marta@buyer.test"}}}, message.SoftBounce, 0, 0},
		{"bounce of another", message.Reading{Class: message.HardBounce, Failures: []message.Failure{{Address: "marta@buyer.test"}, {Address: "x@y.test", Hard: true}}}, message.SoftBounce, 0, 0},
		{"complaint", message.Reading{Class: message.Complaint}, message.Complaint, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				c := newCorrespondence(h)
				reading := tt.reading // the two databases run beside one another
				reading.Originals = c.about()
				c.receive(tt.want, reading, message.Incoming{From: from("marta@buyer.test"), Subject: "Re: x"})
				c.count(tt.events, `select count(*) from events`)
				c.count(tt.suppress, `select count(*) from suppressions`)
				if tt.want == message.HumanReply {
					c.count(1, `select count(*) from engagements where result = 4`)
				}
			})
		})
	}
}

// TestReplyLeavesItsAnswer wants the activity that a reply leaves to name the reply, on both databases.
func TestReplyLeavesItsAnswer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		seq := h.sequenceWith("Ends", endsOnReply, mail("intro"), task("b"))
		c.lead = h.lead(record.Values{"last_name": "Okafor", "email": "sam@okafor.test"})
		h.enroll(seq, c.anna.ID, c.lead)
		c.sent = c.send()
		c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from("sam@okafor.test")})
		c.drain()
		h.read(func(tx *store.Tx) error {
			left, err := tx.UndoneActivities(c.lead)
			if err != nil || len(left) != 1 || left[0].Answers == 0 || left[0].Kind != "email" {
				t.Fatalf("left %+v, %v, want one that names the reply", left, err)
			}
			v, err := tx.GetReceived(left[0].Answers)
			if err != nil || v.Sender != "sam@okafor.test" {
				t.Errorf("it answers %+v, %v", v, err)
			}
			return err
		})
	})
}

// TestBounceWithoutID belongs to the mail that went to the address last.
func TestBounceWithoutID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		r := message.Reading{Class: message.HardBounce, Failures: []message.Failure{{Address: "Marta@buyer.test", Hard: true}}}
		c.receive(message.HardBounce, r, message.Incoming{From: from("mailer-daemon@mx.test")})
		r.Failures[0].Address = "nobody@else.test"
		c.receive(message.Unrelated, r, message.Incoming{From: from("mailer-daemon@mx.test")})
		r.Failures[0].Address = ""
		c.receive(message.Unrelated, r, message.Incoming{From: from("mailer-daemon@mx.test")})
	})
}

// TestReceivedIsListed reads back what was kept.
func TestReceivedIsListed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
		c.receive(message.AutomaticReply, message.Reading{Class: message.AutomaticReply, Originals: c.about(), Returns: day}, message.Incoming{
			From: message.Address{Name: "Marta Lindqvist", Email: "marta@buyer.test"}, Subject: "Away", Text: "I am away.",
			HTML: `<p>I am <script>alert(1)</script>away.</p>`, Attachments: []message.Attachment{{Name: "plan.pdf", Type: "application/pdf"}},
		})
		for i := range 3 {
			c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from("marta@buyer.test"), Text: fmt.Sprint(i)})
		}
		h.read(func(tx *store.Tx) error {
			page, err := tx.ListReceived(store.ReceivedQuery{Record: c.lead, Limit: 3})
			if err != nil || len(page.Rows) != 3 || page.Next == "" {
				t.Fatalf("the first page has %d rows and goes on at %q, %v", len(page.Rows), page.Next, err)
			}
			page, err = tx.ListReceived(store.ReceivedQuery{Record: c.lead, Limit: 3, Cursor: page.Next})
			if err != nil || len(page.Rows) != 1 || page.Next != "" {
				t.Fatalf("the second page has %d rows and goes on at %q, %v", len(page.Rows), page.Next, err)
			}
			v, err := tx.GetReceived(page.Rows[0].ID)
			if err != nil || v.Class != message.AutomaticReply || !v.ReturnsAt.Equal(day) || v.HTML != "<p>I am away.</p>" || v.RecordName != "Marta Lindqvist" ||
				v.Message != c.sent.ID || len(v.Files) != 1 || v.Files[0] != "plan.pdf" || v.Enrollment == 0 || v.User != c.anna.ID {
				t.Errorf("got %+v, %v", v, err)
			}
			some, err := tx.ListReceived(store.ReceivedQuery{Class: message.HumanReply, Message: c.sent.ID, User: c.anna.ID})
			if err != nil || len(some.Rows) != 3 {
				t.Errorf("%d replies, %v, want 3", len(some.Rows), err)
			}
			return err
		})
	})
}

// TestReplyWhileTheNextMailIsSent keeps both: the reply belongs to the mail that it answers, and the other one keeps its result.
func TestReplyWhileTheNextMailIsSent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := newCorrespondence(h)
		c.pass(6 * 24 * time.Hour)
		c.drain()
		list, _, err := c.db.ClaimMail(context.Background(), "node", 10, func(m *store.MailCandidate, _ time.Time) store.Verdict {
			return store.Verdict{Kind: store.Pass, Message: m.Message}
		})
		c.must(err)
		if len(list) != 1 {
			t.Fatalf("%d mails are due, want the second", len(list))
		}
		c.receive(message.HumanReply, message.Reading{Class: message.HumanReply, Originals: c.about()}, message.Incoming{From: from("marta@buyer.test")})
		c.drain()
		c.must(c.db.FinishMail(context.Background(), []store.MailResult{{Message: list[0].Message}}))
		c.drain()
		c.count(2, `select count(*) from messages where state = 4`)
		c.count(1, `select count(*) from engagements where step = 'intro' and result = 4`)
	})
}

// TestLivingNodes shares mailboxes among nodes that said of late that they live.
func TestLivingNodes(t *testing.T) {
	t.Parallel()
	h, nodes := newNodes(t, 2)
	ctx := context.Background()
	lead := func(db *store.DB, node string) {
		_, err := db.Lead(ctx, "node:"+node, node, 15*time.Second)
		h.must(err)
	}
	lead(nodes[0], "one")
	lead(nodes[1], "two")
	for _, want := range []string{"[one two]", "[one]"} {
		got, err := nodes[0].LivingNodes(ctx, "one")
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("living are %v, %v, want %s", got, err, want)
		}
		h.pass(20 * time.Second)
		lead(nodes[0], "one")
	}
}
