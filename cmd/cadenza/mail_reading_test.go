//go:build mail

package main

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// TestMailIsRead answers, bounces and complains through a real Postfix and Dovecot, on each database.
func TestMailIsRead(t *testing.T) {
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			postfix := testmail.NewPostfix(t) // each its own: two new databases give the same Message-IDs
			dir := t.TempDir()
			r := &reading{journey: newJourney(t, site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, postfix)}
			r.prepare()
			cases := []readCase{
				{name: "reply", class: message.HumanReply, exit: step.ExitReplied, mail: r.answer("Marta Lindqvist <" + testmail.Buyer + ">")},
				{name: "reply from an alias", class: message.HumanReply, exit: step.ExitReplied, mail: r.answer("Marta Lindqvist <marta@home.test>")},
				{name: "reply from a colleague", class: message.HumanReply, exit: step.ExitReplied, colleague: true, mail: r.answer("Ola Nordmann <ola@buyer.test>")},
				{name: "automatic reply", class: message.AutomaticReply, mail: r.answer("Marta Lindqvist <"+testmail.Buyer+">", "Auto-Submitted: auto-replied")},
				{name: "hard bounce", class: message.HardBounce, exit: step.ExitBounced, to: "nobody@buyer.test"},
				{name: "hard bounce in UTF-8", class: message.HardBounce, exit: step.ExitBounced, to: "jörg@buyer.test"},
				{name: "soft bounce: full", class: message.SoftBounce, to: testmail.Full},
				{name: "soft bounce: full for now", class: message.SoftBounce, to: testmail.Crammed},
				{name: "complaint", class: message.Complaint, exit: step.ExitOptedOut, to: testmail.Bob, mail: r.report("feedback-report", "message/feedback-report", "Feedback-Type: abuse\nVersion: 1\n")},
			}
			for i := range cases {
				cases[i].lead = r.connectLead(cases[i].to)
			}
			r.serve()
			for _, c := range cases {
				r.check(c)
			}
		})
	}
}

// readCase is a mail that comes in and what it leads to. Without mail the servers write it themselves.
type readCase struct {
	name      string
	to        string
	mail      func(store.Message) string
	class     message.Class
	exit      step.Exit
	colleague bool
	lead      ident.Record
}

type reading struct{ *journey }

// prepare lets the seller's mailbox be read and makes a sequence of three mails that follow one another at once.
func (r *reading) prepare() {
	r.t.Helper()
	host, port, err := net.SplitHostPort(r.postfix.IMAPAddr)
	r.must(err)
	number, err := strconv.Atoi(port)
	r.must(err)
	box, err := r.house.app.GetMailbox(r.ctx, access.System(), r.anna.ID)
	r.must(err)
	_, err = r.house.app.SaveMailbox(r.ctx, access.System(), action.MailboxInput{
		User: r.anna.ID, Address: box.Address, SenderName: box.SenderName, Host: box.Host, Port: box.Port, Security: box.Security,
		Username: box.Username, Password: testmail.Password(testmail.Anna), IMAPHost: host, IMAPPort: number, IMAPSecurity: store.NoTLS, Rev: box.Rev,
	})
	r.must(err)
	options := flow.DefaultOptions()
	options.ExitOnReply = true
	mail := func(id string) step.Step {
		return step.Step{ID: id, Type: "automated_email", Name: id, Config: step.Config{"template": "intro"}}
	}
	applied, err := r.house.app.ApplySequence(r.ctx, access.System(), flow.Sequence{Name: "Three mails", Record: record.Lead, Options: options, Steps: []step.Step{
		mail("one"), mail("two"), mail("three"), {ID: "rest", Type: "wait", Config: step.Config{"for": "20d"}}, mail("last"),
	}}, false)
	r.must(err)
	r.seq = applied.Sequence.ID
	_, err = r.house.app.Activate(r.ctx, access.System(), r.seq, action.ActivateInput{Rev: applied.Sequence.DraftRev})
	r.must(err)
}

func (r *reading) connectLead(to string) ident.Record {
	r.t.Helper()
	if to == "" {
		to = testmail.Buyer
	}
	lead, err := r.house.app.CreateRecord(r.ctx, access.System(), action.RecordInput{
		Kind: record.Lead, Owner: r.anna.ID, Values: record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": to},
	})
	r.must(err)
	r.lead = lead.ID
	r.connect()
	return lead.ID
}

