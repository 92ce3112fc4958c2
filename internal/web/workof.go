package web

import (
	"net/http"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// everybody is the value of workFilter.Of for what everybody has to do.
const everybody = "everybody"

// own tells whether the list is the reader's.
func (f workFilter) own() bool { return f.Of == "" }

// assignee is the user whose list it is; zero for everybody's.
func (f workFilter) assignee(v view) (id ident.User) {
	switch f.Of {
	case "":
		return v.Actor.ID
	case everybody:
		return 0
	}
	_ = readID(f.Of, &id) // workFilterOf has read it
	return id
}

// all gives the same person's list without filters.
func (f workFilter) all() workFilter {
	return workFilter{WorkFilter: action.WorkFilter{Sort: f.Sort}, Of: f.Of}
}

// applied gives the address of a saved filter, for the list that is looked at.
func (f workFilter) applied(v store.WorkView) string {
	if f.own() {
		return "/work?" + v.Query
	}
	return "/work?" + v.Query + "&of=" + f.Of
}

// workOf is whose lists the reader may look at, and whose it is.
type workOf struct {
	// Users are those to choose from; nobody when the reader may look at no other list.
	Users []store.User
	// Name is whose list it is, when it is that of another user.
	Name string
}

// readWorkOf asks whose lists there are for readers who lead others.
func (s *Server) readWorkOf(r *http.Request, f workFilter) (of workOf, err error) {
	v := s.view(r)
	if !v.may(access.ManageActivities) {
		return of, nil
	}
	users, err := s.app.ListUsers(r.Context(), v.Actor)
	if err != nil {
		return of, err
	}
	chosen := f.assignee(v)
	of.Users = slices.DeleteFunc(users, func(u store.User) bool { return !u.Active && u.ID != chosen })
	for _, u := range users {
		if u.ID == chosen && !f.own() {
			of.Name = u.Name
		}
	}
	if of.Name == "" && !f.own() && f.Of != everybody {
		_, err = s.app.GetUser(r.Context(), v.Actor, chosen) // says that there is no such user
	}
	return of, err
}

// text says whose list the reader sees.
func (o workOf) text(f workFilter) string {
	if f.Of == everybody {
		return "You see everybody’s list."
	}
	return "You see " + possessive(o.Name) + " list."
}

func possessive(name string) string {
	if name != "" && name[len(name)-1] == 's' {
		return name + "’"
	}
	return name + "’s"
}

// options are whose lists there are to choose from, the reader's first.
func (o workOf) options(v view) []ui.Option {
	options := []ui.Option{{Value: "", Label: "My work list"}, {Value: everybody, Label: "Everybody"}}
	for _, u := range o.Users {
		if u.ID != v.Actor.ID {
			options = append(options, ui.Option{Value: u.ID.String(), Label: u.Name})
		}
	}
	return options
}
