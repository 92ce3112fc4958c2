package api

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// wrong is a request that a client gets wrong. want holds what stands at paths of the answer.
type wrong struct {
	what, user, method, path string
	body                     any
	headers                  []string
	status                   int
	want                     []string
}

// wrongRecords are requests about records.
func wrongRecords(sequence string) []wrong {
	deep := strings.Repeat("[", 20_000)
	return []wrong{
		{what: "no token", method: "GET", path: "/me", status: 401, want: []string{"code", "unauthenticated"}},
		{what: "unknown address", user: ada, method: "GET", path: "/nothing", status: 404, want: []string{"code", "not_found"}},
		{what: "unknown kind", user: ada, method: "GET", path: "/records/moon", status: 404, want: []string{"code", "not_found"}},
		{what: "unknown kind of fields", user: ada, method: "GET", path: "/fields/moon", status: 404, want: []string{"code", "not_found"}},
		{what: "wrong method", user: ada, method: "PUT", path: "/records/lead", status: 405, want: []string{"code", "method_not_allowed"}},
		{what: "unknown id", user: ada, method: "GET", path: "/records/" + unknownRecord(), status: 404, want: []string{"code", "not_found"}},
		{what: "id of another thing", user: ada, method: "GET", path: "/records/" + sequence, status: 404, want: []string{"code", "not_found"}},
		{what: "id that no key gives", user: ada, method: "GET", path: "/records/rec_0000000000000", status: 404, want: []string{"code", "not_found"}},
		{what: "id of letters", user: ada, method: "PATCH", path: "/records/1%27--", body: obj{}, status: 404},
		{
			what: "broken JSON", user: anna, method: "POST", path: "/records/lead", body: "{\"values\": {\n  \"city\": }", status: 400,
			want: []string{"code", "malformed", "detail", "The body is not valid JSON, at line 2, column 11."},
		},
		{what: "two values", user: anna, method: "POST", path: "/records/lead", body: "{} {}", status: 400, want: []string{"code", "malformed"}},
		{what: "nested without end", user: anna, method: "POST", path: "/records/lead", body: deep, status: 400, want: []string{"code", "malformed"}},
		{what: "no body", user: anna, method: "POST", path: "/records/lead", status: 400, want: []string{"code", "malformed"}},
		{
			what: "not JSON", user: anna, method: "POST", path: "/records/lead", body: "a=b", headers: []string{"Content-Type", "application/x-www-form-urlencoded"},
			status: 415, want: []string{"code", "unsupported_type"},
		},
		{what: "no object", user: anna, method: "POST", path: "/records/lead", body: "[1]", status: 422, want: []string{"errors.0.code", "type"}},
		{
			what: "oversized body", user: anna, method: "POST", path: "/records/lead", body: `{"values": {"description": "` + strings.Repeat("x", maxBody) + `"}}`,
			status: 413, want: []string{"code", "too_large", "detail", "The body is larger than 1 MiB."},
		},
		{
			what: "unknown field", user: anna, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": "x"}, "colour": "red"}, status: 422,
			want: []string{"errors.0.pointer", "/colour", "errors.0.code", "unknown_field"},
		},
		{
			what: "missing field", user: anna, method: "POST", path: "/records/lead", body: obj{}, status: 422,
			want: []string{"errors.0.pointer", "/values", "errors.0.code", "required", "errors.0.message", "This field is missing."},
		},
		{what: "missing parameter", user: anna, method: "POST", path: "/imports", body: "a,b", status: 422, want: []string{"errors.0.parameter", "kind", "errors.0.code", "required"}},
		{
			what: "wrong type", user: anna, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": 7}}, status: 422,
			want: []string{"errors.0.pointer", "/values/last_name", "errors.0.code", "type"},
		},
		{
			what: "unknown field of a record", user: anna, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": "x", "a/b": "y"}}, status: 422,
			want: []string{"errors.0.pointer", "/values/a~1b", "errors.0.code", "unknown_field"},
		},
		{
			what: "no email address", user: anna, method: "POST", path: "/records/lead", body: obj{"values": obj{"email": "here"}}, status: 422,
			want: []string{"errors.0.pointer", "/values/email"},
		},
		{
			what: "unknown owner", user: ada, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": "x"}, "owner": "usr_0000000000000"}, status: 422,
			want: []string{"errors.0.pointer", "/owner"},
		},
		{
			what: "owner that is no id", user: ada, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": "x"}, "owner": "anna"}, status: 422,
			want: []string{"errors.0.pointer", "/owner", "errors.0.message", "This must be an id of the form usr_…."},
		},
		{what: "zero character", user: anna, method: "POST", path: "/records/lead", body: obj{"values": obj{"last_name": "a\x00b"}}, status: 422},
		{what: "limit too high", user: anna, method: "GET", path: "/records/lead?limit=201", status: 422, want: []string{"errors.0.parameter", "limit", "errors.0.code", "range"}},
		{what: "limit of nothing", user: anna, method: "GET", path: "/records/lead?limit=0", status: 422, want: []string{"errors.0.parameter", "limit"}},
		{what: "limit in words", user: anna, method: "GET", path: "/records/lead?limit=many", status: 422, want: []string{"errors.0.parameter", "limit", "errors.0.code", "type", "errors.0.message", "This must be a whole number."}},
		{what: "dry run of maybe", user: max1, method: "POST", path: "/sequences/" + sequence + "/activate?dry_run=maybe", status: 422, want: []string{"errors.0.parameter", "dry_run", "errors.0.message", "This must be true or false."}},
		{what: "unknown parameter", user: anna, method: "GET", path: "/records/lead?serach=x", status: 422, want: []string{"errors.0.parameter", "serach", "errors.0.code", "unknown_parameter"}},
		{what: "unknown sort", user: anna, method: "GET", path: "/records/lead?sort=moon", status: 422, want: []string{"errors.0.parameter", "sort"}},
		{what: "long search", user: anna, method: "GET", path: "/records/lead?search=" + strings.Repeat("x", 300), status: 422, want: []string{"errors.0.parameter", "search"}},
		{what: "foreign cursor", user: anna, method: "GET", path: "/records/lead?cursor=x", status: 400, want: []string{"code", "malformed"}},
		{what: "filter that is no id", user: anna, method: "GET", path: "/enrollments?record=x", status: 422, want: []string{"errors.0.parameter", "record"}},
		{what: "no time", user: anna, method: "GET", path: "/activities?until=soon", status: 422, want: []string{"errors.0.parameter", "until"}},
	}
}

