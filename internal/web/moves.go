package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// movesForm is the choice of where the records on older versions go.
type movesForm struct {
	Seq      action.SequenceView
	Standing action.Standing
	Mapping  flow.Mapping
	Reason   string
	Problems problems
	// Preview is what would be done; nil before it was asked for.
	Preview *action.MovePreview
	Cursor  string
}

func movesPath(id ident.Sequence) string  { return sequencePath(id) + "/moves" }
func moveRunPath(id ident.MoveRun) string { return movePrefix + id.String() }

// movePrefix begins the address of every move.
const movePrefix = "/moves/"

// toPrefix begins the value of a choice that names a step.
const toPrefix = "to:"

// choiceName names the field of a row: "at-2-call".
func choiceName(at flow.VersionStep) string { return fmt.Sprintf("at-%d-%s", at.Number, at.Step) }

func choiceValue(d flow.Destination) string {
	if d.Kind == flow.To {
		return toPrefix + d.Step
	}
	return string(d.Kind)
}

func readChoice(value string) flow.Destination {
	if id, ok := strings.CutPrefix(value, toPrefix); ok {
		return flow.Destination{Kind: flow.To, Step: id}
	}
	if value == string(flow.Finish) {
		return flow.Destination{Kind: flow.Finish}
	}
	return flow.Destination{Kind: flow.Stay}
}

// choices are what can be done with the records of a row.
func (f movesForm) choices(row action.StandingRow) []ui.Option {
	list := []ui.Option{
		{Value: string(flow.Stay), Label: fmt.Sprintf("Stay on version %d", row.Number)},
		{Value: string(flow.Finish), Label: "Finish"},
	}
	group := fmt.Sprintf("Move to version %d", f.Standing.Number)
	list = append(list, ui.Option{Value: toPrefix, Label: "The beginning", Group: group})
	for i, st := range f.Standing.Steps {
		label := fmt.Sprintf("%d. %s", i+1, st.Name)
		switch {
		case row.Same && st.ID == row.Onward:
			label += " (the same step)"
		case row.GoesOn && st.ID == row.Onward:
			label += " (the nearest)"
		}
		list = append(list, ui.Option{Value: toPrefix + st.ID, Label: label, Group: group})
	}
	return list
}

// byVersion groups the rows, the newest version first.
func (f movesForm) byVersion() (groups [][]action.StandingRow) {
	for _, row := range f.Standing.Rows {
		if n := len(groups); n > 0 && groups[n-1][0].Number == row.Number {
			groups[n-1] = append(groups[n-1], row)
		} else {
			groups = append(groups, []action.StandingRow{row})
		}
	}
	return groups
}

func standingOn(rows []action.StandingRow) (n int) {
	for _, r := range rows {
		n += r.Count
	}
	return n
}

// waitsFor says what the records of a row wait for.
func waitsFor(r action.StandingRow) string {
	var parts []string
	for _, w := range []struct {
		n    int
		word string
	}{{r.Person, "for a person"}, {r.Mail, "for a message to be sent"}, {r.Time, "for time"}} {
		if w.n > 0 {
			parts = append(parts, ui.Count(w.n)+" "+w.word)
		}
	}
	if r.Paused > 0 {
		parts = append(parts, ui.Count(r.Paused)+" paused")
	}
	return strings.Join(parts, ", ")
}

// readMoves reads the choices of a form. A quick one overrides all.
func (s *Server) readMoves(r *http.Request) (movesForm, error) {
	f := movesForm{Mapping: flow.Mapping{}}
	if err := parse(r); err != nil {
		return f, err
	}
	var err error
	if f.Seq, err = s.sequenceOf(r); err != nil {
		return f, err
	}
	if !f.Seq.MayEdit {
		return f, fault.New(fault.Forbidden, "Records are moved by the owner of the sequence, and by those who may edit every sequence.")
	}
	if f.Standing, err = s.app.StandOf(r.Context(), actorOf(r), f.Seq.ID); err != nil {
		return f, err
	}
	f.Reason, f.Cursor = text(r, "reason"), text(r, "cursor")
	for _, row := range f.Standing.Rows {
		f.Mapping[row.At()] = quickChoice(text(r, "quick"), row, readChoice(text(r, choiceName(row.At()))))
	}
	return f, nil
}

