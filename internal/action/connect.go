package action

import (
	"context"
	"fmt"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// ConnectResult says which records were connected and which were not, and why.
type ConnectResult struct {
	Connected []store.Enrollment
	Refused   []Refusal
	// Unmailed are those of the connected that cannot be emailed though the sequence has email steps, and Untexted those that
	// cannot be sent text messages though it has text steps.
	Unmailed, Untexted []Unreached
}

const (
	// maxConnect bounds the records of one call.
	maxConnect = 10_000
	// firstStepNow is up to how many records enter their first step in the very transaction that connects them, so that
	// the page that comes back shows it. The engine sees to larger lists.
	firstStepNow = 50
)

// Connect puts up to 10,000 records on an active sequence. A record that cannot be connected does not hold up the others.
// A dry run answers the same without connecting.
func (a *App) Connect(ctx context.Context, actor access.Actor, seq ident.Sequence, records []ident.Record, dryRun bool) (ConnectResult, error) {
	if err := may(actor, access.Connect); err != nil {
		return ConnectResult{}, err
	}
	switch records = distinct(records); {
	case len(records) == 0:
		return ConnectResult{}, fault.Field("records", "required", "Choose at least one record.")
	case len(records) > maxConnect:
		return ConnectResult{}, fault.New(fault.TooLarge, "At most 10,000 records can be connected at once.").WithHint("Connect them in several parts.")
	}
	slices.Sort(records) // two calls that meet take the same records in the same order, so neither blocks the other
	if dryRun {
		return look(ctx, a, func(tx *store.Tx) (ConnectResult, error) {
			s, err := tx.For(actor).GetSequence(seq)
			if err != nil {
				return ConnectResult{}, err
			}
			p, err := planConnect(tx, actor, s, records)
			return p.preview(actor), err
		})
	}
	return change(ctx, a, func(tx *store.Tx) (ConnectResult, error) {
		s, err := tx.For(actor).HoldSequence(seq)
		if err != nil {
			return ConnectResult{}, err
		}
		p, err := planConnect(tx, actor, s, records)
		if err != nil {
			return ConnectResult{}, err
		}
		return p.carryOut(tx, actor)
	})
}

// connectPlan is what Connect will do.
type connectPlan struct {
	sequence store.Sequence
	records  []store.Record
	list     []store.NewEnrollment // of records, in their order
	refused  []Refusal
	// unmailed and untexted are those of records that cannot be written to.
	unmailed, untexted []Unreached
}

// planConnect decides on each record, by look-ups for all of them at once.
func planConnect(tx *store.Tx, actor access.Actor, s store.Sequence, ids []ident.Record) (connectPlan, error) {
	p := connectPlan{sequence: s}
	if s.Status != store.Active {
		return p, fault.New(fault.Conflict, "%q is not active, so no records can be connected to it.", s.Name).WithHint("Activate it first.")
	}
	v, err := tx.Version(s.Version)
	if err != nil {
		return p, err
	}
	records, err := tx.RecordsByID(ids)
	if err != nil {
		return p, err
	}
	wasOn, err := tx.WasOn(s.ID, ids)
	if err != nil {
		return p, err
	}
	for _, id := range ids {
		r, found := records[id]
		live, was := wasOn[id]
		code, reason := refusal(actor, s, v.Def.Options, r, found, live, was)
		if code != "" {
			p.refused = append(p.refused, Refusal{Record: id, Name: nameOfFound(r, found), Code: code, Reason: reason})
			continue
		}
		p.records = append(p.records, r)
		p.list = append(p.list, store.NewEnrollment{
			Sequence: s.ID, Version: s.Version, Record: id,
			Assignee: assignee(actor, v.Def.Options, r), ConnectedBy: actor.ID,
		})
	}
	p.unmailed, p.untexted, err = unreached(tx, v, p.records)
	return p, err
}

// refusal gives why a record cannot be connected; an empty code when it can.
func refusal(actor access.Actor, s store.Sequence, o flow.Options, r store.Record, found, live, was bool) (code, reason string) {
	switch {
	case !found:
		return "not_found", "There is no such record; it may have been deleted."
	case r.Kind != s.RecordKind:
		return "wrong_kind", fmt.Sprintf("It is one of the %s; the sequence is for %s.", r.Kind.Path(), s.RecordKind.Path())
	case !mayMove(actor, r.Owner, 0):
		return "forbidden", fmt.Sprintf("It belongs to %s. Ask them or a manager.", r.OwnerName)
	case live:
		return "already_connected", "It is on this sequence already."
	case was && o.Reentry == flow.Never:
		return "finished_before", "It was on this sequence before, and the sequence takes each record once."
	case !r.Open():
		return "record_closed", fmt.Sprintf("It is closed: its status is %s.", r.Get("status"))
	}
	return "", ""
}

func nameOfFound(r store.Record, found bool) string {
	if !found {
		return ""
	}
	return r.Name()
}

// assignee gives who gets the activities (spec.md 13, decision 2). A record without an owner is the connecting user's.
func assignee(actor access.Actor, o flow.Options, r store.Record) ident.User {
	if o.Assignee == flow.RecordOwner && r.Owner != 0 {
		return r.Owner
	}
	return actor.ID
}

// mayMove tells whether the actor may connect a record, or move it on a sequence: its owner, whoever has the activities,
// and those who manage records or sequences.
func mayMove(actor access.Actor, owner, assignee ident.User) bool {
	if !access.May(actor, access.Connect) {
		return false
	}
	return access.MayOn(actor, access.EditRecords, owner) || access.May(actor, access.ManageSequences) || (assignee != 0 && assignee == actor.ID)
}

// preview gives the plan as a result.
func (p connectPlan) preview(actor access.Actor) ConnectResult {
	result := ConnectResult{Refused: p.refused, Unmailed: p.unmailed, Untexted: p.untexted}
	for i, r := range p.records {
		result.Connected = append(result.Connected, store.Enrollment{
			Sequence: p.sequence.ID, SequenceName: p.sequence.Name,
			Version: p.sequence.Version, VersionNumber: p.sequence.VersionNumber, Record: r.ID, RecordName: r.Name(), RecordKind: r.Kind,
			Assignee: p.list[i].Assignee, ConnectedBy: actor.ID,
		})
	}
	return result
}

func (p connectPlan) carryOut(tx *store.Tx, actor access.Actor) (ConnectResult, error) {
	result := ConnectResult{Refused: p.refused, Unmailed: p.unmailed, Untexted: p.untexted}
	ids, err := tx.Enroll(p.list)
	if err != nil {
		return ConnectResult{}, err
	}
	var connected []ident.Enrollment
	for i, id := range ids {
		if id == 0 { // somebody else connected it between the look-up and now
			result.Refused = append(result.Refused, Refusal{
				Record: p.records[i].ID, Name: p.records[i].Name(), Code: "already_connected",
				Reason: "It is on this sequence already.",
			})
			gone := func(u Unreached) bool { return u.Record == p.records[i].ID }
			result.Unmailed, result.Untexted = slices.DeleteFunc(result.Unmailed, gone), slices.DeleteFunc(result.Untexted, gone)
			continue
		}
		connected = append(connected, id)
	}
	if len(connected) == 0 {
		return result, nil
	}
	if len(connected) <= firstStepNow {
		if _, err := tx.Advance(connected, nil); err != nil {
			return ConnectResult{}, fmt.Errorf("enter first steps: %w", err)
		}
	}
	found, err := tx.EnrollmentsByID(connected)
	if err != nil {
		return ConnectResult{}, err
	}
	for _, id := range connected {
		result.Connected = append(result.Connected, found[id])
	}
	return result, tx.Audit(actor.ID, "connect", "sequence", int64(p.sequence.ID), fmt.Sprintf("%s, %d records", p.sequence.Name, len(connected)))
}

// Disconnect ends enrollments. Their open activities are cancelled, and their unsent mail is withdrawn.
func (a *App) Disconnect(ctx context.Context, actor access.Actor, ids []ident.Enrollment) (done int, refused []Refusal, err error) {
	if err := may(actor, access.Connect); err != nil {
		return 0, nil, err
	}
	switch ids = distinct(ids); {
	case len(ids) == 0:
		return 0, nil, fault.Field("enrollments", "required", "Choose at least one record.")
	case len(ids) > maxConnect:
		return 0, nil, fault.New(fault.TooLarge, "At most 10,000 records can be disconnected at once.").WithHint("Disconnect them in several parts.")
	}
	slices.Sort(ids)
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		done, refused, err = disconnect(tx, actor, ids)
		return err
	})
	return done, refused, err
}

