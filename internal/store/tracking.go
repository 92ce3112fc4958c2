package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/ident"
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
func (tx *Tx) following(list []*MailCandidate) error {
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
		c := list[i]
		c.Tracking = setting
		c.Unwilling = c.Record.Get("do_not_track") == "true" || slices.ContainsFunc(c.recipients(), func(a string) bool { return unwilling[a] })
		if c.claimed || c.chosen() {
			tried = append(tried, c.Message.ID)
		}
	}
	known, err := tx.linksOf(tried)
	if err != nil {
		return err
	}
	places := map[int64]*MailCandidate{}
	for i := range list {
		places[int64(list[i].Message.ID)] = list[i]
	}
	for _, l := range known {
		c := places[l.message]
		c.take(l)
		if l.file != 0 {
			c.picked = append(c.picked, l.file)
		}
	}
	return nil
}

// take notes what a number stands for.
func (c *MailCandidate) take(l linkRow) {
	if c.Links == nil {
		c.Links, c.Numbers = map[string]int{}, map[ident.File]int{}
	}
	if l.file != 0 {
		c.Numbers[l.file] = l.number
	} else {
		c.Links[l.url] = l.number
	}
}

// chosen tells that a person chose the files: the writer of an email, or of the test of a template.
func (c *MailCandidate) chosen() bool { return c.Message.Activity != 0 || c.Message.Test }

// accompany gives every candidate its files: those that its writer chose, or the template's.
func (tx *Tx) accompany(list []*MailCandidate) error {
	wanted := func(c *MailCandidate) []ident.File {
		if c.chosen() {
			return c.picked
		}
		return c.Template.Files.IDs()
	}
	var all []ident.File
	for _, c := range list {
		all = append(all, wanted(c)...)
	}
	slices.Sort(all)
	found, err := tx.FilesByID(slices.Compact(all))
	if err != nil {
		return err
	}
	byID := map[ident.File]File{}
	for _, f := range found {
		byID[f.ID] = f
	}
	for i := range list {
		for _, id := range wanted(list[i]) {
			f, ok := byID[id]
			if !ok {
				f = File{ID: id, Deleted: true}
			}
			list[i].Files = append(list[i].Files, f)
		}
	}
	return nil
}

// recipients lists the addresses that a candidate may go to, in lower case.
func (c *MailCandidate) recipients() []string {
	list := []string{c.Record.Get("email"), c.Message.Recipient}
	list = append(list, strings.Split(c.Message.CC+","+c.Message.BCC, ",")...)
	for i, a := range list {
		list[i] = strings.ToLower(strings.TrimSpace(a))
	}
	return slices.DeleteFunc(list, func(a string) bool { return a == "" })
}

// unwilling gives those addresses of the candidates that stand on a record which forbids following.
func (tx *Tx) unwilling(list []*MailCandidate) (map[string]bool, error) {
	var addresses []string
	for _, c := range list {
		addresses = append(addresses, c.recipients()...)
	}
	slices.Sort(addresses)
	found, err := collect(tx, func(rows oneRow) (a string, err error) { return a, rows.Scan(&a) },
		`select email from records where email <> '' and fields like '%"do_not_track":"true"%' and `+tx.inTexts("email", 1), tx.texts(slices.Compact(addresses)))
	out := map[string]bool{}
	for _, a := range found {
		out[a] = true
	}
	return out, err
}

// linksOf gives what the numbers of messages stand for, in their order.
func (tx *Tx) linksOf(ids []ident.Message) ([]linkRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := collect(tx, func(rows oneRow) (r linkRow, err error) {
		return r, rows.Scan(&r.message, &r.number, &r.url, &r.file)
	}, `select message_id, number, url, coalesce(file_id, 0) from links where `+tx.in("message_id", 1)+` order by message_id, number`, tx.list(ids))
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	return rows, nil
}

// linkRow is one line of links: a number that stands for an address or for a file.
type linkRow struct {
	message int64
	number  int
	url     string
	file    ident.File
}

// numberLinks gives each address of a message's links and each of its files a number, and the rows that are new. A number
// that an earlier attempt gave stays: that mail may have arrived.
func numberLinks(c *MailCandidate, v Verdict) (fresh []linkRow) {
	if c.Links == nil {
		c.Links, c.Numbers = map[string]int{}, map[ident.File]int{}
	}
	add := func(l linkRow) {
		l.message, l.number = int64(c.Message.ID), len(c.Links)+len(c.Numbers)+1
		c.take(l)
		fresh = append(fresh, l)
	}
	for _, url := range v.Links {
		if c.Links[url] == 0 {
			add(linkRow{url: url})
		}
	}
	for _, f := range v.Files {
		if c.Numbers[f.ID] == 0 {
			add(linkRow{file: f.ID})
		}
	}
	return fresh
}

// insertLinks stores what the numbers of links stand for, of all messages of a claim at once.
func (tx *Tx) insertLinks(rows []linkRow) error {
	if len(rows) == 0 {
		return nil
	}
	if tx.db.dialect == postgresDialect {
		_, err := tx.exec(`insert into links (message_id, number, url, file_id)
			select m, n, u, nullif(f, 0) from unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[]) as l (m, n, u, f)`,
			column(rows, func(r linkRow) int64 { return r.message }), column(rows, func(r linkRow) int32 { return int32(r.number) }),
			column(rows, func(r linkRow) string { return r.url }), column(rows, func(r linkRow) int64 { return int64(r.file) }))
		return err
	}
	return inGroups(tx, func(n int) string {
		return `insert into links (message_id, number, url, file_id) values ` + places(n, 4)
	}, rows,
		func(args []any, r linkRow) []any { return append(args, r.message, r.number, r.url, key(r.file)) })
}
