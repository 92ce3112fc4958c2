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

// The limits of the tree of tags; below the top they hold for each tag (spec.md 4.4).
const (
	maxTagLevels = 4
	maxTagsBelow = 100
	// MaxTagName is the most characters of a tag's name.
	MaxTagName = 60
)

// ListTags gives the tree of tags, each before those below it.
func (a *App) ListTags(ctx context.Context, actor access.Actor) ([]store.Tag, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Tag, error) { return tx.For(actor).Tags() })
}

// GetTag gives one tag.
func (a *App) GetTag(ctx context.Context, actor access.Actor, id ident.Tag) (store.Tag, error) {
	tree, err := a.ListTags(ctx, actor)
	if err != nil {
		return store.Tag{}, err
	}
	return tagIn(tree, id)
}

// TagByPath gives the tag of this path, "trials/europe", in any case of letters.
func (a *App) TagByPath(ctx context.Context, actor access.Actor, path string) (store.Tag, error) {
	tree, err := a.ListTags(ctx, actor)
	if err != nil {
		return store.Tag{}, err
	}
	for _, t := range tree {
		if strings.EqualFold(t.Path, clean(path)) {
			return t, nil
		}
	}
	return store.Tag{}, fault.New(fault.NotFound, "There is no tag %q.", clean(path)).WithHint("See cadenza tag list.")
}

func tagIn(tree []store.Tag, id ident.Tag) (store.Tag, error) {
	for _, t := range tree {
		if t.ID == id {
			return t, nil
		}
	}
	return store.Tag{}, fault.New(fault.NotFound, "There is no such tag.").WithHint("Somebody may have deleted it just now.")
}

// changeTags changes the tree, and gives the tag that it is about as it is then.
func (a *App) changeTags(ctx context.Context, actor access.Actor, do func(tx *store.Tx, tree []store.Tag) (ident.Tag, error)) (store.Tag, error) {
	if err := may(actor, access.ManageSequences); err != nil {
		return store.Tag{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Tag, error) {
		if err := tx.LockTags(); err != nil {
			return store.Tag{}, err
		}
		tree, err := tx.Tags()
		if err != nil {
			return store.Tag{}, err
		}
		id, err := do(tx, tree)
		if err != nil || id == 0 {
			return store.Tag{}, err
		}
		if tree, err = tx.Tags(); err != nil {
			return store.Tag{}, err
		}
		return tagIn(tree, id)
	})
}

// CreateTag makes a tag below another one, or at the top for zero.
func (a *App) CreateTag(ctx context.Context, actor access.Actor, parent ident.Tag, name string) (store.Tag, error) {
	return a.changeTags(ctx, actor, func(tx *store.Tx, tree []store.Tag) (ident.Tag, error) {
		if parent != 0 {
			above, err := tagIn(tree, parent)
			if err != nil {
				return 0, err
			}
			if above.Depth+1 >= maxTagLevels {
				return 0, fault.Field("parent", "too_deep", fmt.Sprintf("Tags go %d levels deep, and %q is on the last one.", maxTagLevels, above.Path))
			}
			if len(below(tree, parent)) >= maxTagsBelow {
				return 0, fault.Field("parent", "too_many", fmt.Sprintf("%q has %d tags below it, and no more can be.", above.Path, maxTagsBelow))
			}
		}
		name, err := tagName(tree, parent, 0, name)
		if err != nil {
			return 0, err
		}
		id, err := tx.InsertTag(parent, name)
		if err != nil {
			return 0, err
		}
		return id, tx.Audit(actor.ID, "create", "tag", int64(id), name)
	})
}

// RenameTag gives a tag another name; it stays on its sequences.
func (a *App) RenameTag(ctx context.Context, actor access.Actor, id ident.Tag, name string) (store.Tag, error) {
	return a.changeTags(ctx, actor, func(tx *store.Tx, tree []store.Tag) (ident.Tag, error) {
		t, err := tagIn(tree, id)
		if err != nil {
			return 0, err
		}
		if name, err = tagName(tree, t.Parent, id, name); err != nil {
			return 0, err
		}
		if err := tx.RenameTag(id, name); err != nil {
			return 0, err
		}
		return id, tx.Audit(actor.ID, "rename", "tag", int64(id), t.Path+", to "+name)
	})
}

