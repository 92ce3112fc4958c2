package attachment

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameMax is the longest name in bytes. A mail's header carries it in one line.
const nameMax = 120

// CleanName gives a file's name as it may be shown and written into headers: without folders, control characters, signs
// that turn the direction of writing or cannot be seen, and what some systems refuse. A name that is too long keeps its
// extension. "" is left of one that has nothing readable.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
			return -1
		case strings.ContainsRune(`<>:"|?*/`, r):
			return '-'
		}
		return r
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), " .-")
	if len(name) <= nameMax {
		return name
	}
	stem, ext := split(name)
	if ext != "" && len(ext) < 10 {
		return cut(stem, nameMax-len(ext)-1) + "." + ext
	}
	return cut(name, nameMax)
}

// cut gives at most limit bytes of a text, whole characters only.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return strings.TrimRight(s, " .")
}

// split gives a name without its extension, and the extension without its dot as it is written.
func split(name string) (stem, ext string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name, ""
	}
	return name[:i], name[i+1:]
}

// extension gives the extension in lower case, without what some systems drop from its end.
func extension(name string) string {
	_, ext := split(strings.TrimRight(name, " ."))
	return strings.ToLower(strings.TrimSpace(ext))
}

// doubled gives an extension of a program that stands before the last one, "" for none.
func doubled(name string) string {
	parts := strings.Split(strings.ToLower(name), ".")
	for i, part := range parts {
		if i > 0 && i < len(parts)-1 && runs(strings.TrimSpace(part), false) {
			return strings.TrimSpace(part)
		}
	}
	return ""
}
