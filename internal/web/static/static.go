// Package static holds the files that browsers load as they are: our style
// sheets (css/), our scripts (js/) and third-party files (vendor/, put there
// by `npm run build`). It serves them with content hashes, so that a browser
// keeps a file for as long as it does not change.
//
// It must never hold anything about a person or a request, build markup, or
// read the disk at run time: everything comes from the binary.
//
// Start at Handler and URL; Missing says what the build has not put in place.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Prefix is the path below which Handler serves.
const Prefix = "/static/"

// StyleSheet is the one sheet that pages link: the files of css/ in name order.
const StyleSheet = "app.css"

//go:embed logo.svg all:css all:js all:vendor
var embedded embed.FS

// vendorFiles are the third-party files that scripts/build-assets.mjs copies.
var vendorFiles = []string{
	"htmx.min.js", "icons.svg", "LICENSES.txt", "trix.css", "trix.esm.min.js",
	"inter-latin.woff2", "inter-latin-ext.woff2", "inter-cyrillic.woff2",
	"inter-cyrillic-ext.woff2", "inter-greek.woff2", "inter-vietnamese.woff2",
}

// asset is one file, ready to be sent.
type asset struct {
	body    []byte
	hash    string // first 16 hex digits of its SHA-256
	mime    string
	gzipped func() []byte // nil when packing gains nothing
}

// assets is built once, on first use: hashing costs a few milliseconds that a
// command such as `cadenza migrate` need not pay.
var assets = sync.OnceValue(load)

// Missing names the vendor files that the binary was built without, as paths
// below vendor/. Pages work without them, but without icons, font and htmx.
func Missing() []string {
	var missing []string
	for _, name := range vendorFiles {
		if _, ok := assets()["vendor/"+name]; !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// URL gives the address of a file, such as URL("js/menu.js"), with its hash,
// so that a changed file is a new address. An unknown name comes back without one.
func URL(name string) string {
	if a, ok := assets()[name]; ok {
		return Prefix + name + "?v=" + a.hash
	}
	return Prefix + name
}

// Handler serves the files below Prefix. An address with the present hash may
// be kept for a year; any other is checked by its ETag each time.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		a, ok := assets()[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		serve(w, r, a)
	})
}

func serve(w http.ResponseWriter, r *http.Request, a asset) {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if path.Ext(r.URL.Path) == ".woff2" {
		// Style sheets name fonts without a hash, and fonts hardly ever change.
		h.Set("Cache-Control", "public, max-age=604800")
	}
	if r.URL.Query().Get("v") == a.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := a.body, a.hash
	if a.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			body, tag = a.gzipped(), a.hash+"-gz"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func load() map[string]asset {
	found := map[string]asset{}
	var sheet bytes.Buffer
	// The tree is inside the binary, so reading it cannot fail at run time.
	_ = fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.HasPrefix(name, "css/") {
			sheet.Write(body)
			sheet.WriteByte('\n')
			return nil
		}
		found[name] = newAsset(name, body)
		return nil
	})
	found[StyleSheet] = newAsset(StyleSheet, sheet.Bytes())
	return found
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	a := asset{body: body, hash: hex.EncodeToString(sum[:8]), mime: contentType(name)}
	if path.Ext(name) != ".woff2" {
		a.gzipped = sync.OnceValue(func() []byte { return pack(body) })
	}
	return a
}

// contentType does not rely on the machine's own table, which may lack a type.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func pack(body []byte) []byte {
	var out bytes.Buffer
	// Writes to a buffer do not fail.
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = z.Write(body)
	_ = z.Close()
	return out.Bytes()
}
