package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"cadenza/internal/inbox"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

var (
	withIdle    = imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}, imap.CapSpecialUse: {}}
	withoutIdle = imap.CapSet{imap.CapIMAP4rev1: {}}
)

// TestReplyEndsSequence reads a reply the moment it comes, once, and marks nothing.
func TestReplyEndsSequence(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second) // the bubble's time: until the mailbox is found and open
		o.received()
		begin := time.Now()
		o.arrive("INBOX", reply("r1", "Thursday is fine.", id))
		list := o.received("reply Thursday is fine.")
		o.exit(step.ExitReplied)
		if waited := time.Since(begin); waited != 0 {
			o.Errorf("it was read after %v of the bubble's time, want at once", waited)
		}
		if len(list) == 1 && (list[0].Sender != "marta@buyer.test" || list[0].Colleague || list[0].Enrollment == 0) {
			o.Errorf("got %+v", list[0])
		}
		o.pass(5 * time.Minute)
		o.received("reply Thursday is fine.")
		status, err := o.server.Status("INBOX", &imap.StatusOptions{NumUnseen: true, NumMessages: true})
		if err != nil || *status.NumUnseen != 1 || *status.NumMessages != 1 {
			o.Errorf("%d of %d are unseen, %v, want the one mail as it came", *status.NumUnseen, *status.NumMessages, err)
		}
		if box := o.mailbox(); box.ReadError != "" || time.Since(box.ReadAt) > 2*time.Minute {
			o.Errorf("read at %v with %q, want a minute ago", box.ReadAt, box.ReadError)
		}
		if n := o.dialled.Load(); n != 1 {
			o.Errorf("%d connections, want 1", n)
		}
	})
}

// TestServerWithoutIdle is asked every so often.
func TestServerWithoutIdle(t *testing.T) {
	inOffice(t, withoutIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		o.arrive("INBOX", reply("r1", "Yes.", id))
		o.pass(16 * time.Second)
		o.received("reply Yes.")
	})
}

// TestOtherFolders are polled: a filter may have moved an answer. Mail of others and drafts are not kept.
func TestOtherFolders(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		o.arrive("Junk", reply("r1", "Yes.", id))
		o.arrive("Drafts", reply("r2", "Not sent.", id))
		o.arrive("INBOX", "From: news@shop.test\nSubject: Our news\nMessage-ID: <n1@shop.test>\n\nBuy.\n")
		o.pass(2 * time.Minute)
		o.received("reply Yes.")
		o.unrelated(1)
	})
}

// TestFiledReplies are read in any folder that holds mail for its owner, also in one that was made later, and once: a mail that is
// moved from folder to folder is known.
func TestFiledReplies(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		for _, name := range []string{"Customers", "Customers/Old", "Trash", "Trash/Customers", "Templates", "Entwürfe"} {
			o.must(o.server.Create(name, nil))
		}
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		for i, name := range []string{"Trash", "Trash/Customers", "Templates", "Entwürfe", "Drafts", "Sent"} {
			o.arrive(name, reply(fmt.Sprintf("no%d", i), "Not read in "+name, id))
		}
		filed := reply("r1", "Filed.", id)
		o.arrive("Customers", filed)
		o.arrive("Customers/Old", reply("r2", "Filed below.", id))
		o.pass(2 * time.Minute)
		o.received("reply Filed.", "reply Filed below.")
		o.must(o.server.Create("Made later", nil))
		o.arrive("Made later", reply("r3", "Filed later.", id))
		o.arrive("Made later", filed)
		o.arrive("INBOX", filed)
		o.pass(15 * time.Minute)
		o.received("reply Filed.", "reply Filed below.", "reply Filed later.")
		if n := o.dialled.Load(); n != 1 {
			o.Errorf("%d connections, want 1", n)
		}
	})
}

// TestFirstLook finds answers that came before the mailbox was read for the first time, and passes over older mail.
func TestFirstLook(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.arrive("INBOX", reply("r1", "Early.", id))
		o.pass(10 * time.Second)
		o.received("reply Early.")
	})
}

// TestNumberedAnew reads a folder by date when its UIDs count no more, without taking anything in twice.
func TestNumberedAnew(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		first := reply("r1", "First.", id)
		o.arrive("INBOX", first)
		o.received("reply First.")
		o.must(o.server.Delete("INBOX"))
		o.must(o.server.Create("INBOX", nil))
		o.arrive("INBOX", reply("r2", "Second.", id))
		o.arrive("INBOX", first)
		o.pass(2 * time.Minute)
		o.received("reply First.", "reply Second.")
		o.arrive("INBOX", reply("r3", "Third.", id))
		o.received("reply First.", "reply Second.", "reply Third.")
	})
}

