package web

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// longQuestion is how many characters of a condition a card's title holds; a longer one stands below it.
const longQuestion = 60

// stepWords puts the steps of one sequence into words. The designer's script (words.js) says the same while a step is
// being edited, from the words that designer.data gives it.
type stepWords struct {
	def       flow.Sequence
	templates map[string]string
	outcomes  step.Outcomes
}

// of gives the title and the summary of a step's card: "Introduction", "Automated email · Intro".
func (w stepWords) of(st step.Step) (title, sub string) {
	kind, known := step.KindOf(st.Type)
	if !known {
		return st.Type, "Unknown step type"
	}
	if kind.Branches {
		return w.condition(st)
	}
	title, parts := w.fields(st, kind)
	if st.Name != "" && st.Name != title {
		return st.Name, strings.Join(parts, " · ")
	}
	switch {
	case kind.TakesTime:
		return title, labelOf(waitOptions(), string(w.def.Options.Waits))
	case kind.Last:
		return title, "Ends this sequence"
	case st.Type == "update_field" && title != kind.Label:
		return title, kind.Label
	}
	return title, strings.Join(parts, " · ")
}

// fields says what a step is configured with.
func (w stepWords) fields(st step.Step, kind step.Kind) (title string, parts []string) {
	title, parts = kind.Label, []string{kind.Label}
	for _, f := range kind.Fields {
		value := st.Config.Text(f.Key)
		switch {
		case silent(f):
			continue // a card has no room for it
		case f.Type == step.ValueField:
			continue // its field says it
		case value == "":
			if f.Required || f.Type == step.TemplateField || f.Type == step.TextTemplateField {
				parts = append(parts, "no "+lower(f.Label))
			}
			continue
		case f.Type == step.DurationField:
			value = durationWords(value)
			title = kind.Label + " " + value
		case (f.Type == step.TemplateField || f.Type == step.TextTemplateField) && w.templates[value] != "":
			value = w.templates[value]
		case f.Type == step.SequenceField:
			title = "Advance to " + value
		case f.Type == step.RecordField:
			title = w.update(value, st.Config.Text("value"))
			value = title
		}
		parts = append(parts, value)
	}
	return title, parts
}

// silent tells whether a card leaves a field out.
func silent(f step.Field) bool {
	if f.Type == step.TruthField || f.Type == step.DurationField && !f.Required {
		return true
	}
	return f.Type == step.TextField || f.Type == step.PercentField || f.Type == step.ChoiceField || f.Type == step.MomentField
}

func durationWords(text string) string {
	if d, err := calendar.ParseDuration(text); err == nil {
		return calendar.DescribeDuration(d)
	}
	return text
}

