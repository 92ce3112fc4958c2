package web

import (
	"encoding"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/web/ui"
)

// problems are what is wrong with a form that is shown again. The zero value is a form without problems.
type problems struct {
	list    []fault.Problem
	message string
}

// refused tells whether err is about what the person entered, or about the present state of things, so that the form
// is shown again with status 422; other errors are returned.
func refused(err error) (problems, bool) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return problems{}, false
	}
	switch f.Code {
	case fault.Invalid, fault.Conflict, fault.Stale, fault.TooMany:
		p := problems{list: f.Problems}
		if len(f.Problems) == 0 {
			p.message = sentence(f)
		}
		return p, true
	}
	return problems{}, false
}

// revField carries the revision along.
func revField(rev int64) []ui.Hidden {
	return []ui.Hidden{{Name: "rev", Value: strconv.FormatInt(rev, 10)}}
}

// any tells whether there is a problem at all.
func (p problems) any() bool { return len(p.list) > 0 || p.message != "" }

// of gives what is wrong with one field, "" when nothing is.
func (p problems) of(field string) string {
	for _, one := range p.list {
		if strings.TrimPrefix(one.Field, "/") == field {
			return strings.TrimSpace(one.Message + " " + one.Hint)
		}
	}
	return ""
}

// summary lists the problems for ui.ErrorSummary, each leading to its field.
func (p problems) summary() ui.ErrorSummaryProps {
	s := ui.ErrorSummaryProps{}
	if p.message != "" {
		s.Problems = append(s.Problems, ui.Problem{Text: p.message})
	}
	for _, one := range p.list {
		text := strings.TrimSpace(one.Message + " " + one.Hint)
		field := strings.TrimPrefix(one.Field, "/")
		link := ""
		if field != "" && !strings.Contains(field, "/") {
			link = "#f-" + field
		}
		s.Problems = append(s.Problems, ui.Problem{Text: text, Href: link})
	}
	return s
}

// parse reads the form of a request, so that a body that cannot be read is the sender's fault and not ours.
func parse(r *http.Request) error {
	err := r.ParseForm()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		err = r.ParseMultipartForm(formLimit) // what is beyond waits on disk, and goes with the request
	}
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return fault.New(fault.Malformed, "The form cannot be read.").WithHint("Go back, load the page again and send it once more.").WithInner(err)
}

// text gives a form value without spaces around it.
func text(r *http.Request, name string) string { return strings.TrimSpace(r.FormValue(name)) }

// readID reads an outward id, for instance of r.PathValue("id"), into id. A text that is none is a thing that does not
// exist.
func readID(text string, id encoding.TextUnmarshaler) error {
	if text == "" || id.UnmarshalText([]byte(text)) != nil {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return nil
}

// readIDs reads the ids of ticked rows; unreadable ones are left out.
func readIDs[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](values []string) []T {
	var ids []T
	for _, v := range values {
		var id T
		if v != "" && P(&id).UnmarshalText([]byte(v)) == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// back gives the page that a form asks to return to in its field "back", else path.
func back(r *http.Request, path string) string {
	if b := r.FormValue("back"); b != "" {
		if local := localPath(b); local != "/" {
			return local
		}
	}
	return path
}

// problemJSON is a fault for our scripts.
func problemJSON(f *fault.Error) map[string]any {
	return map[string]any{"code": string(f.Code), "message": f.Message, "hint": f.Hint, "problems": problemList(f.Problems)}
}

func problemList(list []fault.Problem) []map[string]string {
	out := make([]map[string]string, 0, len(list))
	for _, p := range list {
		out = append(out, map[string]string{"field": p.Field, "step": p.Step, "code": p.Code, "message": p.Message, "hint": p.Hint})
	}
	return out
}
