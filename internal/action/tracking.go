package action

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// maxTrackingURL bounds the address of followed links.
	maxTrackingURL = 200
	// maxHits is how many hits of a message are listed.
	maxHits = 200
)

// trackingBase checks the address under which followed links lead to the server. Only a host can be asked for: what is
// behind it is ours.
func trackingBase(text string) (string, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "/")
	if text == "" {
		return "", true
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > maxTrackingURL || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.Path != "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return "", false
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), true
}

// TrackingState says in a sentence whether sent mail is followed, and under which address; the settings and doctor show
// it.
func (a *App) TrackingState(ctx context.Context) (string, error) {
	return look(ctx, a, func(tx *store.Tx) (string, error) {
		t, err := tx.Tracking()
		if err != nil {
			return "", err
		}
		base, err := a.outside(tx)
		switch {
		case !t.On:
			return "Emails are not followed.", err
		case base == "":
			return "Emails are not followed, because the server does not know the address under which people outside reach it.", err
		}
		return "Opens and clicks are seen under " + base + ".", err
	})
}

// unfollowed says why a mail to a record cannot be followed; "" when it can.
func (a *App) unfollowed(tx *store.Tx, r store.Record) (string, error) {
	t, err := tx.Tracking()
	switch {
	case err != nil:
		return "", err
	case !t.On:
		return "Emails are not followed in this organisation.", nil
	case t.URL == "" && a.config.BaseURL == "":
		return "The server does not know its own address, so emails cannot be followed.", nil
	case r.Get("do_not_track") == "true":
		return r.Name() + " does not want emails to be followed.", nil
	}
	return "", nil
}

// Hits gives the newest hits on a message, up to 200.
func (a *App) Hits(ctx context.Context, actor access.Actor, id ident.Message) ([]store.Hit, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Hit, error) {
		if _, err := tx.GetMessage(id); err != nil {
			return nil, err
		}
		return tx.HitsOf(id, maxHits)
	})
}

// CountHit makes a hit count that was taken for a machine's. It may be done by whoever sent the message, and by those who
// manage messages.
func (a *App) CountHit(ctx context.Context, actor access.Actor, id ident.Message, which ident.Hit) (store.Hit, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Hit{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Hit, error) {
		m, err := tx.GetMessage(id)
		if err != nil {
			return store.Hit{}, err
		}
		if m.User != actor.ID {
			if err := may(actor, access.ManageMessages); err != nil {
				return store.Hit{}, err
			}
		}
		h, err := tx.GetHit(id, which)
		if err != nil {
			return store.Hit{}, err
		}
		if h.Reason == 0 {
			return store.Hit{}, fault.New(fault.Conflict, "This hit counts already.").WithHint("Load the page again.")
		}
		if err := tx.CountHit(h, actor.ID); err != nil {
			return store.Hit{}, fmt.Errorf("count hit: %w", err)
		}
		if err := tx.Audit(actor.ID, "count hit", "message", int64(id), h.Kind().String()+" taken for "+h.Reason.String()); err != nil {
			return store.Hit{}, err
		}
		return tx.GetHit(id, which)
	})
}
