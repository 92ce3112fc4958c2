package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// snippetForm is the state of the editor of a snippet.
type snippetForm struct {
	// Saved is the snippet as it is stored; its ID is zero for a new one.
	Saved    store.Snippet
	Input    action.SnippetInput
	Problems problems
}

func (f snippetForm) fresh() bool { return f.Saved.ID == 0 }

func (f snippetForm) action() string {
	if f.fresh() {
		return "/snippets"
	}
	return snippetPath(f.Saved.ID)
}

func (f snippetForm) title() string {
	if f.fresh() {
		return "New snippet"
	}
	return f.Saved.Name
}

// libraryTabs are the pages of what writers start from.
func libraryTabs(snippets bool) ui.TabsProps {
	return ui.TabsProps{Label: "Texts", Tabs: []ui.Tab{
		{Label: "Templates", Href: "/templates", Current: !snippets}, {Label: "Snippets", Href: "/snippets", Current: snippets},
	}}
}

func (s *Server) showSnippets(w http.ResponseWriter, r *http.Request) error {
	search := text(r, "q")
	list, err := s.app.ListSnippets(r.Context(), actorOf(r), search)
	if err != nil {
		return err
	}
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, snippetResults(v, list, search))
	}
	keys := []ui.KeyHint{{Key: "/", Does: "Search"}}
	if v.may(access.EditTemplates) {
		keys = append(keys, ui.KeyHint{Key: "n", Does: "New snippet"})
	}
	return s.render(w, r, page{Title: "Snippets", Keys: keys}, snippetsPage(v, list, search))
}

func snippetTable(v view, list []store.Snippet) ui.TableProps {
	t := ui.TableProps{Caption: "Snippets", Columns: []ui.Column{{Label: "Name", Wide: true}, {Label: "Key", HidePhone: true}, {Label: "Changed"}}}
	for _, row := range list {
		t.Rows = append(t.Rows, ui.Row{ID: row.ID.String(), Label: row.Name, Cells: []ui.Cell{
			{Text: row.Name, Href: snippetPath(row.ID), Sub: snippetLine(row.HTML)},
			{Content: code(row.Key)},
			{Content: ui.Time(v.at(row.UpdatedAt))},
		}})
	}
	return t
}

// snippetLine is the beginning of a snippet on one line.
func snippetLine(html string) string {
	const longest = 120
	line := []rune(plainTags("", strings.Join(strings.Fields(message.PlainText(readable(html))), " ")))
	if len(line) > longest {
		return string(line[:longest-1]) + "…"
	}
	return string(line)
}

// snippetPlain is the whole text of a snippet.
func snippetPlain(s store.Snippet) string { return message.PlainText(readable(s.HTML)) }

func (s *Server) showNewSnippet(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.EditTemplates)); err != nil {
		return err
	}
	return s.renderSnippet(w, r, 0, snippetForm{})
}

func (s *Server) showSnippet(w http.ResponseWriter, r *http.Request) error {
	one, err := s.snippetOf(r)
	if err != nil {
		return err
	}
	return s.renderSnippet(w, r, 0, snippetForm{Saved: one, Input: action.SnippetInput{Key: one.Key, Name: one.Name, HTML: readable(one.HTML), Rev: one.Rev}})
}

func (s *Server) renderSnippet(w http.ResponseWriter, r *http.Request, status int, f snippetForm) error {
	v := s.view(r)
	p := page{Title: f.title(), Status: status}
	if v.may(access.EditTemplates) {
		p.Scripts = []string{"js/template.js"}
		p.Keys = []ui.KeyHint{{Key: "Ctrl S", Does: "Save the snippet"}}
	}
	return s.render(w, r, p, snippetPage(v, f))
}

// snippetOf loads the snippet of a request's path.
func (s *Server) snippetOf(r *http.Request) (store.Snippet, error) {
	var id ident.Snippet
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.Snippet{}, err
	}
	return s.app.GetSnippet(r.Context(), actorOf(r), id)
}

func readSnippet(r *http.Request) action.SnippetInput {
	rev, _ := strconv.ParseInt(r.FormValue("rev"), 10, 64) // a broken one is 0, which does not check
	return action.SnippetInput{Key: text(r, "key"), Name: text(r, "name"), HTML: strings.ReplaceAll(r.FormValue("html"), "\r\n", "\n"), Rev: rev}
}

func (s *Server) createSnippet(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := snippetForm{Input: readSnippet(r)}
	if _, err := s.app.CreateSnippet(r.Context(), actorOf(r), f.Input); err != nil {
		return s.refuseSnippet(w, r, f, err)
	}
	s.say(r, "Snippet saved.")
	return s.redirect(w, r, "/snippets")
}

func (s *Server) saveSnippet(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	one, err := s.snippetOf(r)
	if err != nil {
		return err
	}
	f := snippetForm{Saved: one, Input: readSnippet(r)}
	if _, err := s.app.UpdateSnippet(r.Context(), actorOf(r), one.ID, f.Input); err != nil {
		return s.refuseSnippet(w, r, f, err)
	}
	s.say(r, "Snippet saved. What was copied from it before stays as it is.")
	return s.redirect(w, r, "/snippets")
}

func (s *Server) refuseSnippet(w http.ResponseWriter, r *http.Request, f snippetForm, err error) error {
	var shown bool
	if f.Problems, shown = refused(err); !shown {
		return err
	}
	return s.renderSnippet(w, r, http.StatusUnprocessableEntity, f)
}

func (s *Server) showDeleteSnippet(w http.ResponseWriter, r *http.Request) error {
	one, err := s.snippetOf(r)
	if err != nil {
		return err
	}
	q := question{ID: "delete-snippet", Title: "Delete " + one.Name + "?", Size: ui.Small, Back: snippetPath(one.ID)}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteSnippetBody(q, one) })
}

func (s *Server) deleteSnippet(w http.ResponseWriter, r *http.Request) error {
	one, err := s.snippetOf(r)
	if err != nil {
		return err
	}
	if err := s.app.DeleteSnippet(r.Context(), actorOf(r), one.ID); err != nil {
		return err
	}
	s.say(r, one.Name+" was deleted.")
	return s.redirect(w, r, "/snippets")
}

// pickedSnippet is a snippet as it would be inserted.
type pickedSnippet struct {
	store.Snippet
	// Insert is the HTML to insert; for an email it is filled.
	Insert string
	// Missing names the fields that the record has no value for.
	Missing string
}

// pickSnippet offers the snippets to the editor of a template, or filled to the email of an activity.
func (s *Server) pickSnippet(w http.ResponseWriter, r *http.Request) error {
	list, err := s.snippetsToPick(r)
	if err != nil {
		return err
	}
	q := question{ID: "pick-snippet", Title: "Insert a snippet", Back: "/snippets"}
	return s.ask(w, r, 0, q, func(question) templ.Component {
		return pickSnippetBody(s.view(r), list, "f-html")
	})
}

func (s *Server) snippetsToPick(r *http.Request) (list []pickedSnippet, err error) {
	if text(r, "activity") == "" {
		all, err := s.app.ListSnippets(r.Context(), actorOf(r), "")
		for _, one := range all {
			list = append(list, pickedSnippet{Snippet: one, Insert: readable(one.HTML)})
		}
		return list, err
	}
	var id ident.Activity
	if err := readID(text(r, "activity"), &id); err != nil {
		return nil, err
	}
	all, err := s.app.SnippetsForEmail(r.Context(), actorOf(r), id)
	for _, one := range all {
		list = append(list, pickedSnippet{Snippet: one.Snippet, Insert: one.Filled, Missing: missingNames("", one.Missing)})
	}
	return list, err
}
