package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

type sequenceCommand struct {
	Validate sequenceValidateCommand `cmd:"" help:"Check files; with --db also the names in them."`
	Apply    sequenceApplyCommand    `cmd:"" help:"Create or update sequences from files, by name."`
	Export   sequenceExportCommand   `cmd:"" help:"Write sequences as YAML."`
	Connect  sequenceConnectCommand  `cmd:"" help:"Put records on an active sequence, and say whom it cannot write to."`
	sequenceKeeping
}

type sequenceValidateCommand struct {
	Files []string `arg:"" help:"YAML files, or folders of them."`
	DB    string   `name:"db" help:"Database to look up templates, other sequences and own outcomes of calls in; without it all of them are taken to be there." placeholder:"ADDRESS"`
}

// Run prints every problem as FILE:LINE:COLUMN: what is wrong.
func (c *sequenceValidateCommand) Run(env *environment) error {
	files, err := readSequences(env, c.Files)
	if err != nil {
		return err
	}
	if c.DB == "" {
		for i := range files {
			files[i].check()
		}
		return summary(env, files)
	}
	s := site{database: database{DB: c.DB}, KeyFile: os.DevNull}
	db, err := store.Open(env.ctx, s.DB, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	app, err := action.New(action.Config{DB: db, Key: make([]byte, keySize)})
	if err != nil {
		return err
	}
	for i := range files {
		f := &files[i]
		if len(f.problems) > 0 {
			continue
		}
		problems, err := app.CheckDraft(env.ctx, access.System(), f.def)
		if err != nil {
			return err
		}
		f.problems = seqfile.Locate(f.text, problems)
	}
	return summary(env, files)
}

// summary prints the problems of all files, or that there are none.
func summary(env *environment, files []sequenceFile) error {
	count, bad := 0, 0
	for _, f := range files {
		for _, p := range f.problems {
			f.tell(env, p)
		}
		if len(f.problems) > 0 {
			bad++
		}
		count += len(f.problems)
	}
	if count > 0 {
		_, _ = fmt.Fprintf(env.stderr, "%s in %s.\n", counted(count, "problem"), counted(bad, "file"))
		return errReported
	}
	if len(files) == 1 {
		env.say("1 file is fine.")
	} else {
		env.say("%d files are fine.", len(files))
	}
	return nil
}

// counted gives a count with its word, which takes an s, or ies for its y, for the plural.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, word)
}

type sequenceApplyCommand struct {
	site
	Files    []string `arg:"" help:"YAML files, or folders of them."`
	DryRun   bool     `help:"Say what would be done, and do nothing."`
	Activate bool     `help:"Activate each sequence that was created or changed."`
}

