package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

const recordColumns = `r.id, r.kind, coalesce(r.owner_id, 0), coalesce(u.name, ''), coalesce(r.external_key, ''), r.fields, r.rev,
	r.created_at, r.updated_at`

const recordTables = ` from records r left join users u on u.id = r.owner_id `

// scanRecord reads recordColumns, and further columns after them.
func scanRecord(row oneRow, more ...any) (Record, error) {
	var (
		r                Record
		fields           string
		created, updated int64
	)
	err := row.Scan(append([]any{&r.ID, &r.Kind, &r.Owner, &r.OwnerName, &r.ExternalKey, &fields, &r.Rev, &created, &updated}, more...)...)
	if err != nil {
		return Record{}, err
	}
	r.CreatedAt, r.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	r.Values, err = decodeValues(fields)
	return r, err
}

// encodeValues and decodeValues are the stored form of a record's values.
func encodeValues(v record.Values) string {
	text, _ := json.Marshal(v) // a map of texts always marshals
	return string(text)
}

func decodeValues(text string) (record.Values, error) {
	if v, plain := plainValues(text); plain {
		return v, nil
	}
	var v record.Values
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("read values of a record: %w", err)
	}
	return v, nil
}

// searchText gives what a search looks into: in lower case the name, company, email, phone and city.
func searchText(r record.Record) string {
	words := []string{r.Name()}
	for _, field := range []string{"company", "email", "phone", "mobile", "city"} {
		if v := r.Values[field]; v != "" {
			words = append(words, v)
		}
	}
	return strings.ToLower(strings.Join(words, " "))
}

// recordArgs gives the stored columns of a record that follow from its values and owner, in the order of insertRecord
// and updateRecord.
func recordArgs(r record.Record, ownerName string) []any {
	name := r.Name()
	external := any(nil)
	if r.ExternalKey != "" {
		external = r.ExternalKey
	}
	return []any{
		string(r.Kind), name, strings.ToLower(name), strings.ToLower(ownerName), r.Values["company"],
		strings.ToLower(r.Values["email"]), r.Values["phone"], r.Values["status"], r.Open(), r.Values["do_not_email"] == "true",
		key(r.Owner), external, encodeValues(r.Values), searchText(r), linkKey(r, "account"), linkKey(r, "contact"),
	}
}

const (
	insertRecord = `insert into records (kind, name, sort_name, sort_owner, company, email, phone, status, open, do_not_email,
		owner_id, external_key, fields, search, account_id, contact_id, rev, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $17) on conflict do nothing`
	updateRecord = `update records set kind = $1, name = $2, sort_name = $3, sort_owner = $4, company = $5, email = $6, phone = $7,
		status = $8, open = $9, do_not_email = $10, owner_id = $11, external_key = $12, fields = $13, search = $14,
		account_id = $15, contact_id = $16, rev = rev + 1, updated_at = $17 where id = $18 and rev = $19`
)

