package main

import (
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/seqfile"
	"cadenza/internal/seqfile/library"
)

type libraryCommand struct {
	List libraryListCommand `cmd:"" help:"List the sequences that come with Cadenza."`
	Show libraryShowCommand `cmd:"" help:"Print one of them: its steps as YAML, and its emails."`
	Use  libraryUseCommand  `cmd:"" help:"Make an inactive sequence of one of them, with its templates."`
}

type libraryListCommand struct {
	output
	Record string `help:"Only those for this kind of records." enum:",lead,opportunity,contact,account" default:""`
}

// Run lists them.
func (c *libraryListCommand) Run(env *environment) error {
	var list []library.Entry
	for _, e := range library.All() {
		if c.Record == "" || e.Def.Record == record.Kind(c.Record) {
			list = append(list, e)
		}
	}
	return c.show(env, shapes(list, api.LibraryRow), func() {
		for _, e := range list {
			env.say("%-17s %-27s %-12s %s, %d days, %s", e.Key, e.Def.Name, e.Def.Record, counted(e.Steps, "step"), e.Days, counted(len(e.Templates), "email"))
		}
	})
}

type libraryShowCommand struct {
	output
	Key string `arg:"" help:"Its key, as list shows it."`
}

// Run prints it.
func (c *libraryShowCommand) Run(env *environment) error {
	e, ok := library.Find(c.Key)
	if !ok {
		return noSuchEntry(c.Key)
	}
	text, err := seqfile.Format(e.Def)
	if err != nil {
		return err
	}
	return c.show(env, api.LibraryEntry(e), func() {
		env.say("%s", strings.TrimSpace(string(text)))
		for _, t := range e.Templates {
			env.say("\n--- %s: %s\n%s", t.Key, t.Subject, strings.TrimSpace(message.PlainText(t.HTML)))
		}
	})
}

func noSuchEntry(key string) error {
	return fault.New(fault.NotFound, "The library has no sequence %q.", key).WithHint("See cadenza library list.")
}

type libraryUseCommand struct {
	site
	output
	acting
	Key  string `arg:"" help:"Its key, as list shows it."`
	Name string `arg:"" optional:"" help:"Name of the new sequence; its title where none is given."`
}

// Run makes the sequence.
func (c *libraryUseCommand) Run(env *environment) error {
	if _, ok := library.Find(c.Key); !ok {
		return noSuchEntry(c.Key)
	}
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		made, err := h.app.CreateSequence(env.ctx, actor, action.SequenceInput{Library: c.Key, Name: c.Name})
		if err != nil {
			return err
		}
		view, err := h.app.GetSequence(env.ctx, access.System(), made.ID)
		if err != nil {
			return err
		}
		return c.show(env, api.Sequence(view), func() {
			if len(view.Problems) == 0 {
				env.say("created %q with %s; activate it when you have looked at it", made.Name, counted(made.Draft.Count(), "step"))
				return
			}
			env.say("created %q with %s; before it is activated, mend:", made.Name, counted(made.Draft.Count(), "step"))
			for _, p := range view.Problems { // the organisation lacks what it asks for, such as an outcome of calls
				env.say("  %s", strings.TrimSpace(p.Message+" "+p.Hint))
			}
		})
	})
}
