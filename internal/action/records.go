package action

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// The limits of actions on records.
const (
	maxSearch      = 200
	maxExternalKey = 255
	maxBulk        = 10_000
)

// NextOnCard is how many of its next activities stand on the card of a record.
const NextOnCard = 2

// RecordInput is the input for a record.
type RecordInput struct {
	Kind   record.Kind
	Values record.Values
	// Owner is zero for the actor.
	Owner       ident.User
	ExternalKey string
}

// RecordChange is the input for a change of a record.
type RecordChange struct {
	// Values holds only the fields to change; "" clears one.
	Values record.Values
	// Owner is the new owner; nil leaves it, zero takes it away.
	Owner *ident.User
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// ListRecords gives one page of the records of a kind.
func (a *App) ListRecords(ctx context.Context, actor access.Actor, q store.RecordQuery) (page store.Page[store.RecordRow], err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return page, err
	}
	if !q.Kind.Known() {
		return page, unknownKind("kind")
	}
	if utf8.RuneCountInString(q.Search) > maxSearch {
		return page, fault.Field("search", "too_long", fmt.Sprintf("The search is longer than %d characters.", maxSearch))
	}
	switch q.Connection {
	case "", "connected", "unconnected":
	default:
		return page, fault.Field("connection", "unknown", "Connection is connected or unconnected.")
	}
	q.Search = clean(q.Search)
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		if q.Sequence != 0 {
			if err := tx.For(actor).Must(q.Sequence); err != nil {
				return err
			}
		}
		page, err = tx.ListRecords(q)
		return err
	})
	return page, err
}

// clean takes out what no database keeps in a text: bytes that are no UTF-8, and the zero character.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

func unknownKind(field string) error {
	return fault.Field(field, "unknown", "There is no such kind of record. Use lead, opportunity, contact or account.")
}

// GetRecord gives one record.
func (a *App) GetRecord(ctx context.Context, actor access.Actor, id ident.Record) (r store.Record, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return store.Record{}, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = tx.GetRecord(id)
		return err
	})
	return r, err
}

// CreateRecord makes a record. Without an owner it becomes the actor's.
func (a *App) CreateRecord(ctx context.Context, actor access.Actor, in RecordInput) (store.Record, error) {
	if in.Owner == 0 {
		in.Owner = actor.ID
	}
	if err := mayOn(actor, access.EditRecords, in.Owner); err != nil {
		return store.Record{}, err
	}
	if !in.Kind.Known() {
		return store.Record{}, unknownKind("kind")
	}
	in.ExternalKey = strings.TrimSpace(in.ExternalKey)
	if clean(in.ExternalKey) != in.ExternalKey || utf8.RuneCountInString(in.ExternalKey) > maxExternalKey {
		return store.Record{}, fault.Field("external_key", "invalid", fmt.Sprintf("External key must be text of at most %d characters.", maxExternalKey))
	}
	values, problems := record.Normalize(in.Kind, in.Values)
	if err := fault.Of(problems...); err != nil {
		return store.Record{}, err
	}
	var r store.Record
	err := a.db.Write(ctx, func(tx *store.Tx) (err error) {
		if err := activeOwner(tx, in.Owner); err != nil {
			return err
		}
		if err := checkLinks(tx, in.Kind, nil, values); err != nil {
			return err
		}
		r, err = tx.InsertRecord(record.Record{Kind: in.Kind, Owner: in.Owner, ExternalKey: in.ExternalKey, Values: values})
		return err
	})
	if err != nil {
		return store.Record{}, err
	}
	return r, nil
}

// activeOwner refuses owners who cannot work on a record.
func activeOwner(tx *store.Tx, id ident.User) error {
	if id == 0 {
		return nil
	}
	u, err := tx.GetUser(id)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("owner", "unknown", "There is no such user. Choose an owner from the list.")
	}
	if err != nil {
		return err
	}
	if !u.Active {
		return fault.Field("owner", "inactive", u.Name+" is not active any more. Choose another owner.")
	}
	return nil
}

