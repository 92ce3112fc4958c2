package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

const (
	// progressStep is how often the progress of an import is written down.
	progressStep = 300 * time.Millisecond
	// importBeat is how often a node says that its imports are alive, and importDeath how long it may be silent.
	importBeat  = 20 * time.Second
	importDeath = 2 * time.Minute
	// filesKept is how long the files of an import are kept.
	filesKept = 30 * 24 * time.Hour
)

const stoppedMessage = "The server was stopped; start it again. Rows already imported are kept and will not be doubled."

// importRun is an import that waits for its turn, or has it.
type importRun struct {
	id     ident.Import
	actor  access.Actor
	dryRun bool
}

// importQueue holds the imports that this node carries out, one after the other. What must survive a restart is in the
// imports' rows.
type importQueue struct {
	files store.Folder
	wake  chan struct{}

	mu      sync.Mutex
	waiting []importRun
	current ident.Import
	stop    context.CancelFunc
}

func newImportQueue(dataDir string) *importQueue {
	return &importQueue{files: store.NewFolder(dataDir, "imports"), wake: make(chan struct{}, 1)}
}

func (q *importQueue) add(r importRun) {
	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take gives the next import with a context that cancel ends.
func (q *importQueue) take(ctx context.Context) (context.Context, importRun, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil, importRun{}, false
	}
	r := q.waiting[0]
	q.waiting = q.waiting[1:]
	ctx, q.stop = context.WithCancel(ctx)
	q.current = r.id
	return ctx, r, true
}

func (q *importQueue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stop()
	q.current = 0
}

// cancel stops an import that runs here, or takes it out of the queue.
func (q *importQueue) cancel(id ident.Import) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.current == id && q.stop != nil {
		q.stop()
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(r importRun) bool { return r.id == id })
}

// alive lists the imports that run or wait here.
func (q *importQueue) alive() []ident.Import {
	q.mu.Lock()
	defer q.mu.Unlock()
	var ids []ident.Import
	if q.current != 0 {
		ids = append(ids, q.current)
	}
	for _, r := range q.waiting {
		ids = append(ids, r.id)
	}
	return ids
}

// Run carries out imports in the background until ctx ends. It returns when the last one has stopped.
func (a *App) Run(ctx context.Context) error {
	a.bury(ctx, a.db.Dialect() == "sqlite") // SQLite has one process: whatever was running died with the last one
	a.tidyFiles(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { a.beat(ctx) })
	defer beating.Wait()
	for {
		importCtx, r, ok := a.imports.take(ctx)
		if ok {
			a.carryOut(importCtx, ctx, r)
			a.imports.done()
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.imports.wake:
		}
	}
}

// beat says every now and then that this node's imports are alive, and looks for those of nodes that fell silent.
func (a *App) beat(ctx context.Context) {
	ticker := time.NewTicker(importBeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := a.db.BeatImports(ctx, a.imports.alive()); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "imports cannot be kept alive", "error", err)
			}
			a.bury(ctx, false)
		}
	}
}

// bury marks imports as failed whose server stopped.
func (a *App) bury(ctx context.Context, all bool) {
	count, err := a.db.BuryImports(ctx, a.imports.alive(), importDeath, all, encodeJSON(importOutcome{Trouble: stoppedMessage}))
	if err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "interrupted imports cannot be marked", "error", err)
	}
	if count > 0 {
		a.log.InfoContext(ctx, "interrupted imports marked", "count", count)
	}
}

