package store

import (
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// AuditRow is one line of the audit.
type AuditRow struct {
	At     time.Time
	By     ident.User
	ByName string
	Verb   string
	Thing  string
	ID     int64
	Detail string
}

// Audit writes down who changed what, in the transaction of the change. A zero actor is the server itself. detail names
// what changed; it never holds secrets or the text of mail.
func (tx *Tx) Audit(actor ident.User, verb, thing string, id int64, detail string) error {
	if _, err := tx.exec(`insert into audit (at, user_id, verb, thing, thing_id, detail) values ($1, $2, $3, $4, $5, $6)`,
		micros(tx.Now), key(actor), verb, thing, id, detail); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// ListAudit lists the newest lines of the audit; thing and id narrow to one thing unless thing is empty.
func (tx *Tx) ListAudit(thing string, id int64, limit int) ([]AuditRow, error) {
	where, args := "", []any{limit}
	if thing != "" {
		where, args = ` where a.thing = $2 and a.thing_id = $3`, append(args, thing, id)
	}
	list, err := collect(tx, func(rows oneRow) (r AuditRow, err error) {
		var at int64
		err = rows.Scan(&at, &r.By, &r.ByName, &r.Verb, &r.Thing, &r.ID, &r.Detail)
		r.At = time.UnixMicro(at).UTC()
		return r, err
	}, `select a.at, coalesce(a.user_id, 0), coalesce(u.name, ''), a.verb, a.thing, a.thing_id, a.detail
		from audit a left join users u on u.id = a.user_id`+where+` order by a.id desc limit $1`, args...)
	if err != nil {
		return nil, fmt.Errorf("list audit: %w", err)
	}
	return list, nil
}
