package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cadenza/internal/ident"
)

// ListSequences gives the list page's rows with their figures.
func (v Sight) ListSequences(q SequenceQuery) ([]SequenceRow, error) {
	tx := v.tx
	all, err := v.AllSequences()
	if err != nil {
		return nil, err
	}
	counted, err := tx.allFigures()
	if err != nil {
		return nil, err
	}
	tags, tree, err := tx.tagsOf(0)
	if err != nil {
		return nil, err
	}
	wanted := withBelow(tree, q.Tag)
	var rows []SequenceRow
	for _, s := range all {
		if !q.selects(s) || q.Tag != 0 && !slices.ContainsFunc(tags[s.ID], func(t Tag) bool { return wanted[t.ID] }) {
			continue
		}
		row, err := tx.sequenceRow(s, counted[s.ID])
		if err != nil {
			return nil, err
		}
		row.Tags = tags[s.ID]
		rows = append(rows, row)
	}
	q.order(rows)
	return rows, nil
}

// GetSequenceRow is GetSequence with the sequence's figures.
func (v Sight) GetSequenceRow(id ident.Sequence) (SequenceRow, error) {
	tx := v.tx
	s, err := v.GetSequence(id)
	if err != nil {
		return SequenceRow{}, err
	}
	counted, err := tx.sequenceFigures(id)
	if err != nil {
		return SequenceRow{}, err
	}
	tags, _, err := tx.tagsOf(id)
	if err != nil {
		return SequenceRow{}, err
	}
	row, err := tx.sequenceRow(s, counted[id])
	row.Tags = tags[id]
	return row, err
}

func (tx *Tx) sequenceRow(s Sequence, f SequenceRow) (SequenceRow, error) {
	f.Sequence = s
	f.Changed = s.Version == 0
	if s.Version != 0 {
		v, err := tx.Version(s.Version)
		if err != nil {
			return SequenceRow{}, err
		}
		f.Changed = !SameSteps(s.Draft, v.Def)
	}
	return f, nil
}

// figures keeps the counts of all sequences for a moment where counting takes long.
type figures struct {
	mu   sync.Mutex
	kept map[ident.Sequence]SequenceRow
	at   time.Time
	// counting tells that they are counted anew.
	counting bool
	// one counts while others who need it wait.
	one sync.Mutex
}

// Beyond manyEnrollments the counts of a list may be as old as countsKept, and as countsOld while they are counted anew, so that a page
// with a million of them behind it answers at once; with fewer they are always exact.
const (
	manyEnrollments = 50_000
	countsKept      = 5 * time.Second
	countsOld       = 15 * time.Second
)

// younger gives the counts, if they are younger than that.
func (f *figures) younger(now time.Time, than time.Duration) map[ident.Sequence]SequenceRow {
	f.mu.Lock()
	defer f.mu.Unlock()
	if age := now.Sub(f.at); age < 0 || age >= than {
		return nil
	}
	return f.kept
}

// young gives the counts, if they are young enough, and tells whether the caller has to have them counted anew.
func (f *figures) young(now time.Time) (counts map[ident.Sequence]SequenceRow, recount bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	age := now.Sub(f.at)
	if f.kept == nil || age < 0 || age >= countsOld {
		return nil, false
	}
	recount = age >= countsKept && !f.counting
	f.counting = f.counting || recount
	return f.kept, recount
}

// keep takes counts of that moment, if they took long to make.
func (f *figures) keep(counts map[ident.Sequence]SequenceRow, at time.Time) {
	total := 0
	for _, row := range counts {
		total += row.Connected + row.Finished
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counting = false
	if f.kept = nil; total > manyEnrollments {
		f.kept, f.at = counts, at
	}
}

// allFigures counts the enrollments of every sequence.
func (tx *Tx) allFigures() (map[ident.Sequence]SequenceRow, error) {
	f := &tx.db.figures
	counts, recount := f.young(time.Now())
	if recount {
		go tx.db.recount()
	}
	if counts != nil {
		return counts, nil
	}
	f.one.Lock()
	defer f.one.Unlock()
	if counts = f.younger(time.Now(), countsKept); counts != nil { // whoever was waited for has made them
		return counts, nil
	}
	at := time.Now()
	counts, err := tx.sequenceFigures(0)
	if err == nil {
		f.keep(counts, at)
	}
	return counts, err
}

// recount counts the enrollments of every sequence for those who look next. Where that fails they count themselves, and learn why.
func (db *DB) recount() {
	ctx, stop := context.WithTimeout(context.Background(), countsOld)
	defer stop()
	at := time.Now()
	var counts map[ident.Sequence]SequenceRow
	_ = db.Read(ctx, func(tx *Tx) (err error) {
		counts, err = tx.sequenceFigures(0)
		return err
	})
	db.figures.keep(counts, at)
}

// sequenceFigures counts the enrollments of one sequence, or of all for zero. Both counts are answered by an index
// alone: enrollments_sequence_idx and enrollments_exit_idx.
func (tx *Tx) sequenceFigures(id ident.Sequence) (map[ident.Sequence]SequenceRow, error) {
	only, args := "", []any{}
	if id != 0 {
		only, args = " and sequence_id = $1", append(args, int64(id))
	}
	found := map[ident.Sequence]SequenceRow{}
	count := func(query string, add func(row *SequenceRow, state string, n int)) error {
		rows, err := tx.query(query, args...)
		if err != nil {
			return fmt.Errorf("count enrollments: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var (
				sequence ident.Sequence
				state    string
				n        int
			)
			if err := rows.Scan(&sequence, &state, &n); err != nil {
				return err
			}
			row := found[sequence]
			add(&row, state, n)
			found[sequence] = row
		}
		return rows.Err()
	}
	err := count(`select sequence_id, cast(status as text), count(*) from enrollments where status < 3`+only+` group by sequence_id, status`,
		func(row *SequenceRow, state string, n int) {
			row.Connected += n
			if state == "2" {
				row.Paused += n
			}
		})
	if err != nil {
		return nil, err
	}
	return found, count(`select sequence_id, exit_reason, count(*) from enrollments where status = 3`+only+` group by sequence_id, exit_reason`,
		func(row *SequenceRow, exit string, n int) {
			row.Finished += n
			if exit == "completed" {
				row.Completed += n
			}
		})
}

func (q SequenceQuery) selects(s Sequence) bool {
	text := strings.ToLower(s.Name + " " + s.Description)
	return (q.Status == s.Status || q.Status == "" && s.Status != Archived) && (q.RecordKind == "" || q.RecordKind == s.RecordKind) &&
		(q.Owner == 0 || q.Owner == s.Owner) &&
		(q.Teams == nil || s.OwnerTeam != 0 && slices.Contains(q.Teams, s.OwnerTeam)) && strings.Contains(text, strings.ToLower(strings.TrimSpace(q.Search)))
}

// order sorts rows that come by name.
func (q SequenceQuery) order(rows []SequenceRow) {
	field, down := strings.CutPrefix(q.Sort, "-")
	compare := func(a, b SequenceRow) int {
		switch field {
		case "status":
			return strings.Compare(string(a.Status), string(b.Status))
		case "connected":
			return a.Connected - b.Connected
		case "updated":
			return a.UpdatedAt.Compare(b.UpdatedAt)
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	}
	slices.SortStableFunc(rows, func(a, b SequenceRow) int {
		if down {
			return compare(b, a)
		}
		return compare(a, b)
	})
}
