package step

import (
	"time"

	"cadenza/internal/calendar"
)

// The bounds of a wait (spec.md 4.8 and 13, decision 15).
const (
	ShortestWait = time.Minute
	LongestWait  = 30 * 24 * time.Hour
)

// zero is the time of things that are not due.
var zero time.Time

var waitKind = Kind{
	Type:      "wait",
	Label:     "Wait",
	Help:      "Lets time pass before the next step.",
	Group:     Steps,
	TakesTime: true,
	NotLast:   true,
	Fields: []Field{{
		Key: "for", Label: "Wait for", Type: DurationField, Required: true, Min: ShortestWait, Max: LongestWait, Initial: "1d",
		Hint: "Days, hours and minutes, from 1 minute to 30 days.",
	}},
	Enter: func(in In) Out {
		return Stay(ForTime, waitEnd(in))
	},
	Handle: func(_ In, ev Event) Out {
		switch ev.(type) {
		case TimerFired:
			return Leave(Waited, "")
		case WaitSkipped:
			return Leave(Skipped, "")
		}
		return Ignore()
	},
}

// waitEnd is when the wait that begins at in.Now ends: plain clock time, or the assignee's working time where the
// sequence counts that (decision 3).
func waitEnd(in In) time.Time {
	span, err := calendar.ParseDuration(in.Step.Config.Text("for"))
	if err != nil {
		// Activation refuses such a text; a version that holds one all the same waits the shortest time.
		span = ShortestWait
	}
	return later(in.Facts, in.Now, span)
}

// later is when a span that begins at a moment is over.
func later(f Facts, from time.Time, span time.Duration) time.Time {
	if !f.Working {
		return from.Add(span)
	}
	const day = 24 * time.Hour
	return f.Calendar.AddWorking(from, int(span/day), span%day)
}

// workingMoment is when an activity that is opened now falls due.
func workingMoment(in In) time.Time { return in.Facts.WorkingMoment(in.Now) }

// WorkingMoment gives now, or where the sequence counts working time the next moment of it.
func (f Facts) WorkingMoment(now time.Time) time.Time {
	if !f.Working {
		return now
	}
	return f.Calendar.AddWorking(now, 0, 0)
}
