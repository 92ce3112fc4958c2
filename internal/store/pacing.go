package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/pace"
	"cadenza/internal/record"
)

// The turns of a message at its mailbox.
const (
	noTurn      int16 = 0
	waitingTurn int16 = 1
	hasTurn     int16 = 2
)

// The ranks of those that wait for their turn: follow-ups go before first mails.
const (
	followUpRank int16 = 0
	firstRank    int16 = 1
)

// Pacing is what the gate must know of a message beside its content.
type Pacing struct {
	// AnyTime tells that no window holds it up: a person wrote it, or its sequence says so.
	AnyTime bool
	// Windows are those of the organisation, or Own tells that they are its sequence's; OwnerZone is the zone that counts where the record has none.
	Windows   SendWindows
	Own       bool
	OwnerZone *time.Location
	// Off tells on which dates nothing goes to the customer; nil for none.
	Off func(y int, m time.Month, d int) bool
	// QueuedFor is when its time came. After LateAfter (0 for never) it is too late, and LateSkip says what then.
	QueuedFor time.Time
	LateAfter time.Duration
	LateSkip  bool
	// FollowUp tells that its enrollment has sent mail before. Thread is that mail, oldest first, where it belongs into it; of an
	// answer to a received mail, what that answered and that mail itself.
	FollowUp bool
	Thread   []Earlier
	// NoMailbox tells that its user has no mailbox, MailboxGone that the mailbox of the first mail does not exist any more.
	NoMailbox, MailboxGone bool
	// PauseReason says why a guard rail stopped the mailbox; "" when a person did.
	PauseReason string

	turn  int16
	fixed ident.Mailbox
	box   *boxPace
	// busy tells that another node sends from the mailbox at this moment.
	busy bool
}

// Next gives when the mailbox may send this message, and what it waits for until then. Nobody overtakes those that wait for
// their turn, except mail that a person wrote, which is counted but never held up.
func (p Pacing) Next(m Message, now time.Time) pace.Turn {
	if p.box == nil || m.Activity != 0 || m.Test {
		return pace.Turn{At: now}
	}
	turn := pace.NextTurn(p.box.limits, p.box.usage, now)
	if turn.Why == pace.Open && !p.box.opens.IsZero() && p.turn != hasTurn {
		turn.Why = pace.Queue
	}
	return turn
}

// Says gives the code and the sentence of what a message waits for at its mailbox.
func (p Pacing) Says(t pace.Turn, now time.Time) (code Blocker, sentence string) {
	l := p.Limits()
	switch t.Why {
	case pace.Gap:
		return BlockGap, "The mailbox keeps a gap between its emails."
	case pace.HourCap:
		return BlockHourCap, fmt.Sprintf("The mailbox sends at most %d emails an hour.", l.Hour)
	case pace.DayCap:
		when := "a day"
		if l.SameDay(t.Full, now) {
			when = "today"
		}
		return BlockDayCap, fmt.Sprintf("The mailbox sends at most %d emails %s.", l.DayCap(t.Full), when)
	case pace.Open, pace.Queue:
	}
	return BlockTurn, "Other emails of the mailbox go first."
}

// Limits are those of its mailbox.
func (p Pacing) Limits() pace.Limits {
	if p.box == nil {
		return pace.Limits{}
	}
	return p.box.limits
}

// release gives those their turn that wait at a mailbox which has room now, at most limit each: follow-ups first, then the
// oldest. Each mailbox does so when it opens, by one look at the head of its queue, however long that is.
func (tx *Tx) release(limit int, busy []ident.Mailbox) error {
	condition, args := `p.opens_at <= $1`, []any{tx.Now.UnixMicro()}
	if len(busy) > 0 {
		condition += ` and not ` + tx.in("p.mailbox_id", 2)
		args = append(args, tx.list(busy))
	}
	var open bool // mostly none is, and that is cheap to know
	err := tx.row(`select exists (select 1 from mailbox_paces p where `+condition+`)`, args...).Scan(&open)
	if err != nil || !open {
		return err
	}
	boxes, err := tx.boxPaces(tx.lockPaces(), condition, args...)
	if err != nil || len(boxes) == 0 {
		return err
	}
	for _, p := range boxes {
		if err := tx.releaseBox(p, limit); err != nil {
			return fmt.Errorf("release mail of mailbox: %w", err)
		}
	}
	return nil
}

