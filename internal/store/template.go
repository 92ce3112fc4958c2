package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

const templateColumns = `id, key, name, record_kind, channel, version, rev, created_at, updated_at, ` + contentColumns

func scanTemplate(row oneRow) (t Template, err error) {
	var created, updated int64
	err = row.Scan(append([]any{&t.ID, &t.Key, &t.Name, &t.RecordKind, &t.Channel, &t.Version, &t.Rev, &created, &updated}, t.dest()...)...)
	t.CreatedAt, t.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	return t, err
}

// InsertTemplate writes a new template, whose content is version 1. A key that is taken is a Conflict fault.
func (tx *Tx) InsertTemplate(t Template, by ident.User) (Template, error) {
	t.Version, t.Rev, t.CreatedAt, t.UpdatedAt = 1, 1, tx.Now, tx.Now
	if t.Channel == "" {
		t.Channel = message.EmailChannel
	}
	args := append([]any{t.Key, t.Name, string(t.RecordKind), key(by), micros(tx.Now), string(t.Channel)}, t.args()...)
	id, err := tx.insert(`insert into templates (key, name, record_kind, version, rev, created_by, created_at, updated_at, channel, `+contentColumns+`)
		values ($1, $2, $3, 1, 1, $4, $5, $5, $6, `+numbered(7, len(t.args()))+`) on conflict do nothing`, args...)
	if err == sql.ErrNoRows {
		f := fault.New(fault.Conflict, "Another template has the key %q.", t.Key).WithHint("Choose another key, or leave it empty.")
		f.Problems = []fault.Problem{{Field: "key", Code: "taken", Message: f.Message}}
		return Template{}, f
	}
	if err != nil {
		return Template{}, fmt.Errorf("insert template: %w", err)
	}
	t.ID = ident.Template(id)
	if err := tx.AttachFiles(t.Files.IDs()); err != nil {
		return Template{}, err
	}
	return t, tx.insertTemplateVersion(t, by)
}

// UpdateTemplate writes a template over that of revision t.Rev. Content that differs becomes the next version. A newer
// revision is a Stale fault.
func (tx *Tx) UpdateTemplate(t Template, by ident.User) (Template, error) {
	old, err := tx.GetTemplate(t.ID)
	if err != nil {
		return Template{}, err
	}
	t.Version = old.Version
	changed := t.TemplateContent != old.TemplateContent
	if changed {
		t.Version++
	}
	args := append([]any{int64(t.ID), t.Rev, t.Name, string(t.RecordKind), t.Version, micros(tx.Now)}, t.args()...)
	n, err := tx.exec(`update templates set name = $3, record_kind = $4, version = $5, rev = rev + 1, updated_at = $6,
		(`+contentColumns+`) = (`+numbered(7, len(t.args()))+`) where id = $1 and rev = $2 and deleted_at is null`, args...)
	if err != nil {
		return Template{}, fmt.Errorf("update template: %w", err)
	}
	if n == 0 {
		return Template{}, fault.New(fault.Stale, "Somebody else changed this template meanwhile.").
			WithHint("Load it again, then repeat your change.")
	}
	t.Rev, t.UpdatedAt = t.Rev+1, tx.Now
	if !changed {
		return t, nil
	}
	if err := tx.lookAgain(`template = $2`, old.Key); err != nil {
		return Template{}, err
	}
	if err := tx.AttachFiles(t.Files.IDs()); err != nil {
		return Template{}, err
	}
	return t, tx.insertTemplateVersion(t, by)
}

// GetTemplate gives one template.
func (tx *Tx) GetTemplate(id ident.Template) (Template, error) {
	t, err := scanTemplate(tx.row(`select `+templateColumns+` from templates where id = $1 and deleted_at is null`, int64(id)))
	if err != nil {
		return Template{}, fmt.Errorf("get template: %w", missing(err, "template"))
	}
	return t, nil
}

// TemplateByKey gives the template that sequences name by this key.
func (tx *Tx) TemplateByKey(k string) (Template, error) {
	t, err := scanTemplate(tx.row(`select `+templateColumns+` from templates where key = $1 and deleted_at is null`, k))
	if err != nil {
		return Template{}, fmt.Errorf("get template by key: %w", missing(err, "template"))
	}
	return t, nil
}

