package action

import (
	"context"
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// FindRecord gives the record of any kind that a person named: by an id, an id in brackets behind a name, an external key or a whole name.
func (a *App) FindRecord(ctx context.Context, actor access.Actor, text string) (ident.Record, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return 0, err
	}
	text = strings.TrimSpace(clean(text))
	if id, ok := idIn(text); ok {
		return id, nil
	}
	if text == "" {
		return 0, fault.Field("record", "required", "Say whom it is with.")
	}
	if len([]rune(text)) > maxExternalKey {
		return 0, fault.Field("record", "too_long", fmt.Sprintf("The name of the record is longer than %d characters.", maxExternalKey))
	}
	return look(ctx, a, func(tx *store.Tx) (ident.Record, error) {
		var found []store.Record
		for _, kind := range record.Kinds() {
			list, err := tx.RecordsCalled(kind, text, shownNamesakes+1)
			if err != nil {
				return 0, err
			}
			found = append(found, list...)
		}
		switch len(found) {
		case 1:
			return found[0].ID, nil
		case 0:
			return 0, fault.Field("record", "not_found", fmt.Sprintf("There is no record called “%s”. Choose one of the suggestions, or create it first.", text))
		}
		var names []string
		for _, r := range found[:min(len(found), shownNamesakes)] {
			names = append(names, fmt.Sprintf("%s, %s", LinkText(r.Record, true), r.Kind))
		}
		return 0, fault.Field("record", "ambiguous", fmt.Sprintf("Several records are called “%s”: %s. Write the one that is meant, with its id in brackets.", text, strings.Join(names, "; ")))
	})
}