// Run applies the files. Nothing is written while a file has a problem of shape.
func (c *sequenceApplyCommand) Run(env *environment) error {
	files, err := readSequences(env, c.Files)
	if err != nil {
		return err
	}
	for _, f := range files {
		if len(f.problems) > 0 {
			return summary(env, files)
		}
	}
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	for _, f := range files {
		if err := c.apply(env, h, f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (c *sequenceApplyCommand) apply(env *environment, h *house, f sequenceFile) error {
	result, err := h.app.ApplySequence(env.ctx, access.System(), f.def, c.DryRun)
	if err != nil {
		return err
	}
	env.say("%s: %s %q", f.name, result.Change, f.def.Name)
	for _, p := range seqfile.Locate(f.text, result.Problems) {
		f.tell(env, p)
	}
	if !c.Activate || c.DryRun || (result.Change == "unchanged" && result.Sequence.Status == store.Active) {
		return nil
	}
	_, err = h.app.Activate(env.ctx, access.System(), result.Sequence.ID, result.Sequence.DraftRev, "Applied from "+filepath.Base(f.name), false)
	if err != nil && len(result.Problems) > 0 && fault.Is(err, fault.Invalid) {
		// They stand above, with their lines.
		_, _ = fmt.Fprintf(env.stderr, "%s: %q was not activated. Mend what is said above first.\n", f.name, f.def.Name)
		return errReported
	}
	if err != nil {
		return err
	}
	env.say("%s: activated %q", f.name, f.def.Name)
	return nil
}

type sequenceExportCommand struct {
	site
	Names []string `arg:"" optional:"" help:"Names of sequences; all when none is given."`
	Out   string   `short:"o" help:"Folder to write one file per sequence into; standard output without it." placeholder:"DIR"`
}

// Run writes the drafts, which for an unchanged active sequence is its active version.
func (c *sequenceExportCommand) Run(env *environment) error {
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	rows, err := h.app.ListSequences(env.ctx, access.System(), store.SequenceQuery{Sort: "name"})
	if err != nil {
		return err
	}
	found := map[string]ident.Sequence{}
	for _, row := range rows {
		found[strings.ToLower(row.Name)] = row.ID
	}
	names := c.Names
	if len(names) == 0 {
		for _, row := range rows {
			names = append(names, row.Name)
		}
	}
	if len(names) > 1 && c.Out == "" {
		return fault.New(fault.Invalid, "Several sequences do not fit into one file.").WithHint("Name a folder with --out DIR, or one sequence.")
	}
	taken := map[string]bool{}
	for _, name := range names {
		id, ok := found[strings.ToLower(name)]
		if !ok {
			return fault.New(fault.NotFound, "There is no sequence %q.", name)
		}
		view, err := h.app.GetSequence(env.ctx, access.System(), id)
		if err != nil {
			return err
		}
		if err := c.write(env, view.Draft, taken); err != nil {
			return err
		}
	}
	return nil
}

// write writes one sequence. taken holds the names of the files so far: two sequences whose names differ in signs only
// must not share one.
func (c *sequenceExportCommand) write(env *environment, def flow.Sequence, taken map[string]bool) error {
	text, err := seqfile.Format(def)
	if err != nil {
		return fmt.Errorf("write %q: %w", def.Name, err)
	}
	if c.Out == "" {
		_, err := env.stdout.Write(text)
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	name := fileName(def.Name)
	for n := 2; taken[name]; n++ {
		name = strings.TrimSuffix(fileName(def.Name), ".yaml") + fmt.Sprintf("-%d.yaml", n)
	}
	taken[name] = true
	file := filepath.Join(c.Out, name)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write %q: %w", def.Name, err)
	}
	env.say("%s", file)
	return nil
}

// fileName makes a file's name of a sequence's: letters and digits of any script, in lower case, joined by dashes.
func fileName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return strings.ContainsRune(" /\\:*?\"<>|.,;'`!#$%&()[]{}=+~^", r) || r < ' '
	})
	if len(words) == 0 {
		return "sequence.yaml"
	}
	return strings.Join(words, "-") + ".yaml"
}

// sequenceFile is one file that was read.
type sequenceFile struct {
	name     string
	text     []byte
	def      flow.Sequence
	problems []seqfile.Problem
}

// check adds what is wrong with the sequence wherever it is used.
func (f *sequenceFile) check() {
	if len(f.problems) == 0 {
		f.problems = seqfile.Locate(f.text, flow.Problems(f.def, flow.FileEnv(f.def)))
	}
}

// tell prints a problem in the form that editors jump to; one of the whole file has no line.
func (f sequenceFile) tell(env *environment, p seqfile.Problem) {
	gap := ""
	if p.Line == 0 {
		gap = " "
	}
	_, _ = fmt.Fprintf(env.stderr, "%s:%s%s\n", f.name, gap, p)
}

// readSequences reads files and the YAML files of folders; "-" is standard input.
func readSequences(env *environment, names []string) ([]sequenceFile, error) {
	var files []sequenceFile
	for _, name := range names {
		list := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			list = nil
			for _, pattern := range []string{"*.yaml", "*.yml"} {
				found, _ := filepath.Glob(filepath.Join(name, pattern)) // the pattern is well formed
				list = append(list, found...)
			}
			sort.Strings(list)
		}
		for _, file := range list {
			text, err := readBounded(env, file)
			if err != nil {
				return nil, err
			}
			f := sequenceFile{name: file, text: text}
			f.def, f.problems = seqfile.Parse(text)
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, fault.New(fault.NotFound, "There are no YAML files in %s.", strings.Join(names, ", "))
	}
	return files, nil
}
