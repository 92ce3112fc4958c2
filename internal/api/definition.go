package api

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// definition is a sequence's definition as it comes in. flow.FromTree checks it: its problems say what to do.
type definition map[string]any

// definitionOut is a definition as it goes out, its keys in the order in which people write them.
type definitionOut struct{ flow.Map }

// definitionName is the component of a definition in the description.
const definitionName = "SequenceDefinition"

// Schema names the component. While requests are served it takes every object; the description holds the full one, see
// describeDefinition.
func (definition) Schema(r huma.Registry) *huma.Schema { return definitionRef(r) }

// Schema names the component.
func (definitionOut) Schema(r huma.Registry) *huma.Schema { return definitionRef(r) }

func definitionRef(r huma.Registry) *huma.Schema {
	if r.Map()[definitionName] == nil {
		r.Map()[definitionName] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	}
	return &huma.Schema{Ref: component(definitionName)}
}

func component(name string) string { return "#/components/schemas/" + name }

// describeDefinition puts the full schema of definitions into the components, and gives a function that takes it out
// again.
func describeDefinition(components map[string]*huma.Schema) (undo func()) {
	loose := components[definitionName]
	full := map[string]*huma.Schema{
		definitionName: definitionSchema(), anyStep: anyStepSchema(), conditionName: conditionSchema(), whenName: whenSchema(),
	}
	for _, kind := range step.Kinds() {
		full[stepComponent(kind)] = stepSchema(kind)
	}
	for name, schema := range full {
		components[name] = schema
	}
	return func() {
		for name := range full {
			delete(components, name)
		}
		components[definitionName] = loose
	}
}

// stepComponent gives the name of a kind's component: "StepPhoneCall".
func stepComponent(kind step.Kind) string {
	name := "Step"
	for _, word := range strings.Split(kind.Type, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

func definitionSchema() *huma.Schema {
	options := map[string]*huma.Schema{
		"waits": {Type: huma.TypeString, Enum: []any{string(flow.Elapsed), string(flow.WorkingTime)}, Default: string(flow.Elapsed), Description: "How waits are counted."},
		"assignee": {
			Type: huma.TypeString, Enum: []any{string(flow.RecordOwner), string(flow.ConnectingUser)}, Default: string(flow.RecordOwner),
			Description: "Who gets the activities.",
		},
		"reentry": {
			Type: huma.TypeString, Enum: []any{string(flow.AfterFinish), string(flow.Never)}, Default: string(flow.AfterFinish),
			Description: "Whether a record may be connected again.",
		},
		"sending": {
			Type: huma.TypeString, Enum: []any{string(flow.InWindows), string(flow.InOwnWindows), string(flow.AnyTime)}, Default: string(flow.InWindows),
			Description: "When automated messages go out: in the send windows of the organisation, in the sequence's own (send_windows), or at any time.",
		},
		"send_windows": {Type: huma.TypeArray, MaxItems: new(7), Description: "The sequence's own windows, by the customer's clock, with sending own_windows only: at most one each day, and nothing goes on a day without.", Items: object("A window.", map[string]*huma.Schema{
			"day":  {Type: huma.TypeString, Enum: weekdays()},
			"from": {Type: huma.TypeString, Description: "As 09:00."},
			"to":   {Type: huma.TypeString, Description: "As 11:00; 24:00 or 00:00 is the end of the day."},
		}, "day", "from", "to")},
	}
	addExits(options)
	return object("A sequence as files, the API and the designer write it.", map[string]*huma.Schema{
		"name":        text("", flow.MaxName),
		"record":      {Type: huma.TypeString, Enum: kindNames(), Default: "lead", Description: "The kind of records that it is for."},
		"description": text("", flow.MaxDescription),
		"options":     object("How the sequence runs.", options),
		"steps":       {Type: huma.TypeArray, MaxItems: new(flow.MaxSteps), Items: &huma.Schema{Ref: component(anyStep)}},
	}, "name")
}

func weekdays() (names []any) {
	for _, day := range flow.WindowDays() {
		names = append(names, flow.DayKey(day))
	}
	return names
}

// addExits adds what ends the sequence for a record.
func addExits(options map[string]*huma.Schema) {
	for _, o := range []struct {
		key, text string
		usual     bool
	}{
		{"exit_on_reply", "Whether a reply of the customer ends it. Needs a step that sends an email or text message, or other_replies.", false},
		{"colleague_replies", "Whether the reply of somebody else of the customer's counts, too.", true},
		{"other_replies", "Whether the reply to a message that the record got from another sequence or by hand counts, too.", false},
		{"answer_replies", "Whether the seller who owns the answered email gets an activity to answer the reply.", true},
		{"exit_on_bounce", "Whether an email that comes back for good ends it.", true},
		{"exit_on_opt_out", "Whether an opt-out ends it, or a suppression of the address or number.", true},
		{"exit_on_meeting", "Whether a booked meeting ends it.", true},
	} {
		options[o.key] = &huma.Schema{Type: huma.TypeBoolean, Default: o.usual, Description: o.text}
	}
	options["exit_when"] = &huma.Schema{Ref: component(conditionName)}
}

// anyStepSchema is a step of any kind.
func anyStepSchema() *huma.Schema {
	kinds := &huma.Schema{Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}}}
	for _, kind := range step.Kinds() {
		kinds.OneOf = append(kinds.OneOf, &huma.Schema{Ref: component(stepComponent(kind))})
		kinds.Discriminator.Mapping[kind.Type] = component(stepComponent(kind))
	}
	return kinds
}

