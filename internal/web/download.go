package web

import (
	"mime"
	"net/http"
)

// download is a file for the reader. Its headers are set with the first byte, so that an error before it can still be
// shown as a page.
type download struct {
	w     http.ResponseWriter
	name  string
	begun bool
}

// Write sends a part of the file.
func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	}
	return d.w.Write(p)
}
