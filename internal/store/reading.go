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

// NoteMailboxRead keeps how the reading of a revision of a mailbox goes: trouble is "" when it went well just now.
func (db *DB) NoteMailboxRead(ctx context.Context, id ident.Mailbox, rev int64, trouble string) error {
	return db.Write(ctx, func(tx *Tx) error { return tx.NoteReading(id, rev, trouble) })
}
