package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ActorByToken gives the actor of a bearer token.
func (a *App) ActorByToken(ctx context.Context, bearer string) (access.Actor, error) {
	return access.Actor{}, errUnbuilt
}

// CreateToken makes a bearer token for the actor. The secret is shown once.
func (a *App) CreateToken(ctx context.Context, actor access.Actor, name string) (secret string, t store.Token, err error) {
	return "", store.Token{}, errUnbuilt
}

// ListTokens lists the actor's tokens.
func (a *App) ListTokens(ctx context.Context, actor access.Actor) ([]store.Token, error) {
	return nil, errUnbuilt
}

// RevokeToken makes a token useless.
func (a *App) RevokeToken(ctx context.Context, actor access.Actor, id ident.Token) error {
	return errUnbuilt
}
