package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

const snippetColumns = `id, key, name, html, rev, created_at, updated_at`

func scanSnippet(row oneRow) (s Snippet, err error) {
	var created, updated int64
	err = row.Scan(&s.ID, &s.Key, &s.Name, &s.HTML, &s.Rev, &created, &updated)
	s.CreatedAt, s.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	return s, err
}

// InsertSnippet writes a new snippet. A key that is taken is a fault of the field key.
func (tx *Tx) InsertSnippet(s Snippet, by ident.User) (Snippet, error) {
	if err := tx.freeSnippetKey(s); err != nil {
		return Snippet{}, err
	}
	s.Rev, s.CreatedAt, s.UpdatedAt = 1, tx.Now, tx.Now
	id, err := tx.insert(`insert into snippets (key, name, html, rev, created_by, created_at, updated_at) values ($1, $2, $3, 1, $4, $5, $5)`,
		s.Key, s.Name, s.HTML, key(by), micros(tx.Now))
	switch {
	case unique(err):
		return Snippet{}, snippetKeyTaken(s.Key)
	case err != nil:
		return Snippet{}, fmt.Errorf("insert snippet: %w", err)
	}
	s.ID = ident.Snippet(id)
	return s, nil
}

// UpdateSnippet writes a snippet over that of revision s.Rev. A newer revision is a Stale fault.
func (tx *Tx) UpdateSnippet(s Snippet) (Snippet, error) {
	if err := tx.freeSnippetKey(s); err != nil {
		return Snippet{}, err
	}
	n, err := tx.exec(`update snippets set key = $1, name = $2, html = $3, rev = rev + 1, updated_at = $4 where id = $5 and rev = $6`,
		s.Key, s.Name, s.HTML, micros(tx.Now), int64(s.ID), s.Rev)
	switch {
	case unique(err):
		return Snippet{}, snippetKeyTaken(s.Key)
	case err != nil:
		return Snippet{}, fmt.Errorf("update snippet: %w", err)
	case n == 0:
		return Snippet{}, fault.New(fault.Stale, "Somebody else changed this snippet meanwhile.").
			WithHint("Load it again, then repeat your change.")
	}
	s.Rev, s.UpdatedAt = s.Rev+1, tx.Now
	return s, nil
}

// freeSnippetKey refuses a key that another snippet has.
func (tx *Tx) freeSnippetKey(s Snippet) error {
	taken, err := tx.SnippetKeyTaken(s.Key, s.ID)
	if err == nil && taken {
		err = snippetKeyTaken(s.Key)
	}
	return err
}

// SnippetKeyTaken tells whether another snippet has this key.
func (tx *Tx) SnippetKeyTaken(k string, except ident.Snippet) (bool, error) {
	var n int
	if err := tx.row(`select count(*) from snippets where key = $1 and id <> $2`, k, int64(except)).Scan(&n); err != nil {
		return false, fmt.Errorf("look for snippet key: %w", err)
	}
	return n > 0, nil
}

func snippetKeyTaken(k string) error {
	return fault.Of(fault.Problem{
		Field: "key", Code: "taken", Message: fmt.Sprintf("Another snippet has the key %q.", k),
		Hint: "Choose another key, or leave it empty.",
	})
}

// GetSnippet gives one snippet.
func (tx *Tx) GetSnippet(id ident.Snippet) (Snippet, error) {
	s, err := scanSnippet(tx.row(`select `+snippetColumns+` from snippets where id = $1`, int64(id)))
	if err != nil {
		return Snippet{}, fmt.Errorf("get snippet: %w", missing(err, "snippet"))
	}
	return s, nil
}

// ListSnippets lists snippets by name. There are hundreds at most.
func (tx *Tx) ListSnippets(search string) ([]Snippet, error) {
	f := &filter{}
	f.and("id > 0")
	f.words("lower(name || ' ' || key)", search)
	list, err := collect(tx, scanSnippet,
		`select `+snippetColumns+` from snippets`+f.where()+` order by lower(name), id`, f.args...)
	if err != nil {
		return nil, fmt.Errorf("list snippets: %w", err)
	}
	return list, nil
}

// DeleteSnippet deletes a snippet. What was copied from it stays.
func (tx *Tx) DeleteSnippet(id ident.Snippet) error {
	n, err := tx.exec(`delete from snippets where id = $1`, int64(id))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "snippet")
	}
	if err != nil {
		return fmt.Errorf("delete snippet: %w", err)
	}
	return nil
}
