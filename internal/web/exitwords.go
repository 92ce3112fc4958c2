package web

import (
	"strings"

	"cadenza/internal/flow"
)

// exitChoice is a switch among the exits of a sequence as the forms show it.
type exitChoice struct{ Key, Label, Hint string }

// exitChoices are the words of flow.ExitFlags, in their order.
func exitChoices() []exitChoice {
	list := []exitChoice{
		{Key: "exit_on_reply"},
		{Key: "colleague_replies", Hint: "Somebody else of the customer's answers the email."},
		{Key: "other_replies", Hint: "Those of another sequence, or that a seller wrote. A sequence that sends nothing ends on these alone."},
		{Key: "answer_replies", Hint: "Who sent the email gets an activity to answer the reply."},
		{Key: "exit_on_bounce", Hint: "The address takes no mail. Emails that follow are skipped otherwise."},
		{Key: "exit_on_opt_out", Hint: "Also when somebody suppresses the address or number. Messages that follow are skipped otherwise."},
		{Key: "exit_on_meeting", Hint: "A seller says so with one press."},
	}
	for i := range list {
		list[i].Label = flow.OptionLabel(list[i].Key)
	}
	return list
}

// exitOn tells whether a switch is on.
func exitOn(e flow.Exits, key string) bool {
	for _, f := range flow.ExitFlags() {
		if f.Key == key {
			return *f.Of(&e)
		}
	}
	return false
}

// readExits takes the switches of a form over into the exits; what is not a switch stays.
func readExits(e *flow.Exits, checked func(key string) bool) {
	for _, f := range flow.ExitFlags() {
		*f.Of(e) = checked(f.Key)
	}
}

// exitData gives every switch with its value, so that the designer finds those that a definition leaves out.
func exitData(e flow.Exits) map[string]bool {
	all := map[string]bool{}
	for _, f := range flow.ExitFlags() {
		all[f.Key] = *f.Of(&e)
	}
	return all
}

// exitWords says what ends a sequence before its last step: "A reply, a bounce, an opt-out, a booked meeting".
func exitWords(def flow.Sequence) string {
	o := def.Options
	var words []string
	add := func(on bool, word string) {
		if on {
			words = append(words, word)
		}
	}
	add(o.ExitOnReply, "a reply")
	add(o.ExitOnBounce, "a bounce")
	add(o.ExitOnOptOut, "an opt-out")
	add(o.ExitOnMeeting, "a booked meeting")
	add(o.ExitWhen != nil, "the record's fields")
	if len(words) == 0 {
		return "Nothing but a closed record"
	}
	return sentenceStart(strings.Join(words, ", "))
}

// exitWhenWords says which fields end the sequence, "" for none.
func exitWhenWords(def flow.Sequence) string {
	if def.Options.ExitWhen == nil {
		return ""
	}
	return sentenceStart(def.Options.ExitWhen.Describe(def.Record))
}
