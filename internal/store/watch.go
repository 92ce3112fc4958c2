package store

import (
	"context"
	"fmt"
	"time"
)

// DueSignal is signalled after a commit that made an enrollment due at once.
func (db *DB) DueSignal() <-chan struct{} { return db.wake }

// MailSignal is signalled after a commit that queued a message.
func (db *DB) MailSignal() <-chan struct{} { return db.mailWake }

// Nudge wakes the engine and delivery, for instance because the clock was moved.
func (db *DB) Nudge() {
	signal(db.wake)
	signal(db.mailWake)
}

// Listen passes the commits of other nodes on as signals until ctx ends. SQLite has one node: there it only waits. A
// lost connection is an error; the caller tries again.
func (db *DB) Listen(ctx context.Context) error {
	if db.pool == nil {
		<-ctx.Done()
		return nil
	}
	pooled, err := db.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	conn := pooled.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen cadenza"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	db.Nudge() // whatever was said before the connection stood
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("listen: %w", err)
		}
		db.Nudge()
	}
}

// Lead tells whether this node holds the lease of a chore for the given time from now, and takes it when it is free.
func (db *DB) Lead(ctx context.Context, name, node string, lease time.Duration) (bool, error) {
	held := false
	err := db.Write(ctx, func(tx *Tx) error {
		n, err := tx.exec(`insert into leases (name, node, until) values ($1, $2, $3)
			on conflict (name) do update set node = excluded.node, until = excluded.until
			where leases.node = excluded.node or leases.until < $4`,
			name, node, tx.Now.Add(lease).UnixMicro(), tx.Now.UnixMicro())
		held = n == 1
		return err
	})
	return held, err
}
