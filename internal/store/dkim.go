package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/message"
)

// DKIMKey is the key by which mail of a domain is signed. Secret is sealed; see action.Vault.
type DKIMKey struct {
	Domain, Selector, Algorithm string
	// Public is the p= of the record to publish.
	Public string
	Secret []byte
	// Signs tells that it is in use.
	Signs     bool
	CreatedAt time.Time
}

const dkimColumns = `domain, selector, algorithm, public, secret, signs, created_at`

func scanDKIM(row oneRow) (k DKIMKey, err error) {
	var created sql.NullInt64
	err = row.Scan(&k.Domain, &k.Selector, &k.Algorithm, &k.Public, &k.Secret, &k.Signs, &created)
	k.CreatedAt = moment(created)
	return k, err
}

// DKIMKey gives the key of a domain.
func (tx *Tx) DKIMKey(domain string) (DKIMKey, error) {
	k, err := scanDKIM(tx.row(`select `+dkimColumns+` from dkim_keys where domain = $1`, strings.ToLower(domain)))
	if err != nil {
		return k, fmt.Errorf("get DKIM key: %w", missing(err, "DKIM key"))
	}
	return k, nil
}

// SaveDKIMKey replaces the key of a domain.
func (tx *Tx) SaveDKIMKey(k DKIMKey) error {
	k.Domain = strings.ToLower(k.Domain)
	if err := tx.DeleteDKIMKey(k.Domain); err != nil {
		return err
	}
	_, err := tx.exec(`insert into dkim_keys (`+dkimColumns+`) values ($1, $2, $3, $4, $5, $6, $7)`,
		k.Domain, k.Selector, k.Algorithm, k.Public, k.Secret, k.Signs, micros(tx.Now))
	if err != nil {
		return fmt.Errorf("save DKIM key: %w", err)
	}
	return nil
}

// DeleteDKIMKey removes the key of a domain, if there is one.
func (tx *Tx) DeleteDKIMKey(domain string) error {
	if _, err := tx.exec(`delete from dkim_keys where domain = $1`, strings.ToLower(domain)); err != nil {
		return fmt.Errorf("delete DKIM key: %w", err)
	}
	return nil
}

// signing gives every candidate the key of its mailbox's domain, if that is in use; one query for all of them.
func (tx *Tx) signing(list []*MailCandidate) error {
	var domains []string
	for _, c := range list {
		if d := strings.ToLower(message.DomainOf(c.Mailbox.Address)); d != "" && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	if len(domains) == 0 {
		return nil
	}
	keys, err := collect(tx, scanDKIM,
		`select `+dkimColumns+` from dkim_keys where signs and `+tx.inTexts("domain", 1), tx.texts(domains))
	if err != nil {
		return fmt.Errorf("find DKIM keys: %w", err)
	}
	for _, k := range keys {
		for i := range list {
			if strings.EqualFold(message.DomainOf(list[i].Mailbox.Address), k.Domain) {
				list[i].DKIM = k
			}
		}
	}
	return nil
}
