package track

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// filePolicy lets a browser that shows the file all the same do nothing with it.
const filePolicy = "default-src 'none'; sandbox"

// download answers with a file of a message. It is never shown by the browser, whatever it holds: it is saved.
func (d *Door) download(w http.ResponseWriter, r *http.Request) {
	message, number, ok := d.signer.Read(r.PathValue("token"))
	if !ok || number == 0 {
		d.missing(w, r)
		return
	}
	select {
	case d.fetching <- struct{}{}:
		defer func() { <-d.fetching }()
	default:
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "Too many files are fetched at this moment. Try again in a minute.")
		return
	}
	f, content, err := d.fileOf(r.Context(), message, number)
	switch {
	case fault.Is(err, fault.NotFound) && f.ID == 0:
		d.missing(w, r)
		return
	case fault.Is(err, fault.NotFound):
		plain(w, http.StatusGone, "This file is no longer there. Ask the person who sent you the email for it.")
		return
	case err != nil:
		d.log.Error("read file of followed mail", "error", err)
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "This file cannot be fetched at this moment. Try again in a minute.")
		return
	}
	defer func() { _ = content.Close() }()
	if fromStart(r) {
		d.note(r, hit.Hit{Message: message, Link: number, File: true})
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	http.ServeContent(w, r, "", time.Time{}, content)
}

// fileOf finds a file and opens its content. f has an ID when there is, or was, such a file.
func (d *Door) fileOf(ctx context.Context, message ident.Message, number int) (f store.File, content io.ReadSeekCloser, err error) {
	// The content is read for as long as the reader takes, so only the search has a limit.
	limited, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	if f, err = d.memory.FileOf(limited, message, number); err != nil {
		return store.File{}, nil, err
	}
	if content, err = d.memory.OpenFile(ctx, f); err != nil {
		return f, nil, err
	}
	// Its first byte tells whether it can be read at all, before anything is counted or answered.
	var first [1]byte
	if _, err = content.Read(first[:]); err == nil || errors.Is(err, io.EOF) {
		_, err = content.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = content.Close()
		return f, nil, err
	}
	return f, content, nil
}

// fromStart tells whether a request begins a download. Programs fetch large files in pieces; the pieces after the first
// are no downloads of their own.
func fromStart(r *http.Request) bool {
	pieces := r.Header.Get("Range")
	return pieces == "" || strings.HasPrefix(pieces, "bytes=0-")
}
