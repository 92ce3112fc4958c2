package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/ident"
	"cadenza/internal/portion"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// maxExternalKey is the longest external key, in characters.
const maxExternalKey = 255

// ImportRow is one row of a file, as written.
type ImportRow struct {
	// Values are the mapped fields; an empty one leaves an existing record's value alone.
	Values record.Values
	// Owner is an email address or a name; "" for the importing user.
	Owner string
	// ExternalKey is the record's id in the system that wrote the file.
	ExternalKey string
}

// ImportChange is what became of a row.
type ImportChange string

// The changes.
const (
	RowCreated   ImportChange = "created"
	RowUpdated   ImportChange = "updated"
	RowUnchanged ImportChange = "unchanged"
	RowRefused   ImportChange = "refused"
)

// ImportOutcome is what became of a row, and why it was refused: a stable code, the field concerned and a sentence.
type ImportOutcome struct {
	Change            ImportChange
	Code, Field, Text string
}

// RecordImport brings the rows of one file to the records of one kind, batch after batch. It finds the record that
// a row is about: by its external key, else by its email address, else (for a row without one) by name and company.
// So the same file a second time creates nothing. It is for one goroutine.
type RecordImport struct {
	db   *DB
	kind record.Kind
	// user imports; new records without an owner become the user's.
	user ident.User
	// mayEdit tells whether the user may change, or make, records of this owner.
	mayEdit func(owner ident.User) bool
	owners  *ownerIndex
	// seen are the marks of the rows that a dry run would have created: later batches cannot find them in the database.
	seen map[string]bool
	// rows counts the rows that were brought in.
	rows    int
	portion *portion.Portion
}

// NewRecordImport begins an import.
func (db *DB) NewRecordImport(kind record.Kind, user ident.User, mayEdit func(owner ident.User) bool) *RecordImport {
	return &RecordImport{db: db, kind: kind, user: user, mayEdit: mayEdit, seen: map[string]bool{}, portion: portion.New(50, 100, 500)}
}

// Batch is how many rows the next batch is to have, so that nobody waits long for it.
func (x *RecordImport) Batch() int { return x.portion.Size() }

