package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// The tabs of a template.
type templateTab int

const (
	editorTab templateTab = iota
	templateVersionsTab
	templateFiguresTab
)

func templateTabs(t store.Template, now templateTab, v view) ui.TabsProps {
	first := "Email"
	if v.may(access.EditTemplates) {
		first = "Editor"
	}
	at := templatePath(t.ID)
	return ui.TabsProps{Label: "Template pages", Tabs: []ui.Tab{
		{Label: first, Href: at, Current: now == editorTab},
		{Label: "Versions", Href: at + "/versions", Count: ui.Count(t.Version), Current: now == templateVersionsTab},
		{Label: "Figures", Href: at + "/figures", Current: now == templateFiguresTab},
	}}
}

func templateVersionPath(id ident.Template, number int) string {
	return templatePath(id) + "/versions/" + strconv.Itoa(number)
}

// olderUses are the sequences among uses that do not use the newest version.
func olderUses(uses []action.SequenceUse) []action.SequenceUse {
	return slices.DeleteFunc(slices.Clone(uses), func(u action.SequenceUse) bool { return !u.Behind })
}

// adoptable are those of them that the reader may bring up to date.
func adoptable(uses []action.SequenceUse) []action.SequenceUse {
	return slices.DeleteFunc(olderUses(uses), func(u action.SequenceUse) bool { return !u.MayAdopt })
}

// usesTitle says which sequences go on with an older text.
func usesTitle(older []action.SequenceUse) string {
	var numbers []int
	active := 0
	for _, u := range older {
		if u.Active {
			active++
		}
		numbers = append(numbers, u.Numbers()...)
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	what, many, does := "sequence", "sequences", "go on"
	if active == len(older) {
		what, many = "active sequence", "active sequences"
	}
	if len(older) == 1 {
		does = "goes on"
	}
	with := "version " + strconv.Itoa(numbers[0])
	if len(numbers) > 1 {
		with = "older versions"
	}
	return fmt.Sprintf("Used by %s, which %s with %s", plural(len(older), what, many), does, with)
}

// versionsOf names the versions of the template that a sequence uses: "Version 3", "Versions 4 and 3".
func versionsOf(u action.SequenceUse) string {
	var list []string
	for _, n := range u.Numbers() {
		list = append(list, strconv.Itoa(n))
	}
	if len(list) == 1 {
		return "Version " + list[0]
	}
	return "Versions " + strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func (s *Server) showTemplateUses(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	return s.askUses(w, r, 0, t, problems{})
}

func (s *Server) askUses(w http.ResponseWriter, r *http.Request, status int, t store.Template, p problems) error {
	uses, err := s.app.TemplateInUse(r.Context(), actorOf(r), t.ID)
	if err != nil {
		return err
	}
	q := question{
		ID: "template-uses", Title: "Sequences that use " + t.Name, Size: ui.Large, Back: templatePath(t.ID),
		Text: fmt.Sprintf("The newest text is version %d. A sequence goes on with the version that it was activated with until you change that here, or activate it again.", t.Version),
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return usesBody(q, t, uses, p) })
}

// adoptTemplate has sequences go on with the newest version.
func (s *Server) adoptTemplate(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	var ids []ident.Sequence
	for _, value := range r.Form["sequence"] {
		var id ident.Sequence
		if err := readID(value, &id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	uses, err := s.app.AdoptTemplate(r.Context(), actorOf(r), t.ID, ids)
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.askUses(w, r, http.StatusUnprocessableEntity, t, p)
	}
	who := plural(len(ids), "sequence goes on", "sequences go on")
	for _, u := range uses {
		if len(ids) == 1 && u.Sequence == ids[0] {
			who = "“" + u.Name + "” goes on"
		}
	}
	s.say(r, fmt.Sprintf("%s with version %d.", who, t.Version))
	return s.redirect(w, r, templatePath(t.ID))
}

func (s *Server) showTemplateVersions(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	rows, err := s.app.TemplateVersions(r.Context(), actorOf(r), t.ID)
	if err != nil {
		return err
	}
	uses, err := s.app.TemplateInUse(r.Context(), actorOf(r), t.ID)
	if err != nil {
		return err
	}
	v := s.view(r)
	return s.render(w, r, page{Title: t.Name + ": versions"}, templateVersionsPage(v, t, templateVersionTable(v, t, rows, uses)))
}

func templateVersionTable(v view, t store.Template, rows []store.TemplateVersion, uses []action.SequenceUse) ui.TableProps {
	table := ui.TableProps{Caption: "Versions of " + t.Name, Columns: []ui.Column{
		{Label: "Version"}, {Label: firstLine(t.Channel), Wide: true}, {Label: "Used by", HidePhone: true}, {Label: "Saved"}, {Label: "By", HidePhone: true},
	}}
	for _, row := range rows {
		first := ui.Cell{Text: "Version " + strconv.Itoa(row.Number), Href: templateVersionPath(t.ID, row.Number)}
		if row.Number == t.Version {
			first.Sub = "The newest"
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			first,
			{Text: plainTags(t.RecordKind, orElse(row.Subject, row.Text))},
			{Text: strings.Join(usersOf(row.Number, uses), ", "), Soft: true},
			{Content: ui.Time(v.at(row.CreatedAt))},
			{Text: row.CreatedByName, Soft: true},
		}})
	}
	return table
}

