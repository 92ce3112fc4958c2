package store

import (
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// MailDraft is an email that a user has begun for an activity and not sent yet. It may be half typed.
type MailDraft struct {
	Activity ident.Activity
	User     ident.User
	// Recipient, CC and BCC are as they were typed.
	Recipient, CC, BCC, Subject, HTML string
	Template, Thread                  string
	Follow                            bool
	// Unsigned leaves the signature of the mailbox out.
	Unsigned bool
	Files    FileList
	// Rev counts its savings from 1.
	Rev       int64
	UpdatedAt time.Time
}

// keepOverDrafts is how long a draft is kept whose activity is over: somebody may still want to copy its text.
const keepOverDrafts = 30 * 24 * time.Hour

// MailDraft gives a user's draft for an activity; ok is false when there is none. The composer asks.
func (tx *Tx) MailDraft(activity ident.Activity, user ident.User) (d MailDraft, ok bool, err error) {
	list, err := collect(tx, func(rows oneRow) (d MailDraft, err error) {
		var updated int64
		err = rows.Scan(&d.Activity, &d.User, &d.Recipient, &d.CC, &d.BCC, &d.Subject, &d.HTML, &d.Template, &d.Thread, &d.Follow, &d.Unsigned, &d.Files, &d.Rev, &updated)
		d.UpdatedAt = time.UnixMicro(updated).UTC()
		return d, err
	}, `select activity_id, user_id, recipient, cc, bcc, subject, html, template, thread, follow, unsigned, files, rev, updated_at
		from mail_drafts where activity_id = $1 and user_id = $2`, int64(activity), int64(user))
	if err != nil || len(list) == 0 {
		return d, false, err
	}
	return list[0], true, nil
}

// SaveMailDraft writes a draft over revision d.Rev, 0 for the first, and gives its new revision. One that was saved elsewhere
// meanwhile is a Stale fault.
func (tx *Tx) SaveMailDraft(d MailDraft) (int64, error) {
	query := `update mail_drafts set recipient = $3, cc = $4, subject = $5, html = $6, template = $7, thread = $8, follow = $9, unsigned = $10,
		files = $11, updated_at = $12, rev = rev + 1, bcc = $14 where activity_id = $1 and user_id = $2 and rev = $13`
	if d.Rev == 0 {
		query = `insert into mail_drafts (activity_id, user_id, recipient, cc, subject, html, template, thread, follow, unsigned, files, updated_at, rev, bcc)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 + 1, $14) on conflict do nothing`
	}
	n, err := tx.exec(query, int64(d.Activity), int64(d.User), d.Recipient, d.CC, d.Subject, d.HTML, d.Template, d.Thread, d.Follow, d.Unsigned,
		string(d.Files), tx.Now.UnixMicro(), d.Rev, d.BCC)
	if err != nil {
		return 0, fmt.Errorf("save draft of email: %w", err)
	}
	if n == 0 {
		return 0, fault.New(fault.Stale, "The draft was changed in another window meanwhile.").WithHint("Load it, or save over it.")
	}
	return d.Rev + 1, tx.AttachFiles(d.Files.IDs())
}

// DropMailDraft deletes a user's draft for an activity, if there is one.
func (tx *Tx) DropMailDraft(activity ident.Activity, user ident.User) error {
	if _, err := tx.exec(`delete from mail_drafts where activity_id = $1 and user_id = $2`, int64(activity), int64(user)); err != nil {
		return fmt.Errorf("delete draft of email: %w", err)
	}
	return nil
}

// MailDraftsOf tells for which of the activities a user has a draft, and since when it is as it is. The work list asks.
func (tx *Tx) MailDraftsOf(user ident.User, activities []ident.Activity) (map[ident.Activity]time.Time, error) {
	found := map[ident.Activity]time.Time{}
	if len(activities) == 0 {
		return found, nil
	}
	type row struct {
		activity ident.Activity
		updated  int64
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.activity, &r.updated) },
		`select activity_id, updated_at from mail_drafts where user_id = $2 and `+tx.in("activity_id", 1), tx.list(activities), int64(user))
	if err != nil {
		return nil, fmt.Errorf("find drafts of emails: %w", err)
	}
	for _, r := range rows {
		found[r.activity] = time.UnixMicro(r.updated).UTC()
	}
	return found, nil
}

// MailDraftsBy gives the newest drafts of a user, without their texts. The list of one's drafts asks.
func (tx *Tx) MailDraftsBy(user ident.User, limit int) ([]MailDraft, error) {
	list, err := collect(tx, func(rows oneRow) (d MailDraft, err error) {
		var updated int64
		err = rows.Scan(&d.Activity, &d.Recipient, &d.Subject, &d.Rev, &updated)
		d.User, d.UpdatedAt = user, time.UnixMicro(updated).UTC()
		return d, err
	}, `select activity_id, recipient, subject, rev, updated_at from mail_drafts where user_id = $1
		order by updated_at desc, activity_id desc limit $2`, int64(user), limit)
	if err != nil {
		return nil, fmt.Errorf("list drafts of emails: %w", err)
	}
	return list, nil
}

// tidyDrafts deletes the drafts whose activity has been over for long, or is gone.
func (tx *Tx) tidyDrafts() error {
	_, err := tx.exec(`delete from mail_drafts where updated_at < $1
		and not exists (select 1 from activities a where a.id = mail_drafts.activity_id and a.state < 4)`, tx.Now.Add(-keepOverDrafts).UnixMicro())
	if err != nil {
		return fmt.Errorf("delete drafts of emails: %w", err)
	}
	return nil
}