// Apply brings a batch into the records, in one transaction, and gives one outcome per row. A dry run changes nothing.
func (x *RecordImport) Apply(ctx context.Context, rows []ImportRow, dryRun bool) ([]ImportOutcome, error) {
	run := func(fn func(*Tx) error) error {
		_, err := x.db.WriteSome(ctx, x.portion, func(tx *Tx, _ int) (int, error) { return len(rows), fn(tx) })
		return err
	}
	if dryRun {
		run = func(fn func(*Tx) error) error { return x.db.Read(ctx, fn) }
	}
	var outcomes []ImportOutcome
	err := run(func(tx *Tx) error {
		b := &importBatch{
			RecordImport: x, tx: tx, dryRun: dryRun, found: map[ident.Record]*importedRecord{},
			byKey: map[string]*importedRecord{}, byEmail: map[string][]*importedRecord{}, byName: map[string][]*importedRecord{},
		}
		var err error
		outcomes, err = b.apply(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("import rows: %w", err)
	}
	if !dryRun {
		x.rows += len(rows)
	}
	return outcomes, nil
}

// manyRows is how many rows of a file make the database's statistics about records outdated.
const manyRows = 10_000

// Finish ends the import. After many rows it renews PostgreSQL's statistics, without which lists are read in the wrong
// order until its own chore comes by.
func (x *RecordImport) Finish(ctx context.Context) error {
	if x.rows < manyRows || x.db.dialect != postgresDialect {
		return nil
	}
	if _, err := x.db.writer.ExecContext(ctx, `analyze records`); err != nil {
		return x.db.explain(fmt.Errorf("analyze records: %w", err))
	}
	return nil
}

// importBatch is one batch under way: the records that its rows may be about, by what tells them apart.
type importBatch struct {
	*RecordImport
	tx      *Tx
	dryRun  bool
	found   map[ident.Record]*importedRecord
	order   []*importedRecord
	byKey   map[string]*importedRecord
	byEmail map[string][]*importedRecord
	byName  map[string][]*importedRecord
}

func (b *importBatch) apply(rows []ImportRow) ([]ImportOutcome, error) {
	if err := b.begin(); err != nil {
		return nil, err
	}
	rows, outcomes, err := b.resolveLinks(rows)
	if err != nil {
		return nil, err
	}
	clean := make([]record.Values, len(rows))
	required := make([]string, len(rows))
	for i, row := range rows {
		if outcomes[i].Change != RowRefused {
			clean[i], required[i], outcomes[i] = cleanRow(b.kind, row)
		}
	}
	if err := b.find(rows, clean, outcomes); err != nil {
		return nil, err
	}
	for i, row := range rows {
		if outcomes[i].Change != RowRefused {
			outcomes[i] = b.take(row, clean[i], required[i])
		}
	}
	if b.dryRun {
		return outcomes, nil
	}
	return outcomes, b.write()
}

// begin reads the users, and keeps other imports out on PostgreSQL: two of them would not see each other's new records
// and create them twice.
func (b *importBatch) begin() error {
	if b.tx.db.dialect == postgresDialect && !b.dryRun {
		const importLock = 731_290_115 // any number that no other part of this program uses
		if _, err := b.tx.exec(`select pg_advisory_xact_lock($1)`, importLock); err != nil {
			return err
		}
	}
	if b.owners != nil {
		return nil
	}
	users, err := b.tx.ListUsers()
	if err != nil {
		return err
	}
	b.owners = newOwnerIndex(users)
	return nil
}

// cleanRow brings a row's values into canonical form, without those that the row does not give. required is the
// sentence about a value that only a new record cannot do without.
func cleanRow(kind record.Kind, row ImportRow) (clean record.Values, required string, o ImportOutcome) {
	if utf8.RuneCountInString(row.ExternalKey) > maxExternalKey || strings.ContainsRune(row.ExternalKey, 0) {
		return nil, "", refuseRow("invalid", "external_key", fmt.Sprintf("External key must be text of at most %d characters.", maxExternalKey))
	}
	clean, problems := record.Normalize(kind, row.Values)
	for _, p := range problems {
		if p.Code == "required" {
			required = p.Message
			continue
		}
		return nil, "", ImportOutcome{Change: RowRefused, Code: p.Code, Field: p.Field, Text: strings.TrimSpace(p.Message + " " + p.Hint)}
	}
	if strings.TrimSpace(row.Values["status"]) == "" {
		delete(clean, "status") // Normalize filled it in; an existing record keeps its own
	}
	return clean, required, ImportOutcome{}
}

// take finds the record that the row is about and lays the row over it, or makes a new one.
func (b *importBatch) take(row ImportRow, clean record.Values, required string) ImportOutcome {
	owner, o := b.ownerOf(row.Owner)
	if o.Change == RowRefused {
		return o
	}
	m, o := b.match(row, clean)
	if o.Change == RowRefused {
		return o
	}
	if m == nil {
		return b.create(row, clean, required, owner)
	}
	if !b.mayEdit(m.Owner) {
		return refuseRow("forbidden", "", fmt.Sprintf("The %s %s belongs to %s; you may change only your own.", b.kind, m.Name(), m.OwnerName))
	}
	next := m.Record.Record
	next.Values = record.Values{}
	for k, v := range m.Values {
		next.Values[k] = v
	}
	for k, v := range clean {
		next.Values[k] = v
	}
	if owner != 0 {
		next.Owner = owner
	}
	if row.ExternalKey != "" {
		next.ExternalKey = row.ExternalKey
	}
	if sameRecord(m.Record.Record, next) {
		return ImportOutcome{Change: RowUnchanged}
	}
	m.Record.Record, m.OwnerName, m.changed = next, b.owners.name(next.Owner), true
	b.register(m)
	return ImportOutcome{Change: RowUpdated}
}

func (b *importBatch) create(row ImportRow, clean record.Values, required string, owner ident.User) ImportOutcome {
	if required != "" {
		return refuseRow("required", "", required)
	}
	if owner == 0 {
		owner = b.user
	}
	r := record.Record{Kind: b.kind, Owner: owner, ExternalKey: row.ExternalKey, Values: clean}
	if clean["status"] == "" {
		clean["status"] = record.OpenStatus(b.kind)
	}
	if b.dryRun && b.seenBefore(r) {
		return ImportOutcome{Change: RowUpdated}
	}
	m := &importedRecord{Record: Record{Record: r, OwnerName: b.owners.name(owner)}, fresh: true}
	b.order = append(b.order, m)
	b.register(m)
	return ImportOutcome{Change: RowCreated}
}

// seenBefore tells whether an earlier batch of this dry run would have created the record, and remembers it.
func (b *importBatch) seenBefore(r record.Record) bool {
	mark := "n" + nameKey(r)
	switch {
	case r.ExternalKey != "":
		mark = "k" + r.ExternalKey
	case r.Values["email"] != "":
		mark = "e" + strings.ToLower(r.Values["email"])
	}
	before := b.seen[mark]
	b.seen[mark] = true
	return before
}

// match gives the record that a row is about; nil when there is none.
func (b *importBatch) match(row ImportRow, clean record.Values) (*importedRecord, ImportOutcome) {
	if row.ExternalKey != "" {
		if m := b.byKey[row.ExternalKey]; m != nil {
			return m, ImportOutcome{}
		}
	}
	var candidates []*importedRecord
	field, what := "email", "email address"
	if email := clean["email"]; email != "" {
		candidates = b.byEmail[strings.ToLower(email)]
	} else {
		field, what = "", "name and company"
		candidates = b.byName[nameKey(record.Record{Kind: b.kind, Values: clean})]
	}
	if row.ExternalKey != "" {
		// A record that has another key in the system of origin is another record.
		candidates = without(candidates, func(m *importedRecord) bool { return m.ExternalKey != "" })
	}
	if field == "" && len(candidates) > 1 {
		// The row has no email address: of namesakes, the one without an address is meant.
		if alike := without(candidates, func(m *importedRecord) bool { return m.Values["email"] != "" }); len(alike) > 0 {
			candidates = alike
		}
	}
	switch len(candidates) {
	case 0:
		return nil, ImportOutcome{}
	case 1:
		return candidates[0], ImportOutcome{}
	}
	return nil, refuseRow("ambiguous", field, fmt.Sprintf("There are %d %s with this %s, so it is not clear which one is meant.",
		len(candidates), strings.ToLower(b.kind.Plural()), what))
}

func without(list []*importedRecord, drop func(*importedRecord) bool) []*importedRecord {
	var kept []*importedRecord
	for _, m := range list {
		if !drop(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

// ownerOf reads the owner's column; zero when the row says nothing.
func (b *importBatch) ownerOf(text string) (ident.User, ImportOutcome) {
	if text == "" {
		return 0, ImportOutcome{}
	}
	id, reason := b.owners.find(text)
	if reason != "" {
		return 0, refuseRow("unknown_owner", "owner", reason)
	}
	if !b.mayEdit(id) {
		return 0, refuseRow("forbidden", "owner", "You may not give records to other users.")
	}
	return id, ImportOutcome{}
}

func refuseRow(code, field, text string) ImportOutcome {
	return ImportOutcome{Change: RowRefused, Code: code, Field: field, Text: text}
}

// write stores what the rows changed.
func (b *importBatch) write() error {
	var fresh, changed []*importedRecord
	var closed []ident.Record
	for _, m := range b.order {
		switch {
		case m.fresh:
			fresh = append(fresh, m)
		case m.changed:
			changed = append(changed, m)
			if m.wasOpen && !m.Open() {
				closed = append(closed, m.ID)
			}
		}
	}
	if err := b.insert(fresh); err != nil {
		return fmt.Errorf("insert records: %w", err)
	}
	if err := b.tx.keepFormer(readdressed(changed)...); err != nil {
		return err
	}
	now := micros(b.tx.Now)
	if err := each(b.tx, updateRecord, changed, func(m *importedRecord) []any {
		return append(recordArgs(m.Record.Record, m.OwnerName), now, int64(m.ID), m.Rev)
	}, true); err != nil {
		return fmt.Errorf("update records: %w", err)
	}
	if err := b.tx.copyWorth(revalued(changed)); err != nil {
		return err
	}
	if err := b.tx.NoteChanges(column(changed, func(m *importedRecord) ident.Record { return m.ID }), b.user); err != nil {
		return err
	}
	if len(closed) > 0 {
		if _, err := b.tx.EndEnrollmentsOf(closed, step.RecordClosed{By: b.user}); err != nil {
			return fmt.Errorf("end enrollments of closed records: %w", err)
		}
	}
	return nil
}

// insert writes the new records: on PostgreSQL by one statement from arrays, because each round trip costs more than
// the row; on SQLite by a prepared statement.
func (b *importBatch) insert(fresh []*importedRecord) error {
	if b.tx.db.dialect != postgresDialect {
		return each(b.tx, insertRecord, fresh, func(m *importedRecord) []any {
			return append(recordArgs(m.Record.Record, m.OwnerName), micros(b.tx.Now))
		}, true)
	}
	if len(fresh) == 0 {
		return nil
	}
	texts := func(of func(record.Record) string) []string {
		return column(fresh, func(m *importedRecord) string { return of(m.Record.Record) })
	}
	value := func(field string) []string { return texts(func(r record.Record) string { return r.Values[field] }) }
	n, err := b.tx.exec(`insert into records (kind, name, sort_name, sort_owner, company, email, phone, status, open, do_not_email,
		owner_id, external_key, fields, search, account_id, contact_id, rev, created_at, updated_at)
		select $1, u.name, u.sort_name, u.sort_owner, u.company, u.email, u.phone, u.status, u.open, u.do_not_email,
			nullif(u.owner_id, 0), nullif(u.external_key, ''), u.fields, u.search, nullif(u.account_id, 0), nullif(u.contact_id, 0), 1, $2, $2
		from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[],
			$12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[])
			as u (name, sort_name, sort_owner, company, email, phone, status, open, do_not_email, owner_id, external_key, fields, search, account_id, contact_id)
		on conflict do nothing`,
		string(b.kind), micros(b.tx.Now), texts(record.Record.Name),
		texts(func(r record.Record) string { return strings.ToLower(r.Name()) }),
		column(fresh, func(m *importedRecord) string { return strings.ToLower(m.OwnerName) }), value("company"),
		texts(func(r record.Record) string { return strings.ToLower(r.Values["email"]) }), value("phone"), value("status"),
		column(fresh, func(m *importedRecord) bool { return m.Open() }),
		column(fresh, func(m *importedRecord) bool { return m.Values["do_not_email"] == "true" }),
		column(fresh, func(m *importedRecord) int64 { return int64(m.Owner) }),
		texts(func(r record.Record) string { return r.ExternalKey }),
		texts(func(r record.Record) string { return encodeValues(r.Values) }), texts(searchText),
		column(fresh, func(m *importedRecord) int64 { return int64(linkOf(m.Record.Record, "account")) }),
		column(fresh, func(m *importedRecord) int64 { return int64(linkOf(m.Record.Record, "contact")) }))
	if err == nil && n != int64(len(fresh)) {
		err = errLost
	}
	return err
}
