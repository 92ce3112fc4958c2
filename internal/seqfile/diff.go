package seqfile

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff gives what differs between two texts, as patches have it; nil where they are the same.
func Diff(oldName string, old []byte, newName string, new []byte) []byte {
	text := diff.Diff(oldName, old, newName, new)
	// The first line names a command that nobody gave.
	if _, rest, ok := bytes.Cut(text, []byte("\n")); ok {
		return rest
	}
	return text
}
