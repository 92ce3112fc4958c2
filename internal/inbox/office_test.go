package inbox_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/inbox"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/signin"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testmail"
)

// office is a bubble with a database, a seller whose mailbox is on an IMAP server in memory, and a lead who got a mail.
type office struct {
	*testing.T
	ctx    context.Context
	db     *store.DB
	server *imapmemserver.User
	anna   store.User
	lead   ident.Record
	loop   *inbox.Loop
	// dialled counts the connections; cutAfter ends the present one after so many more bytes from the server.
	dialled, cutAfter atomic.Int64
	refuse            atomic.Bool
	dial              func(ctx context.Context, network, address string) (net.Conn, error)
}

// inOffice runs a test in a bubble. caps are what the server can do.
func inOffice(t *testing.T, caps imap.CapSet, test func(o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		o := &office{T: t, ctx: ctx, db: storetest.SQLite(t, store.Options{}), server: imapmemserver.NewUser("anna", "secret")}
		o.cutAfter.Store(-1)
		for _, name := range []string{"INBOX", "Sent", "Junk", "Drafts"} {
			o.must(o.server.Create(name, nil))
		}
		pipe := testmail.NewPipe()
		backend := imapmemserver.New()
		backend.AddUser(o.server)
		server := imapserver.New(&imapserver.Options{
			NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
				return backend.NewSession(), nil, nil
			},
			Caps: caps, InsecureAuth: true, Logger: log.New(&bytes.Buffer{}, "", 0),
		})
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(pipe) }()
		o.furnish()
		o.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			o.dialled.Add(1)
			if o.refuse.Load() {
				return nil, fmt.Errorf("connection refused")
			}
			conn, err := pipe.Dial(ctx, network, address)
			return &cutConn{conn, &o.cutAfter}, err
		}
		o.loop = inbox.New(inbox.Config{
			Roster: o.db, Memory: o.db, Log: slog.New(slog.DiscardHandler), Node: "node",
			Server: inbox.Server{Credentials: func(context.Context, store.Mailbox) (signin.Credentials, error) {
				return signin.Credentials{Username: "anna", Password: "secret"}, nil
			}, Dial: o.dial},
		})
		ran := make(chan struct{})
		go func() { defer close(ran); o.loop.Run(ctx) }()
		test(o)
		stop()
		<-ran
		_ = pipe.Close()
		_ = server.Close()
		<-served
	})
}

// cutConn breaks a connection in the middle of what the server says.
type cutConn struct {
	net.Conn
	left *atomic.Int64
}

func (c *cutConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if left := c.left.Load(); left >= 0 && c.left.Add(-int64(n)) < 0 {
		c.left.Store(-1)
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// furnish makes the seller, her mailbox, the lead and a sequence with a mail and a wait.
func (o *office) furnish() {
	o.Helper()
	o.must(o.db.Write(o.ctx, func(tx *store.Tx) error {
		var err error
		if o.anna, err = tx.InsertUser(store.User{Name: "Anna Berg", Email: "anna@seller.test", Role: "seller", Zone: "UTC", Active: true}); err != nil {
			return err
		}
		if _, err = tx.InsertMailbox(store.Mailbox{
			User: o.anna.ID, Address: "anna@seller.test", SenderName: "Anna Berg", Host: "mail.test", Port: 25, Security: store.NoTLS, Username: "anna",
			Aliases: []string{"a.berg@seller.test"}, IMAPHost: "imap.test", IMAPPort: 143, IMAPSecurity: store.NoTLS,
		}); err != nil {
			return err
		}
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: o.anna.ID, Values: record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@buyer.test"}})
		if err != nil {
			return err
		}
		o.lead = r.ID
		options := flow.DefaultOptions()
		options.ExitOnReply = true
		def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: options, Steps: []step.Step{
			{ID: "intro", Type: "automated_email", Name: "Intro", Config: step.Config{"template": "intro"}},
			{ID: "rest", Type: "wait", Config: step.Config{"for": "20d"}},
			{ID: "again", Type: "automated_email", Name: "Again", Config: step.Config{"template": "intro"}},
		}}
		made, err := tx.InsertSequence(def, o.anna.ID)
		if err != nil {
			return err
		}
		v, err := tx.InsertVersion(made.ID, 1, def, "", o.anna.ID)
		if err != nil {
			return err
		}
		if err := tx.SetSequenceActive(made.ID, v, 1); err != nil {
			return err
		}
		_, err = tx.Enroll([]store.NewEnrollment{{Sequence: made.ID, Version: v, Record: o.lead, Assignee: o.anna.ID}})
		return err
	}))
}

// send sends what is due, with the given result, and gives the Message-ID of the last.
func (o *office) send(kind store.ResultKind) (rfcID string) {
	o.Helper()
	o.play()
	sent, _, err := o.db.ClaimMail(o.ctx, "node", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
		m := c.Message
		m.Sender, m.Recipient, m.Subject, m.Text = "anna@seller.test", "marta@buyer.test", "Ten minutes this week?", "Hello"
		return store.Verdict{Kind: store.Pass, Message: m}
	})
	o.must(err)
	if len(sent) != 1 {
		o.Fatalf("%d mails are due, want 1", len(sent))
	}
	o.must(o.db.FinishMail(o.ctx, []store.MailResult{{Message: sent[0].Message, Kind: kind, Reason: "It is not clear."}}))
	o.play()
	return sent[0].Message.RFCID
}

