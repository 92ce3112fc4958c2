package action_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// key is any key; what it is does not matter to these tests.
var key = []byte("0123456789abcdef0123456789abcdef")

// cheap makes passwords cost next to nothing.
var cheap = action.PasswordCost{Memory: 64, Rounds: 1}

// newApp builds the App on a database, with a data folder of its own.
func newApp(tb testing.TB, db *store.DB) *action.App {
	tb.Helper()
	app, err := action.New(action.Config{
		DB: db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: tb.TempDir(),
		BaseURL: "http://localhost:8080", PasswordCost: cheap,
	})
	if err != nil {
		tb.Fatalf("new app: %v", err)
	}
	return app
}

// newUser makes a user with a role and gives the actor.
func newUser(tb testing.TB, app *action.App, name string, role access.Role) access.Actor {
	tb.Helper()
	u, err := app.CreateUser(context.Background(), access.System(), action.NewUser{
		Name:  name,
		Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@test.example", Password: "correct horse", Zone: "Europe/Berlin", Role: role,
	})
	if err != nil {
		tb.Fatalf("create %s: %v", name, err)
	}
	return access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Zone: u.Zone}
}

// wantFault checks that err is a fault with this code; "" wants no error.
func wantFault(tb testing.TB, what string, err error, code fault.Code) {
	tb.Helper()
	if code == "" && err != nil {
		tb.Fatalf("%s: %v", what, err)
	}
	if code != "" && fault.CodeOf(err) != code {
		tb.Fatalf("%s: got %v, want a fault %s", what, err, code)
	}
}

// wantProblem checks that err is an Invalid or Conflict fault with a problem of this field.
func wantProblem(tb testing.TB, what string, err error, field string) {
	tb.Helper()
	for _, p := range fault.ProblemsOf(err) {
		if p.Field == field && p.Message != "" {
			return
		}
	}
	tb.Fatalf("%s: got %v, want a problem of %s", what, err, field)
}
