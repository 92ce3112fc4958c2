package web

import (
	"strconv"
	"strings"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// data is what the designer's script starts from: the definition, what steps may choose from, and the words for both.
func (d designer) data() map[string]any {
	seq := d.Seq
	templates := []map[string]string{}
	for _, t := range d.Templates {
		templates = append(templates, map[string]string{"key": t.Key, "name": t.Name, "href": templatePath(t.ID)})
	}
	return map[string]any{
		"id": seq.ID.String(), "path": sequencePath(seq.ID), "rev": seq.DraftRev, "mayEdit": seq.MayEdit,
		"inForce": inForce(seq), "start": startLabel(seq.Draft), "ends": map[string]string{"sequence": sequenceEnd, "advance": advanceEnd},
		"exits":    exitData(seq.Draft.Options.Exits),
		"maxSteps": flow.MaxSteps, "sequence": flow.Tree(seq.Draft),
		"problems": problemList(seq.Problems), "kinds": kindData(), "templates": templates,
		"record": lower(seq.RecordKind.Label()), "fields": fieldData(seq.RecordKind), "ops": opData(), "maxDepth": record.MaxConditionDepth,
		"results": resultData(), "outcomes": outcomeData(d.Outcomes.Calls), "meetingOutcomes": outcomeData(d.Outcomes.Meetings), "offers": offerData(seq.RecordKind), "longQuestion": longQuestion, "taken": d.Taken, "here": d.Here,
	}
}

func kindData() []map[string]any {
	var kinds []map[string]any
	for _, k := range step.Kinds() {
		fields := []map[string]any{}
		for _, f := range k.Fields {
			fields = append(fields, map[string]any{
				"key": f.Key, "label": f.Label, "type": string(f.Type), "required": f.Required, "initial": initial(f),
				"min": int(f.Min / time.Minute), "max": int(f.Max / time.Minute),
			})
		}
		kinds = append(kinds, map[string]any{
			"type": k.Type, "label": k.Label, "help": k.Help, "human": k.Human, "takesTime": k.TakesTime,
			"mails": k.Mails, "branches": k.Branches, "last": k.Last, "notFirst": k.NotFirst, "fields": fields,
		})
	}
	return kinds
}

// initial gives what a new step has in a field, as JSON holds it.
func initial(f step.Field) any {
	if n, err := strconv.Atoi(f.Initial); err == nil && f.Type == step.PercentField {
		return n
	}
	return f.Initial
}

// fieldData describes the fields of a kind of record, and after them those of the records that it names, by group.
func fieldData(kind record.Kind) []map[string]any {
	fields := []map[string]any{}
	for _, f := range record.Fields(kind) {
		options := f.Options
		if options == nil {
			options = []string{}
		}
		fields = append(fields, map[string]any{"key": f.Key, "label": f.Label, "type": string(f.Type), "options": options, "group": ""})
	}
	for _, lookup := range record.Lookups(kind) {
		for _, f := range record.RelatedFields(lookup) {
			fields = append(fields, map[string]any{"key": f.Key, "label": f.Label, "type": string(f.Type), "options": append([]string{}, f.Options...), "group": lookup.Label})
		}
	}
	return fields
}

// opData lists the comparisons of each type of field.
func opData() map[string]any {
	types := []record.Type{record.Text, record.LongText, record.Email, record.Phone, record.URL, record.Number, record.Date, record.Bool, record.Choice, record.Zone, record.Lookup}
	all := map[string]any{}
	for _, t := range types {
		var ops []map[string]any
		for _, o := range record.Ops(t) {
			ops = append(ops, map[string]any{"key": string(o), "label": o.Label(), "value": o.TakesValue(), "list": o.TakesList()})
		}
		all[string(t)] = ops
	}
	return all
}

// mailTypes lists the types of steps that send an email, with spaces between them.
func mailTypes() string {
	var types []string
	for _, k := range step.Kinds() {
		if k.Mails {
			types = append(types, k.Type)
		}
	}
	return strings.Join(types, " ")
}

func resultData() []map[string]string {
	var list []map[string]string
	for _, r := range resultWords() {
		list = append(list, map[string]string{"key": string(r.Key), "label": r.Label, "question": r.Question})
	}
	return list
}

func outcomeData(known step.CallOutcomes) []map[string]string {
	var list []map[string]string
	for _, o := range known {
		list = append(list, map[string]string{"key": o.Key, "label": o.Label})
	}
	return list
}
