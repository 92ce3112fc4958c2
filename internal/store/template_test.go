package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/testpg"
)

// letter gives the content of a template whose subject is the text.
func letter(text string) store.TemplateContent {
	return store.TemplateContent{Subject: text, HTML: "<p>" + text + "</p>"}
}

// template makes a template with the content.
func (h *house) template(key, text string) (t store.Template) {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		t, err = tx.InsertTemplate(store.Template{Key: key, Name: key, TemplateContent: letter(text)}, 0)
		return err
	})
	return t
}

// rewrite gives a template another content.
func (h *house) rewrite(t store.Template, text string) store.Template {
	h.Helper()
	h.write(func(tx *store.Tx) (err error) {
		t.TemplateContent = letter(text)
		t, err = tx.UpdateTemplate(t, 0)
		return err
	})
	return t
}

// pin does what an activation of the sequence does to its templates.
func (h *house) pin(s store.Sequence) {
	h.Helper()
	h.write(func(tx *store.Tx) error { return tx.PinTemplates(s.Version, s.Draft) })
}

// claimed gives what the messages in the outbox are made of: "subject of version".
func (h *house) claimed() string {
	h.Helper()
	var got []string
	_, _, err := h.db.ClaimMail(context.Background(), "test", 100, func(c *store.MailCandidate, _ time.Time) store.Verdict {
		got = append(got, fmt.Sprint(c.Template.Subject, " ", strings.Trim(c.Template.HTML, "</p>"), " of ", c.Template.Version))
		return store.Verdict{Kind: store.Later, At: h.now()}
	})
	h.must(err)
	return strings.Join(got, ", ")
}

func TestTemplateVersions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		anna := h.user("Anna")
		tpl := h.template("intro", "one")
		seq, other := h.sequence("First", mail("a")), h.sequence("Second", mail("a"))
		h.pin(seq)
		h.pin(other)
		h.connected(seq, anna.ID, 1)
		h.due(10, 1)
		tpl = h.rewrite(h.rewrite(tpl, "two"), "two")
		if tpl.Version != 2 || tpl.Rev != 3 {
			t.Errorf("after a change and none the template is of version %d, revision %d, want 2 and 3", tpl.Version, tpl.Rev)
		}
		wants := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		wants("queued before the change", h.claimed(), "one one of 1")
		inUse := func() (list []string) {
			h.read(func(tx *store.Tx) error {
				rows, err := tx.For(access.System()).TemplateInUse(tpl.ID)
				for _, r := range rows {
					list = append(list, fmt.Sprintf("%s %d: %d current %t with %d", r.SequenceName, r.VersionNumber, r.Number, r.Current, r.Connected))
				}
				return err
			})
			return list
		}
		wants("in use", strings.Join(inUse(), ", "), "First 1: 1 current true with 1, Second 1: 1 current true with 0")
		h.write(func(tx *store.Tx) error { return tx.AdoptTemplate(tpl.ID, 2, []ident.Version{seq.Version}) })
		wants("after it was adopted", h.claimed(), "two two of 2")
		wants("in use", strings.Join(inUse(), ", "), "First 1: 2 current true with 1, Second 1: 1 current true with 0")

		h.read(func(tx *store.Tx) error {
			v, err := tx.GetTemplateVersion(tpl.ID, 1)
			wants("version 1", fmt.Sprint(v.Subject, v.HTML, err), "one<p>one</p><nil>")
			_, err = tx.GetTemplateVersion(tpl.ID, 3)
			wants("a version that there is not", string(fault.CodeOf(err)), string(fault.NotFound))
			list, err := tx.TemplateVersions(tpl.ID)
			wants("versions", fmt.Sprint(len(list), list[0].Number, err), "2 2 <nil>")
			pins, err := tx.TemplatePins(other.Version)
			wants("pins", fmt.Sprint(pins, err), fmt.Sprintf("[{%s intro 1}] <nil>", tpl.ID))
			return nil
		})
		h.write(func(tx *store.Tx) error {
			h.must(tx.SetSequenceInactive(other.ID))
			return tx.SetSequenceInactive(seq.ID)
		})
		wants("with records on it only", strings.Join(inUse(), ", "), "First 1: 2 current false with 1")
		h.read(func(tx *store.Tx) error {
			live, err := tx.TemplateFor("intro", h.first(seq))
			newest, err2 := tx.TemplateFor("intro", 0)
			wants("for an enrollment and for none", fmt.Sprint(live.Version, newest.Version, err, err2), "2 2 <nil> <nil>")
			return nil
		})
	})
}

// first gives the first enrollment of a sequence.
func (h *house) first(s store.Sequence) (id ident.Enrollment) {
	h.Helper()
	n, err := h.db.Count(context.Background(), fmt.Sprintf("select min(id) from enrollments where sequence_id = %d", int64(s.ID)))
	h.must(err)
	return ident.Enrollment(n)
}

// TestMigrateTemplates holds that the templates of an older database are version 1, and pinned wherever they are named.
func TestMigrateTemplates(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "old.db") },
		"postgres": func() string { return testpg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			db, err := store.Open(ctx, address(), store.Options{})
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(err)
			defer func() { _ = db.Close() }()
			must(db.MigrateTo(ctx, 4))
			for _, row := range []string{
				`insert into templates (key, name, record_kind, subject, html, rev, created_at, updated_at, deleted_at) values
					('first_mail', 'A', '', 'Hi', 'text', 3, 1, 2, null), ('firstxmail', 'B', '', 'Hi', 'text', 1, 1, 2, null), ('gone', 'C', '', 'Hi', 'text', 1, 1, 2, 3)`,
				`insert into sequences (name, description, record_kind, status, version_number, draft, draft_rev, draft_at, created_at, updated_at)
					values ('S', '', 'lead', 'active', 1, '{}', 1, 1, 1, 1)`,
				`insert into sequence_versions (sequence_id, number, definition, note, created_at) values
					(1, 1, '{"steps":[{"type":"email","template":"first_mail"},{"type":"email","template":"gone"}]}', '', 1)`,
			} {
				must(db.Exec(ctx, row))
			}
			if _, err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			must(db.Read(ctx, func(tx *store.Tx) error {
				tpl, err := tx.TemplateByKey("first_mail")
				must(err)
				v, err := tx.GetTemplateVersion(tpl.ID, tpl.Version)
				if err != nil || v.TemplateContent != tpl.TemplateContent || tpl.Version != 1 {
					t.Errorf("version 1 of an old template: %+v, %v", v, err)
				}
				pins, err := tx.TemplatePins(1)
				if err != nil || len(pins) != 1 || pins[0] != (store.TemplatePin{Template: tpl.ID, Key: "first_mail", Number: 1}) {
					t.Errorf("the pins of an old version: %v, %v", pins, err)
				}
				return nil
			}))
		})
	}
}
