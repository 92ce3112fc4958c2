package action

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// The bounds of a simulation.
const (
	MaxSimulatedRecords = 500
	MaxSimulatedDays    = 365
)

// SimulationInput says what a simulation plays. Start from DefaultSimulation.
type SimulationInput struct {
	// Records is how many are played: the newest open ones of the sequence's kind.
	Records int
	// PerDay is how many are connected on each day; 0 for all on the first.
	PerDay int
	// Days is how many days are looked at.
	Days  int
	Rates flow.Rates
}

// DefaultSimulation is what is played unless somebody says otherwise.
func DefaultSimulation() SimulationInput {
	return SimulationInput{Records: 100, Days: 30, Rates: flow.DefaultRates()}
}

// problems lists what is wrong with the input, at the names that forms and the API use.
func (in SimulationInput) problems() []fault.Problem {
	var list []fault.Problem
	bound := func(field string, n, low, high int) {
		if n < low || n > high {
			list = append(list, fault.Problem{Field: field, Code: "range", Message: fmt.Sprintf("This must be from %d to %d.", low, high)})
		}
	}
	bound("records", in.Records, 1, MaxSimulatedRecords)
	bound("per_day", in.PerDay, 0, MaxSimulatedRecords)
	bound("days", in.Days, 1, MaxSimulatedDays)
	share := func(field string, rate float64) {
		if !(rate >= 0 && rate <= 1) { // NaN is neither
			list = append(list, fault.Problem{Field: field, Code: "range", Message: "A share must be from 0 to 100 percent."})
		}
	}
	for _, r := range step.Results() {
		share(string(r), in.Rates.Results[r])
	}
	share("hoped", in.Rates.Hoped)
	return list
}

// Simulate plays a sequence's draft with records, from now on, by the engine's own decisions and with customers who do what the
// rates say. The same input plays the same. Nothing is changed or sent.
func (a *App) Simulate(ctx context.Context, actor access.Actor, id ident.Sequence, in SimulationInput) (*flow.Simulation, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	if err := fault.Of(in.problems()...); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) (*flow.Simulation, error) {
		s, err := tx.For(actor).GetSequence(id)
		if err != nil {
			return nil, err
		}
		rows, err := simulatedRecords(tx, s.RecordKind, in.Records)
		if err != nil {
			return nil, err
		}
		zone, err := time.LoadLocation(actor.Zone)
		if err != nil {
			zone = time.UTC
		}
		sim := flow.NewSimulation(tx.Now.In(zone), in.Rates, rand.New(rand.NewPCG(1, 0)).Float64)
		return sim, playAll(tx, actor, s, rows, in, sim)
	})
}

func playAll(tx *store.Tx, actor access.Actor, s store.Sequence, rows []store.RecordRow, in SimulationInput, sim *flow.Simulation) error {
	v := flow.NewVersion(0, s.ID, 0, s.Draft)
	records, assignees, names := make([]store.Record, len(rows)), make([]ident.User, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		records[i], assignees[i], names[i] = r.Record, actor.ID, actor.Name
		if s.Draft.Options.Assignee == flow.RecordOwner && r.Owner != 0 {
			assignees[i], names[i] = r.Owner, r.OwnerName
		}
	}
	around, err := tx.Surroundings(v, records, assignees)
	if err != nil {
		return err
	}
	for i := range rows {
		at := sim.Start
		if in.PerDay > 0 {
			at = at.AddDate(0, 0, i/in.PerDay)
		}
		sim.Play(v, around[i], at, names[i])
	}
	return nil
}

// simulatedRecords gives the newest open records of a kind.
func simulatedRecords(tx *store.Tx, kind record.Kind, want int) ([]store.RecordRow, error) {
	var rows []store.RecordRow
	q := store.RecordQuery{Kind: kind, Status: record.OpenStatus(kind), Sort: "-created", Limit: 200}
	for len(rows) < want {
		page, err := tx.ListRecords(q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Rows...)
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	return rows[:min(want, len(rows))], nil
}

// FileRecord is a record of a file that a simulation plays. Owner is the name or the email address of a user, or anything else.
type FileRecord struct {
	record.Record
	Owner string
}

// SurroundFile gives what the ways of a file's records would meet in this organisation: its send windows, holidays, suppressions, and the
// working time of the users whom the file names as owners. Nothing is changed.
func (a *App) SurroundFile(ctx context.Context, actor access.Actor, v *flow.Version, rows []FileRecord) ([]flow.Surroundings, error) {
	if err := may(actor, access.ReadSequences); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]flow.Surroundings, error) {
		users, err := tx.ListUsers()
		if err != nil {
			return nil, err
		}
		known := map[string]ident.User{}
		for _, u := range users {
			if u.Active {
				known[strings.ToLower(u.Name)], known[strings.ToLower(u.Email)] = u.ID, u.ID
			}
		}
		records, owners := make([]store.Record, len(rows)), make([]ident.User, len(rows))
		for i, r := range rows {
			records[i].Record, owners[i] = r.Record, known[strings.ToLower(r.Owner)]
		}
		return tx.SurroundingsOfFile(v, records, owners)
	})
}
