package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/pace"
)

// PaceOf gives how a mailbox sends.
func (tx *Tx) PaceOf(id ident.Mailbox) (MailboxPace, error) {
	boxes, err := tx.boxPaces("", "p.mailbox_id = $1", int64(id))
	if err != nil {
		return MailboxPace{}, err
	}
	p := boxes[id]
	if p == nil { // made by a node of an older version
		shared, err := tx.SendLimits()
		limits := shared.Limits(tx.Now, time.UTC)
		return MailboxPace{Limits: limits, Shared: limits}, err
	}
	out := MailboxPace{Own: p.own, Limits: p.limits, Shared: p.shared, Usage: p.usage.At(p.limits, tx.Now), OpensAt: p.opens, PauseReason: p.reason}
	var at sql.NullInt64
	err = tx.row(`select coalesce(p.paused_by, 0), coalesce(u.name, ''), p.paused_at from mailbox_paces p left join users u on u.id = p.paused_by
		where p.mailbox_id = $1`, int64(id)).Scan(&out.PausedBy, &out.PausedByName, &at)
	if err != nil {
		return out, fmt.Errorf("read pause of mailbox: %w", err)
	}
	out.PausedAt = moment(at)
	err = tx.row(`select count(*) from (select 1 from messages where state = 1 and channel = 1 and user_id = (select user_id from mailboxes where id = $1) limit $2) as part`,
		int64(id), countLimit).Scan(&out.Waiting)
	return out, err
}

// SaveLimits replaces a mailbox's own limits; nil gives it those of the organisation. What waits for its turn is looked at
// again.
func (tx *Tx) SaveLimits(id ident.Mailbox, own *SendLimits) error {
	text := ""
	if own != nil {
		var err error
		if text, err = own.text(); err != nil {
			return err
		}
	}
	if err := tx.beginPace(id); err != nil {
		return err
	}
	if _, err := tx.exec(`update mailbox_paces set limits = $2 where mailbox_id = $1`, int64(id), text); err != nil {
		return fmt.Errorf("save limits of mailbox: %w", err)
	}
	return tx.reopen(id)
}

// NotePause keeps who paused or resumed a mailbox. Whoever resumes one that a guard rail stopped has looked at its bounces and
// complaints: they do not count any more.
func (tx *Tx) NotePause(id ident.Mailbox, by ident.User, paused bool) error {
	if err := tx.beginPace(id); err != nil {
		return err
	}
	boxes, err := tx.boxPaces(tx.waitPaces(), "p.mailbox_id = $1", int64(id))
	p := boxes[id]
	if err != nil || p == nil {
		return err
	}
	at := any(nil)
	if paused {
		at = tx.Now.UnixMicro()
	} else {
		by = 0
		if p.reason != "" {
			p.usage = p.usage.Forgiven()
		}
	}
	if _, err := tx.exec(`update mailbox_paces set paused_by = $2, paused_at = $3, pause_reason = '', usage = $4 where mailbox_id = $1`,
		int64(id), key(by), at, usageText(p.usage)); err != nil {
		return fmt.Errorf("note pause of mailbox: %w", err)
	}
	if !paused {
		return nil
	}
	return tx.NotifyMailbox(id, by, "")
}

// harmed is NoteHarm for the mailbox that sent a message.
func (tx *Tx) harmed(id ident.Message, what pace.Harm) error {
	if id == 0 {
		return nil
	}
	var box ident.Mailbox
	if err := tx.row(`select coalesce(max(mailbox_id), 0) from messages where id = $1`, int64(id)).Scan(&box); err != nil {
		return fmt.Errorf("find mailbox of message: %w", err)
	}
	_, err := tx.NoteHarm(box, what)
	return err
}

// NoteHarm counts a bounce or a complaint against the mailbox that sent the mail, and stops the mailbox when a guard rail is
// reached. Whoever learns of one calls it, once for each.
func (tx *Tx) NoteHarm(id ident.Mailbox, what pace.Harm) (stopped bool, err error) {
	boxes, err := tx.boxPaces(tx.waitPaces(), "p.mailbox_id = $1", int64(id))
	p := boxes[id]
	if err != nil || p == nil {
		return false, err
	}
	p.usage = p.usage.Suffered(p.limits, tx.Now, what)
	if err := tx.savePace(p); err != nil {
		return false, fmt.Errorf("count harm: %w", err)
	}
	trouble := p.usage.Health(p.limits, tx.Now).Trouble()
	if trouble == "" || p.paused {
		return false, nil
	}
	if _, err := tx.exec(`update mailboxes set paused = true, rev = rev + 1 where id = $1`, int64(id)); err != nil {
		return false, fmt.Errorf("stop mailbox: %w", err)
	}
	if _, err := tx.exec(`update mailbox_paces set paused_by = null, paused_at = $2, pause_reason = $3 where mailbox_id = $1`,
		int64(id), tx.Now.UnixMicro(), trouble); err != nil {
		return false, fmt.Errorf("stop mailbox: %w", err)
	}
	if err := tx.Audit(0, "stop", "mailbox", int64(id), trouble); err != nil {
		return false, err
	}
	if err := tx.lookAgainOf(id); err != nil {
		return false, err
	}
	return true, tx.NotifyMailbox(id, 0, trouble)
}
