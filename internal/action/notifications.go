package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// NotificationQuery selects among one's own notifications.
type NotificationQuery struct {
	Unread bool
	Cursor string
	Limit  int
}

// Notifications gives what the actor is told of, newest first.
func (a *App) Notifications(ctx context.Context, actor access.Actor, q NotificationQuery) (store.Page[store.Notification], error) {
	if err := somebody(actor); err != nil {
		return store.Page[store.Notification]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Notification], error) {
		return tx.Notifications(store.NotificationQuery{User: actor.ID, Unread: q.Unread, Cursor: q.Cursor, Limit: q.Limit})
	})
}

// GetNotification gives one of the actor's own notifications.
func (a *App) GetNotification(ctx context.Context, actor access.Actor, id ident.Notification) (store.Notification, error) {
	if err := somebody(actor); err != nil {
		return store.Notification{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Notification, error) { return tx.GetNotification(actor.ID, id) })
}

// UnreadNotifications counts what the actor has not read, up to 100; mark is a text that changes when that does.
func (a *App) UnreadNotifications(ctx context.Context, actor access.Actor) (count int, mark string, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		count, mark, err = tx.UnreadNotifications(actor.ID)
		return err
	})
	return count, mark, err
}

// ReadNotification notes that the actor has read a notification, or that it counts as not read.
func (a *App) ReadNotification(ctx context.Context, actor access.Actor, id ident.Notification, read bool) (store.Notification, error) {
	if err := somebody(actor); err != nil {
		return store.Notification{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Notification, error) {
		n, err := tx.GetNotification(actor.ID, id)
		if err != nil || n.ReadAt.IsZero() == !read {
			return n, err
		}
		if err := tx.ReadNotification(actor.ID, id, read); err != nil {
			return n, err
		}
		return tx.GetNotification(actor.ID, id)
	})
}

// ReadAllNotifications notes that the actor has read everything up to one notification, so that what came since the reader looked
// stays unread; zero is the newest. It counts those that were not read before.
func (a *App) ReadAllNotifications(ctx context.Context, actor access.Actor, upTo ident.Notification) (int, error) {
	if err := somebody(actor); err != nil {
		return 0, err
	}
	return change(ctx, a, func(tx *store.Tx) (int, error) { return tx.ReadNotifications(actor.ID, upTo) })
}

// somebody refuses the server itself, which is told of nothing.
func somebody(actor access.Actor) error {
	if actor.ID != 0 {
		return nil
	}
	if !actor.System {
		return refuse(actor)
	}
	return fault.New(fault.Forbidden, "The server itself has no notifications.").WithHint("Act as a user.")
}

// Told gives a notification as a sentence without a full stop, and what more there is to say.
func Told(n store.Notification) (title, detail string) {
	about, named := n.RecordName, quoted(n.Name, "An email")
	if about == "" {
		about = "Somebody"
	}
	by := n.ByName
	if by == "" {
		by = "The server"
	}
	switch n.Kind {
	case store.NotifyReply:
		return repliedTitle(n, about), n.Detail
	case store.NotifyOpen:
		return about + " opened " + lowerArticle(named), n.Detail
	case store.NotifyClick:
		return about + " followed a link in " + lowerArticle(named), n.Detail
	case store.NotifyBounce:
		return named + toWhom(n.RecordName) + " came back", n.Detail
	case store.NotifyFailure:
		return named + toWhom(n.RecordName) + " was not sent", n.Detail
	case store.NotifyHandover:
		return handedTitle(n, by), n.Detail
	case store.NotifyMissed:
		return "Missed call from " + about, n.Name
	case store.NotifyMailbox:
		return mailboxTitle(n), n.Detail
	case store.NotifySequence:
		return by + " " + n.Detail + " " + quoted(n.Name, "a sequence of yours"), ""
	}
	return "", n.Detail
}

func repliedTitle(n store.Notification, about string) string {
	who := about
	if n.Sender != "" {
		who = n.Sender
	}
	title := who + " replied"
	if n.Name != "" {
		title += " to " + quoted(n.Name, "")
	}
	return title
}

