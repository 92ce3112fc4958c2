package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// What one digest holds at most; it says how many more there are.
const (
	digestActivities = 10
	digestNotices    = 20
)

// digestFault says why no digest can be sent to a user; "" when it can.
func digestFault(box store.Mailbox, err error) string {
	switch {
	case fault.Is(err, fault.NotFound):
		return "The digest goes out through your own mailbox, and you have none yet."
	case err == nil && box.Paused:
		return "The digest goes out through your own mailbox, which is paused."
	}
	return ""
}

// DigestOff stands for no digest where people and programs write its hour.
const DigestOff = "off"

// DigestText writes the hour of a digest: "07:00", or "off".
func DigestText(hour int) string {
	if hour == store.NoDigest {
		return DigestOff
	}
	return fmt.Sprintf("%02d:00", hour)
}

// ReadDigest reads what DigestText writes, and a bare hour.
func ReadDigest(text string) (int, error) {
	if text == DigestOff || text == "" {
		return store.NoDigest, nil
	}
	hour, err := strconv.Atoi(strings.TrimSuffix(text, ":00"))
	if err != nil || hour < 1 || hour > 23 {
		return store.NoDigest, noDigestHour()
	}
	return hour, nil
}

func noDigestHour() error {
	return fault.Field("digest", "out_of_range", "The digest goes out from a full hour on, 01:00 to 23:00, or not at all: off.")
}

// DigestTrouble says why the actor cannot get a digest; "" when nothing is in its way.
func (a *App) DigestTrouble(ctx context.Context, actor access.Actor) (string, error) {
	return look(ctx, a, func(tx *store.Tx) (string, error) {
		box, err := tx.MailboxOf(actor.ID)
		if why := digestFault(box, err); why != "" {
			return why, nil
		}
		return "", err
	})
}

// SendDigests puts into the outbox what is due as a digest now: once a working day, from the hour that its user has chosen, by the
// user's own clock. It counts them. Who has nothing due and nothing new gets none, and who has no mailbox cannot have one.
func (a *App) SendDigests(ctx context.Context) (sent int, err error) {
	type due struct {
		store.Digest
		day int
	}
	var all []due
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		list, err := tx.Digests()
		if err != nil {
			return err
		}
		for _, d := range list {
			cal, err := tx.CalendarOf(d.User.ID)
			if err != nil {
				return err
			}
			if day := digestDay(d, cal, tx.Now); day != 0 {
				all = append(all, due{d, day})
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var faults []error // one user's trouble is not the others'
	for _, d := range all {
		ok, err := a.sendDigest(ctx, d.Digest, d.day)
		if err != nil {
			faults = append(faults, fmt.Errorf("digest of user %s: %w", d.User.ID, err))
		}
		if ok {
			sent++
		}
	}
	return sent, errors.Join(faults...)
}

// digestDay gives the day of the digest that is due, as 20261130; 0 when none is.
func digestDay(d store.Digest, cal calendar.Calendar, now time.Time) int {
	local := now.In(zoneOf(d.User.Zone))
	y, m, date := local.Date()
	day := y*10000 + int(m)*100 + date
	if local.Hour() < d.Hour || d.Day >= day {
		return 0
	}
	next, ok := cal.Next(time.Date(y, m, date, 0, 0, 0, 0, local.Location()))
	if ny, nm, nd := next.In(local.Location()).Date(); !ok || ny != y || nm != m || nd != date {
		return 0 // nobody wants it on a day off
	}
	return day
}

// sendDigest writes the mail and the note that it was written in one transaction, so that nobody gets two.
func (a *App) sendDigest(ctx context.Context, d store.Digest, day int) (sent bool, err error) {
	text, err := a.digestText(ctx, d)
	if err != nil || text.empty() {
		return false, err
	}
	m := store.Message{User: d.User.ID, Recipient: d.User.Email, Subject: text.subject(), HTML: text.html(), Text: text.plain(), Test: true}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		sent = false
		box, err := tx.MailboxOf(d.User.ID)
		if digestFault(box, err) != "" {
			return nil
		}
		if err != nil {
			return err
		}
		if sent, err = tx.BeginDigest(d.User.ID, day, text.now); err != nil || !sent {
			return err
		}
		m.Mailbox, m.Sender = box.ID, box.Address
		m.RFCID = message.NewMessageID(store.DigestPrefix+strings.ToLower(rand.Text()), message.DomainOf(box.Address))
		_, err = tx.InsertMessage(m)
		return err
	})
	return sent, err
}

// digestText reads what a digest tells.
func (a *App) digestText(ctx context.Context, d store.Digest) (digestText, error) {
	actor, zone := actorOf(d.User), zoneOf(d.User.Zone)
	t := digestText{base: a.config.BaseURL, zone: zone, name: d.User.Name, now: a.db.Now()}
	y, m, date := t.now.In(zone).Date()
	tonight := time.Date(y, m, date+1, 0, 0, 0, 0, zone)
	work, err := a.Work(ctx, actor, store.WorkQuery{Until: tonight, Limit: digestActivities}, WorkOrder{Tonight: tonight})
	if err != nil {
		return t, err
	}
	if t.overdue, t.today, err = a.WorkCounts(ctx, actor, actor.ID, tonight); err != nil {
		return t, err
	}
	since := d.Until
	if since.IsZero() {
		since = t.now.Add(-24 * time.Hour)
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		page, err := tx.Notifications(store.NotificationQuery{User: actor.ID, Unread: true, Since: since, Limit: digestNotices})
		t.told, t.more = page.Rows, page.Next != ""
		return err
	})
	for _, row := range work.Rows {
		t.work = append(t.work, row.Activity)
	}
	return t, err
}

// digestText is what a digest tells.
type digestText struct {
	base, name     string
	zone           *time.Location
	now            time.Time
	overdue, today int
	work           []store.Activity
	told           []store.Notification
	more           bool
}

func (t digestText) empty() bool { return t.overdue+t.today+len(t.told) == 0 }

func (t digestText) subject() string {
	return "Your day: " + cmp.Or(joinWords(counted(t.overdue+t.today, "activity due", "activities due"), t.news()), "nothing due")
}

// news counts what the user was told of and has not read.
func (t digestText) news() string {
	n := counted(len(t.told), "new notification", "new notifications")
	if t.more {
		n = "more than " + n
	}
	return n
}
