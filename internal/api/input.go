package api

import (
	"encoding"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"cadenza/internal/store"
)

// The shapes of requests that many operations share: nothing, a JSON object, a thing's id, and both. K is one of ident's
// ids. What is embedded is exported, because huma looks into nothing else.
type (
	none                 struct{}
	body[B any]          struct{ Body B }
	oneAnd[K key, B any] struct {
		ID   id[K] `path:"id"`
		Body B
	}
)

// One names a thing by its id.
type One[K key] struct {
	ID id[K] `path:"id"`
}

// Paging is what every list that can be long takes.
type Paging struct {
	Cursor string `query:"cursor" doc:"next_cursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many rows a page holds."`
}

// page is one page of a list.
type page[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor to get the next page; null on the last one."`
	Total      *int    `json:"total,omitempty" doc:"How many rows there are on all pages; absent where they are not counted, or more than 10,000."`
}

// pageOf converts a page of the store.
func pageOf[S, T any](p store.Page[S], convert func(S) T) page[T] {
	out := list(p.Rows, convert)
	if p.Next != "" {
		out.NextCursor = &p.Next
	}
	if p.Total >= 0 {
		out.Total = &p.Total
	}
	return out
}

// list converts a list that has but one page.
func list[S, T any](rows []S, convert func(S) T) page[T] { return page[T]{Data: each(rows, convert)} }

// each converts the rows of a list; it never gives nil, which JSON would show as null.
func each[S, T any](rows []S, convert func(S) T) []T {
	out := make([]T, 0, len(rows))
	for _, row := range rows {
		out = append(out, convert(row))
	}
	return out
}

// texts gives a list that JSON shows as [] when it is empty.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// key is one of ident's ids.
type key interface {
	~int64
	String() string
}

// id reads an id of a request. Its pattern refuses other texts; one that no key gives becomes nobody, which is not
// found.
type id[K key] struct{ Key K }

// nobody is a key that nothing has.
const nobody = -1

// UnmarshalText reads an outward id.
func (i *id[K]) UnmarshalText(text []byte) error {
	if err := any(&i.Key).(encoding.TextUnmarshaler).UnmarshalText(text); err != nil {
		i.Key = nobody
	}
	return nil
}

// MarshalText gives the outward id.
func (i id[K]) MarshalText() ([]byte, error) { return []byte(i.Key.String()), nil }

// Schema describes the id.
func (id[K]) Schema(huma.Registry) *huma.Schema {
	word := K(1).String()[:3]
	return &huma.Schema{
		Type: huma.TypeString, Pattern: fmt.Sprintf("^(%s_[0-9a-f][0-9a-hjkmnp-tv-z]{12})?$", word),
		PatternDescription: "an id of the form " + word + "_…",
	}
}

// ref names another thing by its id and name.
type ref struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// refTo gives nil for none.
func refTo[K key](id K, name string) *ref {
	if id == 0 {
		return nil
	}
	return &ref{ID: id.String(), Name: name}
}

// moment gives nil for the zero time, so that an answer leaves it out.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
