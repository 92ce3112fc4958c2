package action

import (
	"context"
	"errors"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

var errUnbuilt = errors.New("unbuilt")

// PasswordCost is what one check of a password costs.
type PasswordCost struct {
	// Memory in KiB and Rounds over it (argon2id).
	Memory, Rounds uint32
}

// NewUser is the input for a user.
type NewUser struct {
	Name, Email, Password, Zone string
	Role                        access.Role
}

// NeedsSetup tells whether there is no user yet.
func (a *App) NeedsSetup(ctx context.Context) (bool, error) { return false, errUnbuilt }

// SetupSecret makes the one-time secret with which the first user is made.
func (a *App) SetupSecret(ctx context.Context) (secret string, err error) { return "", errUnbuilt }

// Setup makes the first user, an admin, and uses the secret up.
func (a *App) Setup(ctx context.Context, secret string, in NewUser) (store.User, error) {
	return store.User{}, errUnbuilt
}
