package action

import (
	"context"
	"time"

	"cadenza/internal/portion"
	"cadenza/internal/store"
)

// movePoll is how often a node looks for moves that another process has begun.
const movePoll = 5 * time.Second

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

// RunMoves goes on with the moves that are due, one portion of records per transaction, until there is nothing left to do now.
func (a *App) RunMoves(ctx context.Context) error {
	for _, work := range []struct {
		portion *portion.Portion
		part    func(tx *store.Tx, most int) (int, bool, error)
	}{{portion.New(100, 250, 2000), (*store.Tx).ContinueMove}, {portion.New(100, 500, 10_000), (*store.Tx).DropUndo}} {
		for more := true; more && ctx.Err() == nil; {
			// What is in hand is finished even when the server is asked to stop.
			if _, err := a.db.WriteSome(context.WithoutCancel(ctx), work.portion, func(tx *store.Tx, most int) (n int, err error) {
				n, more, err = work.part(tx, most)
				return n, err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
