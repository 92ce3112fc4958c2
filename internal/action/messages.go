package action

import (
	"context"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ListMessages gives one page of messages, newest first.
func (a *App) ListMessages(ctx context.Context, actor access.Actor, q store.MessageQuery) (store.Page[store.Message], error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Page[store.Message]{}, err
	}
	q.Search = clean(q.Search)
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Message], error) { return tx.ListMessages(q) })
}

// GetMessage gives one message.
func (a *App) GetMessage(ctx context.Context, actor access.Actor, id ident.Message) (store.Message, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Message{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Message, error) { return tx.GetMessage(id) })
}

// MessageCounts counts the messages of each state, each up to 10,000.
func (a *App) MessageCounts(ctx context.Context, actor access.Actor) (map[store.MessageState]int, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (map[store.MessageState]int, error) { return tx.CountMessages() })
}

// CountBounced counts the sent messages that bounced, up to 10,000.
func (a *App) CountBounced(ctx context.Context, actor access.Actor) (int, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return 0, err
	}
	return look(ctx, a, func(tx *store.Tx) (int, error) { return tx.CountBounced() })
}

// SettleMessage says what became of a message whose fate is unknown: it was sent, or it is to be sent again. Only a person
// can know, by looking into the mailbox's sent mail or by asking the customer.
func (a *App) SettleMessage(ctx context.Context, actor access.Actor, id ident.Message, sent bool) (store.Message, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Message{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Message, error) {
		m, err := tx.LockMessage(id)
		if err != nil {
			return store.Message{}, err
		}
		if m.User != actor.ID {
			if err := may(actor, access.ManageMessages); err != nil {
				return store.Message{}, err
			}
		}
		if m.State != store.MessageUnknown {
			return store.Message{}, fault.New(fault.Conflict, "The message is %s; only one whose sending was cut off can be settled.", m.State).
				WithHint("Load the page again.")
		}
		verb := "settle as sent"
		if sent {
			err = tx.MarkSent(m)
		} else {
			verb, err = "send again", tx.RequeueMessage(m)
		}
		if err != nil {
			return store.Message{}, fmt.Errorf("settle message: %w", err)
		}
		if err := tx.Audit(actor.ID, verb, "message", int64(id), ""); err != nil {
			return store.Message{}, err
		}
		return tx.GetMessage(id)
	})
}
