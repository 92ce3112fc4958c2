package action

import (
	"context"
	"io"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/record"
)

// ImportState is where an import stands.
type ImportState string

// The states of an import. Checking is a dry run; Checked its end.
const (
	ImportUploaded  ImportState = "uploaded"
	ImportChecking  ImportState = "checking"
	ImportChecked   ImportState = "checked"
	ImportRunning   ImportState = "running"
	ImportDone      ImportState = "done"
	ImportFailed    ImportState = "failed"
	ImportCancelled ImportState = "cancelled"
)

// ImportSettings say how a file is read.
type ImportSettings struct {
	// Encoding is a charset's name as in "utf-8" or "windows-1252"; "" for the one that was found.
	Encoding string
	// Delimiter is one character; "" for the one that was found.
	Delimiter string
	// NoHeader tells that the first row is data.
	NoHeader bool
	// Mapping names the field of each column: a record's field, OwnerColumn, KeyColumn, or "" to leave the column out.
	// nil asks for the guess of the headings.
	Mapping []string
}

// The columns of a file that are no fields of the record.
const (
	// OwnerColumn holds the owner's email address or name.
	OwnerColumn = "owner"
	// KeyColumn holds the record's id in the system that wrote the file.
	KeyColumn = "external_key"
)

// ImportField is a choice for a column.
type ImportField struct{ Key, Label string }

// ImportCounts are rows by what became of them: Rows is the sum of the four after it.
type ImportCounts struct{ Rows, Created, Updated, Unchanged, Refused, Blank int }

// RefusedRow is a row that was not taken.
type RefusedRow struct {
	// Line is where the row begins in the file, from 1.
	Line int
	// Column is the heading of the column concerned, "" for the row as a whole.
	Column, Reason string
	// Sample is the beginning of the row, to recognise it by.
	Sample string
}

// ImportView is an import as people see it.
type ImportView struct {
	ID       ident.Import
	User     ident.User
	UserName string
	FileName string
	Kind     record.Kind
	Size     int64
	State    ImportState
	// Settings are those in force, with what was found filled in.
	Settings ImportSettings
	// Header are the headings (or "Column 1" …), Sample the first rows.
	Header []string
	Sample [][]string
	// Fields are the choices for each column.
	Fields []ImportField
	// Progress is from 0 to 100.
	Progress int
	Counts   ImportCounts
	// Refused are the first 200 refused rows; ImportRefusedCSV gives all that were kept.
	Refused []RefusedRow
	// Trouble is why the import failed.
	Trouble    string
	CreatedAt  time.Time
	FinishedAt time.Time
}

// UploadImport keeps a file for its import and guesses how to read it.
func (a *App) UploadImport(ctx context.Context, actor access.Actor, kind record.Kind, fileName string, r io.Reader) (ImportView, error) {
	return ImportView{}, errUnbuilt
}

// GetImport gives one import.
func (a *App) GetImport(ctx context.Context, actor access.Actor, id ident.Import) (ImportView, error) {
	return ImportView{}, errUnbuilt
}

// SetImportMapping changes how the file is read.
func (a *App) SetImportMapping(ctx context.Context, actor access.Actor, id ident.Import, s ImportSettings) (ImportView, error) {
	return ImportView{}, errUnbuilt
}

// StartImport starts the import in the background; a dry run changes no record.
func (a *App) StartImport(ctx context.Context, actor access.Actor, id ident.Import, dryRun bool) (ImportView, error) {
	return ImportView{}, errUnbuilt
}

// CancelImport stops an import. Rows that were imported stay.
func (a *App) CancelImport(ctx context.Context, actor access.Actor, id ident.Import) (ImportView, error) {
	return ImportView{}, errUnbuilt
}

// ListImports lists the newest imports first.
func (a *App) ListImports(ctx context.Context, actor access.Actor) ([]ImportView, error) {
	return nil, errUnbuilt
}

// ImportRefusedCSV writes the refused rows with their reasons as CSV.
func (a *App) ImportRefusedCSV(ctx context.Context, actor access.Actor, id ident.Import, w io.Writer) error {
	return errUnbuilt
}

// ImportNow imports a file at once; the command line uses it. progress may be nil.
func (a *App) ImportNow(ctx context.Context, actor access.Actor, kind record.Kind, r io.Reader, s ImportSettings, progress func(importer.Progress)) (importer.Result, error) {
	return importer.Result{}, errUnbuilt
}

// Run carries out imports in the background until ctx ends.
func (a *App) Run(ctx context.Context) error { return errUnbuilt }
