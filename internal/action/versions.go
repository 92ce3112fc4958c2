package action

import (
	"context"
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// DraftNumber stands for the draft where a version is named by its number.
const DraftNumber = 0

// Difference is what differs between two definitions of a sequence, with the words for it.
type Difference struct {
	// From and To are the numbers of what is compared.
	From, To int
	flow.Telling
	Changes []flow.Change
	// Texts are templates that both sides use, in another text.
	Texts []TextChange
}

// TextChange is a template of which the newer side uses another version.
type TextChange struct {
	Template ident.Template
	Name     string
	From, To int
}

// Empty tells that both sides do the same.
func (d Difference) Empty() bool { return len(d.Changes) == 0 && len(d.Texts) == 0 }

// Summary says the difference in one line, "" where there is none.
func (d Difference) Summary() string {
	said := d.Telling.Summary(d.Changes)
	var texts string
	switch len(d.Texts) {
	case 0:
		return said
	case 1:
		texts = fmt.Sprintf("text of “%s” now version %d", d.Texts[0].Name, d.Texts[0].To)
	default:
		texts = fmt.Sprintf("%d texts in another version", len(d.Texts))
	}
	if said == "" {
		return strings.ToUpper(texts[:1]) + texts[1:]
	}
	return said + ", " + texts
}

// VersionEntry is a version with what its activation changed.
type VersionEntry struct {
	store.VersionRow
	// Steps is how many steps it has.
	Steps int
	// First tells that there is no version before it to compare with.
	First   bool
	Changed Difference
}

// VersionHistory is a part of the versions of a sequence, newest first.
type VersionHistory struct {
	Entries []VersionEntry
	// Draft is what the draft would change; empty where it is as the newest version, or where there is none.
	Draft Difference
	// Next asks for what comes after, 0 for nothing more.
	Next int
}

// VersionHistory gives at most limit versions before a number, each with what it changed; 0 for all of them, and for the
// newest ones.
func (a *App) VersionHistory(ctx context.Context, actor access.Actor, id ident.Sequence, before, limit int) (VersionHistory, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return VersionHistory{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (VersionHistory, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return VersionHistory{}, err
		}
		rows, err := tx.ListVersions(id)
		if err != nil {
			return VersionHistory{}, err
		}
		d, err := newDiffer(tx, s)
		if err != nil {
			return VersionHistory{}, err
		}
		var h VersionHistory
		for i, row := range rows {
			if before > 0 && row.Number >= before {
				continue
			}
			if limit > 0 && len(h.Entries) == limit {
				h.Next = h.Entries[limit-1].Number
				break
			}
			older := 0
			if i+1 < len(rows) {
				older = rows[i+1].Number
			}
			e, err := d.entry(row, older)
			if err != nil {
				return VersionHistory{}, err
			}
			h.Entries = append(h.Entries, e)
		}
		if len(rows) > 0 && before == 0 {
			draft, err := d.between(rows[0].Number, DraftNumber)
			if err != nil {
				return VersionHistory{}, err
			}
			if len(draft.Changes) > 0 { // newer texts alone are nothing to activate
				h.Draft = draft
			}
		}
		return h, nil
	})
}

// Differ compares two versions of a sequence, or one with the draft.
func (a *App) Differ(ctx context.Context, actor access.Actor, id ident.Sequence, from, to int) (Difference, error) {
	return a.differ(ctx, actor, id, func(d *differ, _ store.Sequence) (Difference, error) { return d.between(from, to) })
}

// differ opens a sequence for a comparison.
func (a *App) differ(ctx context.Context, actor access.Actor, id ident.Sequence, compare func(*differ, store.Sequence) (Difference, error)) (Difference, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return Difference{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Difference, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return Difference{}, err
		}
		d, err := newDiffer(tx, s)
		if err != nil {
			return Difference{}, err
		}
		return compare(d, s)
	})
}

