package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// File is a file that goes with mail.
type File struct {
	ID   ident.File
	Name string
	Type string
	Size int64
	// SHA256 names its content, which other files may share.
	SHA256 string
	// Place is where the content is on disk; "" when the database holds it.
	Place     string
	User      ident.User
	UserName  string
	CreatedAt time.Time
	// Templates names those that have it, where somebody asked.
	Templates []string
	// Deleted tells that it was deleted, and only mails of the past name it.
	Deleted bool
}

const fileColumns = `f.id, f.name, f.type, f.size, f.sha256, coalesce(c.place, ''), coalesce(f.created_by, 0), coalesce(u.name, ''), f.created_at,
	f.deleted_at is not null`

const fileJoins = ` left join contents c on c.sha256 = f.sha256 left join users u on u.id = f.created_by `

// scanFile reads fileColumns, after what else the query selects.
func scanFile(rows oneRow, f *File, before ...any) error {
	var created int64
	err := rows.Scan(append(before, &f.ID, &f.Name, &f.Type, &f.Size, &f.SHA256, &f.Place, &f.User, &f.UserName, &created, &f.Deleted)...)
	f.CreatedAt = time.UnixMicro(created).UTC()
	return err
}

func scanOneFile(rows oneRow) (f File, err error) { return f, scanFile(rows, &f) }

// InsertFile writes a file whose content was staged. A file of the same name and content is there once: it is given
// again.
func (tx *Tx) InsertFile(f File, content *Staged) (File, error) {
	if err := tx.keepContent(content); err != nil {
		return File{}, fmt.Errorf("keep content: %w", err)
	}
	var id int64
	err := tx.row(`select id from files where sha256 = $1 and name = $2 and deleted_at is null`, content.SHA256, f.Name).Scan(&id)
	if err == sql.ErrNoRows {
		id, err = tx.insert(`insert into files (name, type, size, sha256, created_by, created_at) values ($1, $2, $3, $4, $5, $6)`,
			f.Name, f.Type, content.Size, content.SHA256, key(f.User), micros(tx.Now))
	} else if err == nil { // somebody wants it now: it must not be tidied away under them
		_, err = tx.exec(`update files set created_at = $2 where id = $1 and not attached`, id, micros(tx.Now))
	}
	if err != nil {
		return File{}, fmt.Errorf("insert file: %w", err)
	}
	return tx.GetFile(ident.File(id))
}

// GetFile gives one file that is not deleted.
func (tx *Tx) GetFile(id ident.File) (f File, err error) {
	err = scanFile(tx.row(`select `+fileColumns+` from files f`+fileJoins+`where f.id = $1 and f.deleted_at is null`, int64(id)), &f)
	if err != nil {
		return File{}, fmt.Errorf("get file: %w", missing(err, "file"))
	}
	return f, nil
}

// ListFiles gives one page of files, newest first.
func (tx *Tx) ListFiles(search, cursor string, limit int) (Page[File], error) {
	after, ok, err := readCursor(cursor, byID)
	if err != nil {
		return Page[File]{}, err
	}
	q := &filter{}
	q.and("f.deleted_at is null")
	q.words("lower(f.name)", search)
	if ok {
		q.and("f.id < " + q.arg(after.ID))
	}
	size := pageSize(limit)
	list, err := collect(tx, scanOneFile, `select `+fileColumns+` from files f`+fileJoins+q.where()+` order by f.id desc limit `+q.arg(size+1), q.args...)
	if err != nil {
		return Page[File]{}, fmt.Errorf("list files: %w", err)
	}
	return pageOf(list, size, func(f File) place { return place{Sort: byID, ID: int64(f.ID)} }), nil
}

// FilesByID gives files in the order of the ids, deleted ones too. What never was, or was tidied away, is left out.
func (tx *Tx) FilesByID(ids []ident.File) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := collect(tx, scanOneFile, `select `+fileColumns+` from files f`+fileJoins+`where `+tx.in("f.id", 1), tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	byID := make(map[ident.File]File, len(found))
	for _, f := range found {
		byID[f.ID] = f
	}
	list := make([]File, 0, len(ids))
	for _, id := range ids {
		if f, ok := byID[id]; ok {
			list = append(list, f)
		}
	}
	return list, nil
}

// AttachFiles says that files are used from now on. One that was deleted or tidied away meanwhile is a NotFound fault.
func (tx *Tx) AttachFiles(ids []ident.File) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := tx.exec(`update files set attached = true where deleted_at is null and `+tx.in("id", 1), tx.list(ids))
	if err == nil && n != int64(len(ids)) {
		err = fault.New(fault.NotFound, "A file is not there any more.").WithHint("Add it again.")
	}
	return err
}

// FileUse tells what a file is needed for: the templates that have it, by name, and how many messages wait to be sent
// with it.
func (tx *Tx) FileUse(id ident.File) (templates []string, waiting int, err error) {
	all, err := tx.TemplatesOfFiles()
	if err != nil {
		return nil, 0, err
	}
	err = tx.row(`select count(*) from links l join messages m on m.id = l.message_id where l.file_id = $1 and m.state in (1, 2, 3, 7)`, int64(id)).Scan(&waiting)
	if err != nil {
		return nil, 0, fmt.Errorf("find messages of file: %w", err)
	}
	return all[id], waiting, nil
}

