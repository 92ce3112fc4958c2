package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// TestFilesCarried holds that a mail that is not followed carries its files itself, that it waits while they cannot be
// read, and that it fails when they are gone.
func TestFilesCarried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		ctx := context.Background()
		staged, err := o.db.Stage([]byte("%PDF-1.4 offer"))
		if err != nil {
			t.Fatal(err)
		}
		err = o.db.Write(ctx, func(tx *store.Tx) error {
			f, err := tx.InsertFile(store.File{Name: "Größe.pdf", Type: "application/pdf"}, staged)
			if err != nil {
				return err
			}
			list, err := tx.ListTemplates("", "")
			if err != nil {
				return err
			}
			list[0].Files = []ident.File{f.ID}
			_, err = tx.UpdateTemplate(list[0])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		tries := 0
		o.db.read = func() error { // asked by one goroutine
			if tries++; tries == 1 {
				return errors.New("the disk does not answer")
			}
			return nil
		}
		o.open(1)
		time.Sleep(time.Minute)
		o.states("queued 1")
		time.Sleep(15 * time.Minute)
		o.states("sent 1")
		m, err := message.Parse(o.sink.MessagesTo("lead0@buyer.test")[0].Raw)
		if err != nil || len(m.Attachments) != 1 || m.Attachments[0].Name != "Größe.pdf" || m.Attachments[0].Type != "application/pdf" || string(m.Attachments[0].Data) != "%PDF-1.4 offer" {
			t.Errorf("got %+v, %v", m.Attachments, err)
		}
		if strings.Contains(m.HTML+m.Text, "/t/") {
			t.Errorf("it is followed: %s", m.HTML)
		}
		o.stop()
	})
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 1)
		o.db.read = func() error { return fault.New(fault.NotFound, "It is gone.") }
		err := o.db.Write(context.Background(), func(tx *store.Tx) error {
			staged, err := o.db.Stage([]byte("x"))
			if err != nil {
				return err
			}
			f, err := tx.InsertFile(store.File{Name: "offer.pdf"}, staged)
			if err != nil {
				return err
			}
			list, err := tx.ListTemplates("", "")
			list[0].Files = []ident.File{f.ID}
			return errors.Join(err, ignored(tx.UpdateTemplate(list[0])))
		})
		if err != nil {
			t.Fatal(err)
		}
		o.open(1)
		time.Sleep(time.Minute)
		o.states("failed 1")
		o.stop()
	})
}

func ignored(_ store.Template, err error) error { return err }
