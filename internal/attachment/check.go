package attachment

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"cadenza/internal/fault"
)

// The limits of files, and of those of one mail together.
const (
	SizeMax  = 10 << 20
	CountMax = 10
	TotalMax = 20 << 20
)

// entriesMax bounds the entries of a zip that are looked at.
const entriesMax = 5000

// File is a file that was found good: its clean name, and the media type that its readers are told.
type File struct{ Name, Type string }

// Check judges a file by its name and its whole content. What it refuses is a problem of the field "file" that says what
// is allowed.
func Check(name string, content []byte) (File, error) {
	name = CleanName(name)
	ext := extension(name)
	k, listed := kinds[ext]
	switch {
	case name == "":
		return File{}, refuse("name", "The file has no name.", "Give it one with an extension, for instance offer.pdf.")
	case len(content) == 0:
		return File{}, refuse("empty", fmt.Sprintf("The file %s is empty.", name), "")
	case len(content) > SizeMax:
		return File{}, TooLarge(name)
	case runs(ext, true):
		return File{}, refuse("program", fmt.Sprintf("Files of the kind .%s are not sent, because a computer may run them.", ext), Allowed)
	case !listed:
		return File{}, refuse("kind", fmt.Sprintf("The file %s is of a kind that is not sent.", name), Allowed)
	case doubled(name) != "":
		return File{}, refuse("double", fmt.Sprintf("The name %s hides the extension .%s.", name, doubled(name)), "Rename the file if it is what its last extension says.")
	}
	if code, why := k.refuses(content); code != "" {
		return File{}, refuse(code, fmt.Sprintf("The file %s %s.", name, why), hintFor(code))
	}
	return File{Name: name, Type: k.served}, nil
}

// TooLarge is the refusal of a file that is larger than SizeMax, for who stops reading before the end.
func TooLarge(name string) error {
	return refuse("too_large", fmt.Sprintf("The file %s is larger than %d MB.", CleanName(name), SizeMax>>20), "Make it smaller, or put it on a site and link to it.")
}

func refuse(code, message, hint string) error {
	return fault.Of(fault.Problem{Field: "file", Code: code, Message: message, Hint: hint})
}

func hintFor(code string) string {
	switch code {
	case "macros":
		return "Save it without macros, or as PDF."
	case "nested", "program":
		return "Take it out, and pack the rest again."
	}
	return "Save it anew in the program that it comes from, with the right extension. " + Allowed
}

// refuses gives why the content is not what the kind says, as a code and the rest of a sentence; "" when it is.
func (k kind) refuses(content []byte) (code, why string) {
	found := mimetype.Detect(content)
	switch k.form {
	case asText:
		return refusesText(content, found)
	case asBinary:
		if !bytes.HasPrefix(content, []byte(k.proof)) || !kinOf(found, strings.Replace(k.served, "application/rtf", "text/rtf", 1)) {
			return differs(found)
		}
		if k.group == "images" && holdsZip(content) {
			return "polyglot", "is an image and an archive at once"
		}
	case asOLE:
		return k.refusesOLE(content, found)
	case asOpenXML, asOpenDoc, asArchive:
		return k.refusesZip(content, found)
	}
	return "", ""
}

// differs says what the content is instead.
func differs(found *mimetype.MIME) (code, why string) {
	kind, _, _ := strings.Cut(found.String(), ";")
	if kind == "application/octet-stream" || kind == "text/plain" {
		return "content", "does not hold what its extension says"
	}
	return "content", "does not hold what its extension says: it looks like " + kind
}

// kinOf tells whether a type is another one, or a special case of it.
func kinOf(found *mimetype.MIME, kind string) bool {
	for ; found != nil; found = found.Parent() {
		if found.Is(kind) {
			return true
		}
	}
	return false
}

// plain are the types of text that programs only show.
var plain = []string{"text/plain", "text/csv", "text/tab-separated-values", "text/calendar", "text/vcard", "application/json", "application/x-ndjson", "application/x-subrip", "text/vtt"}

func refusesText(content []byte, found *mimetype.MIME) (code, why string) {
	readable := string(content)
	if wide := bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")); wide {
		readable = strings.ReplaceAll(readable[2:], "\x00", "") // enough to see how it begins
	} else if strings.ContainsRune(readable, 0) {
		return differs(found)
	}
	readable = strings.TrimLeft(strings.TrimPrefix(strings.ToValidUTF8(readable, ""), "\ufeff"), " \t\r\n\f\v")
	switch start := strings.ToLower(readable[:min(len(readable), 64)]); {
	case !slices.ContainsFunc(plain, found.Is):
		return differs(found)
	case len(start) > 1 && start[0] == '<' && (start[1] == '!' || start[1] == '?' || start[1] == '/' || start[1] == '%' || start[1] >= 'a' && start[1] <= 'z'):
		return "content", "looks like a web page"
	case strings.HasPrefix(start, "#!"), strings.HasPrefix(start, "@echo off"):
		return "content", "looks like a script"
	}
	return "", ""
}

// vbaStorage is the name under which the older office formats keep macros, as it stands in their directory.
var vbaStorage = wide("_VBA_PROJECT")

func wide(s string) []byte {
	var out []byte
	for _, b := range []byte(s) {
		out = append(out, b, 0)
	}
	return out
}

func (k kind) refusesOLE(content []byte, found *mimetype.MIME) (code, why string) {
	plainOLE := found.Is("application/x-ole-storage")
	switch {
	case !bytes.HasPrefix(content, []byte(k.proof)), !plainOLE && !found.Is(k.served):
		return differs(found)
	case bytes.Contains(content, vbaStorage):
		return "macros", "holds macros"
	}
	return "", ""
}

// refusesZip looks at what a zip holds. The zip must begin with the file, or something else stands before it.
func (k kind) refusesZip(content []byte, found *mimetype.MIME) (code, why string) {
	if !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return differs(found)
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	switch {
	case err != nil || len(z.File) == 0:
		return "content", "is damaged, or it is no zip"
	case len(z.File) > entriesMax:
		return "nested", fmt.Sprintf("holds more than %d files", entriesMax)
	}
	main := k.form == asArchive
	for _, f := range z.File {
		entry := strings.ReplaceAll(f.Name, `\`, "/")
		lower := strings.ToLower(entry)
		ext := extension(lower)
		switch {
		case k.form == asArchive && runs(ext, true):
			return "program", fmt.Sprintf("holds %s, which a computer may run", shown(entry))
		case k.form == asArchive && slices.Contains(archives, ext):
			return "nested", fmt.Sprintf("holds another archive, %s", shown(entry))
		case strings.HasSuffix(lower, "vbaproject.bin"), k.form == asOpenDoc && (strings.HasPrefix(lower, "basic/") || strings.HasPrefix(lower, "scripts/")):
			return "macros", "holds macros"
		case k.form == asOpenXML && entry == k.proof:
			main = true
		}
	}
	if k.form == asOpenDoc {
		main = firstEntry(z) == k.proof
	}
	if !main {
		return differs(found)
	}
	return "", ""
}

// firstEntry reads the type in the first entry of an open document.
func firstEntry(z *zip.Reader) string {
	if z.File[0].Name != "mimetype" {
		return ""
	}
	r, err := z.File[0].Open()
	if err != nil {
		return ""
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(io.LimitReader(r, 200))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// holdsZip tells whether a zip can be read from the end of something else.
func holdsZip(content []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	return err == nil && len(z.File) > 0
}

// shown gives the name of an entry for a sentence.
func shown(entry string) string { return cut(CleanName(entry), 60) }
