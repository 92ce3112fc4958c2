package static

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const short, long = "no-cache", "public, max-age=31536000, immutable"
	for _, c := range []struct {
		path   string
		status int
		mime   string
		cache  string
	}{
		{"/static/app.css", 200, "text/css; charset=utf-8", short},
		{URL("app.css"), 200, "text/css; charset=utf-8", long},
		{"/static/app.css?v=old", 200, "text/css; charset=utf-8", short},
		{URL("js/menu.js"), 200, "text/javascript; charset=utf-8", long},
		{URL("logo.svg"), 200, "image/svg+xml", long},
		{"/static/css/00-tokens.css", 404, "text/plain; charset=utf-8", ""},
		{"/static/vendor/.gitkeep", 404, "text/plain; charset=utf-8", ""},
		{"/static/", 404, "text/plain; charset=utf-8", ""},
		{"/static/../static.go", 404, "text/plain; charset=utf-8", ""},
	} {
		w := get(c.path)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.mime || w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("GET %s: %d, %q, %q; want %d, %q, %q", c.path, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), c.status, c.mime, c.cache)
		}
	}
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"", "gzip, br"} {
		first := get("/static/app.css", "Accept-Encoding", encoding)
		again := get("/static/app.css", "Accept-Encoding", encoding, "If-None-Match", first.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("second request with encoding %q: %d with %d bytes, want 304 and none", encoding, again.Code, again.Body.Len())
		}
	}
	plain, packed := get("/static/app.css"), get("/static/app.css", "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() {
		t.Errorf("packed sheet has %d bytes and encoding %q, plain one %d", packed.Body.Len(), packed.Header().Get("Content-Encoding"), plain.Body.Len())
	}
	if packed.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Error("packed and plain answers share an ETag")
	}
}

func TestOnlyReading(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/static/app.css", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d and Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// Every custom property that the sheet uses is stated in it.
func TestTokensExist(t *testing.T) {
	t.Parallel()
	sheet := get("/static/app.css").Body.String()
	stated := map[string]bool{}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+)\s*:`).FindAllStringSubmatch(sheet, -1) {
		stated[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(sheet, -1) {
		if !stated[m[1]] {
			t.Errorf("%s is used and never stated", m[1])
		}
	}
}

// What the build did not put in place is named, and nothing else is.
func TestMissing(t *testing.T) {
	t.Parallel()
	missing := strings.Join(Missing(), " ")
	for _, name := range vendorFiles {
		there := get(Prefix+"vendor/"+name).Code == http.StatusOK
		if there == strings.Contains(missing, name) {
			t.Errorf("%s: served %v, missing says %q", name, there, missing)
		}
	}
}
