package action

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// maxName is the longest name of a user, template or the like, in characters.
const maxName = 160

// UserChange is the input for a change of a user.
type UserChange struct {
	Name, Email, Zone string
	Role              access.Role
	Active            bool
}

// SignIn checks a password. from is the client's address: guesses are slowed down per email address and client. Whether
// the user is unknown, inactive or the password wrong makes no difference, neither in the answer nor in the time.
func (a *App) SignIn(ctx context.Context, email, password, from string) (access.Actor, error) {
	if err := a.limiter.attempt(email, from, time.Now()); err != nil {
		return access.Actor{}, err
	}
	var u store.User
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByEmail(emailKey(email))
		return err
	})
	known := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return access.Actor{}, err
	}
	hash := u.PasswordHash
	if hash == "" {
		if hash, err = a.nobodysHash(); err != nil {
			return access.Actor{}, err
		}
	}
	fits, err := passwordFits(password, hash)
	if err != nil {
		return access.Actor{}, err
	}
	if !fits || !known || !u.Active || u.PasswordHash == "" {
		return access.Actor{}, fault.New(fault.Unauthenticated, "The email address or the password is wrong.").
			WithHint("Check both; an admin can set a new password.")
	}
	a.limiter.succeed(email, from)
	return actorOf(u), nil
}

// emailKey gives an email address for a look-up; "", which nobody has, for what no database can look for.
func emailKey(email string) string {
	if clean(email) != email {
		return ""
	}
	return strings.TrimSpace(email)
}

// SessionSeries gives the number that a new browser session of a user keeps, for ActorBySession.
func (a *App) SessionSeries(ctx context.Context, id ident.User) (series int64, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		u, err := tx.GetUser(id)
		series = u.SessionSeries
		return err
	})
	return series, err
}

// ActorBySession gives the actor of a browser session of a user. The session is over when the user is gone or inactive,
// or when a new password or a deactivation began another series since.
func (a *App) ActorBySession(ctx context.Context, id ident.User, series int64) (access.Actor, error) {
	var u store.User
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.GetUser(id)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && (!u.Active || u.SessionSeries != series) {
		return access.Actor{}, signInFirst()
	}
	return actorOf(u), err
}

func signInFirst() error {
	return fault.New(fault.Unauthenticated, "Nobody is signed in.").WithHint("Sign in first.")
}

func actorOf(u store.User) access.Actor {
	return access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Zone: u.Zone, Teams: u.Teams}
}

// ListUsers lists all users by name; everybody who is signed in may, to hand work over.
func (a *App) ListUsers(ctx context.Context, actor access.Actor) (list []store.User, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListUsers()
		return err
	})
	for i := range list {
		list[i].PasswordHash = ""
	}
	return list, err
}

// GetUser gives one user.
func (a *App) GetUser(ctx context.Context, actor access.Actor, id ident.User) (u store.User, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.User{}, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.GetUser(id)
		return err
	})
	u.PasswordHash = ""
	return u, err
}

// CreateUser makes a user.
func (a *App) CreateUser(ctx context.Context, actor access.Actor, in NewUser) (store.User, error) {
	if err := may(actor, access.ManageUsers); err != nil {
		return store.User{}, err
	}
	u, err := a.newUser(in)
	if err != nil {
		return store.User{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.InsertUser(u); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "create", "user", int64(u.ID), string(u.Role))
	})
	if err != nil {
		return store.User{}, err
	}
	u.PasswordHash = ""
	return u, nil
}

// newUser checks the input for a user and hashes the password.
func (a *App) newUser(in NewUser) (store.User, error) {
	u := store.User{Name: in.Name, Email: in.Email, Role: in.Role, Zone: in.Zone, Active: true}
	problems := tidyUser(&u)
	hash, err := a.hashPassword("password", in.Password)
	if err != nil {
		if fault.CodeOf(err) == "" {
			return store.User{}, err
		}
		problems = append(problems, fault.ProblemsOf(err)...)
	}
	u.PasswordHash = hash
	return u, fault.Of(problems...)
}

