package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/web/ui"
)

const bulkMailPath = "/bulk/email"

// bulkMailShown is the page that sends one email to many: who gets it, the text, and what the shown person would get.
type bulkMailShown struct {
	View   view
	IDs    []ident.Activity
	Chosen map[ident.Activity]bool
	Mail   action.BulkMail
	// Templates are those to begin from; Choice is the key of the one that was chosen last.
	Templates []ui.Option
	Choice    string
	// Own are the emails of single people.
	Own map[ident.Activity]action.BulkMail
	// Show is the place of the person whose email is shown.
	Show     int
	At       string
	Previews []action.MailPreview
	Problems problems
}

// bulkMail is the page, each button of which sends its whole form.
func (s *Server) bulkMail(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	m, err := s.readBulkMail(r)
	if err != nil {
		found, shown := refused(err)
		if !shown {
			return err
		}
		s.flash(r, ui.Flash{Tone: ui.Red, Text: found.first()})
		return s.redirect(w, r, readWorkFilter(r).list())
	}
	if text(r, "do") == "send" {
		return s.sendBulkMail(w, r, m)
	}
	return s.renderBulkMail(w, r, 0, m)
}

// readBulkMail reads the form; that of the work list has but the selection, and begins with the step's template.
func (s *Server) readBulkMail(r *http.Request) (bulkMailShown, error) {
	m := bulkMailShown{View: s.view(r), IDs: readIDs[ident.Activity](r.Form["activity"]), Chosen: map[ident.Activity]bool{}, Own: map[ident.Activity]action.BulkMail{}, At: text(r, "at")}
	actor := m.View.Actor
	var err error
	if text(r, "all") == "1" {
		if m.IDs, _, err = s.app.WorkIDs(r.Context(), actor, readWorkFilter(r).storeQuery(m.View)); err != nil {
			return m, err
		}
	}
	if len(m.IDs) == 0 {
		return m, fault.Field("activity", "required", "Nothing is selected any more.")
	}
	begun := text(r, "begun") == "1"
	if begun {
		m.Mail = action.BulkMail{Subject: text(r, "subject"), HTML: r.FormValue("html"), Template: text(r, "template"), Follow: text(r, "follow") != ""}
	} else if m.Mail, err = s.app.BulkMailOf(r.Context(), actor, m.IDs, ""); err != nil {
		return m, err
	}
	m.readOwn(r.Form)
	if text(r, "do") == "template" {
		if err := s.fillBulkMail(r, &m); err != nil {
			return m, err
		}
	}
	if m.Previews, err = s.app.PreviewBulkMail(r.Context(), actor, m.bulk(m.IDs)); err != nil {
		return m, err
	}
	for _, p := range m.Previews {
		m.Chosen[p.ID] = begun && slices.Contains(r.Form["to"], p.ID.String()) || !begun && (p.Warning == "" || p.InText)
	}
	m.turn(text(r, "do"), text(r, "show"))
	return m, s.offerTemplates(r, &m)
}

// fillBulkMail begins the text for all anew from the chosen template; texts of single people stay.
func (s *Server) fillBulkMail(r *http.Request, m *bulkMailShown) error {
	m.Choice = text(r, "choose")
	err := fault.Field("template", "required", "Choose a template.")
	var filled action.BulkMail
	if m.Choice != "" {
		filled, err = s.app.BulkMailOf(r.Context(), m.View.Actor, m.IDs, m.Choice)
	}
	if err != nil {
		found, shown := refused(err)
		if m.Problems = found; shown {
			return nil
		}
		return err
	}
	filled.Follow = m.Mail.Follow
	m.Mail = filled
	return nil
}

// offerTemplates lists the templates for the records of the people.
func (s *Server) offerTemplates(r *http.Request, m *bulkMailShown) error {
	list, err := s.app.ListTemplates(r.Context(), m.View.Actor, m.shown().RecordKind, "")
	if err != nil {
		return err
	}
	m.Templates = []ui.Option{{Label: "Choose a template"}}
	for _, t := range action.OfChannel(list, message.EmailChannel) {
		m.Templates = append(m.Templates, ui.Option{Value: t.Key, Label: t.Name})
	}
	return nil
}

