package delivery

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/merge"
	"cadenza/internal/message"
)

// skeletons keeps what is the same in all mails of one text: making plain text of HTML, and finding its links, costs more than
// everything else that a mail needs. A skeleton is found by the text with a mark for each value, so it cannot be one of another text.
type skeletons struct {
	mu   sync.Mutex
	kept map[string]skeleton
}

// skeleton is the plain text around the values, and which value follows each piece of it.
type skeleton struct {
	usable bool
	pieces []string
	slots  []int
	// links are those of the marked text, and marks where its marks begin, in bytes, with the value of each.
	links message.Places
	marks []mark
}

type mark struct{ at, slot int }

// markSize is how many bytes a mark takes.
const markSize = len(string(merge.FirstMark))

// maxSkeletons bounds what is kept.
const maxSkeletons = 1000

// maxSlots is how many values a skeleton may have.
const maxSlots = 200

func newSkeletons() *skeletons { return &skeletons{kept: map[string]skeleton{}} }

// reading is what a text is read for.
type reading struct {
	plain string
	links message.Places
}

// read gives message.PlainText(html) and message.FindLinks(html), found faster where they are sure to be the same.
func (s *skeletons) read(html, marked string, values []string) reading {
	if slices.ContainsFunc(values, intricate) {
		return reading{message.PlainText(html), message.FindLinks(html)}
	}
	s.mu.Lock()
	k, ok := s.kept[marked]
	s.mu.Unlock()
	if !ok {
		k = makeSkeleton(marked, len(values))
		s.mu.Lock()
		if len(s.kept) >= maxSkeletons {
			clear(s.kept)
		}
		s.kept[marked] = k
		s.mu.Unlock()
	}
	if !k.usable {
		return reading{message.PlainText(html), message.FindLinks(html)}
	}
	return reading{k.fill(values, len(html)), k.links.Moved(func(at int) int {
		moved := at
		for _, m := range k.marks {
			if m.at < at {
				moved += len(values[m.slot]) - markSize
			}
		}
		return moved
	})}
}

// fill gives the plain text with the values.
func (k skeleton) fill(values []string, size int) string {
	var out strings.Builder
	out.Grow(size)
	for i, piece := range k.pieces {
		out.WriteString(piece)
		if i < len(k.slots) {
			out.WriteString(values[k.slots[i]])
		}
	}
	return out.String()
}

// intricate tells that a value may look otherwise in plain text than it does in HTML, or change what stands around it.
func intricate(value string) bool {
	before := ' '
	for _, r := range value {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case strings.ContainsRune(" .,-_", r) && before != ' ': // not first, and no two spaces
		default:
			return true
		}
		before = r
	}
	return before == ' ' // nothing, or a space at its end
}

// makeSkeleton turns a marked HTML text into a skeleton. It is not usable where the plain text depends on more than
// the values by themselves.
func makeSkeleton(marked string, values int) skeleton {
	k := skeleton{marks: marksOf(marked), links: message.FindLinks(marked)}
	if values > maxSlots || len(k.marks) != values || !independent(marked) { // the text may have such characters itself
		return skeleton{}
	}
	rest := message.PlainText(marked)
	for {
		at := strings.IndexFunc(rest, isMark)
		if at < 0 {
			break
		}
		mark, size := utf8.DecodeRuneInString(rest[at:])
		slot := int(mark - merge.FirstMark)
		if slot >= values || slices.Contains(k.slots, slot) {
			return skeleton{}
		}
		k.pieces, k.slots = append(k.pieces, rest[:at]), append(k.slots, slot)
		rest = rest[at+size:]
	}
	k.pieces = append(k.pieces, rest)
	k.usable = len(k.slots) == values
	return k
}

func marksOf(text string) (list []mark) {
	for at, r := range text {
		if isMark(r) {
			list = append(list, mark{at, int(r - merge.FirstMark)})
		}
	}
	return list
}

func isMark(r rune) bool { return r >= merge.FirstMark && r < merge.FirstMark+maxSlots }

// independent tells that no mark stands inside of a tag, an entity or a link, and that there is no heading or quotation, whose
// form depends on the length of its lines.
func independent(marked string) bool {
	lower := strings.ToLower(marked)
	for _, tag := range []string{"<h1", "<h2", "<h3", "<blockquote", "<pre", "<!", "<textarea", "<title"} {
		if strings.Contains(lower, tag) {
			return false
		}
	}
	for at, r := range lower {
		if !isMark(r) {
			continue
		}
		before := lower[:at]
		word := strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '#' })
		switch {
		case strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>'),
			strings.LastIndex(before, "<a") > strings.LastIndex(before, "</a>"),
			word >= 0 && before[word] == '&':
			return false
		}
	}
	return true
}
