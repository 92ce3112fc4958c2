package action

import (
	"context"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/store"
)

const (
	// batchPoll is how often a node looks for batches that another process has begun; it is shorter than the grace.
	batchPoll = 15 * time.Second
	// batchRetry is the first pause after the database could not be written, batchRetryMost the longest.
	batchRetry     = time.Second
	batchRetryMost = 30 * time.Second
)

// KeepBatches carries batches out until ctx ends. Any number of nodes may: a batch is in one hand at a time, and a kill leaves it to the
// next one, at the activity at which it stood.
func (a *App) KeepBatches(ctx context.Context) {
	retry := time.Duration(0)
	for ctx.Err() == nil {
		pause, err := a.batchRound(ctx)
		if err != nil && ctx.Err() == nil {
			retry = min(max(2*retry, batchRetry), batchRetryMost)
			a.log.ErrorContext(ctx, "carry out batches", "error", err, "retry_in", retry)
			waitOr(ctx, retry, nil)
			continue
		}
		retry = 0
		waitOr(ctx, pause, a.db.BatchSignal())
	}
}

// batchRound carries out what is due, and says how long to wait then. Where nothing is, it only reads.
func (a *App) batchRound(ctx context.Context) (time.Duration, error) {
	for worked := false; ; worked = true {
		next, err := a.NextBatch(ctx)
		switch {
		case err != nil:
			return 0, err
		case next.IsZero():
			return batchPoll, nil
		case next.After(a.db.Now()):
			return min(batchPoll, next.Sub(a.db.Now())), nil
		case worked: // it is in another node's hands
			return batchRetry, nil
		}
		if err := a.RunBatches(ctx); err != nil {
			return 0, err
		}
	}
}

// NextBatch gives when a batch is to go on; zero for never.
func (a *App) NextBatch(ctx context.Context) (time.Time, error) {
	return look(ctx, a, (*store.Tx).NextBatchAt)
}

func waitOr(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// RunBatches goes on with the batches that are due, one activity per transaction, until there is nothing left to do now.
func (a *App) RunBatches(ctx context.Context) error {
	for ctx.Err() == nil {
		// An activity in hand is finished even when the server is asked to stop.
		more, err := change(context.WithoutCancel(ctx), a, func(tx *store.Tx) (bool, error) {
			b, ok, err := tx.DueBatch()
			if err != nil || !ok {
				return false, err
			}
			return true, a.advanceBatch(tx, b)
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// advanceBatch does one activity of a locked batch, or ends it.
func (a *App) advanceBatch(tx *store.Tx, b store.Batch) error {
	undoing := b.State == store.BatchUndoing
	from, end := store.RowWaiting, store.BatchDone
	if undoing {
		from, end = store.RowDone, store.BatchUndone
	}
	row, ok, err := tx.NextBatchRow(b.ID, from)
	if err != nil {
		return err
	}
	if !ok {
		b.State, b.FinishedAt = end, tx.Now
		return tx.MoveBatch(b)
	}
	if b.State == store.BatchWaiting {
		b.State = store.BatchRunning
		if err := tx.MoveBatch(b); err != nil {
			return err
		}
	}
	work, failed, done := doRow, store.RowFailed, store.RowDone
	if undoing {
		work, failed, done = undoRow, store.RowKept, store.RowUndone
	}
	err = tx.Try(func() error { return work(tx, b, &row) })
	switch code := fault.CodeOf(err); {
	case err == nil:
		row.State = done
	case code == fault.Unavailable:
		return err // the database's own trouble: it is done again when that is over
	case code == "":
		// A fault of ours. The others must not wait for it.
		a.log.Error("an activity of a batch", "batch", b.ID.String(), "activity", row.Activity.String(), "error", err)
		row.State, row.Reason = failed, "Something went wrong; the log of the server says what."
	default:
		row.State, row.Reason = failed, reasonOf(err)
	}
	return tx.SaveBatchRow(row)
}
