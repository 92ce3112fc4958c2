package store

// oneRow is a row whose columns are read.
type oneRow interface{ Scan(dest ...any) error }

// resultRows are the rows that answer a query. Next steps to the next one; Err tells after the last whether something went wrong.
type resultRows interface {
	oneRow
	Next() bool
	Err() error
	Close() error
}

// collect reads all rows of a query through scan.
func collect[T any](tx *Tx, scan func(row oneRow) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}
