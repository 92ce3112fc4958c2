package store

import "fmt"

// keepTexts writes the HTML and the plain text of messages, over those of an earlier attempt. They have a table of their own: see
// the migration that made it.
func (tx *Tx) keepTexts(list ...*Message) error {
	written := make([]*Message, 0, len(list))
	for _, m := range list {
		if m.HTML != "" || m.Text != "" {
			written = append(written, m)
		}
	}
	if len(written) == 0 {
		return nil
	}
	const over = ` on conflict (message_id) do update set html = excluded.html, plain = excluded.plain`
	var err error
	if tx.db.dialect == sqliteDialect {
		err = inGroups(tx, func(n int) string {
			return `insert into message_texts (message_id, html, plain) values ` + places(n, 3) + over
		}, written,
			func(args []any, m *Message) []any { return append(args, int64(m.ID), m.HTML, m.Text) })
	} else {
		_, err = tx.exec(`insert into message_texts (message_id, html, plain) select * from unnest($1::bigint[], $2::text[], $3::text[])`+over,
			column(written, func(m *Message) int64 { return int64(m.ID) }),
			column(written, func(m *Message) string { return m.HTML }), column(written, func(m *Message) string { return m.Text }))
	}
	if err != nil {
		return fmt.Errorf("write texts of messages: %w", err)
	}
	return nil
}
