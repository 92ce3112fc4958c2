package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// teamsPath is the page of the teams that own sequences.
const teamsPath = "/teams"

func teamPath(id ident.Team) string { return teamsPath + "/" + id.String() }

func (s *Server) showTeams(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if err := need(v.may(access.ManageTeams)); err != nil {
		return err
	}
	teams, err := s.app.ListTeams(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Teams", Keys: []ui.KeyHint{{Key: "n", Does: "New team"}}}, teamsPage(teams))
}

// teamForm is the state of the question for a team's name and members.
type teamForm struct {
	// Of is the team that is changed; its ID is zero for a new one.
	Of       store.Team
	Name     string
	Members  []ident.User
	Users    []store.User
	Problems problems
}

func (f teamForm) action() string {
	if f.Of.ID != 0 {
		return teamPath(f.Of.ID)
	}
	return teamsPath
}

// options are the users to choose from: those with access, and members who have lost it.
func (f teamForm) options() []ui.Option {
	var options []ui.Option
	for _, u := range f.Users {
		chosen := slices.Contains(f.Members, u.ID)
		if !u.Active && !chosen {
			continue
		}
		o := ui.Option{Value: u.ID.String(), Label: u.Name, Hint: u.Role.Label(), Chosen: chosen}
		if !u.Active {
			o.Hint = "No access"
		}
		options = append(options, o)
	}
	return options
}

func (s *Server) askTeam(w http.ResponseWriter, r *http.Request, status int, f teamForm) (err error) {
	if err := need(access.May(actorOf(r), access.ManageTeams)); err != nil {
		return err
	}
	if f.Users, err = s.app.ListUsers(r.Context(), actorOf(r)); err != nil {
		return err
	}
	q := question{ID: "team", Title: "New team", Back: teamsPath}
	if f.Of.ID != 0 {
		q.Title = "Change “" + f.Of.Name + "”"
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return teamBody(q, f) })
}

// teamOf gives the team of a request's path.
func (s *Server) teamOf(r *http.Request) (store.Team, error) {
	var id ident.Team
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.Team{}, err
	}
	return s.app.GetTeam(r.Context(), actorOf(r), id)
}

func (s *Server) showNewTeam(w http.ResponseWriter, r *http.Request) error {
	return s.askTeam(w, r, 0, teamForm{})
}

func (s *Server) showChangeTeam(w http.ResponseWriter, r *http.Request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	f := teamForm{Of: t, Name: t.Name}
	for _, m := range t.Members {
		f.Members = append(f.Members, m.ID)
	}
	return s.askTeam(w, r, 0, f)
}

func (s *Server) createTeam(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := teamForm{Name: text(r, "name"), Members: readIDs[ident.User](r.Form["member"])}
	_, err := s.app.CreateTeam(r.Context(), actorOf(r), f.Name, f.Members)
	return s.teamSaved(w, r, f, err)
}

func (s *Server) changeTeam(w http.ResponseWriter, r *http.Request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f := teamForm{Of: t, Name: text(r, "name"), Members: readIDs[ident.User](r.Form["member"])}
	_, err = s.app.ChangeTeam(r.Context(), actorOf(r), t.ID, action.TeamChange{Name: &f.Name, Members: &f.Members})
	return s.teamSaved(w, r, f, err)
}

// teamSaved goes back to the teams, or asks again with what is wrong.
func (s *Server) teamSaved(w http.ResponseWriter, r *http.Request, f teamForm, err error) error {
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askTeam(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "The team was saved.")
	return s.redirect(w, r, teamsPath)
}

func (s *Server) showDeleteTeam(w http.ResponseWriter, r *http.Request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	return s.askDeleteTeam(w, r, 0, t, problems{})
}

func (s *Server) askDeleteTeam(w http.ResponseWriter, r *http.Request, status int, t store.Team, p problems) error {
	q := question{ID: "delete-team", Title: "Delete the team “" + t.Name + "”?", Back: teamsPath}
	return s.ask(w, r, status, q, func(q question) templ.Component { return deleteTeamBody(q, t, p) })
}

func (s *Server) deleteTeam(w http.ResponseWriter, r *http.Request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	if err := s.app.DeleteTeam(r.Context(), actorOf(r), t.ID); err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.askDeleteTeam(w, r, http.StatusConflict, t, p)
	}
	s.say(r, "The team “"+t.Name+"” is deleted.")
	return s.redirect(w, r, teamsPath)
}

// peopleTabs lead between the users and the teams of them.
func peopleTabs(now string) ui.TabsProps {
	return ui.TabsProps{Label: "Users and teams", Tabs: []ui.Tab{
		{Label: "Users", Href: "/users", Current: now == "/users"},
		{Label: "Teams", Href: teamsPath, Current: now == teamsPath},
	}}
}

// teamMenu lists what can be done with a team.
func teamMenu(t store.Team) ui.MenuProps {
	m := ui.MenuProps{ID: "menu-" + t.ID.String(), Label: "Actions for " + t.Name, Icon: "dots", IconOnly: true}
	change, gone := teamPath(t.ID)+"/change", teamPath(t.ID)+"/delete"
	m.Entries = []ui.MenuEntry{
		{Label: "Name and members", Icon: "pencil", Href: change, Attrs: asks(change)},
		{Label: "Sequences", Icon: "route", Href: "/sequences?owner=" + t.ID.String()},
		{Label: "Delete", Icon: "trash", Href: gone, Attrs: asks(gone), Danger: true, Divider: true},
	}
	return m
}
