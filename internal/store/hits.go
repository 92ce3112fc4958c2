package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// The limits of what is kept of hits: nobody can fill the database by asking for one picture again and again.
const (
	maxHits  = 1000 // of a message
	maxAgent = 200  // bytes
)

// Hit is a stored hit on a message.
type Hit struct {
	hit.Hit
	ID ident.Hit
	// URL is where the link leads, and FileName what the file is called; "" for an open.
	URL, FileName string
	Reason        hit.Reason
	// CountedBy is the user who said that it counts; zero for nobody.
	CountedBy     ident.User
	CountedByName string
}

// hitOn is what a batch of hits has to know of a message.
type hitOn struct {
	mail       hit.Mail
	enrollment ident.Enrollment
	step       string
	// stored counts its hits; opens, clicks and downloads those that count.
	stored, opens, clicks, downloads int
}

// Link gives where a link of a message leads; a not-found fault when there is none. It reads apart from the writer, so
// that a customer arrives while nothing can be written.
func (db *DB) Link(ctx context.Context, message ident.Message, number int) (string, error) {
	var url string
	err := db.reader.QueryRowContext(ctx, `select url from links where message_id = $1 and number = $2 and file_id is null`, int64(message), number).Scan(&url)
	if err != nil {
		return "", db.explain(fmt.Errorf("read link: %w", missing(err, "link")))
	}
	return url, nil
}

// AddHits judges hits and stores them, all in one transaction. Those that count are told to the enrollments that ask.
// Hits on messages that do not exist, and those beyond the thousandth of a message, are dropped. It gives how many are
// stored.
func (db *DB) AddHits(ctx context.Context, hits []hit.Hit) (stored int, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		stored = 0
		byMessage := map[ident.Message][]hit.Hit{}
		var ids []ident.Message
		for _, h := range hits {
			if byMessage[h.Message] == nil {
				ids = append(ids, h.Message)
			}
			byMessage[h.Message] = append(byMessage[h.Message], h)
		}
		on, err := tx.hitOn(ids, hits)
		if err != nil {
			return fmt.Errorf("read messages of hits: %w", err)
		}
		var rows []hitRow
		var engaged []Engagement
		told := map[NotificationKind][]ident.Message{}
		for _, id := range ids {
			m, ok := on[id]
			if !ok {
				continue
			}
			list := byMessage[id]
			list = list[:min(len(list), max(0, maxHits-m.stored))]
			for i, reason := range hit.Judge(m.mail, list) {
				h := list[i]
				rows = append(rows, rowOf(h, reason))
				e, first := m.engages(h, reason)
				if first && m.enrollment != 0 {
					engaged = append(engaged, e)
				}
				if first {
					told[notifiedBy[e.Result]] = append(told[notifiedBy[e.Result]], id)
				}
			}
		}
		if err := tx.insertHits(rows); err != nil {
			return fmt.Errorf("store hits: %w", err)
		}
		stored = len(rows)
		// In the order of keys, as everybody locks them.
		slices.SortFunc(engaged, func(a, b Engagement) int {
			return cmp.Or(cmp.Compare(a.Enrollment, b.Enrollment), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Result, b.Result))
		})
		if _, err = tx.engage(engaged...); err != nil {
			return err
		}
		return tx.tellOfHits(told, 0)
	})
	return stored, err
}

// engages tells whether a hit is the first of its kind that counts, and what it means to the enrollment, where there is one.
func (m *hitOn) engages(h hit.Hit, reason hit.Reason) (Engagement, bool) {
	if reason != hit.Counted {
		return Engagement{}, false
	}
	count, result := &m.opens, step.Opened
	switch h.Kind() {
	case hit.Open:
	case hit.Click:
		count, result = &m.clicks, step.LinkOpened
	case hit.Download:
		count, result = &m.downloads, step.Downloaded
	}
	*count++
	return Engagement{Enrollment: m.enrollment, Step: m.step, Result: result, At: h.At}, *count == 1
}

// tellOfHits tells who sent messages, or owns or follows their records, of the first hits of each kind.
func (tx *Tx) tellOfHits(told map[NotificationKind][]ident.Message, by ident.User) error {
	for _, kind := range []NotificationKind{NotifyOpen, NotifyClick} {
		if err := tx.tellOfMessages(news{kind: kind, by: by}, told[kind]...); err != nil {
			return err
		}
	}
	return nil
}