// DraftSince compares the draft with a definition that somebody read or wrote before: what others have changed since. The
// other way round, with reverse, it says what saving that definition would change.
func (a *App) DraftSince(ctx context.Context, actor access.Actor, id ident.Sequence, def flow.Sequence, reverse bool) (Difference, error) {
	return a.differ(ctx, actor, id, func(d *differ, s store.Sequence) (Difference, error) {
		if reverse {
			return d.compare(edition{def: s.Draft}, edition{def: def})
		}
		return d.compare(edition{def: def}, edition{def: s.Draft})
	})
}

// differ compares definitions of one sequence and remembers what it has looked up.
type differ struct {
	tx  *store.Tx
	seq store.Sequence
	flow.Telling
	templates map[string]store.Template
}

// edition is one of the two definitions that are compared. texts are the versions of its templates by key.
type edition struct {
	number int
	def    flow.Sequence
	texts  map[string]int
}

func newDiffer(tx *store.Tx, s store.Sequence) (*differ, error) {
	outcomes, err := tx.Outcomes()
	d := &differ{tx: tx, seq: s, templates: map[string]store.Template{}}
	d.Outcomes, d.Templates = outcomes, map[string]string{}
	return d, err
}

// entry tells a version with what it changed since the older one, which is 0 for none.
func (d *differ) entry(row store.VersionRow, older int) (VersionEntry, error) {
	v, err := d.tx.Version(row.ID)
	if err != nil {
		return VersionEntry{}, err
	}
	e := VersionEntry{VersionRow: row, Steps: v.Def.Count(), First: older == 0}
	if !e.First {
		e.Changed, err = d.between(older, row.Number)
	}
	return e, err
}

func (d *differ) between(from, to int) (Difference, error) {
	old, err := d.edition(from)
	if err != nil {
		return Difference{}, err
	}
	edited, err := d.edition(to)
	if err != nil {
		return Difference{}, err
	}
	// Name and description belong to the sequence, not to its versions.
	edited.def.Name, edited.def.Description = old.def.Name, old.def.Description
	return d.compare(old, edited)
}

// edition loads a version by its number, or the draft.
func (d *differ) edition(number int) (edition, error) {
	s := edition{number: number, def: d.seq.Draft, texts: map[string]int{}}
	if number == DraftNumber {
		for _, st := range s.def.Each() {
			for _, key := range st.Templates() {
				t, err := d.template(key)
				if err != nil {
					return edition{}, err
				}
				s.texts[key] = t.Version
			}
		}
		return s, nil
	}
	v, err := d.tx.VersionByNumber(d.seq.ID, number)
	if err != nil {
		return edition{}, err
	}
	s.def = v.Def
	pins, err := d.tx.TemplatePins(v.ID)
	for _, p := range pins {
		s.texts[p.Key] = p.Number
	}
	return s, err
}

// template looks a template up; the zero one for a key that nothing has.
func (d *differ) template(key string) (store.Template, error) {
	if t, known := d.templates[key]; known {
		return t, nil
	}
	t, err := d.tx.TemplateByKey(key)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return store.Template{}, err
	}
	d.templates[key] = t
	if t.Name != "" {
		d.Templates[key] = t.Name
	}
	return t, nil
}

func (d *differ) compare(old, edited edition) (Difference, error) {
	diff := Difference{From: old.number, To: edited.number, Telling: d.Telling}
	diff.Old, diff.New, diff.Changes = old.def, edited.def, flow.Diff(old.def, edited.def)
	used := map[string]bool{}
	for _, def := range []flow.Sequence{old.def, edited.def} {
		for _, st := range def.Each() {
			for _, key := range st.Templates() {
				t, err := d.template(key)
				if err != nil {
					return Difference{}, err
				}
				if from, to := old.texts[key], edited.texts[key]; from != 0 && to != 0 && from != to && !used[key] {
					diff.Texts = append(diff.Texts, TextChange{Template: t.ID, Name: d.nameOf(key), From: from, To: to})
				}
				used[key] = true
			}
		}
	}
	return diff, nil
}

func (d *differ) nameOf(key string) string {
	if name := d.Templates[key]; name != "" {
		return name
	}
	return key
}
