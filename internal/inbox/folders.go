package inbox

import (
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// inboxName is the one folder that every account has (RFC 9051, section 5.1).
const inboxName = "INBOX"

// folders are those of an account that matter.
type folders struct {
	// polled are looked into every so often: answers and bounces end up there by filters.
	polled []string
	// sent and all may hold mail that we sent; "" for none.
	sent, all string
}

// usual names of folders that servers without special-use (RFC 6154) do not mark.
var usualNames = []string{
	"junk", "spam", "junk email", "junk e-mail", "bulk mail", "bulk", "inbox.junk", "inbox.spam", "inbox/junk", "inbox/spam", "junk-e-mail",
	"archive", "archives", "inbox.archive", "inbox/archive", "archiv",
}

// polledMax bounds how many folders of an account are looked into.
const polledMax = 20

// folders finds the folders that matter: the junk and the archive, and everything below the inbox that a filter may have
// filled. Drafts, trash and sent mail are not read.
func (s *session) folders() (f folders, err error) {
	var list []*imap.ListData
	if err := s.within(func() (err error) { list, err = s.client.List("", "*", nil).Collect(); return err }); err != nil {
		return f, err
	}
	if f.sent = s.box.SentFolder; f.sent == "" {
		f.sent = SentFolder(list)
	}
	for _, data := range list {
		has := func(attrs ...imap.MailboxAttr) bool {
			return slices.ContainsFunc(attrs, func(a imap.MailboxAttr) bool { return slices.Contains(data.Attrs, a) })
		}
		name := strings.ToLower(data.Mailbox)
		switch {
		case name == "inbox" || data.Mailbox == f.sent || has(imap.MailboxAttrNoSelect, imap.MailboxAttrNonExistent):
		case has(imap.MailboxAttrDrafts, imap.MailboxAttrTrash, imap.MailboxAttrSent, imap.MailboxAttrFlagged, imap.MailboxAttrImportant):
		case has(imap.MailboxAttrAll):
			f.all = data.Mailbox
			f.polled = append(f.polled, data.Mailbox)
		case has(imap.MailboxAttrJunk, imap.MailboxAttrArchive), slices.Contains(usualNames, name), below(data, "inbox"):
			f.polled = append(f.polled, data.Mailbox)
		}
	}
	if len(f.polled) > polledMax {
		f.polled = f.polled[:polledMax]
	}
	return f, nil
}

// below tells a folder under another, and not one of the usual names for what is not read.
func below(data *imap.ListData, parent string) bool {
	name := strings.ToLower(data.Mailbox)
	if data.Delim == 0 || !strings.HasPrefix(name, parent+string(data.Delim)) {
		return false
	}
	switch name[len(parent)+1:] {
	case "sent", "sent items", "sent messages", "drafts", "trash", "deleted items", "deleted messages", "templates", "outbox":
		return false
	}
	return true
}

// poll looks into a folder that is not open, if something came since. A folder that went away or that nobody may open is
// passed over.
func (s *session) poll(ctx context.Context, name string) error {
	if c, ok := s.cursors[name]; ok {
		var st *imap.StatusData
		err := s.within(func() (err error) {
			st, err = s.client.Status(name, &imap.StatusOptions{UIDNext: true, UIDValidity: true}).Wait()
			return err
		})
		switch {
		case refused(err):
			return nil
		case err != nil:
			return err
		case st.UIDValidity == c.Validity && st.UIDNext != 0 && uint32(st.UIDNext) <= c.Next:
			return nil
		}
	}
	err := s.look(ctx, name)
	if refused(err) {
		s.log.Debug("folder passed over", "error", err)
		return nil
	}
	return err
}
