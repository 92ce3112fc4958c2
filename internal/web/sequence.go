package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// sequenceTab is one of the pages of a sequence.
type sequenceTab string

// The pages of a sequence.
const (
	designerTab  sequenceTab = "designer"
	previewTab   sequenceTab = "preview"
	connectedTab sequenceTab = "connected"
	testsTab     sequenceTab = "tests"
	versionsTab  sequenceTab = "versions"
)

// sequenceTabs lead to the pages of a sequence.
func sequenceTabs(seq action.SequenceView, now sequenceTab) ui.TabsProps {
	path := sequencePath(seq.ID)
	connected := ui.Tab{Label: "Connected records", Href: path + "/connected", Current: now == connectedTab}
	if seq.Connected > 0 {
		connected.Count = ui.Count(seq.Connected)
	}
	tabs := []ui.Tab{
		{Label: "Designer", Href: path, Current: now == designerTab},
		{Label: "Preview", Href: path + "/preview", Current: now == previewTab},
		connected,
	}
	if hasTests(seq) {
		tabs = append(tabs, ui.Tab{Label: "A/B tests", Href: path + "/tests", Current: now == testsTab})
	}
	tabs = append(tabs, ui.Tab{Label: "Versions", Href: path + "/versions", Current: now == versionsTab})
	return ui.TabsProps{Label: "Pages of this sequence", Tabs: tabs}
}

// sequenceMenu lists what can be done with a sequence beside the main buttons.
func sequenceMenu(seq action.SequenceView) ui.MenuProps {
	path := sequencePath(seq.ID)
	ask := func(label, icon, verb string) ui.MenuEntry {
		attrs := append(asks(path+"/"+verb), ui.A("data-after-save", "")...)
		return ui.MenuEntry{Label: label, Icon: icon, Href: path + "/" + verb, Attrs: attrs}
	}
	m := ui.MenuProps{ID: "sequence-menu", Label: "More actions", Icon: "dots", IconOnly: true}
	if seq.MayEdit {
		options := ask("Name and options", "adjustments-horizontal", "options")
		options.Attrs = append(options.Attrs, ui.A("data-options", "")...)
		m.Entries = append(m.Entries, options)
	}
	m.Entries = append(append(m.Entries, ask("Copy", "copy", "copy")), keepingEntries(seq)...)
	if seq.MayManage {
		if seq.MayEdit && seq.Changed && seq.VersionNumber > 0 {
			discard := ask("Discard draft", "arrow-back-up", "discard")
			m.Entries = append(m.Entries, discard)
		}
		if seq.Status == store.Active {
			m.Entries = append(m.Entries, ask("Deactivate", "player-stop", "deactivate"))
		}
		remove := ask("Delete", "trash", "delete")
		remove.Danger, remove.Divider = true, true
		m.Entries = append(m.Entries, remove)
	}
	return m
}

// nextVersion is the number that an activation now would give. An unchanged draft opens its version again.
func nextVersion(seq action.SequenceView) int {
	if opensAgain(seq) {
		return seq.VersionNumber
	}
	return seq.VersionNumber + 1
}

// opensAgain tells that an activation makes no new version.
func opensAgain(seq action.SequenceView) bool { return seq.VersionNumber > 0 && !seq.Changed }

// inForce tells that the draft is what the active version says, so that there is nothing to activate.
func inForce(seq action.SequenceView) bool { return seq.Status == store.Active && !seq.Changed }

// activateLabel names the main button of the designer.
func activateLabel(seq action.SequenceView) string {
	if seq.VersionNumber == 0 || !seq.Changed && seq.Status != store.Active {
		return "Activate"
	}
	return fmt.Sprintf("Activate version %d", nextVersion(seq))
}

func (s *Server) showVersions(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	rows, err := s.app.ListVersions(r.Context(), actorOf(r), seq.ID)
	if err != nil {
		return err
	}
	v := s.view(r)
	return s.render(w, r, page{Title: seq.Name + ": versions"}, versionsPage(v, seq, versionTable(v, seq, rows), len(rows)))
}

func versionTable(v view, seq action.SequenceView, rows []store.VersionRow) ui.TableProps {
	t := ui.TableProps{Caption: "Versions of " + seq.Name, Columns: []ui.Column{
		{Label: "Version"},
		{Label: "Note", Wide: true, HidePhone: true},
		{Label: "Activated"},
		{Label: "By", HidePhone: true},
		{Label: "Connected", Numeric: true},
	}}
	for _, row := range rows {
		number := strconv.Itoa(row.Number)
		first := ui.Cell{Text: "Version " + number, Href: versionPath(seq.ID, number)}
		if row.ID == seq.Version {
			first.Sub = "The latest"
			if seq.Status == store.Active {
				first.Sub = "Active"
			}
		}
		t.Rows = append(t.Rows, ui.Row{ID: row.ID.String(), Cells: []ui.Cell{
			first, {Text: row.Note, Soft: true}, {Content: ui.Time(v.at(row.CreatedAt))}, {Text: row.CreatedByName, Soft: true}, {Text: ui.Count(row.Connected)},
		}})
	}
	return t
}

// versionOf gives one frozen version of a sequence by the request's path.
func (s *Server) versionOf(r *http.Request, seq action.SequenceView) (int, flow.Sequence, error) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 {
		return 0, flow.Sequence{}, fault.New(fault.NotFound, "There is no such version.")
	}
	def, err := s.app.GetVersion(r.Context(), actorOf(r), seq.ID, number)
	return number, def, err
}

func (s *Server) showVersion(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number, def, err := s.versionOf(r, seq)
	if err != nil {
		return err
	}
	names, err := s.names(r, def)
	if err != nil {
		return err
	}
	outcomes, err := s.app.CallOutcomes(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%s, version %d", seq.Name, number)
	words := stepWords{def: def, templates: names, outcomes: outcomes}
	return s.render(w, r, page{Title: title}, versionPage(seq, number, readFlow(words, nil)))
}

// restoreVersion makes a frozen version the draft, so that it can be looked at, changed and activated anew.
func (s *Server) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	number, def, err := s.versionOf(r, seq)
	if err != nil {
		return err
	}
	def.Name = seq.Name
	if _, err := s.app.SaveDraft(r.Context(), actorOf(r), seq.ID, seq.DraftRev, def); err != nil {
		return err
	}
	s.say(r, fmt.Sprintf("The draft is now version %d. Activate it to put it to work.", number))
	return s.redirect(w, r, sequencePath(seq.ID))
}

// askAbout shows a question about a sequence.
func (s *Server) askAbout(w http.ResponseWriter, r *http.Request, status int, seq action.SequenceView, id, title string, body func(question) templ.Component) error {
	return s.ask(w, r, status, question{ID: id, Title: title, Back: sequencePath(seq.ID)}, body)
}
