package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Sessions keeps the sessions of browsers. It fits the store interface of the session library without knowing it.
//
// Sessions live by the wall clock and not by the database's: that one moves in the demo, and nobody should be signed
// out by it. Their tokens are stored as hashes, so that a copy of the database opens no session.
type Sessions struct{ db *DB }

// Sessions gives the keeper of browser sessions.
func (db *DB) Sessions() *Sessions { return &Sessions{db} }

// FindCtx gives the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.reader.QueryRowContext(ctx, `select data from sessions where token = $1 and expires_at > $2`,
		sessionKey(token), time.Now().UnixMicro()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.db.explain(fmt.Errorf("find session: %w", err))
	}
	return data, true, nil
}

// CommitCtx saves a session.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.writer.ExecContext(ctx, `insert into sessions (token, data, expires_at) values ($1, $2, $3)
		on conflict (token) do update set data = excluded.data, expires_at = excluded.expires_at`, sessionKey(token), data, expiry.UnixMicro())
	if err != nil {
		return s.db.explain(fmt.Errorf("save session: %w", err))
	}
	return nil
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.db.writer.ExecContext(ctx, `delete from sessions where token = $1`, sessionKey(token)); err != nil {
		return s.db.explain(fmt.Errorf("delete session: %w", err))
	}
	return nil
}

// DeleteExpired removes what nobody can use any more; the server calls it now and then.
func (s *Sessions) DeleteExpired(ctx context.Context) error {
	if _, err := s.db.writer.ExecContext(ctx, `delete from sessions where expires_at <= $1`, time.Now().UnixMicro()); err != nil {
		return s.db.explain(fmt.Errorf("delete expired sessions: %w", err))
	}
	return nil
}

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func sessionKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
