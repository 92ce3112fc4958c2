package store

import (
	"fmt"
	"strconv"
	"strings"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
)

// The hot tables hold small numbers for words. The numbers are part of the schema: they are never reused.
var (
	statusCodes = map[flow.Status]int16{flow.Active: 1, flow.Paused: 2, flow.Finished: 3}
	waitCodes   = map[step.Wait]int16{step.NoWait: 0, step.ForTime: 1, step.ForMail: 2, step.ForPerson: 3}
	lineCodes   = map[flow.LineKind]int16{
		flow.LineConnected: 1, flow.LineStep: 2, flow.LineHanded: 3, flow.LinePaused: 4,
		flow.LineResumed: 5, flow.LineExit: 6, flow.LineWaitSkipped: 7, flow.LineMoved: 8,
	}

	resultCodes = map[step.Result]int16{step.Opened: 1, step.LinkOpened: 2, step.Downloaded: 3, step.Answered: 4}

	channelCodes = map[message.Channel]int16{message.EmailChannel: 1, message.TextChannel: 2}

	classCodes = map[message.Class]int16{
		message.HumanReply: 1, message.AutomaticReply: 2, message.HardBounce: 3, message.SoftBounce: 4, message.Complaint: 5,
	}

	channelOf = inverse(channelCodes)
	classOf   = inverse(classCodes)
	statusOf  = inverse(statusCodes)
	waitOf    = inverse(waitCodes)
	lineOf    = inverse(lineCodes)
	resultOf  = inverse(resultCodes)
)

func inverse[K comparable](m map[K]int16) map[int16]K {
	out := make(map[int16]K, len(m))
	for k, v := range m {
		out[v] = k
	}
	return out
}

// The codes of events that wait for the engine. Events that people cause are played at once and never stored.
const (
	eventSent       int16 = 1
	eventFailed     int16 = 2
	eventRefused    int16 = 3
	eventReplied    int16 = 4
	eventDone       int16 = 5
	eventEngaged    int16 = 6
	eventBounced    int16 = 7
	eventOptedOut   int16 = 8
	eventMeeting    int16 = 9
	eventFields     int16 = 10
	eventSuppressed int16 = 11
)

// encodeEvent gives the stored form of an event; ok is false for those that are never stored.
func encodeEvent(ev step.Event) (code int16, at step.Token, detail string, ok bool) {
	switch e := ev.(type) {
	case step.MailSent:
		return eventSent, e.Token, variantDetail(e.Variant), true
	case step.MailFailed:
		return eventFailed, e.Token, e.Reason, true
	case step.MailRefused:
		return eventRefused, e.Token, e.Reason, true
	case step.ActivityDone:
		return eventDone, e.Token, e.Outcome, true
	case step.Replied:
		return eventReplied, step.Token{}, replyDetail(e), true
	case step.Bounced:
		return eventBounced, step.Token{}, e.Detail, true
	case step.OptedOut:
		return eventOptedOut, step.Token{Step: string(e.Channel)}, e.Detail, true
	case step.Suppressed:
		return eventSuppressed, step.Token{Step: string(e.Channel)}, strconv.FormatInt(int64(e.By), 10) + " " + e.Detail, true
	case step.MeetingBooked:
		return eventMeeting, step.Token{}, strconv.FormatInt(int64(e.By), 10), true
	case step.FieldsChanged:
		return eventFields, step.Token{}, userDetail(e.By), true
	case step.Engaged:
		return eventEngaged, step.Token{Step: e.Step}, string(e.Result), true
	}
	return 0, step.Token{}, "", false
}

// decodeEvent is the inverse of encodeEvent.
func decodeEvent(code int16, at step.Token, detail string) (step.Event, bool) {
	switch code {
	case eventSent:
		variant, _ := strconv.ParseInt(detail, 10, 16) // "" is no variant
		return step.MailSent{Token: at, Variant: step.Variant(variant)}, true
	case eventFailed:
		return step.MailFailed{Token: at, Reason: detail}, true
	case eventRefused:
		return step.MailRefused{Token: at, Reason: detail}, true
	case eventDone:
		return step.ActivityDone{Token: at, Outcome: detail}, true
	case eventReplied:
		return replyOf(detail), true
	case eventBounced:
		return step.Bounced{Detail: detail}, true
	case eventOptedOut:
		return step.OptedOut{Channel: message.Channel(at.Step), Detail: detail}, true
	case eventSuppressed:
		who, what, _ := strings.Cut(detail, " ")
		by, _ := strconv.ParseInt(who, 10, 64)
		return step.Suppressed{Channel: message.Channel(at.Step), Detail: what, By: ident.User(by)}, true
	case eventMeeting:
		by, _ := strconv.ParseInt(detail, 10, 64)
		return step.MeetingBooked{By: ident.User(by)}, true
	case eventFields:
		by, _ := strconv.ParseInt(detail, 10, 64) // "" is nobody
		return step.FieldsChanged{By: ident.User(by)}, true
	case eventEngaged:
		return step.Engaged{Step: at.Step, Result: step.Result(detail)}, true
	}
	return nil, false
}

// userDetail is who did it as an event's detail; "" for nobody.
func userDetail(by ident.User) string {
	if by == 0 {
		return ""
	}
	return strconv.FormatInt(int64(by), 10)
}

// replyDetail is a reply as an event's detail: "colleague other owner=12", in this order and with what holds. Events of
// before these existed have none.
func replyDetail(e step.Replied) string {
	var words []string
	if e.Colleague {
		words = append(words, "colleague")
	}
	if e.Other {
		words = append(words, "other")
	}
	if e.Owner != 0 {
		words = append(words, fmt.Sprintf("owner=%d", int64(e.Owner)))
	}
	if e.By != 0 {
		words = append(words, fmt.Sprintf("by=%d", int64(e.By)))
	}
	if e.Mail != 0 {
		words = append(words, fmt.Sprintf("mail=%d", int64(e.Mail)))
	}
	return strings.Join(words, " ")
}

// replyOf is the inverse of replyDetail.
func replyOf(detail string) step.Replied {
	var e step.Replied
	for _, word := range strings.Fields(detail) {
		key, value, _ := strings.Cut(word, "=")
		number, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "colleague":
			e.Colleague = true
		case "other":
			e.Other = true
		case "owner":
			e.Owner = ident.User(number)
		case "by":
			e.By = ident.User(number)
		case "mail":
			e.Mail = ident.Received(number)
		}
	}
	return e
}

// variantDetail is a variant as an event's detail, "" for none.
func variantDetail(v step.Variant) string {
	if v == step.NoVariant {
		return ""
	}
	return strconv.Itoa(int(v))
}
