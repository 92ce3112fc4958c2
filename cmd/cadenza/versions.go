package main

import (
	"strconv"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/store"
)

// draftWord stands for the draft where a version is named.
const draftWord = "draft"

type sequenceVersionsCommand struct {
	site
	output
	Name string `arg:"" help:"Name of the sequence."`
	Diff string `help:"Say what differs between two versions, or a version and the draft: 2..3, 2..draft." placeholder:"FROM..TO"`
}

// Run lists the versions, or compares two.
func (c *sequenceVersionsCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		if c.Diff != "" {
			return c.compare(env, h, s)
		}
		history, err := h.app.VersionHistory(env.ctx, access.System(), s.ID, 0, 0)
		if err != nil {
			return err
		}
		return c.show(env, shapes(history.Entries, api.Version), func() { tellVersions(env, history) })
	})
}

func tellVersions(env *environment, history action.VersionHistory) {
	if len(history.Entries) == 0 {
		env.say("It was never activated, so it has no version.")
	}
	if !history.Draft.Empty() {
		env.say("draft      not activated")
		env.say("           %s", history.Draft.Summary())
	}
	for _, v := range history.Entries {
		by := v.CreatedByName
		if by == "" {
			by = "the server"
		}
		env.say("version %-2d %s by %s, %s, %s", v.Number, v.CreatedAt.Format("2006-01-02 15:04"), by, counted(v.Steps, "step"), counted(v.Connected, "record"))
		if v.Note != "" {
			env.say("           “%s”", v.Note)
		}
		if said := v.Changed.Summary(); said != "" {
			env.say("           %s", said)
		}
	}
}

func (c *sequenceVersionsCommand) compare(env *environment, h *house, s store.Sequence) error {
	left, right, _ := strings.Cut(c.Diff, "..")
	from, okFrom := versionNumber(left)
	to, okTo := versionNumber(right)
	if !okFrom || !okTo {
		return fault.Field("--diff", "invalid", "Give two versions as 2..3, or a version and the draft as 2..draft.")
	}
	diff, err := h.app.Differ(env.ctx, access.System(), s.ID, from, to)
	if err != nil {
		return err
	}
	return c.show(env, api.Difference(diff), func() { tellDifference(env, diff) })
}

func versionNumber(text string) (int, bool) {
	if text == draftWord {
		return action.DraftNumber, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

// tellDifference prints every change, the first line of each with the sign of what became of the step.
func tellDifference(env *environment, d action.Difference) {
	if d.Empty() {
		env.say("Nothing differs.")
		return
	}
	for _, c := range d.Changes {
		title := d.Title(c)
		if c.Kind != flow.OptionsChanged && title != d.Type(c) {
			title += " (" + strings.ToLower(d.Type(c)) + ")"
		}
		switch {
		case c.Kind == flow.StepAdded:
			env.say("+ %s, added %s", title, d.Where(c))
		case c.Kind == flow.StepRemoved:
			env.say("- %s, removed, stood %s", title, d.Where(c))
		case c.Moved:
			env.say("> %s, moved %s", title, d.Where(c))
		default:
			env.say("~ %s", title)
		}
		for _, f := range d.Fields(c) {
			env.say("    %s: %s -> %s", f.Label, orNothing(f.From), orNothing(f.To))
		}
	}
	for _, t := range d.Texts {
		env.say("~ Text of %s: version %d -> version %d", t.Name, t.From, t.To)
	}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return strings.Join(strings.Fields(text), " ")
}
