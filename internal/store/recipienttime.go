package store

import (
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

// RecipientCalendar gives when a record can be reached, by its own clock and holidays: in the organisation's send windows, or in
// usual working hours. guessed tells that the record has no time zone, so that it is the sender's. The composer asks.
func (tx *Tx) RecipientCalendar(r record.Record, sender ident.User) (open calendar.Calendar, guessed bool, err error) {
	zone, err := tx.recipientZone(r)
	if err != nil {
		return open, false, err
	}
	if guessed = zone == nil; guessed {
		zones, err := tx.zonesOf([]ident.User{sender})
		if err != nil {
			return open, false, err
		}
		zone = zones[sender]
	}
	windows, err := tx.SendWindows()
	if err != nil {
		return open, false, err
	}
	open.Week = calendar.DefaultWeek(zone)
	if windows.On {
		open.Week = calendar.Week{Zone: zone}
		for day, span := range windows.Days {
			open.Week.Days[day] = []calendar.Span{span}
		}
	}
	holidays, err := tx.HolidaysOf(calendar.FindRegion(r.Get("country")))
	open.Off = func(y int, m time.Month, d int) bool {
		_, off := holidays.On(calendar.DateOf(y, m, d))
		return off
	}
	return open, guessed, err
}

// recipientZone gives the zone of a record or of one that it names, nil when none has any.
func (tx *Tx) recipientZone(r record.Record) (*time.Location, error) {
	if name := r.Get("time_zone"); name != "" {
		return tx.db.place(name), nil
	}
	related, err := tx.Related(r)
	if err != nil {
		return nil, err
	}
	for _, lookup := range record.Lookups(r.Kind) {
		if name := related[linkOf(r, lookup.Key)].Get("time_zone"); name != "" {
			return tx.db.place(name), nil
		}
	}
	return nil, nil
}

// EngagedAt gives when a record last opened, followed or answered our mail, newest first: what counts, and nothing of machines.
func (tx *Tx) EngagedAt(rec ident.Record, limit int) ([]time.Time, error) {
	list, err := collect(tx, func(rows oneRow) (time.Time, error) {
		var at int64
		err := rows.Scan(&at)
		return time.UnixMicro(at).UTC(), err
	}, `select at from (
			select h.at as at from hits h join messages m on m.id = h.message_id where m.record_id = $1 and h.reason = 0
			union all
			select coalesce(v.written_at, v.created_at) as at from received v where v.record_id = $1 and v.class = $2
		) as seen order by at desc limit $3`, int64(rec), classCodes[message.HumanReply], limit)
	if err != nil {
		return nil, fmt.Errorf("read when a record is seen: %w", err)
	}
	return list, nil
}
