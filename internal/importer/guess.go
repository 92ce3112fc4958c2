package importer

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// FieldInfo describes a field that a column may fill.
type FieldInfo struct {
	Key, Label string
	// Synonyms are other headings under which files carry this field.
	Synonyms []string
}

// Guess proposes for each column the key of the field it fills, or "". Each field is given at most once, to the
// column whose heading says it most plainly: first headings that are the field's own key or label, then its
// synonyms, then those of a built-in list in five languages, and last headings with an addition such as "primary"
// or "1".
func Guess(header []string, fields []FieldInfo) []string {
	mapping := make([]string, len(header))
	taken := map[string]bool{}
	for _, level := range levels() {
		for i, heading := range header {
			if mapping[i] != "" || strings.TrimSpace(heading) == "" {
				continue
			}
			for _, f := range fields {
				if !taken[f.Key] && level(heading, f) {
					mapping[i], taken[f.Key] = f.Key, true
					break
				}
			}
		}
	}
	return mapping
}

// levels lists the ways in which a heading may name a field, the plainest first.
func levels() []func(heading string, f FieldInfo) bool {
	own := func(heading string, f FieldInfo) bool {
		return heading == plain(f.Key) || heading == plain(f.Label)
	}
	synonym := func(heading string, f FieldInfo) bool {
		return slices.ContainsFunc(f.Synonyms, func(s string) bool { return heading == plain(s) })
	}
	builtIn := func(heading string, f FieldInfo) bool {
		about := concept(heading)
		return about != "" && (about == concept(plain(f.Key)) || about == concept(plain(f.Label)))
	}
	whole := func(says func(string, FieldInfo) bool) func(string, FieldInfo) bool {
		return func(heading string, f FieldInfo) bool { return says(plain(heading), f) }
	}
	core := func(says func(string, FieldInfo) bool) func(string, FieldInfo) bool {
		return func(heading string, f FieldInfo) bool {
			rest := withoutAdditions(heading)
			return rest != "" && says(rest, f)
		}
	}
	return []func(string, FieldInfo) bool{
		whole(own), whole(synonym), whole(builtIn), core(own), core(synonym), core(builtIn),
	}
}

// knownHeading tells that a cell is the name of a column in many files.
func knownHeading(cell string) bool {
	return About(cell) != ""
}

// About says what a heading is about in many files, such as "email" or "phone"; "" for one that is in no list.
func About(heading string) string {
	return cmp.Or(concept(plain(heading)), concept(withoutAdditions(heading)))
}

// concept returns what a plain heading is about, or "".
func concept(heading string) string { return known().about[heading] }

// vocabulary is the lists of synonyms.go, made plain.
type vocabulary struct {
	about     map[string]string
	additions map[string]bool
}

var known = sync.OnceValue(func() vocabulary {
	v := vocabulary{about: map[string]string{}, additions: map[string]bool{}}
	for _, g := range synonyms {
		for _, heading := range g.headings {
			v.about[plain(heading)] = g.about
		}
	}
	for _, word := range additions {
		v.additions[plain(word)] = true
	}
	return v
})

// plain reduces a heading to its letters and digits: "E-Mail *" and "e_mail" become "email", "Téléphone" becomes
// "telephone", "Straße" and "STRASSE" become "strasse", "Größe" and "Groesse" become "grosse".
func plain(heading string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(heading)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return umlauts.Replace(b.String())
}

var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

// withoutAdditions is a plain heading without the words that only say which of several: "Primary email address 1"
// becomes "emailaddress", "Contact: phone (work)" becomes "phone".
func withoutAdditions(heading string) string {
	words := strings.FieldsFunc(spaced(heading), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	words = slices.DeleteFunc(words, func(w string) bool {
		return known().additions[plain(w)] || strings.Trim(w, "0123456789") == ""
	})
	return plain(strings.Join(words, " "))
}

// spaced parts words that are written together: "firstName" becomes "first Name".
func spaced(heading string) string {
	var b strings.Builder
	before := ' '
	for _, r := range heading {
		if unicode.IsUpper(r) && unicode.IsLower(before) || unicode.IsDigit(r) && unicode.IsLetter(before) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}
