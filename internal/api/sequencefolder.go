package api

import (
	"context"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/seqfile"
)

// maxFolder bounds an archive of sequences and templates.
const maxFolder = 32 << 20

// zipType is the media type of a folder.
const zipType = "application/zip"

type folderQuery struct {
	DryRun   bool   `query:"dry_run" doc:"Change nothing, answer the same."`
	Activate bool   `query:"activate" doc:"Activate each sequence that is not active in the form of its file, all together, and have active ones take changed templates."`
	Note     string `query:"note" doc:"Note of the versions that activation makes."`
	Drafts   bool   `query:"drafts" doc:"Take sequences, too, that cannot be activated yet."`
	Plan     string `query:"plan" doc:"The plan of a dry run: when something else would be done now, nothing is (409)."`
}

// folderApplied says what became of a folder.
type folderApplied struct {
	Plan  string       `json:"plan" doc:"Names what is done; the same changes have the same."`
	Files []fileChange `json:"files"`
	// Warnings are about all of the files.
	Warnings []detail `json:"warnings" doc:"What does not keep sequences from being activated, but should be known: no_opt_out_link where their emails offer no way to opt out."`
}

// fileChange says what became of one file.
type fileChange struct {
	File       string   `json:"file"`
	Kind       string   `json:"kind" enum:"sequence,template"`
	Name       string   `json:"name" doc:"Of the sequence, or the key of the template."`
	Change     string   `json:"change" enum:"created,updated,unchanged"`
	Summary    string   `json:"summary,omitempty"`
	Changes    []string `json:"changes" doc:"What is changed, one sentence each."`
	Activated  bool     `json:"activated" doc:"Whether the sequence becomes active in this form."`
	Problems   []detail `json:"problems" doc:"What keeps the sequence from being activated."`
	SequenceID string   `json:"sequence_id,omitempty" doc:"Absent when a dry run would create it, and for templates."`
}

func (d *door) sequenceFolder() {
	handle(d, with(put("/sequences/folder", "apply-folder", "Bring sequences and templates to a folder of files"),
		`The body is a .zip of a folder as GET /sequences/export gives it: all of it is applied, or nothing. Sequences are found by their names, templates by the names of
their files; what is in no file stays as it is. Problems (422) name the file, line and column.`), d.applyFolder)
	d.api.OpenAPI().Paths["/sequences/folder"].Put.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	d.sendsFile(with(get("/sequences/export", "export-folder", "Get all sequences and templates as a folder of files"), "A .zip with sequences/, templates/ and the schema for editors."), zipType,
		func(ctx context.Context, actor access.Actor, _ *none) ([]byte, string, error) {
			files, err := d.app.ExportFolder(ctx, actor, nil)
			if err != nil {
				return nil, "", err
			}
			archive, err := seqfile.Zip(append(files, seqfile.File{Name: seqfile.SchemaFile, Data: Schema()}))
			return archive, "sequences.zip", err
		})
	huma.Register(d.api, fileOperation(get("/sequences/{id}/file", "export-sequence", "Get the draft of a sequence as a YAML file"), "application/yaml"),
		func(ctx context.Context, in *One[ident.Sequence]) (*fileReply, error) {
			c := callOf(ctx)
			seq, err := d.app.GetSequence(ctx, c.actor, in.ID.Key)
			if err != nil {
				return nil, c.problem(ctx, err)
			}
			text, err := seqfile.Format(seq.Draft)
			if err != nil {
				return nil, c.problem(ctx, err)
			}
			return newFileReply(text, "application/yaml", seqfile.FileName(seq.Name)+".yaml"), nil
		})
}

// fileReply is an answer that is a file.
type fileReply struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func newFileReply(data []byte, kind, name string) *fileReply {
	return &fileReply{Type: kind, Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": name}), Body: data}
}

// fileOperation describes an operation that answers with a file.
func fileOperation(op huma.Operation, kind string) huma.Operation {
	responses := map[string]*huma.Response{}
	for status, r := range op.Responses {
		responses[status] = r
	}
	responses["200"] = &huma.Response{Description: "The file", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	op.Responses = responses
	return op
}

func (d *door) sendsFile(op huma.Operation, kind string, make func(context.Context, access.Actor, *none) ([]byte, string, error)) {
	huma.Register(d.api, fileOperation(op, kind), func(ctx context.Context, in *none) (*fileReply, error) {
		c := callOf(ctx)
		data, name, err := make(ctx, c.actor, in)
		if err != nil {
			return nil, c.problem(ctx, err)
		}
		return newFileReply(data, kind, name), nil
	})
}

func (d *door) applyFolder(ctx context.Context, actor access.Actor, in *folderQuery) (folderApplied, error) {
	c := callOf(ctx)
	if kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type")); kind != zipType {
		return folderApplied{}, newProblem(unsupportedType, "The body's type is not read here.", "Send a .zip with Content-Type: "+zipType+".")
	}
	files, whole, err := seqfile.Unzip(c.raw)
	if err != nil {
		return folderApplied{}, err
	}
	folder := seqfile.ReadFolder(files, whole)
	if folder.Count() == 0 {
		return folderApplied{}, fault.New(fault.Invalid, "There is no sequence and no template in the archive.").WithHint("Put sequences (.yaml) into sequences/, and templates (.html, .txt) into templates/.")
	}
	result, err := d.app.ApplyFolder(ctx, actor, folder, action.FolderOptions{DryRun: in.DryRun, Activate: in.Activate, Note: in.Note, Drafts: in.Drafts, Plan: in.Plan})
	if err != nil {
		return folderApplied{}, err
	}
	if result.Refused {
		p := newProblem(fault.Invalid, "The files have problems, so nothing was changed.", "Mend what errors lists, and send them again.")
		p.Errors = each(result.Problems(in.Drafts && !in.Activate), placed)
		return folderApplied{}, p
	}
	return folderApplied{Plan: result.Fingerprint(), Files: each(result.Changes, fileChangeOf), Warnings: each(result.Warnings, draftProblem)}, nil
}

func fileChangeOf(c action.FileChange) fileChange {
	out := fileChange{
		File: c.File, Kind: "sequence", Name: c.Name, Change: c.Change, Summary: c.Summary, Changes: texts(c.Lines), Activated: c.Activates,
		Problems: each(c.Unfinished, placed),
	}
	if c.Template {
		out.Kind = "template"
	}
	if c.Sequence != 0 {
		out.SequenceID = c.Sequence.String()
	}
	return out
}

// isFolder tells requests whose body is an archive of sequences and templates.
func isFolder(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Path == prefix+"/sequences/folder"
}