func (tx *Tx) releaseBox(p *boxPace, limit int) error {
	p.dirty = true
	if p.shut {
		p.opens = time.Time{} // whoever resumes it opens it
		return tx.savePace(p)
	}
	if p.shutOut(tx.Now) {
		p.opens = p.sendAgain
		return tx.savePace(p)
	}
	room := pace.Room(p.limits, p.usage, tx.Now, limit)
	if p.sendError != "" {
		room = min(room, 1) // it finds out for the others
	}
	ids, err := collect(tx, func(rows oneRow) (id ident.Message, err error) { return id, rows.Scan(&id) },
		`select id from messages where mailbox_id = $1 and state = 1 and turn = 1 order by rank, id limit $2`+tx.db.dialect.skipLocked(),
		int64(p.mailbox), room+1)
	if err != nil {
		return err
	}
	p.opens = time.Time{}
	if len(ids) > room {
		ids = ids[:room]
		after := p.usage
		for i := range ids {
			after = after.Sent(p.limits, tx.Now, int64(i))
		}
		p.opens, _ = pace.Next(p.limits, after, tx.Now)
		if p.sendError != "" {
			p.opens = tx.Now.Add(p.triesAfter(tx.Now))
		}
	}
	if len(ids) > 0 {
		if _, err := tx.exec(`update messages set turn = 2, next_at = $2 where `+tx.in("id", 1), tx.list(ids), tx.Now.UnixMicro()); err != nil {
			return err
		}
	}
	return tx.savePace(p)
}

func (tx *Tx) savePace(p *boxPace) error {
	_, err := tx.exec(`update mailbox_paces set usage = $2, opens_at = $3, send_again = $4 where mailbox_id = $1`,
		int64(p.mailbox), usageText(p.usage.At(p.limits, tx.Now)), micros(p.opens), micros(p.sendAgain))
	return err
}

