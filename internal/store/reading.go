package store

import (
	"context"
	"fmt"
	"slices"

	"cadenza/internal/engine"
	"cadenza/internal/ident"
)

// ReadMailboxes gives the mailboxes that are to be read.
func (db *DB) ReadMailboxes(ctx context.Context) (list []Mailbox, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		all, err := tx.ListMailboxes()
		list = slices.DeleteFunc(all, func(m Mailbox) bool { return !m.Reads() })
		return err
	})
	return list, err
}

// LivingNodes gives the nodes that said of late that they live, this one among them: among them the mailboxes are shared out.
func (db *DB) LivingNodes(ctx context.Context, self string) (nodes []string, err error) {
	if db.dialect == sqliteDialect { // it has one node
		return []string{self}, nil
	}
	err = db.Read(ctx, func(tx *Tx) error {
		nodes, err = collect(tx, func(rows oneRow) (name string, err error) { return name, rows.Scan(&name) },
			`select node from leases where name = '`+engine.NodeLease+`' || node and until >= `+db.leaseClock())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list living nodes: %w", err)
	}
	if !slices.Contains(nodes, self) {
		nodes = append(nodes, self)
	}
	slices.Sort(nodes)
	return nodes, nil
}

// Reading is how the reading of a mailbox goes.
type Reading struct {
	// Trouble is "" when it was read without any just now.
	Trouble string
	// Lasts tells that the trouble does not pass by itself, or has not for a while: its user is told.
	Lasts bool
}

// NoteMailboxRead keeps how the reading of a revision of a mailbox goes.
func (db *DB) NoteMailboxRead(ctx context.Context, id ident.Mailbox, rev int64, r Reading) error {
	return db.Write(ctx, func(tx *Tx) error { return tx.noteReading(id, rev, r) })
}

// noteReading drops what comes late, about an earlier revision. The revision stays, as with a test.
func (tx *Tx) noteReading(id ident.Mailbox, rev int64, r Reading) error {
	set := "read_error = $1"
	args := []any{clip(r.Trouble), int64(id), rev}
	if r.Trouble == "" {
		set += ", read_at = $4"
		args = append(args, micros(tx.Now))
	}
	n, err := tx.exec(`update mailboxes set `+set+` where id = $2 and rev = $3`, args...)
	if err != nil {
		return fmt.Errorf("note reading of mailbox: %w", err)
	}
	if n == 0 || r.Trouble == "" || !r.Lasts {
		return nil
	}
	return tx.notifyUnread(id, r.Trouble)
}
