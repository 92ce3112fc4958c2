package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"cadenza/internal/action"
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
	// Taken are the ids of A/B tests that have begun.
	Taken []string
	// Outcomes are those that a condition may ask for: the offered ones, and what the draft asks for already.
	Outcomes step.Outcomes
	// Here is how many records stand on each step now.
	Here map[string]int64
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
	tests, err := s.app.ABTests(r.Context(), actor, seq.ID)
	if err != nil {
		return err
	}
	d.Taken = []string{}
	for _, t := range tests {
		d.Taken = append(d.Taken, t.Step)
	}
	known, err := s.app.Outcomes(r.Context(), actor)
	if err != nil {
		return err
	}
	if d.Here, err = s.hereNow(r, seq); err != nil {
		return err
	}
	d.Outcomes = askable(seq.Draft, known)
	d.Flow = readFlow(stepWords{def: seq.Draft, templates: templateNames(d.Templates), outcomes: known}, seq.Problems)
	return s.render(w, r, page{Title: seq.Name, Fill: true, Scripts: []string{"js/designer/main.js"}, Keys: designerKeys()}, designerPage(d))
}

// askable gives the outcomes that are offered or that the draft asks for already.
func askable(def flow.Sequence, known step.Outcomes) step.Outcomes {
	of := func(kind string) step.CallOutcomes {
		asked := map[string]bool{}
		for _, st := range def.Each() {
			for _, key := range st.When.Outcomes(kind) {
				asked[key] = true
			}
		}
		return slices.DeleteFunc(slices.Clone(known.Of(kind)), func(o step.CallOutcome) bool { return o.Retired && !asked[o.Key] })
	}
	return step.Outcomes{Calls: of(step.PhoneCall), Meetings: of(step.Meeting)}
}

func designerKeys() []ui.KeyHint {
	return []ui.KeyHint{
		{Key: "a", Does: "Add a step after the chosen one"},
		{Key: "Enter", Does: "Edit the chosen step"},
		{Key: "ArrowDown", Does: "Next step"},
		{Key: "ArrowUp", Does: "Step before"},
		{Key: "ArrowLeft", Does: "Over to the Yes lane"},
		{Key: "ArrowRight", Does: "Over to the No lane"},
		{Key: "Alt+ArrowDown", Does: "Move the step down, also into and out of lanes"},
		{Key: "Alt+ArrowUp", Does: "Move the step up"},
		{Key: "Delete", Does: "Delete the step"},
		{Key: "Ctrl+Z", Does: "Undo"},
		{Key: "Ctrl+Shift+Z", Does: "Redo"},
		{Key: "Ctrl+S", Does: "Save"},
		{Key: "+", Does: "Zoom in"},
		{Key: "-", Does: "Zoom out"},
		{Key: "0", Does: "Show the whole flow"},
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