// wrongOthers are requests about everything else.
func wrongOthers(h *house, sequence, lead string) []wrong {
	return []wrong{
		{what: "no records", user: anna, method: "POST", path: "/sequences/" + sequence + "/connect", body: obj{"records": []string{}}, status: 422, want: []string{"errors.0.pointer", "/records"}},
		{what: "no records at all", user: anna, method: "POST", path: "/sequences/" + sequence + "/connect", body: obj{}, status: 422, want: []string{"errors.0.pointer", "/records", "errors.0.code", "required"}},
		{what: "dry run in the body", user: anna, method: "POST", path: "/sequences/" + sequence + "/connect", body: obj{"records": []string{lead}, "dry_run": true}, status: 422, want: []string{"errors.0.pointer", "/dry_run"}},
		{what: "null for a list", user: anna, method: "POST", path: "/sequences/" + sequence + "/connect", body: `{"records": null}`, status: 422},
		{
			what: "record that is no id", user: anna, method: "POST", path: "/sequences/" + sequence + "/connect", body: obj{"records": []string{lead, "x"}}, status: 422,
			want: []string{"errors.0.pointer", "/records/1"},
		},
		{
			what: "shape of a definition", user: max1, method: "PATCH", path: "/sequences/" + sequence, body: obj{"definition": obj{"name": "x", "steps": []any{7}}}, status: 422,
			want: []string{"errors.0.pointer", "/definition/steps/0"},
		},
		{
			what: "other kind of record", user: max1, method: "PATCH", path: "/sequences/" + sequence, body: obj{"definition": obj{"name": "x", "record": "contact"}}, status: 422,
			want: []string{"errors.0.pointer", "/definition/record"},
		},
		{what: "unknown mode", user: max1, method: "POST", path: "/sequences/" + sequence + "/deactivate", body: obj{"mode": "burn"}, status: 422, want: []string{"errors.0.pointer", "/mode"}},
		{what: "snooze into the past", user: anna, method: "POST", path: "/activities/" + ident.Activity(1).String() + "/snooze", body: obj{"until": "2020-01-01T00:00:00Z"}, status: 404},
		{what: "time of an hour", user: anna, method: "POST", path: "/activities/" + ident.Activity(1).String() + "/snooze", body: obj{"until": "9:00"}, status: 422, want: []string{"errors.0.pointer", "/until"}},
		{what: "broken merge field", user: max1, method: "POST", path: "/templates", body: obj{"name": "x", "subject": "{{ a", "html": ""}, status: 422, want: []string{"errors.0.pointer", "/subject"}},
		{
			what: "short password", user: ada, method: "POST", path: "/users", body: obj{"name": "x", "email": "x@example.com", "password": "short", "role": "seller"}, status: 422,
			want: []string{"errors.0.pointer", "/password"},
		},
		{
			what: "unknown role", user: ada, method: "POST", path: "/users", body: obj{"name": "x", "email": "x@example.com", "password": "long enough 1", "role": "king"}, status: 422,
			want: []string{"errors.0.pointer", "/role", "errors.0.code", "unknown"},
		},
		{
			what: "port of a ship", user: anna, method: "PUT", path: "/mailboxes/" + h.ids[anna], body: obj{"address": "a@example.com", "host": "x", "port": 1.5, "security": "tls"}, status: 422,
			want: []string{"errors.0.pointer", "/port"},
		},
		{what: "unknown day", user: ada, method: "PATCH", path: "/settings", body: obj{"days": []string{"someday"}}, status: 422, want: []string{"errors.0.pointer", "/days/0"}},
		{what: "no hour", user: ada, method: "PATCH", path: "/settings", body: obj{"from": "25:00"}, status: 422, want: []string{"errors.0.pointer", "/from"}},
		{what: "idempotency key of two lines", user: ada, method: "POST", path: "/records/lead", body: obj{}, headers: []string{"Idempotency-Key", "a\nb"}, status: 400},
	}
}

