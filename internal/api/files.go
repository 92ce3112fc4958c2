package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// fileShape is a file that goes with emails.
type fileShape struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Type      string    `json:"type" doc:"Its media type."`
	Size      int64     `json:"size" doc:"In bytes."`
	SHA256    string    `json:"sha256"`
	Templates []string  `json:"templates" doc:"The names of the templates that have it."`
	User      *ref      `json:"user,omitempty" doc:"Who uploaded it."`
	CreatedAt time.Time `json:"created_at"`
}

func fileOf(f store.File) fileShape {
	return fileShape{
		ID: f.ID.String(), Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, Templates: texts(f.Templates), User: refTo(f.User, f.UserName),
		CreatedAt: f.CreatedAt.UTC(),
	}
}

// messageFile is a file of an email.
type messageFile struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Deleted bool   `json:"deleted,omitempty" doc:"Whether it was deleted since. Its link says that it is no longer there."`
}

func messageFileOf(f store.File) messageFile {
	return messageFile{ID: f.ID.String(), Name: f.Name, Size: f.Size, Deleted: f.Deleted}
}

type fileQuery struct {
	Paging
	Search string `query:"search" doc:"Words that the name must hold."`
}

type newFile struct {
	Name string `query:"name" doc:"The file's name with its extension; that of the form when it is left out."`
}

// fileIDs takes the keys out of a request's ids.
func fileIDs(list []id[ident.File]) []ident.File {
	return each(list, func(i id[ident.File]) ident.File { return i.Key })
}

// outwardFiles gives the ids of a list of files.
func outwardFiles(list []ident.File) []string {
	return each(list, func(f ident.File) string { return f.String() })
}

func (d *door) files() {
	handle(d, get("/files", "list-files", "List files for emails, newest first"), func(ctx context.Context, actor access.Actor, in *fileQuery) (page[fileShape], error) {
		p, err := d.app.ListFiles(ctx, actor, in.Search, in.Cursor, in.Limit)
		return pageOf(p, fileOf), err
	})
	handle(d, with(create("/files", "upload-file", "Upload a file that is to go with emails"), `The body is the file, at most 10 MB, or a form (multipart/form-data) with the file in it.
It must be a document, sheet, slides, PDF, image, text, calendar or zip, and hold what its extension says. Nothing that a computer may run is taken.
The same file uploaded again is the same one. What is attached to no template and no email within a day is deleted.`), d.uploadFile)
	d.describeUpload("/files", "application/octet-stream")
	handle(d, get("/files/{id}", "get-file", "Get what is known of a file"), func(ctx context.Context, actor access.Actor, in *One[ident.File]) (fileShape, error) {
		f, err := d.app.GetFile(ctx, actor, in.ID.Key)
		return fileOf(f), err
	})
	handleSilent(d, with(remove("/files/{id}", "delete-file", "Delete a file"), "One that a template has, or that a waiting email goes with, is not deleted (409). Links to it in emails that are out say that it is no longer there."),
		func(ctx context.Context, actor access.Actor, in *One[ident.File]) error {
			return d.app.DeleteFile(ctx, actor, in.ID.Key)
		})
	d.fileContent()
}

func (d *door) uploadFile(ctx context.Context, actor access.Actor, in *newFile) (fileShape, error) {
	r := callOf(ctx).request
	var content io.Reader = r.Body
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		part, err := filePart(r)
		if err != nil {
			return fileShape{}, err
		}
		content = part
		if in.Name == "" {
			in.Name = part.FileName()
		}
	}
	if in.Name == "" {
		return fileShape{}, fault.Field("name", "required", "The file has no name. Give it as ?name=offer.pdf, or send a form.")
	}
	f, err := d.app.UploadFile(ctx, actor, in.Name, content)
	return fileOf(f), err
}

// filePart gives the first file of a form as a stream.
func filePart(r *http.Request) (*multipart.Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Malformed, "The form cannot be read.").WithHint("Send multipart/form-data with its boundary.").WithInner(err)
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, fault.Field("file", "required", "The form holds no file.")
		case err != nil:
			return nil, unread(err)
		case part.FileName() != "":
			return part, nil
		}
	}
}

// fileContent adds the download of a file. It counts as nobody's: only what customers fetch does.
func (d *door) fileContent() {
	op := get("/files/{id}/content", "get-file-content", "Get a file itself")
	op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	type stream struct{ Body func(huma.Context) }
	huma.Register(d.api, op, func(ctx context.Context, in *One[ident.File]) (*stream, error) {
		c := callOf(ctx)
		return &stream{Body: func(h huma.Context) {
			r, w := humago.Unwrap(h)
			f, content, err := d.app.OpenFile(ctx, c.actor, in.ID.Key)
			if err != nil {
				c.send(w, c.problem(ctx, err))
				return
			}
			defer func() { _ = content.Close() }()
			w.Header().Set("Content-Type", f.Type)
			w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
			w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
			http.ServeContent(w, r, "", time.Time{}, content)
		}}, nil
	})
}
