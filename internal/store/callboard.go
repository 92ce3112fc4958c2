package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/ident"
)

// CallSignal gives a channel that is closed after the next commit, on any node, that changed a call or asked something of one.
func (db *DB) CallSignal() <-chan struct{} { return db.calls.listen() }

// changesCalls tells that a statement changes calls or what is asked of them, as changesWork does for activities.
func changesCalls(query string) bool {
	for _, begin := range []string{"insert into calls ", "update calls ", "insert into call_requests ", "update call_requests "} {
		if strings.HasPrefix(query, begin) {
			return true
		}
	}
	return false
}

// SharedCall is a call as its node tells the others of it.
type SharedCall struct {
	Call
	// State is where it stands, in the words of the node that carries it; "" before its first word.
	State string
	// Rings are the users for whom it rings, or rang in vain.
	Rings []ident.User
}

// ShareCall tells the other nodes where a call stands. The user of one that came in is who took it; it has none before.
func (db *DB) ShareCall(ctx context.Context, c SharedCall) error {
	keys := make([]int64, len(c.Rings))
	for i, u := range c.Rings {
		keys[i] = int64(u)
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`update calls set state = $2, rings = $3, user_id = coalesce(user_id, $4) where id = $1`, int64(c.ID), c.State, string(text), key(c.User)); err != nil {
			return fmt.Errorf("share call: %w", err)
		}
		return nil
	})
}

// CallsElsewhere gives the calls that other nodes carry, and those that ended within a while.
func (db *DB) CallsElsewhere(ctx context.Context, node string, ended time.Duration) (list []SharedCall, err error) {
	err = db.Read(ctx, func(tx *Tx) (err error) {
		list, err = collect(tx, scanSharedCall, `select c.state, c.rings, `+callFields+`where c.node <> $1 and (c.ended_at is null or c.ended_at >= $2) order by c.id`,
			node, tx.Now.Add(-ended).UnixMicro())
		if err != nil {
			return fmt.Errorf("list calls of other nodes: %w", err)
		}
		return nil
	})
	return list, err
}

func scanSharedCall(rows oneRow) (c SharedCall, err error) {
	var (
		rings           string
		started         int64
		answered, ended sql.NullInt64
	)
	if err := rows.Scan(append([]any{&c.State, &rings}, c.Call.places(&started, &answered, &ended)...)...); err != nil {
		return c, err
	}
	c.Call.began(started, answered, ended)
	var keys []int64
	if err := json.Unmarshal([]byte(rings), &keys); err != nil {
		return c, fmt.Errorf("read for whom a call rings: %w", err)
	}
	for _, k := range keys {
		c.Rings = append(c.Rings, ident.User(k))
	}
	return c, nil
}

// SharePresence tells the other nodes who is at a page of this one.
func (db *DB) SharePresence(ctx context.Context, node string, users []ident.User) error {
	return db.Write(ctx, func(tx *Tx) error {
		told, err := collect(tx, scanUserKey, `select user_id from call_presence where node = $1`, node)
		if err != nil {
			return fmt.Errorf("share presence: %w", err)
		}
		change := func(statement string, from, without []ident.User) error {
			for _, u := range from {
				if slices.Contains(without, u) {
					continue
				}
				if _, err := tx.exec(statement, node, int64(u)); err != nil {
					return fmt.Errorf("share presence: %w", err)
				}
			}
			return nil
		}
		if err := change(`delete from call_presence where node = $1 and user_id = $2`, told, users); err != nil {
			return err
		}
		return change(`insert into call_presence (node, user_id) values ($1, $2)`, users, told)
	})
}

func scanUserKey(rows oneRow) (u ident.User, err error) { return u, rows.Scan(&u) }

// PresentElsewhere gives who is at a page of another node that lives.
func (db *DB) PresentElsewhere(ctx context.Context, node string) (list []ident.User, err error) {
	err = db.Read(ctx, func(tx *Tx) (err error) {
		dead, args := tx.gone("call_presence.node", node, 2)
		list, err = collect(tx, scanUserKey,
			`select distinct user_id from call_presence where node <> $1 and not (`+dead+`)`, append([]any{node}, args...)...)
		if err != nil {
			return fmt.Errorf("list who is at pages of other nodes: %w", err)
		}
		return nil
	})
	return list, err
}
