package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// SequenceUse is a sequence that still makes emails of a template.
type SequenceUse struct {
	Sequence ident.Sequence
	Name     string
	Active   bool
	// Versions are those of its versions that use it, newest first.
	Versions []store.PinnedIn
	// Connected counts the records on them.
	Connected int
	// Behind tells that one of them does not use the newest version of the template.
	Behind bool
	// MayAdopt tells whether the actor may change that.
	MayAdopt bool
}

// Numbers gives the versions of the template that the sequence uses, newest first.
func (u SequenceUse) Numbers() []int {
	var list []int
	for _, v := range u.Versions {
		list = append(list, v.Number)
	}
	slices.SortFunc(list, func(a, b int) int { return b - a })
	return slices.Compact(list)
}

// TemplateVersions lists the versions of a template, newest first.
func (a *App) TemplateVersions(ctx context.Context, actor access.Actor, id ident.Template) ([]store.TemplateVersion, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.TemplateVersion, error) {
		if _, err := tx.GetTemplate(id); err != nil {
			return nil, err
		}
		return tx.TemplateVersions(id)
	})
}

// GetTemplateVersion gives one version of a template.
func (a *App) GetTemplateVersion(ctx context.Context, actor access.Actor, id ident.Template, number int) (store.TemplateVersion, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.TemplateVersion{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.TemplateVersion, error) {
		if _, err := tx.GetTemplate(id); err != nil {
			return store.TemplateVersion{}, err
		}
		return tx.GetTemplateVersion(id, number)
	})
}

// RestoreTemplate writes the content of an older version as the newest one.
func (a *App) RestoreTemplate(ctx context.Context, actor access.Actor, id ident.Template, number int) (store.Template, error) {
	if err := may(actor, access.EditTemplates); err != nil {
		return store.Template{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Template, error) {
		t, err := tx.GetTemplate(id)
		if err != nil {
			return t, err
		}
		v, err := tx.GetTemplateVersion(id, number)
		if err != nil {
			return t, err
		}
		if v.TemplateContent == t.TemplateContent {
			return t, fault.New(fault.Conflict, "Version %d is what the template holds now.", number)
		}
		t.TemplateContent = v.TemplateContent
		files, err := presentFiles(tx, v.Files.IDs()) // one may have been deleted since
		if err != nil {
			return t, err
		}
		t.Files = store.ListOfFiles(idsOfFiles(files))
		if t, err = tx.UpdateTemplate(t, actor.ID); err != nil {
			return t, err
		}
		return t, tx.Audit(actor.ID, "restore", "template", int64(id), fmt.Sprintf("%s, version %d as version %d", t.Key, number, t.Version))
	})
}

// TemplateInUse lists the sequences that still make emails of a template, by name.
func (a *App) TemplateInUse(ctx context.Context, actor access.Actor, id ident.Template) ([]SequenceUse, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]SequenceUse, error) {
		t, err := tx.GetTemplate(id)
		if err != nil {
			return nil, err
		}
		return templateInUse(tx, actor, t)
	})
}

func templateInUse(tx *store.Tx, actor access.Actor, t store.Template) ([]SequenceUse, error) {
	rows, err := tx.For(actor).TemplateInUse(t.ID)
	var list []SequenceUse
	for _, row := range rows {
		if len(list) == 0 || list[len(list)-1].Sequence != row.Sequence {
			list = append(list, SequenceUse{
				Sequence: row.Sequence, Name: row.SequenceName, Active: row.Active,
				MayAdopt: access.MayWith(actor, access.EditSequences, row.Holding),
			})
		}
		use := &list[len(list)-1]
		use.Versions = append(use.Versions, row)
		use.Connected += row.Connected
		use.Behind = use.Behind || row.Number != t.Version
	}
	return list, err
}

// AdoptTemplate has sequences go on with the newest version of a template: the emails that they make from now on, those
// that are queued and not built yet included. Who may activate a sequence may do it.
func (a *App) AdoptTemplate(ctx context.Context, actor access.Actor, id ident.Template, sequences []ident.Sequence) ([]SequenceUse, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return nil, err
	}
	if len(sequences) == 0 {
		return nil, fault.Field("sequences", "required", "Name the sequences that shall use the newest version.")
	}
	return change(ctx, a, func(tx *store.Tx) ([]SequenceUse, error) {
		t, err := tx.GetTemplate(id)
		if err != nil {
			return nil, err
		}
		uses, err := templateInUse(tx, actor, t)
		if err != nil {
			return nil, err
		}
		for i, seq := range sequences {
			if !slices.ContainsFunc(uses, func(u SequenceUse) bool { return u.Sequence == seq }) {
				return nil, fault.Field(fmt.Sprintf("sequences/%d", i), "not_used", "This sequence does not use the template, or nothing is sent from it.")
			}
		}
		for _, use := range uses { // one order for everybody, because each is locked
			if !slices.Contains(sequences, use.Sequence) {
				continue
			}
			if err := adopt(tx, actor, t, use); err != nil {
				return nil, err
			}
		}
		return templateInUse(tx, actor, t)
	})
}

// adopt pins the newest version in every version of a sequence that still sends, unless it asks for fields that the
// records of the sequence do not have, which an activation refuses too.
func adopt(tx *store.Tx, actor access.Actor, t store.Template, use SequenceUse) error {
	s, err := lockDraft(tx, actor, use.Sequence, 0)
	if err != nil {
		return err
	}
	facts, err := templateFacts(tx, s.Draft, t.Key)
	if err != nil {
		return err
	}
	if facts != nil && len(facts.Unknown) > 0 {
		return fault.New(fault.Conflict, "The template %q uses %s, which %s do not have, so %q goes on with what it has.", t.Name,
			strings.Join(facts.Unknown, ", "), s.RecordKind.Path(), s.Name).WithHint("Change the template first.")
	}
	var versions []ident.Version
	for _, v := range use.Versions {
		if v.Number != t.Version {
			versions = append(versions, v.Version)
		}
	}
	if len(versions) == 0 {
		return nil
	}
	if err := tx.AdoptTemplate(t.ID, t.Version, versions); err != nil {
		return err
	}
	return tx.Audit(actor.ID, "adopt", "sequence", int64(s.ID), fmt.Sprintf("%s, version %d of the template %s", s.Name, t.Version, t.Key))
}
