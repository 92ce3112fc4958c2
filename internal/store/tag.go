package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// Tag is a mark of sequences, in a tree.
type Tag struct {
	ID     ident.Tag
	Parent ident.Tag
	Name   string
	// Path is the names from the top, joined by slashes; Depth is 0 at the top.
	Path  string
	Depth int
	// Sequences counts those that bear it and that whoever asks sees, archived ones included, without those of the tags below it.
	Sequences int
}

// LockTags lets one change of the tree at a time decide what is taken and how deep it is.
func (tx *Tx) LockTags() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select pg_advisory_xact_lock(8472051)`); err != nil {
		return fmt.Errorf("lock tags: %w", err)
	}
	return nil
}

// Tags gives all tags, each before those below it, siblings by name.
func (tx *Tx) Tags() ([]Tag, error) { return tx.all().Tags() }

// Tags gives all tags, and counts what the actor sees of their sequences.
func (v Sight) Tags() ([]Tag, error) {
	where, args := v.seen()
	all, err := collect(v.tx, func(rows oneRow) (t Tag, err error) {
		return t, rows.Scan(&t.ID, &t.Parent, &t.Name, &t.Sequences)
	}, `select t.id, coalesce(t.parent_id, 0), t.name, coalesce(n.n, 0) from tags t left join (
		select x.tag_id, count(*) as n from sequence_tags x join sequences s on s.id = x.sequence_id where`+where+` group by x.tag_id
		) n on n.tag_id = t.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	below := map[ident.Tag][]Tag{}
	for _, t := range all {
		below[t.Parent] = append(below[t.Parent], t)
	}
	return laidOut(below, Tag{Depth: -1}), nil
}

// laidOut lays the tags below one out.
func laidOut(below map[ident.Tag][]Tag, of Tag) []Tag {
	var list []Tag
	siblings := below[of.ID]
	slices.SortFunc(siblings, func(a, b Tag) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	for _, t := range siblings {
		t.Depth, t.Path = of.Depth+1, t.Name
		if of.Path != "" {
			t.Path = of.Path + "/" + t.Name
		}
		list = append(append(list, t), laidOut(below, t)...)
	}
	return list
}

// InsertTag writes a new tag below another one, or at the top for zero.
func (tx *Tx) InsertTag(parent ident.Tag, name string) (ident.Tag, error) {
	id, err := tx.insert(`insert into tags (parent_id, name, created_at) values ($1, $2, $3)`, key(parent), name, tx.Now.UnixMicro())
	if unique(err) {
		return 0, TagTaken(name)
	}
	if err != nil {
		return 0, fmt.Errorf("insert tag: %w", err)
	}
	return ident.Tag(id), nil
}

// TagTaken is the refusal of a name that a sibling has.
func TagTaken(name string) error {
	return fault.Field("name", "taken", fmt.Sprintf("There is a tag %q here already. Choose another name.", name))
}

// RenameTag gives a tag another name.
func (tx *Tx) RenameTag(id ident.Tag, name string) error {
	_, err := tx.exec(`update tags set name = $2 where id = $1`, int64(id), name)
	if unique(err) {
		return TagTaken(name)
	}
	if err != nil {
		return fmt.Errorf("rename tag: %w", err)
	}
	return nil
}

// DeleteTag takes a tag off its sequences and away; the tags below it move up.
func (tx *Tx) DeleteTag(t Tag) error {
	if _, err := tx.exec(`delete from sequence_tags where tag_id = $1`, int64(t.ID)); err != nil {
		return fmt.Errorf("take tag off: %w", err)
	}
	// A child may have the name of what it takes the place of.
	if _, err := tx.exec(`update tags set name = name || '/' || id where id = $1`, int64(t.ID)); err != nil {
		return fmt.Errorf("free the name of tag: %w", err)
	}
	if _, err := tx.exec(`update tags set parent_id = $2 where parent_id = $1`, int64(t.ID), key(t.Parent)); err != nil {
		return fmt.Errorf("move tags up: %w", err)
	}
	if _, err := tx.exec(`delete from tags where id = $1`, int64(t.ID)); err != nil {
		return fmt.Errorf("delete tag: %w", err)
	}
	return nil
}

// SetSequenceTags gives a sequence these tags and no others.
func (tx *Tx) SetSequenceTags(id ident.Sequence, tags []ident.Tag) error {
	if _, err := tx.exec(`delete from sequence_tags where sequence_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("take tags off: %w", err)
	}
	for _, t := range tags {
		if _, err := tx.exec(`insert into sequence_tags (sequence_id, tag_id) values ($1, $2)`, int64(id), int64(t)); err != nil {
			return fmt.Errorf("put tag on: %w", err)
		}
	}
	return nil
}

// SequenceTags gives the tags of a sequence in the order of their ids.
func (tx *Tx) SequenceTags(id ident.Sequence) ([]ident.Tag, error) {
	tags, err := collect(tx, func(rows oneRow) (t ident.Tag, err error) { return t, rows.Scan(&t) },
		`select tag_id from sequence_tags where sequence_id = $1 order by tag_id`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read tags of a sequence: %w", err)
	}
	return tags, nil
}

// tagsOf gives the tags of one sequence, or of each for zero, in the order of the tree, which it gives as well.
func (tx *Tx) tagsOf(id ident.Sequence) (of map[ident.Sequence][]Tag, tree []Tag, err error) {
	if tree, err = tx.Tags(); err != nil || len(tree) == 0 {
		return nil, nil, err
	}
	type row struct {
		sequence ident.Sequence
		tag      ident.Tag
	}
	query, args := `select sequence_id, tag_id from sequence_tags`, []any{}
	if id != 0 {
		query, args = query+` where sequence_id = $1`, append(args, int64(id))
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.sequence, &r.tag) }, query, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("list tags of sequences: %w", err)
	}
	has := map[row]bool{}
	of = map[ident.Sequence][]Tag{}
	for _, r := range rows {
		has[r] = true
		of[r.sequence] = nil
	}
	for sequence := range of {
		for _, t := range tree {
			if has[row{sequence, t.ID}] {
				of[sequence] = append(of[sequence], t)
			}
		}
	}
	return of, tree, nil
}

// withBelow gives a tag and all tags below it.
func withBelow(tree []Tag, id ident.Tag) map[ident.Tag]bool {
	found := map[ident.Tag]bool{id: true}
	for _, t := range tree {
		if found[t.Parent] {
			found[t.ID] = true // a tag stands behind the one above it
		}
	}
	return found
}
