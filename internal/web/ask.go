package web

import (
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/web/ui"
)

// question is a small form that belongs to a page: a dialog over it where htmx asked, a page of its own elsewhere.
// Its form is an ordinary one; when that is refused, the answer is the page of its own, with the problems.
type question struct {
	// ID names the dialog's element.
	ID    string
	Title string
	Text  string
	Size  ui.Size
	// Back is where Cancel leads on a page of its own.
	Back string
	// Dialog tells that it is shown as a dialog; ask sets it before it builds the body.
	Dialog bool
}

// ask shows a question. The link that leads to it carries hx-get, hx-target "#dialogs" (see asks).
func (s *Server) ask(w http.ResponseWriter, r *http.Request, status int, q question, body func(question) templ.Component) error {
	q.Dialog = isFragment(r)
	if q.Dialog {
		// A question may answer the form of another one, whose answers go elsewhere.
		w.Header().Set("HX-Retarget", "#dialogs")
		return s.fragment(w, r, status, askDialog(q, body(q)))
	}
	return s.render(w, r, page{Title: q.Title, Status: status}, askPage(q, body(q)))
}

// asks are the attributes of a link or button that opens a question as a dialog.
func asks(path string) ui.Attrs {
	return ui.A("hx-get", path, "hx-target", "#dialogs", "aria-haspopup", "dialog")
}
