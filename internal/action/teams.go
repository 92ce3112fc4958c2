package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// MaxTeamName is the most characters of a team's name.
const MaxTeamName = 60

// ListTeams lists the teams with their members, by name: everybody may, to hand over and to share.
func (a *App) ListTeams(ctx context.Context, actor access.Actor) ([]store.Team, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Team, error) { return tx.ListTeams() })
}

// GetTeam gives one team.
func (a *App) GetTeam(ctx context.Context, actor access.Actor, id ident.Team) (store.Team, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Team{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Team, error) { return tx.GetTeam(id) })
}

// TeamByName gives the team of this name, in any case of letters.
func (a *App) TeamByName(ctx context.Context, actor access.Actor, name string) (store.Team, error) {
	list, err := a.ListTeams(ctx, actor)
	if err != nil {
		return store.Team{}, err
	}
	for _, t := range list {
		if strings.EqualFold(t.Name, clean(name)) {
			return t, nil
		}
	}
	return store.Team{}, fault.New(fault.NotFound, "There is no team %q.", clean(name)).WithHint("See cadenza team list.")
}

// changeTeams does something with teams that nobody else changes meanwhile, and gives the team that it is about.
func (a *App) changeTeams(ctx context.Context, actor access.Actor, do func(tx *store.Tx) (ident.Team, error)) (store.Team, error) {
	if err := may(actor, access.ManageTeams); err != nil {
		return store.Team{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Team, error) {
		if err := tx.LockTeams(); err != nil {
			return store.Team{}, err
		}
		id, err := do(tx)
		if err != nil || id == 0 {
			return store.Team{}, err
		}
		return tx.GetTeam(id)
	})
}

// CreateTeam makes a team of these users.
func (a *App) CreateTeam(ctx context.Context, actor access.Actor, name string, members []ident.User) (store.Team, error) {
	return a.changeTeams(ctx, actor, func(tx *store.Tx) (ident.Team, error) {
		name, err := teamName(tx, 0, name)
		if err != nil {
			return 0, err
		}
		id, err := tx.InsertTeam(name)
		if err != nil {
			return 0, err
		}
		if err := setMembers(tx, store.Team{ID: id}, members); err != nil {
			return 0, err
		}
		return id, tx.Audit(actor.ID, "create", "team", int64(id), name)
	})
}

// TeamChange is what changes of a team; nil leaves a part as it is.
type TeamChange struct {
	Name    *string
	Members *[]ident.User
}

// ChangeTeam gives a team another name, other members, or both. New members see and may change what it owns at once.
func (a *App) ChangeTeam(ctx context.Context, actor access.Actor, id ident.Team, in TeamChange) (store.Team, error) {
	return a.changeTeams(ctx, actor, func(tx *store.Tx) (ident.Team, error) {
		t, err := tx.GetTeam(id)
		if err != nil {
			return 0, err
		}
		if in.Name != nil {
			name, err := teamName(tx, id, *in.Name)
			if err != nil {
				return 0, err
			}
			if err := tx.RenameTeam(id, name); err != nil {
				return 0, err
			}
			if err := tx.Audit(actor.ID, "rename", "team", int64(id), t.Name+", to "+name); err != nil {
				return 0, err
			}
			t.Name = name
		}
		if in.Members == nil {
			return id, nil
		}
		if err := setMembers(tx, t, *in.Members); err != nil {
			return 0, err
		}
		return id, tx.Audit(actor.ID, "members", "team", int64(id), fmt.Sprintf("%s, %s", t.Name, plural(len(*in.Members), "member")))
	})
}

// setMembers gives a team these members and no others. Somebody who lost access may stay, but not join.
func setMembers(tx *store.Tx, t store.Team, members []ident.User) error {
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	for _, u := range members {
		if slices.ContainsFunc(t.Members, func(m store.TeamMember) bool { return m.ID == u }) {
			continue
		}
		if u == 0 {
			return fault.Field("members", "unknown", "There is no such user. Choose from the list.")
		}
		if err := activeUser(tx, u, "members"); err != nil {
			return err
		}
	}
	return tx.SetTeamMembers(t.ID, members)
}

// teamName brings a name into shape and refuses one that another team has.
func teamName(tx *store.Tx, self ident.Team, name string) (string, error) {
	name = strings.Join(strings.Fields(clean(name)), " ")
	switch {
	case name == "":
		return "", fault.Field("name", "required", "Name is required.")
	case utf8.RuneCountInString(name) > MaxTeamName:
		return "", fault.Field("name", "too_long", fmt.Sprintf("Name must be text of at most %d characters.", MaxTeamName))
	}
	list, err := tx.ListTeams()
	if err != nil {
		return "", err
	}
	for _, t := range list {
		if t.ID != self && strings.EqualFold(t.Name, name) {
			return "", store.TeamTaken(t.Name)
		}
	}
	return name, nil
}

// DeleteTeam deletes a team that owns no sequence and with which none is shared.
func (a *App) DeleteTeam(ctx context.Context, actor access.Actor, id ident.Team) error {
	_, err := a.changeTeams(ctx, actor, func(tx *store.Tx) (ident.Team, error) {
		t, err := tx.GetTeam(id)
		if err != nil {
			return 0, err
		}
		owned, shared, err := tx.TeamSequences(id)
		if err != nil {
			return 0, err
		}
		switch {
		case len(owned) > 0:
			return 0, fault.New(fault.Conflict, "The team %q owns %s.", t.Name, someNames(owned)).
				WithHint("Hand them over to somebody else first: choose them in the list of sequences, archived ones too.")
		case len(shared) > 0:
			return 0, fault.New(fault.Conflict, "%s shared with the team %q.", someAre(shared), t.Name).
				WithHint("Share them otherwise first: open each, and choose Sharing from its menu.")
		}
		if err := tx.DeleteTeam(id); err != nil {
			return 0, err
		}
		return 0, tx.Audit(actor.ID, "delete", "team", int64(id), t.Name)
	})
	return err
}

// someNames names the first few of a list.
func someNames(names []string) string {
	const most = 3
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("“%s” and %d more", strings.Join(names[:most], "”, “"), more)
	}
	return "“" + strings.Join(names, "”, “") + "”"
}

func someAre(names []string) string {
	if len(names) == 1 {
		return someNames(names) + " is"
	}
	return someNames(names) + " are"
}
