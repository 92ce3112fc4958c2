package action

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

// ExportFolder gives sequences with the templates that they name as files, in the order of their names; all sequences and all templates
// when no name is given. What is active and has changes is exported as its draft.
func (a *App) ExportFolder(ctx context.Context, actor access.Actor, names []string) ([]seqfile.File, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	var (
		files []seqfile.File
		parts []attachedFile
	)
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		sequences, err := namedSequences(tx.For(actor), names)
		if err != nil {
			return err
		}
		taken := map[string]bool{}
		for _, s := range sequences {
			text, err := seqfile.FormatFor(s.Draft, seqfile.SchemaBeside)
			if err != nil {
				return err
			}
			files = append(files, seqfile.File{Name: seqfile.FreeName(s.Name, taken), Data: text})
		}
		more, attached, err := exportTemplates(tx, sequences, len(names) == 0)
		files, parts = append(files, more...), attached
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		content, err := a.db.ReadFile(ctx, p.file)
		if err != nil {
			return nil, fmt.Errorf("read the attachment %s: %w", p.name, err)
		}
		files = append(files, seqfile.File{Name: p.name, Data: content})
	}
	slices.SortFunc(files, func(x, y seqfile.File) int { return strings.Compare(x.Name, y.Name) })
	return files, nil
}

// attachedFile is a file that goes with a template, and its place in the folder.
type attachedFile struct {
	name string
	file store.File
}

// namedSequences gives the sequences of these names; without any all that are not archived.
func namedSequences(seen store.Sight, names []string) ([]store.Sequence, error) {
	if len(names) == 0 {
		all, err := seen.AllSequences()
		return slices.DeleteFunc(all, func(s store.Sequence) bool { return s.Status == store.Archived }), err
	}
	var list []store.Sequence
	for _, name := range names {
		s, err := seen.SequenceByName(clean(name))
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.NotFound, "There is no sequence %q.", name).WithHint("The page Sequences lists them.")
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// exportTemplates gives all templates, or those that the sequences name.
func exportTemplates(tx *store.Tx, sequences []store.Sequence, all bool) (files []seqfile.File, parts []attachedFile, err error) {
	named := map[string]bool{}
	for _, s := range sequences {
		for _, st := range s.Draft.Each() {
			for _, key := range st.Templates() {
				named[key] = true
			}
		}
	}
	templates, err := tx.ListTemplates("", "")
	if err != nil {
		return nil, nil, err
	}
	for _, t := range templates {
		if !all && !named[t.Key] {
			continue
		}
		attached, err := presentFiles(tx, t.Files.IDs())
		if err != nil {
			return nil, nil, err
		}
		as := fileTemplate(t, attached)
		text, err := seqfile.FormatTemplate(as)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, seqfile.File{Name: as.TemplateFile(), Data: text})
		for i, f := range attached {
			parts = append(parts, attachedFile{name: path.Join(seqfile.TemplatesDir, t.Key, as.Attachments[i]), file: f})
		}
	}
	return files, parts, nil
}

// fileTemplate gives a template as files have it. Two attachments of one name stand in folders of their own.
func fileTemplate(t store.Template, attached []store.File) seqfile.Template {
	out := seqfile.Template{Key: t.Key, Name: t.Name, Channel: t.Channel, Record: t.RecordKind, Subject: t.Subject, Body: seqfile.TidyBody(t.HTML)}
	if t.Channel == message.TextChannel {
		out.Body = seqfile.TidyBody(t.Text)
	}
	for _, f := range attached {
		name := f.Name
		for n := 2; slices.Contains(out.Attachments, name); n++ {
			name = fmt.Sprintf("%d/%s", n, f.Name)
		}
		out.Attachments = append(out.Attachments, name)
	}
	return out
}
