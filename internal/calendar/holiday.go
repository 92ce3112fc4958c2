package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/rickar/cal/v2"
)

// Holiday is a named day on which a region does not work.
type Holiday struct {
	Date Date
	Name string
}

// OwnHoliday is a holiday that an organisation adds: to one region, or to all when Region is empty; once, or every year. One
// on 29 February comes in leap years only.
type OwnHoliday struct {
	Holiday
	Region string
	Yearly bool
}

// On tells whether it falls on a date.
func (o OwnHoliday) On(d Date) bool {
	if !o.Yearly || d == o.Date {
		return d == o.Date
	}
	_, m, dd := d.Split()
	_, om, od := o.Date.Split()
	return m == om && dd == od
}

// Holidays are the holidays of one region with an organisation's own. The zero value has none. Year gives those of the region
// in a year; nil asks HolidaysIn. Whoever asks again and again keeps them, for they never change.
type Holidays struct {
	Region string
	Own    []OwnHoliday
	Year   func(region string, year int) map[Date]string
}

// On gives the name of the holiday on a date.
func (h Holidays) On(d Date) (name string, ok bool) {
	for _, o := range h.Own {
		if (o.Region == "" || o.Region == h.Region || o.Region == CountryOf(h.Region)) && o.On(d) {
			return o.Name, true
		}
	}
	if h.Region == "" {
		return "", false
	}
	year := h.Year
	if year == nil {
		year = HolidaysIn
	}
	y, _, _ := d.Split()
	name, ok = year(h.Region, y)[d]
	return name, ok
}

// Between lists the holidays from one date to another, both included, at most ten years.
func (h Holidays) Between(from, to Date) []Holiday {
	var out []Holiday
	for d := from; d <= min(to, from+3653); d++ {
		if name, ok := h.On(d); ok {
			out = append(out, Holiday{d, name})
		}
	}
	return out
}

// HolidaysIn computes the holidays of a region in a year, on the days when they are kept: a holiday that a country moves off
// a weekend stands on the day it is moved to. An unknown region has none.
func HolidaysIn(region string, year int) map[Date]string {
	out := map[Date]string{}
	lists := definitions(region)
	for i, list := range lists {
		found := map[Date]string{}
		for y := year - 1; y <= year+1; y++ { // New Year's Day may be kept on 31 December
			for _, h := range list {
				if d, ok := kept(h, y); ok && yearOf(d) == year {
					found[d] = cmp.Or(found[d], h.Name)
				}
			}
		}
		if i == 0 {
			out = found
			continue
		}
		for d := range out { // a country of regions alone has what all of them have
			if _, both := found[d]; !both {
				delete(out, d)
			}
		}
	}
	return out
}

// kept is the date on which a holiday is kept in a year. The library gives the first moment of that day in the machine's zone,
// which may read as the evening before where the clocks go forward at midnight; twelve hours later it is the day itself.
func kept(h *cal.Holiday, year int) (Date, bool) {
	_, observed := h.Calc(year)
	if observed.IsZero() {
		return 0, false
	}
	return DateOf(observed.Add(12 * time.Hour).Date()), true
}

func yearOf(d Date) int {
	y, _, _ := d.Split()
	return y
}

// definitions gives the library's lists of a region; several when it is a country that has regions alone.
func definitions(region string) [][]*cal.Holiday {
	i := slices.IndexFunc(known, func(r source) bool { return r.Code == region })
	if i < 0 {
		return nil
	}
	return known[i].lists
}
