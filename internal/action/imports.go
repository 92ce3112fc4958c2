package action

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// The limits of imports.
const (
	maxImportSize = 200 << 20
	sampleRows    = 8
	maxSampleCell = 200 // characters
	shownRefusals = 200
	listedImports = 50
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
	// Encoding is a charset's name as in "utf-8" or "windows-1252" (see importer.Encodings); "" to find out.
	Encoding string
	// Delimiter is one character; "" to find out.
	Delimiter string
	// NoHeader tells that the first row is data.
	NoHeader bool
	// Mapping names the field of each column: a record's field, OwnerColumn, KeyColumn, or "" to leave the column out.
	// An empty one asks for the guess of the headings.
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

// UploadImport keeps a file for its import, finds out how to read it and guesses which column fills which field.
func (a *App) UploadImport(ctx context.Context, actor access.Actor, kind record.Kind, fileName string, r io.Reader) (ImportView, error) {
	if err := may(actor, access.ImportRecords); err != nil {
		return ImportView{}, err
	}
	if actor.ID == 0 {
		return ImportView{}, refuse(actor)
	}
	if !kind.Known() {
		return ImportView{}, unknownKind("kind")
	}
	i := store.Import{
		User: actor.ID, UserName: actor.Name, RecordKind: kind, FileName: tidyFileName(fileName), FilePath: randomName() + ".csv",
		State: string(ImportUploaded),
	}
	var err error
	if i.Size, err = a.imports.files.Save(i.FilePath, r, maxImportSize); err != nil {
		return ImportView{}, err
	}
	shape, err := a.lookAt(i, importer.Format{}, nil)
	if err == nil {
		i.Settings = shape.encode()
		err = a.db.Write(ctx, func(tx *store.Tx) (err error) {
			i, err = tx.InsertImport(i)
			return err
		})
	}
	if err != nil {
		return ImportView{}, errors.Join(err, a.imports.files.Remove(i.FilePath))
	}
	return viewOf(i), nil
}

// tidyFileName keeps the last part of an uploaded file's name; it is only shown.
func tidyFileName(name string) string {
	name = strings.TrimSpace(clean(path.Base(strings.ReplaceAll(name, "\\", "/"))))
	if name == "" || name == "." || name == "/" {
		return "file.csv"
	}
	return shortened(name, maxName)
}

func randomName() string {
	var raw [12]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return hex.EncodeToString(raw[:])
}

// lookAt reads the beginning of an import's file. A nil mapping is guessed.
func (a *App) lookAt(i store.Import, f importer.Format, mapping []string) (importShape, error) {
	file, err := a.imports.files.Open(i.FilePath)
	if err != nil {
		return importShape{}, err
	}
	defer func() { _ = file.Close() }()
	seen, err := importer.Look(file, f, sampleRows)
	if err != nil {
		return importShape{}, fileFault(err)
	}
	s := importShape{Format: formatShape(seen.Format), Header: seen.Header, Mapping: mapping}
	for _, line := range seen.Rows {
		cells := make([]string, len(line.Cells))
		for j, cell := range line.Cells {
			cells[j] = shortened(clean(cell), maxSampleCell)
		}
		s.Sample = append(s.Sample, cells)
	}
	for j, name := range s.Header {
		s.Header[j] = shortened(clean(name), maxSampleCell)
	}
	if len(mapping) == 0 {
		s.Mapping = importer.Guess(s.Header, importerFields(i.RecordKind))
	}
	return s, s.check(i.RecordKind)
}

// fileFault turns what is wrong with a file as a whole into a problem of the field file.
func fileFault(err error) error {
	var bad *importer.FileError
	if errors.As(err, &bad) {
		return fault.Field("file", bad.Code, bad.Text)
	}
	return err
}

// GetImport gives one import.
func (a *App) GetImport(ctx context.Context, actor access.Actor, id ident.Import) (ImportView, error) {
	i, err := a.importOf(ctx, actor, id)
	return viewOf(i), err
}

// importOf reads an import that the actor may see: an own one, or any for who may edit all records.
func (a *App) importOf(ctx context.Context, actor access.Actor, id ident.Import) (i store.Import, err error) {
	if err := may(actor, access.ImportRecords); err != nil {
		return store.Import{}, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		i, err = tx.GetImport(id)
		return err
	})
	if err == nil && i.User != actor.ID && !access.May(actor, access.EditAllRecords) {
		err = refuse(actor)
	}
	if err != nil {
		return store.Import{}, err
	}
	return i, nil
}

// ListImports lists the newest imports first: the own ones, or all for who may edit all records.
func (a *App) ListImports(ctx context.Context, actor access.Actor) ([]ImportView, error) {
	if err := may(actor, access.ImportRecords); err != nil {
		return nil, err
	}
	whose := actor.ID
	if access.May(actor, access.EditAllRecords) {
		whose = 0
	}
	var views []ImportView
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		list, err := tx.ListImports(whose, listedImports)
		for _, i := range list {
			views = append(views, viewOf(i))
		}
		return err
	})
	return views, err
}

