package web

import (
	"net/http"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// previewChoices bounds how many records the preview offers at once; a search finds the others.
const previewChoices = 20

// templatePreview is a template filled with a record, and the records to choose from.
type templatePreview struct {
	action.Preview
	// Kind is that of the records to fill with: the template's, or leads where the template is for all.
	Kind    record.Kind
	ForAll  bool
	Record  ident.Record
	Records []store.RecordRow
	// Search is what the records were searched by.
	Search string
	// Trouble is why the template cannot be filled.
	Trouble problems
}

// preview fills a template with a record; one of another kind gives way to the first of the kind.
func (s *Server) preview(r *http.Request, in action.TemplateInput, rec ident.Record) (templatePreview, error) {
	p := templatePreview{Kind: in.RecordKind, Search: text(r, "find")}
	if !p.Kind.Known() {
		p.Kind, p.ForAll, in.RecordKind = record.Lead, true, ""
	}
	var err error
	if err = s.previewRecords(r, &p, rec); err != nil {
		return p, err
	}
	p.Preview, err = s.app.PreviewTemplate(r.Context(), actorOf(r), in, p.Record)
	if err != nil {
		var shown bool
		if p.Trouble, shown = refused(err); !shown {
			return p, err
		}
	}
	return p, nil
}

// previewRecords lists records to fill with. The chosen one is always among them.
func (s *Server) previewRecords(r *http.Request, p *templatePreview, chosen ident.Record) error {
	actor := actorOf(r)
	list, err := s.app.ListRecords(r.Context(), actor, store.RecordQuery{Kind: p.Kind, Search: p.Search, Sort: "name", Limit: previewChoices})
	if err != nil {
		return err
	}
	p.Records = list.Rows
	for _, row := range list.Rows {
		if row.ID == chosen {
			p.Record = chosen
			return nil
		}
	}
	if chosen != 0 && p.Search == "" {
		rec, err := s.app.GetRecord(r.Context(), actor, chosen)
		if err == nil && rec.Kind == p.Kind {
			p.Record, p.Records = chosen, append([]store.RecordRow{{Record: rec}}, p.Records...)
			return nil
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if len(p.Records) > 0 {
		p.Record = p.Records[0].ID
	}
	return nil
}

func (p templatePreview) options() []ui.Option {
	var options []ui.Option
	for _, row := range p.Records {
		label := joined(", ", row.Name(), row.Get("company"))
		options = append(options, ui.Option{Value: row.ID.String(), Label: label})
	}
	if len(options) == 0 {
		options = append(options, ui.Option{Label: "No " + p.Kind.Path() + " found"})
	}
	return options
}

// notes say in words what the reader of the preview must know.
func (p templatePreview) notes() []string {
	var notes []string
	for _, one := range p.Trouble.summary().Problems {
		notes = append(notes, one.Text)
	}
	if len(p.Unknown) > 0 {
		notes = append(notes, p.unknownNote())
	}
	if len(p.Missing) > 0 {
		notes = append(notes, p.missingNote())
	}
	return notes
}

func (p templatePreview) unknownNote() string {
	if p.ForAll {
		return "No record has a field " + strings.Join(p.Unknown, ", ") + ". Choose another one."
	}
	return p.Kind.Plural() + " have no field " + strings.Join(p.Unknown, ", ") + ". Choose another one."
}

func (p templatePreview) missingNote() string {
	names := missingNames(p.Kind, p.Missing)
	if p.RecordName == "" {
		return "Empty without a fallback: " + names + "."
	}
	return p.RecordName + " has no value for: " + names + "."
}

// previewTemplate fills what is in the editor. htmx gets the parts around the frame; a browser without scripts gets the
// filled mail for the frame that its button aims at.
func (s *Server) previewTemplate(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	var rec ident.Record
	_ = readID(text(r, "record"), &rec) // without one, the first record is shown
	in := readTemplate(r)
	p, err := s.preview(r, in, rec)
	if err != nil {
		return err
	}
	if in.Channel == message.TextChannel && isFragment(r) {
		return s.fragment(w, r, 0, textPreview(p))
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, previewParts(s.view(r), p))
	}
	return s.renderMail(w, r, mailDocument{Title: "Preview", Subject: p.Subject, Notes: p.notes(), HTML: p.HTML, Text: p.Text})
}

// showTemplateMail fills a stored template for the frame.
func (s *Server) showTemplateMail(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	var rec ident.Record
	_ = readID(text(r, "record"), &rec) // without one, the first record is shown
	p, err := s.preview(r, action.TemplateInput{Subject: t.Subject, HTML: t.HTML, RecordKind: t.RecordKind}, rec)
	if err != nil {
		return err
	}
	return s.renderMail(w, r, mailDocument{Title: t.Name, HTML: p.HTML})
}

// showEmptyMail is the frame of a template that is not stored yet.
func (s *Server) showEmptyMail(w http.ResponseWriter, r *http.Request) error {
	return s.renderMail(w, r, mailDocument{Title: "Preview"})
}

// showMergeFields lists the merge fields and the records of the kind that was chosen.
func (s *Server) showMergeFields(w http.ResponseWriter, r *http.Request) error {
	p := templatePreview{Kind: record.Kind(text(r, "record_kind"))}
	asked := p.Kind
	if !p.Kind.Known() {
		p.Kind, asked = record.Lead, ""
	}
	if err := s.previewRecords(r, &p, 0); err != nil {
		return err
	}
	return s.fragment(w, r, 0, mergeFieldSelect(asked), recordSelect(p, true))
}

// findPreviewRecords lists the records that fit a search.
func (s *Server) findPreviewRecords(w http.ResponseWriter, r *http.Request) error {
	p := templatePreview{Kind: record.Kind(text(r, "record_kind")), Search: text(r, "find")}
	if !p.Kind.Known() {
		p.Kind = record.Lead
	}
	if err := s.previewRecords(r, &p, 0); err != nil {
		return err
	}
	return s.fragment(w, r, 0, recordSelect(p, false))
}
