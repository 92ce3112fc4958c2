package importer

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// HeadSize is how much of a file Sniff is best given. More does no harm.
	HeadSize = 64 << 10
	// sniffRows is how many rows are compared.
	sniffRows = 100
)

// Sniff tells how to read the file that begins with head. It always answers; use Refuse for what is no CSV.
func Sniff(head []byte) Format {
	f := Format{Encoding: detectEncoding(head), Delimiter: ',', Quote: '"', HasHeader: true}
	text := decodeHead(head, f.Encoding)
	if len(head) >= HeadSize {
		// The last line is probably cut. One line alone is kept: it is the header.
		if at := strings.LastIndexAny(text, "\r\n"); at > 0 {
			text = text[:at]
		}
	}
	if d, rest, ok := delimiterHint(text); ok {
		f.Delimiter = d
		f.Quote, f.Backslash = detectQuote(rest, d)
		f.HasHeader = detectHeader(sample(rest, f))
		return f
	}
	best := -1.0
	for _, d := range Delimiters() {
		quote, backslash := detectQuote(text, d)
		try := Format{Encoding: f.Encoding, Delimiter: d, Quote: quote, Backslash: backslash, HasHeader: true}
		if score := scoreDelimiter(text, try); score > best {
			best, f = score, try
		}
	}
	f.HasHeader = detectHeader(sample(text, f))
	return f
}

// delimiterHint reads the line "sep=;" that Excel understands.
func delimiterHint(text string) (d rune, rest string, ok bool) {
	line, rest, _ := strings.Cut(text, "\n")
	value, ok := strings.CutPrefix(strings.Trim(strings.TrimRight(line, "\r"), `"`), "sep=")
	if !ok || utf8.RuneCountInString(value) != 1 {
		return 0, "", false
	}
	d, _ = utf8.DecodeRuneInString(value)
	return d, rest, d == '\t' || d > ' ' && d != '"' && d != '\'' && d != utf8.RuneError
}

func dropBOM(head []byte) []byte {
	for _, bom := range []string{"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"} {
		if rest, ok := bytes.CutPrefix(head, []byte(bom)); ok {
			return rest
		}
	}
	return head
}

// detectEncoding goes from the certain to the likely: byte order mark, the zero bytes of UTF-16, UTF-8,
// letters where no other encoding has them, and else Western European.
func detectEncoding(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return UTF8
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return UTF16LE
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return UTF16BE
	}
	even, odd := 0, 0
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	switch pairs := len(head) / 2; {
	case pairs > 0 && odd*10 > pairs*4 && even*10 < pairs:
		return UTF16LE
	case pairs > 0 && even*10 > pairs*4 && odd*10 < pairs:
		return UTF16BE
	case mostlyUTF8(dropCutRune(head)):
		return UTF8
	}
	return detectCodePage(head)
}

// mostlyUTF8 tells that text is UTF-8 but for a few bytes at most, such as a line pasted from another file. Read as anything
// else, every letter beyond ASCII would become two wrong ones without a word; as UTF-8, the lines with those bytes are refused.
func mostlyUTF8(text []byte) bool {
	good, bad := 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		text = text[size:]
	}
	return bad == 0 || good >= bad && good > 0
}

// dropCutRune removes the beginning of a sign that was cut at the end of head.
func dropCutRune(head []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(head); back++ {
		if last := head[len(head)-back:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return head[:len(head)-back]
			}
			break
		}
	}
	return head
}

// detectCodePage tells encodings of one byte apart by where their letters are.
func detectCodePage(head []byte) string {
	low, high, run, inRuns := 0, 0, 0, 0
	for _, b := range head {
		switch {
		case b >= 0xC0:
			high++
			if run++; run >= 3 {
				inRuns++
			}
			continue
		case b >= 0x80 && b < 0xA0:
			low++
		}
		run = 0
	}
	switch {
	case inRuns*2 > high && high > 0:
		return Windows1251 // words made of high bytes: no Western language has them
	case low > high && !bytes.ContainsRune(head, '\n') && bytes.ContainsRune(head, '\r'):
		return Macintosh
	}
	return Windows1252
}

// decodeHead returns head as text; what is cut or broken at its end does not matter.
func decodeHead(head []byte, encoding string) string {
	if encoding == UTF8 {
		return strings.ToValidUTF8(string(dropBOM(dropCutRune(head))), "\uFFFD")
	}
	r, err := Format{Encoding: encoding}.decoder(bytes.NewReader(head))
	if err != nil {
		return string(head)
	}
	text, _ := io.ReadAll(r)
	return strings.TrimPrefix(strings.TrimSuffix(string(text), "\uFFFD"), "\uFEFF")
}

