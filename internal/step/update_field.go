package step

import (
	"fmt"

	"cadenza/internal/record"
)

var updateFieldKind = Kind{
	Type:  "update_field",
	Label: "Update field",
	Help:  "Sets a field of the record to a value. A status that closes the record ends all its sequences.",
	Group: Commands,
	Fields: []Field{
		{Key: "field", Label: "Field", Type: RecordField, Required: true, Hint: "The field of the record to set."},
		{Key: "value", Label: "Value", Type: ValueField, Hint: "What it is set to; nothing clears the field."},
	},
	Enter: func(in In) Out {
		key := in.Step.Config.Text("field")
		f, ok := record.FieldOf(in.Facts.Kind, key)
		if !ok || f.Type == record.Lookup {
			return handed(in, "update_field", fmt.Sprintf("The record has no field %q.", key))
		}
		value, problem := record.CanonicalValue(f, in.Step.Config.Text("value"))
		if problem != "" {
			return handed(in, "update_field", f.Label+" "+problem)
		}
		if key == "status" && value == "" {
			return handed(in, "update_field", "A record always has a status, so it cannot be cleared.")
		}
		return Leave(Updated, describeUpdate(f, value), SetField{Field: key, Value: value})
	},
	Handle: func(_ In, ev Event) Out { return byHand(ev) },
}

// UpdateText says what an update with this configuration does: "Stage set to qualify". It is empty while that is not known.
func UpdateText(kind record.Kind, c Config) string {
	f, ok := record.FieldOf(kind, c.Text("field"))
	if !ok {
		return ""
	}
	value, problem := record.CanonicalValue(f, c.Text("value"))
	if problem != "" {
		return ""
	}
	return describeUpdate(f, value)
}

func describeUpdate(f record.Field, value string) string {
	switch {
	case f.Type == record.Bool && value == "":
		return f.Label + " set to no"
	case f.Type == record.Bool:
		return f.Label + " set to yes"
	case value == "":
		return f.Label + " cleared"
	}
	return f.Label + " set to " + value
}
