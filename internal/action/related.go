package action

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// checkLinks refuses new values of lookups that name no record, or one of another kind.
func checkLinks(tx *store.Tx, kind record.Kind, before, after record.Values) error {
	named := map[string]ident.Record{}
	var ids []ident.Record
	for _, f := range record.Lookups(kind) {
		if id, ok := record.LinkOf(after[f.Key]); ok && before[f.Key] != after[f.Key] {
			named[f.Key] = id
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := tx.ShareRecords(ids)
	if err != nil {
		return err
	}
	var problems []fault.Problem
	for _, f := range record.Lookups(kind) {
		id, asked := named[f.Key]
		if !asked {
			continue
		}
		switch r, ok := found[id]; {
		case !ok:
			problems = append(problems, fault.Problem{
				Field: f.Key, Code: "not_found", Message: fmt.Sprintf("%s: there is no such %s; it may have been deleted.", f.Label, f.Names), Hint: "Choose another one.",
			})
		case r.Kind != f.Names:
			problems = append(problems, fault.Problem{
				Field: f.Key, Code: "record_kind", Message: fmt.Sprintf("%s must be one of the %s, and %s is a record of the kind %s.", f.Label, f.Names.Path(), r.Name(), r.Kind), Hint: "Choose another one.",
			})
		}
	}
	return fault.Of(problems...)
}

// shownNamesakes is how many records of one name are told apart in a refusal.
const shownNamesakes = 5

// FindLinks puts ids in place of what a person wrote into lookups: an id, an id in brackets behind a name, an external key
// or a whole name. seen are the records whose names the person was shown: where the name was left as it is, that one is meant.
func (a *App) FindLinks(ctx context.Context, actor access.Actor, kind record.Kind, seen map[string]store.Link, values record.Values) error {
	if err := may(actor, access.ReadRecords); err != nil {
		return err
	}
	return a.db.Read(ctx, func(tx *store.Tx) error {
		var problems []fault.Problem
		for _, f := range record.Lookups(kind) {
			text := strings.TrimSpace(clean(values[f.Key]))
			if text == "" {
				continue
			}
			if link, ok := seen[f.Key]; ok && link.Name == text && link.ID != 0 {
				values[f.Key] = link.ID.String()
				continue
			}
			if id, ok := idIn(text); ok {
				values[f.Key] = id.String()
				continue
			}
			if utf8.RuneCountInString(text) > maxExternalKey {
				problems = append(problems, fault.Problem{Field: f.Key, Code: "too_long", Message: fmt.Sprintf("%s is longer than %d characters.", f.Label, maxExternalKey)})
				continue
			}
			found, err := tx.RecordsCalled(f.Names, text, shownNamesakes+1)
			if err != nil {
				return err
			}
			if len(found) == 1 {
				values[f.Key] = found[0].ID.String()
				continue
			}
			problems = append(problems, linkProblem(f, text, found))
		}
		return fault.Of(problems...)
	})
}

// idIn reads an id, or the one in brackets at the end of a text.
func idIn(text string) (ident.Record, bool) {
	if at := strings.LastIndexByte(text, '['); at >= 0 && strings.HasSuffix(text, "]") {
		text = text[at+1 : len(text)-1]
	}
	return record.LinkOf(text)
}

// linkProblem says that nothing, or too much, has the name.
func linkProblem(f record.Field, text string, found []store.Record) fault.Problem {
	if len(found) == 0 {
		return fault.Problem{
			Field: f.Key, Code: "not_found", Message: fmt.Sprintf("There is no %s called “%s”.", f.Names, text),
			Hint: "Choose one of the suggestions, or create it first.",
		}
	}
	var names []string
	for _, r := range found[:min(len(found), shownNamesakes)] {
		names = append(names, LinkText(r.Record, true)+placeText(r.Record))
	}
	return fault.Problem{
		Field: f.Key, Code: "ambiguous", Message: fmt.Sprintf("Several %s are called “%s”: %s.", f.Names.Path(), text, strings.Join(names, "; ")),
		Hint: "Write the one that is meant, with its id in brackets.",
	}
}

// LinkText gives the text by which FindLinks finds a record: its name, with the id in brackets where others have that name.
func LinkText(r record.Record, shared bool) string {
	if shared {
		return r.Name() + " [" + r.ID.String() + "]"
	}
	return r.Name()
}

func placeText(r record.Record) string {
	if place := strings.Trim(r.Get("city")+", "+r.Get("country"), ", "); place != "" {
		return " in " + place
	}
	return ""
}
