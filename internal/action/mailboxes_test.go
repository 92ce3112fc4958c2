package action_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func smtpInput() action.MailboxInput {
	return action.MailboxInput{
		Address: "bob@test.example", SenderName: "Bob", Host: "smtp.test.example", Port: 587,
		Security: store.StartTLS, Username: "bob", Password: "open sesame", Signature: "Bob\nTest Ltd",
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		admin, bob, cy := newUser(t, app, "admin", access.Admin), newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		m, err := app.SaveMailbox(ctx, bob, smtpInput())
		wantFault(t, "save", err, "")
		if kept, err := app.GetMailbox(ctx, bob, bob.ID); err != nil || !reflect.DeepEqual(m, kept) || m.UserName != "bob" {
			t.Errorf("a save answers %+v, want what is kept, %+v, %v", m, kept, err)
		}
		if m.User != bob.ID || m.Rev != 1 || m.Secret == nil || len(m.Secret) != 0 {
			t.Errorf("saved mailbox: %+v", m)
		}
		password := func() string {
			var kept store.Mailbox
			if err := db.Read(ctx, func(tx *store.Tx) (err error) {
				kept, err = tx.MailboxOf(bob.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(kept.Secret), "sesame") {
				t.Error("the password is stored in the open")
			}
			c, err := app.Credentials(ctx, kept)
			if err != nil {
				t.Errorf("open the password: %v", err)
			}
			return c.Password
		}
		if got := password(); got != "open sesame" {
			t.Errorf("password %q", got)
		}
		in := smtpInput()
		in.Password, in.SenderName, in.Rev = "", "Robert", m.Rev
		m, err = app.SaveMailbox(ctx, bob, in)
		if kept, err := app.GetMailbox(ctx, bob, bob.ID); err != nil || !reflect.DeepEqual(m, kept) {
			t.Errorf("a change answers %+v, want what is kept, %+v, %v", m, kept, err)
		}
		if err != nil || m.SenderName != "Robert" || password() != "open sesame" {
			t.Errorf("change without the password: %+v %v", m, err)
		}
		_, err = app.SaveMailbox(ctx, bob, in)
		wantFault(t, "stale", err, fault.Stale)
		for what, change := range map[string]func(*action.MailboxInput){
			"another server":  func(in *action.MailboxInput) { in.Host = "evil.example" },
			"another account": func(in *action.MailboxInput) { in.Username = "eve" },
			"no protection":   func(in *action.MailboxInput) { in.Security = store.NoTLS },
		} {
			moved := in
			moved.Rev = 0
			change(&moved)
			_, err := app.SaveMailbox(ctx, bob, moved)
			wantProblem(t, what+" without the password", err, "password")
		}
		_, err = app.GetMailbox(ctx, cy, bob.ID)
		wantFault(t, "a colleague looks", err, fault.Forbidden)
		in.User, in.Rev = bob.ID, 0
		_, err = app.SaveMailbox(ctx, cy, in)
		wantFault(t, "a colleague changes", err, fault.Forbidden)
		list, err := app.ListMailboxes(ctx, cy)
		if err != nil || len(list) != 0 {
			t.Errorf("a colleague's list: %+v %v", list, err)
		}
		list, err = app.ListMailboxes(ctx, admin)
		if err != nil || len(list) != 1 || list[0].UserName != "bob" {
			t.Errorf("an admin's list: %+v %v", list, err)
		}
		m, err = app.PauseMailbox(ctx, admin, bob.ID, true)
		if err != nil || !m.Paused || password() != "open sesame" {
			t.Errorf("pause: %+v %v", m, err)
		}
		wantFault(t, "delete", app.DeleteMailbox(ctx, bob, bob.ID), "")
		_, err = app.GetMailbox(ctx, bob, bob.ID)
		wantFault(t, "get what was deleted", err, fault.NotFound)
		audit, err := app.ListAudit(ctx, admin, 100)
		wantFault(t, "audit", err, "")
		for _, line := range audit {
			if strings.Contains(line.Detail, "sesame") || strings.Contains(line.Detail, "Test Ltd") {
				t.Errorf("the audit tells a secret: %+v", line)
			}
		}
	})
}

func TestMailboxInput(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	bob := newUser(t, app, "bob", access.Seller)
	for _, try := range []struct {
		field  string
		change func(*action.MailboxInput)
	}{
		{"address", func(in *action.MailboxInput) { in.Address = "nowhere" }},
		{"address", func(in *action.MailboxInput) { in.Address = "bob@test.example\r\nBcc: eve@test.example" }},
		{"sender_name", func(in *action.MailboxInput) { in.SenderName = strings.Repeat("x", 200) }},
		{"host", func(in *action.MailboxInput) { in.Host = "" }},
		{"host", func(in *action.MailboxInput) { in.Host = "smtp.test.example/x" }},
		{"port", func(in *action.MailboxInput) { in.Port = 0 }},
		{"port", func(in *action.MailboxInput) { in.Port = 70000 }},
		{"security", func(in *action.MailboxInput) { in.Security = "magic" }},
		{"username", func(in *action.MailboxInput) { in.Username = "" }},
		{"password", func(in *action.MailboxInput) { in.Password = strings.Repeat("x", 2000) }},
		{"signature", func(in *action.MailboxInput) { in.Signature = strings.Repeat("x", 6000) }},
	} {
		in := smtpInput()
		try.change(&in)
		_, err := app.SaveMailbox(ctx, bob, in)
		wantProblem(t, "bad "+try.field, err, try.field)
	}
	in := smtpInput()
	in.User = 4711
	_, err := app.SaveMailbox(ctx, access.System(), in)
	wantFault(t, "unknown user", err, fault.NotFound)
}

// TestSavedMailboxBeginsAnew wants no trouble of earlier settings to be told of a mailbox that was changed, however late it comes.
func TestSavedMailboxBeginsAnew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := t.Context(), newApp(t, db)
		bob := newUser(t, app, "bob", access.Seller)
		in := smtpInput()
		in.IMAPHost, in.IMAPPort, in.IMAPSecurity = "imap.test.example", 993, store.TLS
		before, err := app.SaveMailbox(ctx, bob, in)
		wantFault(t, "save", err, "")
		wantFault(t, "reading", db.NoteMailboxRead(ctx, before.ID, before.Rev, store.Reading{Trouble: "The IMAP server refused user name and password."}), "")
		if kept, err := app.GetMailbox(ctx, bob, bob.ID); err != nil || kept.ReadError == "" {
			t.Errorf("no trouble is kept: %+v, %v", kept, err)
		}
		in.IMAPHost = ""
		after, err := app.SaveMailbox(ctx, bob, in)
		wantFault(t, "save without reading", err, "")
		wantFault(t, "reading, late", db.NoteMailboxRead(ctx, before.ID, before.Rev, store.Reading{Trouble: "The connection broke."}), "")
		if kept, err := app.GetMailbox(ctx, bob, bob.ID); err != nil || kept.ReadError+after.ReadError != "" {
			t.Errorf("the trouble is %q, answered %q, %v", kept.ReadError, after.ReadError, err)
		}
	})
}

