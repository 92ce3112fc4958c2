package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

const sequenceColumns = `s.id, s.name, s.description, s.record_kind, s.status, coalesce(s.owner_id, 0), coalesce(s.owner_team_id, 0), coalesce(o.name, ot.name, ''),
	s.sharing, coalesce(s.shared_team_id, 0), coalesce(st.name, ''),
	coalesce(s.version_id, 0), s.version_number, s.draft, s.draft_rev, coalesce(s.draft_by, 0), coalesce(d.name, ''), s.draft_at,
	s.created_at, s.updated_at`

const sequenceTables = ` from sequences s left join users o on o.id = s.owner_id left join users d on d.id = s.draft_by
	left join teams ot on ot.id = s.owner_team_id left join teams st on st.id = s.shared_team_id `

func scanSequence(row oneRow) (Sequence, error) {
	var (
		s                         Sequence
		draft                     string
		draftAt, created, updated int64
	)
	err := row.Scan(&s.ID, &s.Name, &s.Description, &s.RecordKind, &s.Status, &s.Owner, &s.OwnerTeam, &s.OwnerName,
		&s.Sharing, &s.SharedTeam, &s.SharedName, &s.Version, &s.VersionNumber,
		&draft, &s.DraftRev, &s.DraftBy, &s.DraftByName, &draftAt, &created, &updated)
	if err != nil {
		return Sequence{}, err
	}
	s.DraftAt, s.CreatedAt, s.UpdatedAt = time.UnixMicro(draftAt).UTC(), time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	// Drafts are well-shaped when they are saved; what a newer program wrote beyond that is left out.
	s.Draft, _, err = flow.Decode([]byte(draft))
	s.Draft.Name, s.Draft.Description, s.Draft.Record = s.Name, s.Description, s.RecordKind
	return s, err
}

// GetSequence gives one sequence that is not deleted, to the server itself; see Sight for everybody else. So do the ones below.
func (tx *Tx) GetSequence(id ident.Sequence) (Sequence, error) { return tx.all().GetSequence(id) }

// LockSequence is GetSequence for a change.
func (tx *Tx) LockSequence(id ident.Sequence) (Sequence, error) { return tx.all().LockSequence(id) }

// SequenceByName gives the sequence of this name in any case of letters.
func (tx *Tx) SequenceByName(name string) (Sequence, error) { return tx.all().SequenceByName(name) }

// AllSequences gives every sequence that is not deleted, by name.
func (tx *Tx) AllSequences() ([]Sequence, error) { return tx.all().AllSequences() }