// ListTemplates lists templates by name; a kind narrows to those for it and for every kind. There are hundreds at most.
func (tx *Tx) ListTemplates(kind record.Kind, search string) ([]Template, error) {
	f := &filter{}
	f.and("deleted_at is null")
	if kind != "" {
		f.and("(record_kind = '' or record_kind = " + f.arg(string(kind)) + ")")
	}
	f.words("lower(name || ' ' || key || ' ' || subject || ' ' || plain)", search)
	list, err := collect(tx, scanTemplate,
		`select `+templateColumns+` from templates`+f.where()+` order by lower(name), id`, f.args...)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return list, nil
}

// TemplateKeyTaken tells whether a template has this key; the choice of a new key asks.
func (tx *Tx) TemplateKeyTaken(k string) (bool, error) {
	var n int
	if err := tx.row(`select count(*) from templates where key = $1 and deleted_at is null`, k).Scan(&n); err != nil {
		return false, fmt.Errorf("look for template key: %w", err)
	}
	return n > 0, nil
}

// DeleteTemplate takes a template out of every list. Its row stays for the messages that were made from it.
func (tx *Tx) DeleteTemplate(id ident.Template) error {
	n, err := tx.exec(`update templates set deleted_at = $1 where id = $2 and deleted_at is null`, micros(tx.Now), int64(id))
	if err == nil && n == 0 {
		err = missing(sql.ErrNoRows, "template")
	}
	if err != nil {
		return fmt.Errorf("delete template: %w", err)
	}
	return tx.lookAgain(`template = (select key from templates where id = $2)`, int64(id))
}

// TemplateUse is one sequence that names templates.
type TemplateUse struct {
	ID       ident.Sequence
	Sequence string
	// Live tells that records may still be sent mail from it: it is active, or records wait on it.
	Live bool
	// Keys are the templates that its draft, its version, or an older one that records are on names.
	Keys map[string]bool
}

// TemplateUses lists the sequences with the templates that they name.
func (tx *Tx) TemplateUses() ([]TemplateUse, error) {
	type row struct {
		use     TemplateUse
		draft   string
		version ident.Version
	}
	older, err := tx.olderUses()
	if err != nil {
		return nil, err
	}
	list, err := collect(tx, func(rows oneRow) (r row, err error) {
		err = rows.Scan(&r.use.ID, &r.use.Sequence, &r.use.Live, &r.draft, &r.version)
		return r, err
	}, `select s.id, s.name, s.status = 'active' or exists (select 1 from enrollments e where e.sequence_id = s.id and e.status < 3),
		s.draft, coalesce(s.version_id, 0) from sequences s where s.deleted_at is null order by lower(s.name), s.id`)
	if err != nil {
		return nil, fmt.Errorf("list uses of templates: %w", err)
	}
	uses := make([]TemplateUse, 0, len(list))
	for _, r := range list {
		r.use.Keys = map[string]bool{}
		for _, k := range older[r.use.ID] {
			r.use.Keys[k] = true
		}
		// A draft may be unfinished: what can be read of it counts.
		if draft, _, err := flow.Decode([]byte(r.draft)); err == nil {
			addTemplates(r.use.Keys, draft)
		}
		if r.version != 0 {
			v, err := tx.Version(r.version)
			if err != nil {
				return nil, fmt.Errorf("list uses of templates: %w", err)
			}
			addTemplates(r.use.Keys, v.Def)
		}
		uses = append(uses, r.use)
	}
	return uses, nil
}

// olderUses gives the templates that the older versions of sequences name on which records are, by their keys.
func (tx *Tx) olderUses() (map[ident.Sequence][]string, error) {
	type row struct {
		id  ident.Sequence
		key string
	}
	list, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.key) },
		`select v.sequence_id, t.key from template_pins p join sequence_versions v on v.id = p.version_id
		join templates t on t.id = p.template_id and t.deleted_at is null
		where exists (select 1 from enrollments e where e.sequence_id = v.sequence_id and e.version_id = v.id and e.status < 3)`)
	if err != nil {
		return nil, fmt.Errorf("list older uses of templates: %w", err)
	}
	uses := map[ident.Sequence][]string{}
	for _, r := range list {
		uses[r.id] = append(uses[r.id], r.key)
	}
	return uses, nil
}

func addTemplates(keys map[string]bool, def flow.Sequence) {
	for _, s := range def.Each() {
		for _, k := range s.Templates() {
			keys[k] = true
		}
	}
}
