package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	counts "cadenza/internal/report"
	"cadenza/internal/step"
)

type sequenceFiguresCommand struct {
	site
	output
	Name    string `arg:"" help:"Name of the sequence."`
	Version int    `help:"Number of one version; without it all of them together." placeholder:"N"`
}

// Run prints the figures of the sequence's steps.
func (c *sequenceFiguresCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		f, err := h.app.Figures(env.ctx, access.System(), s.ID, c.Version)
		if err != nil {
			return err
		}
		return c.show(env, api.SequenceFigures(f), func() { sayFigures(env, s.Name, f) })
	})
}

func sayFigures(env *environment, name string, f action.SequenceFigures) {
	of := "all versions"
	if f.Number > 0 {
		of = fmt.Sprintf("version %d", f.Number)
	}
	env.say("%s, %s: %d connected, %d on a step now, %d ended%s", name, of, f.Connected, f.Here, f.Finished(), countsText(f.Exits, exitText))
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "step\tentered\there now\tended by itself\tthe record ended here\ton average")
	row := func(id string) {
		s := f.Steps[id]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d%s\t%d%s\t%s\n", id, s.Entered, s.Here, s.Done(), countsText(s.Ended, plainText), s.Gone(), countsText(s.Exits, exitText),
			s.Average().Round(time.Second))
	}
	for _, st := range f.Def.Each() {
		row(st.ID)
	}
	for _, id := range f.Gone {
		row(id)
	}
	_ = table.Flush()
}

// countsText lists counts by their words, the largest first: " (3 completed, 1 skipped)".
func countsText(of map[string]int64, word func(string) string) string {
	var parts []string
	for _, k := range counts.Largest(of) {
		parts = append(parts, fmt.Sprintf("%d %s", of[k], word(k)))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func plainText(key string) string { return strings.ReplaceAll(key, "_", " ") }

func exitText(key string) string { return strings.ToLower(step.Exit(key).Describe()) }
