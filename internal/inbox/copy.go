package inbox

import (
	"context"
	"errors"

	"github.com/emersion/go-imap/v2"

	"cadenza/internal/store"
)

// copying is a connection through which copies of sent mail are made.
type copying struct {
	*session
	texts  SentTexts
	folder string
	stop   func() bool
}

// open gives a connection whose folder of sent mail is open, for looking only: nothing but APPEND writes.
func (k *Copier) open(ctx context.Context, box store.Mailbox) (*copying, error) {
	server, meter := k.c.Server.metered()
	client, err := server.Open(ctx, box, nil)
	if err != nil {
		return nil, err
	}
	s := &copying{session: &session{watcher: &watcher{box: box, meter: meter, log: k.c.Log}, client: client}, texts: k.c.Texts}
	s.stop = context.AfterFunc(ctx, func() { _ = client.Close() })
	if err := s.enter(); err != nil {
		s.stop()
		_ = client.Close()
		return nil, err
	}
	return s, nil
}

// enter finds and opens the folder.
func (s *copying) enter() error {
	if s.folder = s.box.SentFolder; s.folder == "" {
		var list []*imap.ListData
		if err := s.within(func() (err error) { list, err = s.client.List("", "*", nil).Collect(); return err }); err != nil {
			return err
		}
		if s.folder = SentFolder(list); s.folder == "" {
			return &setupError{"The account has no folder for sent mail that is marked as such. Enter the folder's name."}
		}
	}
	err := s.within(func() error {
		_, err := s.client.Select(s.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if refused(err) {
		return &setupError{"The account has no folder " + s.folder + " that can be opened. Enter the name of its folder of sent mail."}
	}
	return err
}

func (s *copying) close() {
	_ = s.within(func() error { return s.client.Logout().Wait() }) // the copies are made, however the server says good-bye
	s.stop()
	_ = s.client.Close()
}

// copy puts one message into the folder, unless it is there. The error is of the connection: what the server says to this one
// message is in the result.
func (s *copying) copy(ctx context.Context, c *store.MailCandidate) (r store.CopyResult, err error) {
	r.Message = c.Message.ID
	there, err := s.holds(c.Message.RFCID)
	if err != nil || there {
		return r, err
	}
	raw, why, final := s.texts.SentText(ctx, c)
	if raw == nil {
		r.Trouble, r.Final = "The copy of an email could not be made. "+why, final
		return r, nil
	}
	if err := s.append(raw, c); refused(err) {
		r.Trouble, _ = Trouble(err, s.box)
		return r, nil
	} else if err != nil {
		return r, err
	}
	return r, nil
}

// holds looks a message up by its Message-ID: the provider's own copy, or ours whose making nobody wrote down.
func (s *copying) holds(rfcID string) (bool, error) {
	var data *imap.SearchData
	err := s.within(func() (err error) {
		// NOOP first: a folder that is open shows what came since only then (RFC 9051, section 7).
		if err := s.client.Noop().Wait(); err != nil {
			return err
		}
		data, err = s.client.UIDSearch(&imap.SearchCriteria{
			Header: []imap.SearchCriteriaHeaderField{{Key: "Message-Id", Value: rfcID}},
		}, nil).Wait()
		return err
	})
	if err != nil {
		return false, err
	}
	set, _ := data.All.(imap.UIDSet)
	return len(set) > 0, nil
}

// append writes a message into the folder, as read and with its own date.
func (s *copying) append(raw []byte, c *store.MailCandidate) error {
	return s.within(func() error {
		cmd := s.client.Append(s.folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: c.Message.AttemptAt})
		_, writeErr := cmd.Write(raw)
		closeErr := cmd.Close()
		_, err := cmd.Wait()
		if refused(err) { // which is why it could not be written
			return err
		}
		return errors.Join(err, writeErr, closeErr)
	})
}
