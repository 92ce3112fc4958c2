package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cadenza/internal/fault"
)

// partSize is how much of a content one row holds: whoever reads keeps no more than that in memory.
const partSize = 256 << 10

// Staged is a content that waits for the transaction that keeps it.
type Staged struct {
	SHA256 string
	Size   int64
	bytes  []byte
	// file is the temporary file on disk, place where it is to stand; both are "" when the database takes the content.
	file, place string
}

// Stage prepares a content for InsertFile: where files are kept on disk it is written there now, whole and under a name
// that nobody reads, so that no transaction waits for the disk. Discard must follow.
func (db *DB) Stage(content []byte) (*Staged, error) {
	s := &Staged{SHA256: sumOf(content), Size: int64(len(content)), bytes: content}
	if db.filesDir == "" {
		return s, nil
	}
	s.place = db.placeOf(s.SHA256)
	if err := os.MkdirAll(filepath.Dir(s.place), 0o700); err != nil {
		return nil, unusableFiles(err)
	}
	file, err := os.CreateTemp(filepath.Dir(s.place), ".new-*")
	if err != nil {
		return nil, unusableFiles(err)
	}
	s.file = file.Name()
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		s.Discard()
		return nil, unusableFiles(err)
	}
	return s, nil
}

// Discard removes what is left of a staged content that was not kept.
func (s *Staged) Discard() {
	if s != nil && s.file != "" {
		_ = os.Remove(s.file) // it was renamed, or nobody reads it
	}
}

// FilesDir gives the folder in which files are kept; "" when the database keeps them.
func (db *DB) FilesDir() string { return db.filesDir }

// placeOf gives where a content stands in the folder of files.
func (db *DB) placeOf(sum string) string { return filepath.Join(db.filesDir, sum[:2], sum) }

// keepContent makes a staged content one that is kept, unless it is already. The row is locked either way, so that nobody
// drops the content before its file is written.
func (tx *Tx) keepContent(s *Staged) error {
	for range 3 {
		n, err := tx.exec(`insert into contents (sha256, place) values ($1, $2) on conflict do nothing`, s.SHA256, s.place)
		if err != nil {
			return err
		}
		if n == 1 {
			return tx.writeContent(s)
		}
		var place string
		err = tx.row(`select place from contents where sha256 = $1`+tx.db.dialect.lockRows(), s.SHA256).Scan(&place)
		if errors.Is(err, sql.ErrNoRows) {
			continue // it was dropped between the two
		}
		if err != nil || place == "" {
			return err
		}
		if _, err := os.Stat(tx.db.standing(place)); err == nil {
			return nil
		}
		if _, err := tx.exec(`update contents set place = $2 where sha256 = $1`, s.SHA256, s.place); err != nil {
			return err
		}
		return tx.writeContent(s)
	}
	return fault.New(fault.Unavailable, "The file is being deleted at this moment.").WithHint("Try again.")
}

func (tx *Tx) writeContent(s *Staged) error {
	if s.place != "" {
		if err := os.Rename(s.file, s.place); err != nil {
			return unusableFiles(err)
		}
		return syncFolder(filepath.Dir(s.place))
	}
	for n, at := 0, 0; at < len(s.bytes); n, at = n+1, at+partSize {
		part := s.bytes[at:min(at+partSize, len(s.bytes))]
		if _, err := tx.exec(`insert into content_parts (sha256, number, data) values ($1, $2, $3)`, s.SHA256, n, part); err != nil {
			return err
		}
	}
	return nil
}

// dropContent takes a content away that no file has any more. A file on disk is set aside first and removed after the
// commit: what is uploaded anew meanwhile is another one, and a transaction that fails puts it back.
func (tx *Tx) dropContent(sum string) error {
	var place string
	err := tx.row(`select place from contents where sha256 = $1`+tx.db.dialect.lockRows(), sum).Scan(&place)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	var used bool
	if err == nil {
		err = tx.row(`select exists (select 1 from files where sha256 = $1 and deleted_at is null)`, sum).Scan(&used)
	}
	if err != nil || used {
		return err
	}
	if _, err := tx.exec(`delete from content_parts where sha256 = $1`, sum); err != nil {
		return err
	}
	if _, err := tx.exec(`delete from contents where sha256 = $1`, sum); err != nil {
		return err
	}
	if place == "" {
		return nil
	}
	place = tx.db.standing(place)
	aside := place + ".gone"
	if err := os.Rename(place, aside); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return unusableFiles(err)
	}
	tx.undo = append(tx.undo, func() { _ = os.Rename(aside, place) })
	tx.after = append(tx.after, func() { _ = os.Remove(aside) })
	return nil
}

