package action

import (
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/attachment"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

// folderWriter carries a plan out, in one transaction.
type folderWriter struct {
	tx      *store.Tx
	actor   access.Actor
	options FolderOptions
	staged  map[string]*store.Staged // by the sum of the content
}

// write makes all changes: first every template and every draft, then the activations, which may need each other.
func (w folderWriter) write(changes []FileChange) error {
	for i := range changes {
		c := &changes[i]
		var err error
		switch {
		case c.Change == unchanged:
		case c.Template:
			err = w.template(*c)
		default:
			err = w.sequence(c)
		}
		if err != nil {
			return fmt.Errorf("apply %s: %w", c.File, err)
		}
	}
	for _, c := range changes {
		var err error
		switch {
		case c.Activates:
			err = w.activate(c)
		case len(c.Adopts) > 0:
			err = w.adopt(c)
		}
		if err != nil {
			return fmt.Errorf("activate %s: %w", c.File, err)
		}
	}
	return nil
}

func (w folderWriter) template(c FileChange) error {
	t := *c.template
	ids := make([]ident.File, 0, len(c.content.Files))
	for _, f := range c.content.Files {
		id, err := w.file(f)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	var err error
	if t.Files, err = attachable(w.tx, store.ListOfFiles(ids)); err != nil {
		return err
	}
	if c.Change == created {
		_, err = insertTemplate(w.tx, w.actor, t)
		return err
	}
	if t, err = w.tx.UpdateTemplate(t, w.actor.ID); err != nil {
		return err
	}
	return w.tx.Audit(w.actor.ID, "update", "template", int64(t.ID), fmt.Sprintf("%s, version %d", t.Key, t.Version))
}

func (w folderWriter) file(f seqfile.File) (ident.File, error) {
	good, err := attachment.Check(f.Name, f.Data)
	if err != nil {
		return 0, err
	}
	staged := w.staged[sumOf(f.Data)]
	if staged == nil {
		return 0, fault.New(fault.Stale, "Somebody else changed one of these templates meanwhile.").WithHint("Apply the files again.")
	}
	made, err := w.tx.InsertFile(store.File{Name: good.Name, Type: good.Type, User: w.actor.ID}, staged)
	return made.ID, err
}

func (w folderWriter) sequence(c *FileChange) error {
	if c.Change == created {
		s, err := insertSequence(w.tx, w.actor, c.def, "create")
		c.Sequence = s.ID
		return err
	}
	s, err := lockDraft(w.tx, w.actor, c.Sequence, 0)
	if err != nil {
		return err
	}
	_, err = saveDraft(w.tx, w.actor, s, c.def)
	return err
}

func (w folderWriter) activate(c FileChange) error {
	s, err := lockDraft(w.tx, w.actor, c.Sequence, 0)
	if err != nil {
		return err
	}
	return activate(w.tx, w.actor, s, w.options.noteOf(c))
}

// adopt has an active sequence go on with the newest texts of its templates.
func (w folderWriter) adopt(c FileChange) error {
	for _, key := range c.Adopts {
		t, err := w.tx.TemplateByKey(key)
		if err != nil {
			return err
		}
		uses, err := templateInUse(w.tx, w.actor, t)
		if err != nil {
			return err
		}
		for _, use := range uses {
			if use.Sequence != c.Sequence {
				continue
			}
			if err := adopt(w.tx, w.actor, t, use); err != nil {
				return err
			}
		}
	}
	return nil
}
