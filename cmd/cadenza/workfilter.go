package main

import (
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

type workFilterCommand struct {
	List   workFilterListCommand   `cmd:"" help:"List the filters of the work list by fields."`
	Add    workFilterAddCommand    `cmd:"" help:"Make a filter of the work list by fields of one kind of records."`
	Delete workFilterDeleteCommand `cmd:"" help:"Delete a filter of the work list."`
	Hide   workFilterHideCommand   `cmd:"" help:"Hide a filter of the work list or a group of them, or show it again."`
}

// whose is the flag of commands that act for a user, or else for everybody.
type whose struct {
	Of string `help:"Email address of the user whose own it is; everybody's without it." placeholder:"EMAIL"`
}

func (w whose) actor(env *environment, h *house) (access.Actor, error) {
	if w.Of == "" {
		return access.System(), nil
	}
	u, err := findUser(env, h, w.Of)
	return actorOf(u), err
}

type workFilterListCommand struct {
	site
	output
	whose
}

// Run lists them.
func (c *workFilterListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		all, err := h.app.WorkFilters(env.ctx, actor)
		if err != nil {
			return err
		}
		shown := func(f store.FieldFilter) bool {
			return slices.ContainsFunc(all.Shown(), func(one store.FieldFilter) bool { return one.ID == f.ID })
		}
		return c.show(env, shapes(all.Fields, func(f store.FieldFilter) any { return api.FieldFilter(f, shown(f)) }), func() {
			for _, f := range all.Fields {
				state := ""
				if !shown(f) {
					state = " (hidden)"
				}
				env.say("%s  %-28s  %s: %s%s", f.ID, cut(f.Name, 28), f.Kind.Plural(), action.DescribeFilter(f), state)
			}
		})
	})
}

type workFilterAddCommand struct {
	site
	output
	whose
	Kind  string   `arg:"" help:"lead, opportunity, contact or account."`
	Rows  []string `arg:"" help:"What the records must fulfil, each as 'FIELD OP VALUE', several values with commas: 'country in Norway,Germany' 'value >= 1000' 'email filled'. With ? before the value it is chosen when the filter is used, and what follows ? counts without a choice: 'country in ?' 'value >= ?1000'."`
	Name  string   `help:"Its name; the kind and the first field without it."`
	Group string   `help:"The heading under which it stands."`
}

// Run makes it.
func (c *workFilterAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		f := store.FieldFilter{Name: c.Name, Group: c.Group, Kind: record.Kind(c.Kind)}
		for _, text := range c.Rows {
			row, err := readFilterRow(text)
			if err != nil {
				return err
			}
			f.Rows = append(f.Rows, row)
		}
		if f, err = h.app.SaveFieldFilter(env.ctx, actor, f, c.Of == ""); err != nil {
			return err
		}
		return c.show(env, api.FieldFilter(f, true), func() { env.say("%s is made: %s", f.ID, f.Name) })
	})
}

// readFilterRow reads "FIELD OP VALUE".
func readFilterRow(text string) (row store.FilterRow, err error) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return row, fault.Field("<rows>", "invalid", "Give a row as 'FIELD OP VALUE', such as 'country in Norway,Germany'.")
	}
	row.Field, row.Op = words[0], record.Op(words[1])
	value := strings.Join(words[2:], " ")
	value, row.WhenUsed = strings.CutPrefix(value, "?")
	row.Values = action.FilterTexts(row.Op, value)
	if value != "" && !row.Op.TakesValue() {
		err = fault.Field("<rows>", "invalid", fmt.Sprintf("%q: %s takes no value.", text, row.Op))
	}
	return row, err
}

const seeFilters = "See cadenza work filter list."

type workFilterDeleteCommand struct {
	site
	whose
	Filter string `arg:"" help:"The id of the filter."`
}

// Run deletes it.
func (c *workFilterDeleteCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		id, err := readID[ident.FieldFilter]("filter", c.Filter, seeFilters)
		if err != nil {
			return err
		}
		if err := h.app.DeleteFieldFilter(env.ctx, actor, id); err != nil {
			return err
		}
		env.say("%s is deleted", id)
		return nil
	})
}

type workFilterHideCommand struct {
	site
	whose
	Name string `arg:"" help:"The id of a filter; due, kind, record, unopened or followed; or group: and the name of a group."`
	Show bool   `help:"Show it again."`
}

// Run hides or shows it.
func (c *workFilterHideCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, err := c.actor(env, h)
		if err != nil {
			return err
		}
		if err := h.app.HideFilter(env.ctx, actor, c.Name, !c.Show, c.Of == ""); err != nil {
			return err
		}
		env.say("%s is %s", c.Name, map[bool]string{true: "shown", false: "hidden"}[c.Show])
		return nil
	})
}
