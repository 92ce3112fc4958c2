package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// SuppressionQuery selects a list of suppressions.
type SuppressionQuery struct {
	// Search are words that address or note hold.
	Search  string
	Source  SuppressionSource
	Channel message.Channel
	Cursor  string
	Limit   int
}

// ListSuppressions gives one page of suppressions, newest first.
func (tx *Tx) ListSuppressions(q SuppressionQuery) (Page[Suppression], error) {
	after, ok, err := readCursor(q.Cursor, byID)
	if err != nil {
		return Page[Suppression]{}, err
	}
	f := &filter{}
	f.and("s.id > 0")
	if q.Source != "" {
		f.and("s.source = " + f.arg(string(q.Source)))
	}
	if q.Channel != "" {
		f.and("s.channel = " + f.arg(channelCodes[q.Channel]))
	}
	if ok {
		f.and("s.id < " + f.arg(after.ID))
	}
	if strings.TrimSpace(q.Search) != "" {
		f.words("lower(s.address || ' ' || s.note)", q.Search)
	}
	size := pageSize(q.Limit)
	list, err := collect(tx, scanSuppression, `select `+suppressionColumns+f.where()+` order by s.id desc limit `+f.arg(size+1), f.args...)
	if err != nil {
		return Page[Suppression]{}, fmt.Errorf("list suppressions: %w", err)
	}
	return pageOf(list, size, func(s Suppression) place { return place{Sort: byID, ID: int64(s.ID)} }), nil
}

// GetSuppression gives one suppression.
func (tx *Tx) GetSuppression(id ident.Suppression) (Suppression, error) {
	list, err := collect(tx, scanSuppression, `select `+suppressionColumns+`where s.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "suppression")
	}
	if err != nil {
		return Suppression{}, fmt.Errorf("get suppression: %w", err)
	}
	return list[0], nil
}

// DeleteSuppression lets an address be written to again.
func (tx *Tx) DeleteSuppression(id ident.Suppression) error {
	s, err := tx.GetSuppression(id)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`delete from suppressions where id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete suppression: %w", err)
	}
	return tx.suppressionChanged(s)
}

// RecordOptOuts is RecordOptOut for many addresses, whose form is checked. It gives how many were not on the list. One that
// names a source and a date of its own, as an export does, gets on the list with them; the others are of the given source, now.
// What an entry claims outweighs no entry that is there; under a customer's wish it is kept.
func (tx *Tx) RecordOptOuts(source SuppressionSource, by ident.User, list []Suppression) (added int, err error) {
	var given []string
	for _, s := range list {
		given = append(given, s.Address)
	}
	before, err := tx.Suppressed(given)
	if err != nil {
		return 0, err
	}
	told := make([]Suppression, 0, len(list))
	for _, s := range list {
		known, ok := before[s.Address]
		isNew := !ok || known.Address != s.Address
		if !isNew && s.Source != "" && !(known.Wish() && !s.Wish()) {
			continue
		}
		if isNew {
			before[s.Address] = s // the list may name it twice
			added++
		}
		s.Source, s.By = cmp.Or(s.Source, source), by
		told = append(told, s)
	}
	return added, tx.suppressAndTell(told, func(s Suppression) step.Event { return s.event(source) })
}
