package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"

	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// once lets a POST with an Idempotency-Key take effect once. Such a request is finished and its answer kept even when its
// client is gone: the client will ask again.
func (d *door) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if r.Method != http.MethodPost || key == "" {
			next.ServeHTTP(w, r)
			return
		}
		r = r.WithContext(context.WithoutCancel(r.Context()))
		if err := d.serveOnce(w, r, key, next); err != nil {
			c := callOf(r.Context())
			c.send(w, c.problem(r.Context(), err))
		}
	})
}

// serveOnce answers, or gives an error while nothing was answered.
func (d *door) serveOnce(w http.ResponseWriter, r *http.Request, key string, next http.Handler) error {
	c := callOf(r.Context())
	c.request = r
	if !printable(key) {
		return fault.New(fault.Malformed, "The Idempotency-Key must be 1 to 200 printable ASCII characters.").WithHint("Use a random UUID.")
	}
	print, done, err := c.fingerprint(r)
	if err != nil {
		return err
	}
	defer done()
	db := d.app.DB()
	kept, err := db.ReserveKey(r.Context(), c.actor.ID, key, print)
	if err != nil {
		return err
	}
	if kept != nil {
		w.Header().Set("Idempotency-Replayed", "true")
		writeAnswer(w, kept.Status, kept.Body)
		return nil
	}
	answer := &recorder{header: w.Header()}
	next.ServeHTTP(answer, r)
	switch {
	case answer.status < http.StatusBadRequest:
		reply := store.Reply{Status: answer.status, Body: append([]byte{}, withoutSecret(r, answer.body.Bytes())...)}
		if err := db.KeepReply(r.Context(), c.actor.ID, key, reply); err != nil {
			// The request took effect and must be answered; its key stays taken, so it cannot take effect twice.
			c.log.ErrorContext(r.Context(), "answer not kept", "request", c.id, "error", err)
		}
	case answer.status == http.StatusInternalServerError:
		// Nobody knows how far it came: the key stays taken.
	default:
		if err := db.DropKey(r.Context(), c.actor.ID, key); err != nil {
			c.log.WarnContext(r.Context(), "idempotency key not freed", "request", c.id, "error", err)
		}
	}
	writeAnswer(w, answer.status, answer.body.Bytes())
	return nil
}

func printable(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return len(key) <= 200
}

// fingerprint tells requests apart. It is keyed with the token, which is stored nowhere, so that it gives nothing away of
// a password in the body. An upload is put aside into a file while it is read; done removes that.
func (c *call) fingerprint(r *http.Request) (print string, done func(), err error) {
	mac := hmac.New(sha256.New, []byte(c.bearer))
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s\n", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"))
	done = func() {}
	if isUpload(r) {
		file, err := putAside(r.Body, mac)
		if err != nil {
			return "", nil, unread(err)
		}
		r.Body = file
		done = func() {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	} else {
		_, _ = mac.Write(c.raw)
	}
	return hex.EncodeToString(mac.Sum(nil)), done, nil
}

func putAside(body io.Reader, mac hash.Hash) (*os.File, error) {
	file, err := os.CreateTemp("", "cadenza-upload-*")
	if err != nil {
		return nil, fmt.Errorf("put upload aside: %w", err)
	}
	_, err = io.Copy(io.MultiWriter(file, mac), body)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return nil, err
	}
	return file, nil
}

// withoutSecret takes the secret of a new token or calendar address out of the answer that is kept: only its hash is ever stored.
func withoutSecret(r *http.Request, body []byte) []byte {
	if r.URL.Path != prefix+"/tokens" && r.URL.Path != prefix+"/me/calendar-feed" {
		return body
	}
	var answer map[string]any
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	delete(answer, "secret")
	kept, _ := json.Marshal(answer) // it came from JSON
	return kept
}

func writeAnswer(w http.ResponseWriter, status int, body []byte) {
	if len(body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", jsonType)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is no matter
}

// recorder holds an answer back.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

var _ http.ResponseWriter = (*recorder)(nil)

// Header gives the headers of the answer.
func (a *recorder) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *recorder) WriteHeader(status int) { a.status = status }

// Write keeps the body.
func (a *recorder) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(p)
}
