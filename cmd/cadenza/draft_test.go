package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// desk is an installation with a seller who has emails to write.
type desk struct {
	t    *testing.T
	site []string
	h    *house
	anna access.Actor
}

// newDesk sets it up by the command line, where that can do it.
func newDesk(t *testing.T, address string) *desk {
	t.Helper()
	dir := t.TempDir()
	at := site{KeyFile: filepath.Join(dir, "key"), DataDir: filepath.Join(dir, "data")}
	at.DB = address
	d := &desk{t: t, site: []string{"--db", address, "--key-file", at.KeyFile, "--data-dir", at.DataDir}}
	d.says(exitOK, "migrate")
	d.says(exitOK, "user create anna@example.com --name Anna --zone Europe/Berlin")
	for name, text := range map[string]string{
		"hand.yaml": "name: Hand\nrecord: lead\nsteps: [ { id: mail, type: email, name: Write } ]\n",
		"leads.csv": "First name,Last name,Email,City\nMarta,Lindqvist,marta@buyer.test,Oslo\nSam,Okonkwo,sam@buyer.test,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.says(exitOK, "import "+dir+"/leads.csv --owner anna@example.com")
	d.says(exitOK, "sequence apply "+dir+"/hand.yaml --activate --yes")
	d.says(exitOK, "sequence connect Hand marta@buyer.test sam@buyer.test --as anna@example.com")
	env := &environment{ctx: t.Context()}
	h, err := open(env, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.db.Close() })
	u, err := findUser(env, h, "anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	d.h, d.anna = h, actorOf(u)
	in := action.MailboxInput{User: u.ID, Address: u.Email, SenderName: u.Name, Host: "127.0.0.1", Port: 2525, Security: store.NoTLS}
	if _, err := h.app.SaveMailbox(t.Context(), d.anna, in); err != nil {
		t.Fatal(err)
	}
	return d
}

// play carries out a command line and gives all that it said.
func (d *desk) play(want int, in string, args ...string) string {
	d.t.Helper()
	var said bytes.Buffer
	if code := run(d.t.Context(), args, func(string) string { return "" }, strings.NewReader(in), &said, &said); code != want {
		d.t.Fatalf("%v ended with %d, want %d:\n%s", args, code, want, said.String())
	}
	return said.String()
}

// says plays a command line that must say all of these.
func (d *desk) says(want int, line string, texts ...string) {
	d.t.Helper()
	d.tells(want, strings.Fields(line), texts...)
}

// tells is says for a command line whose words hold spaces.
func (d *desk) tells(want int, args []string, texts ...string) {
	d.t.Helper()
	said := d.play(want, "a long password", append(slices.Clip(args), d.site...)...)
	for _, text := range texts {
		if !strings.Contains(said, text) {
			d.t.Errorf("%q does not say %q:\n%s", args, text, said)
		}
	}
}

// emails gives the emails that wait to be written, by due time.
func (d *desk) emails() []ident.Activity {
	d.t.Helper()
	list, _, err := d.h.app.WorkIDs(d.t.Context(), d.anna, store.WorkQuery{Later: true})
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

func TestDraftsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			act := d.emails()[0]
			half := action.Draft{To: "marta@buyer.test", Subject: "Half an offer", HTML: "<p>Dear Marta,</p><p>the {{ colour }} one"}
			if _, err := d.h.app.KeepMailDraft(t.Context(), d.anna, act, half); err != nil {
				t.Fatal(err)
			}
			d.says(exitOK, "draft list anna@example.com", act.String(), "Marta Lindqvist", "Half an offer", "1 begun")
			d.says(exitOK, "draft list anna@example.com --json", `"subject": "Half an offer"`, `"state": "open"`)
			d.says(exitOK, "draft show anna@example.com "+act.String(), "To:      marta@buyer.test", "Subject: Half an offer", "Dear Marta,", "! ")
			d.says(exitOK, "draft show anna@example.com "+act.String()+" --json", `"rev": 1`, `"code": "unknown_field"`)
			d.says(exitOK, "draft discard anna@example.com "+act.String(), "The draft of Anna is gone.")
			d.says(exitFailed, "draft discard anna@example.com "+act.String(), "You have no draft for this activity.")
			d.says(exitOK, "draft list anna@example.com", "0 begun")
		})
	}
}

func TestBulkEmailOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			text := filepath.Join(t.TempDir(), "text.html")
			if err := os.WriteFile(text, []byte("<p>News for {{ city }}</p>"), 0o600); err != nil {
				t.Fatal(err)
			}
			const all = "batch email anna@example.com --subject News --html "
			d.says(exitOK, all+text+" --dry-run", "to        Marta Lindqvist", "marta@buyer.test", "left out  Sam Okonkwo", "Marta Lindqvist would get:", "News for Oslo")
			d.says(exitOK, all+text+" --dry-run --json", `"empty": true`, "<p>News for Oslo</p>")
			d.says(exitFailed, "batch email anna@example.com --html "+text, "--subject: ")
			d.says(exitFailed, "batch email anna@example.com --subject {{colour}} --html "+text, "--subject: ")
			d.says(exitOK, all+text, "sends 1 emails at once", "left out  Sam Okonkwo", "cadenza batch undo bat_")
			d.says(exitOK, all+text+" --empty-fields --json", `"verb": "email"`, `"waiting": 1`)
			if left := d.emails(); len(left) != 0 {
				t.Errorf("%d emails are still to be written, want none: both wait in batches", len(left))
			}
			batches, err := d.h.app.Batches(t.Context(), d.anna, d.anna.ID, "", 0)
			if err != nil || len(batches.Rows) != 2 {
				t.Fatal(batches, err)
			}
			for _, b := range batches.Rows {
				d.says(exitOK, "batch undo "+b.ID.String(), "email is undone")
			}
			if left := d.emails(); len(left) != 2 {
				t.Errorf("%d emails are to be written after the undo, want 2", len(left))
			}
		})
	}
}
