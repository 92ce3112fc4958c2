package flow

import (
	"maps"
	"slices"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/step"
)

// Rates are what a simulation takes for granted of customers, as shares from 0 to 1.
type Rates struct {
	// Results are the shares of emails with each result.
	Results map[step.Result]float64
	// Hoped is the share of calls that end as a condition on them hopes.
	Hoped float64
}

// DefaultRates are usual ones for sales mail that customers did not ask for.
func DefaultRates() Rates {
	return Rates{
		Results: map[step.Result]float64{step.Opened: 0.45, step.LinkOpened: 0.10, step.Downloaded: 0.05, step.Answered: 0.08},
		Hoped:   0.35,
	}
}

// Simulation plays versions with many records by the engine's own decisions, and counts what falls on each day. Build it with
// NewSimulation.
type Simulation struct {
	// Start is on the first day; its zone is that of the days.
	Start time.Time
	// Records is how many were played.
	Records int
	// Exits count how they ended.
	Exits map[step.Exit]int
	// Unreached count the records that steps of the sequence cannot write to, by the reason.
	Unreached map[string]int
	// Stuck count those whose message waits for what nobody foresees, such as a window that never opens, by the reason.
	Stuck  map[string]int
	days   map[int]*DayLoad
	rates  Rates
	chance func() float64
}

// DayLoad is what falls on one day.
type DayLoad struct {
	// Emails and Texts are those that go out by themselves. Unsent are those that do not, because the record must not be written to.
	Emails, Texts, Unsent int
	// Work is what each seller has to do, by name.
	Work map[string]int
}

// Activities is what all sellers have to do.
func (d DayLoad) Activities() int {
	sum := 0
	for _, n := range d.Work {
		sum += n
	}
	return sum
}

// Sum is everything that is sent or to be done on the day.
func (d DayLoad) Sum() int { return d.Emails + d.Texts + d.Activities() }

// NewSimulation begins a simulation. chance gives numbers from 0 to 1; the same ones make the same customers.
func NewSimulation(start time.Time, rates Rates, chance func() float64) *Simulation {
	return &Simulation{Start: start, Exits: map[step.Exit]int{}, Unreached: map[string]int{}, Stuck: map[string]int{}, days: map[int]*DayLoad{}, rates: rates, chance: chance}
}

// Play has one record connected at a moment, and follows it to its end. Its activities are the seller's.
func (s *Simulation) Play(v *Version, around Surroundings, at time.Time, seller string) {
	s.Records++
	for c, nowhere := range map[message.Channel]bool{message.EmailChannel: around.NoAddress, message.TextChannel: around.NoNumber} {
		if fate, why := v.Fate(c, around.Facts, !nowhere); fate != FateGoes {
			s.Unreached[why]++
		}
	}
	way := Foresee(v, around, at, s.customer())
	for _, visit := range way.Visits {
		kind, _ := step.KindOf(visit.Step.Type)
		day := s.load(visit.LeftAt)
		switch {
		case visit.ByHand:
			day.Work[seller]++
		case visit.Outcome == step.Skipped && (kind.Mails || kind.Texts):
			day.Unsent++
		case visit.Outcome == step.Skipped:
		case kind.Mails:
			day.Emails++
		case kind.Texts:
			day.Texts++
		}
	}
	s.Exits[way.Exit]++
	if way.Stuck != "" {
		s.Stuck[way.Stuck]++
	}
}

// customer gives how one customer answers the conditions. Each is answered once, whoever asks how often.
func (s *Simulation) customer() func(step.Step) bool {
	answers := map[string]bool{}
	return func(c step.Step) bool {
		if answer, given := answers[c.ID]; given {
			return answer
		}
		rate := s.rates.Hoped
		if c.When != nil && c.When.Email != nil {
			all, none := 1.0, 1.0
			for _, r := range c.When.Email.Results {
				all, none = all*s.rates.Results[r], none*(1-s.rates.Results[r])
			}
			rate = 1 - none
			if c.When.Email.All {
				rate = all
			}
		}
		answers[c.ID] = s.chance() < rate
		return answers[c.ID]
	}
}

// load gives the day of a moment, counted by the calendar.
func (s *Simulation) load(at time.Time) *DayLoad {
	noon := func(t time.Time) time.Time {
		t = t.In(s.Start.Location())
		return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
	}
	n := int(noon(at).Sub(noon(s.Start)) / (24 * time.Hour))
	if s.days[n] == nil {
		s.days[n] = &DayLoad{Work: map[string]int{}}
	}
	return s.days[n]
}

// Day gives what falls on a day, counted from 0 for the first.
func (s *Simulation) Day(n int) DayLoad {
	if d := s.days[n]; d != nil {
		return *d
	}
	return DayLoad{}
}

// Busy lists the days on which anything falls.
func (s *Simulation) Busy() []int {
	var busy []int
	for _, n := range slices.Sorted(maps.Keys(s.days)) {
		if d := s.days[n]; d.Sum()+d.Unsent > 0 {
			busy = append(busy, n)
		}
	}
	return busy
}

// Later counts what falls behind the first days.
func (s *Simulation) Later(days int) int {
	sum := 0
	for n, d := range s.days {
		if n >= days {
			sum += d.Sum()
		}
	}
	return sum
}

// Sellers lists the names of those who have something to do.
func (s *Simulation) Sellers() []string {
	names := map[string]bool{}
	for _, d := range s.days {
		for name := range d.Work {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
