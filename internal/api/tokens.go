package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TokenShape is a bearer token without its secret.
type TokenShape struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty" doc:"When it was used last, roughly."`
}

func tokenOf(t store.Token) TokenShape {
	return TokenShape{ID: t.ID.String(), Name: t.Name, CreatedAt: t.CreatedAt.UTC(), UsedAt: moment(t.UsedAt)}
}

// createdToken shows the secret of a new token, once.
type createdToken struct {
	TokenShape
	Secret string `json:"secret,omitempty" doc:"Send it as Authorization: Bearer …. It is shown this once: it is not kept, and an answer given again for an Idempotency-Key lacks it."`
}

type newToken struct {
	Name string `json:"name" doc:"What uses it."`
}

func (d *door) tokens() {
	handle(d, get("/tokens", "list-tokens", "List the own tokens"), func(ctx context.Context, actor access.Actor, _ *none) (page[TokenShape], error) {
		rows, err := d.app.ListTokens(ctx, actor)
		return list(rows, tokenOf), err
	})
	handle(d, create("/tokens", "create-token", "Make a token of one's own"), func(ctx context.Context, actor access.Actor, in *body[newToken]) (createdToken, error) {
		secret, t, err := d.app.CreateToken(ctx, actor, in.Body.Name)
		return createdToken{TokenShape: tokenOf(t), Secret: secret}, err
	})
	handleSilent(d, remove("/tokens/{id}", "revoke-token", "Revoke a token"), func(ctx context.Context, actor access.Actor, in *One[ident.Token]) error {
		return d.app.RevokeToken(ctx, actor, in.ID.Key)
	})
}
