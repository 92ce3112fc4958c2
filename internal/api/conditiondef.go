package api

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// The components of what a condition asks.
const (
	anyStep       = "Step"
	whenName      = "When"
	conditionName = "FieldCondition"
)

// whenSchema is what a condition asks.
func whenSchema() *huma.Schema {
	var results []any
	for _, r := range step.Results() {
		results = append(results, string(r))
	}
	email := object("What the customer did with the email of an earlier step.", map[string]*huma.Schema{
		"email":   text("The id of an email or automated email step before the condition.", 60),
		"results": listOf(&huma.Schema{Type: huma.TypeString, Enum: results}, "What the customer may do."),
		"match":   {Type: huma.TypeString, Enum: []any{"any", "all"}, Default: "any", Description: "Whether one of the results is enough."},
		"within": text(fmt.Sprintf("The time limit, written as 2d4h or 90m, from %s to %s after the email was sent.",
			calendar.FormatDuration(step.ShortestLimit), calendar.FormatDuration(step.LongestLimit)), 60),
		"at_once": {Type: huma.TypeBoolean, Default: false, Description: "Whether Yes is taken as soon as it is certain, not only when the limit is over."},
	}, "email", "results", "within")
	call := object("How the call of an earlier step ended.", map[string]*huma.Schema{
		"call":     text("The id of a phone call step before the condition.", 60),
		"outcomes": listOf(text("The key of one of the organisation's outcomes of calls.", 60), "The outcomes that go Yes."),
	}, "call", "outcomes")
	meeting := object("How the record's latest meeting ended that is over.", map[string]*huma.Schema{
		"meeting":  {Type: huma.TypeString, Enum: []any{step.LatestMeeting}},
		"outcomes": listOf(text("The key of one of the organisation's outcomes of meetings.", 60), "The outcomes that go Yes."),
	}, "meeting", "outcomes")
	return &huma.Schema{OneOf: []*huma.Schema{email, call, meeting, {Ref: component(conditionName)}}, Description: "What a condition asks."}
}

// conditionSchema is a question about a record's fields.
func conditionSchema() *huma.Schema {
	inner := &huma.Schema{Ref: component(conditionName)}
	var ops []any
	for _, op := range record.AllOps() {
		ops = append(ops, string(op))
	}
	scalar := func() []*huma.Schema {
		return []*huma.Schema{{Type: huma.TypeString, MaxLength: new(flow.MaxValue)}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}}
	}
	value := &huma.Schema{Description: "What is compared with; a list for in and not_in."}
	value.OneOf = append(scalar(), listOf(&huma.Schema{OneOf: scalar()}, ""))
	return &huma.Schema{
		Description: fmt.Sprintf("A comparison of a field, or a group of them, at most %d deep.", record.MaxConditionDepth),
		OneOf: []*huma.Schema{
			object("A comparison.", map[string]*huma.Schema{
				"field": text("The key of a field of the record, or of the record that one of its lookups names: account.country.", 60),
				"op":    {Type: huma.TypeString, Enum: ops},
				"value": value,
			}, "field", "op"),
			object("All of them hold.", map[string]*huma.Schema{"all": listOf(inner, "")}, "all"),
			object("One of them holds.", map[string]*huma.Schema{"any": listOf(inner, "")}, "any"),
		},
	}
}

func listOf(each *huma.Schema, description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: each, MaxItems: new(record.MaxConditions), Description: description}
}
