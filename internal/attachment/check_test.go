package attachment

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cadenza/internal/fault"
)

// packed makes a zip; the names and contents take turns.
func packed(t testing.TB, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: entries[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	pdf  = "%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
	jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	gif  = "GIF89a\x01\x00\x01\x00\x80\x00\x00"
	page = "<!DOCTYPE html><html><script>alert(1)</script></html>"
	svg  = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
)

// program is this very test's program: a real one.
func program(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw[:min(len(raw), 1<<20)])
}

// windows is the beginning of a program for Windows, with the header that its loader wants.
func windows() string {
	b := make([]byte, 512)
	copy(b, "MZ")
	binary.LittleEndian.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00\x4c\x01")
	return string(b)
}

func ole(more string) string { return oleStart + strings.Repeat("\x00", 600) + more }

func wordFile(t testing.TB, more ...string) string {
	return packed(t, append([]string{"[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document/>"}, more...)...)
}

func openFile(t testing.TB, kind string) string {
	return packed(t, "mimetype", "application/vnd.oasis.opendocument."+kind, "content.xml", "<x/>")
}

// judged is a file and the code of the problem that Check has with it; "" for none.
type judged struct{ what, name, content, code string }

func TestCheckTakes(t *testing.T) {
	t.Parallel()
	check(t, []judged{
		{"a PDF", "offer.pdf", pdf, ""},
		{"capital letters", "OFFER.PDF", pdf, ""},
		{"a document", "a.docx", wordFile(t), ""},
		{"a document with a sheet in it", "a.docx", wordFile(t, "word/embeddings/Sheet1.xlsx", "x"), ""},
		{"a sheet", "a.xlsx", packed(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<w/>"), ""},
		{"slides", "a.pptx", packed(t, "[Content_Types].xml", "<Types/>", "ppt/presentation.xml", "<w/>"), ""},
		{"an open document", "a.odt", openFile(t, "text"), ""},
		{"an open sheet", "a.ods", openFile(t, "spreadsheet"), ""},
		{"an older document", "a.doc", ole(""), ""},
		{"an older sheet", "a.xls", ole(""), ""},
		{"rich text", "a.rtf", `{\rtf1\ansi Hello}`, ""},
		{"pictures", "a.png", png, ""},
		{"a photo", "a.jpeg", jpeg, ""},
		{"an animation", "a.gif", gif, ""},
		{"a newer picture", "a.webp", "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f", ""},
		{"text", "a.txt", "Hello, <b>you</b>.\nGrüße", ""},
		{"text of another system", "a.txt", "\xff\xfeH\x00e\x00l\x00l\x00o\x00", ""},
		{"text of another time", "a.csv", "Stra\xdfe;Gr\xf6\xdfe\n1;2\n", ""},
		{"a table", "a.csv", "a,b\n1,2\n3,4\n", ""},
		{"an appointment", "a.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", ""},
		{"an archive", "a.zip", packed(t, "offer.pdf", pdf, "pictures/a.png", png), ""},
		{"a domain in the name", "Offer for acme.com.pdf", pdf, ""},
		{"two good extensions", "contract.docx.pdf", pdf, ""},
	})
}

func TestCheckRefusesNames(t *testing.T) {
	t.Parallel()
	check(t, []judged{
		{"nothing in it", "a.pdf", "", "empty"},
		{"too large", "a.pdf", pdf + strings.Repeat(" ", SizeMax), "too_large"},
		{"no name", "///", pdf, "name"},
		{"no extension", "offer", pdf, "kind"},
		{"an unknown kind", "a.xyz", pdf, "kind"},
		{"a program", "setup.exe", windows(), "program"},
		{"a program of old", "command.com", windows(), "program"},
		{"a script", "a.js", "alert(1)", "program"},
		{"a page", "a.html", page, "program"},
		{"a drawing that acts", "a.svg", svg, "program"},
		{"a document that acts", "a.docm", wordFile(t, "word/vbaProject.bin", "x"), "program"},
		{"an ending that is hidden by spaces", "offer.pdf          .exe", windows(), "program"},
		{"an ending that is dropped", "offer.exe . ", windows(), "program"},
		{"an ending that is turned around", "offer\u202efdp.exe", windows(), "program"},
		{"an ending behind a sign that nobody sees", "offer.ex\u200be", windows(), "program"},
		{"two endings", "offer.pdf.exe", windows(), "program"},
		{"two endings the other way", "offer.exe.pdf", pdf, "double"},
		{"a page's ending before the last", "offer.html.pdf", pdf, "double"},
	})
}

func TestCheckRefusesContents(t *testing.T) {
	t.Parallel()
	check(t, []judged{
		{"a real program, renamed", "offer.pdf", program(t), "content"},
		{"a real program as text", "offer.txt", program(t), "content"},
		{"a real program as an archive", "offer.zip", program(t), "content"},
		{"a real program as a document", "offer.docx", program(t), "content"},
		{"a program for Windows as a picture", "a.png", windows(), "content"},
		{"a program for Windows with an archive behind it", "a.zip", windows() + packed(t, "a.txt", "a"), "content"},
		{"a page as text", "a.txt", page, "content"},
		{"a page as text, behind spaces and a mark", "a.txt", "\ufeff \n\t<HTML><script>", "content"},
		{"a page as text of another system", "a.csv", "\xff\xfe" + string(wide("<script>x</script>")), "content"},
		{"a page as a PDF", "a.pdf", page, "content"},
		{"a page before a PDF", "a.pdf", page + pdf, "content"},
		{"a drawing as a picture", "a.png", svg, "content"},
		{"a drawing as text", "a.txt", svg, "content"},
		{"a script as text", "a.txt", "#!/bin/sh\nrm -rf /\n", "content"},
		{"a script for Windows as text", "a.txt", "@Echo OFF\r\ndel *\r\n", "content"},
		{"a picture that is an archive", "a.gif", gif + packed(t, "a.class", "x"), "polyglot"},
		{"a picture as another", "a.png", jpeg, "content"},
		{"a picture as a PDF", "a.pdf", png, "content"},
		{"an archive as a document", "a.docx", packed(t, "a.txt", "a"), "content"},
		{"a document as an open one", "a.odt", wordFile(t), "content"},
		{"an open sheet as a document", "a.odt", openFile(t, "spreadsheet"), "content"},
		{"a document as an older one", "a.doc", wordFile(t), "content"},
		{"macros in a document", "a.docx", wordFile(t, "word/vbaProject.bin", "x"), "macros"},
		{"macros in an older one", "a.doc", ole(string(wide("_VBA_PROJECT"))), "macros"},
		{"macros in an open one", "a.odt", packed(t, "mimetype", "application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml", "x"), "macros"},
		{"a program in an archive", "a.zip", packed(t, "offer.pdf", pdf, `sub\Setup.EXE`, windows()), "program"},
		{"a page in an archive", "a.zip", packed(t, "index.html", page), "program"},
		{"an archive in an archive", "a.zip", packed(t, "b.zip", packed(t, "x.exe", "x")), "nested"},
		{"an archive that breaks off", "a.zip", packed(t, "a.txt", "a")[:30], "content"},
	})
}

func check(t *testing.T, list []judged) {
	t.Helper()
	for _, c := range list {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			f, err := Check(c.name, []byte(c.content))
			problems := fault.ProblemsOf(err)
			if c.code == "" {
				if err != nil || f.Type == "" || f.Name == "" {
					t.Fatalf("%s: got %+v, %v", c.name, f, err)
				}
				return
			}
			if len(problems) != 1 || problems[0].Code != c.code || problems[0].Field != "file" || f != (File{}) {
				t.Fatalf("%s: got %+v, %v, want the problem %s", c.name, f, err, c.code)
			}
			if c.code == "kind" || c.code == "content" || c.code == "program" && !strings.Contains(problems[0].Message, "holds") {
				if !strings.Contains(problems[0].Hint, "Allowed are PDF") {
					t.Errorf("%s: the refusal does not say what is allowed: %v", c.name, err)
				}
			}
		})
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"offer.pdf":                          "offer.pdf",
		"  Price   list\t2026 .pdf ":         "Price list 2026 .pdf",
		`C:\Users\anna\offer.pdf`:            "offer.pdf",
		"../../etc/passwd":                   "passwd",
		"offer\r\nBcc: x@y.test.pdf":         "offer Bcc- x@y.test.pdf",
		"a\x00b\x7f.pdf":                     "ab.pdf",
		"\u202eexe\u2066.pdf":                "exe.pdf",
		"Preisliste für Änn.pdf":             "Preisliste für Änn.pdf",
		"\xff\xfe.pdf":                       "pdf",
		strings.Repeat("ä", 200) + ".pdf":    strings.Repeat("ä", 58) + ".pdf",
		strings.Repeat("a", 200):             strings.Repeat("a", 120),
		"offer.pdf. . .":                     "offer.pdf",
		`what "is" <this>?.pdf`:              "what -is- -this--.pdf",
		"..":                                 "",
		"a." + strings.Repeat("longest", 30): "a." + strings.Repeat("longest", 30)[:118],
	} {
		if got := CleanName(name); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestCleanNameRules holds for any name what everything behind it builds on.
func TestCleanNameRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "name")
		got := CleanName(name)
		if CleanName(got) != got {
			t.Fatalf("%q becomes %q, and that %q", name, got, CleanName(got))
		}
		if len(got) > nameMax || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\r\n\x00\"") || strings.ContainsFunc(got, unicode.IsControl) {
			t.Fatalf("%q becomes %q", name, got)
		}
	})
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	for _, ext := range Extensions() {
		if ext != ".jpeg" && !strings.Contains(Allowed, ext[1:]) && !strings.Contains(Allowed, strings.ToUpper(ext[1:])) {
			t.Errorf("%s is taken, and not named", ext)
		}
		if runs(ext[1:], true) {
			t.Errorf("%s is taken, and a program", ext)
		}
	}
}
