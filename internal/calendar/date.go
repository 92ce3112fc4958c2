package calendar

import (
	"fmt"
	"time"
)

// Date is a day on the calendar, in no zone: the number of days since 1 January 1970. Dates compare as numbers do.
type Date int32

// DateOf is the date of a year, month and day, which may lie beyond their ranges as in time.Date.
func DateOf(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / int64(day/time.Second))
}

// DateAt is the date that a clock in the zone shows at t; a nil zone is UTC.
func DateAt(t time.Time, loc *time.Location) Date {
	return DateOf(t.In(Week{Zone: loc}.zone()).Date())
}

// ParseDate reads a date such as 2026-12-24.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date such as 2026-12-24", text)
	}
	return DateOf(t.Date()), nil
}

// Split gives the year, month and day.
func (d Date) Split() (int, time.Month, int) { return d.midnight().Date() }

// String gives the date as 2026-12-24, which ParseDate reads.
func (d Date) String() string { return d.midnight().Format(time.DateOnly) }

// Start is the first instant of the date in a zone; a nil zone is UTC.
func (d Date) Start(loc *time.Location) time.Time {
	return wall{d.midnight()}.instant(Week{Zone: loc}.zone())
}

func (d Date) midnight() time.Time { return time.Unix(int64(d)*int64(day/time.Second), 0).UTC() }
