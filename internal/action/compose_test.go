package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

func TestComposeDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("w", "intro")))
		h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole", "company", "<Acme>"))
		act := h.work(h.anna)
		d, err := h.app.ComposeDraft(h.ctx, h.bob, act.ID, "", "")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "filled", fmt.Sprintf("%+v", d), `{To:cara@customer.test CC: Subject:Hello Cara HTML:<p>News for &lt;Acme&gt;</p> BCC: Follow:true Unfollowed: Missing:[] Template:intro Files:[] Thread: Before:[] `+
			fmt.Sprintf("Reply:%+v", store.Received{})+` From:anna@example.com Signature:Best regards`+"\n"+`Anna Unsigned:false At:0001-01-01 00:00:00 +0000 UTC Gaps:[] EmptyFields:false Rev:0 KeptAt:0001-01-01 00:00:00 +0000 UTC Warning:}`)
		d, err = h.app.ComposeDraft(h.ctx, h.anna, act.ID, "deal", "")
		same(t, "another template", fmt.Sprint(d.Subject, d.Missing, err), "Your deal[close_date] <nil>")
		_, err = h.app.ComposeDraft(h.ctx, h.anna, act.ID, "nothing", "")
		refused(t, "unknown template", err, fault.NotFound, "template")

		for _, c := range []struct {
			values record.Values
			owner  ident.User
			want   string
		}{
			{record.Values{"last_name": "A", "email": "a@b.test", "do_not_email": "true"}, h.anna.ID, "must not be emailed"},
			{record.Values{"last_name": "B"}, h.anna.ID, "no email address"},
			{record.Values{"last_name": "C", "email": "a@b.test"}, h.bob.ID, "Bob Stone has no mailbox"},
		} {
			rec := h.record(record.Lead, c.owner, c.values)
			act, err := h.app.CreateActivity(h.ctx, h.admin, NewActivity{Record: rec, Kind: "email", Name: "Write", Assignee: c.owner})
			if err != nil {
				t.Fatal(err)
			}
			d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
			if err != nil || !strings.Contains(d.Warning, c.want) {
				t.Errorf("%v: warning %q, %v; want %q", c.values, d.Warning, err, c.want)
			}
			_, err = h.app.SendEmail(h.ctx, h.admin, act.ID, Draft{To: d.To, Subject: "S", HTML: "<p>x</p>"})
			if c.values["email"] == "" {
				refused(t, "send without an address", err, fault.Invalid, "to:")
			} else {
				refused(t, "send all the same", err, fault.Conflict, c.want)
			}
		}
		call, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: act.Record, Kind: "phone_call", Name: "Ring"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.app.ComposeDraft(h.ctx, h.anna, call.ID, "", "")
		refused(t, "a call", err, fault.Conflict, "no email")
	})
}

