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

// TestMailEndToEnd runs a sequence through a real Postfix into a real Dovecot mailbox, on each database: an automated
// email, a call, an email that the seller edits, and the end.
func TestMailEndToEnd(t *testing.T) {
	postfix := testmail.NewPostfix(t)
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}
			j := newJourney(t, s, postfix)
			before, unseen := len(j.inbox(0)), len(postfix.Messages(t, testmail.Bob, 0))
			j.serve()
			j.connect()
			first := j.inbox(before + 1)[before]
			j.check(first, "Hello Marta", "Dear Marta & colleagues")

			j.complete("phone_call", "connected")
			j.sendByHand("As we said on the phone", testmail.Bob)
			second := j.inbox(before + 2)[before+1]
			j.check(second, "Our offer", "As we said on the phone")
			// Nobody said under which address people outside reach this server, so the file goes along itself.
			if in, err := message.Parse([]byte(second.Raw)); err != nil || len(in.Attachments) != 1 || in.Attachments[0].Name != "Größe.pdf" || !bytes.HasPrefix(in.Attachments[0].Data, []byte("%PDF-")) {
				t.Errorf("attached is %v, %v", in.Attachments, err)
			}
			blind := postfix.Messages(t, testmail.Bob, unseen+1)[unseen]
			if blind.MessageID != second.MessageID || bytes.Contains(second.Raw, []byte(testmail.Bob)) || blind.Header("Bcc") != "" {
				t.Errorf("the blind copy is %s of %s, or somebody can read who got it", blind.MessageID, second.MessageID)
			}
			j.finished()
		})
	}
}

// TestMailRefusedPassword wants a wrong password to hold the mail with the reason, and the right one to let it go.
func TestMailRefusedPassword(t *testing.T) {
	postfix := testmail.NewPostfix(t)
	dir := t.TempDir()
	s := site{database: database{DB: "sqlite:" + filepath.Join(dir, "test.db")}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}
	j := newJourney(t, s, postfix)
	j.mailbox("wrong password")
	box, err := j.house.app.TestMailbox(j.ctx, access.System(), j.anna.ID)
	if err != nil || !strings.Contains(box.CheckError, "refused user name and password") {
		t.Errorf("testing the mailbox gave %v and %q", err, box.CheckError)
	}
	j.serve()
	j.connect()
	r := &reading{journey: j}
	queued := func() store.Message {
		page, err := j.house.app.ListMessages(j.ctx, access.System(), store.MessageQuery{})
		j.must(err)
		if len(page.Rows) == 0 {
			return store.Message{}
		}
		return page.Rows[len(page.Rows)-1]
	}
	r.until("the mail held", func() bool { return queued().Blocker == store.BlockShutOut })
	if m := queued(); m.State != store.MessageQueued || m.Attempts != 0 || !strings.Contains(m.Reason, "refused user name and password") {
		t.Errorf("the mail is %s after %d attempts: %q", m.State, m.Attempts, m.Reason)
	}
	j.mailbox(testmail.Password(testmail.Anna))
	r.until("the mail sent", func() bool { return queued().State == store.MessageSent })
	if in := j.inbox(1); len(in) != 1 {
		t.Errorf("the buyer has %d mails, want 1", len(in))
	}
}

type journey struct {
	t       *testing.T
	ctx     context.Context
	house   *house
	postfix *testmail.Postfix
	anna    store.User
	lead    ident.Record
	seq     ident.Sequence
}

func newJourney(t *testing.T, s site, postfix *testmail.Postfix) *journey {
	t.Helper()
	ctx := context.Background()
	h, err := build(ctx, blueprint{site: s, log: quiet, cost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
	j := &journey{t: t, ctx: ctx, house: h, postfix: postfix}
	j.must(err)
	t.Cleanup(func() { _ = h.db.Close() })
	_, err = h.db.Migrate(ctx)
	j.must(err)
	j.anna, err = h.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Anna Berg", Email: testmail.Anna, Password: "a long password", Zone: "UTC", Role: access.Admin})
	j.must(err)
	j.mailbox(testmail.Password(testmail.Anna))
	for _, in := range []action.TemplateInput{
		{Key: "intro", Name: "Intro", Subject: "Hello {{ first_name }}", HTML: "<p>Dear {{ first_name }} &amp; colleagues</p>"},
		{Key: "offer", Name: "Offer", Subject: "Our offer", HTML: "<p>Here it is.</p>"},
	} {
		_, err = h.app.CreateTemplate(ctx, access.System(), in)
		j.must(err)
	}
	applied, err := h.app.ApplySequence(ctx, access.System(), flow.Sequence{Name: "Mail", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
		{ID: "intro", Type: "automated_email", Name: "Introduction", Config: step.Config{"template": "intro"}},
		{ID: "call", Type: "phone_call", Name: "First call", Config: step.Config{}},
		{ID: "offer", Type: "email", Name: "Send the offer", Config: step.Config{"template": "offer"}},
	}}, false)
	j.must(err)
	j.seq = applied.Sequence.ID
	_, err = h.app.Activate(ctx, access.System(), j.seq, action.ActivateInput{Rev: applied.Sequence.DraftRev})
	j.must(err)
	lead, err := h.app.CreateRecord(ctx, access.System(), action.RecordInput{
		Kind: record.Lead, Owner: j.anna.ID,
		Values: record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": testmail.Buyer},
	})
	j.must(err)
	j.lead = lead.ID
	return j
}

// serve runs the whole server in this process until the test ends.
func (j *journey) serve() {
	j.t.Helper()
	listener, err := listen("127.0.0.1:0")
	j.must(err)
	ctx, stop := context.WithCancel(j.ctx)
	done := make(chan error, 1)
	go func() {
		done <- j.house.serve(ctx, listener, j.house.handler("http://"+listener.Addr().String(), nil))
	}()
	j.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			j.t.Errorf("the server ended with %v", err)
		}
	})
}