// TestLostConnections are made anew, wherever they break, and nothing is lost or read twice.
func TestLostConnections(t *testing.T) {
	for _, bytes := range []int64{1, 40, 200, 400, 900, 2000} {
		inOffice(t, withIdle, func(o *office) {
			id := o.send(store.Delivered)
			o.pass(10 * time.Second)
			o.cutAfter.Store(bytes)
			o.arrive("INBOX", reply("r1", "One.", id))
			o.arrive("INBOX", reply("r2", "Two.", id))
			o.pass(2 * time.Minute)
			o.received("reply One.", "reply Two.")
			if n := o.dialled.Load(); n != 2 {
				o.Errorf("cut after %d bytes: %d connections, want 2", bytes, n)
			}
		})
	}
}

// TestServerAway is called ever more rarely, says so on the mailbox, and is found again.
func TestServerAway(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		o.refuse.Store(true)
		id := o.send(store.Delivered)
		o.pass(time.Hour)
		if n := o.dialled.Load(); n < 12 || n > 40 {
			o.Errorf("%d connections were tried in an hour, want some tens at most", n)
		}
		if box := o.mailbox(); !strings.Contains(box.ReadError, "cannot be reached") {
			o.Errorf("the mailbox says %q", box.ReadError)
		}
		if f := o.loop.Figures(); f.Mailboxes[inbox.Failing] != 1 {
			o.Errorf("the states are %v, want one failing", f.Mailboxes)
		}
		o.told(1)
		o.refuse.Store(false)
		o.arrive("INBOX", reply("r1", "Yes.", id))
		o.pass(6 * time.Minute)
		o.received("reply Yes.")
		if box := o.mailbox(); box.ReadError != "" {
			o.Errorf("the mailbox says %q", box.ReadError)
		}
	})
}

// TestShortlyAway tells nobody of a server that is away for some minutes, and again of each time that it stays away.
func TestShortlyAway(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		for i := range 2 {
			o.refuse.Store(true)
			o.cutAfter.Store(1)
			o.pass(4 * time.Minute)
			o.told(i)
			o.pass(20 * time.Minute)
			o.told(i + 1)
			o.refuse.Store(false)
			o.pass(11 * time.Minute) // the first connection may be the one that is cut
		}
	})
}

// told wants the user of the mailbox to have been told so often that it cannot be read.
func (o *office) told(want int) {
	o.Helper()
	box := o.mailbox()
	var list store.Page[store.Notification]
	o.must(o.db.Read(o.Context(), func(tx *store.Tx) (err error) {
		list, err = tx.Notifications(store.NotificationQuery{User: box.User})
		return err
	}))
	if len(list.Rows) != want {
		o.Errorf("%d notifications, want %d: %+v", len(list.Rows), want, list.Rows)
	}
	for _, n := range list.Rows {
		if n.Kind != store.NotifyMailbox || !n.Unread || n.Mailbox != box.ID || !strings.Contains(n.Detail, "cannot be reached") {
			o.Errorf("told of %+v", n)
		}
	}
}

// TestMendedMailbox is read at once when a test of it succeeds, or when it is saved, however long its reader would have waited.
func TestMendedMailbox(t *testing.T) {
	for _, way := range []string{"test", "save"} {
		t.Run(way, func(t *testing.T) {
			inOffice(t, withIdle, func(o *office) {
				o.refuse.Store(true)
				id := o.send(store.Delivered)
				o.pass(time.Hour)
				box := o.mailbox()
				tried := o.dialled.Load()
				for range 300 { // to the beginning of a long pause
					if o.pass(time.Second); o.dialled.Load() > tried {
						break
					}
				}
				if o.dialled.Load() == tried || o.loop.Figures().Mailboxes[inbox.Failing] != 1 {
					t.Fatal("the reader does not try and fail")
				}
				o.refuse.Store(false)
				o.arrive("INBOX", reply("r1", "Yes.", id))
				begin := time.Now()
				o.must(o.db.Write(o.ctx, func(tx *store.Tx) error {
					if way == "save" {
						_, err := tx.UpdateMailbox(box)
						return err
					}
					box.CheckedAt = tx.Now
					_, err := tx.NoteMailboxCheck(box)
					return err
				}))
				o.received("reply Yes.")
				if waited := time.Since(begin); waited != 0 {
					t.Errorf("it was read after %v, want at once", waited)
				}
			})
		})
	}
}

// TestNewSettings are taken over while the loop runs: a mailbox that is read no more is left, and entered again.
func TestNewSettings(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		read := func(host string) {
			box := o.mailbox()
			box.IMAPHost = host
			o.must(o.db.Write(o.ctx, func(tx *store.Tx) error { _, err := tx.UpdateMailbox(box); return err }))
			o.pass(10 * time.Second)
		}
		read("")
		o.arrive("INBOX", reply("r1", "Yes.", id))
		o.received()
		read("imap.test")
		o.received("reply Yes.")
	})
}

