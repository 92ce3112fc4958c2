package store

import (
	"fmt"

	"cadenza/internal/ident"
)

// keepFormer writes down the addresses of records that are about to get others, so that answers from the old ones still find
// their records.
func (tx *Tx) keepFormer(records ...ident.Record) error {
	for _, chunk := range chunks(records, 500) {
		if _, err := tx.exec(`insert into former_addresses (email, record_id) select email, id from records where email <> '' and `+tx.in("id", 1)+`
			on conflict do nothing`, tx.list(chunk)); err != nil {
			return fmt.Errorf("keep former addresses: %w", err)
		}
	}
	return nil
}
