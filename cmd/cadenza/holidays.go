package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

type holidaysCommand struct {
	List   holidaysListCommand   `cmd:"" help:"List the holidays of a country or region with the organisation's own."`
	Own    holidaysOwnCommand    `cmd:"" help:"List the holidays that the organisation added, past ones too."`
	Add    holidaysAddCommand    `cmd:"" help:"Add a holiday of the organisation."`
	Remove holidaysRemoveCommand `cmd:"" help:"Delete a holiday of the organisation."`
	Import holidaysImportCommand `cmd:"" help:"Add the holidays of a CSV file: date, name, and if need be a region and yes for every year."`
	Region holidaysRegionCommand `cmd:"" help:"Say, or choose, whose holidays count for everybody who has no other region."`
}

type holidaysListCommand struct {
	site
	output
	Region string `help:"Code of the country or region, such as DE or DE-BY; without it the organisation's." placeholder:"CODE"`
	From   string `help:"The first day; today when it is left out." placeholder:"DATE"`
	To     string `help:"The last day; a year after the first when it is left out, at most ten." placeholder:"DATE"`
}

// Run lists them by date.
func (c *holidaysListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		from, to, err := c.days(h.db)
		if err != nil {
			return err
		}
		region := c.Region
		if region == "" {
			s, err := h.app.Holidays(env.ctx, access.System())
			if err != nil {
				return err
			}
			region = s.Region
		}
		list, err := h.app.ComingHolidays(env.ctx, access.System(), region, from, to)
		if err != nil {
			return byFlag(err, nil)
		}
		_, _ = fmt.Fprintf(env.stderr, "%s, %s to %s\n", regionName(region, "Own holidays only: no region is chosen"), from, to)
		return c.show(env, shapes(list, api.ComingHoliday), func() {
			for _, day := range list {
				own := ""
				if day.Own {
					own = "  (own)"
				}
				env.say("%s  %s%s", day.Date, day.Name, own)
			}
		})
	})
}

// days gives the dates that the flags mean.
func (c *holidaysListCommand) days(db *store.DB) (from, to calendar.Date, err error) {
	from = calendar.DateAt(db.Now(), nil)
	if c.From != "" {
		if from, err = calendar.ParseDate(c.From); err != nil {
			return from, to, fault.Field("--from", "invalid", "The first day is not a date such as 2026-12-24.")
		}
	}
	to = from + 365
	if c.To != "" {
		if to, err = calendar.ParseDate(c.To); err != nil {
			return from, to, fault.Field("--to", "invalid", "The last day is not a date such as 2026-12-24.")
		}
	}
	if to < from {
		return from, to, fault.Field("--to", "order", "The last day is before the first.")
	}
	return from, to, nil
}

type holidaysOwnCommand struct {
	site
	output
}

// Run lists them with what takes them away again.
func (c *holidaysOwnCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := h.app.Holidays(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, shapes(s.Own, api.Holiday), func() {
			for _, day := range s.Own {
				env.holiday(day)
			}
		})
	})
}

func (e *environment) holiday(h store.Holiday) {
	yearly := "once"
	if h.Yearly {
		yearly = "every year"
	}
	e.say("%-16s %s  %-10s  %-24s %s", h.ID, h.Date, yearly, regionName(h.Region, "everywhere"), h.Name)
}

type holidaysAddCommand struct {
	site
	output
	Date   string `arg:"" help:"The day, such as 2026-12-24."`
	Name   string `arg:"" help:"What people call it."`
	Region string `help:"Code of the only country or region that has it, such as DE-BY; everywhere when it is left out." placeholder:"CODE"`
	Yearly bool   `help:"It comes every year."`
}

// Run adds it.
func (c *holidaysAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		day, err := h.app.AddHoliday(env.ctx, access.System(), action.HolidayInput{Date: c.Date, Name: c.Name, Region: c.Region, Yearly: c.Yearly})
		if err != nil {
			return byFlag(err, map[string]string{"date": "<date>", "name": "<name>"})
		}
		return c.show(env, api.Holiday(day), func() { env.holiday(day) })
	})
}

type holidaysRemoveCommand struct {
	site
	Which string `arg:"" help:"The id that cadenza holidays own shows, or the date."`
}

// Run deletes it.
func (c *holidaysRemoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		day, err := c.find(env, h)
		if err == nil {
			err = h.app.DeleteHoliday(env.ctx, access.System(), day.ID)
		}
		if err == nil {
			env.say("%s on %s is a holiday no more.", day.Name, day.Date)
		}
		return err
	})
}

func (c *holidaysRemoveCommand) find(env *environment, h *house) (store.Holiday, error) {
	s, err := h.app.Holidays(env.ctx, access.System())
	if err != nil {
		return store.Holiday{}, err
	}
	var id ident.Holiday
	text := strings.TrimSpace(c.Which)
	_ = id.UnmarshalText([]byte(text)) // what is no id may be a date
	meant := slices.DeleteFunc(s.Own, func(day store.Holiday) bool { return day.ID != id && day.Date.String() != text })
	switch len(meant) {
	case 1:
		return meant[0], nil
	case 0:
		return store.Holiday{}, fault.New(fault.NotFound, "The organisation has added no holiday %s.", c.Which).WithHint("See cadenza holidays own.")
	}
	return store.Holiday{}, fault.New(fault.Invalid, "%d holidays are on %s.", len(meant), c.Which).WithHint("Give the id that cadenza holidays own shows.")
}

type holidaysImportCommand struct {
	site
	File string `arg:"" help:"CSV file; - for standard input."`
}

// Run imports the file and prints each refused row.
func (c *holidaysImportCommand) Run(env *environment) error {
	rows, err := readRows(env, c.File)
	if err != nil {
		return err
	}
	return within(env, c.site, func(h *house) error {
		done, err := h.app.ImportHolidayFile(env.ctx, access.System(), rows)
		if err != nil {
			return err
		}
		return env.imported(c.File, done.Header, done.Added, done.Known, len(done.Refused), done.Refused)
	})
}

// imported says what became of a list, and on standard error the reason of each refused row that is shown.
func (e *environment) imported(file, header string, added, known, refused int, shown []action.ListRefusal) error {
	if header != "" {
		e.say("%s", header)
	}
	e.say("%d added, %d known, %d refused", added, known, refused)
	for _, r := range shown {
		_, _ = fmt.Fprintf(e.stderr, "%s:%d: %s\n", file, r.Line, r.Reason)
	}
	if more := refused - len(shown); more > 0 {
		_, _ = fmt.Fprintf(e.stderr, "%s: and %d more\n", file, more)
	}
	if refused > 0 {
		return errReported
	}
	return nil
}

// readRows reads a short CSV file, or standard input for -.
func readRows(env *environment, name string) ([]importer.CellRow, error) {
	var in io.Reader = env.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return importer.ReadRows(in)
}

type holidaysRegionCommand struct {
	site
	output
	Code string `arg:"" optional:"" help:"Code such as DE or DE-BY, or none; without it nothing changes."`
}

// Run says whose holidays count, after a choice was saved.
func (c *holidaysRegionCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := h.app.Holidays(env.ctx, access.System())
		if err == nil && c.Code != "" {
			s, err = h.app.SaveHolidayRegion(env.ctx, access.System(), regionFlag(c.Code))
		}
		if err != nil {
			return byFlag(err, map[string]string{"region": "<code>"})
		}
		return c.show(env, api.HolidaySettings(s), func() {
			env.say("%s", regionName(s.Region, "none: only the organisation's own holidays count."))
		})
	})
}
