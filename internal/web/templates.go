package web

import (
	"net/http"
	"regexp"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// templateList is the state of the list of templates.
type templateList struct {
	Search string
	Kind   record.Kind
	// Channel narrows; "" for both.
	Channel message.Channel
	Rows    []store.Template
}

func (l templateList) narrowed() bool { return l.Search != "" || l.Kind != "" || l.Channel != "" }

func (s *Server) showTemplates(w http.ResponseWriter, r *http.Request) error {
	l := templateList{Search: text(r, "q"), Channel: channelOf(r)}
	if kind := record.Kind(text(r, "kind")); kind.Known() {
		l.Kind = kind
	}
	var err error
	if l.Rows, err = s.app.ListTemplates(r.Context(), actorOf(r), l.Kind, l.Search); err != nil {
		return err
	}
	l.Rows = action.OfChannel(l.Rows, l.Channel)
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, templateResults(v, l))
	}
	keys := []ui.KeyHint{{Key: "/", Does: "Search"}}
	if v.may(access.EditTemplates) {
		keys = append(keys, ui.KeyHint{Key: "n", Does: "New template"})
	}
	return s.render(w, r, page{Title: "Templates", Keys: keys}, templatesPage(v, l))
}

// templateWord marks a template for text messages.
func templateWord(t store.Template) string {
	if t.Channel == message.TextChannel {
		return t.Channel.Label()
	}
	return ""
}

// templateKind says for which records a template is.
func templateKind(k record.Kind) string {
	if k == "" {
		return "All records"
	}
	return k.Plural()
}

func (l templateList) table(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Templates", Columns: []ui.Column{
		{Label: "Name", Wide: true}, {Label: "Key", HidePhone: true}, {Label: "For"}, {Label: "Used by"}, {Label: "Changed"},
	}}
	edit := v.may(access.EditTemplates)
	if edit {
		t.Columns = append(t.Columns, ui.Column{Label: "Actions", HideLabel: true})
	}
	for _, row := range l.Rows {
		cells := []ui.Cell{
			{Text: row.Name, Href: templatePath(row.ID), Sub: joined(" · ", templateWord(row), shorten(plainTags(row.RecordKind, row.Subject+row.Text)))},
			{Content: code(row.Key)},
			{Text: templateKind(row.RecordKind), Soft: true},
			usedBy(row.UsedBy),
			{Content: ui.Time(v.at(row.UpdatedAt))},
		}
		if edit {
			cells = append(cells, ui.Cell{Content: templateMenu(row)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: row.ID.String(), Label: row.Name, Cells: cells})
	}
	return t
}

var simpleTag = regexp.MustCompile(`\{\{\s*(?:record\.)?([\w.]+)[^}]*\}\}`)

// plainTags writes a subject for a list: "Hello {{ first_name | default: "there" }}" becomes "Hello [First name]".
func plainTags(kind record.Kind, subject string) string {
	labels := map[string]string{}
	for _, f := range store.MergeFields(kind) {
		labels[f.Name] = f.Label
	}
	return simpleTag.ReplaceAllStringFunc(subject, func(tag string) string {
		name := simpleTag.FindStringSubmatch(tag)[1]
		return "[" + orElse(labels[name], name) + "]"
	})
}

func usedBy(n int) ui.Cell {
	if n == 0 {
		return ui.Cell{Text: "Not used", Soft: true}
	}
	return ui.Cell{Text: plural(n, "sequence", "sequences")}
}

// templateActions are what can be done with a template that exists.
func templateActions(t store.Template) []ui.MenuEntry {
	gone := templatePath(t.ID) + "/delete"
	return []ui.MenuEntry{
		{Label: "Copy", Icon: "copy", Action: templatePath(t.ID) + "/copy"},
		{Label: "Delete", Icon: "trash", Href: gone, Danger: true, Divider: true, Attrs: asks(gone)},
	}
}

// templateOf loads the template of a request's path.
func (s *Server) templateOf(r *http.Request) (store.Template, error) {
	var id ident.Template
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.Template{}, err
	}
	return s.app.GetTemplate(r.Context(), actorOf(r), id)
}

func (s *Server) copyTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	made, err := s.app.CopyTemplate(r.Context(), actorOf(r), t.ID, "")
	if err != nil {
		return err
	}
	s.say(r, "Copied to "+made.Name+". Give it a name of its own.")
	return s.redirect(w, r, templatePath(made.ID))
}

func (s *Server) showDeleteTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	return s.askDeleteTemplate(w, r, 0, t, problems{})
}

func (s *Server) askDeleteTemplate(w http.ResponseWriter, r *http.Request, status int, t store.Template, p problems) error {
	q := question{ID: "delete-template", Title: "Delete " + t.Name + "?", Size: ui.Small, Back: templatePath(t.ID)}
	return s.ask(w, r, status, q, func(q question) templ.Component { return deleteTemplateBody(q, t, p) })
}

// deleteTemplate deletes a template. One that an active sequence uses stays, and the page says which sequence it is.
func (s *Server) deleteTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	err = s.app.DeleteTemplate(r.Context(), actorOf(r), t.ID)
	if fault.Is(err, fault.Conflict) {
		p, _ := refused(err)
		return s.askDeleteTemplate(w, r, http.StatusUnprocessableEntity, t, p)
	}
	if err != nil {
		return err
	}
	s.say(r, t.Name+" was deleted.")
	return s.redirect(w, r, "/templates")
}
