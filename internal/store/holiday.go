package store

import (
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// regionSetting is the name of the setting with the code of the organisation's region.
const regionSetting = "holiday_region"

// Holiday is a holiday that the organisation added.
type Holiday struct {
	ID ident.Holiday
	calendar.OwnHoliday
}

// Region gives the code of the region whose holidays the organisation has; "" for none.
func (tx *Tx) Region() (string, error) { return tx.setting(regionSetting) }

// SaveRegion replaces the organisation's region, by which people return from their time off.
func (tx *Tx) SaveRegion(code string) error {
	if err := tx.saveSetting(regionSetting, code); err != nil {
		return err
	}
	return tx.calendarChanged()
}

// RegionsInUse lists the codes of the regions that active users have of their own.
func (tx *Tx) RegionsInUse() ([]string, error) {
	list, err := collect(tx, func(rows oneRow) (code string, err error) { return code, rows.Scan(&code) },
		`select distinct region from users where active and region <> '' order by region`)
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	return list, nil
}

// OwnHolidays lists the holidays that the organisation added, by date: a few dozen at most (action bounds them).
func (tx *Tx) OwnHolidays() ([]Holiday, error) {
	list, err := collect(tx, func(rows oneRow) (h Holiday, err error) {
		var day string
		if err := rows.Scan(&h.ID, &day, &h.Name, &h.Region, &h.Yearly); err != nil {
			return h, err
		}
		h.Date, err = calendar.ParseDate(day)
		return h, err
	}, `select id, day, name, region, yearly from holidays order by day, id`)
	if err != nil {
		return nil, fmt.Errorf("list holidays: %w", err)
	}
	return list, nil
}

// InsertHoliday adds a holiday. Messages that go by the calendar are looked at again.
func (tx *Tx) InsertHoliday(h Holiday, by ident.User) (ident.Holiday, error) {
	id, err := tx.insert(`insert into holidays (day, name, region, yearly, created_by, created_at) values ($1, $2, $3, $4, $5, $6)`,
		h.Date.String(), h.Name, h.Region, h.Yearly, key(by), tx.Now.UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("insert holiday: %w", err)
	}
	tx.own = nil
	return ident.Holiday(id), tx.calendarChanged()
}

// DeleteHoliday removes one again, as InsertHoliday adds it.
func (tx *Tx) DeleteHoliday(id ident.Holiday) error {
	n, err := tx.exec(`delete from holidays where id = $1`, int64(id))
	if err != nil {
		return fmt.Errorf("delete holiday: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There is no such holiday any more.")
	}
	tx.own = nil
	return tx.calendarChanged()
}

// HolidaysOf gives the holidays of a region with the organisation's own ones; the gate asks for those of a record by
// calendar.FindRegion of its country. The own ones are read once in a transaction.
func (tx *Tx) HolidaysOf(region string) (calendar.Holidays, error) {
	if tx.own == nil {
		list, err := tx.OwnHolidays()
		if err != nil {
			return calendar.Holidays{}, err
		}
		tx.own = make([]calendar.OwnHoliday, 0, len(list))
		for _, h := range list {
			tx.own = append(tx.own, h.OwnHoliday)
		}
	}
	return calendar.Holidays{Region: region, Own: tx.own, Year: tx.db.holidaysIn}, nil
}

// regionYear is a year in a region.
type regionYear struct {
	region string
	year   int
}

// holidaysIn is calendar.HolidaysIn, kept for ever: they never change, and there are a few regions and years.
func (db *DB) holidaysIn(region string, year int) map[calendar.Date]string {
	at := regionYear{region, year}
	if known, ok := db.holidays.Load(at); ok {
		return known.(map[calendar.Date]string)
	}
	known, _ := db.holidays.LoadOrStore(at, calendar.HolidaysIn(region, year))
	return known.(map[calendar.Date]string)
}

// today is the date that a clock in the zone shows in this transaction.
func (tx *Tx) today(zone *time.Location) calendar.Date { return calendar.DateAt(tx.Now, zone) }
