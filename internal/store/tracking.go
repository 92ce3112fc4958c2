package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// trackingSetting is the name of the setting.
const trackingSetting = "tracking"

// Tracking says whether sent mail is followed, and under which address.
type Tracking struct {
	On bool
	// URL is the base of the addresses in followed mail, without a slash at its end; "" for that of the server.
	URL string
}

// trackingShape is how Tracking is stored.
type trackingShape struct {
	On  bool   `json:"on"`
	URL string `json:"url"`
}

// Tracking gives the setting; it is on until somebody saves another.
func (tx *Tx) Tracking() (Tracking, error) {
	text, err := tx.setting(trackingSetting)
	if err != nil || text == "" {
		return Tracking{On: true}, err
	}
	var s trackingShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Tracking{}, fmt.Errorf("read tracking: %w", err)
	}
	return Tracking(s), nil
}

// SaveTracking replaces the setting.
func (tx *Tx) SaveTracking(t Tracking) error {
	text, err := json.Marshal(trackingShape(t))
	if err != nil {
		return err
	}
	return tx.saveSetting(trackingSetting, string(text))
}

// following gives every candidate what decides whether it is followed: the setting, the wishes of its recipients and the
// links that an earlier attempt has fixed.
func (tx *Tx) following(list []MailCandidate) error {
	if len(list) == 0 {
		return nil
	}
	setting, err := tx.Tracking()
	if err != nil {
		return err
	}
	unwilling := map[string]bool{}
	if setting.On {
		if unwilling, err = tx.unwilling(list); err != nil {
			return fmt.Errorf("read who must not be followed: %w", err)
		}
	}
	var tried []ident.Message
	for i := range list {
		c := &list[i]
		c.Tracking = setting
		c.Unwilling = c.Record.Get("do_not_track") == "true" || slices.ContainsFunc(c.recipients(), func(a string) bool { return unwilling[a] })
		if c.Message.Attempts > 0 {
			tried = append(tried, c.Message.ID)
		}
	}
	known, err := tx.linksOf(tried)
	for i := range list {
		list[i].Links = known[list[i].Message.ID]
	}
	return err
}

// recipients lists the addresses that a candidate may go to, in lower case.
func (c MailCandidate) recipients() []string {
	list := []string{c.Record.Get("email"), c.Message.Recipient}
	list = append(list, strings.Split(c.Message.CC, ",")...)
	for i, a := range list {
		list[i] = strings.ToLower(strings.TrimSpace(a))
	}
	return slices.DeleteFunc(list, func(a string) bool { return a == "" })
}

// unwilling gives those addresses of the candidates that stand on a record which forbids following.
func (tx *Tx) unwilling(list []MailCandidate) (map[string]bool, error) {
	var addresses []string
	for _, c := range list {
		addresses = append(addresses, c.recipients()...)
	}
	slices.Sort(addresses)
	var kinds []string // the index begins with the kind
	for _, k := range record.Kinds() {
		kinds = append(kinds, string(k))
	}
	found, err := collect(tx, func(rows *sql.Rows) (a string, err error) { return a, rows.Scan(&a) },
		`select email from records where `+tx.inTexts("kind", 1)+` and email <> '' and `+tx.inTexts("email", 2)+`
			and fields like '%"do_not_track":"true"%'`, tx.texts(kinds), tx.texts(slices.Compact(addresses)))
	out := map[string]bool{}
	for _, a := range found {
		out[a] = true
	}
	return out, err
}

// linksOf gives the numbers of the links of messages, by their address.
func (tx *Tx) linksOf(ids []ident.Message) (map[ident.Message]map[string]int, error) {
	out := map[ident.Message]map[string]int{}
	if len(ids) == 0 {
		return out, nil
	}
	type row struct {
		message ident.Message
		number  int
		url     string
	}
	rows, err := collect(tx, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.message, &r.number, &r.url) },
		`select message_id, number, url from links where `+tx.in("message_id", 1), tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	for _, r := range rows {
		if out[r.message] == nil {
			out[r.message] = map[string]int{}
		}
		out[r.message][r.url] = r.number
	}
	return out, nil
}

// linkRow is one line of links.
type linkRow struct {
	message int64
	number  int
	url     string
}

// numberLinks gives each address of a message's links a number, and the rows that are new. A number that an earlier
// attempt gave stays: that mail may have arrived.
func numberLinks(c *MailCandidate, addresses []string) (fresh []linkRow) {
	numbers := make(map[string]int, len(addresses))
	for url, n := range c.Links {
		numbers[url] = n
	}
	for _, url := range addresses {
		if numbers[url] == 0 {
			n := len(numbers) + 1
			numbers[url] = n
			fresh = append(fresh, linkRow{int64(c.Message.ID), n, url})
		}
	}
	c.Links = numbers
	return fresh
}

// insertLinks stores what the numbers of links stand for, of all messages of a claim at once.
func (tx *Tx) insertLinks(rows []linkRow) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.db.dialect == postgresDialect {
		_, err := tx.exec(`insert into links (message_id, number, url) select * from unnest($1::bigint[], $2::int[], $3::text[])`,
			column(rows, func(r linkRow) int64 { return r.message }), column(rows, func(r linkRow) int32 { return int32(r.number) }),
			column(rows, func(r linkRow) string { return r.url }))
		return err
	}
	return each(tx, `insert into links (message_id, number, url) values ($1, $2, $3)`, rows,
		func(r linkRow) []any { return []any{r.message, r.number, r.url} }, false)
}
