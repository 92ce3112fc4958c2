package web

import (
	"maps"
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// suggestPath gives the records that fit what was written into a lookup.
const suggestPath = "/records/suggest"

// maxSuggestions is how many records are suggested.
const maxSuggestions = 12

// linkAttrs make the field of a lookup suggest records while one writes. Without scripts a whole name does.
func linkAttrs(f record.Field) ui.Attrs {
	return ui.A("list", suggestID(f), "hx-get", suggestPath+"?kind="+string(f.Names)+"&field="+f.Key,
		"hx-trigger", "input changed delay:200ms, focus once", "hx-target", "#"+suggestID(f), "hx-swap", "innerHTML")
}

func suggestID(f record.Field) string { return "suggest-" + f.Key }

// showSuggestions lists the records of a kind that fit a text.
func (s *Server) showSuggestions(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	query := store.RecordQuery{Kind: record.Kind(q.Get("kind")), Search: q.Get(q.Get("field")), Limit: maxSuggestions}
	found, err := s.app.ListRecords(r.Context(), actorOf(r), query)
	if err != nil {
		return err
	}
	return s.fragment(w, r, 0, suggestions(found.Rows))
}

// suggestion gives the text to choose for each record: its name, with its id where others have that name.
func suggestion(list []store.RecordRow, r store.RecordRow) string {
	shared := 0
	for _, other := range list {
		if other.Name() == r.Name() {
			shared++
		}
	}
	return action.LinkText(r.Record.Record, shared > 1)
}

// linkText is what the field of a lookup shows: the name of the record, or what was typed.
func (f recordForm) linkText(field record.Field) string {
	text := f.Values[field.Key]
	if id, ok := record.LinkOf(text); ok && (id == f.Links[field.Key].ID || f.Problems.of(field.Key) == "") {
		return f.Links[field.Key].Name // "" of one that is gone
	}
	return text
}

// shownLinks reads which records the form named.
func shownLinks(r *http.Request, kind record.Kind) map[string]store.Link {
	links := map[string]store.Link{}
	for _, f := range record.Lookups(kind) {
		if id, ok := record.LinkOf(text(r, f.Key+".id")); ok {
			links[f.Key] = store.Link{ID: id, Kind: f.Names, Name: text(r, f.Key+".name")}
		}
	}
	return links
}

// linked gives the values of the form with the ids of the records that its lookups name. The form keeps what was typed.
func (s *Server) linked(r *http.Request, f recordForm) (record.Values, error) {
	values := maps.Clone(f.Values)
	return values, s.app.FindLinks(r.Context(), actorOf(r), f.Kind, f.Links, values)
}

// prefillLinks fills the lookups that the address names, as the page of an account does for a new contact.
func (s *Server) prefillLinks(r *http.Request, f *recordForm) error {
	for _, field := range record.Lookups(f.Kind) {
		id, ok := record.LinkOf(r.URL.Query().Get(field.Key))
		if !ok {
			continue
		}
		rec, err := s.app.GetRecord(r.Context(), actorOf(r), id)
		if err != nil {
			return err
		}
		if rec.Kind != field.Names {
			continue
		}
		f.Links = map[string]store.Link{field.Key: {ID: id, Kind: rec.Kind, Name: rec.Name()}}
		f.Values[field.Key] = id.String()
		if rec.Kind == record.Account {
			f.Values["company"] = rec.Name()
		}
	}
	return nil
}

// relatedList are the records of a kind that name the record of a page.
type relatedList struct {
	Kind  record.Kind
	Field record.Field
	Of    ident.Record
	store.Page[store.RecordRow]
}

// shownRelated is how many of them the page shows.
const shownRelated = 5

// all leads to the list of them, and add to the form of a new one.
func (l relatedList) all() string {
	return recordsPath(l.Kind) + "?" + l.Field.Key + "=" + l.Of.String()
}

func (l relatedList) add() string {
	return recordsPath(l.Kind) + "/new?" + l.Field.Key + "=" + l.Of.String()
}

// title counts them: "Contacts (12)".
func (l relatedList) title() string {
	if l.Total < 0 {
		return l.Kind.Plural()
	}
	return l.Kind.Plural() + " (" + ui.Count(l.Total) + ")"
}

// readRelated loads the records that name this one.
func (s *Server) readRelated(r *http.Request, rec store.Record) ([]relatedList, error) {
	var lists []relatedList
	for _, kind := range []record.Kind{record.Contact, record.Opportunity, record.Lead} {
		for _, f := range record.Lookups(kind) {
			if f.Names != rec.Kind {
				continue
			}
			q := store.RecordQuery{Kind: kind, Limit: shownRelated}
			q.Name(f.Key, rec.ID)
			found, err := s.app.ListRecords(r.Context(), actorOf(r), q)
			if err != nil {
				return nil, err
			}
			lists = append(lists, relatedList{Kind: kind, Field: f, Of: rec.ID, Page: found})
		}
	}
	return lists, nil
}

// namedFilters are the choices of the list's form for the records that the listed ones name, each with its name.
func (s *Server) namedFilters(r *http.Request, q store.RecordQuery) ([]ui.Filter, error) {
	var filters []ui.Filter
	for _, f := range record.Lookups(q.Kind) {
		id := map[string]ident.Record{"account": q.Account, "contact": q.Contact}[f.Key]
		if id == 0 {
			continue
		}
		rec, err := s.app.GetRecord(r.Context(), actorOf(r), id)
		if err != nil {
			return nil, err
		}
		filters = append(filters, ui.Filter{
			Name: f.Key, Label: f.Label, Value: id.String(), Options: []ui.Option{{Label: "All"}, {Value: id.String(), Label: rec.Name()}},
		})
	}
	return filters, nil
}
