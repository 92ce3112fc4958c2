package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// upload keeps a content under a name.
func (h *house) upload(name, content string) (f store.File) {
	h.Helper()
	staged, err := h.db.Stage([]byte(content))
	h.must(err)
	defer staged.Discard()
	h.write(func(tx *store.Tx) (err error) {
		f, err = tx.InsertFile(store.File{Name: name, Type: "application/pdf"}, staged)
		return err
	})
	return f
}

// holds wants a file with just this content.
func (h *house) holds(f store.File, want string) {
	h.Helper()
	got, err := h.db.ReadFile(context.Background(), f)
	if err != nil || string(got) != want {
		h.Errorf("%s holds %d bytes, %v, want %d", f.Name, len(got), err, len(want))
	}
}

// long is a content of several parts.
func long(n int) string { return strings.Repeat("0123456789abcde\n", n/16+1)[:n] }

func TestFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		content := long(600_000)
		first, again, other, small := h.upload("offer.pdf", content), h.upload("offer.pdf", content), h.upload("Offer 2.pdf", content), h.upload("small.pdf", "%PDF")
		if first.ID != again.ID || first.ID == other.ID || first.Place != "" || first.Size != 600_000 {
			t.Errorf("%+v and %+v", first, again)
		}
		h.count(2, "select count(*) from contents")
		h.holds(other, content)
		h.holds(small, "%PDF")
		r, err := h.db.OpenFile(context.Background(), first)
		h.must(err)
		for _, at := range []int64{0, 262_143, 262_144, 599_999} { // around the edges of parts
			if _, err := r.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			var b [2]byte
			n, err := io.ReadFull(r, b[:])
			if want := content[at:min(at+2, 600_000)]; string(b[:n]) != want || (err != nil) != (len(want) < 2) {
				t.Errorf("at %d: %q, %v", at, b[:n], err)
			}
		}
		h.read(func(tx *store.Tx) error {
			p, err := tx.ListFiles("OFFER", "", 1)
			if len(p.Rows) != 1 || p.Rows[0].ID != other.ID || p.Next == "" || err != nil {
				t.Errorf("%+v, %v", p, err)
			}
			p, err = tx.ListFiles("offer", p.Next, 1)
			if len(p.Rows) != 1 || p.Rows[0].ID != first.ID || p.Next != "" {
				t.Errorf("%+v", p)
			}
			return err
		})
		h.write(func(tx *store.Tx) error { return tx.DeleteFile(first) })
		h.holds(other, content) // they share it
		h.write(func(tx *store.Tx) error { return tx.DeleteFile(other) })
		h.count(1, "select count(*) from contents")
		h.count(1, "select count(*) from content_parts")
		err = h.db.Write(context.Background(), func(tx *store.Tx) error { return tx.DeleteFile(other) })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		if revived := h.upload("offer.pdf", content); revived.ID == first.ID {
			t.Error("a deleted file came back to life")
		}
	})
}

