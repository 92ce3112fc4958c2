package web

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/action"
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
	figuresTab   sequenceTab = "figures"
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
	tabs = append(tabs, ui.Tab{Label: "Figures", Href: path + "/figures", Current: now == figuresTab})
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
	m.Entries = append(m.Entries, ask("Copy", "copy", "copy"),
		ui.MenuEntry{Label: "Export as a file", Icon: "download", Href: path + "/file", Attrs: ui.A("download", "")})
	m.Entries = append(m.Entries, keepingEntries(seq)...)
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

// activateLabel names the main button of the designer. While the draft is in force the button is hidden, and shown at the first change.
func activateLabel(seq action.SequenceView) string {
	if seq.VersionNumber == 0 || !seq.Changed && seq.Status != store.Active {
		return "Activate"
	}
	return fmt.Sprintf("Activate version %d", seq.VersionNumber+1)
}

// askAbout shows a question about a sequence.
func (s *Server) askAbout(w http.ResponseWriter, r *http.Request, status int, seq action.SequenceView, id, title string, body func(question) templ.Component) error {
	return s.ask(w, r, status, question{ID: id, Title: title, Back: sequencePath(seq.ID)}, body)
}