// usersOf names the sequences that use a version of the template.
func usersOf(number int, uses []action.SequenceUse) []string {
	var names []string
	for _, u := range uses {
		if slices.Contains(u.Numbers(), number) {
			names = append(names, u.Name)
		}
	}
	return names
}

// oldTemplate is a version of a template beside the newest one.
type oldTemplate struct {
	Template store.Template
	Version  store.TemplateVersion
	UsedBy   []string
}

func (o oldTemplate) newest() bool { return o.Version.Number == o.Template.Version }

func (o oldTemplate) subjectChanges() []change {
	return textChanges(o.Version.Subject, o.Template.Subject)
}

func (o oldTemplate) textChanges() []change {
	return textChanges(wholeText(o.Version.TemplateContent), wholeText(o.Template.TemplateContent))
}

// wholeText is the text of an email or of a text message, without its look.
func wholeText(c store.TemplateContent) string {
	if c.Text != "" {
		return c.Text
	}
	return message.PlainText(readable(c.HTML))
}

// firstLine names what tells the versions of a template apart.
func firstLine(c message.Channel) string {
	if c == message.TextChannel {
		return "Text"
	}
	return "Subject"
}

// sameWords tells that only the look of the text has changed since.
func (o oldTemplate) sameWords() bool {
	for _, c := range append(o.subjectChanges(), o.textChanges()...) {
		if c.Gone || c.Came {
			return false
		}
	}
	return true
}

// oldTemplateOf loads the version of a request's path.
func (s *Server) oldTemplateOf(r *http.Request) (o oldTemplate, err error) {
	if o.Template, err = s.templateOf(r); err != nil {
		return o, err
	}
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 {
		return o, fault.New(fault.NotFound, "There is no such version.")
	}
	o.Version, err = s.app.GetTemplateVersion(r.Context(), actorOf(r), o.Template.ID, number)
	return o, err
}

func (s *Server) showTemplateVersion(w http.ResponseWriter, r *http.Request) error {
	o, err := s.oldTemplateOf(r)
	if err != nil {
		return err
	}
	uses, err := s.app.TemplateInUse(r.Context(), actorOf(r), o.Template.ID)
	if err != nil {
		return err
	}
	o.UsedBy = usersOf(o.Version.Number, uses)
	p := page{Title: fmt.Sprintf("%s, version %d", o.Template.Name, o.Version.Number), Scripts: []string{"js/mail.js"}}
	return s.render(w, r, p, templateVersionPage(s.view(r), o))
}

// showTemplateVersionMail is the text of a version for the frame, its merge fields as they stand.
func (s *Server) showTemplateVersionMail(w http.ResponseWriter, r *http.Request) error {
	o, err := s.oldTemplateOf(r)
	if err != nil {
		return err
	}
	return s.renderMail(w, r, mailDocument{Title: o.Template.Name, HTML: plainTags(o.Template.RecordKind, readable(o.Version.HTML))})
}

func (s *Server) restoreTemplate(w http.ResponseWriter, r *http.Request) error {
	o, err := s.oldTemplateOf(r)
	if err != nil {
		return err
	}
	t, err := s.app.RestoreTemplate(r.Context(), actorOf(r), o.Template.ID, o.Version.Number)
	if err != nil {
		return err
	}
	s.say(r, fmt.Sprintf("Version %d is the newest again, as version %d.", o.Version.Number, t.Version))
	return s.redirect(w, r, templatePath(t.ID))
}
