package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// moveFlags say where the records on older versions go.
type moveFlags struct {
	Map       []string `help:"Move the records of a step: FROM=TO, or 2:FROM=TO for those of version 2 alone." placeholder:"[N:]FROM=TO"`
	Finish    []string `help:"Finish the records of a step." placeholder:"[N:]STEP"`
	Suggested bool     `help:"Move all others whose step, or one after it, is still there."`
	Reason    string   `help:"Why, for the history of each record."`
	DryRun    bool     `help:"Change nothing; say who would go where and what would happen then."`
}

// given tells whether anybody is to be moved.
func (f moveFlags) given() bool { return len(f.Map)+len(f.Finish) > 0 || f.Suggested }

// input makes the mapping of the steps on which records stand.
func (f moveFlags) input(s action.Standing) (action.MoveInput, error) {
	in := action.MoveInput{Mapping: flow.Mapping{}, Reason: f.Reason}
	if f.Suggested {
		for _, r := range s.Rows {
			if r.GoesOn {
				in.Mapping[r.At()] = flow.Destination{Kind: flow.To, Step: r.Onward}
			}
		}
	}
	for _, text := range f.Map {
		from, to, ok := strings.Cut(text, "=")
		if !ok {
			return in, fault.Field("map", "invalid", "Give FROM=TO, such as --map call=intro.")
		}
		if err := name(in.Mapping, s, "map", from, flow.Destination{Kind: flow.To, Step: to}); err != nil {
			return in, err
		}
	}
	for _, from := range f.Finish {
		if err := name(in.Mapping, s, "finish", from, flow.Destination{Kind: flow.Finish}); err != nil {
			return in, err
		}
	}
	return in, nil
}

// name puts a step into a mapping: of one version, or of all on which records stand there.
func name(m flow.Mapping, s action.Standing, flag, text string, to flow.Destination) error {
	version, step, one := strings.Cut(text, ":")
	if !one {
		version, step = "", text
	}
	found := false
	for _, r := range s.Rows {
		if r.Step == step && (!one || strconv.Itoa(r.Number) == version) {
			m[r.At()], found = to, true
		}
	}
	if !found {
		return fault.Field(flag, "nobody", "No records stand on "+strconv.Quote(text)+". See cadenza sequence standing.")
	}
	return nil
}

type sequenceStandingCommand struct {
	site
	output
	Name string `arg:"" help:"Name of the sequence."`
}

// Run shows where the records on older versions stand.
func (c *sequenceStandingCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		list, err := h.app.StandOf(env.ctx, access.System(), s.ID)
		if err != nil {
			return err
		}
		return c.show(env, api.Standing(list), func() {
			env.say("%s on versions older than %s", counted(list.Count(), "record"), versionWords(list))
			for _, r := range list.Rows {
				onward := "stays"
				if r.GoesOn {
					onward = "would go to " + quote(r.Onward)
				}
				env.say("  %d:%s  %s, %d, %s", r.Number, r.Step, r.Name, r.Count, onward)
			}
		})
	})
}

func quote(step string) string {
	if step == "" {
		return "the beginning"
	}
	return step
}

func versionWords(s action.Standing) string {
	if s.Draft {
		return "the draft, which becomes version " + strconv.Itoa(s.Number)
	}
	return "version " + strconv.Itoa(s.Number)
}

type sequenceMoveCommand struct {
	site
	output
	moveFlags
	Name string `arg:"" help:"Name of the sequence."`
	Yes  bool   `help:"Move them without a dry run before."`
}

// Run moves the records on older versions to the active one, and waits until that is over. A running server helps.
func (c *sequenceMoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		list, err := h.app.StandOf(env.ctx, access.System(), s.ID)
		if err != nil {
			return err
		}
		in, err := c.input(list)
		if err != nil {
			return err
		}
		if c.DryRun || !c.Yes {
			advice := "give --yes to move them"
			if list.Draft {
				advice = "cadenza sequence activate with the same flags makes that version and moves them"
			}
			return previewMove(env, h, c.output, s.ID, in, advice)
		}
		run, err := h.app.StartMove(env.ctx, access.System(), s.ID, in)
		if err != nil {
			return err
		}
		return follow(env, h, c.output, run.ID)
	})
}

