package action

import (
	"context"
	"crypto/subtle"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// NewUser is the input for a user.
type NewUser struct {
	Name, Email, Password, Zone string
	Role                        access.Role
}

// NeedsSetup tells whether there is no user yet.
func (a *App) NeedsSetup(ctx context.Context) (needs bool, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		n, err := tx.CountUsers()
		needs = n == 0
		return err
	})
	return needs, err
}

// SetupSecret makes the one-time secret with which the first user is made; serve prints a link with it. A former secret
// becomes useless. Once there is a user, it is a Conflict fault.
func (a *App) SetupSecret(ctx context.Context) (secret string, err error) {
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if err := noUsersYet(tx); err != nil {
			return err
		}
		var hash string
		secret, hash = newSecret("")
		return tx.SaveSetupHash(hash)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// CheckSetup tells whether Setup would take the secret: a Forbidden fault if it is not the newest one, a Conflict fault
// once there is a user.
func (a *App) CheckSetup(ctx context.Context, secret string) error {
	return a.db.Read(ctx, func(tx *store.Tx) error { return checkSetup(tx, secret) })
}

func checkSetup(tx *store.Tx, secret string) error {
	if err := noUsersYet(tx); err != nil {
		return err
	}
	hash, err := tx.SetupHash()
	if err != nil {
		return err
	}
	if hash == "" || subtle.ConstantTimeCompare([]byte(hash), []byte(hashSecret(secret))) != 1 {
		return fault.New(fault.Forbidden, "The set-up link is not valid.").
			WithHint("Use the newest link that the server printed; restart the server to get another one.")
	}
	return nil
}

// Setup makes the first user, an admin, and uses the secret up.
func (a *App) Setup(ctx context.Context, secret string, in NewUser) (store.User, error) {
	in.Role = access.Admin
	u, err := a.newUser(in)
	if err != nil {
		return store.User{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockUsers(); err != nil {
			return err
		}
		if err := checkSetup(tx, secret); err != nil {
			return err
		}
		if u, err = tx.InsertUser(u); err != nil {
			return err
		}
		if err := tx.SaveSetupHash(""); err != nil {
			return err
		}
		return tx.Audit(u.ID, "create", "user", int64(u.ID), "first admin")
	})
	if err != nil {
		return store.User{}, err
	}
	return u, nil
}

func noUsersYet(tx *store.Tx) error {
	n, err := tx.CountUsers()
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "Cadenza is set up already.").WithHint("Sign in, or ask an admin for an account.")
	}
	return nil
}