// UpdateRecord changes a record. Closing it ends its enrollments in the same transaction (spec.md 13, decision 13).
func (a *App) UpdateRecord(ctx context.Context, actor access.Actor, id ident.Record, in RecordChange) (store.Record, error) {
	if err := may(actor, access.EditRecords); err != nil {
		return store.Record{}, err
	}
	var r store.Record
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.LockRecord(id)
		if err != nil {
			return err
		}
		if err := mayOn(actor, access.EditRecords, old.Owner); err != nil {
			return err
		}
		if in.Rev != 0 && in.Rev != old.Rev {
			return fault.New(fault.Stale, "Somebody else changed this %s meanwhile.", old.Kind).
				WithHint("Load it again, then repeat your change.")
		}
		next, err := changed(tx, actor, old, in)
		if err != nil {
			return err
		}
		if r, err = tx.UpdateRecord(next); err != nil {
			return err
		}
		if err := tx.NoteChanges([]ident.Record{id}, actor.ID); err != nil {
			return err
		}
		if old.Open() && !r.Open() {
			_, err = tx.EndEnrollmentsOf([]ident.Record{id}, step.RecordClosed{By: actor.ID})
		}
		return err
	})
	if err != nil {
		return store.Record{}, err
	}
	return r, nil
}

// changed lays a change over a record.
func changed(tx *store.Tx, actor access.Actor, old store.Record, in RecordChange) (store.Record, error) {
	next := old
	merged := make(record.Values, len(old.Values)+len(in.Values))
	for k, v := range old.Values {
		merged[k] = v
	}
	for k, v := range in.Values {
		merged[k] = v
	}
	values, problems := record.Normalize(old.Kind, merged)
	if err := fault.Of(problems...); err != nil {
		return store.Record{}, err
	}
	if err := checkLinks(tx, old.Kind, old.Values, values); err != nil {
		return store.Record{}, err
	}
	next.Values = values
	if in.Owner != nil && *in.Owner != old.Owner {
		if err := mayOn(actor, access.EditRecords, *in.Owner); err != nil {
			return store.Record{}, err
		}
		if err := activeOwner(tx, *in.Owner); err != nil {
			return store.Record{}, err
		}
		next.Owner = *in.Owner
	}
	return next, nil
}

// DeleteRecords deletes records with their notes and the activities made by hand, and ends their enrollments first.
// What was sent and done for them stays countable. Records that the actor may not delete are refused, the others go.
func (a *App) DeleteRecords(ctx context.Context, actor access.Actor, ids []ident.Record) (deleted int, refused []Refusal, err error) {
	if err := may(actor, access.DeleteRecords); err != nil {
		return 0, nil, err
	}
	if len(ids) > maxBulk {
		return 0, nil, fault.New(fault.TooLarge, "At most %d records can be deleted at once.", maxBulk).WithHint("Delete them in parts.")
	}
	ids = distinct(ids)
	// Short transactions let others write in between.
	for p := portion.New(10, 50, 1000); len(ids) > 0; {
		part := ids[:min(p.Size(), len(ids))]
		ids = ids[len(part):]
		n, no, err := a.deleteSome(ctx, actor, p, part)
		if err != nil {
			return deleted, refused, err
		}
		deleted += n
		refused = append(refused, no...)
	}
	return deleted, refused, nil
}

func (a *App) deleteSome(ctx context.Context, actor access.Actor, p *portion.Portion, ids []ident.Record) (deleted int, refused []Refusal, err error) {
	_, err = a.db.WriteSome(ctx, p, func(tx *store.Tx, _ int) (int, error) {
		deleted, refused = 0, nil
		found, err := tx.RecordsByID(ids)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			r, ok := found[id]
			if !ok {
				refused = append(refused, Refusal{Record: id, Code: "not_found", Reason: "There is no such record; it may have been deleted."})
				continue
			}
			if !access.MayOn(actor, access.DeleteRecords, r.Owner) {
				refused = append(refused, Refusal{Record: id, Name: r.Name(), Code: "forbidden", Reason: "It belongs to " + r.OwnerName + "; you may delete only your own."})
				continue
			}
			if _, err := tx.EndEnrollmentsOf([]ident.Record{id}, step.Stopped{Exit: step.ExitDisconnected, By: actor.ID}); err != nil {
				return 0, err
			}
			if err := tx.DeleteRecord(id); err != nil {
				return 0, err
			}
			if err := tx.Audit(actor.ID, "delete", "record", int64(id), string(r.Kind)); err != nil {
				return 0, err
			}
			deleted++
		}
		return len(ids), nil
	})
	return deleted, refused, err
}