// TestUnreadMailboxIsTold wants the user of a mailbox to hear once of trouble that lasts, and again after it was read meanwhile.
func TestUnreadMailboxIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := t.Context(), newApp(t, db)
		bob := newUser(t, app, "bob", access.Seller)
		in := smtpInput()
		in.IMAPHost, in.IMAPPort, in.IMAPSecurity = "imap.test.example", 993, store.TLS
		box, err := app.SaveMailbox(ctx, bob, in)
		wantFault(t, "save", err, "")
		const refused = "The IMAP server refused user name and password."
		for i, try := range []struct {
			reading store.Reading
			told    int
		}{
			{store.Reading{Trouble: "The connection broke."}, 0},
			{store.Reading{Trouble: refused, Lasts: true}, 1},
			{store.Reading{Trouble: refused, Lasts: true}, 1},
			{store.Reading{}, 1},
			{store.Reading{Trouble: refused, Lasts: true}, 2},
		} {
			wantFault(t, "reading", db.NoteMailboxRead(ctx, box.ID, box.Rev, try.reading), "")
			list, err := app.Notifications(ctx, bob, action.NotificationQuery{})
			if err != nil || len(list.Rows) != try.told {
				t.Fatalf("after reading %d there are %+v, %v, want %d", i, list.Rows, err, try.told)
			}
			for _, n := range list.Rows {
				if title, detail := action.Told(n); title != in.Address+" cannot be read" || detail != refused {
					t.Errorf("told: %s, %s", title, detail)
				}
			}
		}
	})
}

