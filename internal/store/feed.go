package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// Feed is the secret address under which a calendar program reads a user's activities.
type Feed struct {
	User      ident.User
	CreatedAt time.Time
	// UsedAt is when it was read last, roughly; zero for never.
	UsedAt time.Time
	// OldNames tells that its events are named as they were before UUIDs: a calendar program that knows them must find them again.
	OldNames bool
}

// FeedOf gives a user's feed; a not-found fault when there is none.
func (tx *Tx) FeedOf(user ident.User) (Feed, error) {
	return scanFeed(tx.row(`select user_id, created_at, used_at, uid_form = 0 from calendar_feeds where user_id = $1`, int64(user)))
}

// FeedByHash gives the feed whose secret has this hash.
func (tx *Tx) FeedByHash(hash string) (Feed, error) {
	return scanFeed(tx.row(`select user_id, created_at, used_at, uid_form = 0 from calendar_feeds where hash = $1`, hash))
}

func scanFeed(row oneRow) (f Feed, err error) {
	var created int64
	var used sql.NullInt64
	if err := row.Scan(&f.User, &created, &used, &f.OldNames); err != nil {
		return f, fmt.Errorf("get calendar feed: %w", missing(err, "calendar feed"))
	}
	f.CreatedAt, f.UsedAt = time.UnixMicro(created).UTC(), moment(used)
	return f, nil
}

// SaveFeed gives a user a feed; the one before is useless from then on.
func (tx *Tx) SaveFeed(user ident.User, hash string) error {
	_, err := tx.exec(`insert into calendar_feeds (user_id, hash, created_at, uid_form) values ($1, $2, $3, 1)
		on conflict (user_id) do update set hash = excluded.hash, created_at = excluded.created_at, used_at = null, uid_form = 1`, int64(user), hash, tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("save calendar feed: %w", err)
	}
	return nil
}

// DeleteFeed makes a user's feed useless, if there is one.
func (tx *Tx) DeleteFeed(user ident.User) error {
	if _, err := tx.exec(`delete from calendar_feeds where user_id = $1`, int64(user)); err != nil {
		return fmt.Errorf("delete calendar feed: %w", err)
	}
	return nil
}

// FeedUseIsOld tells whether the last use has to be written down again.
func (tx *Tx) FeedUseIsOld(f Feed) bool { return tx.Now.Sub(f.UsedAt) >= tokenUseStep }

// TouchFeed writes down that a feed was read.
func (tx *Tx) TouchFeed(user ident.User) error {
	if _, err := tx.exec(`update calendar_feeds set used_at = $1 where user_id = $2`, micros(tx.Now), int64(user)); err != nil {
		return fmt.Errorf("touch calendar feed: %w", err)
	}
	return nil
}
