package main

import (
	"fmt"
	"os"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

type sequenceCommand struct {
	Validate sequenceValidateCommand `cmd:"" help:"Check files; with --db also the names in them."`
	Apply    sequenceApplyCommand    `cmd:"" help:"Create or update sequences and templates from files, by name, after a look at what would be done."`
	Diff     sequenceDiffCommand     `cmd:"" help:"Print what apply would change. Ends with 0 when nothing, with 1 when something differs."`
	Export   sequenceExportCommand   `cmd:"" help:"Write sequences as YAML, with their templates beside them."`
	Schema   sequenceSchemaCommand   `cmd:"" help:"Print the JSON Schema of sequences, for editors."`
	Figures  sequenceFiguresCommand  `cmd:"" help:"Say what became of the records on a sequence, step by step."`
	Versions sequenceVersionsCommand `cmd:"" help:"List the versions of a sequence and what each changed, or compare two of them."`
	Connect  sequenceConnectCommand  `cmd:"" help:"Put records on an active sequence, and say whom it cannot write to."`
	Activate sequenceActivateCommand `cmd:"" help:"Make a version of the draft, and move records on older versions to it."`
	Standing sequenceStandingCommand `cmd:"" help:"Say where the records on older versions stand."`
	Move     sequenceMoveCommand     `cmd:"" help:"Move the records on older versions to the active one."`
	Moves    sequenceMovesCommand    `cmd:"" help:"List the moves of a sequence, or undo the last one."`
	sequenceKeeping
}

type sequenceSchemaCommand struct{}

// Run prints the schema, which a server also serves at api.SchemaPath.
func (c *sequenceSchemaCommand) Run(env *environment) error {
	text, err := api.SequenceSchema()
	if err != nil {
		return err
	}
	_, err = env.stdout.Write(text)
	return err
}

type sequenceValidateCommand struct {
	Paths []string `arg:"" help:"Files, or folders with sequences and templates."`
	DB    string   `name:"db" help:"Database to look up templates, other sequences and own outcomes in that no file holds." placeholder:"ADDRESS"`
	Part  bool     `help:"Take what the sequences name and no file holds to be there, also for folders with sequences/ or templates/."`
}

// Run prints every problem as FILE:LINE:COLUMN: what is wrong, and what to do.
func (c *sequenceValidateCommand) Run(env *environment) error {
	folder, err := readFolder(env, c.Paths)
	if err != nil {
		return err
	}
	folder.Whole = folder.Whole && !c.Part
	if c.DB == "" {
		return summary(env, folder, action.CheckFolder(folder))
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
	result, err := app.ApplyFolder(env.ctx, access.System(), folder, action.FolderOptions{DryRun: true})
	if err != nil {
		return err
	}
	return summary(env, folder, result.Problems(false))
}

// summary prints problems, or that there are none.
func summary(env *environment, folder seqfile.Folder, problems []seqfile.Problem) error {
	if len(problems) > 0 {
		return tellProblems(env, problems)
	}
	if folder.Count() == 1 {
		env.say("1 file is fine.")
	} else {
		env.say("%d files are fine.", folder.Count())
	}
	return nil
}

// tellProblems prints problems in the form that editors jump to, and ends the command.
func tellProblems(env *environment, problems []seqfile.Problem) error {
	bad := map[string]bool{}
	for _, p := range problems {
		_, _ = fmt.Fprintln(env.stderr, p)
		bad[p.File] = true
	}
	_, _ = fmt.Fprintf(env.stderr, "%s in %s.\n", counted(len(problems), "problem"), counted(len(bad), "file"))
	return errReported
}

// counted gives a count with its word, which takes an s, or ies for a y after a consonant, for the plural.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "y"); ok && !strings.ContainsRune("aeiou", rune(stem[len(stem)-1])) {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