// TestAddressOfAnother wants no address to be in two users' mailboxes, in whatever form it is written; those that are there twice since an
// earlier release stay usable.
func TestAddressOfAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := t.Context(), newApp(t, db)
		bob, cy := newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		save := func(user access.Actor, address string, aliases ...string) error {
			in := smtpInput()
			in.Address, in.Aliases = address, aliases
			_, err := app.SaveMailbox(ctx, user, in)
			return err
		}
		wantFault(t, "bob", save(bob, "bob@bücher.example", "sales@test.example"), "")
		wantFault(t, "bob again", save(bob, "sales@test.example", "BOB@bücher.example"), "")
		for _, address := range []string{"Bob@Bücher.example", "bob@XN--bcher-kva.example", "SALES@test.example"} {
			for field, err := range map[string]error{"address": save(cy, address), "aliases": save(cy, "cy@test.example", address)} {
				wantFault(t, address, err, fault.Conflict)
				if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Field != field || !strings.Contains(list[0].Message, "belongs to the mailbox of bob") {
					t.Errorf("%s as %s: %v", address, field, list)
				}
			}
		}
		wantFault(t, "cy", save(cy, "cy@test.example"), "")
		err := db.Write(ctx, func(tx *store.Tx) error {
			m, err := tx.MailboxOf(cy.ID)
			if err != nil {
				return err
			}
			m.Address = "sales@test.example"
			_, err = tx.UpdateMailbox(m)
			return err
		})
		wantFault(t, "twice, as earlier releases let it be", err, "")
		wantFault(t, "a change of one that is there twice", save(cy, "sales@test.example", "cy@test.example"), "")
		wantFault(t, "a further one", save(cy, "sales@test.example", "bob@bücher.example"), fault.Conflict)
	})
}

// TestAddressOfAColleague wants no seller to take the address by which a colleague signs in, whether that one has a mailbox yet or not;
// who manages mailboxes may give it to somebody else, and it is free once the colleague has left.
func TestAddressOfAColleague(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := t.Context(), newApp(t, db)
		admin, bob, cy := newUser(t, app, "ada", access.Admin), newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		save := func(actor, user access.Actor, address string, aliases ...string) error {
			in := smtpInput()
			in.User, in.Address, in.Aliases = user.ID, address, aliases
			_, err := app.SaveMailbox(ctx, actor, in)
			return err
		}
		for field, err := range map[string]error{"address": save(bob, bob, "CY@test.example"), "aliases": save(bob, bob, "bob@test.example", "cy@test.example")} {
			wantFault(t, "the "+field+" of cy", err, fault.Conflict)
			if list := fault.ProblemsOf(err); len(list) != 1 || list[0].Field != field || !strings.Contains(list[0].Message, "is the address of cy") {
				t.Errorf("as %s: %v", field, list)
			}
		}
		wantFault(t, "cy's own", save(cy, cy, "cy@test.example"), "")
		wantFault(t, "free again", save(cy, cy, "cy@example.com"), "")
		wantFault(t, "given by an admin", save(admin, bob, "bob@test.example", "cy@test.example"), "")
		wantFault(t, "kept", save(bob, bob, "cy@test.example"), "")
		wantFault(t, "given up", save(bob, bob, "bob@test.example"), "")
		_, err := app.UpdateUser(ctx, admin, cy.ID, action.UserChange{Name: cy.Name, Email: cy.Email, Zone: cy.Zone, Role: cy.Role})
		wantFault(t, "cy leaves", err, "")
		wantFault(t, "after cy has left", save(bob, bob, "cy@test.example"), "")
	})
}

// TestAddressTakenAtOnce wants one of two to get an address that both ask for at the same time.
func TestAddressTakenAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		app := newApp(t, db)
		users := []access.Actor{newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)}
		results := make([]error, len(users))
		var all sync.WaitGroup
		for i, user := range users {
			all.Go(func() { _, results[i] = app.SaveMailbox(t.Context(), user, smtpInput()) })
		}
		all.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else {
				wantFault(t, "the second", err, fault.Conflict)
			}
		}
		if won != 1 {
			t.Errorf("%d got the address: %v", won, results)
		}
	})
}

