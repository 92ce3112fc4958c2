package action

import (
	"context"
	"net/url"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// LastSent gives when a mail was sent last from each mailbox, for who manages them. It looks at the latest mails only.
func (a *App) LastSent(ctx context.Context, actor access.Actor) (map[ident.Mailbox]time.Time, error) {
	if err := may(actor, access.ManageMailboxes); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (map[ident.Mailbox]time.Time, error) { return tx.LastSent() })
}

// ProviderOrigins gives the providers' origins, each after a space: where a form that connects a mailbox leads.
func (a *App) ProviderOrigins() string {
	list := ""
	for _, address := range a.oauth().Addresses() {
		if u, err := url.Parse(address); err == nil {
			list += " " + u.Scheme + "://" + u.Host
		}
	}
	return list
}
