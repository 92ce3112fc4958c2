package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

// FolderOptions say how files are applied.
type FolderOptions struct {
	// DryRun changes nothing and answers the same.
	DryRun bool
	// Drafts takes sequences, too, that could not be activated yet.
	Drafts bool
	// Activate activates each sequence that is not active in the form of its file, and has active ones adopt the texts of
	// changed templates. Note is that of the new versions.
	Activate bool
	Note     string
	// Plan is the Fingerprint of the plan that somebody agreed to; "" for any.
	Plan string
}

// FolderResult says what applying files does, or did. Changes are in the order in which they are made: templates first.
type FolderResult struct {
	Changes []FileChange
	// Refused tells that nothing was done, because of problems.
	Refused bool
	// Warnings are what should be known of those that become active.
	Warnings []fault.Problem
}

// FileChange is what becomes of the sequence or template of one file.
type FileChange struct {
	File string
	// Template tells that it is a template. Name is that of the sequence, or the key of the template.
	Template bool
	Name     string
	// Change is created, updated or unchanged.
	Change string
	// Summary says in one line what is changed, Lines in detail.
	Summary string
	Lines   []string
	// Before and After are the texts as an export has them; Before is nil for what is created.
	Before, After []byte
	// Problems are in the way; Unfinished only keep a sequence from being activated.
	Problems, Unfinished []seqfile.Problem
	// Activates tells that the sequence becomes active with this form of it.
	Activates bool
	// Adopts names the changed templates whose newest version an active sequence takes.
	Adopts []string
	// Sequence is its id; zero in the plan of one that is created, and for templates.
	Sequence ident.Sequence

	template *store.Template // as it is to be
	content  seqfile.TemplateOf
	def      flow.Sequence
	old      store.Sequence
}

// Changed tells whether applying does anything with it.
func (c FileChange) Changed() bool { return c.Change != unchanged || c.Activates || len(c.Adopts) > 0 }

// Count says how many files are created, updated and unchanged.
func (r FolderResult) Count() (createdCount, updatedCount, unchangedCount int) {
	for _, c := range r.Changes {
		switch c.Change {
		case created:
			createdCount++
		case updated:
			updatedCount++
		default:
			unchangedCount++
		}
	}
	return createdCount, updatedCount, unchangedCount
}

// Changed tells whether applying does anything.
func (r FolderResult) Changed() bool {
	for _, c := range r.Changes {
		if c.Changed() {
			return true
		}
	}
	return false
}

// Problems lists what is wrong with the files, in their order; those that only keep from activation come with drafts false.
func (r FolderResult) Problems(drafts bool) (list []seqfile.Problem) {
	for _, c := range r.Changes {
		list = append(list, c.Problems...)
		if !drafts {
			list = append(list, c.Unfinished...)
		}
	}
	return list
}

