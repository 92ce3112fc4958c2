package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
)

// The limits of bodies. That of uploads leaves room for the frame of a form around the file, which action bounds.
const (
	maxBody   = 1 << 20
	maxImport = 201 << 20
	maxFile   = 11 << 20
)

// call is one request with what is known of it. It travels in the context.
type call struct {
	id      string
	log     *slog.Logger
	request *http.Request
	actor   access.Actor
	// bearer is the token, "" until one was sent.
	bearer string
	// raw is the body, but for uploads.
	raw []byte
}

type callKey struct{}

// callOf gives the request that a context belongs to.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// goodRequestID is what is taken over of a request's own id; everything else could forge lines of logs.
var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

// begin names the request, sets the headers of every answer and turns a panic into an answer.
func (d *door) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{id: r.Header.Get("X-Request-Id"), log: d.log}
		if !goodRequestID.MatchString(c.id) {
			c.id = strings.ToLower(rand.Text()[:16])
		}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		c.request = r
		w.Header().Set("X-Request-Id", c.id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		begun := &begun{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) || begun.wrote {
					panic(v)
				}
				c.send(w, c.problem(r.Context(), fmt.Errorf("panic: %v", v)))
			}
		}()
		next.ServeHTTP(begun, r)
	})
}

// begun knows whether an answer was begun: after that nothing else can be answered.
type begun struct {
	http.ResponseWriter
	wrote bool
}

// WriteHeader notes that the answer was begun.
func (b *begun) WriteHeader(status int) {
	b.wrote = true
	b.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer was begun.
func (b *begun) Write(p []byte) (int, error) {
	b.wrote = true
	return b.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the real writer.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// authenticate lets only requests with a valid token through.
func (d *door) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			c.send(w, c.problem(r.Context(), fault.New(fault.Unauthenticated, "The request carries no token.").
				WithHint("Send \"Authorization: Bearer cad_…\" with a token that was made on your profile.")))
			return
		}
		c.bearer = strings.TrimSpace(token)
		actor, err := d.app.ActorByToken(r.Context(), c.bearer)
		if err != nil {
			c.send(w, c.problem(r.Context(), err))
			return
		}
		c.actor = actor
		next.ServeHTTP(w, r)
	})
}

// challenge is what a refused client is told of tokens (RFC 6750, section 3).
func (c *call) challenge() string {
	if c.bearer == "" {
		return `Bearer realm="Cadenza"`
	}
	return `Bearer realm="Cadenza", error="invalid_token"`
}

// route answers what the routes do not know in the form of all errors.
func (d *door) route(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := d.mux.Handler(r)
		if pattern != "" {
			next.ServeHTTP(w, r)
			return
		}
		c := callOf(r.Context())
		answer := &recorder{header: http.Header{}}
		handler.ServeHTTP(answer, r)
		if answer.status != http.StatusMethodNotAllowed {
			nowhere(w, r)
			return
		}
		p := newProblem(methodNotAllowed, fmt.Sprintf("%s is not possible here.", r.Method), "Possible are "+answer.header.Get("Allow")+".")
		p.header.Set("Allow", answer.header.Get("Allow"))
		c.send(w, p)
	})
}

// nowhere answers for addresses that do not exist.
func nowhere(w http.ResponseWriter, r *http.Request) {
	callOf(r.Context()).send(w, newProblem(fault.NotFound, "There is nothing at this address.", "The addresses are listed at "+prefix+"/docs."))
}

// isUpload tells requests whose body is a file. It is not read into memory.
func isUpload(r *http.Request) bool { return uploadLimit(r) > 0 }

// uploadLimit gives how large a body that is a file may be; 0 for every other body.
func uploadLimit(r *http.Request) int64 {
	switch {
	case r.Method != http.MethodPost:
		return 0
	case r.URL.Path == prefix+"/imports":
		return maxImport
	case r.URL.Path == prefix+"/files":
		return maxFile
	}
	return 0
}

// read takes the whole body in, up to its limit, so that huma and the idempotency key see the same bytes.
func (d *door) read(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if limit := uploadLimit(r); limit > 0 {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			callOf(r.Context()).request = r
			next.ServeHTTP(w, r)
			return
		}
		c := callOf(r.Context())
		limit := int64(maxBody)
		if isFolder(r) {
			limit = maxFolder
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			c.send(w, c.problem(r.Context(), unread(err)))
			return
		}
		c.raw = raw
		r.Body = io.NopCloser(bytes.NewReader(raw))
		next.ServeHTTP(w, r)
	})
}

// unread tells a body that breaks off from trouble of ours.
func unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return fault.New(fault.Malformed, "The body could not be read.").WithHint("Send it again.").WithInner(err)
}
