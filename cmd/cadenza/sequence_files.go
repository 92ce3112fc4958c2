package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/seqfile"
)

// stdinName is how problems call what comes from standard input.
const stdinName = "stdin.yaml"

// folderReader reads files within the limits of a folder.
type folderReader struct {
	env   *environment
	left  int64
	files []seqfile.File
	seen  map[string]bool
	whole bool
}

// readFolder reads files and folders; "-" is a sequence on standard input. Attachments of templates are read along.
func readFolder(env *environment, paths []string) (seqfile.Folder, error) {
	r := &folderReader{env: env, left: seqfile.MaxFolder, seen: map[string]bool{}}
	for _, path := range paths {
		if err := r.path(path); err != nil {
			return seqfile.Folder{}, err
		}
	}
	folder := seqfile.ReadFolder(r.files, r.whole)
	if folder.Count() == 0 {
		return folder, fault.New(fault.NotFound, "There are no sequences and no templates in %s.", strings.Join(paths, ", ")).
			WithHint("Sequences end in .yaml, templates of emails in .html, those of text messages in .txt.")
	}
	return folder, nil
}

func (r *folderReader) path(path string) error {
	if path == "-" {
		return r.add(stdinName, r.env.stdin)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unreadable(path, err)
	case info.IsDir():
		return r.folder(path)
	case !seqfile.Counts(path):
		return fault.New(fault.Invalid, "%s is neither a sequence nor a template.", path).
			WithHint("Sequences end in .yaml, templates of emails in .html, those of text messages in .txt.")
	}
	if err := r.file(path); err != nil {
		return err
	}
	beside := strings.TrimSuffix(path, filepath.Ext(path))
	if filepath.Ext(path) != ".html" {
		return nil
	}
	if info, err := os.Stat(beside); err != nil || !info.IsDir() {
		return nil
	}
	return r.folder(beside)
}

// folder reads what counts in a folder.
func (r *folderReader) folder(dir string) error {
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(path, err)
		case entry.IsDir() && path != dir && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		case len(names) > 20*seqfile.MaxFiles:
			return seqfile.TooMany()
		}
		below, err := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(below))
		return err
	})
	if err != nil {
		return err
	}
	// A folder that is given as sequences/ or templates/ is one by its own name.
	names, whole := seqfile.Pick(names)
	r.whole = r.whole || whole
	for _, name := range names {
		if err := r.file(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

func (r *folderReader) file(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return unreadable(path, err)
	}
	defer func() { _ = file.Close() }()
	return r.add(filepath.ToSlash(path), file)
}

func (r *folderReader) add(name string, from io.Reader) error {
	if r.seen[name] {
		return nil // given twice, by itself and by its folder
	}
	if r.seen[name] = true; len(r.seen) > seqfile.MaxFiles {
		return seqfile.TooMany()
	}
	data, err := io.ReadAll(io.LimitReader(from, r.left+1))
	if err != nil {
		return unreadable(name, err)
	}
	if r.left -= int64(len(data)); r.left < 0 {
		return seqfile.TooMuch()
	}
	r.files = append(r.files, seqfile.File{Name: name, Data: data})
	return nil
}