// previewMove prints what would happen to the first records, and how it would.
func previewMove(env *environment, h *house, out output, id ident.Sequence, in action.MoveInput, advice string) error {
	const rows = 20
	p, err := h.app.PreviewMove(env.ctx, access.System(), id, in, "", rows)
	if err != nil {
		return err
	}
	return out.show(env, api.MovePreview(p, in), func() {
		env.say("%s would be moved to version %d", counted(p.Total, "record"), p.Number)
		for _, r := range p.Rows {
			env.say("  %s: %s to %s. %s", r.RecordName, r.StepName, r.ToName, strings.TrimSpace(r.Blocked+r.Cancels+" "+r.Then))
		}
		if p.Next != "" {
			env.say("  … and %d more", p.Total-len(p.Rows))
		}
		env.say("Nothing was changed; %s", advice)
	})
}

// follow carries a move out, beside a server that may do the same, until it is over.
func follow(env *environment, h *house, out output, id ident.MoveRun) error {
	for {
		if err := h.app.RunMoves(env.ctx); err != nil {
			return err
		}
		run, err := h.app.GetMove(env.ctx, access.System(), id)
		if err != nil {
			return err
		}
		if run.Over() {
			return out.show(env, api.Move(run), func() { env.say("%s", moveWords(run)) })
		}
		if !out.JSON {
			env.say("%d of %s looked at", run.Looked, counted(run.Total, "record"))
		}
		select { // held ones are looked at again in a few seconds, and another node may have it in hand
		case <-env.ctx.Done():
			return env.ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func moveWords(r store.MoveRun) string {
	words := "Moved to version " + strconv.Itoa(r.Number) + ": " + strconv.Itoa(r.Moved)
	if r.Finished > 0 {
		words += ", finished " + strconv.Itoa(r.Finished)
	}
	if r.Held > 0 {
		words += ", left because their email is being sent " + strconv.Itoa(r.Held)
	}
	if r.State == store.MoveUndone {
		words += "; put back " + strconv.Itoa(r.Undone) + ", could not be put back " + strconv.Itoa(r.Kept)
	}
	return words
}

type sequenceMovesCommand struct {
	site
	output
	Name string `arg:"" help:"Name of the sequence."`
	Undo bool   `help:"Put back what the last move did, within one hour of its end."`
}

// Run lists the moves of a sequence, or undoes the last one.
func (c *sequenceMovesCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		page, err := h.app.ListMoves(env.ctx, access.System(), s.ID, "", 0)
		if err != nil {
			return err
		}
		if !c.Undo {
			return c.show(env, shapes(page.Rows, api.Move), func() {
				for _, r := range page.Rows {
					env.say("%s  %s, %s. %s", r.ID, r.CreatedAt.Format(time.DateTime), r.State, moveWords(r))
				}
			})
		}
		i := slices.IndexFunc(page.Rows, func(r store.MoveRun) bool { return r.State != store.MoveUndone })
		if i < 0 {
			return fault.New(fault.Conflict, "There is no move to undo.")
		}
		run, err := h.app.UndoMove(env.ctx, access.System(), page.Rows[i].ID)
		if err != nil {
			return err
		}
		return follow(env, h, c.output, run.ID)
	})
}

type sequenceActivateCommand struct {
	site
	output
	moveFlags
	Name string `arg:"" help:"Name of the sequence."`
	Note string `help:"What is new in this version."`
}

// Run activates the draft, and moves records to it.
func (c *sequenceActivateCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := findSequence(env, h, access.System(), c.Name)
		if err != nil {
			return err
		}
		in := action.ActivateInput{Rev: s.DraftRev, Note: c.Note}
		if c.given() || c.DryRun {
			list, err := h.app.StandOf(env.ctx, access.System(), s.ID)
			if err != nil {
				return err
			}
			move, err := c.input(list)
			if err != nil {
				return err
			}
			if c.DryRun {
				return previewMove(env, h, c.output, s.ID, move, "without --dry-run the version is made and they are moved")
			}
			in.Move = &move
		}
		view, err := h.app.Activate(env.ctx, access.System(), s.ID, in)
		if err != nil {
			return err
		}
		if !c.JSON {
			env.say("%q is active with version %d", view.Name, view.VersionNumber)
		}
		env.warn(view.Warnings)
		if in.Move == nil {
			return c.show(env, map[string]int{"version": view.VersionNumber}, func() {})
		}
		page, err := h.app.ListMoves(env.ctx, access.System(), s.ID, "", 1)
		if err != nil {
			return err
		}
		return follow(env, h, c.output, page.Rows[0].ID)
	})
}
