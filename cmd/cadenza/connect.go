package main

import (
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

type sequenceConnectCommand struct {
	site
	output
	Name    string   `arg:"" help:"Name of the sequence."`
	Records []string `arg:"" help:"The records: ids or email addresses."`
	As      string   `help:"Email address of the user who connects them, and who gets the activities of those that nobody owns." required:"" placeholder:"EMAIL"`
	DryRun  bool     `help:"Say what would be done, and connect nothing."`
}

// Run connects the records, and says who was left out and who cannot be written to.
func (c *sequenceConnectCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		u, err := findUser(env, h, c.As)
		if err != nil {
			return err
		}
		s, err := findSequence(env, h, actorOf(u), c.Name)
		if err != nil {
			return err
		}
		var ids []ident.Record
		for _, text := range c.Records {
			id, err := findRecord(env, h, s.RecordKind, text)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		result, err := h.app.Connect(env.ctx, actorOf(u), s.ID, ids, c.DryRun)
		if err != nil {
			return err
		}
		if err := c.show(env, api.Connected(result), func() { c.say(env, result) }); err != nil || len(result.Refused) == 0 {
			return err
		}
		for _, r := range result.Refused {
			_, _ = fmt.Fprintf(env.stderr, "%s was left out: %s\n", r.Name, r.Reason)
		}
		return errReported
	})
}

func (c *sequenceConnectCommand) say(env *environment, result action.ConnectResult) {
	would := ""
	if c.DryRun {
		would = " (dry run, nothing was changed)"
	}
	env.say("%d connected, %d left out%s", len(result.Connected), len(result.Refused), would)
	for _, list := range []struct {
		cannot  string
		records []action.Unreached
	}{{"cannot be emailed", result.Unmailed}, {"cannot be sent text messages", result.Untexted}} {
		for _, u := range list.records {
			env.say("%s %s: %s %s", u.Name, list.cannot, u.Reason, u.Then)
		}
	}
}

// findSequence finds a sequence that the actor sees by its name.
func findSequence(env *environment, h *house, actor access.Actor, name string) (store.Sequence, error) {
	s, err := h.app.SequenceByName(env.ctx, actor, name)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "There is no sequence %q.", name).WithHint("See cadenza sequence export.")
	}
	return s, err
}

// findRecord gives a record of a kind by its id or its email address.
func findRecord(env *environment, h *house, kind record.Kind, text string) (ident.Record, error) {
	text = strings.TrimSpace(text)
	var id ident.Record
	if id.UnmarshalText([]byte(text)) == nil {
		return id, nil
	}
	var found []store.RecordRow
	q := store.RecordQuery{Kind: kind, Search: text, Limit: store.MaxPageSize}
	for {
		page, err := h.app.ListRecords(env.ctx, access.System(), q)
		if err != nil {
			return 0, err
		}
		for _, r := range page.Rows {
			if strings.EqualFold(r.Get("email"), text) {
				found = append(found, r)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	switch len(found) {
	case 1:
		return found[0].ID, nil
	case 0:
		return 0, fault.New(fault.NotFound, "There is no %s %s.", kind, text).WithHint("Give its id or email address.")
	}
	return 0, fault.New(fault.Conflict, "There are %d %s with %s.", len(found), kind.Path(), text).WithHint("Give the id of one.")
}
