package action

import (
	"context"
	"errors"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/seqfile/library"
	"cadenza/internal/store"
)

// SequenceView is a sequence with what its designer needs to know.
type SequenceView struct {
	store.SequenceRow
	// Problems are what keeps the draft from being activated.
	Problems []fault.Problem
	// Warnings are what should be known before it is activated.
	Warnings []fault.Problem
	// MayManage tells whether the actor may hand it over, archive and delete it; MayEdit whether they may change it, too, which
	// nobody may while it is archived.
	MayManage, MayEdit bool
	// ABTests is how many A/B tests have begun.
	ABTests int
}

// SequenceInput is the input for a new sequence.
type SequenceInput struct {
	Name, Description string
	// Record is the kind of records that it is for; lead when empty. It never changes.
	Record record.Kind
	// Library is the key of the library's sequence to begin with; "" for an empty one. Name, description and kind are its own
	// where they are empty here.
	Library string
}

// ApplyResult says what became of a definition from a file.
type ApplyResult struct {
	Sequence store.Sequence
	// Change is created, updated or unchanged.
	Change   string
	Problems []fault.Problem
}

// ListSequences lists sequences.
func (a *App) ListSequences(ctx context.Context, actor access.Actor, q store.SequenceQuery) ([]store.SequenceRow, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.SequenceRow, error) { return tx.For(actor).ListSequences(q) })
}

// GetSequence gives one sequence with the problems of its draft.
func (a *App) GetSequence(ctx context.Context, actor access.Actor, id ident.Sequence) (SequenceView, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return SequenceView{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (SequenceView, error) { return a.viewSequence(tx, actor, id) })
}

func (a *App) viewSequence(tx *store.Tx, actor access.Actor, id ident.Sequence) (SequenceView, error) {
	row, err := tx.For(actor).GetSequenceRow(id)
	if err != nil {
		return SequenceView{}, err
	}
	return a.viewRow(tx, actor, row)
}

// viewRow is viewSequence for a row, of which the actor may have lost sight just now.
func (a *App) viewRow(tx *store.Tx, actor access.Actor, row store.SequenceRow) (SequenceView, error) {
	tests, err := tx.ABTests(row.ID)
	if err != nil {
		return SequenceView{}, err
	}
	problems, err := sequenceProblems(tx, actor, row.Sequence)
	if err != nil {
		return SequenceView{}, err
	}
	warnings, err := a.warnings(tx, row.Draft)
	mine := access.MayWith(actor, access.EditSequences, row.Holding)
	return SequenceView{
		SequenceRow: row, Problems: problems, Warnings: warnings,
		MayManage: mine, MayEdit: mine && row.Status != store.Archived, ABTests: len(tests),
	}, err
}

// SequenceByName gives the sequence of this name, in any case of letters.
func (a *App) SequenceByName(ctx context.Context, actor access.Actor, name string) (store.Sequence, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return store.Sequence{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Sequence, error) { return tx.For(actor).SequenceByName(clean(name)) })
}

// CreateSequence makes an inactive sequence that the actor owns: an empty one, or one from the library with its templates.
func (a *App) CreateSequence(ctx context.Context, actor access.Actor, in SequenceInput) (store.Sequence, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return store.Sequence{}, err
	}
	if in.Library != "" {
		e, ok := library.Find(in.Library)
		if !ok {
			return store.Sequence{}, fault.Of(fault.Problem{
				Field: "/from_library", Code: "unknown", Message: fmt.Sprintf("The library has no sequence %q.", clean(in.Library)), Hint: "List the library to see its keys.",
			})
		}
		return change(ctx, a, func(tx *store.Tx) (store.Sequence, error) {
			def, err := in.fromLibrary(tx, actor, e)
			if err != nil {
				return store.Sequence{}, err
			}
			return insertSequence(tx, actor, def, "create")
		})
	}
	def, err := shape(flow.Sequence{Name: in.Name, Description: in.Description, Record: in.Record, Options: flow.DefaultOptions()})
	if err != nil {
		return store.Sequence{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Sequence, error) { return insertSequence(tx, actor, def, "create") })
}

