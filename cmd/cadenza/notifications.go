package main

import (
	"slices"

	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type notifyCommand struct {
	List     notificationsListCommand     `cmd:"" help:"List what a user is told of, newest first."`
	Read     notificationsReadCommand     `cmd:"" help:"Have all that a user is told of count as read."`
	Settings notificationsSettingsCommand `cmd:"" help:"Show or change what a user is told of."`
}

type notificationsListCommand struct {
	site
	output
	Email  string `arg:"" help:"Email address of the user."`
	Unread bool   `help:"Only what is not read yet."`
	Limit  int    `help:"How many at most, up to 200." default:"50"`
}

// Run lists them.
func (c *notificationsListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		list, err := h.app.Notifications(env.ctx, actorOf(u), action.NotificationQuery{Unread: c.Unread, Limit: c.Limit})
		if err != nil {
			return err
		}
		unread, _, err := h.app.UnreadNotifications(env.ctx, actorOf(u))
		if err != nil {
			return err
		}
		return c.show(env, shapes(list.Rows, api.Notification), func() {
			for _, n := range list.Rows {
				title, _ := action.Told(n)
				mark := " "
				if n.ReadAt.IsZero() {
					mark = "*"
				}
				env.say("%s  %s  %s", mark, n.At.In(zoneOf(u)).Format("2006-01-02 15:04"), title)
			}
			env.say("%d unread", unread)
		})
	})
}

type notificationsReadCommand struct {
	site
	output
	Email string `arg:"" help:"Email address of the user."`
}

// Run has them count as read.
func (c *notificationsReadCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		n, err := h.app.ReadAllNotifications(env.ctx, actorOf(u), 0)
		if err != nil {
			return err
		}
		return c.show(env, api.NotificationsRead(n), func() { env.say("%d marked as read", n) })
	})
}

type notificationsSettingsCommand struct {
	site
	output
	Email string   `arg:"" help:"Email address of the user."`
	On    []string `help:"Kinds that the user is told of." placeholder:"KIND,…"`
	Off   []string `help:"Kinds that the user is told nothing of." placeholder:"KIND,…"`

	Digest string `help:"From which hour of a working day a mail tells what is new and due: 07:00, for instance, or off." placeholder:"HOUR"`
}

// Run changes what the flags name and says all of it.
func (c *notificationsSettingsCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.Email)
		if err != nil {
			return err
		}
		settings, err := h.app.NotificationSettings(env.ctx, actorOf(u))
		if err != nil {
			return err
		}
		if len(c.On)+len(c.Off) > 0 || c.Digest != "" {
			if err := c.change(&settings); err != nil {
				return err
			}
			if settings, err = h.app.SaveNotificationSettings(env.ctx, actorOf(u), settings); err != nil {
				return err
			}
		}
		return c.show(env, api.NotificationSettings(settings), func() {
			for _, k := range store.NotificationKinds() {
				word := "on"
				if !settings.Wants(k) {
					word = "off"
				}
				env.say("%-12s %-3s  %s", k, word, action.NotificationLabel(k))
			}
			env.say("digest       %s", action.DigestText(settings.Digest))
		})
	})
}

func (c *notificationsSettingsCommand) change(s *action.NotificationSettings) error {
	for _, name := range slices.Concat(c.On, c.Off) {
		if !slices.Contains(store.NotificationKinds(), store.NotificationKind(name)) {
			return fault.Field("--on/--off", "unknown", "There is no kind of notification "+name+". Without flags this command lists them.")
		}
	}
	s.Off = slices.DeleteFunc(s.Off, func(k store.NotificationKind) bool { return slices.Contains(c.On, string(k)) })
	for _, name := range c.Off {
		s.Off = append(s.Off, store.NotificationKind(name))
	}
	if c.Digest == "" {
		return nil
	}
	hour, err := action.ReadDigest(c.Digest)
	s.Digest = hour
	return err
}
