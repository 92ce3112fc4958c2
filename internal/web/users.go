package web

import (
	"net/http"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// userForm is the state of the form of a user.
type userForm struct {
	// Saved is the user as it is stored; its ID is zero for a new one.
	Saved store.User
	Input action.UserChange
	// LastAdmin tells that nobody else is an active admin, so role and access stay.
	LastAdmin        bool
	Problems, Secret problems
}

func (f userForm) fresh() bool { return f.Saved.ID == 0 }

func (s *Server) showUsers(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageUsers)); err != nil {
		return err
	}
	users, err := s.team(r)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Users", Keys: []ui.KeyHint{{Key: "n", Does: "New user"}}}, usersPage(v, users))
}

func (s *Server) showNewUser(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageUsers)); err != nil {
		return err
	}
	return s.renderUser(w, r, 0, userForm{Input: action.UserChange{Role: access.Seller, Zone: v.Zone.String(), Active: true}})
}

func (s *Server) renderUser(w http.ResponseWriter, r *http.Request, status int, f userForm) error {
	title := "New user"
	if !f.fresh() {
		title = f.Saved.Name
	}
	return s.render(w, r, page{Title: title, Status: status}, userPage(s.view(r), f))
}

func (s *Server) createUser(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := userForm{Input: readUser(r)}
	f.Input.Active = true
	made, err := s.app.CreateUser(r.Context(), actorOf(r), action.NewUser{
		Name: f.Input.Name, Email: f.Input.Email, Password: r.FormValue("password"),
		Zone: f.Input.Zone, Role: f.Input.Role,
	})
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderUser(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, made.Name+" can sign in now.")
	return s.redirect(w, r, "/users")
}

func readUser(r *http.Request) action.UserChange {
	return action.UserChange{Name: text(r, "name"), Email: text(r, "email"), Zone: text(r, "zone"), Role: access.Role(text(r, "role")), Active: r.FormValue("active") != ""}
}

// userIn loads the user of a request's path for an admin.
func (s *Server) userIn(r *http.Request) (userForm, error) {
	actor := actorOf(r)
	if err := need(access.May(actor, access.ManageUsers)); err != nil {
		return userForm{}, err
	}
	var id ident.User
	if err := readID(r.PathValue("id"), &id); err != nil {
		return userForm{}, err
	}
	u, err := s.app.GetUser(r.Context(), actor, id)
	if err != nil {
		return userForm{}, err
	}
	f := userForm{Saved: u, Input: action.UserChange{Name: u.Name, Email: u.Email, Zone: u.Zone, Role: u.Role, Active: u.Active}}
	if u.Role == access.Admin && u.Active {
		users, err := s.app.ListUsers(r.Context(), actor)
		if err != nil {
			return f, err
		}
		f.LastAdmin = true
		for _, other := range users {
			if other.ID != u.ID && other.Active && other.Role == access.Admin {
				f.LastAdmin = false
			}
		}
	}
	return f, nil
}

func (s *Server) showUser(w http.ResponseWriter, r *http.Request) error {
	f, err := s.userIn(r)
	if err != nil {
		return err
	}
	return s.renderUser(w, r, 0, f)
}

func (s *Server) saveUser(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.userIn(r)
	if err != nil {
		return err
	}
	f.Input = readUser(r)
	u, err := s.app.UpdateUser(r.Context(), actorOf(r), f.Saved.ID, f.Input)
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderUser(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, u.Name+" was saved.")
	return s.redirect(w, r, "/users")
}

// setUserPassword sets a new password. For oneself that is on the profile, where the current one is asked for.
func (s *Server) setUserPassword(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.userIn(r)
	if err != nil {
		return err
	}
	if err := s.app.SetPassword(r.Context(), actorOf(r), f.Saved.ID, r.FormValue("current"), r.FormValue("password")); err != nil {
		var shown bool
		if f.Secret, shown = refused(err); !shown {
			return err
		}
		return s.renderUser(w, r, http.StatusUnprocessableEntity, f)
	}
	if f.Saved.ID == actorOf(r).ID {
		if err := s.begin(r, f.Saved.ID); err != nil {
			return err
		}
	}
	s.say(r, "The password of "+f.Saved.Name+" was changed, and "+f.Saved.Name+" is signed out everywhere.")
	return s.redirect(w, r, userPath(f.Saved.ID))
}

// roleOptions are the roles with what each may do.
func roleOptions() []ui.Option {
	hints := map[access.Role]string{
		access.Admin:           "Everything, with users and settings.",
		access.SequenceManager: "Designs and activates every sequence, and keeps the templates.",
		access.SalesManager:    "Edits everybody's records, hands work over, and keeps the templates.",
		access.Seller:          "Works with own records and the own work list.",
	}
	var options []ui.Option
	for _, role := range access.Roles() {
		options = append(options, ui.Option{Value: string(role), Label: role.Label(), Hint: hints[role]})
	}
	return options
}
