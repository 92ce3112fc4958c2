package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/web"
)

// house is the whole door on a fresh SQLite database with one user of each role.
type house struct {
	t     *testing.T
	app   *action.App
	db    *store.DB
	http  *httptest.Server
	users map[access.Role]store.User
	// probe is what the test of a mailbox answers.
	probe, readingProbe error
}

const housePassword = "correct horse battery"

// newHouse opens a house. Nothing in it is shared with other tests.
func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseAt(t, "http://cadenza.test")
}

// newHouseAt opens a house that people outside reach at an address, "" when it is not known.
func newHouseAt(t *testing.T, address string) *house {
	t.Helper()
	h := newEmptyHouseAt(t, address)
	for _, role := range access.Roles() {
		name := role.Label()
		u, err := h.app.CreateUser(t.Context(), access.System(), action.NewUser{
			Name:  name + " Jones",
			Email: string(role) + "@example.com", Password: housePassword, Zone: "Europe/Berlin", Role: role,
		})
		if err != nil {
			t.Fatalf("create %s: %v", role, err)
		}
		h.users[role] = u
	}
	return h
}

// newEmptyHouse opens a house without users, as it is before set-up.
func newEmptyHouse(t *testing.T) *house {
	t.Helper()
	return newEmptyHouseAt(t, "http://cadenza.test")
}

func newEmptyHouseAt(t *testing.T, address string) *house {
	t.Helper()
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h := &house{t: t, db: storetest.SQLite(t, store.Options{}), users: map[access.Role]store.User{}}
	app, err := action.New(action.Config{
		DB: h.db, Log: log, Key: make([]byte, 32),
		DataDir: t.TempDir(), BaseURL: address, PasswordCost: action.PasswordCost{Memory: 8, Rounds: 1},
		Probe:        func(context.Context, store.Mailbox, signin.Credentials) error { return h.probe },
		ProbeReading: func(context.Context, store.Mailbox, signin.Credentials) error { return h.readingProbe },
		LookupTXT:    func(context.Context, string) ([]string, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.app = app
	h.http = httptest.NewServer(web.New(web.Config{App: app, Log: log}))
	t.Cleanup(h.http.Close)
	return h
}

// actor gives the actor of a role, for preparing data by actions.
func (h *house) actor(role access.Role) access.Actor {
	h.t.Helper()
	u := h.users[role]
	return access.Actor{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Zone: u.Zone}
}

// client is a browser without JavaScript: it keeps cookies and does not follow redirects by itself.
type client struct {
	t    *testing.T
	base string
	http *http.Client
}

func (h *house) nobody() *client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &client{h.t, h.http.URL, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// as gives a browser in which somebody of the role is signed in.
func (h *house) as(role access.Role) *client {
	h.t.Helper()
	c := h.nobody()
	c.post("/sign-in", url.Values{"email": {h.users[role].Email}, "password": {housePassword}}).leadsTo("/")
	return c
}

func (c *client) get(path string, headers ...string) *answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil, "", headers...)
}

func (c *client) post(path string, form url.Values, headers ...string) *answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", headers...)
}

func (c *client) postJSON(path, body string) *answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(body), "application/json", "Accept", "application/json")
}

func (c *client) send(method, path string, body io.Reader, kind string, headers ...string) *answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	a := &answer{t: c.t, what: method + " " + path, Status: res.StatusCode, Header: res.Header, Body: string(text)}
	if a.doc, err = html.Parse(strings.NewReader(a.Body)); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// answer is what the server said. Its methods find things as people do: by status, heading, text and label.
type answer struct {
	t      *testing.T
	what   string
	Status int
	Header http.Header
	Body   string
	doc    *html.Node
}

// is checks the status and the page's heading; an empty heading is not checked.
func (a *answer) is(status int, heading string) *answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: status %d, want %d\n%s", a.what, a.Status, status, a.text())
	}
	if got := a.words("h1"); heading != "" && !slices.Contains(got, heading) {
		a.t.Fatalf("%s: heading %q, want %q", a.what, got, heading)
	}
	return a
}

// leadsTo checks a redirect and gives its address.
func (a *answer) leadsTo(prefix string) string {
	a.t.Helper()
	to := a.Header.Get("Location")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(to, prefix) {
		a.t.Fatalf("%s: status %d to %q, want 303 to %s…\n%s", a.what, a.Status, to, prefix, a.text())
	}
	return to
}

// sees checks that the texts stand on the page.
func (a *answer) sees(texts ...string) *answer {
	a.t.Helper()
	all := a.text()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			a.t.Errorf("%s: does not show %q\n%s", a.what, text, all)
		}
	}
	return a
}

// seesOnce checks that the text stands on the page, and not again.
func (a *answer) seesOnce(text string) *answer {
	a.t.Helper()
	if all := a.text(); strings.Count(all, text) != 1 {
		a.t.Errorf("%s: shows %q %d times, want once\n%s", a.what, text, strings.Count(all, text), all)
	}
	return a
}

// misses checks that the texts do not stand on the page.
func (a *answer) misses(texts ...string) *answer {
	a.t.Helper()
	all := a.text()
	for _, text := range texts {
		if strings.Contains(all, text) {
			a.t.Errorf("%s: shows %q\n%s", a.what, text, all)
		}
	}
	return a
}

// labels checks that there are form fields with these labels.
func (a *answer) labels(want ...string) *answer {
	a.t.Helper()
	got := append(a.words("label"), a.words("legend")...)
	for _, label := range want {
		if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, label) }) {
			a.t.Errorf("%s: no field %q, only %q", a.what, label, got)
		}
	}
	return a
}

// buttons checks that there are buttons with these names.
func (a *answer) buttons(want ...string) *answer {
	a.t.Helper()
	got := a.words("button")
	for _, name := range want {
		if !slices.Contains(got, name) {
			a.t.Errorf("%s: no button %q, only %q", a.what, name, got)
		}
	}
	return a
}

// words gives the texts of all elements of a tag.
func (a *answer) words(tag string) []string {
	var found []string
	for n := range a.doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			found = append(found, textOf(n))
		}
	}
	return found
}

func (a *answer) text() string { return textOf(a.doc) }

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// testLog writes the server's log into the test's.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
