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
	if err != nil || !isFragment(r) || !inWork(address.Path) {
		return s.redirect(w, r, path)
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

// workAround gives the address of the work list over which a question was asked, "" for one asked elsewhere.
func workAround(r *http.Request) string {
	from := pathOf(r.Header.Get("HX-Current-URL"), r.Referer())
	if address, err := url.Parse(from); err == nil && inWork(address.Path) {
		return localPath(from)
	}
	return ""
}

// stay lets htmx send a form of the work list and put the answer into its place; elsewhere the page is loaded anew.
func (c scope) stay(address string) ui.Attrs {
	if c.Back != "" {
		return nil
	}
	return sendWork(address)
}

// stayIn is stay for a question that was asked over the work list.
func stayIn(back, address string) ui.Attrs {
	if u, err := url.Parse(back); err != nil || !inWork(u.Path) {
		return nil
	}
	return sendWork(address)
}
