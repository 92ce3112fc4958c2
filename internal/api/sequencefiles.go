package api

import (
	"context"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/seqfile"
)

// file is a whole definition as it was sent, or what is wrong with its shape.
type file struct {
	def      flow.Sequence
	problems []detail
	// yaml is the text of a YAML file, nil for JSON.
	yaml []byte
}

// checked is what would keep a definition from being activated.
type checked struct {
	Problems []detail `json:"problems" doc:"Pointers lead into the definition; YAML has lines and columns too."`
}

// applied says what became of a definition.
type applied struct {
	Change   string         `json:"change" enum:"created,updated,unchanged"`
	Sequence *sequenceShape `json:"sequence,omitempty" doc:"Absent when a dry run would create it."`
	Problems []detail       `json:"problems" doc:"What would keep it from being activated."`
}

// appliedReply answers 201 for a new sequence.
type appliedReply struct {
	Status int
	Body   applied
}

type applyQuery struct {
	DryRun bool `query:"dry_run" doc:"Change nothing, answer the same."`
}

func (d *door) sequenceFiles() {
	handle(d, with(post("/sequences/check", "check-sequence", "List what would keep a definition from being activated"),
		"The body is a whole definition. Nothing is saved."), d.checkSequence)
	op := with(put("/sequences/apply", "apply-sequence", "Bring the sequence of this name to a whole definition"),
		"It is created, or its draft is changed, or nothing is to do. It is never activated by this.")
	huma.Register(d.api, op, func(ctx context.Context, in *applyQuery) (*appliedReply, error) {
		c := callOf(ctx)
		out, err := d.applySequence(ctx, c, in.DryRun)
		if err != nil {
			return nil, c.problem(ctx, err)
		}
		status := http.StatusOK
		if out.Change == "created" && !in.DryRun {
			status = http.StatusCreated
		}
		return &appliedReply{Status: status, Body: out}, nil
	})
	d.describeFile("/sequences/check", "/sequences/apply")
	d.sequenceFolder()
}

func (d *door) checkSequence(ctx context.Context, actor access.Actor, _ *none) (checked, error) {
	f, err := callOf(ctx).readFile()
	if err != nil {
		return checked{}, err
	}
	if len(f.problems) > 0 {
		return checked{Problems: f.problems}, nil
	}
	problems, err := d.app.CheckDraft(ctx, actor, f.def)
	return checked{Problems: f.places(problems)}, err
}

func (d *door) applySequence(ctx context.Context, c *call, dryRun bool) (applied, error) {
	f, err := c.readFile()
	if err != nil {
		return applied{}, err
	}
	if len(f.problems) > 0 {
		p := newProblem(fault.Invalid, "The definition cannot be read.", "Mend what errors lists, and send it again.")
		p.Errors = f.problems
		return applied{}, p
	}
	result, err := d.app.ApplySequence(ctx, c.actor, f.def, dryRun)
	if err != nil {
		return applied{}, f.refuse(ctx, c, err)
	}
	out := applied{Change: result.Change, Problems: f.places(result.Problems)}
	if result.Sequence.ID != 0 {
		view, err := d.app.GetSequence(ctx, c.actor, result.Sequence.ID)
		if err != nil {
			return applied{}, err
		}
		out.Sequence = new(sequenceOf(view))
	}
	return out, nil
}

// readFile reads the body by its type.
func (c *call) readFile() (file, error) {
	if len(c.raw) == 0 {
		return file{}, fault.New(fault.Malformed, "The request has no body.").WithHint("Send a definition as JSON or YAML.")
	}
	kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	switch kind {
	case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml":
		f := file{yaml: c.raw}
		var problems []seqfile.Problem
		f.def, problems = seqfile.Parse(c.raw)
		f.problems = each(problems, placed)
		return f, nil
	case jsonType, "":
		var tree any
		if err := readJSON(c.raw, &tree); err != nil {
			return file{}, refusal(http.StatusBadRequest, "", []error{&huma.ErrorDetail{Location: "body", Message: err.Error()}})
		}
		object, ok := tree.(map[string]any)
		if !ok {
			return file{}, fault.Of(fault.Problem{Code: "type", Message: "A definition is an object with name, record and steps."})
		}
		def, problems := flow.FromTree(object)
		return file{def: def, problems: each(problems, draftProblem)}, nil
	}
	return file{}, newProblem(unsupportedType, "The body's type is not read here.", "Send Content-Type: application/json or application/yaml.")
}

// places gives problems their outward form, with line and column in YAML.
func (f file) places(problems []fault.Problem) []detail {
	if f.yaml == nil {
		return each(problems, draftProblem)
	}
	return each(seqfile.Locate(f.yaml, problems), placed)
}

func placed(p seqfile.Problem) detail {
	out := draftProblem(p.Problem)
	out.File, out.Line, out.Column = p.File, p.Line, p.Column
	return out
}

// refuse is the answer to a file that cannot be taken.
func (f file) refuse(ctx context.Context, c *call, err error) error {
	p := c.problem(ctx, err)
	if problems := fault.ProblemsOf(err); len(problems) > 0 {
		p.Errors = f.places(problems)
	}
	return p
}