func insertSequence(tx *store.Tx, actor access.Actor, def flow.Sequence, verb string) (store.Sequence, error) {
	s, err := tx.InsertSequence(def, actor.ID)
	if err != nil {
		return store.Sequence{}, err
	}
	return s, tx.Audit(actor.ID, verb, "sequence", int64(s.ID), s.Name)
}

// shape brings a definition into the form in which it is stored, and refuses one that files could not hold.
func shape(def flow.Sequence) (flow.Sequence, error) {
	data, err := flow.Encode(def)
	if err != nil {
		return flow.Sequence{}, fmt.Errorf("encode sequence: %w", err)
	}
	def, problems, err := flow.Decode(data)
	return def, errors.Join(err, fault.Of(problems...))
}

// SaveDraft replaces the draft. rev is the draft's revision that was read, 0 to overwrite any; a newer one is not
// overwritten. The draft may have problems: only activation minds them.
func (a *App) SaveDraft(ctx context.Context, actor access.Actor, id ident.Sequence, rev int64, def flow.Sequence) (SequenceView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return SequenceView{}, err
	}
	def, err := shape(def)
	if err != nil {
		return SequenceView{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (SequenceView, error) {
		s, err := lockDraft(tx, actor, id, rev)
		if err != nil {
			return SequenceView{}, err
		}
		if _, err := saveDraft(tx, actor, s, def); err != nil {
			return SequenceView{}, err
		}
		return a.viewSequence(tx, actor, id)
	})
}

// lockDraft gives a sequence for a change of its draft by the actor, who has read the given revision.
func lockDraft(tx *store.Tx, actor access.Actor, id ident.Sequence, rev int64) (store.Sequence, error) {
	s, err := lockManaged(tx, actor, id)
	if err != nil {
		return store.Sequence{}, err
	}
	if s.Status == store.Archived {
		return store.Sequence{}, isArchived(s)
	}
	if rev != 0 && rev != s.DraftRev {
		return store.Sequence{}, staleDraft(actor, s, tx)
	}
	return s, nil
}

func staleDraft(actor access.Actor, s store.Sequence, tx *store.Tx) error {
	who, where := s.DraftByName, ""
	switch {
	case s.DraftBy == actor.ID && actor.ID != 0:
		who, where = "You", " in another window"
	case who == "":
		who = "The server"
	}
	return fault.New(fault.Stale, "%s saved this draft %s%s.", who, sayWhen(actor, s.DraftAt, tx.Now), where).
		WithHint("Copy what you changed, load the draft again, and repeat your changes there.")
}

// saveDraft writes a definition over the draft of a locked sequence; changed is false when it is the same.
func saveDraft(tx *store.Tx, actor access.Actor, s store.Sequence, def flow.Sequence) (changed bool, err error) {
	if def.Record != s.RecordKind {
		return false, fault.Of(fault.Problem{
			Field: "/record", Code: "fixed",
			Message: fmt.Sprintf("The sequence is for %s; that cannot change.", s.RecordKind.Path()), Hint: "Make another sequence for the other kind of record.",
		})
	}
	if def.Name == s.Name && def.Description == s.Description && store.SameSteps(def, s.Draft) {
		return false, nil
	}
	if def.Name != s.Name {
		if def, err = renameSequence(tx, actor, s, def); err != nil {
			return false, err
		}
	}
	if err := tx.SaveDraft(s.ID, def, actor.ID); err != nil {
		return false, err
	}
	return true, tx.Audit(actor.ID, "change", "sequence", int64(s.ID), def.Name)
}

// CheckDraft lists what would keep a definition from being activated, without saving it.
func (a *App) CheckDraft(ctx context.Context, actor access.Actor, def flow.Sequence) ([]fault.Problem, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	def, err := shape(def)
	if err != nil {
		return fault.ProblemsOf(err), nil
	}
	return look(ctx, a, func(tx *store.Tx) ([]fault.Problem, error) { return draftProblems(tx, actor, def) })
}