// InsertRecord writes a new record. An external key that another record of the kind has is a Conflict fault.
func (tx *Tx) InsertRecord(r record.Record) (Record, error) {
	ownerName, err := tx.nameOf(r.Owner)
	if err != nil {
		return Record{}, err
	}
	id, err := tx.insert(insertRecord, append(recordArgs(r, ownerName), micros(tx.Now))...)
	if err == sql.ErrNoRows {
		return Record{}, externalKeyTaken(r)
	}
	if err != nil {
		return Record{}, fmt.Errorf("insert record: %w", err)
	}
	r.ID = ident.Record(id)
	made := Record{Record: r, OwnerName: ownerName, Rev: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	return made, tx.nameLinks([]*Record{&made})
}

// UpdateRecord writes a record's values, owner and external key over those of revision r.Rev. A newer revision is
// a Stale fault.
func (tx *Tx) UpdateRecord(r Record) (Record, error) {
	before, email, err := tx.worthOf(r.ID)
	if err != nil {
		return Record{}, err
	}
	if strings.ToLower(r.Values["email"]) != email {
		if err := tx.keepFormer(r.ID); err != nil {
			return Record{}, err
		}
	}
	r, err = tx.updateRecord(r)
	if err == nil && r.Values[worthField] != before {
		err = tx.copyWorth([]ident.Record{r.ID})
	}
	return r, err
}

// updateRecord is UpdateRecord for who copies to the activities what the record is worth now, and keeps its former address.
func (tx *Tx) updateRecord(r Record) (Record, error) {
	ownerName, err := tx.nameOf(r.Owner)
	if err != nil {
		return Record{}, err
	}
	if r.ExternalKey != "" {
		var other int64
		err := tx.row(`select id from records where kind = $1 and external_key = $2 and id <> $3`,
			string(r.Kind), r.ExternalKey, int64(r.ID)).Scan(&other)
		if err == nil {
			return Record{}, externalKeyTaken(r.Record)
		}
		if err != sql.ErrNoRows {
			return Record{}, fmt.Errorf("update record: %w", err)
		}
	}
	n, err := tx.exec(updateRecord, append(recordArgs(r.Record, ownerName), micros(tx.Now), int64(r.ID), r.Rev)...)
	if err != nil {
		return Record{}, fmt.Errorf("update record: %w", err)
	}
	if n == 0 {
		return Record{}, fault.New(fault.Stale, "Somebody else changed this %s meanwhile.", r.Kind).
			WithHint("Load it again, then repeat your change.")
	}
	r.OwnerName, r.Rev, r.UpdatedAt = ownerName, r.Rev+1, tx.Now
	return r, tx.nameLinks([]*Record{&r})
}

// nameOf gives a user's name, "" for no user. An unknown user is a problem of the field owner.
func (tx *Tx) nameOf(id ident.User) (string, error) {
	if id == 0 {
		return "", nil
	}
	var name string
	err := tx.row(`select name from users where id = $1`, int64(id)).Scan(&name)
	if err == sql.ErrNoRows {
		return "", fault.Field("owner", "unknown", "There is no such user. Choose an owner from the list.")
	}
	if err != nil {
		return "", fmt.Errorf("get owner: %w", err)
	}
	return name, nil
}

// GetRecord gives one record.
func (tx *Tx) GetRecord(id ident.Record) (Record, error) {
	r, err := scanRecord(tx.row(`select `+recordColumns+recordTables+`where r.id = $1`, int64(id)))
	if err != nil {
		return Record{}, fmt.Errorf("get record: %w", missing(err, "record"))
	}
	return r, tx.nameLinks([]*Record{&r})
}

// LockRecord is GetRecord for a change: on PostgreSQL no other transaction changes the record until this one ends.
func (tx *Tx) LockRecord(id ident.Record) (Record, error) {
	if tx.db.dialect == postgresDialect {
		if _, err := tx.exec(`select 1 from records where id = $1 for update`, int64(id)); err != nil {
			return Record{}, fmt.Errorf("lock record: %w", err)
		}
	}
	return tx.GetRecord(id)
}

// RecordsByID gives the records with these keys by key. Unknown keys are left out.
func (tx *Tx) RecordsByID(ids []ident.Record) (map[ident.Record]Record, error) {
	found := make(map[ident.Record]Record, len(ids))
	for _, chunk := range chunks(ids, 1000) {
		list, err := collect(tx, func(rows oneRow) (Record, error) { return scanRecord(rows) },
			`select `+recordColumns+recordTables+`where `+tx.in("r.id", 1), tx.list(chunk))
		if err != nil {
			return nil, fmt.Errorf("get records: %w", err)
		}
		for _, r := range list {
			found[r.ID] = r
		}
	}
	return found, nil
}

// FirstRecord gives the first record of a kind by name; previews of templates ask. An empty kind takes any.
func (tx *Tx) FirstRecord(kind record.Kind) (Record, error) {
	for _, k := range record.Kinds() {
		if kind != "" && kind != k {
			continue
		}
		r, err := scanRecord(tx.row(`select `+recordColumns+recordTables+`where r.kind = $1 order by r.kind, r.sort_name, r.id limit 1`, string(k)))
		if err == sql.ErrNoRows {
			continue
		}
		if err != nil {
			return Record{}, fmt.Errorf("get first record: %w", err)
		}
		return r, nil
	}
	return Record{}, missing(sql.ErrNoRows, "record")
}

// DeleteRecord removes a record with its notes, the activities that were made by hand, and what held its messages. What names it names nothing
// after that. Enrollments, their history
// and messages stay: figures are counted from them. The caller ends live enrollments first.
func (tx *Tx) DeleteRecord(id ident.Record) error {
	if err := tx.dropLinksTo(id); err != nil {
		return err
	}
	// Messages go before activities, as in FinishMail.
	if _, err := tx.exec(`update messages set state = $1, next_at = null, blocker = '', turn = 0, reason = $2
		where record_id = $3 and enrollment_id is null and state in ($4, $5)`, int(MessageWithdrawn), "The record was deleted.", int64(id),
		int(MessageQueued), int(MessageHeld)); err != nil {
		return fmt.Errorf("withdraw messages of record: %w", err)
	}
	if err := tx.dropHolds("m.record_id = $1", int64(id)); err != nil {
		return err
	}
	if _, err := tx.exec(`delete from activities where record_id = $1 and enrollment_id is null`, int64(id)); err != nil {
		return fmt.Errorf("delete activities of record: %w", err)
	}
	if _, err := tx.exec(`delete from notes where record_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete notes of record: %w", err)
	}
	if _, err := tx.exec(`delete from follows where record_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete followers of record: %w", err)
	}
	for _, table := range []string{"notifications", "record_visits", "former_addresses"} {
		if _, err := tx.exec(`delete from `+table+` where record_id = $1`, int64(id)); err != nil {
			return fmt.Errorf("delete %s of record: %w", table, err)
		}
	}
	if _, err := tx.exec(`delete from calls where record_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("delete calls of record: %w", err)
	}
	n, err := tx.exec(`delete from records where id = $1`, int64(id))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "record")
	}
	if err != nil {
		return fmt.Errorf("delete record: %w", err)
	}
	return nil
}

func externalKeyTaken(r record.Record) error {
	f := fault.New(fault.Conflict, "Another %s has the external key %q.", r.Kind, r.ExternalKey).
		WithHint("External keys are unique per kind of record. Change that one instead.")
	f.Problems = []fault.Problem{{Field: "external_key", Code: "taken", Message: f.Message}}
	return f
}

// sameRecord tells whether writing next over old would change anything.
func sameRecord(old, next record.Record) bool {
	return old.Owner == next.Owner && old.ExternalKey == next.ExternalKey && maps.Equal(old.Values, next.Values)
}
