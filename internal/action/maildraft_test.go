package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

func TestKeepDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.connect(h.anna, h.active(h.manager, define("Trial", write("w", "intro"))), h.lead(h.anna, "Cara", "Cole"))
		act := h.work(h.anna)
		_, err := h.app.KeptMailDraft(h.ctx, h.anna, act.ID)
		refused(t, "nothing kept", err, fault.NotFound, "no draft")
		d, err := h.app.OpenMailDraft(h.ctx, h.anna, act.ID)
		same(t, "begun from the template", fmt.Sprint(d.Subject, d.Rev, err), "Hello Cara0 <nil>")

		typed := Draft{To: "cara@cust", CC: "boss@", BCC: "log@", Subject: "日本", HTML: `<p onclick="x">Half {{ ci</p>`, Unsigned: true, Follow: true, Template: "intro"}
		kept, err := h.app.KeepMailDraft(h.ctx, h.anna, act.ID, typed)
		same(t, "kept, half typed", fmt.Sprint(kept.Rev, err), "1 <nil>")
		h.later(time.Minute)
		again, err := h.app.KeptMailDraft(h.ctx, h.anna, act.ID)
		same(t, "opened again", fmt.Sprint(again.To, " ", again.CC, " ", again.BCC, " ", again.Subject, " ", again.HTML, " ", again.Unsigned, again.Follow, again.Rev, " ", h.db.Now().Sub(again.KeptAt), err),
			"cara@cust boss@ log@ 日本 <p>Half {{ ci</p> true true 1 1m0s <nil>")
		same(t, "its gaps", fmt.Sprint(len(again.Gaps), again.Gaps[0].Code), "1unreadable")

		others, err := h.app.OpenMailDraft(h.ctx, h.manager, act.ID)
		same(t, "another user's", fmt.Sprint(others.Subject, err), "Hello Cara<nil>")
		drafts, err := h.app.MailDraftsOf(h.ctx, h.anna, []ident.Activity{act.ID, 999})
		same(t, "drafts", fmt.Sprint(len(drafts), drafts[act.ID].Equal(again.KeptAt), err), "1 true <nil>")

		begun, err := h.app.BegunMails(h.ctx, h.anna)
		same(t, "begun emails", fmt.Sprint(len(begun), begun[0].ID == act.ID, " ", begun[0].RecordName, " ", begun[0].To, " ", begun[0].Subject, " ", begun[0].KeptAt.Equal(again.KeptAt), err),
			"1 true Cara Cole cara@cust 日本 true <nil>")
		begun, err = h.app.BegunMails(h.ctx, h.manager)
		same(t, "those of others", fmt.Sprint(len(begun), err), "0 <nil>")

		t.Log("two tabs")
		typed.Rev, typed.Subject = 1, "From the first"
		if kept, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, typed); err != nil || kept.Rev != 2 {
			t.Fatal(kept.Rev, err)
		}
		typed.Subject = "From the second"
		kept, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, typed)
		refused(t, "the second", err, fault.Stale, "You have changed this draft in another window at 10:01.", "Load that one")
		same(t, "which is told", fmt.Sprint(kept.Rev, kept.Subject), "2From the first")
		typed.Rev = kept.Rev
		if _, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, typed); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DiscardMailDraft(h.ctx, h.anna, act.ID); err != nil {
			t.Fatal(err)
		}
		typed.Rev = 3
		_, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, typed)
		refused(t, "discarded elsewhere", err, fault.Stale, "discarded in another window")

		for _, c := range []struct {
			change func(*Draft)
			want   string
		}{
			{func(d *Draft) { d.To = strings.Repeat("x", 10_001) }, "to: To is longer"},
			{func(d *Draft) { d.Subject = strings.Repeat("x", 10_001) }, "subject: The subject is longer"},
			{func(d *Draft) { d.HTML = strings.Repeat("x", 1<<20+1) }, "html: The email is longer"},
			{func(d *Draft) { d.Thread = "maybe" }, "thread: Thread is reply or new"},
			{func(d *Draft) { d.Files = []ident.File{999} }, "files: A file is not there"},
		} {
			d := Draft{}
			c.change(&d)
			_, err := h.app.KeepMailDraft(h.ctx, h.anna, act.ID, d)
			refused(t, c.want, err, fault.Invalid, c.want)
		}
		_, err = h.app.KeepMailDraft(h.ctx, h.bob, act.ID, Draft{})
		refused(t, "another's activity", err, fault.Forbidden)

		t.Log("a draft is gone with its sending, and nothing can be kept after that")
		if _, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "S", HTML: "<p>x</p>"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: "S", HTML: "<p>x</p>"}); err != nil {
			t.Fatal(err)
		}
		_, err = h.app.KeptMailDraft(h.ctx, h.anna, act.ID)
		refused(t, "sent", err, fault.NotFound)
		_, err = h.app.KeepMailDraft(h.ctx, h.anna, act.ID, Draft{})
		refused(t, "typed on", err, fault.Conflict, "is being sent")
	})
}

