package web

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/seqfile"
	"cadenza/internal/web/ui"
)

// The limits of files that come in by the browser: of what is chosen, and of the form that carries them on to the second page.
const (
	sequenceFilesMax   = 10 << 20
	sequenceFilesLimit = sequenceFilesMax + 1<<20
	sequencePlanLimit  = sequenceFilesMax*4/3 + 3<<20
)

// sequenceImport is the state of the import of sequences: the choice of files, then the plan.
type sequenceImport struct {
	Problems problems
	Plan     action.FolderResult
	// Archive carries the files from the plan to its application, so that the server keeps nothing of them.
	Archive string
	lines   map[string][]string
}

func (s *Server) showSequenceImport(w http.ResponseWriter, r *http.Request) error {
	return s.renderSequenceImport(w, r, 0, sequenceImport{})
}

func (s *Server) renderSequenceImport(w http.ResponseWriter, r *http.Request, status int, i sequenceImport) error {
	return s.render(w, r, page{Title: "Import sequences", Status: status, Scripts: []string{"js/import.js"}}, sequenceImportPage(s.view(r), i))
}

// planSequenceImport reads files and shows what applying them would do.
func (s *Server) planSequenceImport(w http.ResponseWriter, r *http.Request) error {
	files, err := uploadedSequences(r)
	var large *http.MaxBytesError
	if errors.As(err, &large) || fault.Is(err, fault.TooLarge) {
		err = fault.Field("files", "too_large", fmt.Sprintf("The files are larger than %d MB together. Choose fewer, or apply the folder with cadenza sequence apply.", sequenceFilesMax>>20))
	}
	if err == nil {
		err = s.showPlan(w, r, files)
	}
	p, shown := refused(err)
	if err == nil || !shown {
		return err
	}
	return s.renderSequenceImport(w, r, http.StatusUnprocessableEntity, sequenceImport{Problems: p})
}

// uploadedSequences reads the files of the form, and takes archives apart.
func uploadedSequences(r *http.Request) (files []seqfile.File, err error) {
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
		name := path.Base(strings.ReplaceAll(part.FileName(), "\\", "/"))
		if part.FormName() != "files" || part.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(part)
		switch {
		case err != nil:
			return nil, err
		case strings.EqualFold(path.Ext(name), ".zip"):
			more, _, err := seqfile.Unzip(data)
			if err != nil {
				return nil, fault.Field("files", "archive", fmt.Sprintf("%s: %s", name, sentence(asFault(err))))
			}
			files = append(files, more...)
		case !seqfile.Counts(name):
			return nil, fault.Field("files", "type", fmt.Sprintf("%s is neither a sequence (.yaml), nor a template (.html, .txt), nor an archive (.zip).", name))
		default:
			files = append(files, seqfile.File{Name: name, Data: data})
		}
	}
	if len(files) == 0 {
		return nil, fault.Field("files", "required", "Choose a file with a sequence or a template in it.")
	}
	return files, nil
}

func asFault(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Invalid, "It cannot be read.")
}

func (s *Server) showPlan(w http.ResponseWriter, r *http.Request, files []seqfile.File) error {
	folder := seqfile.ReadFolder(files, false)
	if folder.Count() == 0 {
		return fault.Field("files", "empty", "There is no sequence and no template in these files.")
	}
	plan, err := s.app.ApplyFolder(r.Context(), actorOf(r), folder, action.FolderOptions{DryRun: true, Drafts: true})
	if err != nil {
		return err
	}
	i := sequenceImport{Plan: plan, lines: map[string][]string{}}
	for _, f := range files {
		if seqfile.Counts(f.Name) {
			i.lines[f.Name] = strings.Split(string(f.Data), "\n")
		}
	}
	status := 0
	if plan.Refused {
		status = http.StatusUnprocessableEntity
	} else {
		archive, err := seqfile.Zip(files)
		if err != nil {
			return err
		}
		i.Archive = base64.StdEncoding.EncodeToString(archive)
	}
	return s.renderSequenceImport(w, r, status, i)
}

// applySequenceImport does what the plan says, unless something else would be done now.
func (s *Server) applySequenceImport(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	archive, err := base64.StdEncoding.DecodeString(r.PostFormValue("archive"))
	if err != nil {
		return fault.New(fault.Malformed, "The files did not come along.").WithHint("Choose them again.")
	}
	files, whole, err := seqfile.Unzip(archive)
	if err != nil {
		return err
	}
	result, err := s.app.ApplyFolder(r.Context(), actorOf(r), seqfile.ReadFolder(files, whole), action.FolderOptions{Drafts: true, Plan: text(r, "plan")})
	switch {
	case fault.Is(err, fault.Stale):
		s.flash(r, ui.Flash{Tone: ui.Red, Text: sentence(asFault(err))})
		return s.showPlan(w, r, files)
	case err != nil:
		return err
	case result.Refused:
		return s.showPlan(w, r, files)
	}
	s.say(r, "Imported: "+planCounts(result)+".")
	return s.redirect(w, r, "/sequences")
}

// planCounts says how much a plan does: "2 created, 1 updated, 3 unchanged".
func planCounts(plan action.FolderResult) string {
	made, changed, same := plan.Count()
	return fmt.Sprintf("%d created, %d updated, %d unchanged", made, changed, same)
}

// line gives the line of a file in which a problem is.
func (i sequenceImport) line(p seqfile.Problem) string {
	lines := i.lines[p.File]
	if p.Line < 1 || p.Line > len(lines) {
		return ""
	}
	const most = 160
	if line := []rune(strings.TrimRight(lines[p.Line-1], "\r")); len(line) > most {
		return string(line[:most]) + " …"
	}
	return strings.TrimRight(lines[p.Line-1], "\r")
}

// exportSequences gives all sequences and templates as an archive.
func (s *Server) exportSequences(w http.ResponseWriter, r *http.Request) error {
	files, err := s.app.ExportFolder(r.Context(), actorOf(r), nil)
	if err != nil {
		return err
	}
	if len(s.schema) > 0 {
		files = append(files, seqfile.File{Name: seqfile.SchemaFile, Data: s.schema})
	}
	archive, err := seqfile.Zip(files)
	if err != nil {
		return err
	}
	return sendFile(w, "sequences.zip", "application/zip", archive)
}

// exportSequence gives the draft of one sequence as a file.
func (s *Server) exportSequence(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	text, err := seqfile.Format(seq.Draft)
	if err != nil {
		return err
	}
	return sendFile(w, seqfile.FileName(seq.Name)+".yaml", "application/yaml", text)
}

func sendFile(w http.ResponseWriter, name, kind string, data []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(data) // a reader that is gone is no matter
	return nil
}
