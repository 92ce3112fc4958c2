package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"cadenza/internal/fault"
)

// The codes that only this door gives; the others are fault's.
const (
	internal         fault.Code = "internal"
	methodNotAllowed fault.Code = "method_not_allowed"
	unsupportedType  fault.Code = "unsupported_type"
)

// class is what all problems of one code share.
type class struct {
	code   fault.Code
	status int
	title  string
}

// classes lists every code, in the order of the documentation.
var classes = []class{
	{fault.Malformed, http.StatusBadRequest, "The request cannot be read"},
	{fault.Unauthenticated, http.StatusUnauthorized, "A valid token is needed"},
	{fault.Forbidden, http.StatusForbidden, "The role may not do this"},
	{fault.NotFound, http.StatusNotFound, "There is no such thing"},
	{methodNotAllowed, http.StatusMethodNotAllowed, "The address does not know this method"},
	{fault.Conflict, http.StatusConflict, "The present state does not allow this"},
	{fault.Stale, http.StatusConflict, "Somebody else changed it meanwhile"},
	{fault.TooLarge, http.StatusRequestEntityTooLarge, "A limit on size is exceeded"},
	{unsupportedType, http.StatusUnsupportedMediaType, "The body's type is not read here"},
	{fault.Invalid, http.StatusUnprocessableEntity, "The input has problems"},
	{fault.TooMany, http.StatusTooManyRequests, "Try again later"},
	{internal, http.StatusInternalServerError, "Something went wrong"},
	{fault.Unavailable, http.StatusServiceUnavailable, "A part of the server is down"},
}

func classOf(code fault.Code) class {
	for _, c := range classes {
		if c.code == code {
			return c
		}
	}
	return classOf(internal)
}

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type      string   `json:"type" format:"uri-reference" doc:"Where the code is described."`
	Title     string   `json:"title" doc:"What all problems of this code share."`
	Status    int      `json:"status" doc:"The HTTP status."`
	Detail    string   `json:"detail" doc:"What went wrong this time, as a sentence for people."`
	Code      string   `json:"code" doc:"The class of the error. Codes never change their meaning."`
	Hint      string   `json:"hint,omitempty" doc:"What to do."`
	Errors    []detail `json:"errors,omitempty" doc:"What is wrong with single fields, or steps of a sequence."`
	RequestID string   `json:"request_id" doc:"Names this request in the server's log."`
	header    http.Header
}

// detail is what is wrong with one field or step.
type detail struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the request's body."`
	Parameter string `json:"parameter,omitempty" doc:"The parameter of the address, when the body is not concerned."`
	Step      string `json:"step,omitempty" doc:"The id of the sequence's step."`
	Code      string `json:"code" doc:"Stable and machine readable, for instance required."`
	Message   string `json:"message" doc:"A sentence that says what is wrong."`
	Hint      string `json:"hint,omitempty" doc:"What to do, when the message does not say it."`
	File      string `json:"file,omitempty" doc:"The file in an archive."`
	Line      int    `json:"line,omitempty" doc:"Line in a YAML body, from 1."`
	Column    int    `json:"column,omitempty" doc:"Column in a YAML body, from 1."`
}

// Error gives the sentence.
func (p *problem) Error() string { return p.Detail }

// GetStatus gives huma the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders gives huma the headers of the answer.
func (p *problem) GetHeaders() http.Header { return p.header }

// ContentType gives huma the media type of problems.
func (p *problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func newProblem(code fault.Code, text, hint string) *problem {
	c := classOf(code)
	return &problem{
		Type: prefix + "/docs#error-" + string(c.code), Title: c.title, Status: c.status, Code: string(c.code),
		Detail: text, Hint: hint, header: http.Header{},
	}
}

// problem turns an error into the one form. What is no fault is logged and shown as nothing but the request's id.
func (c *call) problem(ctx context.Context, err error) *problem {
	p := c.classify(ctx, err)
	p.RequestID = c.id
	if p.Status == http.StatusUnauthorized {
		p.header.Set("WWW-Authenticate", c.challenge())
	}
	return p
}

func (c *call) classify(ctx context.Context, err error) *problem {
	var (
		ready *problem
		f     *fault.Error
		large *http.MaxBytesError
	)
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &f):
		if f.Code == fault.Unavailable {
			c.log.WarnContext(ctx, "request refused", "request", c.id, "path", c.request.URL.Path, "error", errors.Unwrap(f))
		}
		p := newProblem(f.Code, f.Message, f.Hint)
		p.Errors = each(f.Problems, c.detail)
		return p
	case errors.As(err, &large):
		return newProblem(fault.TooLarge, fmt.Sprintf("The body is larger than %s.", sizeText(large.Limit)), "Send less at once.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return newProblem(fault.Malformed, "The body ended early.", "Send it again.")
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		// Nobody reads this any more.
		return newProblem(internal, "The request was given up.", "")
	}
	c.log.ErrorContext(ctx, "request failed", "request", c.id, "method", c.request.Method, "path", c.request.URL.Path, "error", err)
	return newProblem(internal, "Something went wrong.", "Tell an operator the request_id; the server's log says more.")
}

func sizeText(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// detail turns a problem of a field into its outward form. Fields without a slash are named by actions: they belong to
// the body, or to the address of a request that has none.
func (c *call) detail(p fault.Problem) detail {
	out := detail{Pointer: p.Field, Step: p.Step, Code: p.Code, Message: p.Message, Hint: p.Hint}
	if p.Field == "" || strings.HasPrefix(p.Field, "/") {
		return out
	}
	if c.request.Method == http.MethodGet || c.request.Method == http.MethodDelete {
		out.Pointer, out.Parameter = "", p.Field
		return out
	}
	out.Pointer = "/" + p.Field
	return out
}

// move gives the error with the fields of its problems changed, for input that stands deeper in the body than the
// action knows.
func move(err error, to func(fault.Problem) string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Problems) == 0 {
		return err
	}
	moved := *f
	moved.Problems = make([]fault.Problem, len(f.Problems))
	for i, p := range f.Problems {
		p.Field = to(p)
		moved.Problems[i] = p
	}
	return &moved
}

// under moves pointers below a key of the body.
func under(key string) func(fault.Problem) string {
	return func(p fault.Problem) string { return key + p.Field }
}

// pointerKey writes a key of an object as a JSON pointer has it (RFC 6901 section 3).
func pointerKey(key string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(key) }

// send writes a problem where huma does not.
func (c *call) send(w http.ResponseWriter, p *problem) {
	p.RequestID = c.id
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that is gone is no matter
}

// arrayIndex finds the indexes in huma's places, for instance body.records[3].
var arrayIndex = regexp.MustCompile(`\[(\d+)\]`)

// pointerOf turns the rest of huma's place ("values.email", "records[3]") into a JSON pointer.
func pointerOf(place string) string {
	if place == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(arrayIndex.ReplaceAllString(place, ".$1"), ".", "/")
}