// LockActivations lets one activation at a time decide, because two that do not see each other could close a circle of
// advances or exceed the limit of active sequences.
func (tx *Tx) LockActivations() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select pg_advisory_xact_lock(8472001)`); err != nil {
		return fmt.Errorf("lock activations: %w", err)
	}
	return nil
}

// CountActiveSequences gives how many sequences are active; activation asks.
func (tx *Tx) CountActiveSequences() (int, error) {
	var n int
	if err := tx.row(`select count(*) from sequences where status = 'active' and deleted_at is null`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count active sequences: %w", err)
	}
	return n, nil
}

// SameSteps tells whether two definitions do the same: whether they differ in nothing but name and description, which
// belong to the sequence and not to its versions.
func SameSteps(a, b flow.Sequence) bool {
	b.Name, b.Description = a.Name, a.Description
	left, errLeft := flow.Encode(a)
	right, errRight := flow.Encode(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

// InsertSequence writes a new inactive sequence with its draft. A name that is taken is a fault of the field /name.
func (tx *Tx) InsertSequence(def flow.Sequence, owner ident.User) (Sequence, error) {
	if err := tx.freeName(def.Name, 0); err != nil {
		return Sequence{}, err
	}
	draft, err := flow.Encode(def)
	if err != nil {
		return Sequence{}, fmt.Errorf("encode draft: %w", err)
	}
	id, err := tx.insert(`insert into sequences (name, description, record_kind, status, owner_id, version_number, draft, draft_rev,
		draft_by, draft_at, created_at, updated_at) values ($1, $2, $3, 'inactive', $4, 0, $5, 1, $4, $6, $6, $6)`,
		def.Name, def.Description, string(def.Record), key(owner), string(draft), tx.Now.UnixMicro())
	switch {
	case unique(err):
		return Sequence{}, nameTaken(def.Name)
	case err != nil:
		return Sequence{}, fmt.Errorf("insert sequence: %w", err)
	}
	return tx.GetSequence(ident.Sequence(id))
}

// SaveDraft replaces the draft of a sequence that the transaction has locked, with its name and description.
func (tx *Tx) SaveDraft(id ident.Sequence, def flow.Sequence, by ident.User) error {
	if err := tx.freeName(def.Name, id); err != nil {
		return err
	}
	draft, err := flow.Encode(def)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	_, err = tx.exec(`update sequences set name = $2, description = $3, draft = $4, draft_rev = draft_rev + 1, draft_by = $5, draft_at = $6,
		updated_at = $6 where id = $1`, int64(id), def.Name, def.Description, string(draft), key(by), tx.Now.UnixMicro())
	switch {
	case unique(err):
		return nameTaken(def.Name)
	case err != nil:
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// freeName refuses a name that another sequence has.
func (tx *Tx) freeName(name string, except ident.Sequence) error {
	var other int64
	err := tx.row(`select id from sequences where lower(name) = lower($1) and deleted_at is null and id <> $2`, name, int64(except)).Scan(&other)
	if err == nil {
		return nameTaken(name)
	}
	if err != sql.ErrNoRows {
		return fmt.Errorf("look for the name: %w", err)
	}
	return nil
}

func nameTaken(name string) error {
	return fault.Of(fault.Problem{
		Field: "/name", Code: "taken", Message: fmt.Sprintf("There is a sequence %q already.", name),
		Hint: "Choose another name.",
	})
}

// SetSequenceActive opens a sequence for records with the given version.
func (tx *Tx) SetSequenceActive(id ident.Sequence, version ident.Version, number int) error {
	_, err := tx.exec(`update sequences set status = 'active', version_id = $2, version_number = $3, updated_at = $4 where id = $1`,
		int64(id), int64(version), number, tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("activate sequence: %w", err)
	}
	return nil
}

// SetSequenceInactive closes a sequence for records.
func (tx *Tx) SetSequenceInactive(id ident.Sequence) error {
	if _, err := tx.exec(`update sequences set status = 'inactive', updated_at = $2 where id = $1`, int64(id), tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("deactivate sequence: %w", err)
	}
	return nil
}

// SetSequenceStatus archives an inactive sequence, or makes an archived one inactive again.
func (tx *Tx) SetSequenceStatus(id ident.Sequence, status SequenceStatus) error {
	if _, err := tx.exec(`update sequences set status = $2, updated_at = $3 where id = $1`, int64(id), string(status), tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("set status of sequence: %w", err)
	}
	return nil
}

// SetSequenceOwner gives a sequence to a user, or to a team where that is not zero.
func (tx *Tx) SetSequenceOwner(id ident.Sequence, to ident.User, team ident.Team) error {
	if _, err := tx.exec(`update sequences set owner_id = $2, owner_team_id = $3, updated_at = $4 where id = $1`,
		int64(id), key(to), key(team), tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("set owner of sequence: %w", err)
	}
	return nil
}

// SetSequenceSharing says who sees a sequence besides its owner; team is zero but for access.SharedWithTeam.
func (tx *Tx) SetSequenceSharing(id ident.Sequence, sharing access.Sharing, team ident.Team) error {
	if _, err := tx.exec(`update sequences set sharing = $2, shared_team_id = $3, updated_at = $4 where id = $1`,
		int64(id), string(sharing), key(team), tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("share sequence: %w", err)
	}
	return nil
}

// DeleteSequence takes a sequence out of every list. Its versions, enrollments and history stay.
func (tx *Tx) DeleteSequence(id ident.Sequence) error {
	if _, err := tx.exec(`update sequences set status = 'inactive', deleted_at = $2, updated_at = $2 where id = $1`, int64(id), tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("delete sequence: %w", err)
	}
	return nil
}

// InsertVersion freezes a definition.
func (tx *Tx) InsertVersion(id ident.Sequence, number int, def flow.Sequence, note string, by ident.User) (ident.Version, error) {
	definition, err := flow.Encode(def)
	if err != nil {
		return 0, fmt.Errorf("encode version: %w", err)
	}
	version, err := tx.insert(`insert into sequence_versions (sequence_id, number, definition, note, created_by, created_at)
		values ($1, $2, $3, $4, $5, $6)`, int64(id), number, string(definition), note, key(by), tx.Now.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("insert version: %w", err)
	}
	tx.frozen = ident.Version(version)
	return tx.frozen, nil
}

// ListVersions gives the versions of a sequence, newest first.
func (tx *Tx) ListVersions(id ident.Sequence) ([]VersionRow, error) {
	list, err := collect(tx, func(rows oneRow) (v VersionRow, err error) {
		var created int64
		err = rows.Scan(&v.ID, &v.Number, &v.Note, &v.CreatedBy, &v.CreatedByName, &created, &v.Connected)
		v.CreatedAt = time.UnixMicro(created).UTC()
		return v, err
	}, `select v.id, v.number, v.note, coalesce(v.created_by, 0), coalesce(u.name, ''), v.created_at, coalesce(c.n, 0)
		from sequence_versions v left join users u on u.id = v.created_by
		left join (select version_id, count(*) as n from enrollments where sequence_id = $1 and status < 3 group by version_id) c on c.version_id = v.id
		where v.sequence_id = $1 order by v.number desc`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return list, nil
}

// VersionByNumber gives one frozen version of a sequence.
func (tx *Tx) VersionByNumber(id ident.Sequence, number int) (*flow.Version, error) {
	var version ident.Version
	err := tx.row(`select id from sequence_versions where sequence_id = $1 and number = $2`, int64(id), number).Scan(&version)
	if err != nil {
		return nil, fmt.Errorf("get version: %w", missing(err, "version"))
	}
	return tx.Version(version)
}

// VersionsThatAdvance gives the versions with an advance step by which records still go: those of active sequences, and
// those that records are on. A rename asks.
func (tx *Tx) VersionsThatAdvance() ([]*flow.Version, error) {
	ids, err := collect(tx, func(rows oneRow) (id ident.Version, err error) { return id, rows.Scan(&id) },
		`select v.id from sequence_versions v join sequences s on s.id = v.sequence_id
		where v.definition like '%"type":"advance"%' and ((s.version_id = v.id and s.status = 'active' and s.deleted_at is null)
			or exists (select 1 from enrollments e where e.sequence_id = v.sequence_id and e.version_id = v.id and e.status < 3))
		order by v.id`)
	if err != nil {
		return nil, fmt.Errorf("list versions that advance: %w", err)
	}
	var list []*flow.Version
	for _, id := range ids {
		v, err := tx.Version(id)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}