// update says what a field is set to: "Set Stage to propose".
func (w stepWords) update(key, value string) string {
	f, ok := record.FieldOf(w.def.Record, key)
	if !ok {
		f = record.Field{Label: key}
	}
	switch {
	case f.Type == record.Bool:
		return "Set " + f.Label + " to " + yesNo(value == "true")
	case value == "":
		return "Clear " + f.Label
	}
	return "Set " + f.Label + " to " + shorten(value)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// shorten keeps the beginning of a text that is too long for a title.
func shorten(text string) string {
	if utf8.RuneCountInString(text) <= longQuestion {
		return text
	}
	return string([]rune(text)[:longQuestion]) + "…"
}

// condition gives a condition's question, and what is to know about it: "Opened “Introduction”?", "Within 2 days, at
// once".
func (w stepWords) condition(st step.Step) (title, sub string) {
	switch when := st.When; {
	case when == nil:
		title, sub = "Condition", "asks nothing yet"
	case when.Email != nil:
		title, sub = w.email(*when.Email)
	case when.Call != nil:
		title, sub = w.call(*when.Call)
	case when.Meeting != nil:
		title, sub = w.meeting(*when.Meeting)
	case when.Field != nil:
		title, sub = w.field(*when.Field)
	}
	if st.Name != "" && st.Name != title {
		return st.Name, joined(" · ", title, sub)
	}
	return title, sentenceStart(sub)
}

func (w stepWords) email(t step.EmailTest) (title, sub string) {
	name, found := w.titleOf(t.Step)
	limit := "no time limit"
	if t.Within != "" {
		limit = "within " + durationWords(t.Within) + ", decided at the end"
		if t.AtOnce {
			limit = "within " + durationWords(t.Within) + ", at once"
		}
	}
	if !found {
		limit = "no email chosen · " + limit
	}
	words := resultWords()
	var labels []string
	for _, r := range t.Results {
		at := slices.IndexFunc(words, func(r2 resultWord) bool { return r2.Key == r })
		switch {
		case at < 0:
			labels = append(labels, string(r))
		case len(t.Results) == 1 && found:
			return strings.Replace(words[at].Question, "…", name, 1), limit
		default:
			labels = append(labels, words[at].Label)
		}
	}
	if found {
		limit = "“" + name + "” · " + limit
	}
	if len(labels) == 0 {
		return "Email result?", "no result chosen · " + limit
	}
	return listed(labels, t.All) + "?", limit
}

// listed joins labels as one phrase: "Opened or link opened".
func listed(labels []string, all bool) string {
	word := " or "
	if all {
		word = " and "
	}
	text := strings.Join(labels, word)
	return text[:1] + lower(text[1:])
}

// resultWord is how a result of an email is called on cards. In Question, … stands for the email's title.
type resultWord struct {
	Key             step.Result
	Label, Question string
}

func resultWords() []resultWord {
	var words []resultWord
	for _, r := range step.Results() {
		words = append(words, resultWord{r, r.Label(), r.Question()})
	}
	return words
}

func (w stepWords) call(t step.CallTest) (title, sub string) {
	sub = "no phone call chosen"
	if name, found := w.titleOf(t.Step); found {
		sub = "“" + name + "”"
	}
	var labels []string
	for _, o := range t.Outcomes {
		labels = append(labels, lower(w.outcomes.Calls.Label(o)))
	}
	switch {
	case len(labels) == 0:
		return "Call outcome?", "no outcome chosen · " + sub
	case slices.Equal(t.Outcomes, []string{"connected"}):
		return "Call connected?", sub
	}
	return "Call ended with " + strings.Join(labels, " or ") + "?", sub
}

func (w stepWords) meeting(t step.MeetingTest) (title, sub string) {
	var labels []string
	for _, o := range t.Outcomes {
		labels = append(labels, lower(w.outcomes.Meetings.Label(o)))
	}
	if len(labels) == 0 {
		return "Meeting outcome?", "no outcome chosen · the latest meeting"
	}
	return "Meeting ended with " + strings.Join(labels, " or ") + "?", "the latest meeting"
}

func (w stepWords) field(c record.Condition) (title, sub string) {
	text := c.Describe(w.def.Record)
	switch {
	case !c.Group() && c.Field == "":
		return "Field value?", "no field chosen"
	case utf8.RuneCountInString(text) > longQuestion:
		return "Fields match?", text
	}
	if strings.HasSuffix(text, " ") {
		text += "…" // the value is missing
	}
	return sentenceStart(text) + "?", "field of the " + lower(w.def.Record.Label())
}

// titleOf gives the title of the step with an id.
func (w stepWords) titleOf(id string) (title string, found bool) {
	for _, st := range w.def.Each() {
		if st.ID != id {
			continue
		}
		if kind, ok := step.KindOf(st.Type); ok && kind.Branches {
			return orText(st.Name, kind.Label), true // its question could be about itself
		}
		title, _ = w.of(st)
		return title, true
	}
	return "", false
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// sentenceStart begins a text with a capital.
func sentenceStart(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// problemText says a problem with the step that it concerns: "Step 2, Introduction: Template is missing. Choose one."
func problemText(def flow.Sequence, p fault.Problem) string {
	said := strings.TrimSpace(p.Message + " " + p.Hint)
	position := 0
	for _, st := range def.Each() {
		position++
		if p.Step != "" && st.ID == p.Step {
			title, _ := stepWords{def: def}.of(st)
			return fmt.Sprintf("Step %d, %s: %s", position, title, said)
		}
	}
	return said
}
