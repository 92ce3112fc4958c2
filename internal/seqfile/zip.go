package seqfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"

	"cadenza/internal/fault"
)

// Unzip takes an archive apart. One that would become too large is refused before it does, and names that lead out of it too.
func Unzip(data []byte) (files []File, whole bool, err error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, false, fault.New(fault.Invalid, "The archive cannot be read.").WithHint("Make it anew as a .zip file, and try again.").WithInner(err)
	}
	entries := map[string]*zip.File{}
	var names []string
	for _, entry := range archive.File {
		name := strings.ReplaceAll(entry.Name, "\\", "/")
		switch {
		case strings.HasSuffix(name, "/"):
			continue
		case strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || entries[name] != nil:
			return nil, false, fault.New(fault.Invalid, "The archive holds the name %q, which no folder could have.", name).WithHint("Make it anew from a folder.")
		case len(entries) >= MaxFiles:
			return nil, false, TooMany()
		}
		entries[name] = entry
		names = append(names, name)
	}
	names, whole = Pick(names)
	left := int64(MaxFolder)
	for _, name := range names {
		content, err := unpack(entries[name], left)
		if err != nil {
			return nil, false, err
		}
		left -= int64(len(content))
		files = append(files, File{Name: name, Data: content})
	}
	return files, whole, nil
}

func unpack(entry *zip.File, limit int64) ([]byte, error) {
	broken := func(err error) error {
		return fault.New(fault.Invalid, "%s in the archive cannot be read.", entry.Name).WithHint("Make the archive anew, without a password.").WithInner(err)
	}
	r, err := entry.Open()
	if err != nil {
		return nil, broken(err)
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(content)) > limit {
		return nil, TooMuch()
	}
	return content, nil
}

// TooMany is the refusal of a folder with too many files.
func TooMany() error {
	return fault.New(fault.TooLarge, "There are more than %d files.", MaxFiles).WithHint("Take fewer at once, or leave out what is neither a sequence nor a template.")
}

// TooMuch is the refusal of a folder that is too large.
func TooMuch() error {
	return fault.New(fault.TooLarge, "The files have more than %d MB together.", MaxFolder>>20).WithHint("Take fewer at once.")
}

// Zip puts files into an archive. The same files make the same archive.
func Zip(files []File) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, f := range files {
		w, err := archive.Create(f.Name)
		if err != nil {
			return nil, fmt.Errorf("write an archive: %w", err)
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, fmt.Errorf("write an archive: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("write an archive: %w", err)
	}
	return b.Bytes(), nil
}