// tidyUser brings a user into canonical form and lists what is wrong.
func tidyUser(u *store.User) []fault.Problem {
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	u.Name = strings.Join(strings.Fields(u.Name), " ")
	u.Email = strings.TrimSpace(u.Email)
	u.Zone = strings.TrimSpace(u.Zone)
	switch {
	case u.Name == "":
		add("name", "required", "Name is required.")
	case !utf8.ValidString(u.Name) || utf8.RuneCountInString(u.Name) > maxName:
		add("name", "too_long", fmt.Sprintf("Name is longer than %d characters.", maxName))
	}
	if !message.ValidEmail(u.Email) {
		add("email", "invalid", "Email is not an email address, for instance anna@example.com.")
	}
	if !u.Role.Known() {
		add("role", "unknown", "Choose a role: admin, sequence_manager, sales_manager or seller.")
	}
	if u.Zone == "" {
		u.Zone = "UTC"
	}
	if !knownZone(u.Zone) {
		add("zone", "unknown", "Time zone is not known. Use a name such as Europe/Berlin.")
	}
	return problems
}

func knownZone(zone string) bool {
	_, err := time.LoadLocation(zone)
	return err == nil && zone != "Local" && zone != ""
}

// UpdateUser changes a user. There is always an active admin left. Everybody may change their own name and time zone.
// Deactivating ends the user's browser sessions for good.
func (a *App) UpdateUser(ctx context.Context, actor access.Actor, id ident.User, in UserChange) (store.User, error) {
	manager := may(actor, access.ManageUsers)
	if manager != nil && (actor.ID == 0 || actor.ID != id) {
		return store.User{}, manager
	}
	var u store.User
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockUsers(); err != nil {
			return err
		}
		old, err := tx.GetUser(id)
		if err != nil {
			return err
		}
		if manager != nil && (in.Email != old.Email || in.Role != old.Role || in.Active != old.Active) {
			return manager
		}
		u = old
		u.Name, u.Email, u.Zone, u.Role, u.Active = in.Name, in.Email, in.Zone, in.Role, in.Active
		if err := fault.Of(tidyUser(&u)...); err != nil {
			return err
		}
		if err := tx.UpdateUser(u); err != nil {
			return err
		}
		if old.Active && !u.Active {
			if err := tx.EndSessions(id); err != nil {
				return err
			}
		}
		admins, err := tx.CountAdmins()
		if err != nil {
			return err
		}
		if admins == 0 {
			return fault.New(fault.Conflict, "%s is the last active admin.", old.Name).WithHint("Make somebody else an admin first.")
		}
		return tx.Audit(actor.ID, "update", "user", int64(id), describeUserChange(old, u))
	})
	if err != nil {
		return store.User{}, err
	}
	u.PasswordHash = ""
	return u, nil
}

// describeUserChange names what changed for the audit.
func describeUserChange(old, next store.User) string {
	var parts []string
	note := func(what, from, to string) {
		if from != to {
			parts = append(parts, what+": "+from+" → "+to)
		}
	}
	note("name", old.Name, next.Name)
	note("email", old.Email, next.Email)
	note("role", string(old.Role), string(next.Role))
	note("zone", old.Zone, next.Zone)
	note("active", fmt.Sprint(old.Active), fmt.Sprint(next.Active))
	return strings.Join(parts, ", ")
}

// SetPassword changes a password and ends the user's browser sessions: whoever knew the old one is out. For the own one
// the current password is needed; an admin sets those of others.
func (a *App) SetPassword(ctx context.Context, actor access.Actor, id ident.User, current, next string) error {
	own := id == actor.ID && !actor.System
	if !own {
		if err := may(actor, access.ManageUsers); err != nil {
			return err
		}
	} else if err := may(actor, access.ReadRecords); err != nil {
		return err
	}
	var u store.User
	if err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.GetUser(id)
		return err
	}); err != nil {
		return err
	}
	if own {
		if err := a.limiter.attempt(u.Email, "own password", time.Now()); err != nil {
			return err
		}
		fits, err := passwordFits(current, u.PasswordHash)
		if err != nil {
			return err
		}
		if !fits {
			return fault.Field("current", "wrong", "The current password is wrong.")
		}
		a.limiter.succeed(u.Email, "own password")
	}
	hash, err := a.hashPassword("password", next)
	if err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetPasswordHash(id, hash); err != nil {
			return err
		}
		if err := tx.EndSessions(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "set_password", "user", int64(id), "")
	})
}
