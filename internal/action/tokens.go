package action

import (
	"context"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// tokenPrefix begins every bearer token, so that people and scanners for leaked secrets recognise one.
const tokenPrefix = "cad_"

// ActorByToken gives the actor of a bearer token.
func (a *App) ActorByToken(ctx context.Context, bearer string) (access.Actor, error) {
	var (
		actor access.Actor
		t     store.Token
		touch bool
	)
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		if !strings.HasPrefix(bearer, tokenPrefix) {
			return invalidToken()
		}
		t, err = tx.TokenByHash(hashSecret(bearer))
		if fault.Is(err, fault.NotFound) || err == nil && !t.RevokedAt.IsZero() {
			return invalidToken()
		}
		if err != nil {
			return err
		}
		u, err := tx.GetUser(t.User)
		if err != nil {
			return err
		}
		if !u.Active {
			return invalidToken()
		}
		actor, touch = actorOf(u), tx.TokenUseIsOld(t)
		return nil
	})
	if err != nil {
		return access.Actor{}, err
	}
	if touch {
		if err := a.db.Write(ctx, func(tx *store.Tx) error { return tx.TouchToken(t.ID) }); err != nil {
			// Reading must go on while the database takes no changes.
			a.log.WarnContext(ctx, "token use not noted", "token", t.ID.String(), "error", err)
		}
	}
	return actor, nil
}

func invalidToken() error {
	return fault.New(fault.Unauthenticated, "The token is not valid.").
		WithHint("Send \"Authorization: Bearer cad_…\" with a token that was made on your profile and not revoked.")
}

// CreateToken makes a bearer token for the actor. The secret is shown this once.
func (a *App) CreateToken(ctx context.Context, actor access.Actor, name string) (secret string, t store.Token, err error) {
	if actor.ID == 0 {
		return "", store.Token{}, refuse(actor)
	}
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return "", store.Token{}, fault.Field("name", "required", "Give the token a name of at most 160 characters that tells what uses it.")
	}
	secret, hash := newSecret(tokenPrefix)
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if t, err = tx.InsertToken(actor.ID, name, hash); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "create", "token", int64(t.ID), name)
	})
	if err != nil {
		return "", store.Token{}, err
	}
	return secret, t, nil
}

// ListTokens lists the actor's tokens that were not revoked.
func (a *App) ListTokens(ctx context.Context, actor access.Actor) (list []store.Token, err error) {
	if actor.ID == 0 {
		return nil, refuse(actor)
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListTokens(actor.ID)
		return err
	})
	return list, err
}

// RevokeToken makes a token useless. Users revoke their own; who manages users, all.
func (a *App) RevokeToken(ctx context.Context, actor access.Actor, id ident.Token) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.GetToken(id)
		if err != nil {
			return err
		}
		if t.User != actor.ID || actor.ID == 0 {
			if err := may(actor, access.ManageUsers); err != nil {
				return err
			}
		}
		if err := tx.RevokeToken(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "revoke", "token", int64(id), t.Name)
	})
}
