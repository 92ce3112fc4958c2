package api

import (
	"context"
	"strconv"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// versionRow is one frozen version.
type versionRow struct {
	Number    int       `json:"number"`
	Note      string    `json:"note,omitempty"`
	Steps     int       `json:"steps" doc:"How many it has."`
	Changed   string    `json:"changed,omitempty" doc:"What its activation changed, in one line; empty for the first one. GET /sequences/{id}/versions/{number}/diff tells all of it."`
	Connected int       `json:"connected" doc:"How many records are on this version now."`
	CreatedBy *ref      `json:"created_by,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

func versionOf(v action.VersionEntry) versionRow {
	return versionRow{
		Number: v.Number, Note: v.Note, Steps: v.Steps, Changed: v.Changed.Summary(), Connected: v.Connected,
		CreatedBy: refTo(v.CreatedBy, v.CreatedByName), CreatedAt: v.CreatedAt.UTC(),
	}
}

type versionShape struct {
	Number     int           `json:"number"`
	Definition definitionOut `json:"definition"`
	Templates  []pinShape    `json:"templates" doc:"The versions of templates that its emails are made of."`
}

type pinShape struct {
	Template string `json:"template" doc:"Its key."`
	Version  int    `json:"version"`
}

func pinOf(p store.TemplatePin) pinShape { return pinShape{Template: p.Key, Version: p.Number} }

// draftName stands for the draft where a version is named.
const draftName = "draft"

// differenceShape is what differs between two definitions of a sequence.
type differenceShape struct {
	From    string        `json:"from" doc:"The number of a version, or draft."`
	To      string        `json:"to" doc:"The number of a version, or draft."`
	Summary string        `json:"summary" doc:"The difference in one line; empty where there is none."`
	Changes []changeShape `json:"changes" doc:"The options first, then the steps in their order. A step has one change at most."`
	Texts   []textShape   `json:"texts" doc:"Templates that both sides use, in another text."`
}

type changeShape struct {
	Kind   string         `json:"kind" enum:"options,added,removed,moved,changed"`
	Step   string         `json:"step,omitempty" doc:"Its id; none for the options."`
	Type   string         `json:"type,omitempty" doc:"The type of the step."`
	Title  string         `json:"title" doc:"The step by its name, or by what it does."`
	Moved  bool           `json:"moved" doc:"Whether the step came to another place; one beside which steps came or went did not."`
	Where  string         `json:"where,omitempty" doc:"Where a step that was added or moved stands, or where a removed one stood."`
	Fields []changedField `json:"fields"`
}

type changedField struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	From  string `json:"from" doc:"As people read it; empty for nothing."`
	To    string `json:"to" doc:"As people read it; empty for nothing."`
}

type textShape struct {
	Template *ref `json:"template"`
	From     int  `json:"from" doc:"A version of the template."`
	To       int  `json:"to" doc:"A version of the template."`
}

func differenceOf(d action.Difference) differenceShape {
	return differenceShape{
		From: numberOrDraft(d.From), To: numberOrDraft(d.To), Summary: d.Summary(),
		Changes: each(d.Changes, func(c flow.Change) changeShape { return changeOf(d.Telling, c) }),
		Texts: each(d.Texts, func(t action.TextChange) textShape {
			return textShape{Template: refTo(t.Template, t.Name), From: t.From, To: t.To}
		}),
	}
}

func changeOf(tell flow.Telling, c flow.Change) changeShape {
	shape := changeShape{
		Kind: string(c.Kind), Step: c.Step, Type: c.After.Type, Title: tell.Title(c), Moved: c.Moved,
		Fields: each(tell.Fields(c), func(f flow.ToldField) changedField { return changedField(f) }),
	}
	if c.Kind == flow.StepRemoved {
		shape.Type = c.Before.Type
	}
	if c.Kind == flow.StepAdded || c.Kind == flow.StepRemoved || c.Moved {
		shape.Where = tell.Where(c)
	}
	return shape
}

func numberOrDraft(number int) string {
	if number == action.DraftNumber {
		return draftName
	}
	return strconv.Itoa(number)
}

// readNumber reads the number of a version, or draft.
func readNumber(parameter, text string) (int, error) {
	if text == draftName {
		return action.DraftNumber, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fault.Field(parameter, "invalid", "Give the number of a version, or draft.")
	}
	return n, nil
}

type versionPath struct {
	One[ident.Sequence]
	Number int `path:"number" minimum:"1"`
}

type diffRequest struct {
	ID     id[ident.Sequence] `path:"id"`
	Number int                `path:"number" minimum:"1"`
	To     string             `query:"to" default:"draft" doc:"What it is compared with: the number of another version, or draft."`
}

func (d *door) versions() {
	handle(d, get("/sequences/{id}/versions", "list-versions", "List the versions of a sequence, newest first, each with what it changed"), func(ctx context.Context, actor access.Actor, in *One[ident.Sequence]) (page[versionRow], error) {
		history, err := d.app.VersionHistory(ctx, actor, in.ID.Key, 0, 0)
		return list(history.Entries, versionOf), err
	})
	handle(d, get("/sequences/{id}/versions/{number}", "get-version", "Get the definition of one version"), func(ctx context.Context, actor access.Actor, in *versionPath) (versionShape, error) {
		def, err := d.app.GetVersion(ctx, actor, in.ID.Key, in.Number)
		if err != nil {
			return versionShape{}, err
		}
		pins, err := d.app.PinnedTemplates(ctx, actor, in.ID.Key, in.Number)
		return versionShape{Number: in.Number, Definition: definitionOut{flow.Tree(def)}, Templates: each(pins, pinOf)}, err
	})
	handle(d, get("/sequences/{id}/versions/{number}/diff", "diff-versions", "Say what differs between a version and another one, or the draft"), func(ctx context.Context, actor access.Actor, in *diffRequest) (differenceShape, error) {
		to, err := readNumber("to", in.To)
		if err != nil {
			return differenceShape{}, err
		}
		diff, err := d.app.Differ(ctx, actor, in.ID.Key, in.Number, to)
		return differenceOf(diff), err
	})
}
