package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

const templateColumns = `id, key, name, record_kind, subject, html, files, rev, created_at, updated_at`

func scanTemplate(row interface{ Scan(...any) error }) (t Template, err error) {
	var created, updated int64
	var files string
	err = row.Scan(&t.ID, &t.Key, &t.Name, &t.RecordKind, &t.Subject, &t.HTML, &files, &t.Rev, &created, &updated)
	if err != nil {
		return t, err
	}
	t.CreatedAt, t.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	t.Files, err = decodeFiles(files)
	return t, err
}

// InsertTemplate writes a new template. A key that is taken is a Conflict fault.
func (tx *Tx) InsertTemplate(t Template, by ident.User) (Template, error) {
	t.Rev, t.CreatedAt, t.UpdatedAt = 1, tx.Now, tx.Now
	id, err := tx.insert(`insert into templates (key, name, record_kind, subject, html, rev, created_by, created_at, updated_at, files)
		values ($1, $2, $3, $4, $5, 1, $6, $7, $7, $8) on conflict do nothing`,
		t.Key, t.Name, string(t.RecordKind), t.Subject, t.HTML, key(by), micros(tx.Now), encodeFiles(t.Files))
	if err == sql.ErrNoRows {
		f := fault.New(fault.Conflict, "Another template has the key %q.", t.Key).WithHint("Choose another key, or leave it empty.")
		f.Problems = []fault.Problem{{Field: "key", Code: "taken", Message: f.Message}}
		return Template{}, f
	}
	if err != nil {
		return Template{}, fmt.Errorf("insert template: %w", err)
	}
	t.ID = ident.Template(id)
	return t, tx.AttachFiles(t.Files)
}

// UpdateTemplate writes a template's text over that of revision t.Rev. A newer revision is a Stale fault.
func (tx *Tx) UpdateTemplate(t Template) (Template, error) {
	n, err := tx.exec(`update templates set name = $1, record_kind = $2, subject = $3, html = $4, files = $8, rev = rev + 1, updated_at = $5
		where id = $6 and rev = $7 and deleted_at is null`,
		t.Name, string(t.RecordKind), t.Subject, t.HTML, micros(tx.Now), int64(t.ID), t.Rev, encodeFiles(t.Files))
	if err != nil {
		return Template{}, fmt.Errorf("update template: %w", err)
	}
	if n == 0 {
		return Template{}, fault.New(fault.Stale, "Somebody else changed this template meanwhile.").
			WithHint("Load it again, then repeat your change.")
	}
	t.Rev, t.UpdatedAt = t.Rev+1, tx.Now
	return t, tx.AttachFiles(t.Files)
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
	f.words("lower(name || ' ' || key || ' ' || subject)", search)
	list, err := collect(tx, func(rows *sql.Rows) (Template, error) { return scanTemplate(rows) },
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
	return nil
}

// TemplateUse is one sequence that names templates.
type TemplateUse struct {
	Sequence string
	// Live tells that records may still be sent mail from it: it is active, or records wait on it.
	Live bool
	// Keys are the templates that its draft or its version names.
	Keys map[string]bool
}

// TemplateUses lists the sequences with the templates that they name.
func (tx *Tx) TemplateUses() ([]TemplateUse, error) {
	type row struct {
		use     TemplateUse
		draft   string
		version ident.Version
	}
	list, err := collect(tx, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.use.Sequence, &r.use.Live, &r.draft, &r.version)
		return r, err
	}, `select s.name, s.status = 'active' or exists (select 1 from enrollments e where e.sequence_id = s.id and e.status < 3),
		s.draft, coalesce(s.version_id, 0) from sequences s where s.deleted_at is null order by lower(s.name), s.id`)
	if err != nil {
		return nil, fmt.Errorf("list uses of templates: %w", err)
	}
	uses := make([]TemplateUse, 0, len(list))
	for _, r := range list {
		r.use.Keys = map[string]bool{}
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

func addTemplates(keys map[string]bool, def flow.Sequence) {
	for _, s := range def.Each() {
		if k := s.Config.Text("template"); k != "" {
			keys[k] = true
		}
	}
}
