package web

import (
	"net/http"
	"net/url"
	"strings"

	"cadenza/internal/web/ui"
)

// comeBack leads back to where a form was sent from. In the work list htmx gets the list anew in its place instead of a page:
// a page that is loaded would end a running call.
func (s *Server) comeBack(w http.ResponseWriter, r *http.Request, path string) error {
	address, err := url.Parse(path)
	if err != nil || !isFragment(r) || !inPlace(address) {
		return s.redirect(w, r, path)
	}
	if _, focused := focusKind(address); focused {
		w.Header().Set("HX-Push-Url", path)
		return s.renderFocus(w, asked(r, address), address, workOpened{})
	}
	if address.Path == runPath {
		w.Header().Set("HX-Push-Url", path)
		return s.showRunEnd(w, asked(r, address))
	}
	o := workOpened{}
	if rest, one := strings.CutPrefix(address.Path, "/work/"); one {
		if err := readID(rest, &o.ID); err != nil {
			return err
		}
		o.Chosen = true
	}
	w.Header().Set("HX-Push-Url", strings.Replace(path, "after=ask", "after=stay", 1)) // who loads the page again is not asked again
	return s.renderWork(w, asked(r, address), o)
}

// asked is the request as if it had asked for another address: the form that it brought is dealt with.
func asked(r *http.Request, address *url.URL) *http.Request {
	clean := r.Clone(r.Context())
	clean.URL, clean.Form, clean.PostForm = address, address.Query(), url.Values{}
	return clean
}

// inWork tells whether an address is the work list's.
func inWork(path string) bool { return path == "/work" || strings.HasPrefix(path, "/work/") }

// inPlace tells whether an address is a page that htmx brings anew in its place: the work list, or a focused view of records.
func inPlace(address *url.URL) bool {
	_, focused := focusKind(address)
	return focused || inWork(address.Path)
}

// workAround gives the address of the work list, or of the focused view, over which a question was asked, "" for one asked elsewhere.
func workAround(r *http.Request) string {
	from := pathOf(r.Header.Get("HX-Current-URL"), r.Referer())
	if address, err := url.Parse(from); err == nil && inPlace(address) {
		return localPath(from)
	}
	return ""
}

// stay lets htmx send a form of the work list or the focused view and put the answer into its place; elsewhere the page is loaded anew.
func (c scope) stay(address string) ui.Attrs {
	if !c.inPlace() {
		return nil
	}
	return sendWork(address)
}

// stayIn is stay for a question that was asked over the work list.
func stayIn(back, address string) ui.Attrs {
	if u, err := url.Parse(back); err != nil || !inPlace(u) {
		return nil
	}
	return sendWork(address)
}

// inPlace tells whether the page on which the panels stand is brought anew in its place.
func (c scope) inPlace() bool {
	u, err := url.Parse(c.Back)
	return c.Back == "" || err == nil && inPlace(u)
}
