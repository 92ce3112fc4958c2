package store

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/step"
)

// FigureKind is what a StepFigure counts.
type FigureKind int16

// The kinds. The numbers are part of the schema.
const (
	FigureConnected FigureKind = 1 // records put on the version; Step is ""
	FigureEntered   FigureKind = 2 // visits that began
	FigureEnded     FigureKind = 3 // visits that ended by themselves; Outcome says how
	FigureExits     FigureKind = 4 // enrollments that ended here; Outcome is the reason
	FigureHere      FigureKind = 5 // enrollments that stand here now
)

// StepFigure is one count of a step of a version.
type StepFigure struct {
	Version ident.Version
	// Number is that of the version.
	Number  int
	Step    string
	Kind    FigureKind
	Outcome string
	Count   int64
	// Spent is how long the counted visits took together, of those that ended, in whole seconds for each.
	Spent time.Duration
}

// figureKey is what is counted together.
type figureKey struct {
	version ident.Version
	step    string
	kind    FigureKind
	outcome string
}

type figureSum struct{ count, seconds int64 }

// tally counts what a batch of moves changes in the figures of steps.
type tally map[figureKey]figureSum

func (t tally) add(k figureKey, n int64, spent time.Duration) {
	sum := t[k]
	sum.count, sum.seconds = sum.count+n, sum.seconds+int64(spent/time.Second)
	t[k] = sum
}

// move counts one move: the visits that began and ended in it, its exit, and where the enrollment stands before and after. One that goes to
// another version counts there from its line on.
func (t tally) move(l *loaded, move flow.Move, now time.Time) {
	v, visit, was := l.version, l.snap.State.Visit, l.snap.State
	enter := func(step string, at int) {
		if at > visit {
			t.add(figureKey{v, step, FigureEntered, ""}, 1, 0)
			visit = at
		}
	}
	for _, line := range move.Lines {
		switch line.Kind {
		case flow.LineStep:
			enter(line.Step, line.Visit)
			if line.Outcome != step.Retried {
				t.add(figureKey{v, line.Step, FigureEnded, string(line.Outcome)}, 1, now.Sub(line.Since))
			}
		case flow.LineExit:
			t.add(figureKey{v, line.Step, FigureExits, string(line.Outcome)}, 1, 0)
		case flow.LineMoved:
			v = l.snap.Version.ID
			if was.Status == flow.Finished { // its end is taken back
				t.add(figureKey{l.version, line.Step, FigureExits, string(step.ExitDisconnected)}, -1, 0)
			}
		case flow.LineConnected, flow.LineHanded, flow.LinePaused, flow.LineResumed, flow.LineWaitSkipped: // neither begins nor ends a visit
		}
	}
	enter(move.State.Step, move.State.Visit)
	if stands(was) && stands(move.State) && was.Step == move.State.Step && v == l.version {
		return
	}
	if stands(was) {
		t.add(figureKey{l.version, was.Step, FigureHere, ""}, -1, 0)
	}
	if stands(move.State) {
		t.add(figureKey{v, move.State.Step, FigureHere, ""}, 1, 0)
	}
}

// stands tells whether an enrollment is in the middle of a visit.
func stands(st flow.State) bool { return st.Status != flow.Finished && st.Wait != step.NoWait }

// figureRow is a change of a figure on its way into the database.
type figureRow struct {
	figureKey
	figureSum
}

