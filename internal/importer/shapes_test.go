package importer

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// shape is a file as people have it, and what must be read from it.
type shape struct {
	name   string
	file   string
	format string // encoding, delimiter, header
	header string // cells joined by ¦
	rows   string // rows joined by a line feed, ⏎ for a line feed in a cell, "!code" for a refused row
	err    string // code of the *FileError
}

func windows1252(s string) string { return must(charmap.Windows1252.NewEncoder().String(s)) }
func windows1251(s string) string { return must(charmap.Windows1251.NewEncoder().String(s)) }
func macRoman(s string) string    { return must(charmap.Macintosh.NewEncoder().String(s)) }

func utf16(s string, bigEndian, bom bool) string {
	policy, endian := unicode.IgnoreBOM, unicode.LittleEndian
	if bom {
		policy = unicode.UseBOM
	}
	if bigEndian {
		endian = unicode.BigEndian
	}
	return must(unicode.UTF16(endian, policy).NewEncoder().String(s))
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

func shapes() []shape {
	return slices.Concat(savedShapes(), cellShapes(), lineShapes(), brokenShapes(), refusedShapes())
}

// savedShapes are files as programs save them: encodings and delimiters.
func savedShapes() []shape {
	return []shape{
		{
			name: "plain commas", file: "First name,Email\nAnna,anna@test.local\nBob,bob@test.local\n",
			format: "utf-8 , header", header: "First name¦Email", rows: "Anna¦anna@test.local\nBob¦bob@test.local",
		},
		{
			name: "no line end at the end", file: "First name,Email\nAnna,anna@test.local",
			format: "utf-8 , header", header: "First name¦Email", rows: "Anna¦anna@test.local",
		},
		{
			name: "German Excel", file: windows1252("Vorname;Nachname;Straße;Umsatz\r\nJürgen;Müller;Hauptstraße 1;1.234,50\r\nJörg;Weiß;Am Öhr 2;2,75\r\n"),
			format: "windows-1252 ; header", header: "Vorname¦Nachname¦Straße¦Umsatz",
			rows: "Jürgen¦Müller¦Hauptstraße 1¦1.234,50\nJörg¦Weiß¦Am Öhr 2¦2,75",
		},
		{
			name: "Excel, Unicode text", file: utf16("Name\tOrt\r\nŁukasz\tKraków\r\nÅsa\tMalmö\r\n", false, true),
			format: "utf-16le tab header", header: "Name¦Ort", rows: "Łukasz¦Kraków\nÅsa¦Malmö",
		},
		{
			name: "UTF-16 without a mark", file: utf16("Name;City\r\nAnna;Rome\r\nBob;Paris\r\n", false, false),
			format: "utf-16le ; header", header: "Name¦City", rows: "Anna¦Rome\nBob¦Paris",
		},
		{
			name: "UTF-16, big-endian", file: utf16("Name,City\nZoë,Köln\n", true, true),
			format: "utf-16be , header", header: "Name¦City", rows: "Zoë¦Köln",
		},
		{
			name: "UTF-8 with a mark", file: "\uFEFFName,City\r\nZoë,Köln\r\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Zoë¦Köln",
		},
		{
			name: "a mark before a quoted header", file: "\uFEFF\"Name\",\"City\"\n\"Zoë\",\"Köln\"\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Zoë¦Köln",
		},
	}
}

// cellShapes are files in which cells, quotes and widths are the matter.
func cellShapes() []shape {
	return []shape{
		{
			name: "line feeds in cells", file: "Name,Notes,City\r\n\"Anna\",\"first\r\nsecond\n\nfourth\",Rome\r\nBob,none,Paris\r\n",
			format: "utf-8 , header", header: "Name¦Notes¦City", rows: "Anna¦first⏎second⏎⏎fourth¦Rome\nBob¦none¦Paris",
		},
		{
			name: "quotes and delimiters in cells", file: "Name;Company\n\"Meier; Anna\";\"The \"\"Best\"\" Ltd\"\n\"\";x\n",
			format: "utf-8 ; header", header: "Name¦Company", rows: "Meier; Anna¦The \"Best\" Ltd\n¦x",
		},
		{
			name: "commas in quotes of a semicolon file", file: "\"Name\";\"Place\"\n\"Meier, Anna, Dr.\";\"Rome, Italy\"\n\"Ek, Bo, Mr\";\"Ume, Sweden\"\n",
			format: "utf-8 ; header", header: "Name¦Place", rows: "Meier, Anna, Dr.¦Rome, Italy\nEk, Bo, Mr¦Ume, Sweden",
		},
		{
			name: "decimal commas, no header", file: "Müller;1,5\nMaier;2,5\nHuber;3,5\n",
			format: "utf-8 ; data", header: "Column 1¦Column 2", rows: "Müller¦1,5\nMaier¦2,5\nHuber¦3,5",
		},
		{
			name: "no header", file: "anna@test.local,+49 30 1234,12\nbob@test.local,+49 30 1235,13\n",
			format: "utf-8 , data", header: "Column 1¦Column 2¦Column 3", rows: "anna@test.local¦+49 30 1234¦12\nbob@test.local¦+49 30 1235¦13",
		},
		{
			name: "no header, ragged", file: "anna@test.local,1\nbob@test.local,2,x\n",
			format: "utf-8 , data", header: "Column 1¦Column 2¦Column 3", rows: "anna@test.local¦1\nbob@test.local¦2¦x",
		},
		{
			name: "trailing delimiters", file: "Name;City;;\nAnna;Rome;;\nBob;;;\n",
			format: "utf-8 ; header", header: "Name¦City¦¦", rows: "Anna¦Rome¦¦\nBob¦¦¦",
		},
		{
			name: "ragged rows", file: "Name,City,Notes\nAnna\nBob,Rome\nEve,Oslo,n,more\n",
			format: "utf-8 , header", header: "Name¦City¦Notes", rows: "Anna\nBob¦Rome\nEve¦Oslo¦n¦more",
		},
		{
			name: "pipes", file: "Name|City\nAnna|Rome, Italy\nBob|Oslo, Norway\n",
			format: "utf-8 | header", header: "Name¦City", rows: "Anna¦Rome, Italy\nBob¦Oslo, Norway",
		},
		{
			name: "tabs with inches", file: "Part\tSize\nPipe\t5\" wide\nRod\t2\"\n",
			format: "utf-8 tab header", header: "Part¦Size", rows: "Pipe¦5\" wide\nRod¦2\"",
		},
		{
			name: "Excel's hint", file: "sep=;\r\nName;Note\r\nAnna;a,b,c\r\n",
			format: "utf-8 ; header", header: "Name¦Note", rows: "Anna¦a,b,c",
		},
	}
}

// lineShapes are files in which line ends, and old encodings, are the matter.
func lineShapes() []shape {
	return []shape{
		{
			name: "lines end with CR alone", file: macRoman("Name;Ville\rZoé;Orléans\rLoïc;Besançon\r"),
			format: "macintosh ; header", header: "Name¦Ville", rows: "Zoé¦Orléans\nLoïc¦Besançon",
		},
		{
			name: "lines end with CR CR LF", file: "Name,City\r\r\nAnna,Rome\r\r\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Anna¦Rome",
		},
		{
			name: "CR lines, line feeds in cells", file: "Name,Notes\rAnna,\"a\nb\"\rBob,c\r",
			format: "utf-8 , header", header: "Name¦Notes", rows: "Anna¦a⏎b\nBob¦c",
		},
		{
			name: "Cyrillic", file: windows1251("Имя;Город\r\nАнна;Москва\r\nБорис;Казань\r\n"),
			format: "windows-1251 ; header", header: "Имя¦Город", rows: "Анна¦Москва\nБорис¦Казань",
		},
		{
			name: "single quotes", file: "'Name','Place'\n'Anna','Rome, Italy'\n'O''Neil','Cork, Ireland'\n",
			format: "utf-8 , header", header: "Name¦Place", rows: "Anna¦Rome, Italy\nO'Neil¦Cork, Ireland",
		},
		{
			name: "backslash before quotes", file: `"Name","Says"` + "\n" + `"Anna","\"Hi\", she said"` + "\n" + `"Bob","C:\\tmp\x"` + "\n",
			format: "utf-8 , header", header: "Name¦Says", rows: "Anna¦\"Hi\", she said\nBob¦C:\\tmp\\x",
		},
		{
			name: "cells that were made safe", file: "Name,Handle\nAnna,'@anna\nBob,'@bob\nEve,'@eve\nDan,'@dan\n",
			format: "utf-8 , header", header: "Name¦Handle", rows: "Anna¦'@anna\nBob¦'@bob\nEve¦'@eve\nDan¦'@dan",
		},
		{
			name: "spaces around quotes", file: "Name, Place\n\"Anna\" , \"Rome, Italy\"\nBob, Oslo\n",
			format: "utf-8 , header", header: "Name¦Place", rows: "Anna¦Rome, Italy\nBob¦ Oslo",
		},
		{
			name: "blank lines", file: "\n\nName,City\n\nAnna,Rome\n\n\n  \nBob,Oslo\n\n\x1a",
			format: "utf-8 , header", header: "Name¦City", rows: "Anna¦Rome\nBob¦Oslo",
		},
		{
			name: "one column", file: "Email\nanna@test.local\nbob@test.local\n",
			format: "utf-8 , header", header: "Email", rows: "anna@test.local\nbob@test.local",
		},
		{
			name: "NUL signs", file: "Name,City\nAn\x00na,Rome\nBob,Oslo, and a long line so that the share of NUL signs is small\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Anna¦Rome\nBob¦Oslo¦ and a long line so that the share of NUL signs is small",
		},
	}
}

// brokenShapes are files with rows that cannot be read.
func brokenShapes() []shape {
	return []shape{
		{
			name: "a quote left open", file: "Name,City\n\"Anna,Rome\n\"Bob\",\"Oslo\"\n\"Eve\",Ulm\n",
			format: "utf-8 , header", header: "Name¦City", rows: "!broken_quote 2\nBob¦Oslo\nEve¦Ulm",
		},
		{
			name: "a quote left open in the last row", file: "Name,City\nBob,Oslo\nAnna,\"Rome\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Bob¦Oslo\n!broken_quote 3",
		},
		{
			name: "text after a quote", file: "Name,City\n\"An\"na,Rome\nBob,Oslo\n",
			format: "utf-8 , header", header: "Name¦City", rows: "!broken_quote 2\nBob¦Oslo",
		},
		{
			name: "Western letters late in a UTF-8 file", file: "Name,City\n" + strings.Repeat("Anna,Rome\n", 8000) + windows1252("Jürg,Köln\n") + "Bob,Oslo\n",
			format: "utf-8 , header", header: "Name¦City", rows: strings.Repeat("Anna¦Rome\n", 8000) + "!bad_encoding 8002\nBob¦Oslo",
		},
		{
			name: "a line of another encoding", file: "Name,City\nZoë,Köln\n" + windows1252("Jürg,Rom\n") + "Bob,Oslo\n",
			format: "utf-8 , header", header: "Name¦City", rows: "Zoë¦Köln\n!bad_encoding 3\nBob¦Oslo",
		},
		{
			name: "a cell too long", file: "Name,Notes\nAnna,\"" + strings.Repeat("x\n", MaxCell/2+1) + "\"\nBob,y\n",
			format: "utf-8 , header", header: "Name¦Notes", rows: "!cell_too_long 2\nBob¦y",
		},
		{
			name: "a row too long", file: "Name,Notes\n" + strings.Repeat("x,", MaxRow/2+1) + "\nBob,y\n",
			format: "utf-8 , header", header: "Name¦Notes", rows: "!row_too_long 2\nBob¦y",
		},
		{
			name: "a quoted row too long", file: "Name,Notes\nAnna,\"" + strings.Repeat("x,y\n", 20) + strings.Repeat(strings.Repeat("z", 50)+",z\n", MaxRow/50) + "Bob,y\n",
			format: "utf-8 , header", header: "Name¦Notes",
			rows: "!row_too_long 2\n" + strings.Repeat("x¦y\n", 19) + strings.Repeat(strings.Repeat("z", 50)+"¦z\n", MaxRow/50) + "Bob¦y",
		},
		{
			name: "too many columns", file: "Name,Notes\n" + strings.Repeat("x,", MaxColumns) + "\nBob,y\n",
			format: "utf-8 , header", header: "Name¦Notes", rows: "!too_many_columns 2\nBob¦y",
		},
		{name: "a header alone", file: "Name,City\n", format: "utf-8 , header", header: "Name¦City"},
	}
}

// refusedShapes are files that are no CSV, or hold nothing.
func refusedShapes() []shape {
	return []shape{
		{name: "empty", file: "", err: "empty_file"},
		{name: "white space alone", file: "\uFEFF \r\n\n", err: "empty_file"},
		{name: "an empty UTF-16 file", file: "\xFF\xFE", err: "empty_file"},
		{name: "delimiters alone", file: ",,,\n,,,\n", format: "utf-8 , data", header: "Column 1¦Column 2¦Column 3¦Column 4", rows: "¦¦¦\n¦¦¦"},
		{name: "xlsx", file: "PK\x03\x04\x14\x00\x06\x00\x08\x00", err: "not_csv"},
		{name: "xls", file: "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", err: "not_csv"},
		{name: "a PDF", file: "%PDF-1.7\n%\xE2\xE3", err: "not_csv"},
		{name: "a sign-in page", file: "\n<!DOCTYPE html>\n<html><body>Please sign in", err: "not_csv"},
		{name: "JSON", file: "[\n  {\"name\": \"Anna\"}\n]", err: "not_csv"},
		{name: "random bytes", file: "\x00\x01\x02\x7f\x03\x04,\x05\x06\x90\x07\x08\n\x0e\x0f\x10\x11", err: "not_csv"},
		{name: "a broken header", file: "\"Name,City\nAnna,Rome\n", err: "bad_header"},
		{name: "a header too wide", file: strings.Repeat("x,", MaxColumns) + "\n1,2\n", err: "bad_header"},
	}
}

// drain reads a whole file. Refused rows stand as "!code line".
func drain(t *testing.T, r *Reader) string {
	t.Helper()
	var rows []string
	for {
		line, err := r.Next()
		var bad *RowError
		switch {
		case err == io.EOF:
			return strings.Join(rows, "\n")
		case errors.As(err, &bad):
			rows = append(rows, "!"+bad.Code+" "+itoa(bad.Line))
		case err != nil:
			t.Fatal(err)
		default:
			rows = append(rows, strings.ReplaceAll(strings.Join(line.Cells, "¦"), "\n", "⏎"))
		}
	}
}

func describe(f Format) string {
	delimiter := string(f.Delimiter)
	if f.Delimiter == '\t' {
		delimiter = "tab"
	}
	first := "data"
	if f.HasHeader {
		first = "header"
	}
	return f.Encoding + " " + delimiter + " " + first
}

// short keeps the message of a failed test readable.
func short(s string) string {
	if len(s) > 400 {
		return s[:200] + " … " + s[len(s)-200:]
	}
	return s
}

func TestShapes(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range shapes() {
		if names[s.name] {
			t.Errorf("two shapes are called %q", s.name)
		}
		names[s.name] = true
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			// However the bytes come in, the rows are the same.
			for _, source := range []io.Reader{strings.NewReader(s.file), &trickle{text: s.file, sizes: []int{1, 0, 3, 4096}}} {
				r, err := Open(source, Format{})
				if s.err != "" {
					var bad *FileError
					if !errors.As(err, &bad) || bad.Code != s.err {
						t.Fatalf("Open: %v, want the code %s", err, s.err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := describe(r.Format()); got != s.format {
					t.Errorf("format %q, want %q", got, s.format)
				}
				if got := strings.Join(r.Header(), "¦"); got != s.header {
					t.Errorf("header %q, want %q", got, s.header)
				}
				if got := drain(t, r); got != s.rows {
					t.Errorf("rows\n%s\nwant\n%s", short(got), short(s.rows))
				}
				if got := r.BytesRead(); got != int64(len(s.file)) {
					t.Errorf("read %d bytes of %d", got, len(s.file))
				}
			}
		})
	}
	if len(names) < 25 {
		t.Errorf("only %d shapes", len(names))
	}
}

// trickle gives its text in pieces of the given sizes, in turn.
type trickle struct {
	text  string
	sizes []int
	fail  error // in place of io.EOF
}

func (s *trickle) Read(p []byte) (int, error) {
	if s.text == "" {
		if s.fail != nil {
			return 0, s.fail
		}
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.sizes[0])], s.text)
	s.text = s.text[n:]
	s.sizes = slices.Concat(s.sizes[1:], s.sizes[:1])
	return n, nil
}
