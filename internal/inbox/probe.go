package inbox

import (
	"context"
	"errors"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// Probe tries whether a mailbox can be read, without reading any mail; the error says what failed and what to do.
func Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	return Server{}.Probe(ctx, box, c)
}

// Probe is the function Probe for servers that are reached in another way.
func (s Server) Probe(ctx context.Context, box store.Mailbox, c signin.Credentials) error {
	client, err := s.session(ctx, box, c, nil)
	if err != nil {
		reason, _ := Trouble(err, box)
		return &setupError{reason}
	}
	defer func() { _ = client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := look(client, box); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		reason, _ := Trouble(err, box)
		return &setupError{reason}
	}
	_ = client.Logout().Wait() // the settings work, however the server says good-bye
	return nil
}

// look opens the inbox, for reading only, and finds the folder of sent mail.
func look(client *imapclient.Client, box store.Mailbox) error {
	if _, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return err
	}
	if box.SentFolder != "" {
		_, err := client.Status(box.SentFolder, &imap.StatusOptions{NumMessages: true}).Wait()
		var answer *imap.Error
		if errors.As(err, &answer) {
			return &setupError{"The account has no folder " + box.SentFolder + ". Enter the name of its folder of sent mail, or leave it empty."}
		}
		return err
	}
	folders, err := client.List("", "*", nil).Collect()
	if err != nil {
		return err
	}
	if SentFolder(folders) == "" {
		return &setupError{"The account has no folder for sent mail that is marked as such. Enter the folder's name, so that mail in doubt can be looked up."}
	}
	return nil
}

// SentFolder gives the folder of sent mail: the one marked \Sent (RFC 6154), else one that is usually called so; "" for none.
func SentFolder(folders []*imap.ListData) string {
	for _, f := range folders {
		for _, attr := range f.Attrs {
			if attr == imap.MailboxAttrSent {
				return f.Mailbox
			}
		}
	}
	for _, usual := range []string{"Sent", "Sent Items", "Sent Messages", "INBOX.Sent", "INBOX/Sent"} {
		for _, f := range folders {
			if f.Mailbox == usual {
				return usual
			}
		}
	}
	return ""
}
