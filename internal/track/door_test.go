package track_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/track"
)

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// shelf is a memory with the links of message 1, and whatever trouble a test wants.
type shelf struct {
	links   map[int]string
	files   map[int]store.File
	kept    []hit.Hit
	read    error
	write   error
	refused atomic.Int64
}

var _ track.Memory = (*shelf)(nil)

func (s *shelf) Now() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func (s *shelf) Link(_ context.Context, message ident.Message, number int) (string, error) {
	if s.read != nil {
		return "", s.read
	}
	if url := s.links[number]; message == 1 && url != "" {
		return url, nil
	}
	return "", fault.New(fault.NotFound, "There is no such link.")
}

func (s *shelf) FileOf(_ context.Context, message ident.Message, number int) (store.File, error) {
	if s.read != nil {
		return store.File{}, s.read
	}
	if f, ok := s.files[number]; ok && message == 1 {
		return f, nil
	}
	return store.File{}, fault.New(fault.NotFound, "There is no such file.")
}

func (s *shelf) OpenFile(_ context.Context, f store.File) (io.ReadSeekCloser, error) {
	if f.Deleted {
		return nil, fault.New(fault.NotFound, "It is gone.")
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{strings.NewReader(fileText), io.NopCloser(nil)}, nil
}

func (s *shelf) AddHits(_ context.Context, hits []hit.Hit) (int, error) {
	if s.write != nil {
		s.refused.Add(1)
		return 0, s.write
	}
	s.kept = append(s.kept, hits...)
	return len(hits), nil
}

var signer = hit.NewSigner([]byte("a key"))

func newShelf() *shelf {
	return &shelf{links: map[int]string{1: "https://buyer.test/a?b=c&d=e", 2: "https://bücher.test/a b"}, files: map[int]store.File{
		4: {ID: 1, Name: "Größe \"1\".pdf", Type: "application/pdf"}, 5: {ID: 2, Name: "old.pdf", Deleted: true},
	}}
}

const fileText = "%PDF-1.4 <html><script>alert(1)</script>"

// ask makes one request and reads the answer.
func ask(t *testing.T, door http.Handler, method, path string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, "http://links.test/", nil)
	r.URL.Path = path
	if at, query, found := strings.Cut(path, "?"); found {
		r.URL.Path, r.URL.RawQuery = at, query
	}
	r.Header.Set("User-Agent", chrome)
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Set-Cookie", "Server"} {
		if w.Header().Get(name) != "" {
			t.Errorf("%s %s sets %s", method, path, name)
		}
	}
	if !strings.Contains(w.Header().Get("Cache-Control"), "no-store") || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%s %s may be stored, or tells where it came from: %v", method, path, w.Header())
	}
	return w.Result(), string(body)
}

func newDoor(memory track.Memory) *track.Door {
	return track.New(track.Config{Memory: memory, Signer: signer, Log: slog.New(slog.DiscardHandler)})
}

