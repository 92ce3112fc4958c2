package store

import (
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// sendAgainAfter is how long the mail of a mailbox waits that its server does not let in. Then one of it tries again, so that a
// hiccup of the provider passes by itself, and a wrong password does not lock the account.
const sendAgainAfter = time.Hour

// astrayAfter is the same where no mail server answered as one: nobody signs in there, so trying locks no account, and what
// stands before a server (a proxy, another port's program) is often gone in minutes.
const astrayAfter = 5 * time.Minute

// tellAfter is from when on a server that cannot be reached is told to the mailbox's user: most come back before.
const tellAfter = 5 * time.Minute

// reachAgainAfter is how long the mail of a mailbox waits whose server has not been reached for so long: nobody signs in there, and most
// servers are back soon.
func reachAgainAfter(lost time.Duration) time.Duration {
	switch {
	case lost < time.Minute:
		return time.Minute
	case lost < 3*time.Minute:
		return 2 * time.Minute
	}
	return 5 * time.Minute
}

// triesAfter is how long the others wait for what comes of a mail that tries again.
func (p *boxPace) triesAfter(now time.Time) time.Duration {
	if p.unreached.IsZero() {
		return sendAgainAfter
	}
	return reachAgainAfter(now.Sub(p.unreached))
}

// shutOut tells that the mailbox's server did not let it in, and that it is too early to try again.
func (p *boxPace) shutOut(now time.Time) bool { return p.sendError != "" && now.Before(p.sendAgain) }

// tried notes that a mail tries whether the server lets the mailbox in again: the others wait for what comes of it.
func (p *boxPace) tried(now time.Time) {
	if p.sendError != "" {
		p.sendAgain, p.dirty = now.Add(p.triesAfter(now)), true
	}
}

// ShutOut gives why the mailbox's server does not let it in; "" when it does, or when this message is to try.
func (p Pacing) ShutOut(now time.Time) string {
	if p.box == nil || !p.box.shutOut(now) {
		return ""
	}
	return p.box.sendError
}

// Unreached tells that what ShutOut gives is that the server cannot be reached.
func (p Pacing) Unreached() bool { return p.box != nil && !p.box.unreached.IsZero() }

// Tries tells that its server did not let the mailbox in before, so that this message finds out whether it does now.
func (p Pacing) Tries() bool { return p.box != nil && p.box.sendError != "" }

// noteShutOut keeps why a mailbox's server did not let it in. Who has changed the mailbox meanwhile has perhaps mended it.
func (tx *Tx) noteShutOut(r MailResult) error {
	var before string
	var lost sql.NullInt64
	err := tx.row(`select coalesce(max(send_error), ''), max(unreached_since) from mailbox_paces where mailbox_id = $1`, int64(r.Mailbox)).Scan(&before, &lost)
	if err != nil {
		return fmt.Errorf("read what shuts a mailbox out: %w", err)
	}
	var since time.Time
	if before != "" {
		since = moment(lost)
	}
	wasLost, isLost := !since.IsZero(), r.Kind == Unreached
	pause := sendAgainAfter
	switch {
	case isLost:
		if !wasLost {
			since = tx.Now
		}
		pause = reachAgainAfter(tx.Now.Sub(since))
	case r.Kind == Astray:
		pause = astrayAfter
	}
	kept := since
	if !isLost {
		kept = time.Time{}
	}
	n, err := tx.exec(`update mailbox_paces set send_error = $3, send_again = $4, unreached_since = $5, opens_at = case when opens_at > $4 then $4 else opens_at end
		where mailbox_id = $1 and exists (select 1 from mailboxes where id = $1 and rev = $2)`,
		int64(r.Mailbox), r.Rev, clip(r.Reason), tx.Now.Add(pause).UnixMicro(), micros(kept))
	if err != nil {
		return fmt.Errorf("note what shuts a mailbox out: %w", err)
	}
	news := before == "" || wasLost != isLost // the next attempt at it is none
	if n > 0 && news {
		if err := tx.lookAgainOf(r.Mailbox); err != nil {
			return err
		}
	}
	switch {
	case n == 0, isLost && tx.Now.Sub(since) < tellAfter, !isLost && !news:
		return nil
	case isLost:
		return tx.notifyStopped(r.Mailbox, 0, r.Reason, since)
	}
	return tx.NotifyMailbox(r.Mailbox, 0, r.Reason)
}

// letIn notes that nothing shuts a mailbox out any more, as far as is known, and has those looked at that wait at it.
func (tx *Tx) letIn(id ident.Mailbox) error {
	n, err := tx.exec(`update mailbox_paces set send_error = '', send_again = null, unreached_since = null where mailbox_id = $1 and send_error <> ''`, int64(id))
	if err != nil {
		return fmt.Errorf("let mailbox in: %w", err)
	}
	if n == 0 {
		return tx.open(id)
	}
	return tx.reopen(id)
}
