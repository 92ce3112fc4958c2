package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/record"
)

type importCommand struct {
	site
	File   string   `arg:"" help:"CSV file; - for standard input."`
	Kind   string   `help:"Kind of record: lead, opportunity, contact or account." enum:"lead,opportunity,contact,account" default:"lead"`
	Owner  string   `help:"Email address of the user who imports (required); records whose row names no owner become theirs." required:"" placeholder:"EMAIL"`
	Map    []string `help:"Field for each column in order, for instance first_name,last_name,email; - leaves a column out. Guessed without it." sep:","`
	DryRun bool     `help:"Say what would be done, and change nothing."`
}

// Run imports the file and prints each refused row.
func (c *importCommand) Run(env *environment) error {
	file, size, err := c.open(env)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	h, err := open(env, c.site)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	owner, err := findUser(env, h, c.Owner)
	if err != nil {
		return err
	}
	settings := action.ImportSettings{Mapping: c.mapping()}
	bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(env.stderr), progressbar.OptionSetDescription("importing"),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(size > 1<<20))
	result, err := h.app.ImportNow(env.ctx, actorOf(owner), record.Kind(c.Kind), file, settings, c.DryRun, func(p importer.Progress) {
		_ = bar.Set64(p.Bytes)
	})
	_ = bar.Finish()
	if err != nil {
		return err
	}
	return c.report(env, result)
}

func (c *importCommand) report(env *environment, result importer.Result) error {
	would := ""
	if c.DryRun {
		would = " (dry run, nothing was changed)"
	}
	env.say("%d created, %d updated, %d unchanged, %d refused%s", result.Created, result.Updated, result.Unchanged, result.Refused, would)
	for _, r := range result.Refusals {
		_, _ = fmt.Fprintf(env.stderr, "%s:%d: %s\n", c.File, r.Line, r.Text)
	}
	if result.Refused > 0 {
		return errReported
	}
	return nil
}

// mapping gives the fields of the columns; nil asks for the guess.
func (c *importCommand) mapping() []string {
	var fields []string
	for _, f := range c.Map {
		if f == "-" {
			f = ""
		}
		fields = append(fields, f)
	}
	return fields
}

func (c *importCommand) open(env *environment) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(env.stdin), -1, nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, 0, unreadable(c.File, err)
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return nil, 0, errors.Join(unreadable(c.File, err), file.Close())
	}
	return file, info.Size(), nil
}

func unreadable(name string, err error) error {
	return fault.New(fault.NotFound, "The file %s cannot be read.", name).WithHint("Check its name, and that this user may read it.").WithInner(err)
}
