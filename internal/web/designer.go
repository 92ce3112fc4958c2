package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// designer is the state of the designer's page. Its truth is the JSON that the server checks (flow.Tree); what is drawn
// without JavaScript is made of the same values.
type designer struct {
	Seq  action.SequenceView
	Flow flowView
	// Templates and Sequences are what steps may choose from.
	Templates []store.Template
	Sequences []store.Sequence
}

func (s *Server) showDesigner(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	d := designer{Seq: seq}
	actor := actorOf(r)
	if d.Templates, err = s.app.ListTemplates(r.Context(), actor, seq.RecordKind, ""); err != nil {
		return err
	}
	if d.Sequences, err = s.app.AdvanceChoices(r.Context(), actor, seq.RecordKind, seq.ID); err != nil {
		return err
	}
	d.Flow = readFlow(seq.Draft, templateNames(d.Templates), seq.Problems)
	return s.render(w, r, page{Title: seq.Name, Fill: true, Scripts: []string{"js/designer/main.js"}, Keys: designerKeys()}, designerPage(d))
}

func designerKeys() []ui.KeyHint {
	return []ui.KeyHint{
		{Key: "a", Does: "Add a step after the chosen one"},
		{Key: "Enter", Does: "Edit the chosen step"},
		{Key: "ArrowDown", Does: "Next step"},
		{Key: "ArrowUp", Does: "Step before"},
		{Key: "Alt+ArrowDown", Does: "Move the step down"},
		{Key: "Alt+ArrowUp", Does: "Move the step up"},
		{Key: "Delete", Does: "Delete the step"},
		{Key: "Ctrl+Z", Does: "Undo"},
		{Key: "Ctrl+Shift+Z", Does: "Redo"},
		{Key: "Ctrl+S", Does: "Save"},
	}
}

// names gives the names of the email templates by their keys.
func (s *Server) names(r *http.Request, def flow.Sequence) (map[string]string, error) {
	list, err := s.app.ListTemplates(r.Context(), actorOf(r), def.Record, "")
	return templateNames(list), err
}

func templateNames(list []store.Template) map[string]string {
	names := make(map[string]string, len(list))
	for _, t := range list {
		names[t.Key] = t.Name
	}
	return names
}

// flowView is a sequence's flow as it is drawn on the server.
type flowView struct {
	Def   flow.Sequence
	Start string
	Cards []stepCard
}

// stepCard is one step in words.
type stepCard struct {
	ID, Type, Title, Sub, Description string
	Problems                          []string
}

// readFlow puts a definition into words. problems may be nil.
func readFlow(def flow.Sequence, templates map[string]string, problems []fault.Problem) flowView {
	f := flowView{Def: def, Start: startLabel(def)}
	for _, st := range def.Steps {
		card := stepCard{ID: st.ID, Type: st.Type, Description: st.Description}
		card.Title, card.Sub = stepWords(st, templates, def.Options.Waits)
		for _, p := range problems {
			if p.Step == st.ID {
				card.Problems = append(card.Problems, p.Message)
			}
		}
		f.Cards = append(f.Cards, card)
	}
	return f
}

// startLabel names the event that starts a sequence: "Lead is connected".
func startLabel(def flow.Sequence) string { return def.Record.Label() + " is connected" }

// stepWords gives the title and the summary of a step's card: "Introduction", "Automated email · Intro". The designer's
// script (words.js) says the same while a step is being edited.
func stepWords(st step.Step, templates map[string]string, waits flow.Waits) (title, sub string) {
	kind, known := step.KindOf(st.Type)
	if !known {
		return st.Type, "Unknown step type"
	}
	title = kind.Label
	parts := []string{kind.Label}
	for _, f := range kind.Fields {
		value := st.Config.Text(f.Key)
		switch {
		case value == "":
			if f.Required || f.Type == step.TemplateField {
				parts = append(parts, "no "+lower(f.Label))
			}
			continue
		case f.Type == step.DurationField:
			if d, err := calendar.ParseDuration(value); err == nil {
				value = calendar.DescribeDuration(d)
			}
			title = kind.Label + " " + value
		case f.Type == step.TemplateField && templates[value] != "":
			value = templates[value]
		case f.Type == step.SequenceField:
			title = "Advance to " + value
		}
		parts = append(parts, value)
	}
	if st.Name != "" && st.Name != title {
		return st.Name, strings.Join(parts, " · ")
	}
	switch {
	case kind.TakesTime:
		return title, labelOf(waitOptions(), string(waits))
	case kind.Last:
		return title, "Ends this sequence"
	}
	return title, strings.Join(parts, " · ")
}