// quickChoice is what a button that chooses for every row chooses for this one.
func quickChoice(quick string, row action.StandingRow, chosen flow.Destination) flow.Destination {
	switch {
	case quick == "same" && row.Same, quick == "nearest" && row.GoesOn:
		return flow.Destination{Kind: flow.To, Step: row.Onward}
	case quick == "finish":
		return flow.Destination{Kind: flow.Finish}
	case quick != "":
		return flow.Destination{Kind: flow.Stay}
	}
	return chosen
}

func (s *Server) showMoves(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readMoves(r)
	if err != nil {
		return err
	}
	return s.renderMoves(w, r, 0, f)
}

func (s *Server) renderMoves(w http.ResponseWriter, r *http.Request, status int, f movesForm) error {
	if f.Preview != nil {
		return s.render(w, r, page{Title: f.Seq.Name + ": who moves", Status: status}, movePreviewPage(s.view(r), f))
	}
	return s.render(w, r, page{Title: f.Seq.Name + ": move records", Status: status}, movesPage(f))
}

// previewMoves shows who would move where, without a change.
func (s *Server) previewMoves(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readMoves(r)
	if err != nil {
		return err
	}
	if text(r, "back") != "" || text(r, "quick") != "" {
		return s.renderMoves(w, r, 0, f)
	}
	preview, err := s.app.PreviewMove(r.Context(), actorOf(r), f.Seq.ID, f.input(), f.Cursor, 0)
	if err != nil {
		return s.refuseMoves(w, r, f, err)
	}
	if preview.Total == 0 {
		f.Problems.message = "No record would move. Choose for at least one step where its records go."
		return s.renderMoves(w, r, http.StatusUnprocessableEntity, f)
	}
	f.Preview = &preview
	return s.renderMoves(w, r, 0, f)
}

func (f movesForm) input() action.MoveInput {
	return action.MoveInput{Mapping: f.Mapping, Reason: f.Reason}
}

func (s *Server) refuseMoves(w http.ResponseWriter, r *http.Request, f movesForm, err error) error {
	var shown bool
	if f.Problems, shown = refused(err); !shown {
		return err
	}
	return s.renderMoves(w, r, http.StatusUnprocessableEntity, f)
}

// startMoves begins the move; where the draft has changes, it activates it first, if it is still the one that was looked at.
func (s *Server) startMoves(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readMoves(r)
	if err != nil {
		return err
	}
	in := f.input()
	if text(r, "rev") == "" {
		run, err := s.app.StartMove(r.Context(), actorOf(r), f.Seq.ID, in)
		if err != nil {
			return s.refuseMoves(w, r, f, err)
		}
		return s.redirect(w, r, moveRunPath(run.ID))
	}
	view, err := s.app.Activate(r.Context(), actorOf(r), f.Seq.ID, action.ActivateInput{Rev: readRev(r), Note: f.Reason, Move: &in})
	if err != nil {
		return s.refuseMoves(w, r, f, err)
	}
	s.say(r, fmt.Sprintf("Version %d is active.", view.VersionNumber))
	runs, err := s.app.ListMoves(r.Context(), actorOf(r), f.Seq.ID, "", 1)
	if err != nil || len(runs.Rows) == 0 {
		return s.redirect(w, r, sequencePath(f.Seq.ID))
	}
	return s.redirect(w, r, moveRunPath(runs.Rows[0].ID))
}

// hidden carries the choices along.
func (f movesForm) hidden() []ui.Hidden {
	list := []ui.Hidden{{Name: "reason", Value: f.Reason}}
	for _, row := range f.Standing.Rows {
		if d := f.Mapping.Of(row.At()); d.Kind != flow.Stay {
			list = append(list, ui.Hidden{Name: choiceName(row.At()), Value: choiceValue(d)})
		}
	}
	if f.Standing.Draft {
		list = append(list, ui.Hidden{Name: "rev", Value: strconv.FormatInt(f.Seq.DraftRev, 10)})
	}
	return list
}

// confirm names the button that begins the move.
func (f movesForm) confirm() string {
	doing := "Move " + plural(f.Preview.Total, "record", "records")
	if f.Standing.Draft {
		return fmt.Sprintf("Activate version %d and move %s", f.Standing.Number, plural(f.Preview.Total, "record", "records"))
	}
	return doing
}

