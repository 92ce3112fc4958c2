package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/seqfile"
)

type sequenceExportCommand struct {
	site
	Dir   string   `arg:"" optional:"" default:"." help:"Folder to write into, below sequences/ and templates/; - for one sequence on standard output."`
	Names []string `arg:"" optional:"" help:"Names of sequences, whose templates come along; all sequences and templates when none is given."`
	All   bool     `help:"Write every file anew, also those that say the same already."`
}

// Run writes the drafts, which for an unchanged active sequence is its active version. A file that says the same in
// another form is left alone, with its comments; one that stands under another name is written there.
func (c *sequenceExportCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	if c.Dir == "-" && len(c.Names) != 1 {
		return fault.New(fault.Invalid, "One sequence fits on standard output.").WithHint("Name one, or a folder instead of -.")
	}
	if err := c.mistaken(env, h); err != nil {
		return err
	}
	files, err := h.app.ExportFolder(env.ctx, access.System(), c.Names)
	if err != nil {
		return err
	}
	if c.Dir == "-" {
		return c.print(env, files)
	}
	w := exporter{env: env, dir: c.Dir, all: c.All, folder: seqfile.ReadFolder(files, true)}
	if w.standing, err = c.standing(env); err != nil {
		return err
	}
	schema, err := api.SequenceSchema()
	if err != nil {
		return err
	}
	files = append(files, seqfile.File{Name: seqfile.SchemaFile, Data: schema})
	if w.renamed, err = w.places(env, h); err != nil {
		return err
	}
	for _, f := range files {
		if err := w.write(f); err != nil {
			return err
		}
	}
	env.say("%s written, %d unchanged in %s.", counted(w.written, "file"), len(files)-w.written, c.Dir)
	return nil
}

// mistaken is an error where the folder, which does not exist, bears the name of a sequence: it was meant to be exported.
func (c *sequenceExportCommand) mistaken(env *environment, h *house) error {
	if _, err := os.Stat(c.Dir); err == nil || len(c.Names) > 0 {
		return nil
	}
	seq, err := h.app.SequenceByName(env.ctx, access.System(), c.Dir)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	}
	return fault.New(fault.Invalid, "%q is a sequence, and the folder comes before the names.", seq.Name).
		WithHint(fmt.Sprintf("Write cadenza sequence export . %q into this folder, or cadenza sequence export - %q to see it. For a folder of this name, make it first.", seq.Name, seq.Name))
}

func (c *sequenceExportCommand) print(env *environment, files []seqfile.File) error {
	for _, f := range files {
		if strings.HasPrefix(f.Name, seqfile.SequencesDir+"/") {
			_, text, _ := bytes.Cut(f.Data, []byte("\n")) // the first line names a schema that stands beside it
			_, err := env.stdout.Write(text)
			return err
		}
	}
	return nil
}

// standing reads what the folder holds already; nothing when there is none yet.
func (c *sequenceExportCommand) standing(env *environment) (seqfile.Folder, error) {
	r := &folderReader{env: env, left: seqfile.MaxFolder, seen: map[string]bool{}}
	for _, part := range []string{seqfile.SequencesDir, seqfile.TemplatesDir} {
		dir := filepath.Join(c.Dir, part)
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		if err := r.folder(dir); err != nil {
			return seqfile.Folder{}, err
		}
	}
	return seqfile.ReadFolder(r.files, true), nil
}

// exporter writes an export over what stands in a folder.
type exporter struct {
	env      *environment
	dir      string
	all      bool
	folder   seqfile.Folder    // the export
	standing seqfile.Folder    // what is there
	renamed  map[string]string // the place on disk of each file of the export that is not to stand in its own; "" for one to leave alone
	written  int
}

// places says where files of the export go: over those that hold the same sequence or template, and nowhere if these say the same.
func (w *exporter) places(env *environment, h *house) (map[string]string, error) {
	// What is there is compared as apply does it.
	plan, err := h.app.ApplyFolder(env.ctx, access.System(), w.standing, action.FolderOptions{DryRun: true, Drafts: true})
	if err != nil {
		return nil, err
	}
	same := map[string]bool{}
	for _, c := range plan.Changes {
		same[c.File] = c.Change == "unchanged" && len(c.Problems) == 0
	}
	places := map[string]string{}
	taken := map[string]bool{}
	put := func(name, file string) {
		taken[file] = true
		if places[name] = file; same[file] && !w.all {
			places[name] = ""
		}
	}
	for _, s := range w.folder.Sequences {
		for _, there := range w.standing.Sequences {
			if strings.EqualFold(there.Def.Name, s.Def.Name) {
				put(s.File, there.File)
				break
			}
		}
	}
	for _, t := range w.folder.Templates {
		for _, there := range w.standing.Templates {
			if there.Key != t.Key || there.Channel != t.Channel {
				continue
			}
			put(t.File, there.File)
			for _, name := range t.Attachments {
				beside := path.Join(strings.TrimSuffix(there.File, path.Ext(there.File)), name)
				if places[t.File] == "" {
					beside = ""
				}
				places[path.Join(seqfile.TemplatesDir, t.Key, name)] = beside
			}
			break
		}
	}
	w.free(places, taken)
	return places, nil
}

// free gives new sequences names that no file of another one has.
func (w *exporter) free(places map[string]string, taken map[string]bool) {
	names := map[string]bool{}
	for _, there := range w.standing.Sequences {
		names[strings.ToLower(strings.TrimSuffix(path.Base(there.File), path.Ext(there.File)))] = true
	}
	for _, s := range w.folder.Sequences {
		if _, known := places[s.File]; !known {
			places[s.File] = filepath.ToSlash(filepath.Join(w.dir, filepath.FromSlash(seqfile.FreeName(s.Def.Name, names))))
		}
	}
}

func (w *exporter) write(f seqfile.File) error {
	place, known := w.renamed[f.Name]
	switch {
	case known && place == "":
		return nil
	case !known:
		place = filepath.Join(w.dir, filepath.FromSlash(f.Name))
	}
	if old, err := os.ReadFile(place); err == nil && bytes.Equal(old, f.Data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := os.WriteFile(place, f.Data, 0o644); err != nil {
		return fmt.Errorf("write an export: %w", err)
	}
	w.written++
	w.env.say("%s", filepath.ToSlash(place))
	return nil
}