// problemText says a problem with the step that it concerns: "Introduction: Template is missing. Choose one."
func problemText(def flow.Sequence, p fault.Problem) string {
	said := strings.TrimSpace(p.Message + " " + p.Hint)
	for i, st := range def.Steps {
		if p.Step != "" && st.ID == p.Step {
			title, _ := stepWords(st, nil, "")
			return fmt.Sprintf("Step %d, %s: %s", i+1, title, said)
		}
	}
	return said
}

// plainTree gives a definition as plain JSON values.
func plainTree(def flow.Sequence) map[string]any {
	var tree map[string]any
	data, err := flow.Encode(def)
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err != nil {
		return nil // strings and booleans always encode
	}
	return tree
}

// designerData is what the designer's script starts from.
func (d designer) data() map[string]any {
	seq := d.Seq
	templates := []map[string]string{}
	for _, t := range d.Templates {
		templates = append(templates, map[string]string{"key": t.Key, "name": t.Name, "href": templatePath(t.ID)})
	}
	return map[string]any{
		"id": seq.ID.String(), "path": sequencePath(seq.ID), "rev": seq.DraftRev, "mayEdit": seq.MayEdit,
		"inForce": inForce(seq), "start": startLabel(seq.Draft), "maxSteps": flow.MaxSteps, "sequence": flow.Tree(seq.Draft),
		"problems": problemList(seq.Problems), "kinds": kindData(), "templates": templates,
	}
}

func kindData() []map[string]any {
	var kinds []map[string]any
	for _, k := range step.Kinds() {
		fields := []map[string]any{}
		for _, f := range k.Fields {
			fields = append(fields, map[string]any{
				"key": f.Key, "label": f.Label, "type": string(f.Type), "required": f.Required,
				"min": int(f.Min / time.Minute), "max": int(f.Max / time.Minute),
			})
		}
		kinds = append(kinds, map[string]any{
			"type": k.Type, "label": k.Label, "help": k.Help, "human": k.Human,
			"takesTime": k.TakesTime, "last": k.Last, "fields": fields,
		})
	}
	return kinds
}

// readDefinition reads a definition that the designer's script sends. Problems are those of its shape.
func readDefinition(data []byte) (flow.Sequence, []fault.Problem, error) {
	if len(data) == 0 {
		return flow.Sequence{}, nil, fault.New(fault.Malformed, "The sequence is missing.")
	}
	return flow.Decode(data)
}

// checkDraft answers the problems of a definition that is being edited.
func (s *Server) checkDraft(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	def, shape, err := readDefinition(body)
	if err != nil {
		return err
	}
	problems, err := s.app.CheckDraft(r.Context(), actorOf(r), def)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"problems": problemList(append(shape, problems...))})
}

// saveDraft saves a definition as the draft, provided that nobody else saved one since revision rev.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var in struct {
		Rev      int64           `json:"rev"`
		Sequence json.RawMessage `json:"sequence"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fault.New(fault.Malformed, "What was sent is not JSON.").WithInner(err)
	}
	def, shape, err := readDefinition(in.Sequence)
	if err != nil {
		return err
	}
	if err := fault.Of(shape...); err != nil {
		return err
	}
	saved, err := s.app.SaveDraft(r.Context(), actorOf(r), seq.ID, in.Rev, def)
	if err != nil {
		return err
	}
	var badges bytes.Buffer
	if err := ui.Badges(statusBadges(saved.SequenceRow)).Render(r.Context(), &badges); err != nil {
		return fmt.Errorf("render badges: %w", err)
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"rev": saved.DraftRev, "sequence": flow.Tree(saved.Draft), "problems": problemList(saved.Problems),
		"badges": badges.String(), "activate": activateLabel(saved), "inForce": inForce(saved),
	})
}
