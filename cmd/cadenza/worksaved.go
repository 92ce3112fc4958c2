package main

import (
	"cadenza/internal/api"
	"cadenza/internal/ident"
)

type workSavedCommand struct {
	List   workSavedListCommand   `cmd:"" help:"List the saved filters of the work list."`
	Add    workSavedAddCommand    `cmd:"" help:"Save a filter of the work list; one of the same name is replaced."`
	Delete workSavedDeleteCommand `cmd:"" help:"Delete a saved filter."`
}

type workSavedListCommand struct {
	site
	output
	whose
}

// Run lists them.
func (c *workSavedListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		views, err := h.app.WorkViews(env.ctx, actor)
		if err != nil {
			return err
		}
		return c.show(env, shapes(views, api.WorkView), func() {
			for _, v := range views {
				env.say("%s  %-28s  %s", v.ID, cut(v.Name, 28), v.Query)
			}
		})
	})
}

type workSavedAddCommand struct {
	site
	output
	whose
	Name  string `arg:"" help:"Its name."`
	Query string `arg:"" help:"The query of the work list's address, such as 'kind=phone_call&due=today'."`
}

// Run saves it.
func (c *workSavedAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		v, err := h.app.SaveWorkView(env.ctx, actor, c.Name, c.Query, c.Of == "")
		if err != nil {
			return byFlag(err, map[string]string{"name": "<name>", "query": "<query>"})
		}
		return c.show(env, api.WorkView(v), func() { env.say("%s is saved: %s", v.ID, v.Name) })
	})
}

type workSavedDeleteCommand struct {
	site
	whose
	Filter string `arg:"" help:"The id of the filter."`
}

// Run deletes it.
func (c *workSavedDeleteCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.WorkView]("filter", c.Filter, "See cadenza work saved list.")
		if err != nil {
			return err
		}
		if err := h.app.DeleteWorkView(env.ctx, actor, id); err != nil {
			return err
		}
		env.say("%s is deleted", id)
		return nil
	})
}
