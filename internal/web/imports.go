package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/web/ui"
)

// importLimit bounds the body of an upload: 200 MB of file, and the form around it.
const importLimit = 200<<20 + 1<<20

// importStart is the first page of the wizard: the file.
type importStart struct {
	Kind     record.Kind
	Earlier  []action.ImportView
	Problems problems
}

func (s *Server) showImports(w http.ResponseWriter, r *http.Request) error {
	list, err := s.app.ListImports(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Imports"}, importsPage(s.view(r), list))
}

func (s *Server) showNewImport(w http.ResponseWriter, r *http.Request) error {
	return s.renderNewImport(w, r, 0, problems{})
}

func (s *Server) renderNewImport(w http.ResponseWriter, r *http.Request, status int, p problems) error {
	start := importStart{Kind: importKind(r), Problems: p}
	var err error
	if start.Earlier, err = s.app.ListImports(r.Context(), actorOf(r)); err != nil {
		return err
	}
	title := "Import " + start.Kind.Path()
	return s.render(w, r, page{Title: title, Status: status, Scripts: []string{"js/import.js"}}, newImportPage(s.view(r), start))
}

// importKind reads the kind of records from the address, because the body of an upload is one long file.
func importKind(r *http.Request) record.Kind {
	if kind := record.Kind(r.URL.Query().Get("kind")); kind.Known() {
		return kind
	}
	return record.Lead
}

// uploadImport takes a file as it comes in, without keeping it in memory or in a second place.
func (s *Server) uploadImport(w http.ResponseWriter, r *http.Request) error {
	file, err := uploadedFile(r, "file")
	var made action.ImportView
	if err == nil {
		defer func() { _ = file.Close() }()
		made, err = s.app.UploadImport(r.Context(), actorOf(r), importKind(r), file.FileName(), file)
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) || fault.Is(err, fault.TooLarge) {
		err = fault.Field("file", "too_large", "The file is larger than 200 MB. Split it and import the parts one after the other.")
	}
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderNewImport(w, r, http.StatusUnprocessableEntity, p)
	}
	return s.redirect(w, r, importPath(made.ID))
}

// uploadedFile gives the file of a form's field as a stream.
func uploadedFile(r *http.Request, field string) (*multipart.Part, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Malformed, "The form holds no file.").WithHint("Load the page again and choose a file.").WithInner(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == field && part.FileName() != "" {
			return part, nil
		}
	}
	return nil, fault.Field("file", "required", "Choose a file.")
}

// importOf loads the import of a request's path.
func (s *Server) importOf(r *http.Request) (action.ImportView, error) {
	var id ident.Import
	if err := readID(r.PathValue("id"), &id); err != nil {
		return action.ImportView{}, err
	}
	return s.app.GetImport(r.Context(), actorOf(r), id)
}

// underWay tells that an import is being carried out, or waits for its turn.
func underWay(i action.ImportView) bool {
	return i.State == action.ImportChecking || i.State == action.ImportRunning
}

// showImport shows an import where it stands: the columns, the progress or the result. htmx polls it while the import
// is under way, and a page without scripts loads itself anew.
func (s *Server) showImport(w http.ResponseWriter, r *http.Request) error {
	i, err := s.importOf(r)
	if err != nil {
		return err
	}
	if i.State == action.ImportUploaded || text(r, "step") == "columns" && mayRemap(i) {
		return s.renderColumns(w, r, 0, i, problems{})
	}
	return s.renderImport(w, r, i)
}

// mayRemap tells that the columns may still be chosen in another way.
func mayRemap(i action.ImportView) bool { return !underWay(i) && i.State != action.ImportDone }

func (s *Server) renderImport(w http.ResponseWriter, r *http.Request, i action.ImportView) error {
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, importStatus(v, i))
	}
	p := page{Title: "Import of " + i.FileName}
	if underWay(i) {
		p.Head = reloadSoon()
	}
	return s.render(w, r, p, importPage(v, i))
}

// startImport starts the import, or with "check" a run that changes nothing.
func (s *Server) startImport(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	i, err := s.importOf(r)
	if err != nil {
		return err
	}
	if _, err = s.app.StartImport(r.Context(), actorOf(r), i.ID, r.FormValue("run") == "check"); err != nil {
		return s.importTrouble(w, r, i.ID, err)
	}
	return s.redirect(w, r, importPath(i.ID))
}

func (s *Server) cancelImport(w http.ResponseWriter, r *http.Request) error {
	i, err := s.importOf(r)
	if err != nil {
		return err
	}
	if _, err := s.app.CancelImport(r.Context(), actorOf(r), i.ID); err != nil {
		return s.importTrouble(w, r, i.ID, err)
	}
	s.say(r, "The import was cancelled.")
	return s.redirect(w, r, importPath(i.ID))
}

// importTrouble shows what keeps an import from starting or ending as a message on its page.
func (s *Server) importTrouble(w http.ResponseWriter, r *http.Request, id ident.Import, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Conflict {
		return err
	}
	s.flash(r, ui.Flash{Tone: ui.Red, Text: sentence(f)})
	return s.redirect(w, r, importPath(id))
}

// downloadRefused sends the refused rows as a file. It begins when the first byte is there, so that a missing file is
// still a page.
func (s *Server) downloadRefused(w http.ResponseWriter, r *http.Request) error {
	i, err := s.importOf(r)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(i.FileName, ".csv") + " refused.csv"
	return s.app.ImportRefusedCSV(r.Context(), actorOf(r), i.ID, &download{w: w, name: name})
}