// DiscardDraft brings the draft back to the version that was activated last. Name and description stay: they belong to the
// sequence and not to its versions.
func (a *App) DiscardDraft(ctx context.Context, actor access.Actor, id ident.Sequence, rev int64) (SequenceView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return SequenceView{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (SequenceView, error) {
		s, err := lockDraft(tx, actor, id, rev)
		if err != nil {
			return SequenceView{}, err
		}
		if s.Version == 0 {
			return SequenceView{}, fault.New(fault.Conflict, "The sequence was never activated, so there is no version to go back to.").
				WithHint("Undo your changes in the designer, or delete the sequence.")
		}
		v, err := tx.Version(s.Version)
		if err != nil {
			return SequenceView{}, err
		}
		def := v.Def
		def.Name, def.Description = s.Name, s.Description
		if _, err := saveDraft(tx, actor, s, def); err != nil {
			return SequenceView{}, err
		}
		return a.viewSequence(tx, actor, id)
	})
}

// CopySequence makes a new, inactive sequence of the draft of another one. An empty name becomes "Copy of …".
func (a *App) CopySequence(ctx context.Context, actor access.Actor, id ident.Sequence, name string) (store.Sequence, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return store.Sequence{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Sequence, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return store.Sequence{}, err
		}
		def := s.Draft
		if def.Name = name; name == "" {
			if def.Name, err = nameOfCopy(tx, s.Name); err != nil {
				return store.Sequence{}, err
			}
		}
		if def, err = shape(def); err != nil {
			return store.Sequence{}, err
		}
		made, err := insertSequence(tx, actor, def, "copy")
		if err != nil || actor.ID == 0 || s.Sharing == access.SharedWithAll {
			return made, err
		}
		// A copy is seen by no more people than what it was made of.
		if err := tx.SetSequenceSharing(made.ID, s.Sharing, s.SharedTeam); err != nil {
			return store.Sequence{}, err
		}
		return tx.For(actor).GetSequence(made.ID)
	})
}

// nameOfCopy gives the first free name of the row "Copy of X", "Copy of X 2", ….
func nameOfCopy(tx *store.Tx, name string) (string, error) { return freeName(tx, "Copy of "+name) }

// FreeSequenceName gives a name for a new sequence: the wished one, with a number where it is taken.
func (a *App) FreeSequenceName(ctx context.Context, actor access.Actor, wish string) (string, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return "", err
	}
	return look(ctx, a, func(tx *store.Tx) (string, error) { return freeName(tx, clean(wish)) })
}

// freeName gives the first free name of the row "X", "X 2", ….
func freeName(tx *store.Tx, name string) (string, error) {
	base := []rune(name)
	if limit := flow.MaxName - 5; len(base) > limit {
		base = base[:limit]
	}
	candidate := string(base)
	for n := 2; ; n++ {
		_, err := tx.SequenceByName(candidate)
		if fault.Is(err, fault.NotFound) {
			return candidate, nil
		}
		if err != nil {
			return "", err
		}
		candidate = fmt.Sprintf("%s %d", string(base), n)
	}
}

// GetVersion gives the definition of one version by its number.
func (a *App) GetVersion(ctx context.Context, actor access.Actor, id ident.Sequence, number int) (flow.Sequence, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return flow.Sequence{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (flow.Sequence, error) {
		if err := tx.For(actor).Must(id); err != nil {
			return flow.Sequence{}, err
		}
		v, err := tx.VersionByNumber(id, number)
		if err != nil {
			return flow.Sequence{}, err
		}
		return v.Def, nil
	})
}

// PinnedTemplates gives the versions of templates that the emails of one version of a sequence are made of.
func (a *App) PinnedTemplates(ctx context.Context, actor access.Actor, id ident.Sequence, number int) ([]store.TemplatePin, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.TemplatePin, error) {
		if err := tx.For(actor).Must(id); err != nil {
			return nil, err
		}
		v, err := tx.VersionByNumber(id, number)
		if err != nil {
			return nil, err
		}
		return tx.TemplatePins(v.ID)
	})
}

// AdvanceChoices lists the active sequences of a kind to which another one may advance.
func (a *App) AdvanceChoices(ctx context.Context, actor access.Actor, kind record.Kind, except ident.Sequence) ([]store.Sequence, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Sequence, error) {
		active, err := tx.For(actor).ActiveSequences(kind)
		choices := make([]store.Sequence, 0, len(active))
		for _, s := range active {
			if s.ID != except {
				choices = append(choices, s)
			}
		}
		return choices, err
	})
}
