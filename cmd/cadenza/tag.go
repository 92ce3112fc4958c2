package main

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/ident"
)

type tagCommand struct {
	List   tagListCommand   `cmd:"" help:"List the tags of sequences as a tree."`
	Create tagCreateCommand `cmd:"" help:"Create a tag; the one that it stands below must be there."`
	Rename tagRenameCommand `cmd:"" help:"Rename a tag."`
	Delete tagDeleteCommand `cmd:"" help:"Delete a tag; those below it move up."`
}

type tagListCommand struct {
	site
	output
}

// Run lists them.
func (c *tagListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		tree, err := h.app.ListTags(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, shapes(tree, api.Tag), func() {
			for _, t := range tree {
				env.say("%-40s %s", t.Path, counted(t.Sequences, "sequence"))
			}
		})
	})
}

type tagCreateCommand struct {
	site
	output
	Path string `arg:"" help:"Its path, for instance trials or trials/europe."`
}

// Run creates one.
func (c *tagCreateCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		var parent ident.Tag
		above, name := cutLast(c.Path)
		if above != "" {
			t, err := h.app.TagByPath(env.ctx, access.System(), above)
			if err != nil {
				return err
			}
			parent = t.ID
		}
		t, err := h.app.CreateTag(env.ctx, access.System(), parent, name)
		if err != nil {
			return err
		}
		return c.show(env, api.Tag(t), func() { env.say("created %q", t.Path) })
	})
}

// cutLast parts a path before its last name.
func cutLast(path string) (above, name string) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return "", path
}

type tagRenameCommand struct {
	site
	output
	Path string `arg:"" help:"Its path."`
	Name string `arg:"" help:"Its new name, without the tags above it."`
}

// Run renames one.
func (c *tagRenameCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, err := h.app.TagByPath(env.ctx, access.System(), c.Path)
		if err != nil {
			return err
		}
		if t, err = h.app.RenameTag(env.ctx, access.System(), t.ID, c.Name); err != nil {
			return err
		}
		return c.show(env, api.Tag(t), func() { env.say("it is %q now", t.Path) })
	})
}

type tagDeleteCommand struct {
	site
	Path string `arg:"" help:"Its path."`
}

// Run deletes one.
func (c *tagDeleteCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		t, err := h.app.TagByPath(env.ctx, access.System(), c.Path)
		if err != nil {
			return err
		}
		if err := h.app.DeleteTag(env.ctx, access.System(), t.ID); err != nil {
			return err
		}
		env.say("deleted %q", t.Path)
		return nil
	})
}

// sequenceKeeping are the commands about whose sequences are, and which are kept at hand.
type sequenceKeeping struct {
	Tag       sequenceTagCommand       `cmd:"" help:"Give a sequence its tags."`
	HandOver  sequenceHandOverCommand  `cmd:"" help:"Give sequences to another user or to a team."`
	Share     sequenceShareCommand     `cmd:"" help:"Say who sees a sequence besides its owner and admins."`
	Archive   sequenceArchiveCommand   `cmd:"" help:"Take inactive sequences out of lists and choices."`
	BringBack sequenceBringBackCommand `cmd:"" help:"Make archived sequences inactive ones again."`
}

type sequenceTagCommand struct {
	site
	output
	acting
	Name string   `arg:"" help:"Name of the sequence."`
	Tags []string `arg:"" optional:"" help:"Paths of all its tags; others are taken off, all of them where none is given."`
}

// Run tags it.
func (c *sequenceTagCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		found, err := findSequences(env, h, actor, []string{c.Name})
		if err != nil {
			return err
		}
		var ids []ident.Tag
		for _, path := range c.Tags {
			t, err := h.app.TagByPath(env.ctx, actor, path)
			if err != nil {
				return err
			}
			ids = append(ids, t.ID)
		}
		view, err := h.app.SetSequenceTags(env.ctx, actor, found[0], ids)
		if err != nil {
			return err
		}
		return c.show(env, api.Sequence(view), func() { env.say("%q has %s", view.Name, counted(len(view.Tags), "tag")) })
	})
}

// findSequences gives the ids of sequences by their names.
func findSequences(env *environment, h *house, actor access.Actor, names []string) ([]ident.Sequence, error) {
	var ids []ident.Sequence
	for _, name := range names {
		s, err := findSequence(env, h, actor, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, s.ID)
	}
	return ids, nil
}

// someSequences are the sequences of a command, and in whose name it acts.
type someSequences struct {
	site
	acting
	Names []string `arg:"" help:"Names of sequences."`
}

// do carries out what a command does, with all of them or none.
func (c *someSequences) do(env *environment, done string, do func(ctx context.Context, app *action.App, actor access.Actor, ids []ident.Sequence) (int, error)) error {
	return within(env, c.site, func(h *house) error {
		actor, _, err := c.actor(env, h)
		if err != nil {
			return err
		}
		ids, err := findSequences(env, h, actor, c.Names)
		if err != nil {
			return err
		}
		n, err := do(env.ctx, h.app, actor, ids)
		if err != nil {
			return err
		}
		env.say("%s %s", done, counted(n, "sequence"))
		return nil
	})
}

type sequenceArchiveCommand struct{ someSequences }

// Run archives them.
func (c *sequenceArchiveCommand) Run(env *environment) error {
	return c.do(env, "archived", func(ctx context.Context, app *action.App, actor access.Actor, ids []ident.Sequence) (int, error) {
		return app.ArchiveSequences(ctx, actor, ids)
	})
}

type sequenceBringBackCommand struct{ someSequences }

// Run brings them back.
func (c *sequenceBringBackCommand) Run(env *environment) error {
	return c.do(env, "brought back", func(ctx context.Context, app *action.App, actor access.Actor, ids []ident.Sequence) (int, error) {
		return app.BringBackSequences(ctx, actor, ids)
	})
}
