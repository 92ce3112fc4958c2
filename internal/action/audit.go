package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

// AuditEntry is one line of the audit: who changed what, and when.
type AuditEntry struct {
	At     time.Time
	ByName string
	By     ident.User
	Verb   string
	Thing  string
	Detail string
}

// ListAudit gives the newest entries of the audit.
func (a *App) ListAudit(ctx context.Context, actor access.Actor, limit int) ([]AuditEntry, error) {
	return nil, errUnbuilt
}
