package main

import (
	"bytes"
	"fmt"
	"strings"
)

// samplePDF makes a page with a heading and lines of text, in the smallest form that every reader opens (ISO 32000-1,
// 7.5). It knows no letters beyond ASCII.
func samplePDF(heading string, lines ...string) []byte {
	quote := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`)
	var page strings.Builder
	fmt.Fprintf(&page, "BT /F2 24 Tf 72 740 Td (%s) Tj ET\n", quote.Replace(heading))
	for i, line := range lines {
		fmt.Fprintf(&page, "BT /F1 12 Tf 72 %d Td (%s) Tj ET\n", 700-i*20, quote.Replace(line))
	}
	parts := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	var places []int
	for i, part := range parts {
		places = append(places, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, part)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(parts)+1)
	for _, at := range places {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(parts)+1, table)
	return out.Bytes()
}
