package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// templateForm is the state of the editor of a template.
type templateForm struct {
	// Saved is the template as it is stored; its ID is zero for a new one.
	Saved    store.Template
	Input    action.TemplateInput
	Problems problems
	Preview  templatePreview
	// Uses are the sequences that still send it.
	Uses  []action.SequenceUse
	Files filesForm
}

func (f templateForm) fresh() bool { return f.Saved.ID == 0 }

// action is the address that the form is sent to.
func (f templateForm) action() string {
	if f.fresh() {
		return "/templates"
	}
	return templatePath(f.Saved.ID)
}

// testAction is the address that sends a test of what is in the form.
func (f templateForm) testAction() string {
	if f.fresh() {
		return "/templates/test"
	}
	return templatePath(f.Saved.ID) + "/test"
}

func (f templateForm) title() string {
	if f.fresh() {
		if f.ofTexts() {
			return "New text template"
		}
		return "New template"
	}
	return f.Saved.Name
}

func (s *Server) showNewTemplate(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.EditTemplates)); err != nil {
		return err
	}
	return s.renderTemplate(w, r, 0, templateForm{Input: action.TemplateInput{RecordKind: record.Lead, Channel: channelOf(r)}})
}

func (s *Server) showTemplate(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	in := action.TemplateInput{Key: t.Key, Name: t.Name, Subject: t.Subject, HTML: readable(t.HTML), RecordKind: t.RecordKind, Files: t.Files.IDs(), Rev: t.Rev, Channel: t.Channel, Text: t.Text}
	return s.renderTemplate(w, r, 0, templateForm{Saved: t, Input: in})
}

// renderTemplate shows the editor, or to who may not edit templates the template alone, with its preview.
func (s *Server) renderTemplate(w http.ResponseWriter, r *http.Request, status int, f templateForm) error {
	var rec ident.Record
	_ = readID(text(r, "record"), &rec) // without one, the first record is shown
	var err error
	if f.Preview, err = s.preview(r, f.Input, rec); err != nil {
		return err
	}
	if f.ofTexts() {
		return s.renderTextTemplate(w, r, status, f)
	}
	if f.Files, err = s.filesOf(r, f.Input.Files, f.Problems); err != nil {
		return err
	}
	if !f.fresh() {
		if f.Uses, err = s.app.TemplateInUse(r.Context(), actorOf(r), f.Saved.ID); err != nil {
			return err
		}
	}
	v := s.view(r)
	p := page{Title: f.title(), Status: status}
	if !v.may(access.EditTemplates) {
		p.Scripts = []string{"js/mail.js"}
		return s.render(w, r, p, templateReadPage(v, f))
	}
	p.Scripts = []string{"js/template.js"}
	p.Keys = []ui.KeyHint{{Key: "Ctrl S", Does: "Save the template"}}
	return s.render(w, r, p, templatePage(v, f))
}

// readTemplate reads the form of the editor.
func readTemplate(r *http.Request) action.TemplateInput {
	rev, _ := strconv.ParseInt(r.FormValue("rev"), 10, 64) // a broken one is 0, which does not check
	return action.TemplateInput{
		Key: text(r, "key"), Name: text(r, "name"), Subject: text(r, "subject"),
		HTML: strings.ReplaceAll(r.FormValue("html"), "\r\n", "\n"), RecordKind: record.Kind(text(r, "record_kind")), Rev: rev,
		Files:   tickedFiles(r),
		Channel: channelOf(r), Text: textOf(r),
	}
}

func (s *Server) createTemplate(w http.ResponseWriter, r *http.Request) error {
	refusal := s.takeFiles(r)
	f := templateForm{Input: readTemplate(r)}
	if refusal != nil {
		return s.refuseTemplate(w, r, f, refusal)
	}
	made, err := s.app.CreateTemplate(r.Context(), actorOf(r), f.Input)
	if err != nil {
		return s.refuseTemplate(w, r, f, err)
	}
	s.say(r, "Template saved. Sequences name it "+made.Key+".")
	return s.redirect(w, r, templatePath(made.ID))
}

func (s *Server) saveTemplate(w http.ResponseWriter, r *http.Request) error {
	refusal := s.takeFiles(r)
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	f := templateForm{Saved: t, Input: readTemplate(r)}
	f.Input.Key, f.Input.Channel = t.Key, t.Channel
	if refusal != nil {
		return s.refuseTemplate(w, r, f, refusal)
	}
	saved, err := s.app.UpdateTemplate(r.Context(), actorOf(r), t.ID, f.Input)
	if err != nil {
		return s.refuseTemplate(w, r, f, err)
	}
	said := "Template saved."
	if saved.Version != t.Version {
		said = fmt.Sprintf("Saved as version %d.", saved.Version)
	}
	s.say(r, said)
	return s.redirect(w, r, templatePath(t.ID)+previewQuery(r))
}

// previewQuery keeps the record that the preview was filled with.
func previewQuery(r *http.Request) string {
	var rec ident.Record
	if readID(text(r, "record"), &rec) != nil {
		return ""
	}
	return "?record=" + rec.String()
}

// refuseTemplate shows the editor again with what was typed and what is wrong with it.
func (s *Server) refuseTemplate(w http.ResponseWriter, r *http.Request, f templateForm, err error) error {
	var shown bool
	if f.Problems, shown = refused(err); !shown {
		return err
	}
	return s.renderTemplate(w, r, http.StatusUnprocessableEntity, f)
}

// mergeGroup is a group of the merge fields that the editor offers.
type mergeGroup struct {
	Label  string
	Fields []store.MergeField
}

// mergeGroups lists the merge fields of a kind, those of the record first.
func mergeGroups(kind record.Kind) []mergeGroup {
	of := mergeGroup{Label: "Record"}
	if kind != "" {
		of.Label = kind.Label()
	}
	rest := mergeGroup{Label: "Sender and sequence"}
	var related []mergeGroup
	for _, f := range store.MergeFields(kind) {
		whose, _, dotted := strings.Cut(f.Name, ".")
		at := slices.IndexFunc(related, func(g mergeGroup) bool { return lower(g.Label) == whose })
		switch {
		case !dotted:
			of.Fields = append(of.Fields, f)
		case whose == "sender" || whose == "sequence":
			rest.Fields = append(rest.Fields, f)
		case at < 0:
			related = append(related, mergeGroup{Label: sentenceCase(whose), Fields: []store.MergeField{f}})
		default:
			related[at].Fields = append(related[at].Fields, f)
		}
	}
	return append(append([]mergeGroup{of}, related...), rest)
}

func templateKindOptions() []ui.Option {
	return append(kindOptions(), ui.Option{Value: "", Label: "All records"})
}