func TestSendEmail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("w", "intro"), task("b")))
		e := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		good := Draft{
			To: "Cara Cole <cara@Customer.test>", CC: "boss@customer.test, Team <team@customer.test>", BCC: "Crm <log@home.test>", Subject: " Hello\n Cara ",
			HTML: `<p onclick="x()">News</p>`, Template: "intro",
		}
		for _, c := range []struct {
			change func(*Draft)
			field  string
		}{
			{func(d *Draft) { d.To = "nobody" }, "to"},
			{func(d *Draft) { d.To = "a@b.test, c@d.test" }, "to"},
			{func(d *Draft) { d.CC = "a@b.test, x" }, "cc"},
			{func(d *Draft) { d.CC = strings.Repeat("a@b.test,", 21) }, "cc"},
			{func(d *Draft) { d.BCC = "log@home.test, y" }, "bcc"},
			{func(d *Draft) { d.Subject = " \n" }, "subject"},
			{func(d *Draft) { d.Subject = strings.Repeat("s", 1001) }, "subject"},
			{func(d *Draft) { d.Subject = "Hi {{ frist_name }}" }, "subject"},
			{func(d *Draft) { d.HTML = "<p> </p>" }, "html"},
			{func(d *Draft) { d.HTML = "<p>Hi {{ city }}</p>" }, "html"},
			{func(d *Draft) { d.HTML = strings.Repeat("<p>x</p>", 140_000) }, "html"},
		} {
			d := good
			c.change(&d)
			_, err := h.app.SendEmail(h.ctx, h.anna, act.ID, d)
			problems := fault.ProblemsOf(err)
			if len(problems) != 1 || problems[0].Field != c.field {
				t.Errorf("%.60v: got %v, want a problem of %s", d, err, c.field)
			}
		}
		_, err := h.app.SendEmail(h.ctx, h.bob, act.ID, good)
		refused(t, "another's", err, fault.Forbidden)

		m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, good)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "queued", fmt.Sprint(m.State, "|", m.Recipient, "|", m.CC, "|", m.BCC, "|", m.Subject, "|", m.HTML, "|", m.Text, "|", m.Sender, "|", m.Template),
			"queued|cara@customer.test|boss@customer.test, team@customer.test|log@home.test|Hello Cara|<p>News</p>\n<p>Best regards<br>Anna</p>|News\n\nBest regards\nAnna|anna@example.com|intro")
		if !strings.HasSuffix(m.RFCID, "@example.com") {
			t.Errorf("the Message-ID is %s", m.RFCID)
		}
		same(t, "sending", h.work(h.anna).State, store.ActivitySending)
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, good)
		refused(t, "twice", err, fault.Conflict, "is being sent")

		t.Log("a refused mail opens the activity again; the next attempt has another id")
		h.deliver(store.Rejected, "Mailbox full.")
		again := h.work(h.anna)
		same(t, "open again", fmt.Sprint(again.State, again.Trouble), "openMailbox full.")
		next, err := h.app.SendEmail(h.ctx, h.anna, act.ID, good)
		if err != nil || next.RFCID == m.RFCID {
			t.Fatalf("second attempt: %s after %s, %v", next.RFCID, m.RFCID, err)
		}
		h.deliver(store.Delivered, "")
		same(t, "sent, and the flow goes on", h.enrollment(e), "active b person")
		done, err := h.app.GetActivity(h.ctx, h.anna, act.ID)
		same(t, "completed", fmt.Sprint(done.State, done.Message == next.ID, err), "completed true <nil>")
	})
}

func TestEmailOfEndedSequence(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", write("w", ""), task("b")))
		send := func(first string) (ident.Enrollment, store.Activity, ident.Message) {
			t.Helper()
			e := h.connect(h.anna, id, h.lead(h.anna, first, "Cole"))
			act := h.work(h.anna)
			m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "Hello", HTML: "<p>x</p>"})
			if err != nil {
				t.Fatal(err)
			}
			return e, act, m.ID
		}
		e, _, m := send("Cara")
		if _, _, err := h.app.Disconnect(h.ctx, h.anna, []ident.Enrollment{e}); err != nil {
			t.Fatal(err)
		}
		same(t, "messages that went out", h.deliver(store.Delivered, ""), 0)
		got, err := h.app.GetMessage(h.ctx, h.anna, m)
		same(t, "the mail of a record that was taken off", fmt.Sprint(got.State, err), "withdrawn <nil>")

		e, act, m := send("Dora")
		h.deliver(store.Unknown, "The connection broke off.")
		_, err = h.app.Complete(h.ctx, h.anna, act.ID, Done{})
		refused(t, "unknown fate", err, fault.Conflict, "Nobody knows")
		if _, err := h.app.SettleMessage(h.ctx, h.anna, m, true); err != nil {
			t.Fatal(err)
		}
		h.pass(0)
		same(t, "settled", h.enrollment(e), "active b person")
	})
}