// standing gives where a file on disk is: at its place, or, when the folder was moved, under the same name in the folder
// that is configured now.
func (db *DB) standing(place string) string {
	if _, err := os.Stat(place); err != nil && db.filesDir != "" {
		if moved := db.placeOf(filepath.Base(place)); moved != place {
			if _, err := os.Stat(moved); err == nil {
				return moved
			}
		}
	}
	return place
}

// OpenFile opens a file's content. It holds nothing of the database between two reads, so a slow reader keeps nobody
// waiting. A content that is not there is a NotFound fault.
func (db *DB) OpenFile(ctx context.Context, f File) (io.ReadSeekCloser, error) {
	if f.Deleted {
		return nil, gone(nil)
	}
	if f.Place == "" {
		return &partReader{ctx: ctx, db: db, file: f, part: -1}, nil
	}
	file, err := os.Open(db.standing(f.Place))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone(err)
	}
	if err != nil {
		return nil, unusableFiles(err)
	}
	return file, nil
}

// ReadFile gives all of a file's content.
func (db *DB) ReadFile(ctx context.Context, f File) ([]byte, error) {
	r, err := db.OpenFile(ctx, f)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	content := make([]byte, f.Size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if sumOf(content) != f.SHA256 {
		return nil, fault.New(fault.Unavailable, "The content of %s is damaged.", f.Name).WithHint("Upload it again.")
	}
	return content, nil
}

// CheckFiles says in a sentence how many files there are and where, and fails when the content of one on disk is missing;
// doctor asks.
func (db *DB) CheckFiles(ctx context.Context) (string, error) {
	var inside, missing int
	var places []string
	err := db.Read(ctx, func(tx *Tx) error {
		if err := tx.row(`select count(*) from contents where place = ''`).Scan(&inside); err != nil {
			return err
		}
		var err error
		places, err = collect(tx, func(rows oneRow) (p string, err error) { return p, rows.Scan(&p) }, `select place from contents where place <> '' order by place`)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("look for files: %w", err)
	}
	for _, p := range places {
		if _, err := os.Stat(db.standing(p)); err != nil {
			missing++
		}
	}
	if missing > 0 {
		return "", fault.New(fault.Unavailable, "%d of %d files on disk are missing, such as %s.", missing, len(places), places[0]).
			WithHint("Restore the folder from the backup, or name the one that it was moved to with --files-dir.")
	}
	return fmt.Sprintf("%d in the database, %d on disk, none missing", inside, len(places)), nil
}

func gone(err error) error {
	return fault.New(fault.NotFound, "The content of the file is not there any more.").WithHint("Upload it again.").WithInner(err)
}

func unusableFiles(err error) error {
	return fault.New(fault.Unavailable, "The folder of files cannot be used.").
		WithHint("An operator should look whether it exists, may be written, and has space; cadenza doctor tells.").WithInner(err)
}

// syncFolder makes a new name in a folder last.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return unusableFiles(err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// partReader reads a content out of the database, a part at a time.
type partReader struct {
	ctx  context.Context
	db   *DB
	file File
	at   int64
	part int64 // the number of the part in data; -1 for none
	data []byte
}

var _ io.ReadSeekCloser = (*partReader)(nil)

// Read reads on from where the last read or Seek ended.
func (r *partReader) Read(p []byte) (int, error) {
	if r.at >= r.file.Size {
		return 0, io.EOF
	}
	if want := r.at / partSize; want != r.part {
		err := r.db.reader.QueryRowContext(r.ctx, `select data from content_parts where sha256 = $1 and number = $2`, r.file.SHA256, want).Scan(&r.data)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, gone(err)
		}
		if err != nil {
			return 0, r.db.explain(fmt.Errorf("read content: %w", err))
		}
		r.part = want
	}
	from := r.at % partSize
	if from >= int64(len(r.data)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, r.data[from:])
	r.at += int64(n)
	return n, nil
}

// Seek moves to another place.
func (r *partReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.file.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Close ends the reading.
func (r *partReader) Close() error { return nil }
