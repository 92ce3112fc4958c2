package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cadenza/internal/fault"
)

// Folder keeps files that are too large for the database, such as uploads. Names are the caller's own words, never
// those of a visitor.
type Folder struct{ path string }

// NewFolder gives the folder of this name in dir. It is made when the first file is saved.
func NewFolder(dir, name string) Folder { return Folder{filepath.Join(dir, name)} }

// Save writes a file of at most limit bytes and gives its size. A longer one is a TooLarge fault and leaves nothing.
func (f Folder) Save(name string, r io.Reader, limit int64) (size int64, err error) {
	file, err := f.Create(name)
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(file, io.LimitReader(r, limit+1))
	if err == nil && size > limit {
		err = fault.New(fault.TooLarge, "The file is larger than %d MB.", limit>>20).WithHint("Split it and import the parts one after the other.")
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, errors.Join(err, f.Remove(name))
	}
	return size, nil
}

// Create opens a new, empty file for writing.
func (f Folder) Create(name string) (io.WriteCloser, error) {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return nil, unusable(err)
	}
	file, err := os.OpenFile(f.file(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, unusable(err)
	}
	return file, nil
}

// Open opens a file for reading. A file that is gone is a NotFound fault.
func (f Folder) Open(name string) (io.ReadCloser, error) {
	file, err := os.Open(f.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "The file is not there any more.").WithHint("Upload it again.").WithInner(err)
	}
	if err != nil {
		return nil, unusable(err)
	}
	return file, nil
}

// Remove deletes a file; one that does not exist is no error.
func (f Folder) Remove(name string) error {
	if err := os.Remove(f.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}

// file gives the path of a file; Base keeps every name inside of the folder.
func (f Folder) file(name string) string { return filepath.Join(f.path, filepath.Base(name)) }

func unusable(err error) error {
	return fault.New(fault.Unavailable, "The server cannot keep the file.").
		WithHint("An operator should look whether the data folder exists, may be written, and has space.").WithInner(err)
}
