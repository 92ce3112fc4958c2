package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// userShape is somebody who signs in.
type userShape struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Role      string    `json:"role" enum:"admin,sequence_manager,sales_manager,seller"`
	Zone      string    `json:"zone" doc:"IANA time zone."`
	Active    bool      `json:"active" doc:"Whether the user can sign in and gets work."`
	CreatedAt time.Time `json:"created_at"`
}

func userOf(u store.User) userShape {
	return userShape{ID: u.ID.String(), Name: u.Name, Email: u.Email, Role: string(u.Role), Zone: u.Zone, Active: u.Active, CreatedAt: u.CreatedAt.UTC()}
}

type newUser struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password" doc:"At least 10 characters."`
	Role     string `json:"role" enum:"admin,sequence_manager,sales_manager,seller"`
	Zone     string `json:"zone,omitempty" doc:"IANA time zone; UTC when it is left out."`
}

type userChange struct {
	Name   *string `json:"name,omitempty"`
	Email  *string `json:"email,omitempty"`
	Role   *string `json:"role,omitempty" enum:"admin,sequence_manager,sales_manager,seller"`
	Zone   *string `json:"zone,omitempty"`
	Active *bool   `json:"active,omitempty"`
}

type newPassword struct {
	Current  string `json:"current,omitempty" doc:"The present password; needed for the own one."`
	Password string `json:"password" doc:"At least 10 characters."`
}

func (d *door) users() {
	handle(d, get("/users", "list-users", "List users by name"), func(ctx context.Context, actor access.Actor, _ *none) (page[userShape], error) {
		rows, err := d.app.ListUsers(ctx, actor)
		return list(rows, userOf), err
	})
	handle(d, create("/users", "create-user", "Create a user"), func(ctx context.Context, actor access.Actor, in *body[newUser]) (userShape, error) {
		b := in.Body
		u, err := d.app.CreateUser(ctx, actor, action.NewUser{Name: b.Name, Email: b.Email, Password: b.Password, Zone: b.Zone, Role: access.Role(b.Role)})
		return userOf(u), err
	})
	handle(d, get("/users/{id}", "get-user", "Get a user"), func(ctx context.Context, actor access.Actor, in *One[ident.User]) (userShape, error) {
		u, err := d.app.GetUser(ctx, actor, in.ID.Key)
		return userOf(u), err
	})
	handle(d, with(patch("/users/{id}", "update-user", "Change a user"), "Everybody may change their own name and time zone. There is always an active admin left."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.User, userChange]) (userShape, error) {
			return d.changeUser(ctx, actor, in.ID.Key, in.Body)
		})
	handleSilent(d, with(remove("/users/{id}", "delete-user", "Deactivate a user"), "Users are never removed, for the history names them; active=true brings one back."),
		func(ctx context.Context, actor access.Actor, in *One[ident.User]) error {
			_, err := d.changeUser(ctx, actor, in.ID.Key, userChange{Active: new(bool)})
			return err
		})
	op := post("/users/{id}/password", "set-password", "Set a password")
	op.DefaultStatus = 204
	handleSilent(d, op, func(ctx context.Context, actor access.Actor, in *oneAnd[ident.User, newPassword]) error {
		return d.app.SetPassword(ctx, actor, in.ID.Key, in.Body.Current, in.Body.Password)
	})
}

func (d *door) changeUser(ctx context.Context, actor access.Actor, user ident.User, in userChange) (userShape, error) {
	old, err := d.app.GetUser(ctx, actor, user)
	if err != nil {
		return userShape{}, err
	}
	next := action.UserChange{Name: old.Name, Email: old.Email, Zone: old.Zone, Role: old.Role, Active: old.Active}
	overlay(&next.Name, in.Name)
	overlay(&next.Email, in.Email)
	overlay(&next.Zone, in.Zone)
	overlay(&next.Active, in.Active)
	if in.Role != nil {
		next.Role = access.Role(*in.Role)
	}
	u, err := d.app.UpdateUser(ctx, actor, user, next)
	return userOf(u), err
}