// Fingerprint names a plan: two that do the same have the same.
func (r FolderResult) Fingerprint() string {
	h := sha256.New()
	for _, c := range r.Changes {
		_, _ = fmt.Fprintf(h, "%q %q %q %t %q %x %x\n", c.File, c.Name, c.Change, c.Activates, c.Adopts, sha256.Sum256(c.Before), sha256.Sum256(c.After))
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// ApplyFolder brings sequences and templates to the form of files, all or none: sequences are found by their names, templates by
// their keys, and keep their ids. What is in no file stays as it is. With problems nothing is changed and the answer says
// so; they are no error.
func (a *App) ApplyFolder(ctx context.Context, actor access.Actor, f seqfile.Folder, o FolderOptions) (FolderResult, error) {
	if err := mayApply(actor, f); err != nil {
		return FolderResult{}, err
	}
	if utf8.RuneCountInString(o.Note) > maxVersionNote {
		return FolderResult{}, fault.Field("note", "too_long", "The note is longer than 2,000 characters.")
	}
	plan, err := look(ctx, a, func(tx *store.Tx) (FolderResult, error) { return a.plan(tx, actor, f, o) })
	if err != nil || plan.Refused || o.DryRun || !plan.Changed() {
		return plan, err
	}
	staged, err := a.stage(plan)
	defer func() {
		for _, s := range staged {
			s.Discard()
		}
	}()
	if err != nil {
		return FolderResult{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (FolderResult, error) {
		if o.Activate {
			if err := tx.LockActivations(); err != nil {
				return FolderResult{}, err
			}
		}
		plan, err := a.plan(tx, actor, f, o)
		switch {
		case err != nil || plan.Refused:
			return plan, err
		case o.Plan != "" && o.Plan != plan.Fingerprint():
			return FolderResult{}, fault.New(fault.Stale, "Somebody else changed one of these sequences or templates meanwhile.").
				WithHint("Look at what would be done now, then apply it again.")
		}
		w := folderWriter{tx: tx, actor: actor, options: o, staged: staged}
		return plan, w.write(plan.Changes)
	})
}

func mayApply(actor access.Actor, f seqfile.Folder) error {
	if err := may(actor, access.EditSequences); err != nil {
		return err
	}
	if len(f.Templates) == 0 {
		return nil
	}
	return may(actor, access.EditTemplates)
}

// stage prepares the contents of attachments, which no transaction should wait for.
func (a *App) stage(plan FolderResult) (map[string]*store.Staged, error) {
	staged := map[string]*store.Staged{}
	for _, c := range plan.Changes {
		if c.Change == unchanged {
			continue
		}
		for _, f := range c.content.Files {
			sum := sumOf(f.Data)
			if staged[sum] != nil {
				continue
			}
			s, err := a.db.Stage(f.Data)
			if err != nil {
				return staged, err
			}
			staged[sum] = s
		}
	}
	return staged, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// plan is planFolder with what should be known before.
func (a *App) plan(tx *store.Tx, actor access.Actor, f seqfile.Folder, o FolderOptions) (FolderResult, error) {
	plan, err := planFolder(tx, actor, f, o)
	for _, c := range plan.Changes {
		if err != nil || len(plan.Warnings) > 0 {
			break // one warning says it for all
		}
		if c.Activates {
			plan.Warnings, err = a.warnings(tx, c.def)
		}
	}
	return plan, err
}

// planFolder says what applying files would do in this state of things.
func planFolder(tx *store.Tx, actor access.Actor, f seqfile.Folder, o FolderOptions) (FolderResult, error) {
	c := newFolderCheck(f, tx, actor)
	var plan FolderResult
	newer := map[string]bool{} // the keys of templates that change
	for _, t := range f.Templates {
		p, err := planTemplate(tx, t)
		if err != nil {
			return FolderResult{}, err
		}
		newer[p.Name] = p.Change == updated
		plan.Changes = append(plan.Changes, p)
	}
	activations := 0
	for _, s := range f.Sequences {
		p, err := c.planSequence(actor, s)
		if err == nil && o.Activate && len(p.Problems) == 0 {
			err = p.planActivation(tx, newer)
		}
		if err != nil {
			return FolderResult{}, err
		}
		if p.Activates && p.old.Status != store.Active {
			activations++
		}
		plan.Changes = append(plan.Changes, p)
	}
	for _, p := range plan.Changes {
		refused := len(p.Problems) > 0 || len(p.Unfinished) > 0 && (p.Activates || !o.Drafts && p.Change != unchanged)
		plan.Refused = plan.Refused || refused
	}
	if activations == 0 || plan.Refused {
		return plan, nil
	}
	active, err := tx.CountActiveSequences()
	if err == nil && active+activations > flow.MaxActive {
		err = fault.New(fault.Conflict, "%d sequences are active; with these there would be more than %d.", active, flow.MaxActive).
			WithHint("Deactivate others first, or apply without activating.")
	}
	return plan, err
}

// planActivation says whether a sequence becomes active by its file, and which changed templates an active one takes.
func (c *FileChange) planActivation(tx *store.Tx, newer map[string]bool) error {
	c.Activates = c.Change != unchanged || c.old.Status != store.Active
	if !c.Activates {
		v, err := tx.Version(c.old.Version)
		if err != nil {
			return err
		}
		c.Activates = !store.SameSteps(v.Def, c.def)
	}
	if c.Activates {
		return nil
	}
	seen := map[string]bool{}
	for _, st := range c.def.Each() {
		for _, key := range st.Templates() {
			if newer[key] && !seen[key] {
				c.Adopts = append(c.Adopts, key)
			}
			seen[key] = true
		}
	}
	return nil
}

// noteOf gives the note of a version that a file makes.
func (o FolderOptions) noteOf(c FileChange) string {
	if note := strings.TrimSpace(o.Note); note != "" {
		return clean(note)
	}
	return "Applied from " + path.Base(c.File)
}