// TemplatesOfFiles gives the names of the templates that have each file, in their newest version or in one that mails are
// still made of. There are hundreds of templates at most.
func (tx *Tx) TemplatesOfFiles() (map[ident.File][]string, error) {
	type row struct {
		name  string
		files FileList
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.name, &r.files) },
		`select name, files from templates where deleted_at is null and files <> ''
		union select t.name, v.files from template_versions v join templates t on t.id = v.template_id and t.deleted_at is null
			join template_pins p on p.template_id = v.template_id and p.number = v.number
			join sequence_versions sv on sv.id = p.version_id join sequences s on s.id = sv.sequence_id and s.deleted_at is null
			where v.files <> '' and (s.version_id = sv.id and s.status = 'active'
				or exists (select 1 from enrollments e where e.sequence_id = s.id and e.version_id = sv.id and e.status < 3))
		order by 1`)
	if err != nil {
		return nil, fmt.Errorf("find templates of files: %w", err)
	}
	out := map[ident.File][]string{}
	for _, r := range rows {
		for _, id := range r.files.IDs() {
			if !slices.Contains(out[id], r.name) {
				out[id] = append(out[id], r.name)
			}
		}
	}
	return out, nil
}

// DeleteFile takes a file out of every list, and its content away unless another file has the same. Links to it in mails
// that are out say from then on that it is gone.
func (tx *Tx) DeleteFile(f File) error {
	n, err := tx.exec(`update files set deleted_at = $2 where id = $1 and deleted_at is null`, int64(f.ID), micros(tx.Now))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "file")
	}
	if err == nil {
		err = tx.dropContent(f.SHA256)
	}
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

// keepUnused is how long a file is kept that was uploaded and never attached to anything.
const keepUnused = 24 * time.Hour

// tidyFiles deletes the files that nobody used.
func (tx *Tx) tidyFiles() error {
	sums, err := collect(tx, func(rows oneRow) (sum string, err error) { return sum, rows.Scan(&sum) },
		`delete from files where not attached and created_at < $1 returning sha256`, tx.Now.Add(-keepUnused).UnixMicro())
	if err != nil {
		return fmt.Errorf("delete unused files: %w", err)
	}
	for _, sum := range sums {
		if err := tx.dropContent(sum); err != nil {
			return fmt.Errorf("delete content: %w", err)
		}
	}
	return nil
}

// FileOf gives the file that a number in a message's addresses stands for, deleted or not; a not-found fault when there is
// none. It reads apart from the writer, as Link does.
func (db *DB) FileOf(ctx context.Context, message ident.Message, number int) (f File, err error) {
	err = scanFile(db.reader.QueryRowContext(ctx, `select `+fileColumns+` from links l join files f on f.id = l.file_id`+fileJoins+
		`where l.message_id = $1 and l.number = $2`, int64(message), number), &f)
	if err != nil {
		return File{}, db.explain(fmt.Errorf("read file of link: %w", missing(err, "file")))
	}
	return f, nil
}

// filesOf fills in the files of messages.
func (tx *Tx) filesOf(list []Message) error {
	if len(list) == 0 {
		return nil
	}
	places := map[ident.Message]*Message{}
	var ids []ident.Message
	for i := range list {
		places[list[i].ID] = &list[i]
		ids = append(ids, list[i].ID)
	}
	type row struct {
		message ident.Message
		file    File
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, scanFile(rows, &r.file, &r.message) },
		`select l.message_id, `+fileColumns+` from links l join files f on f.id = l.file_id`+fileJoins+
			`where `+tx.in("l.message_id", 1)+` and l.file_id is not null order by l.message_id, l.number`, tx.list(ids))
	if err != nil {
		return fmt.Errorf("read files of messages: %w", err)
	}
	for _, r := range rows {
		m := places[r.message]
		m.Files = append(m.Files, r.file)
	}
	return nil
}

// FileList is a list of files in its stored form: the JSON of their keys, "" for none. Two lists are the same when they are
// equal.
type FileList string

// ListOfFiles makes a list.
func ListOfFiles(ids []ident.File) FileList {
	if len(ids) == 0 {
		return ""
	}
	keys := make([]int64, 0, len(ids))
	for _, id := range ids {
		keys = append(keys, int64(id))
	}
	raw, _ := json.Marshal(keys) // numbers always can
	return FileList(raw)
}

// IDs gives the files. Only ListOfFiles makes lists, so what cannot be read holds none.
func (l FileList) IDs() []ident.File {
	var keys []int64
	if json.Unmarshal([]byte(l), &keys) != nil {
		return nil
	}
	var ids []ident.File
	for _, k := range keys {
		ids = append(ids, ident.File(k))
	}
	return ids
}

// sumOf names a content.
func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
