package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"cadenza/internal/fault"
)

// huma's errors and texts are set for the whole process, once and before any request: they are plain variables of its
// packages. Each text carries our code before a bar; see detailOf.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, text string, errs ...error) huma.StatusError {
		return refusal(status, text, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, text string, errs ...error) huma.StatusError {
		p := refusal(status, text, errs)
		if ctx == nil {
			return p
		}
		c := callOf(ctx.Context())
		if p.Code == string(internal) {
			return c.problem(ctx.Context(), errors.Join(append([]error{errors.New(text)}, errs...)...))
		}
		p.RequestID = c.id
		return p
	}
	for variable, text := range map[*string]string{
		&validation.MsgUnexpectedProperty:            "unknown_field|This field is not known here.",
		&validation.MsgExpectedRequiredProperty:      "missing|%s",
		&validation.MsgExpectedString:                "type|This must be a text.",
		&validation.MsgExpectedBoolean:               "type|This must be true or false.",
		&validation.MsgExpectedNumber:                "type|This must be a number.",
		&validation.MsgExpectedInteger:               "type|This must be a whole number.",
		&validation.MsgExpectedArray:                 "type|This must be a list.",
		&validation.MsgExpectedObject:                "type|This must be an object.",
		&validation.MsgExpectedOneOf:                 "unknown|This must be one of %s.",
		&validation.MsgExpectedBePattern:             "invalid|This must be %s.",
		&validation.MsgExpectedMinimumNumber:         "range|This must be at least %v.",
		&validation.MsgExpectedMaximumNumber:         "range|This must be at most %v.",
		&validation.MsgExpectedMinItems:              "required|This must hold at least %d.",
		&validation.MsgExpectedMaxItems:              "too_many|This may hold at most %d.",
		&validation.MsgExpectedRFC3339DateTime:       "invalid|This must be a time such as 2026-12-31T09:00:00Z.",
		&validation.MsgExpectedMatchExactlyOneSchema: "invalid|This has a form that is not known here.",
	} {
		*variable = text
	}
}

// refusal is what huma finds wrong with a request.
func refusal(status int, text string, errs []error) *problem {
	code := internal
	for _, c := range classes {
		if c.status == status && c.code != fault.Stale {
			code = c.code
		}
	}
	p := newProblem(code, text, "")
	for _, err := range errs {
		var e *huma.ErrorDetail
		if err == nil || !errors.As(err, &e) {
			continue
		}
		if strings.HasPrefix(e.Location, "path.") {
			// An address with a wrong word in it leads nowhere.
			return newProblem(fault.NotFound, "There is nothing at this address.", "Ids look like rec_0123456789abc; take them from an answer.")
		}
		p.Errors = append(p.Errors, detailOf(e))
	}
	switch {
	case p.Status == http.StatusBadRequest && len(p.Errors) > 0:
		p.Detail, p.Errors = p.Errors[0].Message, nil
	case p.Status == http.StatusBadRequest:
		p.Detail, p.Hint = "The request has no body.", "Send a JSON object."
	case p.Status == http.StatusUnsupportedMediaType:
		p.Detail, p.Hint, p.Errors = "The body's type is not read here.", "Send JSON, with Content-Type: application/json.", nil
	case len(p.Errors) == 1:
		p.Detail = "One thing needs your attention."
	case len(p.Errors) > 1:
		p.Detail = fmt.Sprintf("%d things need your attention.", len(p.Errors))
	}
	return p
}

func detailOf(e *huma.ErrorDetail) detail {
	code, message, found := strings.Cut(e.Message, "|")
	if !found {
		code, message = wrongParameter(e.Message)
	}
	out := detail{Code: code, Message: message}
	where, rest, _ := strings.Cut(e.Location, ".")
	if code == "missing" {
		// huma places what is missing at the object around it, and names it in the text.
		rest = strings.TrimPrefix(rest+"."+message, ".")
		out.Code, out.Message = "required", "This field is missing."
	}
	switch where {
	case "body":
		out.Pointer = pointerOf(rest)
	default:
		out.Parameter = rest
	}
	return out
}

// wrongParameter says of a parameter what the texts above say of a field.
func wrongParameter(text string) (code, message string) {
	switch text {
	case "invalid boolean":
		return "type", "This must be true or false."
	case "invalid integer":
		return "type", "This must be a whole number."
	case "invalid float":
		return "type", "This must be a number."
	case "unknown query parameter":
		return "unknown_parameter", "This parameter is not known here."
	}
	if strings.HasSuffix(text, "parameter is missing") {
		return "required", "This parameter is missing."
	}
	return "invalid", sentence(text)
}

// sentence makes a sentence of huma's words.
func sentence(words string) string {
	if words == "" {
		return "This is not valid."
	}
	return strings.ToUpper(words[:1]) + strings.TrimSuffix(words[1:], ".") + "."
}

// said is an error whose text is shown: a code, a bar and a sentence.
type said string

// Error gives the text.
func (s said) Error() string { return string(s) }

// readJSON reads a body and says in which line it is broken.
func readJSON(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		line, column := placeOf(data, syntax.Offset)
		return said(fmt.Sprintf("syntax|The body is not valid JSON, at line %d, column %d.", line, column))
	case errors.As(err, &wrong):
		return said(fmt.Sprintf("type|%s cannot hold a %s.", wrong.Field, wrong.Value))
	}
	return err
}

// placeOf gives the line and column of an offset, from 1.
func placeOf(data []byte, offset int64) (line, column int) {
	before := data[:min(max(int(offset)-1, 0), len(data))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}