// previewTable lists who would move where.
func previewTable(v view, f movesForm) ui.TableProps {
	t := ui.TableProps{Caption: "Who would move where", Columns: []ui.Column{
		{Label: sentenceStart(kindWord(f.Seq.RecordKind, 1))}, {Label: "From", HidePhone: true}, {Label: "To"}, {Label: "What happens next", Wide: true}, {Label: "When"},
	}}
	for _, row := range f.Preview.Rows {
		cells := []ui.Cell{
			{Text: row.RecordName, Href: recordPath(row.Record)},
			{Text: row.StepName, Sub: fmt.Sprintf("Version %d", row.VersionNumber)},
			{Text: row.ToName},
			{Text: row.Then, Sub: row.Cancels},
			{Text: "–", Soft: true},
		}
		switch {
		case row.Blocked != "":
			cells[2] = ui.Cell{Badge: &ui.BadgeProps{Text: "Not now", Tone: ui.Amber}}
			cells[3] = ui.Cell{Text: row.Blocked}
		case row.Same:
			cells[2].Sub = "The same step"
		}
		if !row.At.IsZero() {
			cells[4] = ui.Cell{Content: ui.Time(v.at(row.At))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// moveShown is a move of records with how far it is.
type moveShown struct {
	View view
	Seq  action.SequenceView
	Run  store.MoveRun
	// Left are the records that had to stay where they were.
	Left store.Page[store.MovedRow]
}

func (s *Server) moveOf(r *http.Request) (m moveShown, err error) {
	var id ident.MoveRun
	if err := readID(r.PathValue("id"), &id); err != nil {
		return m, err
	}
	m.View = s.view(r)
	if m.Run, err = s.app.GetMove(r.Context(), actorOf(r), id); err != nil {
		return m, err
	}
	m.Seq, err = s.app.GetSequence(r.Context(), actorOf(r), m.Run.Sequence)
	return m, err
}

// showMoveRun says how far a move is. htmx polls it while it runs.
func (s *Server) showMoveRun(w http.ResponseWriter, r *http.Request) error {
	m, err := s.moveOf(r)
	if err != nil {
		return err
	}
	if m.Run.Held+m.Run.Kept > 0 {
		if m.Left, err = s.app.LeftBehind(r.Context(), actorOf(r), m.Run.ID, r.URL.Query().Get("cursor"), 0); err != nil {
			return err
		}
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, moveStatus(m))
	}
	return s.render(w, r, page{Title: m.title()}, movePage(m))
}

func (s *Server) undoMoveRun(w http.ResponseWriter, r *http.Request) error {
	m, err := s.moveOf(r)
	if err != nil {
		return err
	}
	if _, err := s.app.UndoMove(r.Context(), actorOf(r), m.Run.ID); err != nil {
		return err
	}
	return s.redirect(w, r, moveRunPath(m.Run.ID))
}

// title says what the move does, did, or took back.
func (m moveShown) title() string {
	to := fmt.Sprintf("records to version %d", m.Run.Number)
	switch m.Run.State {
	case store.MoveWaiting, store.MoveRunning:
		return "Moving " + to
	case store.MoveUndoing:
		return fmt.Sprintf("Putting the records back from version %d", m.Run.Number)
	case store.MoveUndone:
		return fmt.Sprintf("Records put back from version %d", m.Run.Number)
	case store.MoveDone:
	}
	return "Moved " + to
}

// progress is how much is done of how much; undoing counts what was moved.
func (m moveShown) progress() (done, all int) {
	if m.Run.State == store.MoveUndoing {
		return m.Run.Undone + m.Run.Kept, m.Run.Moved + m.Run.Finished
	}
	return m.Run.Looked, m.Run.Total
}

// facts count what became of the records.
func (m moveShown) facts() []ui.Fact {
	var list []ui.Fact
	add := func(n int, label string) {
		if n > 0 {
			list = append(list, ui.Fact{Label: label, Value: plural(n, "record", "records")})
		}
	}
	add(m.Run.Moved, fmt.Sprintf("Moved to version %d", m.Run.Number))
	add(m.Run.Finished, "Finished")
	add(m.Run.Held, "Left where they were")
	add(m.Run.Total-m.Run.Moved-m.Run.Finished-m.Run.Held, "Stayed, as chosen")
	add(m.Run.Undone, "Put back")
	add(m.Run.Kept, "Could not be put back")
	if m.Run.Reason != "" {
		list = append(list, ui.Fact{Label: "Reason", Value: m.Run.Reason})
	}
	return list
}

// leftTable lists what had to stay, each with why.
func (m moveShown) leftTable() ui.TableProps {
	t := ui.TableProps{Caption: "Left where they are", Columns: []ui.Column{{Label: sentenceStart(kindWord(m.Seq.RecordKind, 1))}, {Label: "Why", Wide: true}}}
	for _, row := range m.Left.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: row.RecordName, Href: recordPath(row.Record)}, {Text: row.Reason}}})
	}
	return t
}