func (j *journey) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

func (j *journey) mailbox(password string) {
	j.t.Helper()
	host, port, err := net.SplitHostPort(j.postfix.SubmissionAddr)
	j.must(err)
	number, err := strconv.Atoi(port)
	j.must(err)
	in := action.MailboxInput{
		User: j.anna.ID, Address: testmail.Anna, SenderName: "Anna Berg", Host: host, Port: number, Security: store.NoTLS,
		Username: testmail.Anna, Password: password, Signature: "Anna Berg\nCadenza",
	}
	if old, err := j.house.app.GetMailbox(j.ctx, access.System(), j.anna.ID); err == nil {
		in.Rev = old.Rev
	}
	_, err = j.house.app.SaveMailbox(j.ctx, access.System(), in)
	j.must(err)
}

func (j *journey) connect() {
	j.t.Helper()
	result, err := j.house.app.Connect(j.ctx, access.System(), j.seq, []ident.Record{j.lead}, false)
	j.must(err)
	if len(result.Connected) != 1 {
		j.t.Fatalf("not connected: %+v", result.Refused)
	}
}

func (j *journey) inbox(n int) []testmail.Message {
	j.t.Helper()
	return j.postfix.Messages(j.t, testmail.Buyer, n)
}

// check reads the delivered message and compares it with what the database says was sent.
func (j *journey) check(m testmail.Message, subject, text string) {
	j.t.Helper()
	in, err := message.Parse([]byte(m.Raw))
	j.must(err)
	if in.Subject != subject || in.From.Email != testmail.Anna || in.From.Name != "Anna Berg" {
		j.t.Errorf("got %q from %v, want %q", in.Subject, in.From, subject)
	}
	if !strings.Contains(in.Text, text) || !strings.Contains(in.HTML, "<p>") || !strings.Contains(in.Text, "Cadenza") {
		j.t.Errorf("the text is %q and the HTML %q, want %q and the signature in both", in.Text, in.HTML, text)
	}
	page, err := j.house.app.ListMessages(j.ctx, access.System(), store.MessageQuery{Record: j.lead})
	j.must(err)
	for _, row := range page.Rows {
		if row.RFCID == in.MessageID {
			return
		}
	}
	j.t.Errorf("the database knows no message %s", in.MessageID)
}

// await gives the open activity of a kind, once there is one.
func (j *journey) await(kind string) store.Activity {
	j.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		page, err := j.house.app.WorkList(j.ctx, access.System(), store.WorkQuery{Assignee: j.anna.ID, Later: true})
		j.must(err)
		for _, a := range page.Rows {
			if a.Kind == kind && a.State == store.ActivityOpen {
				return a
			}
		}
		select {
		case <-ticker.C:
		case <-limit.C:
			j.t.Fatalf("no %s appeared on the work list within a minute", kind)
		}
	}
}

func (j *journey) complete(kind, outcome string) {
	j.t.Helper()
	_, err := j.house.app.Complete(j.ctx, access.System(), j.await(kind).ID, action.Done{Outcome: outcome, Note: "Went well."})
	j.must(err)
}

// sendByHand sends the draft of the step's template with one more sentence, as the composer does.
func (j *journey) sendByHand(sentence, bcc string) {
	j.t.Helper()
	a := j.await("email")
	actor := actorOf(j.anna)
	draft, err := j.house.app.ComposeDraft(j.ctx, actor, a.ID, "", "")
	j.must(err)
	f, err := j.house.app.UploadFile(j.ctx, actor, "Größe.pdf", bytes.NewReader(samplePDF("Offer")))
	j.must(err)
	draft.Files, draft.BCC = []ident.File{f.ID}, bcc
	draft.HTML = "<p>" + sentence + "</p>" + draft.HTML
	_, err = j.house.app.SendEmail(j.ctx, actor, a.ID, draft)
	j.must(err)
}

func (j *journey) finished() {
	j.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		page, err := j.house.app.ListEnrollments(j.ctx, access.System(), store.EnrollmentQuery{Record: j.lead})
		j.must(err)
		if st := page.Rows[0].State; st.Status == flow.Finished {
			if st.Exit != step.ExitCompleted {
				j.t.Errorf("the exit is %s", st.Exit)
			}
			return
		}
		select {
		case <-ticker.C:
		case <-limit.C:
			j.t.Fatalf("the enrollment did not finish within a minute: %+v", page.Rows[0].State)
		}
	}
}
