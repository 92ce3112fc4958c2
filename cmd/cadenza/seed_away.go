package main

import (
	"context"
	"fmt"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/store"
)

// willingness fills the list of those whom nobody writes to: a person and a company that no sample record is of, so that the
// demo's mail goes on.
func (d *demo) willingness(ctx context.Context, c cast) error {
	for _, in := range []action.SuppressionInput{
		{Address: "press@daily-herald.test", Note: "Asked by phone not to get emails"},
		{Address: "rival-software.test", Note: "A competitor"},
	} {
		in.Source = store.FromPerson
		if _, err := d.house.app.AddSuppression(ctx, actorOf(c.admin), in); err != nil {
			return fmt.Errorf("suppression of %s: %w", in.Address, err)
		}
	}
	return nil
}

// absences plan what lies ahead: a seller's holiday with a colleague who stands in, and a day on which the office is shut.
func (d *demo) absences(ctx context.Context, c cast) error {
	day := func(n int) string { return d.clock.now().AddDate(0, 0, n).Format(time.DateOnly) }
	_, err := d.house.app.AddTimeOff(ctx, actorOf(c.ben), action.TimeOffInput{
		User: c.ben.ID, From: day(21), To: day(32), Note: "Hiking", Substitute: c.anna.ID, OpenToo: true,
	})
	if err != nil {
		return fmt.Errorf("time off: %w", err)
	}
	if _, err := d.house.app.AddHoliday(ctx, actorOf(c.admin), action.HolidayInput{Date: day(40), Name: "Company outing"}); err != nil {
		return fmt.Errorf("holiday: %w", err)
	}
	return nil
}
