//go:build browser

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// importFile uploads a file and has it checked, and gives the address of the import.
func importFile(p *person, start, text string) string {
	p.t.Helper()
	p.uploadsText(start, text)
	p.clicks("button", "Check the file")
	p.sees("Will be created")
	return p.path()
}

// uploadsText writes a file as Windows programs do and uploads it.
func (p *person) uploadsText(start, text string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "leads.csv")
	if err := os.WriteFile(file, windows1252(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.open(start)
	p.uploads("Choose a CSV file or drop it here…", file)
	p.clicks("button", "Upload and go on")
	p.has("heading", "Which column is what?")
}

// windows1252 writes a text as Windows does in western Europe: a byte for each letter.
func windows1252(text string) []byte {
	beyond := map[rune]byte{'Š': 0x8a, 'Ž': 0x8e, 'š': 0x9a, 'ž': 0x9e, '„': 0x84, '“': 0x93}
	var encoded []byte
	for _, letter := range text {
		if b, ok := beyond[letter]; ok {
			encoded = append(encoded, b)
		} else {
			encoded = append(encoded, byte(letter)) // as in Latin-1
		}
	}
	return encoded
}

// sampleCSV has semicolons, letters beyond ASCII, a column that fits no field, and one bad row.
const sampleCSV = "Nachname;Vorname;E-Mail;Firma;Interne Merkhilfe\n" +
	"Müßig;Jürgen;juergen@browser.test;Größe & Söhne;mag Äpfel\n" +
	"Šimek;Žofie;zofie@browser.test;„Öko“ GmbH;ruft zurück\n" +
	"Ohneadresse;Olaf;das ist keine Adresse;Ärger AG;falsch\n"

// testImport brings leads in by the four pages of the wizard.
func testImport(t *testing.T, chrome context.Context, demo string) {
	p := signedIn(t, chrome, demo, "Ada Lindgren")
	p.open("/leads")
	p.clicks("link", "Import")
	p.at("/imports/new?kind=lead")
	p.uploadsText("/imports/new?kind=lead", sampleCSV)
	// The delimiter, the encoding and the fields are found.
	p.holds("Encoding", "Western European (Windows-1252)")
	p.holds("Columns are divided by", "Semicolon ;")
	p.sees("Müßig", "„Öko“ GmbH")
	p.holds("Nachname…", "Last name")
	p.holds("E-Mail…", "Email")
	p.holds("Interne Merkhilfe…", "Leave out")
	p.chooses("Interne Merkhilfe…", "Description")
	p.clicks("button", "Check the file")
	// Nothing is changed by the check, which says what will be.
	p.sees("Nothing is changed yet", "Rows that would be refused")
	p.in("table", "Refused rows").sees("das ist keine Adresse")
	importID := p.path()
	p.open("/leads?q=M%C3%BC%C3%9Fig")
	p.sees("No leads fit these filters")
	p.open(importID)
	p.clicks("button", "Import 2 rows")
	p.sees("Imported, and 1 row was refused")
	row := p.in("table", "Refused rows")
	row.sees("4", "Ohneadresse", "E-Mail")
	row.sees("is not an email address")
	p.clicks("link", "Show leads")
	p.clicks("link", "Jürgen Müßig")
	p.sees("Größe & Söhne", "mag Äpfel", "juergen@browser.test")

	// The same file again creates nothing.
	p.uploadsText("/imports/new?kind=lead", sampleCSV)
	p.chooses("Interne Merkhilfe…", "Description")
	p.clicks("button", "Check the file")
	p.sees("There is nothing to import")
	p.lacks("button", "Import…")
	// A changed one updates.
	p.uploadsText("/imports/new?kind=lead", strings.Replace(sampleCSV, "mag Äpfel", "mag Birnen", 1))
	p.chooses("Interne Merkhilfe…", "Description")
	p.clicks("button", "Check the file")
	p.clicks("button", "Import 1 row")
	p.sees("Imported, and 1 row was refused")
	p.open("/leads?q=M%C3%BC%C3%9Fig")
	p.clicks("link", "Jürgen Müßig")
	p.sees("mag Birnen")
}
