package web

import (
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/attachment"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// filesLimit bounds a form with files in it: those of one mail, and the form around them.
const filesLimit = attachment.TotalMax + 4<<20

// filesForm is the part of a form that lists files, with what is wrong with them.
type filesForm struct {
	Files   []store.File
	Problem string
}

// filesOf gives the part of a form for some files.
func (s *Server) filesOf(r *http.Request, ids []ident.File, p problems) (filesForm, error) {
	list, err := s.app.Files(r.Context(), actorOf(r), ids)
	return filesForm{Files: list, Problem: strings.TrimSpace(p.of("file") + " " + p.of("files"))}, err
}

// takeFiles uploads the files that a form carries, and adds them to those that are ticked in it. It gives the first
// refusal, after the others are taken: what was right needs no second upload.
func (s *Server) takeFiles(r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if r.MultipartForm == nil {
		return nil
	}
	sent := r.MultipartForm.File["file"]
	delete(r.MultipartForm.File, "file")
	var first error
	for _, header := range sent {
		if header.Filename == "" {
			continue
		}
		f, err := s.takeFile(r, header)
		if err != nil {
			var refusal *fault.Error
			if !errors.As(err, &refusal) {
				return err
			}
			if first == nil {
				first = err
			}
			continue
		}
		if id := f.ID.String(); !slices.Contains(r.Form["files"], id) {
			r.Form["files"] = append(r.Form["files"], id)
		}
	}
	return first
}

func (s *Server) takeFile(r *http.Request, header *multipart.FileHeader) (store.File, error) {
	content, err := header.Open()
	if err != nil {
		return store.File{}, err
	}
	defer func() { _ = content.Close() }()
	return s.app.UploadFile(r.Context(), actorOf(r), header.Filename, content)
}

// tickedFiles reads which files go with a mail. It is never nil, which would mean those of the template.
func tickedFiles(r *http.Request) []ident.File {
	return append([]ident.File{}, readIDs[ident.File](r.Form["files"])...)
}

// attachFiles answers the choice of a file: with the list as it is then, while the form around it stays.
func (s *Server) attachFiles(w http.ResponseWriter, r *http.Request) error {
	refusal := s.takeFiles(r)
	var p problems
	if refusal != nil {
		var shown bool
		if p, shown = refused(refusal); !shown {
			return refusal
		}
	}
	f, err := s.filesOf(r, tickedFiles(r), p)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refusal != nil {
		status = http.StatusUnprocessableEntity
	}
	return s.fragment(w, r, status, filesField(f))
}

// fileList is the state of the page of files.
type fileList struct {
	Search   string
	Page     store.Page[store.File]
	Older    string // the address of the next page
	Problems problems
}

func (s *Server) showFiles(w http.ResponseWriter, r *http.Request) error {
	return s.renderFiles(w, r, 0, problems{})
}

func (s *Server) renderFiles(w http.ResponseWriter, r *http.Request, status int, p problems) error {
	l := fileList{Search: text(r, "q"), Problems: p}
	var err error
	if l.Page, err = s.app.ListFiles(r.Context(), actorOf(r), l.Search, r.URL.Query().Get("cursor"), 50); err != nil {
		return err
	}
	if l.Page.Next != "" {
		l.Older = withQuery(r, "cursor", l.Page.Next)
	}
	if status == 0 && isFragment(r) {
		return s.fragment(w, r, 0, fileResults(s.view(r), l))
	}
	return s.render(w, r, page{Title: "Files", Status: status}, filesPage(s.view(r), l))
}

// uploadFiles takes files on the page of files.
func (s *Server) uploadFiles(w http.ResponseWriter, r *http.Request) error {
	err := s.takeFiles(r)
	if err == nil && len(r.Form["files"]) == 0 {
		err = fault.Field("file", "required", "Choose a file.")
	}
	if err != nil {
		p, shown := refused(err)
		if !shown {
			return err
		}
		return s.renderFiles(w, r, http.StatusUnprocessableEntity, p)
	}
	s.say(r, plural(len(r.Form["files"]), "file is", "files are")+" uploaded. What is attached to nothing is deleted after a day.")
	return s.redirect(w, r, "/files")
}

func (s *Server) fileOf(r *http.Request) (store.File, error) {
	var id ident.File
	if err := readID(r.PathValue("id"), &id); err != nil {
		return store.File{}, err
	}
	return s.app.GetFile(r.Context(), actorOf(r), id)
}

// downloadFile sends a file to a user. It is saved, never shown, and counts as nobody's download.
func (s *Server) downloadFile(w http.ResponseWriter, r *http.Request) error {
	var id ident.File
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	f, content, err := s.app.OpenFile(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

func (s *Server) showDeleteFile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.fileOf(r)
	if err != nil {
		return err
	}
	return s.askDeleteFile(w, r, 0, f, problems{})
}

func (s *Server) askDeleteFile(w http.ResponseWriter, r *http.Request, status int, f store.File, p problems) error {
	q := question{ID: "delete-file", Title: "Delete " + f.Name + "?", Size: ui.Small, Back: "/files"}
	return s.ask(w, r, status, q, func(q question) templ.Component { return deleteFileBody(q, f, p) })
}

// deleteFile deletes a file. One that is in use stays, and the page says where.
func (s *Server) deleteFile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.fileOf(r)
	if err != nil {
		return err
	}
	err = s.app.DeleteFile(r.Context(), actorOf(r), f.ID)
	if fault.Is(err, fault.Conflict) {
		p, _ := refused(err)
		return s.askDeleteFile(w, r, http.StatusUnprocessableEntity, f, p)
	}
	if err != nil {
		return err
	}
	s.say(r, f.Name+" was deleted.")
	return s.redirect(w, r, "/files")
}

func (l fileList) table(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Files", Columns: []ui.Column{{Label: "File", Wide: true}, {Label: "Size", Numeric: true, HidePhone: true}, {Label: "Goes with"}, {Label: "Uploaded"}, {Label: "Actions", HideLabel: true}}}
	for _, f := range l.Page.Rows {
		used := ui.Cell{Text: "No template", Soft: true}
		if len(f.Templates) > 0 {
			used = ui.Cell{Text: strings.Join(f.Templates, ", ")}
		}
		cells := []ui.Cell{
			{Text: f.Name, Href: filePath(f.ID) + "/content", Sub: orElse(f.UserName, "Cadenza")},
			{Text: attachment.SizeText(f.Size)},
			used,
			{Content: ui.Time(v.at(f.CreatedAt))},
			{},
		}
		if v.mayOn(access.UseFiles, f.User) {
			cells[4].Content = fileActions(f)
		}
		t.Rows = append(t.Rows, ui.Row{ID: f.ID.String(), Label: f.Name, Cells: cells})
	}
	return t
}
