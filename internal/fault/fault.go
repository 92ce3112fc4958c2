// Package fault is the one error type that may be shown to people.
//
// It holds a stable code, a safe sentence, the problems of single fields and a hint what to do. It must never carry
// secrets, mail text or the wording of an inner error: whatever is not a fault is shown as "Something went wrong".
//
// Start reading at Error.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code names a class of faults. Codes are part of the API and never change their meaning.
type Code string

// The codes and the HTTP status that the doors give them.
const (
	Invalid         Code = "invalid"         // 422: the input has problems that its sender can mend
	Malformed       Code = "malformed"       // 400: the input cannot be read at all
	Unauthenticated Code = "unauthenticated" // 401: nobody is signed in
	Forbidden       Code = "forbidden"       // 403: the role lacks the right
	NotFound        Code = "not_found"       // 404: there is no such thing, or it was deleted
	Conflict        Code = "conflict"        // 409: the thing's present state does not allow it
	Stale           Code = "stale"           // 409: somebody else changed it meanwhile
	TooLarge        Code = "too_large"       // 413: a limit on size is exceeded
	TooMany         Code = "too_many"        // 429: try again later
	Unavailable     Code = "unavailable"     // 503: the database or another part is down
)

// Problem is what is wrong with one field of an input or one step of a sequence.
type Problem struct {
	// Field is a JSON pointer into the input ("/steps/2/for"), or a form field's name without slash.
	Field string
	// Step is the id of the sequence's step concerned; empty when the problem is not about a step.
	Step string
	// Code is stable and machine readable, for instance "required".
	Code string
	// Message is a sentence that names what is wrong.
	Message string
	// Hint says what to do; empty when Message already does.
	Hint string
}

// String gives the problem as one line for logs of tests and the command line.
func (p Problem) String() string {
	where := p.Field
	if p.Step != "" {
		where = strings.TrimPrefix(where+" step "+p.Step, " ")
	}
	line := p.Message
	if where != "" {
		line = where + ": " + p.Message
	}
	if p.Hint != "" {
		line += " " + p.Hint
	}
	return line
}

// Error is a fault. Message is a full sentence and safe to show.
type Error struct {
	Code     Code
	Message  string
	Hint     string
	Problems []Problem
	inner    error
}

// Error gives the sentence, the hint and the problems in one line each.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString(" " + e.Hint)
	}
	for _, p := range e.Problems {
		b.WriteString("\n- " + p.String())
	}
	return b.String()
}

// Unwrap gives the inner error, which is for the log only.
func (e *Error) Unwrap() error { return e.inner }

// New makes a fault from a code and a full sentence.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint adds what to do.
func (e *Error) WithHint(hint string) *Error {
	e.Hint = hint
	return e
}

// WithInner keeps the cause for the log. It is never shown.
func (e *Error) WithInner(err error) *Error {
	e.inner = err
	return e
}

// Of makes an Invalid fault of problems; it gives nil when there are none, so that a check can end in
// "return fault.Of(problems...)".
func Of(problems ...Problem) error {
	if len(problems) == 0 {
		return nil
	}
	message := "One thing needs your attention."
	if len(problems) > 1 {
		message = fmt.Sprintf("%d things need your attention.", len(problems))
	}
	return &Error{Code: Invalid, Message: message, Problems: problems}
}

// Field makes an Invalid fault about one field.
func Field(field, code, message string) error {
	return Of(Problem{Field: field, Code: code, Message: message})
}

// CodeOf gives the code of the fault in err, or "" when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Is tells whether err holds a fault with this code.
func Is(err error, code Code) bool { return CodeOf(err) == code }

// ProblemsOf gives the problems of the fault in err; nil when it is none.
func ProblemsOf(err error) []Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}
