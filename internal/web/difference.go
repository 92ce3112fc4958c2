package web

import (
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/web/ui"
)

// changeRow is one change of a difference as it is drawn.
type changeRow struct {
	Kind ui.Kind
	// Word and Tone say what became of it: "Added".
	Word string
	Tone ui.Tone
	// Title and Sub are those of the step's card.
	Title, Sub string
	// Where says where the step came to, or where it stood.
	Where  string
	Fields []changeField
}

// changeField is one field of a change. Pieces tell a text word by word; a value stands in From and To.
type changeField struct {
	flow.ToldField
	Pieces []change
}

// changeRows puts a difference into rows.
func changeRows(d action.Difference) []changeRow {
	var rows []changeRow
	for _, c := range d.Changes {
		row := changeRow{Title: d.Title(c), Kind: ui.Kind(c.After.Type)}
		switch c.Kind {
		case flow.OptionsChanged:
			row.Kind, row.Word, row.Tone = ui.KindSequence, "Changed", ui.Blue
		case flow.StepAdded:
			row.Word, row.Tone = "Added", ui.Green
		case flow.StepRemoved:
			row.Word, row.Tone, row.Kind = "Removed", ui.Red, ui.Kind(c.Before.Type)
		case flow.StepMoved:
			row.Word, row.Tone = "Moved", ui.Violet
		case flow.StepChanged:
			if row.Word, row.Tone = "Changed", ui.Blue; c.Moved {
				row.Word = "Changed and moved"
			}
		}
		if c.Kind != flow.OptionsChanged {
			row.Title, row.Sub = cardOf(d, c)
		}
		switch {
		case c.Kind == flow.StepRemoved:
			row.Where = "It stood " + d.Where(c) + "."
		case c.Kind == flow.StepAdded || c.Moved:
			row.Where = sentenceStart(d.Where(c)) + "."
		}
		for _, f := range d.Fields(c) {
			field := changeField{ToldField: f}
			if (f.Key == "name" || f.Key == "description") && f.From != "" && f.To != "" {
				field.Pieces = textChanges(f.From, f.To)
			}
			row.Fields = append(row.Fields, field)
		}
		rows = append(rows, row)
	}
	return rows
}

// cardOf gives the words of the card of a changed step.
func cardOf(d action.Difference, c flow.Change) (title, sub string) {
	def, st := d.New, c.After
	if c.Kind == flow.StepRemoved {
		def, st = d.Old, c.Before
	}
	return stepWords{def: def, templates: d.Templates, outcomes: d.Outcomes}.of(st)
}

// nameOfVersion names a version, or the draft, in a sentence.
func nameOfVersion(number int) string {
	if number == action.DraftNumber {
		return "the draft"
	}
	return "version " + ui.Count(number)
}

// countChanges says how much a difference holds: "3 changes".
func countChanges(d action.Difference) string {
	return plural(len(d.Changes)+len(d.Texts), "change", "changes")
}