// TestServerNames holds which names of servers are taken, for sending and for reading, and as what.
func TestServerNames(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	app := newApp(t, db)
	bob := newUser(t, app, "bob", access.Seller)
	save := func(name string) (store.Mailbox, error) {
		in := smtpInput()
		in.Host, in.IMAPHost, in.IMAPPort, in.IMAPSecurity = name, name, 993, store.TLS
		return app.SaveMailbox(t.Context(), bob, in)
	}
	for typed, want := range map[string]string{
		"smtp.example.com": "", "Smtp-1.Example.com": "", "localhost": "", "mail_server": "", "127.0.0.1": "", "::1": "", "fe80::1%eth0": "",
		"smtp.example.com.": "", " smtp.example.com ": "smtp.example.com", "smtp.bücher.example": "smtp.xn--bcher-kva.example", "1und1": "",
	} {
		if want == "" {
			want = typed
		}
		if m, err := save(typed); err != nil || m.Host != want || m.IMAPHost != want {
			t.Errorf("%q: saved as %q and %q, %v; want %q", typed, m.Host, m.IMAPHost, err, want)
		}
	}
	const port, brackets, none = "must be a host name without a port, which has its own field", "without brackets and without a port, which has its own field", "must be a host name, for instance"
	for typed, want := range map[string]string{
		"smtp.example.com:587": port, "smtp://smtp.example.com": port, ":587": port, "127.0.0.1:25": port,
		"[::1]": brackets, "[::1]:587": brackets, "[127.0.0.1]": brackets,
		"-bad-.example.com": none, "a..b": none, ".": none, "smtp example": none, "a/b": none, "ü": none, "bü cher.example": none,
		"300.1.1.1": none, "12345": none, "anna@example.com": none, strings.Repeat("a", 64) + ".example": none, strings.Repeat("a.", 127) + "example": none,
	} {
		_, err := save(typed)
		wantProblem(t, typed, err, "host")
		wantProblem(t, typed, err, "imap_host")
		for _, p := range fault.ProblemsOf(err) {
			if !strings.Contains(p.Message, want) {
				t.Errorf("%q: %s says %q, want %q", typed, p.Field, p.Message, want)
			}
		}
	}
}

func TestTestMailbox(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx := context.Background()
	var answer error
	app, err := action.New(action.Config{
		DB: db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: t.TempDir(), PasswordCost: cheap,
		Probe: func(_ context.Context, m store.Mailbox, c signin.Credentials) error {
			if m.Host != "smtp.test.example" || c.Password != "open sesame" {
				t.Errorf("probed %s with %q", m.Host, c.Password)
			}
			return answer
		},
	})
	wantFault(t, "new app", err, "")
	bob := newUser(t, app, "bob", access.Seller)
	_, err = app.TestMailbox(ctx, bob, bob.ID)
	wantFault(t, "test of no mailbox", err, fault.NotFound)
	saved, err := app.SaveMailbox(ctx, bob, smtpInput())
	wantFault(t, "save", err, "")
	for _, try := range []struct {
		answer error
		want   string
	}{
		{nil, ""},
		{errors.New("535 wrong password"), "535 wrong password"},
		{fault.New(fault.Unavailable, "No answer.").WithHint("Check the port."), "No answer. Check the port."},
		{context.DeadlineExceeded, "The server did not answer in time. Check host and port."},
	} {
		answer = try.answer
		m, err := app.TestMailbox(ctx, bob, bob.ID)
		if err != nil || m.CheckError != try.want || m.CheckedAt.IsZero() || m.Rev != saved.Rev {
			t.Errorf("test that gives %v: %+v %v", try.answer, m, err)
		}
	}
	_, err = newApp(t, db).TestMailbox(ctx, bob, bob.ID)
	wantFault(t, "no prober", err, fault.Unavailable)
}

// TestTestMailboxEndsTrouble wants a reading that works in the test not to be told of as broken: what the reader said before was of
// another password, or of another moment.
func TestTestMailboxEndsTrouble(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx := context.Background()
	var reading error
	app, err := action.New(action.Config{
		DB: db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: t.TempDir(), PasswordCost: cheap,
		Probe:        func(context.Context, store.Mailbox, signin.Credentials) error { return nil },
		ProbeReading: func(context.Context, store.Mailbox, signin.Credentials) error { return reading },
	})
	wantFault(t, "new app", err, "")
	bob := newUser(t, app, "bob", access.Seller)
	in := smtpInput()
	in.IMAPHost, in.IMAPPort, in.IMAPSecurity = "imap.test.example", 993, store.TLS
	saved, err := app.SaveMailbox(ctx, bob, in)
	wantFault(t, "save", err, "")
	const trouble = "The IMAP server refused user name and password."
	wantFault(t, "reading", db.NoteMailboxRead(ctx, saved.ID, saved.Rev, store.Reading{Trouble: trouble}), "")
	for _, try := range []struct {
		reading error
		want    string
	}{{errors.New("still refused"), trouble}, {nil, ""}} {
		reading = try.reading
		tested, err := app.TestMailbox(ctx, bob, bob.ID)
		wantFault(t, "test", err, "")
		if kept, err := app.GetMailbox(ctx, bob, bob.ID); err != nil || kept.ReadError != try.want || tested.ReadError != try.want {
			t.Errorf("after a test of reading that gives %v the trouble is %q, kept %q, %v; want %q", try.reading, tested.ReadError, kept.ReadError, err, try.want)
		}
	}
}