// TestFilesOnDisk keeps contents in a folder: once each, whole, and not gone before the transaction that drops them is
// done. What is in the database stays readable.
func TestFilesOnDisk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		inside := h.upload("inside.pdf", "kept in the database")
		dir := filepath.Join(t.TempDir(), "files")
		h.db.KeepFilesIn(dir)
		on := func(want int) []string {
			t.Helper()
			var names []string
			h.must(filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					names = append(names, path)
				}
				return err
			}))
			if len(names) != want {
				t.Errorf("on disk are %q, want %d", names, want)
			}
			return names
		}
		f, g := h.upload("offer.pdf", "on disk"), h.upload("copy.pdf", "on disk")
		if f.Place != g.Place || !strings.HasSuffix(f.Place, f.SHA256) || !slices.Equal(on(1), []string{f.Place}) {
			t.Errorf("%q and %q", f.Place, g.Place)
		}
		h.holds(f, "on disk")
		if again := h.upload("inside 2.pdf", "kept in the database"); again.Place != "" {
			t.Errorf("it is at %s a second time", again.Place)
		}
		h.holds(inside, "kept in the database")

		broken := errors.New("broken off")
		err := h.db.Write(context.Background(), func(tx *store.Tx) error {
			return errors.Join(tx.DeleteFile(f), tx.DeleteFile(g), broken)
		})
		if !errors.Is(err, broken) || len(on(1)) != 1 {
			t.Error(err)
		}
		h.holds(f, "on disk")

		moved := filepath.Join(t.TempDir(), "moved")
		h.must(os.Rename(dir, moved))
		h.db.KeepFilesIn(moved)
		h.holds(f, "on disk")
		h.db.KeepFilesIn("")
		h.must(os.Rename(moved, dir))
		h.holds(f, "on disk")
		h.write(func(tx *store.Tx) error { return errors.Join(tx.DeleteFile(f), tx.DeleteFile(g)) })
		on(0)

		h.db.KeepFilesIn(dir)
		lost := h.upload("lost.pdf", "lost")
		h.must(os.Remove(lost.Place))
		if _, err := h.db.OpenFile(context.Background(), lost); !fault.Is(err, fault.NotFound) {
			t.Errorf("a file that is not there: %v", err)
		}
		h.upload("lost.pdf", "lost")
		h.holds(lost, "lost")
		h.must(os.WriteFile(lost.Place, []byte("lots"), 0o600))
		if _, err := h.db.ReadFile(context.Background(), lost); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a damaged file: %v", err)
		}
		h.must(os.WriteFile(filepath.Join(filepath.Dir(dir), "file"), nil, 0o600))
		h.db.KeepFilesIn(filepath.Join(filepath.Dir(dir), "file"))
		if _, err := h.db.Stage([]byte("x")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a folder that is none: %v", err)
		}
	})
}

// TestTidyFiles holds that what nobody used goes after a day, and nothing else.
func TestTidyFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.db.KeepFilesIn(t.TempDir())
		used, unused, wanted := h.upload("used.pdf", "same"), h.upload("unused.pdf", "same"), h.upload("wanted.pdf", "other")
		alone := h.upload("alone.pdf", "alone")
		h.write(func(tx *store.Tx) error { return tx.AttachFiles([]ident.File{used.ID}) })
		h.pass(23 * time.Hour)
		h.must(h.db.Tidy(context.Background()))
		h.count(4, "select count(*) from files")
		h.upload("wanted.pdf", "other")
		h.pass(2 * time.Hour)
		h.must(h.db.Tidy(context.Background()))
		h.count(2, "select count(*) from files")
		h.holds(used, "same")
		h.holds(wanted, "other")
		if _, err := os.Stat(alone.Place); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its content is still there: %v", err)
		}
		err := h.db.Write(context.Background(), func(tx *store.Tx) error { return tx.AttachFiles([]ident.File{used.ID, unused.ID}) })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a file that was tidied away is attached: %v", err)
		}
		h.pass(30 * 24 * time.Hour)
		h.must(h.db.Tidy(context.Background()))
		h.count(1, "select count(*) from files")
	})
}

