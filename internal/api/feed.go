package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

type feedShape struct {
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty" doc:"When it was read last, roughly."`
}

func feedOf(f store.Feed) feedShape {
	return feedShape{CreatedAt: f.CreatedAt.UTC(), UsedAt: moment(f.UsedAt)}
}

// madeFeed shows the address of a new feed, once.
type madeFeed struct {
	Secret string `json:"secret,omitempty" doc:"The address to subscribe to; only its path where the server does not know under which name it is reached. It is shown this once: it is not kept, and an answer given again for an Idempotency-Key lacks it."`
}

func (d *door) feeds() {
	handle(d, get("/me/calendar-feed", "get-calendar-feed", "Say whether calendar programs can read one's activities"), func(ctx context.Context, actor access.Actor, _ *none) (feedShape, error) {
		f, err := d.app.Feed(ctx, actor)
		return feedOf(f), err
	})
	handle(d, with(create("/me/calendar-feed", "make-calendar-feed", "Make a secret address for calendar programs"), "The address before is useless from then on."),
		func(ctx context.Context, actor access.Actor, _ *none) (madeFeed, error) {
			address, err := d.app.MakeFeed(ctx, actor, "")
			return madeFeed{Secret: address}, err
		})
	handleSilent(d, remove("/me/calendar-feed", "revoke-calendar-feed", "Revoke the address for calendar programs"), func(ctx context.Context, actor access.Actor, _ *none) error {
		return d.app.RevokeFeed(ctx, actor)
	})
}
