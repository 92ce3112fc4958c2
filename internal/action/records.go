package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// RecordInput is the input for a record.
type RecordInput struct {
	Kind        record.Kind
	Values      record.Values
	Owner       ident.User
	ExternalKey string
}

// RecordChange is the input for a change of a record.
type RecordChange struct {
	// Values holds only the fields to change; "" clears one.
	Values record.Values
	// Owner is the new owner; nil leaves it.
	Owner *ident.User
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// ListRecords gives one page of the records of a kind.
func (a *App) ListRecords(ctx context.Context, actor access.Actor, q store.RecordQuery) (store.Page[store.RecordRow], error) {
	return store.Page[store.RecordRow]{}, errUnbuilt
}

// GetRecord gives one record.
func (a *App) GetRecord(ctx context.Context, actor access.Actor, id ident.Record) (store.Record, error) {
	return store.Record{}, errUnbuilt
}

// CreateRecord makes a record.
func (a *App) CreateRecord(ctx context.Context, actor access.Actor, in RecordInput) (store.Record, error) {
	return store.Record{}, errUnbuilt
}

// UpdateRecord changes a record.
func (a *App) UpdateRecord(ctx context.Context, actor access.Actor, id ident.Record, in RecordChange) (store.Record, error) {
	return store.Record{}, errUnbuilt
}

// DeleteRecords deletes records.
func (a *App) DeleteRecords(ctx context.Context, actor access.Actor, ids []ident.Record) (deleted int, refused []Refusal, err error) {
	return 0, nil, errUnbuilt
}
