package api

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// importShape is an uploaded file and what became of it.
type importShape struct {
	ID         string         `json:"id"`
	Kind       string         `json:"kind" enum:"lead,opportunity,contact,account"`
	User       *ref           `json:"user,omitempty"`
	FileName   string         `json:"file_name"`
	Size       int64          `json:"size" doc:"In bytes."`
	State      string         `json:"state" enum:"uploaded,checking,checked,running,done,failed,cancelled" doc:"checking is a dry run, checked its end."`
	Encoding   string         `json:"encoding"`
	Delimiter  string         `json:"delimiter"`
	NoHeader   bool           `json:"no_header" doc:"Whether the first row is data."`
	Header     []string       `json:"header" doc:"The headings of the columns."`
	Mapping    []string       `json:"mapping" doc:"The field of each column; \"\" leaves it out."`
	Fields     []columnChoice `json:"fields" doc:"What a column can fill."`
	Sample     [][]string     `json:"sample" doc:"The first rows."`
	Progress   int            `json:"progress" doc:"From 0 to 100."`
	Counts     importCounts   `json:"counts"`
	Refused    []refusedRow   `json:"refused" doc:"The first 200 refused rows; refused.csv has all that were kept."`
	Trouble    string         `json:"trouble,omitempty" doc:"Why it failed."`
	CreatedAt  time.Time      `json:"created_at"`
	FinishedAt *time.Time     `json:"finished_at,omitempty"`
}

type columnChoice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

type importCounts struct {
	Rows      int `json:"rows" doc:"The sum of created, updated, unchanged and refused."`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
	Blank     int `json:"blank"`
}

type refusedRow struct {
	Line   int    `json:"line" doc:"Where it begins in the file, from 1."`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Sample string `json:"sample" doc:"Its beginning."`
}

func importOf(v action.ImportView) importShape {
	return importShape{
		ID: v.ID.String(), Kind: string(v.Kind), User: refTo(v.User, v.UserName), FileName: v.FileName, Size: v.Size, State: string(v.State),
		Encoding: v.Settings.Encoding, Delimiter: v.Settings.Delimiter, NoHeader: v.Settings.NoHeader, Header: texts(v.Header), Mapping: texts(v.Settings.Mapping),
		Fields: each(v.Fields, func(f action.ImportField) columnChoice { return columnChoice(f) }), Sample: each(v.Sample, texts), Progress: v.Progress,
		Counts: importCounts(v.Counts), Refused: each(v.Refused, func(r action.RefusedRow) refusedRow { return refusedRow(r) }), Trouble: v.Trouble,
		CreatedAt: v.CreatedAt.UTC(), FinishedAt: moment(v.FinishedAt),
	}
}

type uploadQuery struct {
	Kind     string `query:"kind" required:"true" enum:"lead,opportunity,contact,account" doc:"The kind of records in the file."`
	FileName string `query:"file_name" doc:"The file's name; that of the form when it is left out."`
}

type importMapping struct {
	Encoding  string   `json:"encoding,omitempty" doc:"For instance utf-8 or windows-1252."`
	Delimiter string   `json:"delimiter,omitempty" doc:"One sign, or tab."`
	NoHeader  bool     `json:"no_header,omitempty" doc:"Whether the first row is data."`
	Mapping   []string `json:"mapping,omitempty" doc:"The field of each column; \"\" leaves it out. When it is left out the headings are guessed."`
}

// importStart takes an empty object at most, so that a dry run which is asked for in the wrong place is refused and
// does not become a real one.
type importStart struct {
	ID     id[ident.Import] `path:"id"`
	DryRun bool             `query:"dry_run" doc:"Change no record, say what would happen."`
	Body   *struct{}
}

