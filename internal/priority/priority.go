package priority

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Weights say what counts, from 0 (nothing) to 100 each. FullValue is the value of a record that gets all points for it, in the
// organisation's currency.
type Weights struct {
	Due, Engagement, Value, Age int
	FullValue                   float64
}

// The limits of weights.
const (
	MaxWeight    = 100
	MaxFullValue = 1e12
)

// DefaultWeights are those of an organisation that has set none.
func DefaultWeights() Weights {
	return Weights{Due: 40, Engagement: 30, Value: 20, Age: 10, FullValue: 50_000}
}

// Facts are what is known of an activity.
type Facts struct {
	DueAt, CreatedAt time.Time
	// AnsweredAt, ClickedAt and OpenedAt are when the customer last replied, followed a link and opened a mail; zero for never.
	AnsweredAt, ClickedAt, OpenedAt time.Time
	// Value is what the record is worth; zero for unknown.
	Value float64
}

// Part is one reason: points from 0 to 100, and what they weigh.
type Part struct {
	Name   string
	Points int
	Weight int
	Why    string
}

// Score is the priority, from 0 to 100, with its reasons: their weighted mean.
type Score struct {
	Total int
	Parts []Part
}

// Level is a word for a score.
type Level string

// The levels. High begins at 60, Medium at 30.
const (
	High   Level = "high"
	Medium Level = "medium"
	Low    Level = "low"
)

// Level gives the word for the score.
func (s Score) Level() Level {
	switch {
	case s.Total >= 60:
		return High
	case s.Total >= 30:
		return Medium
	}
	return Low
}

const day = 24 * time.Hour

// memory is how long a customer's deed counts, less from day to day.
const memory = 14 * day

// Of gives the score of an activity. Weights that are all zero give every activity 0.
func Of(f Facts, w Weights, now time.Time) Score {
	s := Score{Parts: []Part{due(f, now), engagement(f, now), value(f, w), age(f, now)}}
	weights, points := w.list(), [4]int{}
	for i := range s.Parts {
		s.Parts[i].Weight, points[i] = weights[i], s.Parts[i].Points
	}
	s.Total = mean(points, weights)
	return s
}

// Total is Of without the reasons, for lists of which most is never shown.
func Total(f Facts, w Weights, now time.Time) int {
	engaged, _, _ := deed(f, now)
	return mean([4]int{duePoints(f, now), engaged, valuePoints(f, w), agePoints(f, now)}, w.list())
}

// list gives the weights in the order of the parts.
func (w Weights) list() [4]int { return [4]int{w.Due, w.Engagement, w.Value, w.Age} }

func mean(points, weights [4]int) int {
	sum, weight := 0, 0
	for i, each := range weights {
		sum += each * points[i]
		weight += each
	}
	if weight <= 0 {
		return 0
	}
	return int(math.Round(float64(sum) / float64(weight)))
}

func due(f Facts, now time.Time) Part {
	p := Part{Name: "Due", Points: duePoints(f, now)}
	switch late := now.Sub(f.DueAt); {
	case late >= day:
		p.Why = "overdue for " + days(late)
	case late >= 0:
		p.Why = "due now"
	case late > -day:
		p.Why = "due within a day"
	default:
		p.Why = "due in " + days(-late)
	}
	return p
}

// duePoints gives 60 points on the day, 8 more for each day since, and 10 less for each day until then.
func duePoints(f Facts, now time.Time) int {
	switch late := now.Sub(f.DueAt); {
	case late >= 0:
		return points(60 + 8*float64(late/day))
	default:
		return points(60 - 10*float64(-late/day))
	}
}

func engagement(f Facts, now time.Time) Part {
	n, what, since := deed(f, now)
	if n == 0 {
		return Part{Name: "Engagement", Why: "nothing in the last 14 days"}
	}
	return Part{Name: "Engagement", Points: n, Why: what + " " + ago(since)}
}

// deed gives the deed that counts most now, and how long it is past: a reply 100 points, a followed link 70, an opened mail 40, each less
// from day to day.
func deed(f Facts, now time.Time) (most int, what string, past time.Duration) {
	for _, d := range [3]struct {
		at     time.Time
		points float64
		what   string
	}{{f.AnsweredAt, 100, "replied"}, {f.ClickedAt, 70, "followed a link"}, {f.OpenedAt, 40, "opened a mail"}} {
		if d.at.IsZero() {
			continue
		}
		since := max(now.Sub(d.at), 0)
		if n := points(d.points * (1 - float64(since)/float64(memory))); n > most {
			most, what, past = n, d.what, since
		}
	}
	return most, what, past
}

func value(f Facts, w Weights) Part {
	if !valued(f, w) {
		return Part{Name: "Value", Why: "no value known"}
	}
	return Part{Name: "Value", Points: valuePoints(f, w), Why: "worth " + amount(f.Value)}
}

func valued(f Facts, w Weights) bool { return f.Value > 0 && !math.IsNaN(f.Value) && w.FullValue > 0 }

func valuePoints(f Facts, w Weights) int {
	if !valued(f, w) {
		return 0
	}
	return points(100 * f.Value / w.FullValue)
}

func age(f Facts, now time.Time) Part {
	why := "new today"
	if waits := now.Sub(f.CreatedAt); waits >= day {
		why = "on the list for " + days(waits)
	}
	return Part{Name: "Age", Points: agePoints(f, now), Why: why}
}

// agePoints gives all points after 14 days of waiting.
func agePoints(f Facts, now time.Time) int {
	return points(100 * float64(max(now.Sub(f.CreatedAt), 0)) / float64(memory))
}

// points rounds to the range of points.
func points(n float64) int { return int(math.Round(max(0, min(n, 100)))) }

// days rounds to the nearest day, as people count from one working day to another: lists say how late something is by the calendar.
func days(span time.Duration) string {
	n := int((span + day/2) / day)
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

func ago(span time.Duration) string {
	if span < day {
		return "within the last day"
	}
	return days(span) + " ago"
}

// amount writes a value short: 950, 12k, 3.4m.
func amount(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gm", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.3gk", v/1e3)
	}
	return fmt.Sprintf("%.4g", v)
}
