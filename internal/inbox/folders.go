package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

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

// unread are the usual names of folders that hold nothing that came in for the account's owner: own mail, what was thrown
// away, what is no mail, and the mail of others. They count in every part of a folder's path.
var unread = []string{
	"sent", "sent items", "sent messages", "sent mail", "drafts", "trash", "bin", "deleted", "deleted items", "deleted messages", "templates", "outbox",
	"gesendet", "gesendete elemente", "gesendete objekte", "entwürfe", "papierkorb", "gelöschte elemente", "gelöschte objekte", "vorlagen", "postausgang",
	"éléments envoyés", "messages envoyés", "brouillons", "corbeille", "éléments supprimés", "modèles", "boîte d'envoi",
	"enviados", "elementos enviados", "borradores", "papelera", "elementos eliminados", "plantillas", "posta inviata", "bozze", "cestino", "posta eliminata",
	"calendar", "contacts", "journal", "notes", "tasks", "conversation history", "sync issues", "rss feeds",
	"shared", "user", "users", "other users", "public", "public folders", "shared folders", "#shared", "#public", "#users",
}

// polledMax bounds how many folders of an account are looked into, and relistEvery how soon a new one is found.
const (
	polledMax   = 20
	relistEvery = 10 * time.Minute
)

// folders finds the folders that matter: the junk and the archive first, then what is below the inbox, then all others that a
// filter may have filled. Where one folder shows all mail, those others are views of it. Drafts, trash and sent mail are not
// read.
func (s *session) folders() (f folders, err error) {
	var list []*imap.ListData
	if err := s.within(func() (err error) { list, err = s.client.List("", "*", nil).Collect(); return err }); err != nil {
		return f, err
	}
	if f.sent = s.box.SentFolder; f.sent == "" {
		f.sent = SentFolder(list)
	}
	var shut []string // the folders below these are not read either
	for _, data := range list {
		if marked(data, imap.MailboxAttrDrafts, imap.MailboxAttrTrash, imap.MailboxAttrSent) && data.Delim != 0 {
			shut = append(shut, data.Mailbox+string(data.Delim))
		}
	}
	var first, below, others []string
	for _, data := range list {
		name := strings.ToLower(data.Mailbox)
		path := []string{name}
		if data.Delim != 0 {
			path = strings.Split(name, string(data.Delim))
		}
		switch {
		case name == "inbox" || data.Mailbox == f.sent || marked(data, imap.MailboxAttrNoSelect, imap.MailboxAttrNonExistent):
		case marked(data, imap.MailboxAttrDrafts, imap.MailboxAttrTrash, imap.MailboxAttrSent, imap.MailboxAttrFlagged, imap.MailboxAttrImportant):
		case marked(data, imap.MailboxAttrAll):
			f.all = data.Mailbox
			first = append(first, data.Mailbox)
		case marked(data, imap.MailboxAttrJunk, imap.MailboxAttrArchive), slices.Contains(usualNames, name):
			first = append(first, data.Mailbox)
		case slices.ContainsFunc(path, func(part string) bool { return slices.Contains(unread, part) }),
			slices.ContainsFunc(shut, func(prefix string) bool { return strings.HasPrefix(data.Mailbox, prefix) }):
		case path[0] == "inbox":
			below = append(below, data.Mailbox)
		default:
			others = append(others, data.Mailbox)
		}
	}
	if f.all != "" {
		others = nil
	}
	f.polled = slices.Concat(first, below, others)
	if over := len(f.polled) - polledMax; over > 0 {
		s.log.Info("a mailbox has more folders than are read", "left_out", over)
		f.polled = f.polled[:polledMax]
	}
	return f, nil
}

// marked tells that the server marks a folder as one of these (RFC 6154).
func marked(data *imap.ListData, attrs ...imap.MailboxAttr) bool {
	return slices.ContainsFunc(attrs, func(a imap.MailboxAttr) bool { return slices.Contains(data.Attrs, a) })
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
