package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/pace"
)

// paceSetting is the name of the setting.
const paceSetting = "pace"

// limitsShape is how limits are stored. A ramp without RampFrom begins on the day on which the mailbox was made.
type limitsShape struct {
	Hour      int    `json:"hour,omitempty"`
	Day       int    `json:"day,omitempty"`
	Gap       int64  `json:"gap,omitempty"` // seconds, as Jitter
	Jitter    int64  `json:"jitter,omitempty"`
	RampFirst int    `json:"ramp_first,omitempty"`
	RampStep  int    `json:"ramp_step,omitempty"`
	RampFrom  string `json:"ramp_from,omitempty"` // a date
	Rev       int64  `json:"rev,omitempty"`
}

// SendLimits are limits as people set them: of the organisation, or of one mailbox.
type SendLimits struct {
	Hour, Day           int
	Gap, Jitter         time.Duration
	RampFirst, RampStep int
	// RampFrom is the first day of the ramp as "2026-03-02"; "" for the day on which the mailbox was made.
	RampFrom string
	// Rev grows with every change of them.
	Rev int64
}

func (l SendLimits) text() (string, error) {
	text, err := json.Marshal(limitsShape{
		Hour: l.Hour, Day: l.Day, Gap: int64(l.Gap / time.Second), Jitter: int64(l.Jitter / time.Second),
		RampFirst: l.RampFirst, RampStep: l.RampStep, RampFrom: l.RampFrom, Rev: l.Rev,
	})
	return string(text), err
}

func readLimits(text string) (SendLimits, error) {
	var s limitsShape
	if text == "" {
		return SendLimits{Rev: 1}, nil
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return SendLimits{}, fmt.Errorf("read limits: %w", err)
	}
	return SendLimits{
		Hour: s.Hour, Day: s.Day, Gap: time.Duration(s.Gap) * time.Second, Jitter: time.Duration(s.Jitter) * time.Second,
		RampFirst: s.RampFirst, RampStep: s.RampStep, RampFrom: s.RampFrom, Rev: max(1, s.Rev),
	}, nil
}

// Limits gives the limits of a mailbox that was made at a moment, by the calendar of a zone.
func (l SendLimits) Limits(made time.Time, zone *time.Location) pace.Limits {
	out := pace.Limits{Hour: l.Hour, Day: l.Day, Gap: l.Gap, Jitter: l.Jitter, Zone: zone}
	if l.RampFirst > 0 {
		out.Ramp = pace.Ramp{From: made, First: l.RampFirst, Step: l.RampStep}
		if from, err := time.ParseInLocation(time.DateOnly, l.RampFrom, zone); err == nil {
			out.Ramp.From = from
		}
	}
	return out
}

// SendLimits gives the limits of mailboxes that have none of their own. Until somebody saves others there are none.
func (tx *Tx) SendLimits() (SendLimits, error) {
	text, err := tx.setting(paceSetting)
	if err != nil {
		return SendLimits{}, err
	}
	return readLimits(text)
}

// SaveSendLimits replaces them, as revision l.Rev. What waits for its turn is looked at again.
func (tx *Tx) SaveSendLimits(l SendLimits) error {
	text, err := l.text()
	if err != nil {
		return err
	}
	if err := tx.saveSetting(paceSetting, text); err != nil {
		return err
	}
	tx.mail = true
	if _, err = tx.exec(`update mailbox_paces set opens_at = $1 where opens_at is not null`, tx.Now.UnixMicro()); err != nil {
		return fmt.Errorf("open mailboxes: %w", err)
	}
	return tx.lookAgain(`turn = 1`)
}

// MailboxPace is how a mailbox sends, and who stopped it.
type MailboxPace struct {
	// Own are the mailbox's own limits, nil where those of the organisation count. Limits are those in force.
	// Shared are those that it would have without its own.
	Own    *SendLimits
	Limits pace.Limits
	Shared pace.Limits
	Usage  pace.Usage
	// Waiting counts the queued emails of its user, whatever they wait for, up to 10,000. OpensAt is when the next of those may go that wait for their turn.
	Waiting int
	OpensAt time.Time
	// PausedBy and PausedByName are who stopped it, zero for a guard rail; PauseReason says why.
	PausedBy     ident.User
	PausedByName string
	PausedAt     time.Time
	PauseReason  string
}

// usageShape is how usage is stored: lists of numbers, because every batch of mail reads and writes it.
type usageShape struct {
	Slots [][2]int64 `json:"s,omitempty"`
	Days  [][4]int64 `json:"d,omitempty"`
	Free  int64      `json:"f,omitempty"`
}

