package store

import (
	"fmt"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
)

// TemplateContent is what a version of a template freezes. What is added here goes into contentColumns, dest and args
// below, and as a column into the tables templates and template_versions; all else follows.
type TemplateContent struct {
	// Subject and HTML are those of an email, Text is that of a text message.
	Subject string
	HTML    string
	Text    string
	// Files go with the mails.
	Files FileList
}

// contentColumns are the columns of the content, in the tables of templates and of their versions alike.
const contentColumns = `subject, html, plain, files`

// dest are the places that the columns are read into, args the values that are written.
func (c *TemplateContent) dest() []any { return []any{&c.Subject, &c.HTML, &c.Text, &c.Files} }

func (c TemplateContent) args() []any { return []any{c.Subject, c.HTML, c.Text, string(c.Files)} }

// numbered gives n placeholders from the given one: "$6, $7".
func numbered(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", from+i)
	}
	return strings.Join(list, ", ")
}

// pinned gives the columns of the content that counts: the pinned one of v where there is one, else the newest one of t.
func pinned() string {
	list := strings.Split(contentColumns, ", ")
	for i, column := range list {
		list[i] = "coalesce(v." + column + ", t." + column + ", '')"
	}
	return strings.Join(list, ", ")
}

// pinTables join, to a template t and an enrollment e, what the version of e has pinned. Content is read from v only where
// it is not the newest.
const pinTables = ` left join template_pins p on p.version_id = e.version_id and p.template_id = t.id
	left join template_versions v on v.template_id = t.id and v.number = p.number and p.number <> t.version `

// TemplateVersion is one content that a template has or had. It never changes.
type TemplateVersion struct {
	Number int
	TemplateContent
	CreatedBy     ident.User
	CreatedByName string
	CreatedAt     time.Time
}

const templateVersionQuery = `select v.number, coalesce(v.created_by, 0), coalesce(u.name, ''), v.created_at, ` + contentColumns + `
	from template_versions v left join users u on u.id = v.created_by where v.template_id = $1`

func scanTemplateVersion(row oneRow) (v TemplateVersion, err error) {
	var created int64
	err = row.Scan(append([]any{&v.Number, &v.CreatedBy, &v.CreatedByName, &created}, v.dest()...)...)
	v.CreatedAt = time.UnixMicro(created).UTC()
	return v, err
}

func (tx *Tx) insertTemplateVersion(t Template, by ident.User) error {
	args := append([]any{int64(t.ID), t.Version, key(by), micros(tx.Now)}, t.args()...)
	_, err := tx.exec(`insert into template_versions (template_id, number, created_by, created_at, `+contentColumns+`)
		values ($1, $2, $3, $4, `+numbered(5, len(t.args()))+`)`, args...)
	if err != nil {
		return fmt.Errorf("insert version of template: %w", err)
	}
	return nil
}

// TemplateVersions gives the versions of a template, newest first.
func (tx *Tx) TemplateVersions(id ident.Template) ([]TemplateVersion, error) {
	list, err := collect(tx, scanTemplateVersion,
		templateVersionQuery+` order by v.number desc`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list versions of template: %w", err)
	}
	return list, nil
}

// GetTemplateVersion gives one version of a template.
func (tx *Tx) GetTemplateVersion(id ident.Template, number int) (TemplateVersion, error) {
	v, err := scanTemplateVersion(tx.row(templateVersionQuery+` and v.number = $2`, int64(id), number))
	if err != nil {
		return v, fmt.Errorf("get version of template: %w", missing(err, "version of this template"))
	}
	return v, nil
}

// TemplateFor gives the template of this key with the content that an enrollment's emails are made of: that which its
// version has pinned, or else the newest one, as for none.
func (tx *Tx) TemplateFor(k string, id ident.Enrollment) (t Template, err error) {
	var created, updated int64
	row := tx.row(`select t.id, t.key, t.name, t.record_kind, t.channel, coalesce(p.number, t.version), t.rev, t.created_at, t.updated_at, `+pinned()+`
		from templates t left join enrollments e on e.id = $2 `+pinTables+`where t.key = $1 and t.deleted_at is null`, k, int64(id))
	err = row.Scan(append([]any{&t.ID, &t.Key, &t.Name, &t.RecordKind, &t.Channel, &t.Version, &t.Rev, &created, &updated}, t.dest()...)...)
	if err != nil {
		return Template{}, fmt.Errorf("get template of enrollment: %w", missing(err, "template"))
	}
	t.CreatedAt, t.UpdatedAt = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	return t, nil
}

