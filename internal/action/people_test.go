package action_test

import (
	"context"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

func TestSetup(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		if needs, err := app.NeedsSetup(ctx); err != nil || !needs {
			t.Fatalf("an empty database needs no set-up: %v %v", needs, err)
		}
		first, err := app.SetupSecret(ctx)
		wantFault(t, "first secret", err, "")
		secret, err := app.SetupSecret(ctx)
		wantFault(t, "second secret", err, "")
		in := action.NewUser{Name: "Ada", Email: "ada@test.example", Password: "correct horse", Zone: "Europe/Berlin", Role: access.Seller}
		_, err = app.Setup(ctx, first, in)
		wantFault(t, "a secret that was replaced", err, fault.Forbidden)
		_, err = app.Setup(ctx, "", in)
		wantFault(t, "no secret", err, fault.Forbidden)
		bad := in
		bad.Password = "short"
		_, err = app.Setup(ctx, secret, bad)
		wantProblem(t, "short password", err, "password")
		u, err := app.Setup(ctx, secret, in)
		wantFault(t, "set-up", err, "")
		if u.Role != access.Admin {
			t.Errorf("the first user is %s, want an admin", u.Role)
		}
		_, err = app.Setup(ctx, secret, action.NewUser{Name: "Eve", Email: "eve@test.example", Password: "correct horse"})
		wantFault(t, "second set-up", err, fault.Conflict)
		_, err = app.SetupSecret(ctx)
		wantFault(t, "a secret after the set-up", err, fault.Conflict)
	})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		ada := newUser(t, app, "ada", access.Admin)
		bob := newUser(t, app, "bob", access.Seller)
		actor, err := app.SignIn(ctx, " ADA@test.example", "correct horse", "192.0.2.1")
		wantFault(t, "sign in", err, "")
		if actor.ID != ada.ID || actor.Role != ada.Role {
			t.Errorf("signed in as %+v, want %+v", actor, ada)
		}
		for _, try := range []struct{ what, email, password string }{
			{"wrong password", "ada@test.example", "wrong horse"},
			{"unknown user", "eve@test.example", "correct horse"},
			{"nothing", "", ""},
			{"zero character", "a\x00da@test.example", "correct horse"},
			{"endless password", "ada@test.example", strings.Repeat("x", 1<<20)},
		} {
			_, err := app.SignIn(ctx, try.email, try.password, "192.0.2.2")
			wantFault(t, try.what, err, fault.Unauthenticated)
		}
		_, err = app.UpdateUser(ctx, ada, bob.ID, action.UserChange{Name: "bob", Email: "bob@test.example", Role: access.Seller, Active: false})
		wantFault(t, "deactivate", err, "")
		_, err = app.SignIn(ctx, "bob@test.example", "correct horse", "192.0.2.3")
		wantFault(t, "inactive user", err, fault.Unauthenticated)
		_, err = app.ActorBySession(ctx, bob.ID, 0)
		wantFault(t, "session of an inactive user", err, fault.Unauthenticated)
		for range 5 {
			_, err = app.SignIn(ctx, "ada@test.example", "guess number", "192.0.2.4")
			wantFault(t, "guess", err, fault.Unauthenticated)
		}
		_, err = app.SignIn(ctx, "Ada@test.example", "correct horse", "192.0.2.4")
		wantFault(t, "sixth attempt", err, fault.TooMany)
		_, err = app.SignIn(ctx, "ada@test.example", "correct horse", "192.0.2.5")
		wantFault(t, "the owner from elsewhere", err, "")
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		ada := newUser(t, app, "ada", access.Admin)
		bob := newUser(t, app, "bob", access.Seller)
		good := action.NewUser{Name: "Cy", Email: "cy@test.example", Password: "correct horse", Role: access.Seller}
		_, err := app.CreateUser(ctx, bob, good)
		wantFault(t, "a seller makes a user", err, fault.Forbidden)
		_, err = app.CreateUser(ctx, access.Actor{}, good)
		wantFault(t, "nobody makes a user", err, fault.Unauthenticated)
		for field, change := range map[string]func(*action.NewUser){
			"name":     func(u *action.NewUser) { u.Name = "  " },
			"email":    func(u *action.NewUser) { u.Email = "not an address" },
			"password": func(u *action.NewUser) { u.Password = "123456789" },
			"role":     func(u *action.NewUser) { u.Role = "boss" },
			"zone":     func(u *action.NewUser) { u.Zone = "Mars/Olympus" },
		} {
			bad := good
			change(&bad)
			_, err := app.CreateUser(ctx, ada, bad)
			wantProblem(t, "bad "+field, err, field)
		}
		taken := good
		taken.Email = "ADA@test.example"
		_, err = app.CreateUser(ctx, ada, taken)
		wantProblem(t, "taken address", err, "email")
		_, err = app.UpdateUser(ctx, ada, ada.ID, action.UserChange{Name: "ada", Email: "ada@test.example", Role: access.Seller, Active: true})
		wantFault(t, "the last admin steps down", err, fault.Conflict)
		_, err = app.UpdateUser(ctx, ada, ada.ID, action.UserChange{Name: "ada", Email: "ada@test.example", Role: access.Admin, Active: false})
		wantFault(t, "the last admin leaves", err, fault.Conflict)
		_, err = app.UpdateUser(ctx, ada, bob.ID, action.UserChange{Name: "bob", Email: "ada@TEST.example", Role: access.Admin, Active: true})
		wantProblem(t, "address of somebody else", err, "email")
		_, err = app.UpdateUser(ctx, ada, bob.ID, action.UserChange{Name: "Bob", Email: "bob@test.example", Role: access.Admin, Active: true})
		wantFault(t, "promotion", err, "")
		_, err = app.UpdateUser(ctx, ada, ada.ID, action.UserChange{Name: "ada", Email: "ada@test.example", Role: access.Seller, Active: true})
		wantFault(t, "one of two admins steps down", err, "")
		list, err := app.ListUsers(ctx, bob)
		if err != nil || len(list) != 2 || list[0].PasswordHash != "" {
			t.Errorf("list of users: %+v %v", list, err)
		}
	})
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	ctx, app := context.Background(), newApp(t, db)
	ada := newUser(t, app, "ada", access.Admin)
	bob := newUser(t, app, "bob", access.Seller)
	wantProblem(t, "own without the current one", app.SetPassword(ctx, bob, bob.ID, "", "another horse"), "current")
	wantProblem(t, "too short", app.SetPassword(ctx, bob, bob.ID, "correct horse", "short"), "password")
	wantFault(t, "of somebody else", app.SetPassword(ctx, bob, ada.ID, "correct horse", "another horse"), fault.Forbidden)
	wantFault(t, "own", app.SetPassword(ctx, bob, bob.ID, "correct horse", "another horse"), "")
	_, err := app.SignIn(ctx, bob.Email, "another horse", "192.0.2.1")
	wantFault(t, "sign in with the new one", err, "")
	wantFault(t, "admin for others", app.SetPassword(ctx, ada, bob.ID, "", "third horse!"), "")
	wantFault(t, "unknown user", app.SetPassword(ctx, ada, 999, "", "third horse!"), fault.NotFound)
	_, err = app.SignIn(ctx, bob.Email, "another horse", "192.0.2.1")
	wantFault(t, "sign in with the old one", err, fault.Unauthenticated)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		ada, bob := newUser(t, app, "ada", access.Admin), newUser(t, app, "bob", access.Seller)
		_, _, err := app.CreateToken(ctx, bob, "  ")
		wantProblem(t, "no name", err, "name")
		secret, token, err := app.CreateToken(ctx, bob, "reports")
		wantFault(t, "create", err, "")
		if !strings.HasPrefix(secret, "cad_") || len(secret) < 60 {
			t.Errorf("secret %q has no prefix or is short", secret)
		}
		actor, err := app.ActorByToken(ctx, secret)
		if err != nil || actor.ID != bob.ID || actor.Role != bob.Role {
			t.Errorf("actor of token: %+v %v, want %+v", actor, err, bob)
		}
		for _, bad := range []string{"", "cad_", "cad_" + strings.Repeat("0", 64), secret + "0", strings.ToUpper(secret)} {
			_, err := app.ActorByToken(ctx, bad)
			wantFault(t, "token "+bad, err, fault.Unauthenticated)
		}
		list, err := app.ListTokens(ctx, bob)
		if err != nil || len(list) != 1 || list[0].UsedAt.IsZero() {
			t.Errorf("list of tokens: %+v %v", list, err)
		}
		cy := newUser(t, app, "cy", access.SalesManager)
		wantFault(t, "somebody else revokes", app.RevokeToken(ctx, cy, token.ID), fault.Forbidden)
		wantFault(t, "an admin revokes", app.RevokeToken(ctx, ada, token.ID), "")
		_, err = app.ActorByToken(ctx, secret)
		wantFault(t, "revoked token", err, fault.Unauthenticated)
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		ada, bob := newUser(t, app, "ada", access.Admin), newUser(t, app, "bob", access.Seller)
		s, err := app.GetSettings(ctx, bob)
		if err != nil || s.Hours[1] != "08:00-17:00" || s.Hours[0] != "" || !s.Follow || s.TrackingURL != "" {
			t.Errorf("default settings: %+v %v", s, err)
		}
		s = action.Settings{Organisation: "  Analytical   Engines ", Zone: "Europe/Berlin", Hours: action.WeekHours{1: "13-24:00, 9:30-12:00", 2: "8 to 17"}, Follow: true, TrackingURL: " https://Links.Example.com/ ", HistoryMonths: 24}
		_, err = app.SaveSettings(ctx, bob, s)
		wantFault(t, "a seller saves", err, fault.Forbidden)
		_, err = app.SaveSettings(ctx, ada, s)
		wantFault(t, "save", err, "")
		got, err := app.GetSettings(ctx, bob)
		if err != nil || got.Organisation != "Analytical Engines" || got.Hours != (action.WeekHours{1: "09:30-12:00, 13:00-24:00", 2: "08:00-17:00"}) || !got.Follow || got.TrackingURL != "https://links.example.com" || got.HistoryMonths != 24 {
			t.Errorf("saved settings: %+v %v", got, err)
		}
		for field, change := range map[string]func(*action.Settings){
			"zone":         func(s *action.Settings) { s.Zone = "" },
			"hours/monday": func(s *action.Settings) { s.Hours = action.WeekHours{} },
			"hours/friday": func(s *action.Settings) { s.Hours[5] = "25:00-26:00" },
			"hours/sunday": func(s *action.Settings) { s.Hours[0] = "17:00-09:00" },
			"organisation": func(s *action.Settings) { s.Organisation = strings.Repeat("x", 200) },
			"tracking_url": func(s *action.Settings) { s.TrackingURL = "links.example.com" },

			"history_months": func(s *action.Settings) { s.HistoryMonths = action.MaxHistoryMonths + 1 },
		} {
			bad := s
			change(&bad)
			_, err := app.SaveSettings(ctx, ada, bad)
			wantProblem(t, "bad "+field, err, field)
		}
		audit, err := app.ListAudit(ctx, ada, 10)
		if err != nil || len(audit) != 3 || audit[0].Thing != "settings" || audit[0].ByName != "ada" {
			t.Errorf("audit: %+v %v", audit, err)
		}
		_, err = app.ListAudit(ctx, bob, 10)
		wantFault(t, "a seller reads the audit", err, fault.Forbidden)
	})
}
