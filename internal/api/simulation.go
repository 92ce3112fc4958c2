package api

import (
	"context"
	"maps"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

type simulationQuery struct {
	One[ident.Sequence]
	Records    int     `query:"records" default:"100" doc:"How many records are played: the newest open ones; at most 500."`
	PerDay     int     `query:"per_day" doc:"How many are connected on each day; 0 for all on the first."`
	Days       int     `query:"days" default:"30" doc:"How many days are looked at; at most 365."`
	Opened     float64 `query:"opened" default:"0.45" doc:"Share of emails that are opened, from 0 to 1."`
	LinkOpened float64 `query:"link_opened" default:"0.1"`
	Downloaded float64 `query:"attachment_downloaded" default:"0.05"`
	Replied    float64 `query:"replied" default:"0.08"`
	Hoped      float64 `query:"hoped" default:"0.35" doc:"Share of calls that end as a condition on them hopes."`
}

// simulated is what a simulation found.
type simulated struct {
	Records int            `json:"records" doc:"How many were played."`
	Days    []simulatedDay `json:"days" doc:"The days on which anything falls."`
	Later   int            `json:"later" doc:"How much falls behind these days."`
	Exits   map[string]int `json:"exits" doc:"How many records end how; \"\" for those that wait for what nobody foresees."`

	Unreached map[string]int `json:"unreached" doc:"How many records the sequence's emails or texts cannot reach, by the reason: suppressed, do not email, no address."`
	Stuck     map[string]int `json:"stuck" doc:"How many messages wait for what nobody foresees, such as a window that never opens, by the reason."`
}

type simulatedDay struct {
	Date       string         `json:"date" format:"date"`
	Emails     int            `json:"emails" doc:"Emails that go out by themselves."`
	Texts      int            `json:"texts" doc:"Text messages that go out by themselves."`
	Unsent     int            `json:"unsent" doc:"Automated messages that do not go, because the record must not be written to."`
	Activities int            `json:"activities"`
	Sellers    map[string]int `json:"sellers" doc:"Activities of each seller, by name."`
}

func (d *door) simulation() {
	handle(d, get("/sequences/{id}/simulation", "simulate-sequence", "Say what each day would bring if records were connected from now on; nothing is changed or sent"), d.simulate)
}

func (d *door) simulate(ctx context.Context, actor access.Actor, in *simulationQuery) (simulated, error) {
	s, err := d.app.Simulate(ctx, actor, in.ID.Key, action.SimulationInput{
		Records: in.Records, PerDay: in.PerDay, Days: in.Days,
		Rates: flow.Rates{Hoped: in.Hoped, Results: map[step.Result]float64{
			step.Opened: in.Opened, step.LinkOpened: in.LinkOpened, step.Downloaded: in.Downloaded, step.Answered: in.Replied,
		}},
	})
	if err != nil {
		return simulated{}, err
	}
	out := simulated{Records: s.Records, Later: s.Later(in.Days), Days: []simulatedDay{}, Exits: map[string]int{}, Unreached: s.Unreached, Stuck: s.Stuck}
	for _, n := range s.Busy() {
		day := s.Day(n)
		if n >= in.Days {
			break
		}
		out.Days = append(out.Days, simulatedDay{
			Date: s.Start.AddDate(0, 0, n).Format("2006-01-02"), Emails: day.Emails, Texts: day.Texts, Unsent: day.Unsent, Activities: day.Activities(), Sellers: maps.Clone(day.Work),
		})
	}
	for exit, n := range s.Exits {
		out.Exits[string(exit)] = n
	}
	return out, nil
}