// answer writes what a mail program would to a mail of ours that is in the buyer's inbox: all that it knows is what arrived.
func (r *reading) answer(from string, fields ...string) func(store.Message) string {
	return func(m store.Message) string {
		r.t.Helper()
		var in message.Incoming
		r.until("mail "+m.RFCID+" in the buyer's inbox", func() bool {
			all := r.inbox(1)
			i := slices.IndexFunc(all, func(a testmail.Message) bool { return a.MessageID == m.RFCID })
			if i < 0 {
				return false
			}
			var err error
			in, err = message.Parse(all[i].Raw)
			r.must(err)
			return true
		})
		quoted := "> " + strings.ReplaceAll(strings.TrimSpace(in.Text), "\n", "\n> ")
		return fmt.Sprintf("From: %s\nTo: %s\nSubject: Re: %s\nMessage-ID: <%s@buyer.test>\nIn-Reply-To: <%s>\nReferences: <%[5]s>\n%[6]s\nThursday at ten.\n\n%s\n",
			from, in.From.Email, in.Subject, m.ID, in.MessageID, strings.Join(append(fields, ""), "\n"), quoted)
	}
}

// report makes a report about one of our mails.
func (r *reading) report(kind, part, fields string) func(store.Message) string {
	return func(m store.Message) string {
		return fmt.Sprintf("From: MAILER-DAEMON@buyer.test\nTo: %s\nSubject: About your mail\nMessage-ID: <%s@buyer.test>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/report; report-type=%s; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee below.\n--b\nContent-Type: %s\n\nReporting-MTA: dns; mx.buyer.test\n\n%s\n"+
			"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n--b--\n", testmail.Anna, m.ID, kind, part, fields, m.RFCID)
	}
}

// check plays one case: three mails go out, the first of them is answered, and what comes of it is looked at.
func (r *reading) check(c readCase) {
	r.t.Helper()
	var first store.Message
	mails := 3
	if c.mail == nil {
		mails = 1 // it comes back before, or after, the others have gone out
	}
	r.until(c.name+": mails sent", func() bool {
		page, err := r.house.app.ListMessages(r.ctx, access.System(), store.MessageQuery{Record: c.lead})
		r.must(err)
		sent := 0
		for _, m := range page.Rows { // newest first
			if m.State == store.MessageSent {
				sent, first = sent+1, m
			}
		}
		return sent >= mails
	})
	begin := time.Now()
	if c.mail != nil {
		r.postfix.Deliver(r.t, "marta@buyer.test", []string{testmail.Anna}, c.mail(first))
		begin = time.Now()
	}
	var got store.Received
	r.until(c.name+": received", func() bool {
		page, err := r.house.app.ListReceived(r.ctx, access.System(), store.ReceivedQuery{Record: c.lead})
		r.must(err)
		if len(page.Rows) == 0 {
			return false
		}
		got = page.Rows[len(page.Rows)-1]
		return true
	})
	if got.Class != c.class || got.Colleague != c.colleague || (c.mail != nil && got.Message != first.ID) {
		r.t.Errorf("%s: got %s of %s, colleague %v (%s), want %s of %s", c.name, got.Class, got.Message, got.Colleague, got.Detail, c.class, first.ID)
	}
	r.until(c.name+": exit "+string(c.exit), func() bool {
		page, err := r.house.app.ListEnrollments(r.ctx, access.System(), store.EnrollmentQuery{Record: c.lead})
		r.must(err)
		return page.Rows[0].State.Exit == c.exit
	})
	r.t.Logf("%-22s from its delivery to the mailbox until all was done: %v", c.name, time.Since(begin).Round(time.Millisecond))
}

// until waits for something of the server beside.
func (r *reading) until(what string, done func() bool) {
	r.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-limit.C:
			box, _ := r.house.app.GetMailbox(r.ctx, access.System(), r.anna.ID)
			r.t.Fatalf("%s: not in time; reading: %q, %+v; messages: %s", what, box.ReadError, r.house.reads.Figures(), r.messages())
		}
	}
}

// messages tells how the mails of all stand.
func (r *reading) messages() string {
	page, err := r.house.app.ListMessages(r.ctx, access.System(), store.MessageQuery{})
	r.must(err)
	var b strings.Builder
	for _, m := range page.Rows {
		fmt.Fprintf(&b, "%s %s %s; ", m.Token.Step, m.State, m.Reason)
	}
	return b.String()
}
