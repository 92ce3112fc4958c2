package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// house is an organisation behind the whole handler, on a real database. Each user has a token.
type house struct {
	t       *testing.T
	db      *store.DB
	app     *action.App
	handler http.Handler
	log     *bytes.Buffer
	logger  *slog.Logger
	// description is what answers are held against.
	description *huma.OpenAPI
	mux         *http.ServeMux
	tokens      map[string]string
	ids         map[string]string
}

// The users of a house.
const (
	ada  = "ada"  // an admin
	max1 = "max"  // a sequence manager
	anna = "anna" // a seller with a mailbox
	bob  = "bob"  // another seller
)

func newHouse(t *testing.T) *house {
	t.Helper()
	return houseOn(t, storetest.SQLite(t, store.Options{}))
}

func houseOn(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := houseFor(t, db)
	for name, role := range map[string]access.Role{ada: access.Admin, max1: access.SequenceManager, anna: access.Seller, bob: access.Seller} {
		u, err := h.app.CreateUser(t.Context(), access.System(), action.NewUser{
			Name: strings.ToUpper(name[:1]) + name[1:], Email: name + "@example.com",
			Password: "correct horse", Zone: "Europe/Berlin", Role: role,
		})
		if err != nil {
			t.Fatal(err)
		}
		secret, _, err := h.app.CreateToken(t.Context(), access.Actor{ID: u.ID, Role: role}, "tests")
		if err != nil {
			t.Fatal(err)
		}
		h.tokens[name], h.ids[name] = secret, u.ID.String()
	}
	return h
}

// houseFor gives a house on a database as it is.
func houseFor(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, log: &bytes.Buffer{}, tokens: map[string]string{}, ids: map[string]string{}}
	h.logger = slog.New(slog.NewTextHandler(h.log, nil))
	var err error
	h.app, err = action.New(action.Config{
		DB: db, Log: h.logger, Key: bytes.Repeat([]byte{7}, 32), DataDir: t.TempDir(),
		PasswordCost: action.PasswordCost{Memory: 64, Rounds: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = New(h.app, h.logger)
	door := newDoor(h.app, h.logger)
	h.description, h.mux = door.api.OpenAPI(), door.mux
	return h
}

// answer is what a request got.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// ask sends a request in a user's name. The body is sent as it is when it is text, else as JSON.
func (h *house) ask(user, method, path string, body any, headers ...string) answer {
	h.t.Helper()
	var reader io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case []byte:
		reader = bytes.NewReader(b)
	default:
		data, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, prefix+path, reader)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(user, r)
}

// send is ask for a request that is ready but for its token.
func (h *house) send(user string, r *http.Request) answer {
	h.t.Helper()
	if user != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[user])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	a := answer{t: h.t, what: r.Method + " " + strings.TrimPrefix(r.URL.String(), prefix), status: w.Code, header: w.Header(), raw: w.Body.String()}
	if strings.HasSuffix(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			h.t.Fatalf("%s: the answer is no JSON object: %v\n%s", a.what, err, a.raw)
		}
		h.holdAgainstDescription(r, a)
	}
	return a
}

// holdAgainstDescription checks that an answer has the shape that the description promises.
func (h *house) holdAgainstDescription(r *http.Request, a answer) {
	h.t.Helper()
	if a.status >= http.StatusBadRequest {
		h.validate(a, &huma.Schema{Ref: component("Problem")})
		return
	}
	_, pattern := h.mux.Handler(r)
	method, path, _ := strings.Cut(pattern, " ")
	at := h.description.Paths[strings.TrimPrefix(path, prefix)]
	if at == nil {
		return
	}
	op := map[string]*huma.Operation{"GET": at.Get, "POST": at.Post, "PUT": at.Put, "PATCH": at.Patch, "DELETE": at.Delete}[method]
	response := op.Responses[fmt.Sprint(a.status)]
	if response == nil {
		// PUT /sequences/apply creates, too; its answers are the same.
		response = op.Responses["200"]
	}
	if response == nil || response.Content[jsonType] == nil {
		h.t.Errorf("%s: the description knows no answer %d", a.what, a.status)
		return
	}
	h.validate(a, response.Content[jsonType].Schema)
}

func (h *house) validate(a answer, schema *huma.Schema) {
	h.t.Helper()
	result := &huma.ValidateResult{}
	huma.Validate(h.description.Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, map[string]any(a.body), result)
	for _, err := range result.Errors {
		h.t.Errorf("%s: the answer is not as described: %v\n%s", a.what, err, a.raw)
	}
}

// want fails the test unless the answer has this status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d, want %d\n%s", a.what, a.status, status, a.raw)
	}
	return a
}

// at gives what stands at a dotted path of the answer, "" when nothing does: "data.0.name".
func (a answer) at(path string) string {
	var here any = a.body
	for word := range strings.SplitSeq(path, ".") {
		switch v := here.(type) {
		case map[string]any:
			here = v[word]
		case []any:
			var i int
			if n, _ := fmt.Sscan(word, &i); n == 1 && i < len(v) {
				here = v[i]
			} else {
				here = nil
			}
		default:
			here = nil
		}
	}
	switch v := here.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(here)
}

// wantAt fails the test unless the texts stand at the paths: path, text, path, text, …
func (a answer) wantAt(pairs ...string) answer {
	a.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := a.at(pairs[i]); got != pairs[i+1] {
			a.t.Errorf("%s: %s is %q, want %q\n%s", a.what, pairs[i], got, pairs[i+1], a.raw)
		}
	}
	return a
}

// count gives how many things a list of the answer holds.
func (a answer) count(path string) int {
	here, _ := a.body[path].([]any)
	return len(here)
}

// obj is a JSON object.
type obj = map[string]any

// unknownRecord gives an id of the right form that nothing has.
func unknownRecord() string { return ident.Record(987654321).String() }
