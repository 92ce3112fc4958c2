package importer

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// NoQuote is the quote of a file in which quotes mean nothing.
const NoQuote rune = -1

// Encodings that Sniff answers with. A Format may name any other of the WHATWG encoding standard.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252" // Western Europe
	Windows1251 = "windows-1251" // Cyrillic
	Macintosh   = "macintosh"    // old Excel on a Mac
)

// Format says how to read a file. It is plain data, found by Sniff and changed by a person.
type Format struct {
	// Encoding is a name such as "utf-8" or "windows-1252". Empty means: find out.
	Encoding string
	// Delimiter stands between cells: usually one of , ; tab |. Zero means: find out.
	Delimiter rune
	// Quote stands around cells that contain delimiters: a double or single quote, or NoQuote. Zero means the
	// double quote.
	Quote rune
	// Backslash tells that a backslash inside a quoted cell takes the meaning from a quote after it.
	Backslash bool
	// HasHeader tells that the first row holds the names of the columns.
	HasHeader bool
}

// EncodingChoice is one line of the list in which a person corrects the encoding.
type EncodingChoice struct {
	Name, Label string
}

// Encodings lists the encodings worth offering, most likely first.
func Encodings() []EncodingChoice {
	return []EncodingChoice{
		{UTF8, "Unicode (UTF-8)"},
		{Windows1252, "Western European (Windows-1252)"},
		{UTF16LE, "Unicode (UTF-16)"},
		{UTF16BE, "Unicode (UTF-16, big-endian)"},
		{"windows-1250", "Central European (Windows-1250)"},
		{Windows1251, "Cyrillic (Windows-1251)"},
		{"windows-1253", "Greek (Windows-1253)"},
		{"windows-1254", "Turkish (Windows-1254)"},
		{"iso-8859-2", "Central European (ISO-8859-2)"},
		{"iso-8859-15", "Western European (ISO-8859-15)"},
		{Macintosh, "Western European (Mac)"},
		{"shift_jis", "Japanese (Shift-JIS)"},
		{"euc-kr", "Korean (EUC-KR)"},
		{"gb18030", "Chinese (GB18030)"},
		{"big5", "Chinese (Big5)"},
	}
}

// Delimiters lists the delimiters that Sniff tells apart.
func Delimiters() []rune { return []rune{',', ';', '\t', '|'} }

// FileError says why a file as a whole cannot be read.
type FileError struct {
	// Code is stable: "empty_file", "not_csv", "bad_format", "bad_header", "bad_mapping",
	// "broken_quotes" or "unreadable".
	Code string
	// Text is a sentence for the person, saying what to do.
	Text string
	// Err is the cause, when it came from outside.
	Err error
}

// Error returns the sentence.
func (e *FileError) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// check completes a format and refuses one that cannot be used.
func (f Format) check() (Format, error) {
	if f.Quote == 0 {
		f.Quote = '"'
	}
	bad := func(format string, args ...any) (Format, error) {
		return f, &FileError{Code: "bad_format", Text: fmt.Sprintf(format, args...)}
	}
	switch {
	case f.Quote != NoQuote && (f.Quote < ' ' || f.Quote >= utf8.RuneSelf):
		return bad("The quote must be a plain sign such as \" or '.")
	case f.Delimiter == f.Quote || !utf8.ValidRune(f.Delimiter) || f.Delimiter == utf8.RuneError,
		f.Delimiter < ' ' && f.Delimiter != '\t':
		return bad("The delimiter must be one sign that is not the quote, such as a comma, a semicolon or a tab.")
	}
	if _, err := f.decoder(strings.NewReader("")); err != nil {
		return f, err
	}
	return f, nil
}

// decoder returns r as UTF-8 text. UTF-8 itself passes unchanged: whether it is valid is checked row by row.
func (f Format) decoder(r io.Reader) (io.Reader, error) {
	switch strings.ToLower(f.Encoding) {
	case UTF8, "utf8":
		return r, nil
	case UTF16LE, "utf-16":
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), nil
	case UTF16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), nil
	}
	enc, _ := charset.Lookup(f.Encoding)
	if enc == nil {
		text := fmt.Sprintf("The encoding %q is not known. Choose one of the list.", f.Encoding)
		return nil, &FileError{Code: "bad_format", Text: text}
	}
	return transform.NewReader(r, enc.NewDecoder()), nil
}

// isUTF8 tells that rows may hold bytes that are not valid.
func (f Format) isUTF8() bool {
	return strings.EqualFold(f.Encoding, UTF8) || strings.EqualFold(f.Encoding, "utf8")
}
