package main

import (
	"context"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// meetings gives the sellers some that are ahead, with opportunities that they own.
func (d *demo) meetings(ctx context.Context, people cast) error {
	plans := []struct {
		name, place string
		begins      time.Duration // since the morning on which the demo begins
		lasts       time.Duration
	}{
		{"Show the dashboards", "https://meet.demo.test/dashboards", 26 * time.Hour, time.Hour},
		{"Talk about the offer", "At their office", 53*time.Hour + 30*time.Minute, 45 * time.Minute},
	}
	for _, seller := range []store.User{people.anna, people.ben} {
		deals, err := d.house.app.ListRecords(ctx, actorOf(seller), store.RecordQuery{Kind: record.Opportunity, Owner: seller.ID, Limit: len(plans)})
		if err != nil {
			return err
		}
		for i, deal := range deals.Rows {
			begins := d.clock.now().Truncate(time.Hour).Add(plans[i].begins)
			_, err := d.house.app.CreateActivity(ctx, actorOf(seller), action.NewActivity{
				Record: deal.ID, Kind: step.Meeting, Name: plans[i].name, DueAt: begins,
				Meeting: action.Meeting{EndsAt: begins.Add(plans[i].lasts), Place: plans[i].place},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
