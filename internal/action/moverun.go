package action

import (
	"context"
	"time"

	"cadenza/internal/store"
)

const (
	// movePoll is how often a node looks for moves that another process has begun.
	movePoll = 5 * time.Second
	// moveBatch is how many records one transaction moves: on SQLite, whose one writer is taken as long, an interactive write
	// waits for no more than a moment.
	moveBatch = 500
)

// KeepMoves carries moves of records out until ctx ends. Any number of nodes may: a move is in one hand at a time, and a kill leaves it to the
// next one, at the record at which it stood.
func (a *App) KeepMoves(ctx context.Context) {
	retry := time.Duration(0)
	for ctx.Err() == nil {
		pause, err := a.moveRound(ctx)
		if err != nil && ctx.Err() == nil {
			retry = min(max(2*retry, batchRetry), batchRetryMost)
			a.log.ErrorContext(ctx, "move records", "error", err, "retry_in", retry)
			waitOr(ctx, retry, nil)
			continue
		}
		retry = 0
		waitOr(ctx, pause, a.db.MoveSignal())
	}
}

// moveRound carries out what is due, and says how long to wait then. Where nothing is, it only reads.
func (a *App) moveRound(ctx context.Context) (time.Duration, error) {
	for worked := false; ; worked = true {
		next, err := look(ctx, a, (*store.Tx).NextMoveAt)
		switch {
		case err != nil:
			return 0, err
		case next.IsZero():
			return movePoll, nil
		case next.After(a.db.Now()):
			return min(movePoll, next.Sub(a.db.Now())), nil
		case worked: // it is in another node's hands
			return batchRetry, nil
		}
		if err := a.RunMoves(ctx); err != nil {
			return 0, err
		}
	}
}

// RunMoves goes on with the moves that are due, one batch of records per transaction, until there is nothing left to do now.
func (a *App) RunMoves(ctx context.Context) error {
	for ctx.Err() == nil {
		// A batch in hand is finished even when the server is asked to stop.
		more, err := change(context.WithoutCancel(ctx), a, func(tx *store.Tx) (bool, error) {
			_, more, err := tx.ContinueMove(moveBatch)
			if err != nil || more {
				return more, err
			}
			return tx.DropUndo(moveBatch)
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}
