package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// tokenUseStep is how exactly the last use of a token is kept; a write for each request would be waste.
const tokenUseStep = time.Minute

const tokenColumns = `id, user_id, name, created_at, used_at, revoked_at`

func scanToken(row oneRow) (t Token, err error) {
	var (
		created       int64
		used, revoked sql.NullInt64
	)
	err = row.Scan(&t.ID, &t.User, &t.Name, &created, &used, &revoked)
	t.CreatedAt, t.UsedAt, t.RevokedAt = time.UnixMicro(created).UTC(), moment(used), moment(revoked)
	return t, err
}

// InsertToken writes a new token by the hash of its secret.
func (tx *Tx) InsertToken(user ident.User, name, hash string) (Token, error) {
	t := Token{User: user, Name: name, CreatedAt: tx.Now}
	id, err := tx.insert(`insert into tokens (user_id, name, hash, created_at) values ($1, $2, $3, $4)`,
		int64(user), name, hash, micros(tx.Now))
	if err != nil {
		return Token{}, fmt.Errorf("insert token: %w", err)
	}
	t.ID = ident.Token(id)
	return t, nil
}

// TokenByHash gives the token whose secret has this hash, revoked ones included. Each request of the API asks.
func (tx *Tx) TokenByHash(hash string) (Token, error) {
	t, err := scanToken(tx.row(`select `+tokenColumns+` from tokens where hash = $1`, hash))
	if err != nil {
		return Token{}, fmt.Errorf("get token: %w", missing(err, "token"))
	}
	return t, nil
}

// GetToken gives one token.
func (tx *Tx) GetToken(id ident.Token) (Token, error) {
	t, err := scanToken(tx.row(`select `+tokenColumns+` from tokens where id = $1`, int64(id)))
	if err != nil {
		return Token{}, fmt.Errorf("get token: %w", missing(err, "token"))
	}
	return t, nil
}

// TokenUseIsOld tells whether the last use has to be written down again.
func (tx *Tx) TokenUseIsOld(t Token) bool { return tx.Now.Sub(t.UsedAt) >= tokenUseStep }

// TouchToken writes down that a token was used.
func (tx *Tx) TouchToken(id ident.Token) error {
	if _, err := tx.exec(`update tokens set used_at = $1 where id = $2`, micros(tx.Now), int64(id)); err != nil {
		return fmt.Errorf("touch token: %w", err)
	}
	return nil
}

// ListTokens lists a user's tokens that were not revoked, newest first.
func (tx *Tx) ListTokens(user ident.User) ([]Token, error) {
	list, err := collect(tx, scanToken,
		`select `+tokenColumns+` from tokens where user_id = $1 and revoked_at is null order by id desc`, int64(user))
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return list, nil
}

// RevokeToken makes a token useless from now on.
func (tx *Tx) RevokeToken(id ident.Token) error {
	if _, err := tx.exec(`update tokens set revoked_at = $1 where id = $2 and revoked_at is null`, micros(tx.Now), int64(id)); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}