func stepSchema(kind step.Kind) *huma.Schema {
	properties := map[string]*huma.Schema{
		"id": {Type: huma.TypeString, Pattern: "^[a-z0-9_-]+$", MaxLength: new(60), Description: "Unique in the sequence."},
		// A constant, as an enum of one.
		"type":        {Type: huma.TypeString, Enum: []any{kind.Type}},
		"name":        text("What sellers see.", flow.MaxStepName),
		"description": text("What sellers read before they act.", flow.MaxStepDescription),
	}
	required := []string{"id", "type"}
	for _, field := range kind.Fields {
		properties[field.Key] = fieldSchema(field)
		if field.Required {
			required = append(required, field.Key)
		}
	}
	if kind.Branches {
		lane := func(side string) *huma.Schema {
			return &huma.Schema{Type: huma.TypeArray, MaxItems: new(flow.MaxSteps), Items: &huma.Schema{Ref: component(anyStep)}, Description: "The " + side + " lane."}
		}
		properties["when"] = &huma.Schema{Ref: component(whenName)}
		properties["yes"], properties["no"] = lane("Yes"), lane("No")
	}
	return object(kind.Label+": "+kind.Help, properties, required...)
}

// durationPattern is how durations are written; see calendar.ParseDuration.
const durationPattern = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?$"

func fieldSchema(field step.Field) *huma.Schema {
	s := text(field.Label+". "+field.Hint, flow.MaxName)
	switch field.Type {
	case step.DurationField:
		s.Description += fmt.Sprintf(" Written as 2d4h or 90m, from %s to %s.", calendar.FormatDuration(field.Min), calendar.FormatDuration(field.Max))
		s.Pattern = durationPattern
	case step.TemplateField:
		s.Description += " The key of a template of emails."
	case step.TextTemplateField:
		s.Description += " The key of a template of text messages."
	case step.SequenceField:
		s.Description += " The name of a sequence."
	case step.RecordField:
		s.Description += " The key of a field."
	case step.PercentField:
		low, high := float64(field.Low), float64(field.High)
		return &huma.Schema{Type: huma.TypeInteger, Minimum: &low, Maximum: &high, Description: s.Description}
	case step.ChoiceField:
		s.MaxLength = nil
		for _, o := range field.Options {
			s.Enum = append(s.Enum, o.Value)
		}
	case step.TruthField:
		return &huma.Schema{Type: huma.TypeBoolean, Default: false, Description: s.Description}
	case step.MomentField:
		s.Description += " Written as 2026-12-24T09:00."
	case step.ValueField:
		s.MaxLength = new(flow.MaxValue)
	}
	return s
}

func text(description string, limit int) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, MaxLength: &limit, Description: description}
}

func object(description string, properties map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: description, Properties: properties, Required: required, AdditionalProperties: false}
}

// kindNames lists the kinds of records for an enum.
func kindNames() []any {
	var names []any
	for _, kind := range record.Kinds() {
		names = append(names, string(kind))
	}
	return names
}
