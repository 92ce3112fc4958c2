package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// UserChange is the input for a change of a user.
type UserChange struct {
	Name, Email, Zone string
	Role              access.Role
	Active            bool
}

// SignIn checks a password. from is the client's address.
func (a *App) SignIn(ctx context.Context, email, password, from string) (access.Actor, error) {
	return access.Actor{}, errUnbuilt
}

// ActorByID gives the actor of a signed-in user.
func (a *App) ActorByID(ctx context.Context, id ident.User) (access.Actor, error) {
	return access.Actor{}, errUnbuilt
}

// ListUsers lists all users by name.
func (a *App) ListUsers(ctx context.Context, actor access.Actor) ([]store.User, error) {
	return nil, errUnbuilt
}

// GetUser gives one user.
func (a *App) GetUser(ctx context.Context, actor access.Actor, id ident.User) (store.User, error) {
	return store.User{}, errUnbuilt
}

// CreateUser makes a user.
func (a *App) CreateUser(ctx context.Context, actor access.Actor, in NewUser) (store.User, error) {
	return store.User{}, errUnbuilt
}

// UpdateUser changes a user.
func (a *App) UpdateUser(ctx context.Context, actor access.Actor, id ident.User, in UserChange) (store.User, error) {
	return store.User{}, errUnbuilt
}

// SetPassword changes a password.
func (a *App) SetPassword(ctx context.Context, actor access.Actor, id ident.User, current, next string) error {
	return errUnbuilt
}