func (tx *Tx) savePaces(list []*MailCandidate) error {
	for _, c := range list {
		if p := c.Pacing.box; p != nil && p.dirty {
			p.dirty = false
			if err := tx.savePace(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// pacing gives every candidate what the gate must know of its mailbox, whose pace is this node's until the transaction ends.
func (tx *Tx) pacing(list []*MailCandidate) error {
	ids := map[ident.Mailbox]bool{}
	for _, c := range list {
		ids[c.Mailbox.ID] = c.Mailbox.ID != 0
	}
	boxes, err := tx.lockBoxes(ids)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Mailbox.ID == 0 {
			continue
		}
		if c.Pacing.box = boxes[c.Mailbox.ID]; c.Pacing.box == nil {
			c.Pacing.busy = true
			continue
		}
		c.Mailbox.Paused = c.Pacing.box.paused // as the lock found it
		c.Pacing.PauseReason = c.Pacing.box.reason
	}
	return nil
}

// byTurns gives the candidates in the order in which they may use the room that there is, without those whose mailbox another node sends from.
func byTurns(list []*MailCandidate) []*MailCandidate {
	list = slices.DeleteFunc(list, func(c *MailCandidate) bool { return c.Pacing.busy })
	slices.SortStableFunc(list, func(a, b *MailCandidate) int { return cmp.Compare(a.order(), b.order()) })
	return list
}

// order puts those first that have their turn, then what people wrote, then follow-ups.
func (c *MailCandidate) order() int {
	switch {
	case c.Pacing.turn == hasTurn:
		return 0
	case c.Message.Activity != 0 || c.Message.Test:
		return 1
	case c.Pacing.FollowUp:
		return 2
	}
	return 3
}

func (tx *Tx) lockBoxes(ids map[ident.Mailbox]bool) (map[ident.Mailbox]*boxPace, error) {
	var wanted []int64
	for id, ok := range ids {
		if ok {
			wanted = append(wanted, int64(id))
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	boxes, err := tx.boxPaces(tx.lockPaces(), tx.in("p.mailbox_id", 1), tx.list(wanted))
	if err != nil || len(boxes) == len(wanted) {
		return boxes, err
	}
	// A node of an older version makes mailboxes without such a row; it counts from the next look on.
	_, err = tx.exec(`insert into mailbox_paces (mailbox_id) select id from mailboxes b where `+tx.in("b.id", 1)+` on conflict do nothing`, tx.list(wanted))
	return boxes, err
}

// turns gives the candidates when the organisation sends, in whose zone, and on which days not.
func (tx *Tx) turns(list []*MailCandidate) error {
	windows, err := tx.SendWindows()
	if err != nil {
		return fmt.Errorf("read turns: %w", err)
	}
	asked := false
	for i := range list {
		p := &list[i].Pacing
		if p.Windows, p.Own, err = tx.windowsFor(list[i].version, windows); err != nil {
			return err
		}
		asked = asked || p.Windows.On
	}
	if !asked {
		return nil
	}
	zones, err := tx.zonesOf(distinct(list, func(c *MailCandidate) ident.User { return c.Message.User }))
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Pacing.OwnerZone = zones[list[i].Message.User]
	}
	return tx.daysOff(list)
}

// windowsFor gives the windows of the version of a sequence, which are its own or those of the organisation.
func (tx *Tx) windowsFor(id ident.Version, common SendWindows) (w SendWindows, own bool, err error) {
	if id == 0 {
		return common, false, nil
	}
	v, err := tx.Version(id) // kept in memory
	if err != nil {
		return common, false, err
	}
	w, own = windowsOf(v.Def.Options, common)
	return w, own, nil
}

func windowsOf(o flow.Options, common SendWindows) (w SendWindows, own bool) {
	if days, ok := o.OwnWindows(); ok {
		return SendWindows{On: true, Days: days}, true
	}
	return common, false
}

// daysOff notes the holidays of the customers' countries.
func (tx *Tx) daysOff(list []*MailCandidate) error {
	known := countries{}
	for i := range list {
		var err error
		if list[i].Pacing.Off, err = known.off(tx, list[i].Record); err != nil {
			return err
		}
	}
	return nil
}

// countries are the holidays of customers by the country as it stands in their records: finding its region takes a while.
type countries map[string]calendar.Holidays

// off gives on which dates nothing goes to a record.
func (known countries) off(tx *Tx, r record.Record) (func(y int, m time.Month, d int) bool, error) {
	country := r.Get("country")
	holidays, ok := known[country]
	if !ok {
		var err error
		if holidays, err = tx.HolidaysOf(calendar.FindRegion(country)); err != nil {
			return nil, err
		}
		known[country] = holidays
	}
	return func(y int, m time.Month, d int) bool {
		_, off := holidays.On(calendar.DateOf(y, m, d))
		return off
	}, nil
}

// zonesOf gives the zones of users, or that of the organisation. It reads nothing for none.
func (tx *Tx) zonesOf(users []ident.User) (map[ident.User]*time.Location, error) {
	if len(users) == 0 {
		return nil, nil
	}
	o, err := tx.Organisation()
	if err != nil {
		return nil, err
	}
	type row struct {
		id   ident.User
		zone string
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.zone) },
		`select id, zone from users where `+tx.in("id", 1), tx.list(users))
	zones := map[ident.User]*time.Location{}
	for _, id := range users {
		zones[id] = tx.db.place(o.Zone)
	}
	for _, r := range rows {
		zones[r.id] = tx.db.place(r.zone, o.Zone)
	}
	return zones, err
}

// spend counts a message that passes.
func (c *MailCandidate) spend(now time.Time) {
	if p := c.Pacing.box; p != nil {
		p.usage, p.dirty = p.usage.Sent(p.limits, now, int64(c.Message.ID)), true
		p.tried(now)
	}
}

// open lets the first of those that wait for their turn at a mailbox have it, if there is room.
func (tx *Tx) open(id ident.Mailbox) error {
	tx.mail = true
	_, err := tx.exec(`update mailbox_paces set opens_at = $2 where mailbox_id = $1 and exists
		(select 1 from messages where mailbox_id = $1 and state = 1 and turn = 1)`, int64(id), tx.Now.UnixMicro())
	if err != nil {
		return fmt.Errorf("open mailbox: %w", err)
	}
	return nil
}

// reopen is open for a mailbox that was changed, so that all its mail is looked at again.
func (tx *Tx) reopen(id ident.Mailbox) error {
	if err := tx.open(id); err != nil {
		return err
	}
	return tx.lookAgainOf(id)
}

// beginPace makes the row of a mailbox.
func (tx *Tx) beginPace(id ident.Mailbox) error {
	_, err := tx.exec(`insert into mailbox_paces (mailbox_id) values ($1) on conflict do nothing`, int64(id))
	return err
}