func TestDoor(t *testing.T) {
	t.Parallel()
	pixel, first, second := "/t/o/"+signer.Token(1, 0)+".gif", "/t/c/"+signer.Token(1, 1), "/t/c/"+signer.Token(1, 2)
	for _, c := range []struct {
		name, method, path string
		status             int
		header, value      string
		size               int // of the body; -1 for any
		kept               string
	}{
		{"an open", "GET", pixel, 200, "Content-Type", "image/gif", 43, "open"},
		{"an open, header only", "HEAD", pixel, 200, "Content-Length", "43", -1, "open head"},
		{"an open of a cache breaker", "GET", pixel + "?x=1", 200, "Content-Type", "image/gif", 43, "open"},
		{"a click", "GET", first, 302, "Location", "https://buyer.test/a?b=c&d=e", -1, "click"},
		{"a click, header only", "HEAD", first, 302, "Location", "https://buyer.test/a?b=c&d=e", 0, "click head"},
		{"an address with spaces and letters", "GET", second, 302, "Location", "https://b%c3%bccher.test/a%20b", -1, "click"},
		{"a download", "GET", "/t/f/" + signer.Token(1, 4), 200, "Content-Disposition", "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%221%22.pdf", len(fileText), "download"},
		{"a download, header only", "HEAD", "/t/f/" + signer.Token(1, 4), 200, "Content-Length", strconv.Itoa(len(fileText)), 0, "download head"},
		{"a download is never shown", "GET", "/t/f/" + signer.Token(1, 4), 200, "Content-Security-Policy", "default-src 'none'; sandbox", -1, "download"},
		{"a download keeps its type", "GET", "/t/f/" + signer.Token(1, 4), 200, "Content-Type", "application/pdf", -1, "download"},
		{"a file that was deleted", "GET", "/t/f/" + signer.Token(1, 5), 410, "Content-Type", "text/plain; charset=utf-8", -1, ""},
		{"a file that is not stored", "GET", "/t/f/" + signer.Token(1, 6), 404, "", "", -1, ""},
		{"a link as a file", "GET", "/t/f/" + signer.Token(1, 1), 404, "", "", -1, ""},
		{"a file as a link", "GET", "/t/c/" + signer.Token(1, 4), 404, "", "", -1, ""},
		{"a pixel as a file", "GET", "/t/f/" + signer.Token(1, 0), 404, "", "", -1, ""},
		{"a file of another message", "GET", "/t/f/" + signer.Token(2, 4), 404, "", "", -1, ""},
		{"a file under another key", "GET", "/t/f/" + hit.NewSigner([]byte("x")).Token(1, 4), 404, "", "", -1, ""},
		{"a file by its path", "GET", "/t/f/offer.pdf", 404, "", "", -1, ""},
		{"a file is posted", "POST", "/t/f/" + signer.Token(1, 4), 405, "Allow", "GET, HEAD", -1, ""},
		{"a link that is not stored", "GET", "/t/c/" + signer.Token(1, 3), 404, "", "", -1, ""},
		{"another message", "GET", "/t/c/" + signer.Token(2, 1), 404, "", "", -1, ""},
		{"a pixel as a link", "GET", "/t/c/" + signer.Token(1, 0), 404, "", "", -1, ""},
		{"a link as a pixel", "GET", "/t/o/" + signer.Token(1, 1) + ".gif", 404, "", "", -1, ""},
		{"a pixel without its ending", "GET", strings.TrimSuffix(pixel, ".gif"), 404, "", "", -1, ""},
		{"another key", "GET", "/t/c/" + hit.NewSigner([]byte("x")).Token(1, 1), 404, "", "", -1, ""},
		{"an address of somebody's", "GET", "/t/c/https:%2F%2Fevil.test", 404, "", "", -1, ""},
		{"an address as a query", "GET", "/t/c?url=https://evil.test", 404, "", "", -1, ""},
		{"a cut token", "GET", first[:len(first)-1], 404, "", "", -1, ""},
		{"more behind it", "GET", first + "/x", 404, "", "", -1, ""},
		{"nothing", "GET", "/t/", 404, "", "", -1, ""},
		{"elsewhere", "GET", "/x", 404, "", "", -1, ""},
		{"a huge path", "GET", "/t/c/" + strings.Repeat("A", 60_000), 404, "", "", -1, ""},
		{"a huge query", "GET", first + "?" + strings.Repeat("A", 60_000), 404, "", "", -1, ""},
		{"bytes that are no text", "GET", "/t/c/\x00\xff", 404, "", "", -1, ""},
		{"a post", "POST", first, 405, "Allow", "GET, HEAD", -1, ""},
		{"a delete", "DELETE", pixel, 405, "Allow", "GET, HEAD", -1, ""},
		{"a question", "OPTIONS", pixel, 405, "Allow", "GET, HEAD", -1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			memory := newShelf()
			answer, body := ask(t, newDoor(memory), c.method, c.path)
			if answer.StatusCode != c.status || (c.header != "" && answer.Header.Get(c.header) != c.value) {
				t.Errorf("got %s %v, want %d with %s: %s", answer.Status, answer.Header, c.status, c.header, c.value)
			}
			if c.size >= 0 && len(body) != c.size {
				t.Errorf("the body has %d bytes, want %d", len(body), c.size)
			}
			if c.status == 404 && (answer.Header.Get("Location") != "" || strings.Contains(body, "evil")) {
				t.Errorf("an unknown link leads to %q: %s", answer.Header.Get("Location"), body)
			}
			got := ""
			for _, h := range memory.kept {
				if got = h.Kind().String(); h.Head {
					got += " head"
				}
				if h.Message != 1 || h.Agent != chrome || !h.At.Equal(memory.Now()) {
					t.Errorf("got %+v", h)
				}
			}
			if got != c.kept || len(memory.kept) > 1 {
				t.Errorf("kept %q, want %q", got, c.kept)
			}
		})
	}
}

