package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// output is the flag of commands that can speak to programs.
type output struct {
	JSON bool `name:"json" help:"Print JSON, in the shapes of the API."`
}

// show prints a thing as the API has it, or in words.
func (o output) show(env *environment, thing any, words func()) error {
	if !o.JSON {
		words()
		return nil
	}
	encoder := json.NewEncoder(env.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(thing); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// shapes gives a list in the shape of its rows; an empty one is [] in JSON.
func shapes[T any](rows []T, shape func(T) any) []any {
	out := make([]any, 0, len(rows))
	for _, r := range rows {
		out = append(out, shape(r))
	}
	return out
}

// upTo reads pages until there are as many rows as were asked for, or no more. more tells that there are.
func upTo[T any](limit int, page func(limit int, cursor string) (store.Page[T], error)) (rows []T, more bool, err error) {
	cursor := ""
	for len(rows) < limit {
		p, err := page(min(limit-len(rows), store.MaxPageSize), cursor)
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, p.Rows...)
		if cursor = p.Next; cursor == "" {
			return rows, false, nil
		}
	}
	return rows, true, nil
}

// sayListed ends a list in words.
func (e *environment) sayListed(n int, more bool) {
	e.say("%d listed", n)
	if more {
		e.say("There is more; ask for it with --limit.")
	}
}

// acting is the flag of commands that do something in the name of a user.
type acting struct {
	As string `help:"Email address of the user in whose name it is done, with whose rights; the server itself without it." placeholder:"EMAIL"`
}

// actor gives who acts, and the zone of whoever does.
func (a acting) actor(env *environment, h *house) (access.Actor, *time.Location, error) {
	if a.As == "" {
		return access.System(), time.UTC, nil
	}
	u, err := findUser(env, h, a.As)
	return actorOf(u), zoneOf(u), err
}

// theirs is the flag of commands that nobody but a user can do.
type theirs struct {
	As string `help:"Email address of the user in whose name it is done." required:"" placeholder:"EMAIL"`
}

func (t theirs) user(env *environment, h *house) (store.User, error) { return findUser(env, h, t.As) }

// key is what reads an id of a sort.
type key[T any] interface {
	*T
	encoding.TextUnmarshaler
}

// readID reads an id that somebody typed for the argument of this name; see says where such ids are shown.
func readID[T any, K key[T]](argument, text, see string) (id T, err error) {
	if K(&id).UnmarshalText([]byte(strings.TrimSpace(text))) != nil {
		return id, fault.Field("<"+argument+">", "unknown", fmt.Sprintf("There is no %s %s. %s", argument, text, see))
	}
	return id, nil
}

// readMoment reads a time that somebody typed for a flag, by the clock of a zone; zero for none.
func readMoment(flag, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		return at, fault.Field(flag, "invalid", "Give a time as 2026-12-24 09:00.")
	}
	return at, nil
}