// TestWrongInput sends what clients get wrong. Each answer is a problem that names the field and says what to do.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	for _, c := range slices.Concat(wrongRecords(sequence), wrongOthers(h, sequence, lead)) {
		t.Run(c.what, func(t *testing.T) {
			inner := *h
			inner.t = t
			a := inner.ask(c.user, c.method, c.path, c.body, c.headers...).want(c.status).wantAt(c.want...)
			a.wantAt("request_id", a.header.Get("X-Request-Id"))
			if a.header.Get("Content-Type") != problemType || a.at("title") == "" || a.at("detail") == "" || a.at("type") != prefix+"/docs#error-"+a.at("code") {
				t.Errorf("not a full problem (%s): %s", a.header.Get("Content-Type"), a.raw)
			}
		})
	}
	if h.log.Len() > 0 {
		t.Errorf("wrong input is no fault of the server, and was logged:\n%s", h.log)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, header := range []string{"", "Bearer", "Bearer cad_nothing", "Basic YTpi", "bearer " + h.tokens[ada] + "x"} {
		a := h.ask("", "GET", "/me", nil, "Authorization", header).want(http.StatusUnauthorized)
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), `Bearer realm="Cadenza"`) {
			t.Errorf("%q: WWW-Authenticate is %q", header, a.header.Get("WWW-Authenticate"))
		}
	}
	h.send("", httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/me", http.NoBody)).want(http.StatusNotFound).wantAt("code", "not_found")
	h.ask("", "GET", "/me", nil, "Cookie", "session=x").want(http.StatusUnauthorized)
	h.ask("", "GET", "/me", nil, "Authorization", "bearer  "+h.tokens[ada]).want(http.StatusOK)
	if a := h.ask(ada, "GET", "/me", nil, "X-Request-Id", "abc-1"); a.header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("the request's own id became %q", a.header.Get("X-Request-Id"))
	}
	if a := h.ask(ada, "GET", "/me", nil, "X-Request-Id", "a b\tc"); len(a.header.Get("X-Request-Id")) != 16 {
		t.Errorf("a bad id became %q", a.header.Get("X-Request-Id"))
	}
}

