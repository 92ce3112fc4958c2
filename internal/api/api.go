package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"cadenza/internal/access"
	"cadenza/internal/action"
)

// prefix is where the API stands. A change that breaks clients gets another one.
const prefix = "/api/v1"

// door is the API with what its operations need.
type door struct {
	app *action.App
	log *slog.Logger
	api huma.API
	mux *http.ServeMux
}

// New gives the handler of everything under /api/.
func New(app *action.App, log *slog.Logger) http.Handler {
	d := newDoor(app, log)
	document := d.document()
	public := http.NewServeMux()
	public.Handle("GET "+prefix+"/openapi.json", serve("application/openapi+json", document.json))
	public.Handle("GET "+prefix+"/docs", document.page())
	public.Handle(prefix+"/", d.authenticate(d.route(d.read(d.once(d.mux)))))
	public.HandleFunc("/", nowhere)
	return d.begin(public)
}

// OpenAPI gives the description of the API as it is committed in api/openapi.json.
func OpenAPI() ([]byte, error) {
	return newDoor(nil, slog.New(slog.DiscardHandler)).document().json, nil
}

func newDoor(app *action.App, log *slog.Logger) *door {
	mux := http.NewServeMux()
	d := &door{app: app, log: log, mux: mux, api: humago.NewWithPrefix(mux, prefix, config())}
	d.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, resource := range []func(){
		d.me, d.notifications, d.records, d.notes, d.fields, d.sequences, d.library, d.tags, d.teams, d.sequenceOwners, d.sequenceVerbs, d.sequenceFiles, d.abTests, d.sequenceFigures, d.simulation, d.enrollments, d.events,
		d.activities, d.workLists, d.fieldFilters, d.activityVerbs, d.batches, d.moves, d.cleanUps, d.bulkMails, d.composer, d.planned, d.feeds, d.messages, d.received, d.files, d.templates, d.snippets, d.suppressions, d.mailboxes, d.users, d.tokens, d.imports, d.settings, d.sending, d.workTime, d.holidays, d.callOutcomes, d.meetingOutcomes, d.texts, d.phone,
	} {
		resource()
	}
	return d
}

// componentName names the schema of a type. Our shapes are called after what they show.
func componentName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Shape")
}

// config is huma's, without its pages and links: documents are served by document.go.
func config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info: &huma.Info{Title: "Cadenza", Version: "1", Description: introduction},
			Components: &huma.Components{
				Schemas:   huma.NewMapRegistry(component(""), componentName),
				Responses: errorResponses(),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {
					Type: "http", Scheme: "bearer",
					Description: "A token made on the profile page, by POST /tokens or by `cadenza user token`. It begins with cad_ and acts in its user's name.",
				}},
				Parameters: map[string]*huma.Param{"IdempotencyKey": {
					Name: "Idempotency-Key", In: "header", Description: idempotencyText,
					Schema: &huma.Schema{Type: huma.TypeString},
				}},
			},
			Security: []map[string][]string{{"token": {}}},
		},
		// "json" is what huma makes of application/problem+json.
		Formats:                      map[string]huma.Format{jsonType: jsonFormat, "json": jsonFormat},
		DefaultFormat:                jsonType,
		RejectUnknownQueryParameters: true,
	}
}

var jsonFormat = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readJSON}

const (
	jsonType     = "application/json"
	introduction = `Everything that the pages of Cadenza do, for programs. All times are RFC 3339 in UTC; ids are opaque text such as
rec_0h3v…; names are snake_case. Lists answer with data and next_cursor: hand that as cursor to get the next page, until it is null.
Errors are RFC 9457 problem details with a stable code and, for each field concerned, a JSON pointer. Every answer carries X-Request-Id;
one that is sent with the request is taken over.`
	idempotencyText = `It names the request, so that it takes effect once however often it is sent. The answer of a request that took effect
is kept for 24 hours and given again, with Idempotency-Replayed: true. The same key with another request is refused (422), and so is one
whose first request has not ended (409). An error that took
no effect frees the key.`
)

// reply is an operation's answer in the form that huma wants.
type reply[T any] struct{ Body T }

// handle adds an operation that answers with a T.
func handle[I, T any](d *door, op huma.Operation, fn func(context.Context, access.Actor, *I) (T, error)) {
	huma.Register(d.api, op, func(ctx context.Context, in *I) (*reply[T], error) {
		c := callOf(ctx)
		body, err := fn(ctx, c.actor, in)
		if err != nil {
			return nil, c.problem(ctx, err)
		}
		return &reply[T]{Body: body}, nil
	})
}

// handleSilent adds an operation that answers 204 without a body.
func handleSilent[I any](d *door, op huma.Operation, fn func(context.Context, access.Actor, *I) error) {
	huma.Register(d.api, op, func(ctx context.Context, in *I) (*struct{}, error) {
		c := callOf(ctx)
		if err := fn(ctx, c.actor, in); err != nil {
			return nil, c.problem(ctx, err)
		}
		return nil, nil // huma's way to say "no body"
	})
}

// The kinds of operations. The summary is a short sentence without a full stop.
func get(path, id, summary string) huma.Operation {
	return operation(http.MethodGet, path, id, summary)
}

func put(path, id, summary string) huma.Operation {
	return operation(http.MethodPut, path, id, summary)
}

func patch(path, id, summary string) huma.Operation {
	return operation(http.MethodPatch, path, id, summary)
}

func remove(path, id, summary string) huma.Operation {
	return operation(http.MethodDelete, path, id, summary)
}

// post is a verb on a thing.
func post(path, id, summary string) huma.Operation {
	op := operation(http.MethodPost, path, id, summary)
	op.Parameters = []*huma.Param{{Ref: "#/components/parameters/IdempotencyKey"}}
	return op
}

// create is a POST that makes a thing.
func create(path, id, summary string) huma.Operation {
	op := post(path, id, summary)
	op.DefaultStatus = http.StatusCreated
	return op
}

func operation(method, path, id, summary string) huma.Operation {
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	op := huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tag}, Responses: map[string]*huma.Response{},
		// The body is read, and bounded, before huma sees it.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
	errors := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if strings.Contains(path, "{") {
		errors = append(errors, http.StatusNotFound)
	}
	switch method {
	case http.MethodGet:
	case http.MethodDelete:
		op.DefaultStatus = http.StatusNoContent
		errors = append(errors, http.StatusConflict)
	default:
		errors = append(errors, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range errors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + strconv.Itoa(status)}
	}
	return op
}

// errorResponses are the errors that operations refer to, by their status.
func errorResponses() map[string]*huma.Response {
	out := map[string]*huma.Response{}
	for _, c := range classes {
		status := strconv.Itoa(c.status)
		if out[status] == nil {
			out[status] = &huma.Response{Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: component("Problem")}}}}
		}
		out[status].Description = strings.TrimPrefix(out[status].Description+"; "+c.title+" ("+string(c.code)+")", "; ")
	}
	return out
}

// with adds a longer description to an operation.
func with(op huma.Operation, description string) huma.Operation {
	op.Description = description
	return op
}