func (o *office) play() {
	o.Helper()
	_, err := o.db.Due(o.ctx, 100)
	o.must(err)
}

// arrive puts a mail into a folder of the server.
func (o *office) arrive(folder string, raw string) {
	o.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	_, err := o.server.Append(folder, &literal{bytes.NewReader([]byte(raw)), int64(len(raw))}, &imap.AppendOptions{})
	o.must(err)
}

type literal struct {
	*bytes.Reader
	size int64
}

func (l *literal) Size() int64 { return l.size }

// reply is a mail that answers one of ours.
func reply(id, name, answers string) string {
	return fmt.Sprintf("From: Marta Lindqvist <marta@buyer.test>\nTo: anna@seller.test\nSubject: Re: Ten minutes this week?\nDate: %s\nMessage-ID: <%s@buyer.test>\nIn-Reply-To: <%s>\n\n%s\n",
		time.Now().Format(time.RFC1123Z), id, answers, name)
}

// received wants the mails that were taken in, oldest first, as "class sender".
func (o *office) received(want ...string) []store.Received {
	o.Helper()
	synctest.Wait()
	var list []store.Received
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) (err error) { list, err = tx.ReceivedOf(o.lead, 100); return err }))
	var got []string
	for i := range list {
		v := list[len(list)-1-i]
		got = append(got, string(v.Class)+" "+strings.TrimSpace(v.Text))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		cursors, _ := o.db.FolderCursors(o.ctx, o.mailbox().ID)
		o.Errorf("received %q, want %q\n%+v, %+v, %v connections", got, want, o.loop.Figures(), cursors, o.dialled.Load())
	}
	return list
}

// exit wants how the enrollment ended; "" for one that goes on.
func (o *office) exit(want step.Exit) {
	o.Helper()
	synctest.Wait()
	o.play()
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
		page, err := tx.ListEnrollments(store.EnrollmentQuery{Record: o.lead})
		if err == nil && page.Rows[0].State.Exit != want {
			o.Errorf("the exit is %q, want %q", page.Rows[0].State.Exit, want)
		}
		return err
	}))
}

// mailbox gives the mailbox as it is stored.
func (o *office) mailbox() (box store.Mailbox) {
	o.Helper()
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) (err error) { box, err = tx.MailboxOf(o.anna.ID); return err }))
	return box
}

func (o *office) unrelated(want int64) {
	o.Helper()
	synctest.Wait()
	if got := o.loop.Figures().Received[message.Unrelated]; got != want {
		o.Errorf("%d mails were unrelated, want %d", got, want)
	}
}

// pass lets the bubble's time pass.
func (o *office) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