// hitOnQuery finds the step that a message belongs to: its own, or that of the activity in which it was written.
const hitOnQuery = `select m.id, coalesce(m.sent_at, m.attempt_at, m.created_at), coalesce(m.enrollment_id, a.enrollment_id, 0),
		case when m.enrollment_id is null then coalesce(a.step, '') else m.step end,
		(select count(*) from links l where l.message_id = m.id)
	from messages m left join activities a on a.id = m.activity_id where `

func (tx *Tx) hitOn(ids []ident.Message, hits []hit.Hit) (map[ident.Message]*hitOn, error) {
	out := make(map[ident.Message]*hitOn, len(ids))
	many := false
	messages, err := collect(tx, func(rows oneRow) (id ident.Message, err error) {
		var sent int64
		m := &hitOn{}
		err = rows.Scan(&id, &sent, &m.enrollment, &m.step, &m.mail.Links)
		m.mail.SentAt = time.UnixMicro(sent).UTC()
		many = many || m.mail.Links > 1
		out[id] = m
		return id, err
	}, hitOnQuery+tx.in("m.id", 1), tx.list(ids))
	if err != nil || len(messages) == 0 {
		return out, err
	}
	counts, err := tx.hitCounts(messages)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		m := out[c.message]
		m.stored += c.count
		if c.reason != hit.Counted {
			continue
		}
		switch c.kind {
		case hit.Open:
			m.opens = c.count
		case hit.Click:
			m.clicks = c.count
		case hit.Download:
			m.downloads = c.count
		}
	}
	if !many {
		return out, nil
	}
	return out, tx.lastClicks(out, messages, hits)
}

// hitCount counts the hits of a message of one kind and reason.
type hitCount struct {
	message ident.Message
	kind    hit.Kind
	reason  hit.Reason
	count   int
	first   int64
}

func (tx *Tx) hitCounts(ids []ident.Message) ([]hitCount, error) {
	return collect(tx, func(rows oneRow) (c hitCount, err error) {
		return c, rows.Scan(&c.message, &c.kind, &c.reason, &c.count, &c.first)
	}, `select message_id, kind, reason, count(*), min(at) from hits where `+tx.in("message_id", 1)+` group by message_id, kind, reason`, tx.list(ids))
}

// lastClicks reads the clicks and downloads of the moments before a batch, by which a scanner that follows all links is known.
func (tx *Tx) lastClicks(on map[ident.Message]*hitOn, ids []ident.Message, hits []hit.Hit) error {
	first := slices.MinFunc(hits, func(a, b hit.Hit) int { return a.At.Compare(b.At) }).At
	before, err := collect(tx, func(rows oneRow) (h hit.Hit, err error) {
		var at int64
		err = rows.Scan(&h.Message, &h.Link, &h.File, &at)
		h.At = time.UnixMicro(at).UTC()
		return h, err
	}, `select message_id, link, kind = 3, at from hits where `+tx.in("message_id", 1)+` and kind in (2, 3) and at >= $2`, tx.list(ids), first.Add(-hit.Together).UnixMicro())
	for _, h := range before {
		m := on[h.Message]
		m.mail.Before = append(m.mail.Before, h)
	}
	return err
}

// hitRow is a hit as it is stored.
type hitRow struct {
	message      int64
	kind, reason int16
	link         int
	at           int64
	agent        string
}

func rowOf(h hit.Hit, reason hit.Reason) hitRow {
	agent := strings.ToValidUTF8(h.Agent[:min(len(h.Agent), maxAgent)], "")
	return hitRow{
		message: int64(h.Message), kind: int16(h.Kind()), link: h.Link, at: h.At.UnixMicro(), reason: int16(reason),
		agent: strings.ReplaceAll(agent, "\x00", ""),
	}
}

// insertHits writes hits, set-based on PostgreSQL: see write_sqlite.go for why not on SQLite.
func (tx *Tx) insertHits(rows []hitRow) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.db.dialect == postgresDialect {
		_, err := tx.exec(`insert into hits (message_id, kind, link, at, agent, reason)
			select * from unnest($1::bigint[], $2::smallint[], $3::int[], $4::bigint[], $5::text[], $6::smallint[])`,
			column(rows, func(r hitRow) int64 { return r.message }), column(rows, func(r hitRow) int16 { return r.kind }),
			column(rows, func(r hitRow) int32 { return int32(r.link) }), column(rows, func(r hitRow) int64 { return r.at }),
			column(rows, func(r hitRow) string { return r.agent }), column(rows, func(r hitRow) int16 { return r.reason }))
		return err
	}
	return each(tx, `insert into hits (message_id, kind, link, at, agent, reason) values ($1, $2, $3, $4, $5, $6)`, rows,
		func(r hitRow) []any { return []any{r.message, r.kind, r.link, r.at, r.agent, r.reason} }, false)
}