// sample reads the first rows. A nil row stands for one that cannot be read.
func sample(text string, f Format) [][]string {
	f.Encoding, f.HasHeader = UTF8, false
	r, err := newReader(strings.NewReader(text), f)
	if err != nil {
		return nil
	}
	var rows [][]string
	for len(rows) < sniffRows {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if _, ok := err.(*RowError); !ok {
				break
			}
		}
		rows = append(rows, row.Cells)
	}
	return rows
}

// scoreDelimiter says how well a delimiter explains the text: rows of one width, more than one column, quotes
// that work out, and no column made by cutting numbers at their decimal comma.
func scoreDelimiter(text string, f Format) float64 {
	rows := sample(text, f)
	widths := map[int]int{}
	broken := 0
	for _, row := range rows {
		if row == nil {
			broken++
			continue
		}
		widths[filled(row)]++
	}
	width, same := 1, 0
	for w, n := range widths {
		if n > same || n == same && w > width {
			width, same = w, n
		}
	}
	begin := slices.IndexFunc(rows, func(row []string) bool { return row != nil })
	if begin < 0 || len(rows[begin]) < 2 || width < 2 {
		return 0
	}
	score := float64(same) / float64(len(rows))
	if first := filled(rows[begin]); first >= width {
		score += 0.5 // the header names every column, so it is as wide as any row
	}
	score -= 2 * float64(broken) / float64(len(rows))
	score += min(float64(width), 20) / 100
	if f.Delimiter == ',' {
		score -= decimalShare(text)
	}
	return max(score, 0.01)
}

// filled is the number of cells without the empty ones at the end: files with trailing delimiters differ there.
func filled(row []string) int {
	n := len(row)
	for n > 0 && row[n-1] == "" {
		n--
	}
	return n
}

// decimalShare is the share of commas that stand between digits.
func decimalShare(text string) float64 {
	commas, decimals := 0, 0
	for i := range len(text) {
		if text[i] != ',' {
			continue
		}
		commas++
		if i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1]) {
			decimals++
		}
	}
	if commas == 0 {
		return 0
	}
	return float64(decimals) / float64(commas)
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// detectQuote tells which quote stands around cells, and whether a backslash protects it.
func detectQuote(text string, d rune) (quote rune, backslash bool) {
	delimiter := string(d)
	before := func(q string) int { return strings.Count(text, delimiter+q) + strings.Count(text, "\n"+q) }
	behind := func(q string) int {
		return strings.Count(text, q+delimiter) + strings.Count(text, q+"\n") + strings.Count(text, q+"\r")
	}
	quote = '"'
	// Single quotes that only begin cells are those of Guard.
	if before(`"`)+behind(`"`) == 0 && before("'") >= 2 && behind("'") >= 2 {
		quote = '\''
	}
	if strings.Contains(text, `\`+string(quote)) {
		// Only if it makes rows readable that are not so without it: a path may end in a backslash.
		plain := brokenRows(text, Format{Delimiter: d, Quote: quote})
		backslash = brokenRows(text, Format{Delimiter: d, Quote: quote, Backslash: true}) < plain
	}
	return quote, backslash
}

func brokenRows(text string, f Format) int {
	broken := 0
	for _, row := range sample(text, f) {
		if row == nil {
			broken++
		}
	}
	return broken
}

// detectHeader tells whether the first row holds names of columns: no value that only data has, no name twice,
// and either names that we know, or below it columns of values that differ in kind.
func detectHeader(rows [][]string) bool {
	if len(rows) == 0 || rows[0] == nil {
		return true
	}
	first := slices.DeleteFunc(slices.Clone(rows[0]), func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(first) == 0 {
		return false
	}
	known := 0
	for _, cell := range first {
		if knownHeading(cell) {
			known++
		}
	}
	for _, cell := range first {
		if looksLikeData(cell) && known*2 < len(first) {
			return false
		}
	}
	return true
}

// looksLikeData tells an address, a number, a date or a phone number from a heading.
func looksLikeData(cell string) bool {
	cell = strings.TrimSpace(cell)
	if at := strings.IndexByte(cell, '@'); at > 0 && strings.Contains(cell[at:], ".") || strings.Contains(cell, "://") {
		return true
	}
	digits, letters := 0, 0
	for _, r := range cell {
		if unicode.IsDigit(r) {
			digits++
		} else if unicode.IsLetter(r) {
			letters++
		}
	}
	return digits > 0 && digits >= letters || len(cell) > 80
}
