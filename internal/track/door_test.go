package track_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/track"
)

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// shelf is a memory with the links of message 1, and whatever trouble a test wants.
type shelf struct {
	links   map[int]string
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
	return &shelf{links: map[int]string{1: "https://buyer.test/a?b=c&d=e", 2: "https://bücher.test/a b"}}
}

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