// TestRights asks in the name of sellers for what others may do.
func TestRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	h.ask(ada, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200)
	activity := h.ask(anna, "GET", "/activities", nil).want(200).at("data.0.id")
	enrollment := h.ask(bob, "GET", "/enrollments", nil).want(200).at("data.0.id")
	newUser := obj{"name": "x", "email": "x@example.com", "password": "long enough 1", "role": "seller"}
	for _, c := range []struct {
		method, path string
		body         any
		admin        int // the status that an admin gets
	}{
		{"PATCH", "/records/" + lead, obj{"values": obj{"city": "Bonn"}}, 200},
		{"POST", "/records/lead", obj{"values": obj{"last_name": "x"}, "owner": h.ids[anna]}, 201},
		{"PATCH", "/sequences/" + sequence, obj{"definition": obj{"name": "Mine", "steps": []obj{}}}, 200},
		{"POST", "/sequences/" + sequence + "/deactivate", nil, 200},
		{"POST", "/enrollments/" + enrollment + "/disconnect", nil, 200},
		{"POST", "/activities/" + activity + "/skip", nil, 409},
		{"POST", "/templates", obj{"name": "x", "subject": "x", "html": "x"}, 201},
		{"GET", "/mailboxes/" + h.ids[anna], nil, 200},
		{"DELETE", "/mailboxes/" + h.ids[anna], nil, 204},
		{"POST", "/users", newUser, 201},
		{"PATCH", "/users/" + h.ids[bob], obj{"role": "admin"}, 200},
		{"PATCH", "/users/" + h.ids[bob], obj{"role": "seller"}, 200},
		{"POST", "/users/" + h.ids[anna] + "/password", obj{"password": "my own choice"}, 204},
		{"PATCH", "/settings", obj{"organisation": "Mine"}, 200},
		{"PUT", "/settings/call-outcomes", obj{"outcomes": []obj{{"key": "connected", "label": "Reached"}}}, 200},
		{"PUT", "/settings/meeting-outcomes", obj{"outcomes": []obj{{"key": "held", "label": "Sat down", "held": true}}}, 200},
		{"DELETE", "/records/" + lead, nil, 204},
	} {
		if c.path != "/users/"+h.ids[bob] || c.body.(obj)["role"] != "seller" {
			h.ask(bob, c.method, c.path, c.body).want(403).wantAt("code", "forbidden")
		}
		h.ask(ada, c.method, c.path, c.body).want(c.admin)
	}
}

// TestDatabaseDown reads and writes while the database takes no changes, and while it is gone.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "test.db")
	open := func() *store.DB {
		db, err := store.Open(t.Context(), "sqlite:"+file, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := houseOn(t, db)
	before.ask(anna, "GET", "/me", nil).want(200)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	makeReadOnly(t, file)
	db = open()
	h := houseFor(t, db)
	h.tokens = before.tokens

	lead := obj{"values": obj{"last_name": "Roth"}}
	h.ask(anna, "POST", "/records/lead", lead).want(503).wantAt("code", "unavailable", "detail", "The database is read-only, so nothing was saved.")
	h.ask(anna, "POST", "/records/lead", lead, "Idempotency-Key", "k").want(503).wantAt("code", "unavailable")
	h.ask(anna, "GET", "/records/lead", nil).want(200).wantAt("total", "0")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	gone := h.ask(anna, "GET", "/records/lead", nil)
	if gone.status < 500 || strings.Contains(gone.raw, "sql") {
		t.Errorf("a database that is gone answers %d %s", gone.status, gone.raw)
	}
	if !strings.Contains(h.log.String(), gone.at("request_id")) {
		t.Errorf("the log does not know request %s:\n%s", gone.at("request_id"), h.log)
	}
}

// makeReadOnly raises the version of writers in the header of a closed SQLite file: whoever reads it knows that it must
// not be written (https://www.sqlite.org/fileformat.html, section 1.3.3). Permissions would not stop a test that runs
// as root.
func makeReadOnly(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{3}, 18); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
