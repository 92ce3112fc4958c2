package importer

import (
	"bytes"
	"strings"
)

// signature is how files of a kind begin that people upload by mistake.
type signature struct {
	begins string
	what   string
}

var signatures = []signature{
	{"PK\x03\x04", "an Excel workbook (.xlsx) or another packed file"},
	{"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)"},
	{"%PDF", "a PDF"},
	{"\x1F\x8B", "a packed file (.gz)"},
	{"7z\xBC\xAF", "a packed file (.7z)"},
	{"\x89PNG", "a picture"},
	{"\xFF\xD8\xFF", "a picture"},
	{"GIF8", "a picture"},
	{"SQLite format 3", "a database"},
	{`{\rtf`, "a text document (.rtf)"},
}

// markup is how texts of other formats begin, in lower case and after white space.
var markup = []signature{
	{"<!doctype html", "a web page"},
	{"<html", "a web page"},
	{"<?xml", "an XML file"},
	{"[{", "a JSON file"},
	{"{\"", "a JSON file"},
	{"begin:vcard", "a contact card (.vcf)"},
}

// Refuse tells why the file that begins with head is no CSV file; nil when it may be one.
func Refuse(head []byte) error {
	if len(bytes.TrimSpace(dropBOM(head))) == 0 {
		return &FileError{Code: "empty_file", Text: "The file is empty. Choose a file with at least a header row."}
	}
	what := ""
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begins)) {
			what = s.what
		}
	}
	start := strings.ToLower(string(bytes.TrimSpace(dropBOM(head))[:min(32, len(bytes.TrimSpace(dropBOM(head))))]))
	start = strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "").Replace(start)
	for _, s := range markup {
		if strings.HasPrefix(start, strings.ReplaceAll(s.begins, " ", "")) {
			what = s.what
		}
	}
	if what == "" && isBinary(head) {
		what = "a binary file"
	}
	if what == "" {
		return nil
	}
	return &FileError{Code: "not_csv", Text: "This is " + what + ", not a CSV file. Save or export it as CSV (UTF-8) and try again."}
}

// isBinary tells that head holds more control signs than any text does.
func isBinary(head []byte) bool {
	text := decodeHead(head, detectEncoding(head))
	control, all := 0, 0
	for _, r := range text {
		all++
		switch {
		case r == '\t', r == '\n', r == '\r', r == '\x1a', r == '\f':
		case r < ' ', r == '\uFFFE', r == '\uFFFF':
			control++
		}
	}
	return control*20 > all
}
