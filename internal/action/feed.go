package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ical"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// FeedPath is the beginning of the addresses of calendar feeds; the secret and ".ics" follow.
const FeedPath = "/calendar-feed/"

const (
	feedPrefix = "cal_"
	// feedPast and feedAhead are what a feed tells of; feedMost bounds the open activities, and those that are over.
	feedPast  = 30 * 24 * time.Hour
	feedAhead = 365 * 24 * time.Hour
	feedMost  = 2000
	// feedLength is how long an activity stands in a calendar: it has a due time and no end.
	feedLength = 30 * time.Minute
)

// MakeFeed gives the actor a secret address for calendar programs, shown this once; the one before is useless from then on. origin is
// the address under which the asking program reached the server; it counts where nobody set another.
func (a *App) MakeFeed(ctx context.Context, actor access.Actor, origin string) (address string, err error) {
	if actor.ID == 0 {
		return "", refuse(actor)
	}
	if a.config.BaseURL != "" {
		origin = a.config.BaseURL
	}
	secret, hash := newSecret(feedPrefix)
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SaveFeed(actor.ID, hash); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "make_calendar_feed", "user", int64(actor.ID), "")
	})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(origin, "/") + FeedPath + secret + ".ics", nil
}

// RevokeFeed makes the actor's address for calendar programs useless.
func (a *App) RevokeFeed(ctx context.Context, actor access.Actor) error {
	if actor.ID == 0 {
		return refuse(actor)
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteFeed(actor.ID); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "revoke_calendar_feed", "user", int64(actor.ID), "")
	})
}

// Feed gives the actor's feed without its secret; a not-found fault when there is none.
func (a *App) Feed(ctx context.Context, actor access.Actor) (store.Feed, error) {
	if actor.ID == 0 {
		return store.Feed{}, refuse(actor)
	}
	return look(ctx, a, func(tx *store.Tx) (store.Feed, error) { return tx.FeedOf(actor.ID) })
}

// ReadFeed gives the calendar under a secret address: the user's activities of the last 30 days and the year ahead.
func (a *App) ReadFeed(ctx context.Context, secret string) ([]byte, error) {
	var c ical.Calendar
	var feed store.Feed
	touch := false
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		gone := fault.New(fault.NotFound, "There is no calendar at this address any more.").WithHint("Make a new address under Profile.")
		var err error
		if feed, err = tx.FeedByHash(hashSecret(secret)); fault.Is(err, fault.NotFound) {
			return gone
		} else if err != nil {
			return err
		}
		u, err := tx.GetUser(feed.User)
		if err != nil {
			return err
		}
		if !u.Active {
			return gone
		}
		list, err := tx.FeedActivities(u.ID, tx.Now.Add(-feedPast), tx.Now.Add(feedAhead), feedMost)
		if err != nil {
			return err
		}
		c.Name, c.Zone, touch = "Cadenza: "+u.Name, u.Zone, tx.FeedUseIsOld(feed)
		outcomes, err := tx.Outcomes()
		if err != nil {
			return err
		}
		for _, act := range list {
			c.Events = append(c.Events, a.feedEvent(feed, act, outcomes.Meetings))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if touch {
		if err := a.db.Write(ctx, func(tx *store.Tx) error { return tx.TouchFeed(feed.User) }); err != nil {
			a.log.WarnContext(ctx, "use of a calendar feed not noted", "error", err)
		}
	}
	return ical.Write(c), nil
}

// eventName names an activity for calendar programs, for ever. A name must be unique in the world and tell nothing about user or host (RFC 7986 section 5.3), and
// activities have the same ids in every installation: so it is a UUID of our own making (RFC 9562, version 8) from the id and the installation's key.
func (a *App) eventName(feed store.Feed, id ident.Activity) string {
	if feed.OldNames {
		return id.String() + "@cadenza"
	}
	b := a.vault.Name("calendar event " + id.String())
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (a *App) feedEvent(feed store.Feed, act store.Activity, meetings step.CallOutcomes) ical.Event {
	e := ical.Event{
		UID: a.eventName(feed, act.ID), Sequence: max(act.Rev-1, 0), Stamp: act.CreatedAt, Start: act.DueAt, Length: feedLength, Status: ical.Confirmed,
		Summary: joinText(": ", act.Name, joinText(", ", act.RecordName, companyOf(act))), Details: joinText("\n", act.SequenceName, act.Description), Kind: step.ActivityLabel(act.Kind),
	}
	if act.Kind == step.Meeting {
		// People stand in the text: a published calendar must not name attendees (RFC 5546, 3.2.1).
		e.Length, e.Place, e.Busy = act.Length, act.Place, true
		if len(act.People) > 0 {
			e.Details = joinText("\n", "With "+strings.Join(act.People, ", "), e.Details)
		}
	}
	for _, at := range []time.Time{act.MovedAt, act.DoneAt} {
		if at.After(e.Stamp) {
			e.Stamp = at
		}
	}
	if a.config.BaseURL != "" {
		e.URL = a.config.BaseURL + "/work/" + act.ID.String()
	}
	switch act.State {
	case store.ActivityHeld:
		e.Status = ical.Tentative
	case store.ActivitySkipped, store.ActivityCancelled:
		e.Status = ical.Cancelled
	case store.ActivityCompleted:
		if act.Kind == step.Meeting && !meetings.Held(act.Outcome) {
			e.Status = ical.Cancelled // it did not take place, or not then
		} else {
			e.Summary = "✓ " + e.Summary
		}
	case store.ActivityOpen, store.ActivitySending:
	}
	return e
}

// companyOf gives the company, unless the record is named after it.
func companyOf(act store.Activity) string {
	if act.Company == act.RecordName {
		return ""
	}
	return act.Company
}

func joinText(sep, first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + sep + second
}