// TestFilesOfMail goes the way of files: from a template or a writer into a claim, with numbers that last, to hits that
// move the enrollment.
func TestFilesOfMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		offer, terms := h.upload("offer.pdf", "offer"), h.upload("terms.pdf", "terms")
		var intro store.Template
		h.write(func(tx *store.Tx) (err error) {
			intro, err = tx.InsertTemplate(store.Template{Key: "intro", Name: "Intro", TemplateContent: store.TemplateContent{Subject: "Hello", HTML: "Hello", Files: store.ListOfFiles([]ident.File{terms.ID, offer.ID})}}, 0)
			return err
		})
		id := h.connected(h.sequence("Files", mail("intro"), task("call")), h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		claim := func(want string, links ...string) *store.MailCandidate {
			t.Helper()
			pass := h.verdict(1, func(c *store.MailCandidate) store.Verdict {
				v := passing(c)
				v.Message.Tracked, v.Links, v.Files = true, links, c.Files
				return v
			})
			if got := fmt.Sprint(names(pass[0].Files), pass[0].Links, pass[0].Numbers[terms.ID], pass[0].Numbers[offer.ID]); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			return pass[0]
		}
		c := claim("[terms.pdf offer.pdf] map[https://a.test:1] 2 3", "https://a.test")
		h.finish(store.Retry, c.Message, "later")
		h.write(func(tx *store.Tx) (err error) {
			intro.Files = store.ListOfFiles([]ident.File{offer.ID})
			_, err = tx.UpdateTemplate(intro, 0)
			return err
		})
		h.pass(time.Hour)
		c = claim("[offer.pdf] map[https://a.test:1 https://b.test:4] 2 3", "https://a.test", "https://b.test")
		h.finish(store.Delivered, c.Message, "")
		h.fileOf(c.Message.ID, 3, offer, nil)
		h.fileOf(c.Message.ID, 1, store.File{}, errors.New("an address"))
		if _, err := h.db.Link(context.Background(), c.Message.ID, 3); !fault.Is(err, fault.NotFound) {
			t.Errorf("a file leads to an address: %v", err)
		}
		h.use(offer, "[Intro] 0")
		h.use(terms, "[] 0")

		h.pass(time.Hour)
		if n, err := h.db.AddHits(context.Background(), []hit.Hit{{Message: c.Message.ID, Link: 3, File: true, At: h.now(), Agent: firefox}}); n != 1 || err != nil {
			t.Errorf("kept %d, %v", n, err)
		}
		h.engaged(id, "intro", 3)
		h.write(func(tx *store.Tx) error { return tx.DeleteFile(offer) })
		h.fileOf(c.Message.ID, 3, offer, errors.New("deleted"))
		h.read(func(tx *store.Tx) error {
			m, err := tx.GetMessage(c.Message.ID)
			hits, more := tx.HitsOf(c.Message.ID, 1)
			if fmt.Sprint(names(m.Files), m.Downloaded, m.Downloads, m.Clicks, m.Opens) != "[terms.pdf offer.pdf] [offer.pdf] 1 0 0" || hits[0].FileName != "offer.pdf" || hits[0].Kind() != hit.Download || !m.Files[1].Deleted {
				t.Errorf("%+v, %+v", m, hits)
			}
			return errors.Join(err, more)
		})
	})
}

// TestFilesOfWrittenMail holds that what a person attached goes with the mail, and cannot be deleted before.
func TestFilesOfWrittenMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		id := h.connected(h.sequence("Written", task("write"), task("call")), h.user("Anna").ID, 1)[0]
		h.due(10, 1)
		offer := h.upload("offer.pdf", "offer")
		activity, _ := h.written(id, false)
		_ = activity
		h.verdict(1, kind(store.Withdraw, ""))
		h.write(func(tx *store.Tx) error {
			_, err := tx.InsertMessage(store.Message{Activity: activity, Record: 1, RFCID: "files@test.local", Files: []store.File{offer}})
			return err
		})
		h.use(offer, "[] 1")
		h.verdict(1, func(c *store.MailCandidate) store.Verdict {
			if fmt.Sprint(names(c.Files), c.Numbers[offer.ID]) != "[offer.pdf] 1" {
				t.Errorf("%+v", c)
			}
			return kind(store.Withdraw, "")(c)
		})
		h.use(offer, "[] 0")
	})
}

func (h *house) fileOf(m ident.Message, number int, want store.File, refused error) {
	h.Helper()
	f, err := h.db.FileOf(context.Background(), m, number)
	switch {
	case want.ID == 0:
		if !fault.Is(err, fault.NotFound) {
			h.Errorf("file %d: %+v, %v", number, f, err)
		}
	case err != nil || f.ID != want.ID || f.Deleted != (refused != nil):
		h.Errorf("file %d: %+v, %v", number, f, err)
	}
}

func (h *house) use(f store.File, want string) {
	h.Helper()
	h.read(func(tx *store.Tx) error {
		templates, waiting, err := tx.FileUse(f.ID)
		if got := fmt.Sprint(templates, waiting); got != want {
			h.Errorf("%s is used by %s, want %s", f.Name, got, want)
		}
		return err
	})
}

func names(files []store.File) (list []string) {
	for _, f := range files {
		list = append(list, f.Name)
	}
	return list
}