// carryOut runs one import and writes its end down. ctx ends with a cancellation, server only with the server.
func (a *App) carryOut(ctx, server context.Context, r importRun) {
	var i store.Import
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		i, err = tx.GetImport(r.id)
		return err
	})
	under := ImportRunning
	if r.dryRun {
		under = ImportChecking
	}
	if err != nil || i.State != string(under) {
		return // cancelled before its turn
	}
	result, err := a.runFile(ctx, i, r)
	trouble := ""
	switch {
	case err == nil && r.dryRun:
		i.State = string(ImportChecked)
	case err == nil:
		i.State = string(ImportDone)
	case server.Err() != nil:
		i.State, trouble = string(ImportFailed), stoppedMessage
	case ctx.Err() != nil:
		i.State = string(ImportCancelled)
	default:
		i.State, trouble = string(ImportFailed), importTrouble(err)
		a.log.ErrorContext(ctx, "import failed", "import", i.ID.String(), "error", err)
	}
	i.Result, i.FinishedAt = encodeJSON(outcomeOf(result, trouble)), a.db.Now()
	// The end is written down even when the server stops at this moment.
	last := context.WithoutCancel(server)
	err = a.db.Write(last, func(tx *store.Tx) error {
		moved, err := tx.MoveImport(i, string(under))
		if err != nil || moved {
			return err
		}
		i.State = string(ImportCancelled) // the counts belong to a cancelled import too
		_, err = tx.MoveImport(i, string(ImportCancelled))
		return err
	})
	if err == nil && i.State == string(ImportDone) {
		err = a.imports.files.Remove(i.FilePath)
	}
	if err != nil {
		a.log.ErrorContext(last, "end of import not written down", "import", i.ID.String(), "error", err)
		return
	}
	a.log.InfoContext(last, "import ended", "import", i.ID.String(), "state", i.State, "rows", result.Rows, "refused", result.Refused)
}

// runFile brings an import's file to the records.
func (a *App) runFile(ctx context.Context, i store.Import, r importRun) (result importer.Result, err error) {
	file, err := a.imports.files.Open(i.FilePath)
	if err != nil {
		return result, err
	}
	defer func() { _ = file.Close() }()
	if err := a.imports.files.Remove(refusedName(i)); err != nil {
		return result, err
	}
	refused := &lazyFile{create: func() (io.WriteCloser, error) { return a.imports.files.Create(refusedName(i)) }}
	defer func() { err = errors.Join(err, refused.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	shape := decodeImport(i.Settings)
	noted := time.Time{}
	sink := a.sink(r.actor, i.RecordKind)
	source := importer.Source{Reader: file, Size: i.Size, Format: shape.Format.format()}
	result, err = importer.Run(ctx, source, shape.Mapping, sink, importer.Options{DryRun: r.dryRun, RefusedRows: refused, Batch: sink.records.Batch, Progress: func(p importer.Progress) {
		if now := time.Now(); now.Sub(noted) >= progressStep {
			noted = now
			// An import that was cancelled on another node ends here.
			if alive, err := a.db.NoteImportProgress(ctx, i.ID, i.State, encodeJSON(progressOf(p))); err == nil && !alive {
				stop()
			}
		}
	}})
	if err != nil {
		return result, err
	}
	return result, sink.records.Finish(ctx)
}

func progressOf(p importer.Progress) importProgress {
	out := importProgress{Rows: p.Rows, Refused: p.Refused}
	if p.Total > 0 {
		out.Percent = int(min(99, p.Bytes*100/p.Total))
	}
	return out
}

// importTrouble says why an import failed, in words that are safe to show.
func importTrouble(err error) string {
	var bad *importer.FileError
	if errors.As(err, &bad) {
		return bad.Text
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return strings.TrimSpace(f.Message + " " + f.Hint)
	}
	return "Something went wrong. Start it again; rows already imported are kept and will not be doubled."
}

// tidyFiles removes the files of old imports.
func (a *App) tidyFiles(ctx context.Context) {
	var list []store.Import
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListImports(0, 1000)
		return err
	})
	for _, i := range list {
		if time.Since(i.CreatedAt) > filesKept {
			err = errors.Join(err, a.imports.files.Remove(i.FilePath), a.imports.files.Remove(refusedName(i)))
		}
	}
	if err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "files of old imports cannot be removed", "error", err)
	}
}

// lazyFile is made with its first byte.
type lazyFile struct {
	create func() (io.WriteCloser, error)
	file   io.WriteCloser
}

// Write writes to the file, and makes it first.
func (f *lazyFile) Write(p []byte) (int, error) {
	if f.file == nil {
		var err error
		if f.file, err = f.create(); err != nil {
			return 0, err
		}
	}
	return f.file.Write(p)
}

// Close closes the file if there is one.
func (f *lazyFile) Close() error {
	if f.file == nil {
		return nil
	}
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("close file of refused rows: %w", err)
	}
	return nil
}
