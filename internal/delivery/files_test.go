package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/access"
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
		o.attach("Größe.pdf", "%PDF-1.4 offer")
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
		o.attach("offer.pdf", "x")
		o.open(1)
		time.Sleep(time.Minute)
		o.states("failed 1")
		o.stop()
	})
}

// attach gives the template of the queued mail a file.
func (o *office) attach(name, content string) {
	o.Helper()
	staged, err := o.db.Stage([]byte(content))
	if err == nil {
		err = o.db.Write(context.Background(), func(tx *store.Tx) error {
			f, err := tx.InsertFile(store.File{Name: name, Type: "application/pdf"}, staged)
			if err != nil {
				return err
			}
			list, err := tx.ListTemplates("", "")
			if err != nil {
				return err
			}
			t := list[0]
			t.Files = store.ListOfFiles([]ident.File{f.ID})
			if t, err = tx.UpdateTemplate(t, 0); err != nil {
				return err
			}
			uses, err := tx.For(access.System()).TemplateInUse(t.ID)
			for _, use := range uses {
				err = errors.Join(err, tx.AdoptTemplate(t.ID, t.Version, []ident.Version{use.Version}))
			}
			return err
		})
	}
	if err != nil {
		o.Fatal(err)
	}
}
