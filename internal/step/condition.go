package step

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/calendar"
)

// The bounds of an email condition's time limit (spec.md 13, decision 7).
const (
	ShortestLimit = time.Minute
	LongestLimit  = 30 * 24 * time.Hour
)

var conditionKind = Kind{
	Type:     "condition",
	Label:    "Condition",
	Help:     "Asks what the customer did, how a call or a meeting ended or what the record holds, and goes on in the Yes or the No lane.",
	Group:    Conditions,
	Branches: true,
	Enter:    func(in In) Out { return ask(in, false) },
	Handle: func(in In, ev Event) Out {
		if in.Wait == ForPerson {
			return unanswered(ev)
		}
		switch ev.(type) {
		case TimerFired:
			return ask(in, false)
		case WaitSkipped:
			return ask(in, true)
		case Engaged:
			if out := ask(in, false); out.Left {
				return out
			}
		}
		return Ignore()
	},
}

// ask answers the condition. over ends a time limit at once.
func ask(in In, over bool) Out {
	w := in.Step.When
	switch {
	case w != nil && w.Email != nil:
		return askEmail(in, *w.Email, over)
	case w != nil && w.Call != nil:
		return askCall(in, *w.Call)
	case w != nil && w.Meeting != nil:
		return askMeeting(in, *w.Meeting)
	case w != nil && w.Field != nil:
		holds, missing := w.Field.Holds(in.Facts.Kind, in.Facts.Values)
		if missing != "" {
			return handed(in, "condition", fmt.Sprintf("The record has no field %q, so the condition cannot be answered.", missing))
		}
		return Branch(holds, w.Field.Describe(in.Facts.Kind))
	}
	return handed(in, "condition", "The condition asks nothing.")
}

// unanswered handles a condition that was given to a person: they have it tried again, complete it for Yes, or skip it
// for No.
func unanswered(ev Event) Out {
	done, ok := ev.(ActivityDone)
	switch {
	case !ok:
		return byHand(ev)
	case done.Skipped:
		return Branch(false, "It could not be answered.")
	}
	return Branch(true, "A person said so.")
}

// askEmail follows the table of spec.md 2.2.
func askEmail(in In, test EmailTest, over bool) Out {
	run, ran := in.Facts.Runs[test.Step]
	if !ran || run.Outcome == Skipped {
		return Branch(false, "The email was not sent.")
	}
	limit := limitOf(in, test, run.At)
	met, seen := meets(test, in.Facts.Mail[test.Step], limit)
	passed := over || !in.Now.Before(limit)
	switch {
	case met && (test.AtOnce || passed):
		return Branch(true, seen)
	case passed:
		return Branch(false, missed(test))
	}
	return Stay(ForTime, limit)
}

// limitOf is when the time of an email condition is over. The clock starts when the email was sent (decision 6).
func limitOf(in In, test EmailTest, sent time.Time) time.Time {
	span, err := calendar.ParseDuration(test.Within)
	if err != nil {
		span = ShortestLimit // as with a wait: activation refuses such a text
	}
	return later(in.Facts, sent, span)
}

// meets tells whether the results came within the limit, and says which.
func meets(test EmailTest, mail Engagement, limit time.Time) (met bool, seen string) {
	var found []string
	for _, r := range test.Results {
		if at, ok := mail[r]; ok && !at.After(limit) {
			found = append(found, r.Describe())
		}
	}
	if len(found) == 0 || (test.All && len(found) < len(test.Results)) {
		return false, ""
	}
	return true, "The customer " + strings.Join(found, " and ") + "."
}

func missed(test EmailTest) string {
	var words []string
	for _, r := range test.Results {
		words = append(words, r.Describe())
	}
	what := strings.Join(words, " or ")
	if test.All {
		what = strings.Join(words, " and ")
	}
	return "Nobody saw in time that the customer " + what + "."
}

func askCall(in In, test CallTest) Out {
	run, ran := in.Facts.Runs[test.Step]
	switch {
	case !ran || run.Outcome == Skipped:
		return Branch(false, "The call was not made.")
	case slices.Contains(test.Outcomes, run.Detail):
		return Branch(true, callText(in.Facts.Outcomes.Calls, run.Detail))
	}
	return Branch(false, callText(in.Facts.Outcomes.Calls, run.Detail))
}

func callText(known CallOutcomes, outcome string) string {
	if outcome == "" {
		return "The call ended without an outcome."
	}
	return "The call ended with: " + lowerFirst(known.Label(outcome)) + "."
}

func askMeeting(in In, test MeetingTest) Out {
	ended := in.Facts.MeetingEnded
	if ended == "" {
		return Branch(false, "No meeting with them has ended yet.")
	}
	text := "The latest meeting ended with: " + lowerFirst(in.Facts.Outcomes.Meetings.Label(ended)) + "."
	return Branch(slices.Contains(test.Outcomes, ended), text)
}

// lowerFirst puts a label into a sentence; its other capitals may be names.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}