func TestSettleMessage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", mail("m", "intro"), task("b")))
		first := h.connect(h.anna, id, h.lead(h.anna, "Cara", "Cole"))
		second := h.connect(h.anna, id, h.lead(h.anna, "Dora", "Dale"))
		h.deliver(store.Unknown, "The connection broke off.")
		page, err := h.app.ListMessages(h.ctx, h.bob, store.MessageQuery{State: store.MessageUnknown})
		if err != nil || len(page.Rows) != 2 {
			t.Fatalf("unknown messages: %v, %v", page.Rows, err)
		}
		counts, err := h.app.MessageCounts(h.ctx, h.bob)
		same(t, "counts", fmt.Sprint(counts[store.MessageUnknown], counts[store.MessageSent], err), "2 0 <nil>")
		dora, cara := page.Rows[0], page.Rows[1]
		_, err = h.app.SettleMessage(h.ctx, h.bob, cara.ID, true)
		refused(t, "another's", err, fault.Forbidden)
		m, err := h.app.SettleMessage(h.ctx, h.anna, cara.ID, true)
		same(t, "sent", fmt.Sprint(m.State, err), "sent <nil>")
		m, err = h.app.SettleMessage(h.ctx, h.admin, dora.ID, false)
		same(t, "again", fmt.Sprint(m.State, err), "queued <nil>")
		_, err = h.app.SettleMessage(h.ctx, h.anna, cara.ID, false)
		refused(t, "settled", err, fault.Conflict, "is sent")
		h.pass(0)
		same(t, "the first went on", h.enrollment(first), "active b person")
		same(t, "the second waits", h.enrollment(second), "active m mail")
		h.deliver(store.Delivered, "")
		same(t, "the second went on", h.enrollment(second), "active b person")
		for search, want := range map[string]int{"CARA": 1, "nobody": 0} {
			page, err := h.app.ListMessages(h.ctx, h.bob, store.MessageQuery{Search: search, Limit: 1})
			if err != nil || len(page.Rows) != want {
				t.Errorf("search %s: %d rows, %v", search, len(page.Rows), err)
			}
		}
		_, err = h.app.GetMessage(h.ctx, h.bob, 999)
		refused(t, "unknown id", err, fault.NotFound)
	})
}

func TestUpNext(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.active(h.manager, define("Trial", pause("p", "2d"), mail("m", "intro"), call("c"), pause("q", "1h"), task("t")))
		rec := h.lead(h.anna, "Cara", "Cole")
		e := h.connect(h.anna, id, rec)
		track := func() Track {
			t.Helper()
			view, err := h.app.UpNext(h.ctx, h.bob, rec)
			if err != nil || len(view.Tracks) != 1 {
				t.Fatalf("%d tracks, %v", len(view.Tracks), err)
			}
			return view.Tracks[0]
		}
		check := func(want string) {
			t.Helper()
			x := track()
			activity, message := "", ""
			if x.Activity != nil {
				activity = x.Activity.Name
			}
			if x.Message != nil {
				message = x.Message.State.String()
			}
			same(t, "up next", fmt.Sprintf("%d/%d %s|%s|%s|%s|up %d done %d", x.Position, x.Total, x.Current.ID, x.Waiting, activity, message, len(x.Upcoming), len(x.Done)), want)
		}
		check(`1/5 p|Waits 2 days, then sends the email "Mail m".|||up 4 done 0`)
		same(t, "until", track().Until, h.db.Now().Add(48*time.Hour))
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		check(`1/5 p|Paused by Anna Berg until somebody resumes it.|||up 4 done 0`)
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, e); err != nil {
			t.Fatal(err)
		}
		h.pass(48 * time.Hour)
		check(`2/5 m|The email is about to be sent.||queued|up 3 done 1`)
		_, _, err := h.db.ClaimMail(h.ctx, "test", 1, func(_ *store.MailCandidate, now time.Time) store.Verdict {
			return store.Verdict{Kind: store.Later, Reason: "The mailbox of Anna Berg is paused.", At: now.Add(time.Hour)}
		})
		if err != nil {
			t.Fatal(err)
		}
		check(`2/5 m|The email waits: The mailbox of Anna Berg is paused.||queued|up 3 done 1`)
		same(t, "until", track().Until, h.db.Now().Add(time.Hour))
		h.later(time.Hour)
		h.deliver(store.Unknown, "")
		check(`2/5 m|Nobody knows whether the email was sent. Open the message and say what became of it.||unknown|up 3 done 1`)
		if _, err := h.app.SettleMessage(h.ctx, h.anna, *messageOf(track()), true); err != nil {
			t.Fatal(err)
		}
		h.pass(0)
		check(`3/5 c||Call c||up 2 done 2`)
		if _, err := h.app.Complete(h.ctx, h.anna, track().Activity.ID, Done{Outcome: "busy"}); err != nil {
			t.Fatal(err)
		}
		check(`4/5 q|Waits 1 hour, then the task "Task t" is due.|||up 1 done 3`)
		if _, err := h.app.Deactivate(h.ctx, h.manager, id, PauseRecords); err != nil {
			t.Fatal(err)
		}
		check(`4/5 q|Paused until the sequence is activated again.|||up 1 done 3`)

		if _, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "By hand"}); err != nil {
			t.Fatal(err)
		}
		view, err := h.app.UpNext(h.ctx, h.bob, rec)
		same(t, "by hand", fmt.Sprint(len(view.Manual), err), "1 <nil>")
		_, err = h.app.UpNext(h.ctx, h.bob, 999)
		refused(t, "unknown record", err, fault.NotFound)
	})
}