// DeleteTag takes a tag away, off its sequences too; the tags below it move up.
func (a *App) DeleteTag(ctx context.Context, actor access.Actor, id ident.Tag) error {
	_, err := a.changeTags(ctx, actor, func(tx *store.Tx, tree []store.Tag) (ident.Tag, error) {
		t, err := tagIn(tree, id)
		if err != nil {
			return 0, err
		}
		moving := below(tree, id)
		staying := slices.DeleteFunc(below(tree, t.Parent), func(s store.Tag) bool { return s.ID == id })
		for _, m := range moving {
			if hasTag(staying, m.Name) {
				return 0, fault.New(fault.Conflict, "%q would move up beside another tag of this name.", m.Path).WithHint("Rename one of the two first.")
			}
		}
		if t.Parent != 0 && len(staying)+len(moving) > maxTagsBelow {
			return 0, fault.New(fault.Conflict, "The tags below %q do not fit into the level above: at most %d stand below a tag.", t.Path, maxTagsBelow).
				WithHint("Delete some of them first.")
		}
		if err := tx.DeleteTag(t); err != nil {
			return 0, err
		}
		return 0, tx.Audit(actor.ID, "delete", "tag", int64(id), t.Path)
	})
	return err
}

// below gives the tags right below one, those at the top for zero.
func below(tree []store.Tag, parent ident.Tag) []store.Tag {
	return slices.DeleteFunc(slices.Clone(tree), func(t store.Tag) bool { return t.Parent != parent })
}

func hasTag(list []store.Tag, name string) bool {
	return slices.ContainsFunc(list, func(t store.Tag) bool { return strings.EqualFold(t.Name, name) })
}

// tagName brings a name into shape and refuses one that a sibling has.
func tagName(tree []store.Tag, parent, self ident.Tag, name string) (string, error) {
	name = strings.Join(strings.Fields(clean(name)), " ")
	siblings := slices.DeleteFunc(below(tree, parent), func(t store.Tag) bool { return t.ID == self })
	switch {
	case name == "":
		return "", fault.Field("name", "required", "Name is required.")
	case utf8.RuneCountInString(name) > MaxTagName:
		return "", fault.Field("name", "too_long", fmt.Sprintf("Name must be text of at most %d characters.", MaxTagName))
	case strings.Contains(name, "/"):
		return "", fault.Field("name", "slash", "A name has no slash: it stands between the levels. Make a tag below another one instead.")
	case hasTag(siblings, name):
		return "", store.TagTaken(name)
	}
	return name, nil
}

// SetSequenceTags gives a sequence these tags and no others. Whoever may make sequences may tag all of them.
func (a *App) SetSequenceTags(ctx context.Context, actor access.Actor, id ident.Sequence, tags []ident.Tag) (SequenceView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return SequenceView{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (SequenceView, error) {
		if _, err := retag(tx, actor, []ident.Sequence{id}, func([]ident.Tag) []ident.Tag { return tags }); err != nil {
			return SequenceView{}, err
		}
		return a.viewSequence(tx, actor, id)
	})
}

// TagSequences puts tags on several sequences, or takes them off, and leaves their other tags as they are. It counts those whose tags changed.
func (a *App) TagSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence, tags []ident.Tag, takeOff bool) (changed int, err error) {
	if err := may(actor, access.EditSequences); err != nil {
		return 0, err
	}
	switch {
	case len(ids) == 0:
		return 0, noSequenceChosen()
	case len(tags) == 0:
		return 0, fault.Field("tags", "required", "Choose at least one tag.")
	}
	return change(ctx, a, func(tx *store.Tx) (int, error) {
		return retag(tx, actor, ids, func(now []ident.Tag) []ident.Tag {
			if takeOff {
				return slices.DeleteFunc(now, func(t ident.Tag) bool { return slices.Contains(tags, t) })
			}
			return append(now, tags...)
		})
	})
}

// retag gives each of several sequences the tags that become of those it has now, and counts those that have others then.
func retag(tx *store.Tx, actor access.Actor, ids []ident.Sequence, become func(now []ident.Tag) []ident.Tag) (changed int, err error) {
	if err := tx.LockTags(); err != nil {
		return 0, err
	}
	tree, err := tx.Tags()
	if err != nil {
		return 0, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids))) // in order, so that two do not wait for each other
	for _, id := range ids {
		s, err := tx.For(actor).LockSequence(id)
		if err != nil {
			return 0, err
		}
		now, err := tx.SequenceTags(id)
		if err != nil {
			return 0, err
		}
		var paths []string
		chosen := slices.Compact(slices.Sorted(slices.Values(become(slices.Clone(now)))))
		for _, tag := range chosen {
			t, err := tagIn(tree, tag)
			if err != nil {
				return 0, fault.Field("tags", "unknown", "One of the tags is not there any more. Choose again.")
			}
			paths = append(paths, t.Path)
		}
		if slices.Equal(chosen, now) {
			continue
		}
		if err := tx.SetSequenceTags(id, chosen); err != nil {
			return 0, err
		}
		if err := tx.Audit(actor.ID, "tag", "sequence", int64(id), s.Name+": "+strings.Join(paths, ", ")); err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}