func handedTitle(n store.Notification, by string) string {
	if n.Amount > 1 {
		return fmt.Sprintf("%s handed you %d activities", by, n.Amount)
	}
	title := by + " handed you " + lowerArticle(quoted(n.Name, "An activity"))
	if n.RecordName != "" {
		title += " for " + n.RecordName
	}
	return title
}

func mailboxTitle(n store.Notification) string {
	box := n.Name
	if box == "" {
		box = "Your mailbox"
	}
	if n.By != 0 {
		return n.ByName + " paused " + box
	}
	if n.Unread {
		return box + " cannot be read"
	}
	return box + " has stopped sending"
}

// quoted gives a name in quotes, or other words where there is none.
func quoted(name, without string) string {
	if name == "" {
		return without
	}
	return "“" + name + "”"
}

// lowerArticle has "An email" stand within a sentence.
func lowerArticle(s string) string {
	if strings.HasPrefix(s, "An ") {
		return lowerFirst(s)
	}
	return s
}

func toWhom(name string) string {
	if name == "" {
		return ""
	}
	return " to " + name
}

// NotificationSettings are what a user wants to be told of.
type NotificationSettings struct {
	// Off are the kinds that the user wants to hear nothing of.
	Off []store.NotificationKind
	// Digest is the hour of the day, 1 to 23, from which a mail tells what is new and due; store.NoDigest for none.
	Digest int
}

// Wants tells whether a kind is on.
func (s NotificationSettings) Wants(k store.NotificationKind) bool { return !slices.Contains(s.Off, k) }

// NotificationSettings gives what the actor wants to be told of.
func (a *App) NotificationSettings(ctx context.Context, actor access.Actor) (NotificationSettings, error) {
	if err := somebody(actor); err != nil {
		return NotificationSettings{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (NotificationSettings, error) { return notificationSettings(tx, actor) })
}

func notificationSettings(tx *store.Tx, actor access.Actor) (NotificationSettings, error) {
	off, err := tx.NotificationsOff(actor.ID)
	if err != nil {
		return NotificationSettings{}, err
	}
	hour, err := tx.DigestHour(actor.ID)
	return NotificationSettings{Off: off, Digest: hour}, err
}

// SaveNotificationSettings changes what the actor wants to be told of. What was told already stays.
func (a *App) SaveNotificationSettings(ctx context.Context, actor access.Actor, s NotificationSettings) (NotificationSettings, error) {
	if err := somebody(actor); err != nil {
		return NotificationSettings{}, err
	}
	for _, k := range s.Off {
		if !slices.Contains(store.NotificationKinds(), k) {
			return s, fault.Field("kinds", "unknown", fmt.Sprintf("There is no kind of notification %q.", k))
		}
	}
	if s.Digest < store.NoDigest || s.Digest > 23 {
		return s, noDigestHour()
	}
	return change(ctx, a, func(tx *store.Tx) (NotificationSettings, error) {
		if err := tx.SaveNotificationsOff(actor.ID, s.Off); err != nil {
			return s, err
		}
		if err := tx.SaveDigestHour(actor.ID, s.Digest); err != nil {
			return s, err
		}
		return notificationSettings(tx, actor)
	})
}

// NotificationLabel says what a kind of notification tells of.
func NotificationLabel(k store.NotificationKind) string {
	return map[store.NotificationKind]string{
		store.NotifyReply:    "A customer replied",
		store.NotifyOpen:     "A customer opened an email for the first time",
		store.NotifyClick:    "A customer followed a link or took a file for the first time",
		store.NotifyMissed:   "A call was missed",
		store.NotifyHandover: "Somebody handed you an activity",
		store.NotifyBounce:   "An email came back",
		store.NotifyFailure:  "An email or text message was not sent",
		store.NotifyMailbox:  "Your mailbox has stopped sending, or cannot be read",
		store.NotifySequence: "Somebody else changed or ended a sequence of yours",
	}[k]
}