func usageText(u pace.Usage) string {
	var s usageShape
	for _, slot := range u.Slots {
		s.Slots = append(s.Slots, [2]int64{slot.Number, int64(slot.Sent)})
	}
	for _, d := range u.Days {
		s.Days = append(s.Days, [4]int64{d.Number, int64(d.Sent), int64(d.Bounced), int64(d.Complained)})
	}
	if !u.Free.IsZero() {
		s.Free = u.Free.UnixMicro()
	}
	text, _ := json.Marshal(s) // numbers always marshal
	return string(text)
}

func readUsage(text string) (u pace.Usage, err error) {
	var s usageShape
	if text == "" {
		return u, nil
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return u, fmt.Errorf("read usage: %w", err)
	}
	for _, slot := range s.Slots {
		u.Slots = append(u.Slots, pace.Slot{Number: slot[0], Sent: int(slot[1])})
	}
	for _, d := range s.Days {
		u.Days = append(u.Days, pace.Day{Number: d[0], Sent: int(d[1]), Bounced: int(d[2]), Complained: int(d[3])})
	}
	if s.Free != 0 {
		u.Free = time.UnixMicro(s.Free).UTC()
	}
	return u, nil
}

// boxPace is one row of mailbox_paces as those who send see it.
type boxPace struct {
	mailbox ident.Mailbox
	limits  pace.Limits
	usage   pace.Usage
	own     *SendLimits
	// shared are the limits that it would have without its own.
	shared pace.Limits
	// opens is when the next of those that wait may go; zero while none waits.
	opens  time.Time
	paused bool
	// shut tells that a person has to do something before anything goes: it is paused, or has to be connected again.
	shut   bool
	reason string
	// sendError is why its server does not let it in; sendAgain is when one mail may try again.
	// unreached is since when it cannot be reached; zero when that is not what sendError says.
	sendError string
	sendAgain time.Time
	unreached time.Time
	dirty     bool
}

// boxPaces reads, and with lock locks, the rows of mailboxes on a condition. What another node has locked is left out.
func (tx *Tx) boxPaces(lock, condition string, args ...any) (map[ident.Mailbox]*boxPace, error) {
	shared, err := tx.SendLimits()
	if err != nil {
		return nil, err
	}
	organisation, err := tx.Organisation()
	if err != nil {
		return nil, err
	}
	list, err := collect(tx, func(rows oneRow) (*boxPace, error) { return tx.scanBoxPace(rows, shared, organisation.Zone) },
		`select p.mailbox_id, p.limits, p.usage, p.opens_at, p.pause_reason, b.paused, b.grant_error, b.created_at, coalesce(u.zone, ''),
			p.send_error, p.send_again, p.unreached_since
		from mailbox_paces p join mailboxes b on b.id = p.mailbox_id left join users u on u.id = b.user_id
		where `+condition+` order by p.mailbox_id`+lock, args...)
	if err != nil {
		return nil, fmt.Errorf("read paces: %w", err)
	}
	boxes := make(map[ident.Mailbox]*boxPace, len(list))
	for _, p := range list {
		boxes[p.mailbox] = p
	}
	return boxes, nil
}

func (tx *Tx) scanBoxPace(rows oneRow, shared SendLimits, zone string) (*boxPace, error) {
	var (
		p                  boxPace
		own, usage, inZone string
		grantError         string
		opens, again, lost sql.NullInt64
		made               int64
	)
	if err := rows.Scan(&p.mailbox, &own, &usage, &opens, &p.reason, &p.paused, &grantError, &made, &inZone, &p.sendError, &again, &lost); err != nil {
		return nil, err
	}
	p.shut = p.paused || grantError != ""
	from, place := time.UnixMicro(made).UTC(), tx.db.place(inZone, zone)
	limits := shared
	p.shared = shared.Limits(from, place)
	if own != "" {
		l, err := readLimits(own)
		if err != nil {
			return nil, err
		}
		limits, p.own = l, &l
	}
	if p.sendError != "" {
		p.unreached = moment(lost)
	}
	p.limits, p.opens, p.sendAgain = limits.Limits(from, place), moment(opens), moment(again)
	var err error
	p.usage, err = readUsage(usage)
	return &p, err
}

// place gives the first of the zones that is known; UTC when none is. Zones are kept once read.
func (db *DB) place(names ...string) *time.Location {
	for _, name := range names {
		if name == "" {
			continue
		}
		if loc, ok := db.zones.Load(name); ok {
			return loc.(*time.Location)
		}
		if loc, err := time.LoadLocation(name); err == nil {
			db.zones.Store(name, loc)
			return loc
		}
	}
	return time.UTC
}

// lockPaces is boxPaces' lock for those who must not wait, and waitPaces for those who may.
func (tx *Tx) lockPaces() string {
	if tx.db.dialect == postgresDialect {
		return " for update of p skip locked"
	}
	return ""
}

func (tx *Tx) waitPaces() string {
	if tx.db.dialect == postgresDialect {
		return " for update of p"
	}
	return ""
}