// SetImportMapping changes how the file is read. When encoding, delimiter or header change, an empty mapping is guessed
// again.
func (a *App) SetImportMapping(ctx context.Context, actor access.Actor, id ident.Import, s ImportSettings) (ImportView, error) {
	i, err := a.importOf(ctx, actor, id)
	if err != nil {
		return ImportView{}, err
	}
	state := i.State
	switch ImportState(state) {
	case ImportUploaded, ImportChecked, ImportFailed, ImportCancelled:
	default:
		return ImportView{}, fault.New(fault.Conflict, "This import is %s, so it cannot be changed.", state).WithHint("Upload the file again to import it in another way.")
	}
	f, err := s.format(decodeImport(i.Settings).Format)
	if err != nil {
		return ImportView{}, err
	}
	shape, err := a.lookAt(i, f, s.Mapping)
	if err != nil {
		return ImportView{}, err
	}
	i.Settings, i.State, i.Progress, i.Result, i.FinishedAt = shape.encode(), string(ImportUploaded), "", "", time.Time{}
	return a.move(ctx, i, state)
}

// move writes an import that was in the state from, or says that it is not any more.
func (a *App) move(ctx context.Context, i store.Import, from string) (ImportView, error) {
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		moved, err := tx.MoveImport(i, from)
		if err == nil && !moved {
			err = fault.New(fault.Conflict, "Somebody else started or changed this import just now.").WithHint("Load it again.")
		}
		return err
	})
	if err != nil {
		return ImportView{}, err
	}
	return viewOf(i), nil
}

// StartImport starts the import in the background; a dry run changes no record. Run carries it out.
func (a *App) StartImport(ctx context.Context, actor access.Actor, id ident.Import, dryRun bool) (ImportView, error) {
	i, err := a.importOf(ctx, actor, id)
	if err != nil {
		return ImportView{}, err
	}
	from := i.State
	switch ImportState(from) {
	case ImportUploaded, ImportChecked, ImportFailed, ImportCancelled:
	case ImportDone:
		return ImportView{}, fault.New(fault.Conflict, "This file was imported already.").WithHint("Upload it again to import it once more.")
	case ImportChecking, ImportRunning:
		return ImportView{}, fault.New(fault.Conflict, "This import is under way.").WithHint("Wait for its end, or cancel it.")
	}
	file, err := a.imports.files.Open(i.FilePath)
	if err != nil {
		return ImportView{}, err
	}
	_ = file.Close()
	i.State, i.Progress, i.Result, i.FinishedAt = string(ImportRunning), "", "", time.Time{}
	if dryRun {
		i.State = string(ImportChecking)
	}
	view, err := a.move(ctx, i, from)
	if err != nil {
		return ImportView{}, err
	}
	a.imports.add(importRun{id: i.ID, actor: actor, dryRun: dryRun})
	return view, nil
}

// CancelImport stops an import. Rows that were imported stay.
func (a *App) CancelImport(ctx context.Context, actor access.Actor, id ident.Import) (ImportView, error) {
	i, err := a.importOf(ctx, actor, id)
	if err != nil {
		return ImportView{}, err
	}
	from := i.State
	if from != string(ImportRunning) && from != string(ImportChecking) {
		return ImportView{}, fault.New(fault.Conflict, "This import is not under way.").WithHint("There is nothing to cancel.")
	}
	i.State, i.FinishedAt = string(ImportCancelled), a.db.Now()
	view, err := a.move(ctx, i, from)
	if err != nil {
		return ImportView{}, err
	}
	a.imports.cancel(id)
	return view, nil
}

// ImportRefusedCSV writes the refused rows of the last run as CSV, each with its line and the reason.
func (a *App) ImportRefusedCSV(ctx context.Context, actor access.Actor, id ident.Import, w io.Writer) error {
	i, err := a.importOf(ctx, actor, id)
	if err != nil {
		return err
	}
	file, err := a.imports.files.Open(refusedName(i))
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "There are no refused rows to download.").WithHint("Run the import or its check first.")
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if _, err := io.Copy(w, file); err != nil {
		return fmt.Errorf("write refused rows: %w", err)
	}
	return nil
}

func refusedName(i store.Import) string { return i.FilePath + ".refused.csv" }

// ImportNow imports a file at once, or with dryRun says what it would do; the command line uses it. progress may be nil.
func (a *App) ImportNow(ctx context.Context, actor access.Actor, kind record.Kind, r io.Reader, s ImportSettings, dryRun bool, progress func(importer.Progress)) (importer.Result, error) {
	if err := may(actor, access.ImportRecords); err != nil {
		return importer.Result{}, err
	}
	if !kind.Known() {
		return importer.Result{}, unknownKind("kind")
	}
	f, err := s.format(importFormat{HasHeader: true})
	if err != nil {
		return importer.Result{}, err
	}
	// The beginning is read twice: for the header, and then with the rest.
	head := &strings.Builder{}
	seen, err := importer.Look(io.TeeReader(r, head), f, 1)
	if err != nil {
		return importer.Result{}, fileFault(err)
	}
	shape := importShape{Format: formatShape(seen.Format), Header: seen.Header, Mapping: s.Mapping}
	if len(shape.Mapping) == 0 {
		shape.Mapping = importer.Guess(seen.Header, importerFields(kind))
	}
	if err := shape.check(kind); err != nil {
		return importer.Result{}, err
	}
	source := importer.Source{Reader: io.MultiReader(strings.NewReader(head.String()), r), Format: seen.Format}
	sink := a.sink(actor, kind)
	result, err := importer.Run(ctx, source, shape.Mapping, sink, importer.Options{DryRun: dryRun, Batch: sink.records.Batch, Progress: progress})
	if err == nil {
		err = sink.records.Finish(ctx)
	}
	return result, fileFault(err)
}
