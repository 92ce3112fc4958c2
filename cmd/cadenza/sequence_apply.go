package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/seqfile"
)

type sequenceApplyCommand struct {
	site
	Paths    []string `arg:"" help:"Files, or folders with sequences and templates; - for a sequence on standard input."`
	Yes      bool     `short:"y" help:"Do it without asking."`
	DryRun   bool     `help:"Say what would be done, and do nothing."`
	Activate bool     `help:"Activate each sequence that is not active in this form, all together, and have active ones take changed templates."`
	Note     string   `help:"Note of the versions that activation makes." placeholder:"TEXT"`
	Drafts   bool     `help:"Take sequences, too, that cannot be activated yet."`
}

func (c *sequenceApplyCommand) options() action.FolderOptions {
	return action.FolderOptions{Activate: c.Activate, Note: c.Note, Drafts: c.Drafts}
}

// Run shows what would be done, asks, and does it: all of it or nothing.
func (c *sequenceApplyCommand) Run(env *environment) error {
	folder, err := readFolder(env, c.Paths)
	if err != nil {
		return err
	}
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	o := c.options()
	o.DryRun = true
	plan, err := h.app.ApplyFolder(env.ctx, access.System(), folder, o)
	if err != nil {
		return err
	}
	if plan.Refused {
		_ = tellProblems(env, plan.Problems(c.Drafts && !c.Activate)) // it ends with what follows
		_, _ = fmt.Fprintln(env.stderr, "Nothing was changed. Mend what is said above first"+c.draftsHint(plan)+".")
		return errReported
	}
	sayFiles(env, plan)
	for _, p := range plan.Problems(false) {
		_, _ = fmt.Fprintln(env.stderr, p)
	}
	env.warn(plan.Warnings)
	if c.DryRun || !plan.Changed() {
		return nil
	}
	if err := c.ask(env); err != nil {
		return err
	}
	o.DryRun, o.Plan = false, plan.Fingerprint()
	if _, err := h.app.ApplyFolder(env.ctx, access.System(), folder, o); err != nil {
		return err
	}
	env.say("Applied.")
	return nil
}

// draftsHint names the flag that takes unfinished sequences, where nothing else is wrong.
func (c *sequenceApplyCommand) draftsHint(plan action.FolderResult) string {
	if c.Drafts || c.Activate || len(plan.Problems(true)) > 0 {
		return ""
	}
	return ", or keep the sequences as drafts with --drafts"
}

// ask has somebody agree, at a terminal.
func (c *sequenceApplyCommand) ask(env *environment) error {
	if c.Yes {
		return nil
	}
	file, ok := env.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return fault.New(fault.Invalid, "Nothing was changed, because nobody can be asked here.").
			WithHint("Add --yes to apply it, or --dry-run to see the plan only.")
	}
	_, _ = fmt.Fprint(env.stderr, "Apply? [y/N] ")
	line, err := bufio.NewReader(file).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); err != nil || answer != "y" && answer != "yes" {
		return fault.New(fault.Invalid, "Nothing was changed.")
	}
	return nil
}

// fewFiles is how many files are all named by a plan. Of more, those that change nothing are only counted: they would hide the others.
const fewFiles = 3

// sayFiles prints what is done with each file, in detail where it changes something.
func sayFiles(env *environment, plan action.FolderResult) {
	for _, c := range plan.Changes {
		if c.Change == "unchanged" && len(plan.Changes) > fewFiles && !c.Activates && len(c.Adopts) == 0 {
			continue
		}
		kind := ""
		if c.Template {
			kind = "template "
		}
		line := fmt.Sprintf("%s: %s %s%q", c.File, c.Change, kind, c.Name)
		if c.Summary != "" && len(c.Lines) == 0 {
			line += ": " + c.Summary
		}
		env.say("%s", line)
		for _, l := range c.Lines {
			env.say("    %s", l)
		}
		if c.Activates {
			env.say("    will be active in this form")
		}
		for _, key := range c.Adopts {
			env.say("    goes on with the new text of %q", key)
		}
	}
	made, changed, same := plan.Count()
	env.say("%d created, %d updated, %d unchanged.", made, changed, same)
}

type sequenceDiffCommand struct {
	site
	Paths []string `arg:"" help:"Files, or folders with sequences and templates; - for a sequence on standard input."`
}

// exitTrouble is how diff ends when it could not compare, as diff(1) does.
const exitTrouble = 2

// Run prints how the files differ from the database, as patches do. In a folder with sequences/ or templates/ what the folder lacks
// is a difference, too.
func (c *sequenceDiffCommand) Run(env *environment) error {
	different, err := c.differ(env)
	if err != nil {
		report(env.stderr, err)
		return codeError(exitTrouble)
	}
	if different {
		return errReported
	}
	return nil
}

func (c *sequenceDiffCommand) differ(env *environment) (bool, error) {
	folder, err := readFolder(env, c.Paths)
	if err != nil {
		return false, err
	}
	h, err := open(env, c.site)
	if err != nil {
		return false, err
	}
	defer func() { _ = h.db.Close() }()
	plan, err := h.app.ApplyFolder(env.ctx, access.System(), folder, action.FolderOptions{DryRun: true, Drafts: true})
	if err != nil {
		return false, err
	}
	if plan.Refused {
		return false, tellProblems(env, plan.Problems(true))
	}
	different := false
	here := map[string]bool{}
	for _, change := range plan.Changes {
		here[fmt.Sprint(change.Template, strings.ToLower(change.Name))] = true
		old := "database: " + change.Name
		if change.Before == nil {
			old = "/dev/null"
		}
		if change.Change == "unchanged" {
			continue
		}
		different = true
		if text := seqfile.Diff(old, change.Before, change.File, change.After); text != nil {
			_, _ = env.stdout.Write(text)
		}
		if change.Template && strings.Contains(change.Summary, "attachments") {
			env.say("%s: other attachments", change.File)
		}
	}
	if !folder.Whole {
		return different, nil
	}
	lacks, err := c.lacking(env, h, here)
	return different || lacks, err
}

// lacking says what is in the database and in no file of the folder.
func (c *sequenceDiffCommand) lacking(env *environment, h *house, here map[string]bool) (lacks bool, err error) {
	files, err := h.app.ExportFolder(env.ctx, access.System(), nil)
	if err != nil {
		return false, err
	}
	all := seqfile.ReadFolder(files, true)
	for _, s := range all.Sequences {
		if !here[fmt.Sprint(false, strings.ToLower(s.Def.Name))] {
			lacks = true
			env.say("Only in the database: sequence %q", s.Def.Name)
		}
	}
	for _, t := range all.Templates {
		if !here[fmt.Sprint(true, t.Key)] {
			lacks = true
			env.say("Only in the database: template %q", t.Key)
		}
	}
	return lacks, nil
}
