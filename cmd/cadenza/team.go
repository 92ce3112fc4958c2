package main

import (
	"context"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type teamCommand struct {
	List    teamListCommand    `cmd:"" help:"List the teams with their members."`
	Create  teamCreateCommand  `cmd:"" help:"Create a team."`
	Rename  teamRenameCommand  `cmd:"" help:"Rename a team."`
	Members teamMembersCommand `cmd:"" help:"Give a team its members."`
	Delete  teamDeleteCommand  `cmd:"" help:"Delete a team that owns no sequence, and with which none is shared."`
}

type teamListCommand struct {
	site
	output
}

// Run lists them.
func (c *teamListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		teams, err := h.app.ListTeams(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, shapes(teams, api.Team), func() {
			for _, t := range teams {
				env.say("%-30s %s", t.Name, memberNames(t))
			}
		})
	})
}

// memberNames lists the members of a team for a line.
func memberNames(t store.Team) string {
	var names []string
	for _, m := range t.Members {
		name := m.Name
		if !m.Active {
			name += " (no access)"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// membersBy gives the ids of users by their addresses. Whoever lost access may stay in a team, so they are found, too.
func membersBy(env *environment, h *house, emails []string) ([]ident.User, error) {
	users, err := h.app.ListUsers(env.ctx, access.System())
	if err != nil {
		return nil, err
	}
	known := map[string]ident.User{}
	for _, u := range users {
		known[strings.ToLower(u.Email)] = u.ID
	}
	ids := make([]ident.User, 0, len(emails))
	for _, email := range emails {
		id, ok := known[strings.ToLower(email)]
		if !ok {
			return nil, fault.New(fault.NotFound, "There is no user %s.", email).WithHint("See cadenza user list.")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

type teamCreateCommand struct {
	site
	output
	acting
	Name    string   `arg:"" help:"Its name."`
	Members []string `arg:"" optional:"" help:"Email addresses of its members."`
}

// Run creates one.
func (c *teamCreateCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		members, err := membersBy(env, h, c.Members)
		if err != nil {
			return err
		}
		t, err := h.app.CreateTeam(env.ctx, actor, c.Name, members)
		if err != nil {
			return err
		}
		return c.show(env, api.Team(t), func() { env.say("created %q with %s", t.Name, counted(len(t.Members), "member")) })
	})
}

// oneTeam is the team of a command, and in whose name it acts.
type oneTeam struct {
	site
	acting
	Name string `arg:"" help:"Name of the team."`
}

// do finds the team and does something with it.
func (c *oneTeam) do(env *environment, do func(h *house, actor access.Actor, t store.Team) error) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		t, err := h.app.TeamByName(env.ctx, actor, c.Name)
		if err != nil {
			return err
		}
		return do(h, actor, t)
	})
}

type teamRenameCommand struct {
	oneTeam
	output
	To string `arg:"" help:"Its new name."`
}

// Run renames it.
func (c *teamRenameCommand) Run(env *environment) error {
	return c.do(env, func(h *house, actor access.Actor, t store.Team) error {
		t, err := h.app.ChangeTeam(env.ctx, actor, t.ID, action.TeamChange{Name: &c.To})
		if err != nil {
			return err
		}
		return c.show(env, api.Team(t), func() { env.say("it is %q now", t.Name) })
	})
}

type teamMembersCommand struct {
	oneTeam
	output
	Members []string `arg:"" optional:"" help:"Email addresses of all its members; others leave it, all of them where none is given."`
}

// Run sets them.
func (c *teamMembersCommand) Run(env *environment) error {
	return c.do(env, func(h *house, actor access.Actor, t store.Team) error {
		members, err := membersBy(env, h, c.Members)
		if err != nil {
			return err
		}
		if t, err = h.app.ChangeTeam(env.ctx, actor, t.ID, action.TeamChange{Members: &members}); err != nil {
			return err
		}
		return c.show(env, api.Team(t), func() { env.say("%q has %s", t.Name, counted(len(t.Members), "member")) })
	})
}

type teamDeleteCommand struct{ oneTeam }

// Run deletes it.
func (c *teamDeleteCommand) Run(env *environment) error {
	return c.do(env, func(h *house, actor access.Actor, t store.Team) error {
		if err := h.app.DeleteTeam(env.ctx, actor, t.ID); err != nil {
			return err
		}
		env.say("deleted %q", t.Name)
		return nil
	})
}

type sequenceHandOverCommand struct {
	someSequences
	To   string `help:"Email address of the user who is to own them." placeholder:"EMAIL" xor:"owner" required:""`
	Team string `help:"Name of the team that is to own them." placeholder:"NAME" xor:"owner" required:""`
}

// Run hands them over.
func (c *sequenceHandOverCommand) Run(env *environment) error {
	var to action.Owner
	err := within(env, c.site, func(h *house) error {
		if c.Team != "" {
			t, err := h.app.TeamByName(env.ctx, access.System(), c.Team)
			to.Team = t.ID
			return err
		}
		u, err := findUser(env, h, c.To)
		to.User = u.ID
		return err
	})
	if err != nil {
		return err
	}
	return c.do(env, "handed over", func(ctx context.Context, app *action.App, actor access.Actor, ids []ident.Sequence) (int, error) {
		return app.HandOverSequences(ctx, actor, ids, to)
	})
}

type sequenceShareCommand struct {
	site
	output
	acting
	Name string `arg:"" help:"Name of the sequence."`
	With string `arg:"" enum:"all,team,private" help:"all, team, or private: its owner and admins only. Records that are on it go on."`
	Team string `help:"Name of the team, with the sharing team." placeholder:"NAME"`
}

// Run shares it.
func (c *sequenceShareCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		in := action.SharingInput{Sharing: access.Sharing(c.With)}
		if c.Team != "" {
			t, err := h.app.TeamByName(env.ctx, actor, c.Team)
			if err != nil {
				return err
			}
			in.Team = t.ID
		}
		s, err := findSequence(env, h, actor, c.Name)
		if err != nil {
			return err
		}
		view, err := h.app.ShareSequence(env.ctx, actor, s.ID, in)
		if err != nil {
			return byFlag(err, map[string]string{"team": "--team"})
		}
		return c.show(env, api.Sequence(view), func() {
			switch view.Sharing {
			case access.SharedWithTeam:
				env.say("%q is shared with the team %q", view.Name, view.SharedName)
			case access.Private:
				env.say("%q is private", view.Name)
			case access.SharedWithAll:
				env.say("%q is shared with all", view.Name)
			}
		})
	})
}
