package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// notificationShape is something that the token's user is told of.
type notificationShape struct {
	ID     string     `json:"id"`
	Kind   string     `json:"kind" enum:"reply,open,click,missed_call,handover,bounce,failure,mailbox,sequence"`
	Title  string     `json:"title" doc:"A sentence without a full stop."`
	Detail string     `json:"detail,omitempty"`
	At     time.Time  `json:"at"`
	ReadAt *time.Time `json:"read_at,omitempty" doc:"Absent while it is unread."`
	Record *ref       `json:"record,omitempty"`
	By     *ref       `json:"by,omitempty" doc:"The user who did it."`

	Message  string `json:"message,omitempty" doc:"The id of the message that it is about."`
	Received string `json:"received,omitempty" doc:"The id of the mail that came in."`
	Activity string `json:"activity,omitempty" doc:"The id of the activity that was handed over; absent for several at once."`
	Mailbox  string `json:"mailbox,omitempty"`
	Sequence string `json:"sequence,omitempty"`
	Call     string `json:"call,omitempty"`
}

func notificationOf(n store.Notification) notificationShape {
	title, detail := action.Told(n)
	return notificationShape{
		ID: n.ID.String(), Kind: string(n.Kind), Title: title, Detail: detail, At: n.At.UTC(), ReadAt: moment(n.ReadAt),
		Record: refTo(n.Record, n.RecordName), By: refTo(n.By, n.ByName), Message: n.Message.String(), Received: n.Received.String(),
		Activity: n.Activity.String(), Mailbox: n.Mailbox.String(), Sequence: n.Sequence.String(), Call: n.Call.String(),
	}
}

type notificationQuery struct {
	Paging
	Unread bool `query:"unread" doc:"Only those that are not read yet."`
}

type unreadShape struct {
	Unread int `json:"unread" doc:"How many are not read, up to 100."`
}

type readUpTo struct {
	UpTo string `json:"up_to,omitempty" doc:"The id of the newest one that counts; all that there are when it is left out."`
}

type readShape struct {
	Read int `json:"read" doc:"How many of them were not read before."`
}

// notificationSettings are the kinds, each on or off.
type notificationSettings struct {
	Kinds  map[string]bool `json:"kinds" doc:"Each kind of notification, and whether the user is told of it. A change names those that it changes."`
	Digest string          `json:"digest,omitempty" doc:"From which hour of a working day a mail tells the user what is new and due, by the user's own clock: 07:00, for instance, or off." example:"07:00"`
}

func notificationSettingsOf(s action.NotificationSettings, err error) (notificationSettings, error) {
	kinds := map[string]bool{}
	for _, k := range store.NotificationKinds() {
		kinds[string(k)] = s.Wants(k)
	}
	return notificationSettings{Kinds: kinds, Digest: action.DigestText(s.Digest)}, err
}

// merge puts a change into the settings.
func (c notificationSettings) merge(s action.NotificationSettings) (action.NotificationSettings, error) {
	var off []store.NotificationKind
	for _, k := range store.NotificationKinds() {
		on, named := c.Kinds[string(k)]
		if named && !on || !named && !s.Wants(k) {
			off = append(off, k)
		}
	}
	for name := range c.Kinds {
		if !slices.Contains(store.NotificationKinds(), store.NotificationKind(name)) {
			return s, fault.Field("kinds", "unknown", fmt.Sprintf("There is no kind of notification %q.", name))
		}
	}
	s.Off = off
	if c.Digest == "" {
		return s, nil
	}
	hour, err := action.ReadDigest(c.Digest)
	s.Digest = hour
	return s, err
}

func (d *door) notifications() {
	handle(d, get("/notifications", "list-notifications", "List what the token's user is told of, newest first"), func(ctx context.Context, actor access.Actor, in *notificationQuery) (page[notificationShape], error) {
		p, err := d.app.Notifications(ctx, actor, action.NotificationQuery{Unread: in.Unread, Cursor: in.Cursor, Limit: in.Limit})
		return pageOf(p, notificationOf), err
	})
	handle(d, get("/notifications/count", "count-notifications", "Count what the token's user has not read"), func(ctx context.Context, actor access.Actor, _ *none) (unreadShape, error) {
		n, _, err := d.app.UnreadNotifications(ctx, actor)
		return unreadShape{Unread: n}, err
	})
	handle(d, with(post("/notifications/read", "read-notifications", "Say that the token's user has read everything"), "With up_to, what came after that one stays unread."),
		func(ctx context.Context, actor access.Actor, in *body[readUpTo]) (readShape, error) {
			var upTo id[ident.Notification]
			if in.Body.UpTo != "" {
				if err := upTo.UnmarshalText([]byte(in.Body.UpTo)); err != nil {
					return readShape{}, err
				}
				if upTo.Key == nobody {
					return readShape{}, fault.Field("up_to", "unknown", "This is no id of a notification.")
				}
			}
			n, err := d.app.ReadAllNotifications(ctx, actor, upTo.Key)
			return readShape{Read: n}, err
		})
	handle(d, get("/notifications/{id}", "get-notification", "Get a notification"), func(ctx context.Context, actor access.Actor, in *One[ident.Notification]) (notificationShape, error) {
		n, err := d.app.GetNotification(ctx, actor, in.ID.Key)
		return notificationOf(n), err
	})
	for verb, read := range map[string]bool{"read": true, "unread": false} {
		handle(d, post("/notifications/{id}/"+verb, "mark-notification-"+verb, "Have a notification count as "+verb), func(ctx context.Context, actor access.Actor, in *One[ident.Notification]) (notificationShape, error) {
			n, err := d.app.ReadNotification(ctx, actor, in.ID.Key, read)
			return notificationOf(n), err
		})
	}
	d.notificationSettings()
}

func (d *door) notificationSettings() {
	handle(d, get("/me/notification-settings", "get-notification-settings", "Get what the token's user wants to be told of"), func(ctx context.Context, actor access.Actor, _ *none) (notificationSettings, error) {
		return notificationSettingsOf(d.app.NotificationSettings(ctx, actor))
	})
	handle(d, patch("/me/notification-settings", "update-notification-settings", "Change what the token's user wants to be told of"), func(ctx context.Context, actor access.Actor, in *body[notificationSettings]) (notificationSettings, error) {
		now, err := d.app.NotificationSettings(ctx, actor)
		if err != nil {
			return notificationSettings{}, err
		}
		next, err := in.Body.merge(now)
		if err != nil {
			return notificationSettings{}, err
		}
		return notificationSettingsOf(d.app.SaveNotificationSettings(ctx, actor, next))
	})
}