func (d *door) imports() {
	handle(d, get("/imports", "list-imports", "List the newest imports"), func(ctx context.Context, actor access.Actor, _ *none) (page[importShape], error) {
		views, err := d.app.ListImports(ctx, actor)
		return list(views, importOf), err
	})
	handle(d, with(create("/imports", "upload-import", "Upload a CSV file"), `The body is the file, at most 200 MiB, or a form (multipart/form-data) with the file in it.
How to read it is found out, and which column fills which field is guessed; change that by the mapping, then start the import.`), d.upload)
	d.describeUpload("/imports", "text/csv")
	handle(d, get("/imports/{id}", "get-import", "Get an import with its progress"), func(ctx context.Context, actor access.Actor, in *One[ident.Import]) (importShape, error) {
		return imported(d.app.GetImport(ctx, actor, in.ID.Key))
	})
	handle(d, put("/imports/{id}/mapping", "set-mapping", "Say how the file is read"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Import, importMapping]) (importShape, error) {
		b := in.Body
		return imported(d.app.SetImportMapping(ctx, actor, in.ID.Key, action.ImportSettings{Encoding: b.Encoding, Delimiter: b.Delimiter, NoHeader: b.NoHeader, Mapping: b.Mapping}))
	})
	handle(d, post("/imports/{id}/start", "start-import", "Start the import, or its dry run"), func(ctx context.Context, actor access.Actor, in *importStart) (importShape, error) {
		return imported(d.app.StartImport(ctx, actor, in.ID.Key, in.DryRun))
	})
	handle(d, with(post("/imports/{id}/cancel", "cancel-import", "Stop the import"), "Rows that were imported stay."), func(ctx context.Context, actor access.Actor, in *One[ident.Import]) (importShape, error) {
		return imported(d.app.CancelImport(ctx, actor, in.ID.Key))
	})
	d.refusedRows()
}

func imported(v action.ImportView, err error) (importShape, error) { return importOf(v), err }

func (d *door) upload(ctx context.Context, actor access.Actor, in *uploadQuery) (importShape, error) {
	r := callOf(ctx).request
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return imported(d.app.UploadImport(ctx, actor, record.Kind(in.Kind), in.FileName, r.Body))
	}
	part, err := filePart(r)
	if err != nil {
		return importShape{}, err
	}
	if in.FileName == "" {
		in.FileName = part.FileName()
	}
	return imported(d.app.UploadImport(ctx, actor, record.Kind(in.Kind), in.FileName, part))
}

// refusedRows adds the download of refused rows. It is text, and written as it is read.
func (d *door) refusedRows() {
	op := get("/imports/{id}/refused.csv", "get-refused-rows", "Get the refused rows of the last run as CSV, each with its line and the reason")
	op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	type stream struct{ Body func(huma.Context) }
	huma.Register(d.api, op, func(ctx context.Context, in *One[ident.Import]) (*stream, error) {
		c := callOf(ctx)
		return &stream{Body: func(h huma.Context) {
			_, w := humago.Unwrap(h)
			late := &lateHeader{to: w}
			err := d.app.ImportRefusedCSV(ctx, c.actor, in.ID.Key, late)
			switch {
			case err != nil && late.begun:
				c.log.WarnContext(ctx, "refused rows cut off", "request", c.id, "error", err)
			case err != nil:
				c.send(w, c.problem(ctx, err))
			default:
				late.begin()
			}
		}}, nil
	})
}

// lateHeader begins an answer with its first byte, so that an error before it can still be told.
type lateHeader struct {
	to    http.ResponseWriter
	begun bool
}

func (l *lateHeader) begin() {
	if !l.begun {
		l.begun = true
		l.to.Header().Set("Content-Type", "text/csv; charset=utf-8")
		l.to.Header().Set("Content-Disposition", `attachment; filename="refused.csv"`)
		l.to.WriteHeader(http.StatusOK)
	}
}

// Write begins the answer and passes on.
func (l *lateHeader) Write(p []byte) (int, error) {
	l.begin()
	return l.to.Write(p)
}
