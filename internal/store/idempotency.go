package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// idempotencyKept is how long a reply is kept under its key.
const idempotencyKept = 24 * time.Hour

// Reply is the answer that an earlier request with the same key got.
type Reply struct {
	Status int
	Body   []byte
}

// ReserveKey takes an idempotency key for a request whose content has this hash. A nil reply means: go on and call
// KeepReply or DropKey. Another one is to be given again. A key of another request is an Invalid fault, one whose
// request has not ended a Conflict.
func (db *DB) ReserveKey(ctx context.Context, user ident.User, idemKey, hash string) (*Reply, error) {
	var reply *Reply
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`delete from idempotency_keys where created_at < $1`, micros(tx.Now.Add(-idempotencyKept))); err != nil {
			return err
		}
		fresh, err := tx.exec(`insert into idempotency_keys (user_id, idem_key, request_hash, status, response, created_at)
			values ($1, $2, $3, 0, $4, $5) on conflict do nothing`, int64(user), idemKey, hash, []byte{}, micros(tx.Now))
		if err != nil || fresh == 1 {
			return err
		}
		reply, err = tx.replyOf(user, idemKey, hash)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reserve idempotency key: %w", err)
	}
	return reply, nil
}

func (tx *Tx) replyOf(user ident.User, idemKey, hash string) (*Reply, error) {
	var (
		r    Reply
		kept string
	)
	err := tx.row(`select request_hash, status, response from idempotency_keys where user_id = $1 and idem_key = $2`,
		int64(user), idemKey).Scan(&kept, &r.Status, &r.Body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fault.New(fault.Conflict, "The request with this Idempotency-Key was given up just now.").WithHint("Send it again.")
	case err != nil:
		return nil, err
	case kept != hash:
		return nil, fault.New(fault.Invalid, "This Idempotency-Key was used for another request.").WithHint("Use a new key for each request.")
	case r.Status == 0:
		return nil, fault.New(fault.Conflict, "The first request with this Idempotency-Key has not ended.").
			WithHint("Wait for its answer. If the server stopped meanwhile, look whether it took effect and use a new key.")
	}
	return &r, nil
}

// KeepReply keeps the answer to the request that reserved the key.
func (db *DB) KeepReply(ctx context.Context, user ident.User, idemKey string, r Reply) error {
	_, err := db.writer.ExecContext(ctx, `update idempotency_keys set status = $1, response = $2 where user_id = $3 and idem_key = $4`,
		r.Status, r.Body, int64(user), idemKey)
	if err != nil {
		return db.explain(fmt.Errorf("keep reply: %w", err))
	}
	return nil
}

// DropKey frees a key whose request changed nothing, so that it may be tried again.
func (db *DB) DropKey(ctx context.Context, user ident.User, idemKey string) error {
	if _, err := db.writer.ExecContext(ctx, `delete from idempotency_keys where user_id = $1 and idem_key = $2 and status = 0`,
		int64(user), idemKey); err != nil {
		return db.explain(fmt.Errorf("drop idempotency key: %w", err))
	}
	return nil
}
