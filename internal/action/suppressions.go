package action

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// maxSuppressionNote is the most characters of a note, and of a reason.
const maxSuppressionNote = 500

// SuppressionInput is an address that must not be written to.
type SuppressionInput struct {
	// Address is an email address, a domain or an international phone number.
	Address, Note string
	// Source is who adds it: FromPerson or FromAPI.
	Source store.SuppressionSource
}

// ListSuppressions lists whom nobody must write to, newest first.
func (a *App) ListSuppressions(ctx context.Context, actor access.Actor, q store.SuppressionQuery) (store.Page[store.Suppression], error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.Page[store.Suppression]{}, err
	}
	q.Search = clean(q.Search)
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Suppression], error) { return tx.ListSuppressions(q) })
}

// GetSuppression gives one suppression.
func (a *App) GetSuppression(ctx context.Context, actor access.Actor, id ident.Suppression) (store.Suppression, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.Suppression{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Suppression, error) { return tx.GetSuppression(id) })
}

// SuppressionsOf gives which addresses of a record must not be written to.
func (a *App) SuppressionsOf(ctx context.Context, actor access.Actor, r store.Record) ([]store.Suppression, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Suppression, error) {
		number, _ := r.TextNumber()
		found, err := tx.Suppressed([]string{r.Get("email"), number})
		var list []store.Suppression
		for _, address := range []string{r.Get("email"), number} {
			if s, ok := found[address]; ok {
				list = append(list, s)
			}
		}
		return list, err
	})
}

// AddSuppression has an address, a domain or a phone number written to no more, whatever the customer wants then. What is on for records with the address
// ends or goes on as their sequences say.
func (a *App) AddSuppression(ctx context.Context, actor access.Actor, in SuppressionInput) (store.Suppression, error) {
	if err := may(actor, access.Suppress); err != nil {
		return store.Suppression{}, err
	}
	in.Note = clean(in.Note)
	key, _, ok := suppressionKey(in.Address)
	if !ok {
		return store.Suppression{}, fault.Field("address", "invalid", "Give an email address, a domain such as example.com, or a phone number in international form.")
	}
	if err := checkSuppressionNote(in.Note); err != nil {
		return store.Suppression{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Suppression, error) {
		before, err := tx.Suppressed([]string{key})
		if err != nil {
			return store.Suppression{}, err
		}
		added, err := tx.RecordOptOut(store.OptOutFacts{Address: key, Source: in.Source, Note: in.Note, By: actor.ID})
		if err != nil {
			return store.Suppression{}, err
		}
		found, err := tx.Suppressed([]string{key})
		if err != nil {
			return store.Suppression{}, err
		}
		if !added && found[key].HeldBy == before[key].HeldBy { // what goes under the customer's own wish is news
			return store.Suppression{}, fault.Field("address", "taken", "This is on the list already, since "+found[key].At.Format("2 January 2006")+".")
		}
		return found[key], tx.Audit(actor.ID, "create", "suppression", int64(found[key].ID), in.Source.Label())
	})
}

// suppressionKey is store.SuppressionKey, and refuses what clean would take out: without it the address would be another one.
func suppressionKey(address string) (key string, channel message.Channel, ok bool) {
	if clean(address) != address {
		return "", "", false
	}
	return store.SuppressionKey(address)
}

func checkSuppressionNote(note string) error {
	if utf8.RuneCountInString(note) > maxSuppressionNote {
		return fault.Field("note", "too_long", fmt.Sprintf("The note is longer than %d characters.", maxSuppressionNote))
	}
	return nil
}

// RemoveSuppression lets an address be written to again. Why is kept in the audit.
func (a *App) RemoveSuppression(ctx context.Context, actor access.Actor, id ident.Suppression, reason string) error {
	if err := may(actor, access.ManageSuppressions); err != nil {
		return err
	}
	switch reason = clean(reason); {
	case reason == "":
		return fault.Field("reason", "required", "Say why this address may be written to again.")
	case utf8.RuneCountInString(reason) > maxSuppressionNote:
		return fault.Field("reason", "too_long", fmt.Sprintf("The reason is longer than %d characters.", maxSuppressionNote))
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.GetSuppression(id)
		if err != nil {
			return err
		}
		if err := tx.DeleteSuppression(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "suppression", int64(id), s.Address+": "+reason)
	})
}

// suppressionExportAll is how many rows an export reads at once.
const suppressionExportAll = store.MaxPageSize

// suppressionHeadings are the names of the columns of an export, which an import knows again.
func suppressionHeadings() []string {
	return []string{"address", "note", "channel", "source", "added_at", "added_by"}
}

// ExportSuppressions writes the whole list as CSV: address, note, channel, source, date, who.
func (a *App) ExportSuppressions(ctx context.Context, actor access.Actor, w io.Writer) error {
	if err := may(actor, access.ManageSuppressions); err != nil {
		return err
	}
	q := store.SuppressionQuery{Limit: suppressionExportAll}
	return importer.WriteCSV(w, suppressionHeadings(), func(yield func([]string, error) bool) {
		for {
			page, err := look(ctx, a, func(tx *store.Tx) (store.Page[store.Suppression], error) { return tx.ListSuppressions(q) })
			if err != nil {
				yield(nil, err)
				return
			}
			for _, s := range page.Rows {
				if !yield([]string{s.Address, s.Note, string(s.Channel), string(s.Source), s.At.UTC().Format(time.RFC3339), s.ByName}, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}, importer.WriteOptions{BOM: true})
}

// GetOptOut gives how customers get out of mail.
func (a *App) GetOptOut(ctx context.Context, actor access.Actor) (store.OptOut, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.OptOut{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.OptOut, error) { return tx.OptOut() })
}

// languageCode is the form of RFC 5646 that people write: a language, and a region or script.
var languageCode = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// maxOptOutText is the most characters of a text of the page.
const maxOptOutText = 300

// SaveOptOut changes how customers get out of mail. An empty text stands for the usual one. A revision of 0 does not check whether
// somebody else changed it meanwhile.
func (a *App) SaveOptOut(ctx context.Context, actor access.Actor, in store.OptOut) (store.OptOut, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.OptOut{}, err
	}
	var problems []fault.Problem
	usual := store.DefaultOptOut()
	for i, f := range in.OptOutFields() {
		if *f.Text = clean(*f.Text); *f.Text == "" {
			*f.Text = *usual.OptOutFields()[i].Text
		}
		if utf8.RuneCountInString(*f.Text) > maxOptOutText {
			problems = append(problems, fault.Problem{Field: f.Key, Code: "too_long", Message: fmt.Sprintf("%s is longer than %d characters.", f.Label, maxOptOutText)})
		}
	}
	if !languageCode.MatchString(in.Words.Language) {
		problems = append(problems, fault.Problem{Field: "language", Code: "invalid", Message: "The language is not a code such as en, de or pt-BR."})
	}
	if err := fault.Of(problems...); err != nil {
		return store.OptOut{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.OptOut, error) {
		if err := tx.LockSettings(); err != nil {
			return in, err
		}
		old, err := tx.OptOut()
		if err != nil {
			return in, err
		}
		if err := newest("how customers opt out", in.Rev, old.Rev); err != nil {
			return in, err
		}
		in.Rev = old.Rev + 1
		if err := tx.SaveOptOut(in); err != nil {
			return in, err
		}
		return in, tx.Audit(actor.ID, "update", "opt-out", 0, fmt.Sprintf("footer %t, by hand %t", in.Footer, in.ByHand))
	})
}
