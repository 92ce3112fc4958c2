package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

// maxAudit is how many entries of the audit are shown at most.
const maxAudit = 500

// ListAudit gives the newest entries of the audit, for who manages users.
func (a *App) ListAudit(ctx context.Context, actor access.Actor, limit int) (list []store.AuditRow, err error) {
	if err := may(actor, access.ManageUsers); err != nil {
		return nil, err
	}
	if limit <= 0 || limit > maxAudit {
		limit = maxAudit
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ListAudit("", 0, limit)
		return err
	})
	return list, err
}
