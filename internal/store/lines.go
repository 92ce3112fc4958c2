package store

// numberLines gives the lines of history their keys and chains them: each names the line before it, and the state the last.
// So history needs no index but its key: it is only ever appended to.
func (tx *Tx) numberLines(w *writes) error {
	ids, err := tx.lineIDs(len(w.history))
	if err != nil {
		return err
	}
	for i := range w.history {
		line, state := &w.history[i], &w.states[w.history[i].state]
		line.id, line.prev = ids[i], state.lastLine
		state.lastLine = line.id
	}
	return nil
}

// lineIDs gives keys for new lines of history. They grow within each enrollment, whose lock is held.
func (tx *Tx) lineIDs(n int) ([]int64, error) {
	if n == 0 {
		return nil, nil
	}
	if tx.db.dialect == postgresDialect {
		return collect(tx, scanKey, `select nextval('history_ids') from generate_series(1, $1::int)`, n)
	}
	var last int64
	if err := tx.row(`select coalesce(max(id), 0) from history`).Scan(&last); err != nil {
		return nil, err
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = last + int64(i) + 1
	}
	return ids, nil
}

func scanKey(rows oneRow) (id int64, err error) { return id, rows.Scan(&id) }