// TestDoubtIsSettled looks for a message whose fate is unknown among the sent mail.
func TestDoubtIsSettled(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Unknown)
		state := func() store.MessageState {
			page := store.Page[store.Message]{}
			o.must(o.db.Read(o.ctx, func(tx *store.Tx) (err error) { page, err = tx.ListMessages(store.MessageQuery{}); return err }))
			return page.Rows[0].State
		}
		o.pass(2 * time.Minute)
		if got := state(); got != store.MessageUnknown {
			o.Errorf("without a trace it is %s, want it to wait for a person", got)
		}
		o.arrive("Sent", "From: anna@seller.test\nMessage-ID: <"+id+">\nSubject: Ten minutes\n\nHello\n")
		o.pass(2 * time.Minute)
		if got := state(); got != store.MessageSent {
			o.Errorf("with a copy in Sent it is %s, want sent", got)
		}
	})
}

// TestRestoreIsSettled looks for what is in doubt since a restore among the sent mail, also behind many that are not there, and while sending is held.
func TestRestoreIsSettled(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		o.play()
		const others = 250 // more than one round looks up
		o.must(o.db.Write(o.ctx, func(tx *store.Tx) error {
			for i := range others {
				if _, err := tx.InsertMessage(store.Message{Record: o.lead, User: o.anna.ID, RFCID: fmt.Sprintf("by-hand-%d@seller.test", i), Recipient: "marta@buyer.test"}); err != nil {
					return err
				}
			}
			return nil
		}))
		doubt, err := o.db.Mend(o.ctx)
		o.must(err)
		if doubt != others+1 {
			o.Fatalf("%d are in doubt, want %d", doubt, others+1)
		}
		sent := func(want int) (list []store.Message) {
			o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
				page, err := tx.ListMessages(store.MessageQuery{State: store.MessageSent})
				list = page.Rows
				return err
			}))
			if len(list) != want {
				o.Fatalf("%d were found among the sent mail, want %d", len(list), want)
			}
			return list
		}
		o.pass(2 * time.Minute)
		sent(0)
		o.arrive("Sent", fmt.Sprintf("From: anna@seller.test\nMessage-ID: <by-hand-%d@seller.test>\nSubject: By hand\n\nHello\n", others-1))
		o.pass(10 * time.Minute)
		if list := sent(1); list[0].RFCID != fmt.Sprintf("by-hand-%d@seller.test", others-1) {
			o.Errorf("found %s", list[0].RFCID)
		}
	})
}

// TestAnswerSettlesDoubt takes an answer for the proof that a message was sent.
func TestAnswerSettlesDoubt(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Unknown)
		o.arrive("INBOX", reply("r1", "Yes.", id))
		o.pass(10 * time.Second)
		o.received("reply Yes.")
		o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
			page, err := tx.ListMessages(store.MessageQuery{})
			if err == nil && page.Rows[0].State != store.MessageSent {
				o.Errorf("it is %s, want sent", page.Rows[0].State)
			}
			return err
		}))
	})
}

// TestHugeMail is read in its beginning alone.
func TestHugeMail(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		raw := reply("r1", "Yes.", id)
		head, _, _ := strings.Cut(raw, "\n\n")
		line := strings.Repeat("QUFB", 18) + "\n"
		o.arrive("INBOX", head+"\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nYes.\n--b\nContent-Type: video/mp4; name=talk.mp4\nContent-Transfer-Encoding: base64\n\n"+
			strings.Repeat(line, 50<<20/len(line))+"--b--\n")
		list := o.received("reply Yes.")
		if len(list) == 1 && (!list[0].Truncated || len(list[0].Files) != 1 || list[0].Files[0] != "talk.mp4") {
			o.Errorf("got truncated %v and files %v", list[0].Truncated, list[0].Files)
		}
	})
}

// TestClassesFromWatcher counts what was read.
func TestClassesFromWatcher(t *testing.T) {
	inOffice(t, withIdle, func(o *office) {
		id := o.send(store.Delivered)
		o.pass(10 * time.Second)
		auto := strings.Replace(reply("a1", "I am away.", id), "\nSubject", "\nAuto-Submitted: auto-replied\nSubject", 1)
		o.arrive("INBOX", auto)
		o.received("automatic I am away.")
		o.exit("")
		own := strings.Replace(reply("o1", "A note to myself.", id), "marta@buyer.test", "a.berg@seller.test", 1)
		o.arrive("INBOX", own)
		o.received("automatic I am away.")
		colleague := strings.Replace(reply("c1", "I take over.", id), "Marta Lindqvist <marta@", "Ola <ola@", 1)
		o.arrive("INBOX", colleague)
		list := o.received("automatic I am away.", "reply I take over.")
		if len(list) == 2 && !list[0].Colleague {
			o.Errorf("it is not by a colleague: %+v", list[0])
		}
		f := o.loop.Figures()
		if f.Received[message.HumanReply] != 1 || f.Received[message.AutomaticReply] != 1 || f.Mailboxes[inbox.Reading] != 1 {
			o.Errorf("the figures are %+v", f)
		}
	})
}