func disconnect(tx *store.Tx, actor access.Actor, ids []ident.Enrollment) (done int, refused []Refusal, err error) {
	found, err := tx.EnrollmentsByID(ids)
	if err != nil {
		return 0, nil, err
	}
	owners, err := ownersOf(tx, found)
	if err != nil {
		return 0, nil, err
	}
	var end []ident.Enrollment
	for _, id := range ids {
		e, ok := found[id]
		r := Refusal{Record: e.Record, Name: e.RecordName}
		switch {
		case !ok:
			r.Code, r.Reason = "not_found", "There is no such enrollment."
		case e.State.Status == flow.Finished:
			r.Code, r.Reason = "finished", fmt.Sprintf("It is not on %q any more.", e.SequenceName)
		case !mayMove(actor, owners[e.Record], e.Assignee):
			r.Code, r.Reason = "forbidden", "It belongs to somebody else. Ask them or a manager."
		default:
			end = append(end, id)
			continue
		}
		refused = append(refused, r)
	}
	if len(end) == 0 {
		return 0, refused, nil
	}
	stop := step.Stopped{Exit: step.ExitDisconnected, By: actor.ID}
	done, err = tx.Advance(end, func(flow.Snapshot) step.Event { return stop })
	if err != nil {
		return 0, nil, fmt.Errorf("disconnect: %w", err)
	}
	return done, refused, nil
}

// ownersOf gives the owners of the enrollments' records. A deleted record has none.
func ownersOf(tx *store.Tx, list map[ident.Enrollment]store.Enrollment) (map[ident.Record]ident.User, error) {
	ids := make([]ident.Record, 0, len(list))
	for _, e := range list {
		ids = append(ids, e.Record)
	}
	records, err := tx.RecordsByID(distinct(ids))
	owners := make(map[ident.Record]ident.User, len(records))
	for id, r := range records {
		owners[id] = r.Owner
	}
	return owners, err
}

// distinct gives the list without repetitions, in its order.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	var once []T
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			once = append(once, v)
		}
	}
	return once
}
