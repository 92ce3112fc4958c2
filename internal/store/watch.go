package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// What nodes tell each other: that something is due, or only that an activity was changed.
const (
	saidDue  = "due"
	saidWork = "work"
)

// audience is any number of listeners that are told at once that something changed.
type audience struct {
	mu   sync.Mutex
	next chan struct{}
}

// listen gives a channel that is closed at the next change.
func (a *audience) listen() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next == nil {
		a.next = make(chan struct{})
	}
	return a.next
}

func (a *audience) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next != nil {
		close(a.next)
		a.next = nil
	}
}

// WorkSignal gives a channel that is closed after the next commit, on any node, that changed an activity or a notification. Whoever wants to miss
// nothing asks for it before reading.
func (db *DB) WorkSignal() <-chan struct{} { return db.work.listen() }

// changesWork tells that a statement changes activities or notifications. It is asked in one place, so that no writer can forget to
// tell.
func changesWork(query string) bool {
	verb, table, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(query, "insert into "), "delete from "), " ")
	if verb == "update" {
		verb, _, _ = strings.Cut(table, " ")
	}
	return verb == "activities" || verb == "notifications" || verb == "batch_activities"
}

// DueSignal is signalled after a commit that made an enrollment due at once.
func (db *DB) DueSignal() <-chan struct{} { return db.wake }

// MailSignal is signalled after a commit that queued an email.
func (db *DB) MailSignal() <-chan struct{} { return db.mailWake }

// MailboxSignal is signalled after a commit that changed a mailbox, or noted that it works.
func (db *DB) MailboxSignal() <-chan struct{} { return db.boxWake }

// boxesChanged is what the nodes tell each other of mailboxes, so that the many other commits do not have them looked up.
const boxesChanged = "mailboxes"

// callsChanged is what the nodes tell each other of calls.
const callsChanged = "calls"

// Nudge wakes the engine and delivery, for instance because the clock was moved.
func (db *DB) Nudge() {
	signal(db.wake)
	signal(db.mailWake)
	signal(db.textWake)
	signal(db.batchWake)
	signal(db.moveWake)
}

// overhearEvery is how often an SQLite file is asked whether another process wrote into it.
const overhearEvery = time.Second

// Overhear passes the commits of other processes on an SQLite file on as signals until ctx ends: cadenza restore --release beside a running server, for one.
// They cannot tell us, so the file is asked. It is asked by the connection that writes, which so hears of others alone. PostgreSQL has Listen.
func (db *DB) Overhear(ctx context.Context) {
	if db.dialect != sqliteDialect {
		return
	}
	ticker := time.NewTicker(overhearEvery)
	defer ticker.Stop()
	for seen := int64(-1); ; {
		var version int64
		if err := db.writer.QueryRowContext(ctx, `pragma data_version`).Scan(&version); err == nil { // one that fails is asked again
			if seen >= 0 && version != seen {
				db.Nudge()
				signal(db.boxWake)
				db.work.tell()
			}
			seen = version
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
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
	db.calls.tell()
	signal(db.boxWake)
	for {
		heard, err := conn.WaitForNotification(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("listen: %w", err)
		}
		if heard.Payload == boxesChanged {
			signal(db.boxWake)
			continue
		}
		if heard.Payload == callsChanged {
			db.calls.tell()
			continue
		}
		if heard.Payload != saidWork {
			db.Nudge()
		}
		db.work.tell() // what is due or sent may have changed work as well
	}
}