// PinTemplates has the emails of a version of a sequence be made of the newest version of each template that it names,
// whatever is written into the templates later.
func (tx *Tx) PinTemplates(version ident.Version, def flow.Sequence) error {
	keys := map[string]bool{}
	addTemplates(keys, def)
	for k := range keys {
		_, err := tx.exec(`insert into template_pins (version_id, template_id, number)
			select cast($1 as bigint), id, version from templates where key = $2 and deleted_at is null
			on conflict (version_id, template_id) do update set number = excluded.number`, int64(version), k)
		if err != nil {
			return fmt.Errorf("pin template: %w", err)
		}
	}
	return nil
}

// TemplatePin is the version of a template that the emails of a version of a sequence are made of.
type TemplatePin struct {
	Template ident.Template
	Key      string
	Number   int
}

// TemplatePins gives what a version of a sequence has pinned, by key.
func (tx *Tx) TemplatePins(version ident.Version) ([]TemplatePin, error) {
	list, err := collect(tx, func(rows oneRow) (p TemplatePin, err error) {
		return p, rows.Scan(&p.Template, &p.Key, &p.Number)
	}, `select t.id, t.key, p.number from template_pins p join templates t on t.id = p.template_id where p.version_id = $1 order by t.key`,
		int64(version))
	if err != nil {
		return nil, fmt.Errorf("list pinned templates: %w", err)
	}
	return list, nil
}

// PinnedIn is a version of a sequence that still makes emails of a template.
type PinnedIn struct {
	Sequence     ident.Sequence
	SequenceName string
	Holding      access.Holding
	Active       bool
	Version      ident.Version
	// VersionNumber is that of the sequence's version, Number that of the template's.
	VersionNumber, Number int
	// Current tells that new records come onto this version; Connected counts those that are on it.
	Current   bool
	Connected int
}

// TemplateInUse lists the versions of the sequences that the actor sees which still make emails of a template, by the sequence's name, newest
// version first: those that are active, and those that records are on.
func (v Sight) TemplateInUse(id ident.Template) ([]PinnedIn, error) {
	where, args := v.seen(int64(id))
	list, err := collect(v.tx, func(rows oneRow) (p PinnedIn, err error) {
		return p, rows.Scan(&p.Sequence, &p.SequenceName, &p.Holding.Owner, &p.Holding.OwnerTeam, &p.Holding.Sharing, &p.Holding.SharedTeam, &p.Active, &p.Version, &p.VersionNumber, &p.Number, &p.Current, &p.Connected)
	}, `select s.id, s.name, coalesce(s.owner_id, 0), coalesce(s.owner_team_id, 0), s.sharing, coalesce(s.shared_team_id, 0),
		s.status = 'active', v.id, v.number, p.number, coalesce(s.version_id = v.id and s.status = 'active', false), coalesce(c.n, 0)
		from template_pins p join sequence_versions v on v.id = p.version_id join sequences s on s.id = v.sequence_id
		left join (select version_id, count(*) as n from enrollments where status < 3 and sequence_id in
			(select sequence_id from sequence_versions where id in (select version_id from template_pins where template_id = $1))
			group by version_id) c on c.version_id = v.id
		where p.template_id = $1 and`+where+` and ((s.status = 'active' and s.version_id = v.id) or c.n > 0)
		order by lower(s.name), s.id, v.number desc`, args...)
	if err != nil {
		return nil, fmt.Errorf("list uses of template: %w", err)
	}
	return list, nil
}

// AdoptTemplate pins the given version of a template in versions of sequences that have pinned another one.
func (tx *Tx) AdoptTemplate(id ident.Template, number int, versions []ident.Version) error {
	_, err := tx.exec(`update template_pins set number = $2 where template_id = $1 and `+tx.in("version_id", 3), int64(id), number, tx.list(versions))
	if err != nil {
		return fmt.Errorf("adopt template: %w", err)
	}
	return nil
}
