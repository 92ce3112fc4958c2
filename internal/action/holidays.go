package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// maxOwnHolidays bounds the holidays that an organisation adds.
const maxOwnHolidays = 500

// HolidaySettings are the holidays of the organisation.
type HolidaySettings struct {
	// Region is the code of the region whose holidays count for everybody who has no other; "" for none.
	Region string
	// Own are the holidays that the organisation added, by date.
	Own []store.Holiday
	// InUse are the regions of the organisation and of its active users.
	InUse []calendar.Region
}

// ComingHoliday is a holiday in a list.
type ComingHoliday struct {
	calendar.Holiday
	// Own tells that the organisation added it.
	Own bool
}

// Holidays gives the holidays of the organisation.
func (a *App) Holidays(ctx context.Context, actor access.Actor) (HolidaySettings, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return HolidaySettings{}, err
	}
	return look(ctx, a, holidaySettings)
}

func holidaySettings(tx *store.Tx) (s HolidaySettings, err error) {
	if s.Region, err = tx.Region(); err != nil {
		return s, err
	}
	if s.Own, err = tx.OwnHolidays(); err != nil {
		return s, err
	}
	codes, err := tx.RegionsInUse()
	if err != nil {
		return s, err
	}
	for _, code := range append([]string{s.Region}, codes...) {
		if r, ok := calendar.RegionOf(code); ok && !slices.Contains(s.InUse, r) {
			s.InUse = append(s.InUse, r)
		}
	}
	return s, nil
}

// SaveHolidayRegion chooses the region whose holidays count for everybody who has no other; "" for none.
func (a *App) SaveHolidayRegion(ctx context.Context, actor access.Actor, region string) (HolidaySettings, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return HolidaySettings{}, err
	}
	code, problems := readRegion(region)
	if err := fault.Of(problems...); err != nil {
		return HolidaySettings{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (HolidaySettings, error) {
		if err := tx.SaveRegion(code); err != nil {
			return HolidaySettings{}, err
		}
		if err := tx.Audit(actor.ID, "update", "settings", 0, fmt.Sprintf("holidays of %q", code)); err != nil {
			return HolidaySettings{}, err
		}
		return holidaySettings(tx)
	})
}

// ComingHolidays lists the holidays of a region from one date to another, at most ten years.
func (a *App) ComingHolidays(ctx context.Context, actor access.Actor, region string, from, to calendar.Date) ([]ComingHoliday, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	code, problems := readRegion(region)
	if err := fault.Of(problems...); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]ComingHoliday, error) {
		h, err := tx.HolidaysOf(code)
		if err != nil {
			return nil, err
		}
		own := calendar.Holidays{Region: code, Own: h.Own, Year: func(string, int) map[calendar.Date]string { return nil }}
		var list []ComingHoliday
		for _, day := range h.Between(from, to) {
			_, added := own.On(day.Date)
			list = append(list, ComingHoliday{day, added})
		}
		return list, nil
	})
}

// HolidayInput is what a person enters of a holiday. Region is "" for everywhere.
type HolidayInput struct {
	Date, Name, Region string
	Yearly             bool
}

// AddHoliday adds a holiday of the organisation.
func (a *App) AddHoliday(ctx context.Context, actor access.Actor, in HolidayInput) (store.Holiday, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.Holiday{}, err
	}
	h, err := in.check()
	if err != nil {
		return store.Holiday{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (store.Holiday, error) {
		list, err := tx.OwnHolidays()
		if err != nil {
			return h, err
		}
		if len(list) >= maxOwnHolidays {
			return h, fullOfHolidays()
		}
		if takenHoliday(list, h) {
			return h, fault.Field("date", "taken", "There is a holiday on this date already.")
		}
		if h.ID, err = tx.InsertHoliday(h, actor.ID); err != nil {
			return h, err
		}
		return h, tx.Audit(actor.ID, "add_holiday", "settings", 0, fmt.Sprintf("%s %s %s", h.Date, h.Name, cmp.Or(h.Region, "everywhere")))
	})
}

// check gives the stored form of what was entered.
func (in HolidayInput) check() (store.Holiday, error) {
	h := store.Holiday{}
	h.Name, h.Yearly = strings.Join(strings.Fields(in.Name), " "), in.Yearly
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	var err error
	if h.Date, err = calendar.ParseDate(strings.TrimSpace(in.Date)); err != nil {
		add("date", "invalid", "The date is not one such as 2026-12-24.")
	}
	switch {
	case h.Name == "":
		add("name", "required", "Name is required.")
	case !utf8.ValidString(h.Name) || utf8.RuneCountInString(h.Name) > maxName:
		add("name", "too_long", fmt.Sprintf("Name is longer than %d characters.", maxName))
	}
	var wrong []fault.Problem
	h.Region, wrong = readRegion(in.Region)
	if err := fault.Of(append(problems, wrong...)...); err != nil {
		return store.Holiday{}, err
	}
	return h, nil
}

// takenHoliday tells whether a holiday falls on one that the same region has already.
func takenHoliday(list []store.Holiday, h store.Holiday) bool {
	return slices.ContainsFunc(list, func(o store.Holiday) bool { return o.Region == h.Region && o.On(h.Date) })
}

func fullOfHolidays() error {
	return fault.New(fault.Conflict, "There are %d holidays already, and no more is possible.", maxOwnHolidays).WithHint("Delete past ones.")
}

// DeleteHoliday removes a holiday of the organisation.
func (a *App) DeleteHoliday(ctx context.Context, actor access.Actor, id ident.Holiday) error {
	if err := may(actor, access.ManageSettings); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteHoliday(id); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete_holiday", "settings", 0, id.String())
	})
}