// noteFigures appends what a batch changed.
func (tx *Tx) noteFigures(t tally) error {
	rows := make([]figureRow, 0, len(t))
	for k, sum := range t {
		if sum != (figureSum{}) {
			rows = append(rows, figureRow{k, sum})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	const into = `insert into step_figure_changes (version_id, step, kind, outcome, count, seconds) `
	var err error
	if tx.db.dialect == sqliteDialect {
		err = each(tx, into+`values ($1, $2, $3, $4, $5, $6)`, rows, func(r figureRow) []any {
			return []any{int64(r.version), r.step, int16(r.kind), r.outcome, r.count, r.seconds}
		}, false)
	} else {
		_, err = tx.exec(into+`select * from unnest($1::bigint[], $2::text[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[])`,
			column(rows, func(r figureRow) int64 { return int64(r.version) }), column(rows, func(r figureRow) string { return r.step }),
			column(rows, func(r figureRow) int16 { return int16(r.kind) }), column(rows, func(r figureRow) string { return r.outcome }),
			column(rows, func(r figureRow) int64 { return r.count }), column(rows, func(r figureRow) int64 { return r.seconds }))
	}
	if err != nil {
		return fmt.Errorf("count visits of steps: %w", err)
	}
	return nil
}

// SumFigures adds the changes of the figures to their sums, and gives how many there were. What is read is the same before and after: it
// only costs less. A chore asks.
func (db *DB) SumFigures(ctx context.Context) (summed int, err error) {
	p := portion.New(200, 2000, 20_000)
	for {
		var waiting bool
		if err := db.reader.QueryRowContext(ctx, `select exists (select 1 from step_figure_changes)`).Scan(&waiting); err != nil || !waiting {
			return summed, db.explain(err)
		}
		most := p.Size()
		n, err := db.WriteSome(ctx, p, (*Tx).sumFigures)
		if summed += n; err != nil || n < most {
			return summed, err
		}
	}
}

func (tx *Tx) sumFigures(most int) (int, error) {
	var ids []int64
	sums := tally{}
	_, err := collect(tx, func(rows oneRow) (none struct{}, err error) {
		var (
			id int64
			r  figureRow
		)
		if err := rows.Scan(&id, &r.version, &r.step, &r.kind, &r.outcome, &r.count, &r.seconds); err != nil {
			return none, err
		}
		ids = append(ids, id)
		sums.add(r.figureKey, r.count, time.Duration(r.seconds)*time.Second)
		return none, nil
	}, `select id, version_id, step, kind, outcome, count, seconds from step_figure_changes order by id limit $1`, most)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	for k, sum := range sums {
		if _, err := tx.exec(`insert into step_figures (version_id, step, kind, outcome, count, seconds) values ($1, $2, $3, $4, $5, $6)
			on conflict (version_id, step, kind, outcome) do update set count = step_figures.count + excluded.count, seconds = step_figures.seconds + excluded.seconds`,
			int64(k.version), k.step, int16(k.kind), k.outcome, sum.count, sum.seconds); err != nil {
			return 0, fmt.Errorf("sum up figures: %w", err)
		}
	}
	// By their keys: what others committed meanwhile was not read, and stays.
	_, err = tx.exec(`delete from step_figure_changes where `+tx.in("id", 1), tx.list(ids))
	return len(ids), err
}

// StepFigures gives the figures of all versions of a sequence, true to the moment. The page of its figures asks.
func (tx *Tx) StepFigures(id ident.Sequence) ([]StepFigure, error) {
	list, err := collect(tx, func(rows oneRow) (f StepFigure, err error) {
		var seconds int64
		err = rows.Scan(&f.Version, &f.Number, &f.Step, &f.Kind, &f.Outcome, &f.Count, &seconds)
		f.Spent = time.Duration(seconds) * time.Second
		return f, err
	}, `select v.id, v.number, f.step, f.kind, f.outcome, cast(sum(f.count) as bigint), cast(sum(f.seconds) as bigint) from sequence_versions v join (
			select version_id, step, kind, outcome, count, seconds from step_figures where version_id in (select id from sequence_versions where sequence_id = $1)
			union all
			select version_id, step, kind, outcome, count, seconds from step_figure_changes where version_id in (select id from sequence_versions where sequence_id = $1)
		) f on f.version_id = v.id group by v.id, v.number, f.step, f.kind, f.outcome having sum(f.count) <> 0
		order by v.number, f.step, f.kind, f.outcome`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read figures of steps: %w", err)
	}
	return list, nil
}