// TestDraftsAreTidied holds that a draft outlives its activity by a month, and no longer.
func TestDraftsAreTidied(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rec := h.lead(h.anna, "Cara", "Cole")
		open, over := h.byHand(rec), h.byHand(rec)
		for _, a := range []ident.Activity{open.ID, over.ID} {
			if _, err := h.app.KeepMailDraft(h.ctx, h.anna, a, Draft{Subject: "S"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.app.SkipActivity(h.ctx, h.anna, over.ID, ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{29 * 24 * time.Hour, 2}, {2 * 24 * time.Hour, 1}} {
			h.later(c.after)
			if err := h.db.Tidy(h.ctx); err != nil {
				t.Fatal(err)
			}
			drafts, err := h.app.MailDraftsOf(h.ctx, h.anna, []ident.Activity{open.ID, over.ID})
			same(t, "drafts", fmt.Sprint(len(drafts), err), fmt.Sprint(c.want, " <nil>"))
		}
	})
}

func TestMergeGaps(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		act := h.byHand(h.lead(h.anna, "Cara", "Cole"))
		d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "deal", "")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what is unknown stands in its place", d.HTML, "<p>It closes on {{ close_date }}</p>")
		same(t, "and is told", fmt.Sprintf("%+v", d.Gaps), "[{Field:html Code:unknown_field Name:close_date Label:close_date Around:It closes on {{ close_date }} "+
			"Problem:Leads has no field “close_date”. Fix:Correct its name, or write the words yourself.}]")

		send := func(subject, html string, empty bool) (store.Message, error) {
			return h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", Subject: subject, HTML: html, EmptyFields: empty, Unsigned: true})
		}
		_, err = send("For {{ City }}", "<p>Hi {{ frist_name }} in {{ city }}</p>", true)
		refused(t, "unknown", err, fault.Invalid, "subject: Leads has no field “City”. It stands in “For {{ City }}”. You may mean {{ city }}.", "html: Leads has no field “frist_name”")
		_, err = send("Hi", "<p>Hi {{ first_name }}, how is {{ city }}?</p>", false)
		refused(t, "empty", err, fault.Invalid, "html: “City” is empty for Cara Cole. It stands in “Hi Cara, how is {{ city }}?”")
		_, err = send("Hi {{", "<p>x</p>", true)
		refused(t, "unreadable", err, fault.Invalid, "subject: A merge field cannot be read.")
		m, err := send("Hi {{ first_name }}", "<p>{{ company }}&nbsp;in {{ city }}!</p>", true)
		same(t, "said to be meant", fmt.Sprint(m.Subject, " ", m.Text, err), "Hi Cara Acme\u00a0in !<nil>")
	})
}

func TestSignature(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		act := h.byHand(h.lead(h.anna, "Cara", "Cole"))
		d, err := h.app.OpenMailDraft(h.ctx, h.anna, act.ID)
		same(t, "shown", fmt.Sprint(d.Signature, d.Unsigned, err), "Best regards\nAnnafalse <nil>")
		d.Subject, d.HTML = "S", "<p> </p>"
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, d)
		refused(t, "a signature is no text", err, fault.Invalid, "html: The email is empty")
		d.HTML = "<p>x</p>"
		m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, d)
		same(t, "below the text", fmt.Sprint(m.HTML, err), "<p>x</p>\n<p>Best regards<br>Anna</p><nil>")
	})
}

func TestSuppressedCC(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		act := h.byHand(h.lead(h.anna, "Cara", "Cole"))
		for _, a := range []string{"boss@customer.test", "team@customer.test"} {
			if _, err := h.app.AddSuppression(h.ctx, h.manager, SuppressionInput{Address: a, Source: store.FromPerson}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", CC: "boss@customer.test, fine@customer.test, team@customer.test", Subject: "S", HTML: "<p>x</p>"})
		refused(t, "by name", err, fault.Invalid, "cc: boss@customer.test: The address is suppressed. team@customer.test: The address is suppressed. Take it out")
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", BCC: "boss@customer.test", Subject: "S", HTML: "<p>x</p>"})
		refused(t, "in secret", err, fault.Invalid, "bcc: boss@customer.test: The address is suppressed.")
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "cara@customer.test", CC: "fine@customer.test, wrong", Subject: "S", HTML: "<p>x</p>"})
		refused(t, "the wrong one", err, fault.Invalid, "cc: “wrong” is no email address")
	})
}
