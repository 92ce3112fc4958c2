package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ListReceived gives one page of the mail that came in and is about ours, newest first. Who may see messages may see their
// answers.
func (a *App) ListReceived(ctx context.Context, actor access.Actor, q store.ReceivedQuery) (store.Page[store.Received], error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Page[store.Received]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Received], error) { return tx.ListReceived(q) })
}

// GetReceived gives one received mail.
func (a *App) GetReceived(ctx context.Context, actor access.Actor, id ident.Received) (store.Received, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Received{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Received, error) { return tx.GetReceived(id) })
}
