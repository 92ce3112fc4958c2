package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const notificationsPath = "/notifications"

func notificationPath(id ident.Notification) string { return notificationsPath + "/" + id.String() }

// notificationList is the state of the page of notifications.
type notificationList struct {
	// Unread leaves out what was read. Count is how many are unread, Mark changes with them.
	Unread bool
	Count  int
	Mark   string
	Page   store.Page[store.Notification]
	// First and Older lead to the first page and the next one, "" where there is none.
	First, Older string
}

func (s *Server) showNotifications(w http.ResponseWriter, r *http.Request) error {
	l := notificationList{Unread: text(r, "show") == "unread"}
	q := action.NotificationQuery{Unread: l.Unread, Cursor: text(r, "cursor")}
	var err error
	if l.Count, l.Mark, err = s.app.UnreadNotifications(r.Context(), actorOf(r)); err != nil {
		return err
	}
	if l.Page, err = s.app.Notifications(r.Context(), actorOf(r), q); err != nil {
		return err
	}
	if l.Page.Next != "" {
		l.Older = withQuery(r, "cursor", l.Page.Next)
	}
	if q.Cursor != "" {
		l.First = withQuery(r, "cursor", "")
	}
	if isFragment(r) {
		return s.write(w, r, 0, notificationResults(s.view(r), l))
	}
	return s.render(w, r, page{Title: "Notifications"}, notificationsPage(s.view(r), l))
}

// openNotification leads to what a notification is about, and counts it as read.
func (s *Server) openNotification(w http.ResponseWriter, r *http.Request) error {
	id, err := notificationID(r)
	if err != nil {
		return err
	}
	n, err := s.app.ReadNotification(r.Context(), actorOf(r), id, true)
	if err != nil {
		return err
	}
	return s.redirect(w, r, subjectPath(n))
}

func (s *Server) readNotification(w http.ResponseWriter, r *http.Request) error {
	id, err := notificationID(r)
	if err != nil {
		return err
	}
	if _, err := s.app.ReadNotification(r.Context(), actorOf(r), id, text(r, "on") == "1"); err != nil {
		return err
	}
	return s.redirect(w, r, notificationsShown(text(r, "show")))
}

// readNotifications has the reader have read all up to the newest one of the page: what came meanwhile stays unread.
func (s *Server) readNotifications(w http.ResponseWriter, r *http.Request) error {
	var upTo ident.Notification
	if err := readID(text(r, "up_to"), &upTo); err != nil {
		return err
	}
	if _, err := s.app.ReadAllNotifications(r.Context(), actorOf(r), upTo); err != nil {
		return err
	}
	s.say(r, "All are marked as read.")
	return s.redirect(w, r, notificationsShown(text(r, "show")))
}

func notificationID(r *http.Request) (id ident.Notification, err error) {
	return id, readID(r.PathValue("id"), &id)
}

// notificationsShown is the page as it stood before something was done on it.
func notificationsShown(show string) string {
	if show == "unread" {
		return notificationsPath + "?show=unread"
	}
	return notificationsPath
}

func (l notificationList) show() string {
	if l.Unread {
		return "unread"
	}
	return ""
}

// subjectPath is the page of what a notification is about; where that is gone, the nearest one.
func subjectPath(n store.Notification) string {
	switch {
	case n.Received != 0:
		return receivedPath(n.Received)
	case n.Message != 0:
		return messagePath(n.Message)
	case n.Activity != 0:
		return activityPath(n.Activity)
	case n.Mailbox != 0:
		return mailboxPath(n.User)
	case n.Sequence != 0 && n.Detail != "deleted":
		return sequencePath(n.Sequence)
	case n.Sequence != 0:
		return "/sequences"
	case n.Record != 0:
		return recordPath(n.Record)
	}
	return "/work"
}

// notificationKind is the icon of a notification.
func notificationKind(k store.NotificationKind) ui.Kind {
	switch k {
	case store.NotifyReply:
		return ui.KindReplied
	case store.NotifyOpen:
		return ui.KindOpened
	case store.NotifyClick:
		return ui.KindClicked
	case store.NotifyBounce:
		return ui.KindBounced
	case store.NotifyFailure, store.NotifyMailbox:
		return ui.KindProblem
	case store.NotifyHandover:
		return ui.KindTask
	case store.NotifyMissed:
		return ui.KindPhoneCall
	case store.NotifySequence:
		return ui.KindSequence
	}
	return ""
}

// saveNotificationSettings saves what its reader wants to be told of: what is ticked.
func (s *Server) saveNotificationSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := s.profile(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.Notify.Off = nil
	for _, k := range store.NotificationKinds() {
		if r.FormValue("notify_"+string(k)) == "" {
			f.Notify.Off = append(f.Notify.Off, k)
		}
	}
	if f.Notify.Digest, err = action.ReadDigest(r.FormValue("digest")); err == nil {
		_, err = s.app.SaveNotificationSettings(r.Context(), actorOf(r), f.Notify)
	}
	if err != nil {
		var shown bool
		if f.NotifyFaults, shown = refused(err); !shown {
			return err
		}
		return s.renderProfile(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Saved what you are told of.")
	return s.redirect(w, r, "/profile#notifications")
}

// digestOptions are the hours from which a digest can go out.
func digestOptions() []ui.Option {
	options := []ui.Option{{Value: action.DigestOff, Label: "Never"}}
	for hour := 1; hour < 24; hour++ {
		options = append(options, ui.Option{Value: action.DigestText(hour), Label: "From " + action.DigestText(hour)})
	}
	return options
}
