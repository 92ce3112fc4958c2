package store

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/portion"
)

// keepReplies is how long the answer to an Idempotency-Key is kept.
const keepReplies = 24 * time.Hour

// Tidy deletes what nobody needs any more: sessions that are over, old answers to idempotent
// requests, the leases of nodes that are gone, copies of sent mail that nobody could make, drafts of emails whose activity
// is long over, notes deleted long ago, batches and moves that ended long ago, old notifications and visits, and files that nobody used.
func (db *DB) Tidy(ctx context.Context) error {
	if err := db.whileFull(ctx, portion.New(100, 500, 10_000), (*Tx).tidyMoves); err != nil { // a move may have many records
		return err
	}
	return db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`delete from sessions where expires_at < $1`, tx.Now.UnixMicro()); err != nil {
			return fmt.Errorf("delete sessions: %w", err)
		}
		if _, err := tx.exec(`delete from idempotency_keys where created_at < $1`, tx.Now.Add(-keepReplies).UnixMicro()); err != nil {
			return fmt.Errorf("delete replies: %w", err)
		}
		if err := tx.tidyLeases(); err != nil {
			return err
		}
		if err := tx.tidyNotes(); err != nil {
			return err
		}
		if err := tx.tidyNotifications(); err != nil {
			return err
		}
		if err := tx.tidyVisits(); err != nil {
			return err
		}
		if err := tx.tidyCopies(); err != nil {
			return err
		}
		if err := tx.tidyDrafts(); err != nil {
			return err
		}
		if err := tx.tidyBatches(); err != nil {
			return err
		}
		return tx.tidyFiles()
	})
}
