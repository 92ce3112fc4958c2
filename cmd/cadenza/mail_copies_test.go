//go:build mail

package main

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// TestCopiesInSent sends through a real Postfix and wants the very bytes, once, among the sent mail of a real Dovecot: at
// once; and of a mail whose copy was not possible, after the server was stopped and started anew and somebody mended it.
func TestCopiesInSent(t *testing.T) {
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}
			c := &copies{&reading{newJourney(t, s, testmail.NewPostfix(t))}}
			c.save("", store.CopyAutomatic)
			stop := c.start()
			c.connect()
			c.same(1)
			c.save("Nowhere", store.CopyAlways)
			c.complete("phone_call", "connected")
			c.sendByHand("Here is our offer.", "")
			c.finished()
			c.until("trouble on the mailbox", func() bool { return strings.Contains(c.box().CopyError, "no folder Nowhere") })
			stop()
			again, err := build(c.ctx, blueprint{site: s, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
			c.must(err)
			t.Cleanup(func() { _ = again.db.Close() })
			c.house = again
			c.save("", store.CopyAutomatic)
			stop = c.start()
			c.same(2)
			c.until("no trouble", func() bool { return c.box().CopyError == "" && c.owed() == 0 })

			// Who wants no copies gets none.
			c.save("", store.CopyNever)
			c.lead = c.connectLead(testmail.Buyer)
			c.inbox(3)
			c.await("phone_call")
			if n := c.owed(); n != 0 {
				t.Errorf("%d copies are owed where none are wanted", n)
			}
			stop()
			c.same(2)
		})
	}
}

type copies struct{ *reading }

// save changes the folder of sent mail and the choice.
func (c *copies) save(folder string, choice store.SentCopy) {
	c.t.Helper()
	host, port, err := net.SplitHostPort(c.postfix.IMAPAddr)
	c.must(err)
	number, err := strconv.Atoi(port)
	c.must(err)
	box := c.box()
	_, err = c.house.app.SaveMailbox(c.ctx, access.System(), action.MailboxInput{
		User: c.anna.ID, Address: box.Address, SenderName: box.SenderName, Host: box.Host, Port: box.Port, Security: box.Security,
		Username: box.Username, Password: testmail.Password(testmail.Anna), Signature: box.Signature, Rev: box.Rev,
		IMAPHost: host, IMAPPort: number, IMAPSecurity: store.NoTLS, SentFolder: folder, CopySent: choice,
	})
	c.must(err)
}

func (c *copies) box() store.Mailbox {
	c.t.Helper()
	box, err := c.house.app.GetMailbox(c.ctx, access.System(), c.anna.ID)
	c.must(err)
	return box
}

func (c *copies) owed() (n int) {
	c.t.Helper()
	box := c.box()
	c.must(c.house.db.Read(c.ctx, func(tx *store.Tx) (err error) {
		n, err = tx.CopiesOwed(box.ID)
		return err
	}))
	return n
}

// start runs the loops until stop.
func (c *copies) start() (stop func()) {
	ctx, cancel := context.WithCancel(c.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.house.run(ctx)
	}()
	stop = func() { cancel(); <-done }
	c.t.Cleanup(stop)
	return stop
}

// same wants exactly n copies, read and each the end of what the buyer got: what stands before are the marks of the way.
func (c *copies) same(n int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute)
	defer cancel()
	kept, err := c.postfix.Folder(ctx, testmail.Anna, "Sent", n)
	c.must(err)
	if len(kept) != n {
		c.t.Fatalf("%d copies, want %d", len(kept), n)
	}
	got := c.inbox(n)
	for i, k := range kept {
		if !bytes.HasSuffix(got[i].Raw, k.Raw) {
			c.t.Errorf("the copy is\n%s\nwhat the buyer got\n%s", k.Raw, got[i].Raw)
		}
	}
	client, err := imapclient.DialInsecure(c.postfix.IMAPAddr, nil)
	c.must(err)
	defer func() { _ = client.Close() }()
	c.must(client.Login(testmail.Anna, testmail.Password(testmail.Anna)).Wait())
	st, err := client.Status("Sent", &imap.StatusOptions{NumUnseen: true}).Wait()
	c.must(err)
	if *st.NumUnseen != 0 {
		c.t.Errorf("%d copies are not marked as read", *st.NumUnseen)
	}
}
