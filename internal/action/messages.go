package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ListMessages gives one page of messages, newest first.
func (a *App) ListMessages(ctx context.Context, actor access.Actor, q store.MessageQuery) (store.Page[store.Message], error) {
	return store.Page[store.Message]{}, errUnbuilt
}

// GetMessage gives one message.
func (a *App) GetMessage(ctx context.Context, actor access.Actor, id ident.Message) (store.Message, error) {
	return store.Message{}, errUnbuilt
}

// MessageCounts counts the messages of each state.
func (a *App) MessageCounts(ctx context.Context, actor access.Actor) (map[store.MessageState]int, error) {
	return nil, errUnbuilt
}

// SettleMessage says what became of a message whose fate is unknown: it was sent, or it is to be sent again.
func (a *App) SettleMessage(ctx context.Context, actor access.Actor, id ident.Message, sent bool) (store.Message, error) {
	return store.Message{}, errUnbuilt
}