func messageOf(t Track) *ident.Message {
	if t.Message == nil {
		return new(ident.Message)
	}
	return &t.Message.ID
}

func TestTimeline(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		next := h.active(h.manager, define("Nurture", task("only")))
		id := h.active(h.manager, define("Trial", mail("m", "intro"), pause("p", "2d"), call("c"), write("w", "intro"), advance("a", "Nurture")))
		rec := h.lead(h.anna, "Cara", "Cole")
		h.connect(h.anna, id, rec)
		h.later(time.Minute)
		h.deliver(store.Rejected, "Unknown user.")
		h.later(time.Minute)
		if _, err := h.app.Retry(h.ctx, h.anna, h.work(h.anna).ID); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		h.deliver(store.Delivered, "")
		h.pass(48 * time.Hour)
		if _, err := h.app.Complete(h.ctx, h.anna, h.work(h.anna).ID, Done{Outcome: "left_voicemail", Note: "Called twice", Duration: 75}); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		if _, err := h.app.AddNote(h.ctx, h.bob, rec, "Likes tea"); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		if _, err := h.app.SendEmail(h.ctx, h.anna, h.work(h.anna).ID, Draft{To: "cara@customer.test", Subject: "Hello", HTML: "<p>x</p>"}); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		h.deliver(store.Delivered, "")
		h.later(time.Minute)
		if _, err := h.app.SkipActivity(h.ctx, h.anna, h.work(h.anna).ID, "Not now"); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		byHand, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "task", Name: "Send a card"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.Complete(h.ctx, h.anna, byHand.ID, Done{}); err != nil {
			t.Fatal(err)
		}
		entries, err := h.app.Timeline(h.ctx, h.bob, rec, 0)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range entries {
			mark := ""
			if e.Message != 0 {
				mark += " +mail"
			}
			if e.Trouble {
				mark += " !"
			}
			lines = append(lines, fmt.Sprintf("%s: %s [%s] %s%s", e.Kind, e.Title, e.Detail, e.By, mark))
		}
		same(t, "timeline", strings.Join(lines, "\n"), strings.Join([]string{
			"task: Task Send a card completed [] Anna Berg",
			"exit: Completed Nurture [] Anna Berg",
			"task: Task Task only skipped [Not now] Anna Berg",
			"connected: Connected to Nurture, version 1 [] ",
			"advance: Advanced to Nurture [] ",
			"email: Email Write w sent from anna@example.com [] Anna Berg +mail",
			"note: Note [Likes tea] Bob Stone",
			"phone_call: Call Call c: left voicemail (1:15 min) [Called twice] Anna Berg",
			"wait: Waited 2 days [] ",
			"automated_email: Email Mail m sent from anna@example.com []  +mail",
			"automated_email: Email Mail m is tried again [] Anna Berg",
			"automated_email: Email Mail m did not work and was handed to a person [Unknown user.]  +mail !",
			"connected: Connected to Trial, version 1 [] Anna Berg",
		}, "\n"))
		few, err := h.app.Timeline(h.ctx, h.bob, rec, 2)
		same(t, "limit", fmt.Sprint(len(few), few[0].Title, err), "2Task Send a card completed<nil>")

		t.Log("mail that failed for an activity, and nothing else, is told as such")
		act, err := h.app.CreateActivity(h.ctx, h.anna, NewActivity{Record: rec, Kind: "email", Name: "Ask"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "Question", HTML: "<p>x</p>"}); err != nil {
			t.Fatal(err)
		}
		h.later(time.Minute)
		h.deliver(store.Rejected, "Blocked.")
		few, err = h.app.Timeline(h.ctx, h.bob, rec, 1)
		same(t, "failed mail", fmt.Sprint(few[0].Title, few[0].Detail, few[0].Trouble, err), "Email Question was not sentBlocked.true <nil>")
		same(t, "in the sequence", h.view(next).Connected, 0)
	})
}
