package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// teamShape is users who own sequences together.
type teamShape struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Members []teamMember `json:"members"`
}

type teamMember struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Active bool   `json:"active" doc:"Whether the user can sign in."`
}

func teamOf(t store.Team) teamShape {
	return teamShape{ID: t.ID.String(), Name: t.Name, Members: each(t.Members, func(m store.TeamMember) teamMember {
		return teamMember{ID: m.ID.String(), Name: m.Name, Active: m.Active}
	})}
}

type newTeam struct {
	Name    string           `json:"name" doc:"At most 60 characters."`
	Members []id[ident.User] `json:"members,omitempty" maxItems:"1000"`
}

type teamChange struct {
	Name    *string           `json:"name,omitempty"`
	Members *[]id[ident.User] `json:"members,omitempty" maxItems:"1000" doc:"All of them: others leave the team."`
}

func (c teamChange) input() action.TeamChange {
	in := action.TeamChange{Name: c.Name}
	if c.Members != nil {
		members := keysIn(*c.Members)
		in.Members = &members
	}
	return in
}

func keysIn[K key](ids []id[K]) []K {
	keys := make([]K, 0, len(ids))
	for _, i := range ids {
		keys = append(keys, i.Key)
	}
	return keys
}

func (d *door) teams() {
	handle(d, with(get("/teams", "list-teams", "List the teams with their members"), "Everybody may, to hand over and to share."),
		func(ctx context.Context, actor access.Actor, _ *none) (page[teamShape], error) {
			rows, err := d.app.ListTeams(ctx, actor)
			return list(rows, teamOf), err
		})
	handle(d, create("/teams", "create-team", "Create a team"), func(ctx context.Context, actor access.Actor, in *body[newTeam]) (teamShape, error) {
		t, err := d.app.CreateTeam(ctx, actor, in.Body.Name, keysIn(in.Body.Members))
		return teamOf(t), err
	})
	handle(d, get("/teams/{id}", "get-team", "Get a team"), func(ctx context.Context, actor access.Actor, in *One[ident.Team]) (teamShape, error) {
		t, err := d.app.GetTeam(ctx, actor, in.ID.Key)
		return teamOf(t), err
	})
	handle(d, with(patch("/teams/{id}", "update-team", "Rename a team, or set its members"), "New members see and may change at once what the team owns."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Team, teamChange]) (teamShape, error) {
			t, err := d.app.ChangeTeam(ctx, actor, in.ID.Key, in.Body.input())
			return teamOf(t), err
		})
	handleSilent(d, with(remove("/teams/{id}", "delete-team", "Delete a team"), "One that owns sequences, or that sequences are shared with, is refused (409): hand them over, or share them otherwise, first."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Team]) error {
			return d.app.DeleteTeam(ctx, actor, in.ID.Key)
		})
}