// readOwn reads the emails of single people.
func (m *bulkMailShown) readOwn(form url.Values) {
	for _, id := range m.IDs {
		own := action.BulkMail{Subject: form.Get("subject-" + id.String()), HTML: form.Get("html-" + id.String()), EmptyFields: slices.Contains(form["empty"], id.String())}
		if own != (action.BulkMail{}) && form.Get("do") != "same-"+id.String() {
			m.Own[id] = own
		}
	}
}

// turn goes to another person, or begins an email of one's own.
func (m *bulkMailShown) turn(do, show string) {
	m.Show = max(0, slices.IndexFunc(m.Previews, func(p action.MailPreview) bool { return p.ID.String() == show }))
	for i, p := range m.Previews {
		if do == "show-"+p.ID.String() {
			m.Show = i
		}
	}
	switch do {
	case "next":
		m.Show = min(m.Show+1, len(m.Previews)-1)
	case "previous":
		m.Show = max(m.Show-1, 0)
	case "own":
		id := m.Previews[m.Show].ID
		own := m.Own[id]
		own.Subject, own.HTML = m.Mail.Subject, m.Mail.HTML
		m.Own[id] = own
	}
}

// bulk gives the batch that sends it to some.
func (m bulkMailShown) bulk(to []ident.Activity) action.Bulk {
	in := action.Bulk{Verb: action.BulkEmail, Activities: to, Mail: m.Mail, Each: map[ident.Activity]action.Bulk{}}
	if at, err := readLocalTime(m.View, m.At); err == nil {
		in.At = at
	}
	for _, id := range to {
		if own, ok := m.Own[id]; ok {
			in.Each[id] = action.Bulk{Verb: action.BulkEmail, Mail: own}
		}
	}
	return in
}

func (s *Server) renderBulkMail(w http.ResponseWriter, r *http.Request, status int, m bulkMailShown) error {
	return s.render(w, r, page{Title: "Email to many", Status: status, Scripts: []string{"js/mail.js", "js/bulkmail.js"}}, bulkMailPage(m))
}

// sendBulkMail sends it to those who are ticked.
func (s *Server) sendBulkMail(w http.ResponseWriter, r *http.Request, m bulkMailShown) error {
	var to []ident.Activity
	for _, id := range m.IDs {
		if m.Chosen[id] {
			to = append(to, id)
		}
	}
	err := fault.Field("activities", "required", "Tick at least one person.")
	if len(to) > 0 {
		err = nil
	}
	if at, wrong := readLocalTime(m.View, m.At); m.At != "" && (wrong != nil || !at.After(m.View.Now.Add(time.Minute))) {
		err = fault.Field("at", "past", "Choose a time that is still to come, or leave it empty to send at once.")
	}
	if err == nil {
		b, started := s.app.StartBatch(r.Context(), m.View.Actor, m.bulk(to))
		if err = started; err == nil {
			s.sayBatch(r, b)
			return s.redirect(w, r, batchPath(b.ID))
		}
	}
	found, shown := refused(err)
	if !shown {
		return err
	}
	m.Problems = found
	return s.renderBulkMail(w, r, http.StatusUnprocessableEntity, m)
}

// count is how many are ticked.
func (m bulkMailShown) count() (n int) {
	for _, on := range m.Chosen {
		if on {
			n++
		}
	}
	return n
}

// shown is the person whose email is shown.
func (m bulkMailShown) shown() action.MailPreview { return m.Previews[m.Show] }

// hasOwn tells whether somebody has a text of their own.
func (m bulkMailShown) hasOwn(id ident.Activity) bool {
	return m.Own[id].Subject != "" || m.Own[id].HTML != ""
}

// hidden carries what the page does not show: the selection, and the emails of people who are not shown.
func (m bulkMailShown) hidden() []ui.Hidden {
	fields := append(activityFields(m.IDs), ui.Hidden{Name: "begun", Value: "1"}, ui.Hidden{Name: "template", Value: m.Mail.Template}, ui.Hidden{Name: "show", Value: m.shown().ID.String()})
	own := m.hasOwn(m.shown().ID)
	if own {
		fields = append(fields, ui.Hidden{Name: "subject", Value: m.Mail.Subject}, ui.Hidden{Name: "html", Value: m.Mail.HTML})
	}
	for _, id := range m.IDs {
		if m.hasOwn(id) && id != m.shown().ID {
			fields = append(fields, ui.Hidden{Name: "subject-" + id.String(), Value: m.Own[id].Subject}, ui.Hidden{Name: "html-" + id.String(), Value: m.Own[id].HTML})
		}
	}
	return fields
}
