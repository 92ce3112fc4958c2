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

// skeletons keeps what is the same in all mails of one text: making plain text of HTML costs more than everything else that
// a mail needs. A skeleton is found by the text with a mark for each value, so it cannot be one of another text.
type skeletons struct {
	mu   sync.Mutex
	kept map[string]skeleton
}

// skeleton is the plain text around the values, and which value follows each piece of it.
type skeleton struct {
	usable bool
	pieces []string
	slots  []int
}

// maxSkeletons bounds what is kept.
const maxSkeletons = 1000

// maxSlots is how many values a skeleton may have.
const maxSlots = 200

func newSkeletons() *skeletons { return &skeletons{kept: map[string]skeleton{}} }

// plainText is message.PlainText(html), found faster where that is sure to be the same.
func (s *skeletons) plainText(html, marked string, values []string) string {
	if slices.ContainsFunc(values, intricate) {
		return message.PlainText(html)
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
		return message.PlainText(html)
	}
	var out strings.Builder
	out.Grow(len(html))
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
	if values > maxSlots || marks(marked) != values || !independent(marked) { // the text may have such characters itself
		return skeleton{}
	}
	var k skeleton
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

func marks(text string) (n int) {
	for _, r := range text {
		if isMark(r) {
			n++
		}
	}
	return n
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
