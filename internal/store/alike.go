package store

import (
	"cmp"
	"fmt"
	"slices"
)

// alike are enrollments whose moves write the same but for their keys: the usual case of a backlog, where many leave the same step at
// the same moment. SQLite writes them by lists of keys, which costs half of what writing each row's own values does (ADR 0064).
type alike struct {
	shape
	// rows are places in writes.states.
	rows []int
}

// shape is what alike moves have in common. A row's rev is in it, so that the guard against lost changes stays.
type shape struct {
	rev, since, due, timer int64
	status, wait           int16
	step                   string
	visit, done, autoMoves int
	n                      int
	lines                  [mostLines]lineShape
}

type lineShape struct {
	kind                  int16
	step, outcome, detail string
	visit                 int
	// since is noTime where the line began when the state before did, which each enrollment has for itself.
	since, at, user int64
}

const (
	// mostLines is how many lines of history a move of a group may have.
	mostLines = 3
	// fewAlike is from how many rows on a group is written as one.
	fewAlike = 4
	// noTime stands for null in a shape, and sparse bounds how many keys of history a row of a group may use up: the key of a line is
	// that of its enrollment, moved by so much, and between two enrollments of a group there may be others.
	noTime = -1 << 63
	sparse = 64
)

// writeAlike writes the rows that are alike and takes them from w.
func (tx *Tx) writeAlike(w *writes) error {
	groups := w.groups()
	written := make([]bool, len(w.states))
	next := int64(0)
	for _, g := range groups {
		for _, part := range w.lists(g.rows) {
			if next == 0 {
				ids, err := tx.lineIDs(1)
				if err != nil {
					return err
				}
				next = ids[0]
			}
			if err := tx.writeList(w, g.shape, part, &next); err != nil {
				return err
			}
			for _, i := range part {
				written[i] = true
			}
		}
	}
	if next != 0 {
		w.keep(written)
	}
	return nil
}

// groups gathers the rows by their shapes. Rows that are alike mostly follow each other.
func (w *writes) groups() []*alike {
	if len(w.states) < fewAlike {
		return nil
	}
	var groups []*alike
	var last *alike
	known := map[shape]*alike{}
	line := 0
	for i := range w.states {
		first := line
		for line < len(w.history) && w.history[line].state == i {
			line++
		}
		if line-first > mostLines {
			continue
		}
		s := shapeOf(&w.states[i], w.history[first:line])
		if last == nil || last.shape != s {
			if last = known[s]; last == nil {
				last = &alike{shape: s}
				known[s] = last
				groups = append(groups, last)
			}
		}
		last.rows = append(last.rows, i)
	}
	return groups
}

func shapeOf(r *stateRow, lines []historyRow) shape {
	s := shape{
		rev: r.rev, since: r.since, due: orNone(r.due), timer: orNone(r.timer), status: r.status, wait: r.wait, step: r.step, visit: r.visit,
		done: r.done, autoMoves: r.autoMoves, n: len(lines),
	}
	for i, l := range lines {
		since := l.since
		if since == r.was {
			since = noTime
		}
		s.lines[i] = lineShape{kind: l.kind, step: l.step, outcome: l.outcome, detail: l.detail, visit: l.visit, since: since, at: l.at, user: orNone(l.user)}
	}
	return s
}

func orNone(v *int64) int64 {
	if v == nil {
		return noTime
	}
	return *v
}

func orNull(v int64) any {
	if v == noTime {
		return nil
	}
	return v
}

// listSizes are how many keys a statement takes. A shorter list names its last key again. Those that follow each other without a gap are
// named by the first and the last, where they are run or more.
var listSizes = [...]int{5, 25, 100}

const run = 25

