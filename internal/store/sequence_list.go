package store

import (
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
	mu    sync.Mutex
	kept  map[ident.Sequence]SequenceRow
	until time.Time
}

// Beyond manyEnrollments the counts of a list may be as old as countsKept, so that a page with a million of them behind it
// answers at once; with fewer they are always exact.
const (
	manyEnrollments = 50_000
	countsKept      = 5 * time.Second
)

// allFigures counts the enrollments of every sequence.
func (tx *Tx) allFigures() (map[ident.Sequence]SequenceRow, error) {
	f := &tx.db.figures
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Now().Before(f.until) {
		return f.kept, nil
	}
	counted, err := tx.sequenceFigures(0)
	total := 0
	for _, row := range counted {
		total += row.Connected + row.Finished
	}
	if err == nil && total > manyEnrollments {
		f.kept, f.until = counted, time.Now().Add(countsKept)
	}
	return counted, err
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