// countHits fills in how often followed messages were opened, their links followed and their files downloaded.
func (tx *Tx) countHits(list []Message) error {
	places := map[ident.Message]*Message{}
	var ids []ident.Message
	for i := range list {
		if list[i].Tracked {
			places[list[i].ID] = &list[i]
			ids = append(ids, list[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	counts, err := tx.hitCounts(ids)
	if err != nil {
		return fmt.Errorf("count hits: %w", err)
	}
	var fetched []ident.Message
	for _, c := range counts {
		m := places[c.message]
		switch {
		case c.reason != hit.Counted:
		case c.kind == hit.Open:
			m.Opens, m.FirstOpenedAt = c.count, time.UnixMicro(c.first).UTC()
		case c.kind == hit.Click:
			m.Clicks = c.count
		case c.kind == hit.Download:
			m.Downloads = c.count
			fetched = append(fetched, c.message)
		}
	}
	return tx.nameDownloads(places, fetched)
}

// nameDownloads says of messages which of their files were fetched.
func (tx *Tx) nameDownloads(places map[ident.Message]*Message, ids []ident.Message) error {
	if len(ids) == 0 {
		return nil
	}
	type row struct {
		message ident.Message
		name    string
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.message, &r.name) },
		`select h.message_id, f.name from hits h join links l on l.message_id = h.message_id and l.number = h.link join files f on f.id = l.file_id
			where `+tx.in("h.message_id", 1)+` and h.kind = 3 and h.reason = 0 group by h.message_id, f.name order by h.message_id, min(h.at), f.name`, tx.list(ids))
	if err != nil {
		return fmt.Errorf("name downloads: %w", err)
	}
	for _, r := range rows {
		m := places[r.message]
		m.Downloaded = append(m.Downloaded, r.name)
	}
	return nil
}

const hitFields = `select h.id, h.message_id, h.link, h.kind = 3, h.at, h.agent, h.reason, coalesce(h.counted_by, 0), coalesce(u.name, ''), coalesce(l.url, ''), coalesce(f.name, '')
	from hits h left join users u on u.id = h.counted_by
	left join links l on l.message_id = h.message_id and l.number = h.link left join files f on f.id = l.file_id `

func scanHit(rows oneRow) (h Hit, err error) {
	var at int64
	err = rows.Scan(&h.ID, &h.Message, &h.Link, &h.File, &at, &h.Agent, &h.Reason, &h.CountedBy, &h.CountedByName, &h.URL, &h.FileName)
	h.At = time.UnixMicro(at).UTC()
	return h, err
}

// HitsOf gives the newest hits of a message; its page and the API ask.
func (tx *Tx) HitsOf(message ident.Message, limit int) ([]Hit, error) {
	list, err := collect(tx, scanHit, hitFields+`where h.message_id = $1 order by h.at desc, h.id desc limit $2`, int64(message), limit)
	if err != nil {
		return nil, fmt.Errorf("list hits: %w", err)
	}
	return list, nil
}

// GetHit gives one hit of a message.
func (tx *Tx) GetHit(message ident.Message, id ident.Hit) (Hit, error) {
	list, err := collect(tx, scanHit, hitFields+`where h.message_id = $1 and h.id = $2`, int64(message), int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "hit")
	}
	if err != nil {
		return Hit{}, fmt.Errorf("get hit: %w", err)
	}
	return list[0], nil
}

// CountHit makes a hit count that was taken for a machine's, because a user says so, and tells the enrollment.
func (tx *Tx) CountHit(h Hit, by ident.User) error {
	changed, err := tx.exec(`update hits set reason = 0, counted_by = $2 where id = $1 and reason <> 0`, int64(h.ID), key(by))
	if err != nil || changed == 0 {
		return err
	}
	on, err := tx.hitOn([]ident.Message{h.Message}, []hit.Hit{h.Hit})
	if err != nil {
		return fmt.Errorf("read message of hit: %w", err)
	}
	m := on[h.Message]
	if m == nil {
		return errors.New("a hit on no message")
	}
	m.opens, m.clicks, m.downloads = 0, 0, 0 // what was known already, Engage leaves as it is
	e, _ := m.engages(h.Hit, hit.Counted)
	if m.enrollment != 0 {
		if _, err = tx.engage(e); err != nil {
			return err
		}
	}
	return tx.tellOfHits(map[NotificationKind][]ident.Message{notifiedBy[e.Result]: {h.Message}}, by)
}