// lists cuts the rows of a group into lists of keys that rise and lie close enough to each other.
func (w *writes) lists(rows []int) (lists [][]int) {
	byKey := func(a, b int) int { return cmp.Compare(w.states[a].id, w.states[b].id) }
	if !slices.IsSortedFunc(rows, byKey) {
		slices.SortFunc(rows, byKey)
	}
	most := listSizes[len(listSizes)-1]
	for len(rows) > 0 {
		n, first := 1, w.states[rows[0]].id
		for n < len(rows) && w.states[rows[n]].id == first+int64(n) {
			n++
		}
		if n < run {
			for n < min(most, len(rows)) && w.states[rows[n]].id-first < int64(sparse*(n+1)) {
				n++
			}
		}
		if n >= fewAlike {
			lists = append(lists, rows[:n])
		}
		rows = rows[n:]
	}
	return lists
}

// writeList writes the rows of a list, and their lines with the keys from next on.
func (tx *Tx) writeList(w *writes, s shape, rows []int, next *int64) error {
	size := sizeOf(w, rows)
	first, last := w.states[rows[0]].id, w.states[rows[len(rows)-1]].id
	keys := func(args []any) []any {
		if size == 0 {
			return append(args, first, last)
		}
		for i := range size {
			args = append(args, w.states[rows[min(i, len(rows)-1)]].id)
		}
		return args
	}
	var before any // how far the key of the line before is from that of its enrollment; null for the last one there is
	for _, l := range s.lines[:s.n] {
		by := *next - first
		if err := tx.execAll(len(rows), insertAlike(size), keys([]any{
			by, before, l.kind, l.step, l.visit, orNull(l.since), l.at, l.outcome, l.detail, orNull(l.user),
		})); err != nil {
			return fmt.Errorf("insert history: %w", err)
		}
		before, *next = by, *next+last-first+1
	}
	if err := tx.execAll(len(rows), updateAlike(size), keys([]any{
		s.status, s.step, s.visit, s.since, s.wait, orNull(s.due), orNull(s.timer), s.done, s.autoMoves, before, s.rev,
	})); err != nil {
		return fmt.Errorf("update states: %w", err)
	}
	return nil
}

// sizeOf gives how many keys the statements for a list name, 0 for its first and last.
func sizeOf(w *writes, rows []int) int {
	if n := len(rows); n >= run && w.states[rows[n-1]].id-w.states[rows[0]].id == int64(n-1) {
		return 0
	}
	return listSizes[slices.IndexFunc(listSizes[:], func(size int) bool { return size >= len(rows) })]
}

// execAll runs a statement that has to change that many rows.
func (tx *Tx) execAll(rows int, query string, args []any) error {
	n, err := tx.exec(query, args...)
	if err == nil && n != int64(rows) {
		err = errLost
	}
	return err
}

func insertAlike(n int) string {
	return `insert into history (id, prev, enrollment_id, kind, step, visit, since, at, outcome, detail, user_id)
		select id + $1, coalesce(id + $2, last_line), id, $3, $4, $5, coalesce($6, since), $7, $8, $9, $10 from enrollment_states where id ` + keysIn(n, 11)
}

func updateAlike(n int) string {
	return `update enrollment_states set status = $1, step = $2, visit = $3, since = $4, wait = $5, due_at = $6, timer_at = $7, done = $8, auto_moves = $9,
		signalled = false, last_line = coalesce(id + $10, last_line), rev = rev + 1 where rev = $11 and id ` + keysIn(n, 12)
}

// keysIn names n keys, which are arguments from that one on; for 0 the first and the last.
func keysIn(n, from int) string {
	if n == 0 {
		return fmt.Sprintf("between $%d and $%d", from, from+1)
	}
	return "in " + places(1, n)
}

// keep leaves the rows that are not written yet.
func (w *writes) keep(written []bool) {
	place := make([]int, len(w.states))
	states := w.states[:0]
	for i, r := range w.states {
		if !written[i] {
			place[i] = len(states)
			states = append(states, r)
		}
	}
	lines := w.history[:0]
	for _, l := range w.history {
		if !written[l.state] {
			l.state = place[l.state]
			lines = append(lines, l)
		}
	}
	w.states, w.history = states, lines
}