// TestDoorInTrouble holds that the customer arrives while the database is away, and that the loss is counted.
func TestDoorInTrouble(t *testing.T) {
	t.Parallel()
	pixel, link := "/t/o/"+signer.Token(1, 0)+".gif", "/t/c/"+signer.Token(1, 1)
	away := fault.New(fault.Unavailable, "The database does not answer.")
	memory := newShelf()
	memory.write = away
	door := newDoor(memory)
	for i, path := range []string{link, pixel} {
		answer, body := ask(t, door, "GET", path)
		if answer.StatusCode != []int{302, 200}[i] || door.Figures() != (track.Figures{Answered: int64(i + 1), Lost: int64(i + 1)}) {
			t.Errorf("%s: got %s %q, %+v", path, answer.Status, body, door.Figures())
		}
	}
	if memory.refused.Load() != 4 {
		t.Errorf("%d tries, want each twice", memory.refused.Load())
	}
	memory.read = away // what was asked for a moment ago is remembered
	if answer, _ := ask(t, door, "GET", link); answer.StatusCode != 302 {
		t.Errorf("a known link answers %s", answer.Status)
	}
	if answer, _ := ask(t, newDoor(memory), "GET", link); answer.StatusCode != 503 || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a link that cannot be read answers %s", answer.Status)
	}
	memory.read, memory.write = nil, errors.New("broken")
	memory.refused.Store(0)
	if answer, _ := ask(t, door, "GET", pixel); answer.StatusCode != 200 || memory.refused.Load() != 1 {
		t.Errorf("got %s after %d tries, want one", answer.Status, memory.refused.Load())
	}
}

// TestPieces holds that a file can be fetched in pieces, and that they are one download.
func TestPieces(t *testing.T) {
	t.Parallel()
	memory := newShelf()
	door := newDoor(memory)
	for _, c := range []struct {
		pieces, want string
		status       int
	}{{"bytes=0-3", "%PDF", 206}, {"bytes=4-7", "-1.4", 206}, {"bytes=-9", "</script>", 206}, {"bytes=9999-", "", 416}, {"lines=1", "", 416}, {"", fileText, 200}} {
		r := httptest.NewRequest("GET", "http://links.test/t/f/"+signer.Token(1, 4), nil)
		r.Header.Set("Range", c.pieces)
		r.Header.Set("User-Agent", chrome)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code != c.status || (c.want != "" && w.Body.String() != c.want) || w.Header().Get("Content-Type") == "text/html" {
			t.Errorf("%s: got %d %q, want %d %q", c.pieces, w.Code, w.Body, c.status, c.want)
		}
	}
	if len(memory.kept) != 2 {
		t.Errorf("%d hits are kept, want the first piece and the whole: %+v", len(memory.kept), memory.kept)
	}
	memory.read = fault.New(fault.Unavailable, "The database does not answer.")
	if answer, _ := ask(t, door, "GET", "/t/f/"+signer.Token(1, 4)); answer.StatusCode != 503 || answer.Header.Get("Retry-After") == "" {
		t.Errorf("a file that cannot be read answers %s", answer.Status)
	}
	memory.read, memory.write = nil, errors.New("broken")
	if answer, body := ask(t, door, "GET", "/t/f/"+signer.Token(1, 4)); answer.StatusCode != 200 || body != fileText {
		t.Errorf("a hit that cannot be stored costs the file: %s", answer.Status)
	}
}
