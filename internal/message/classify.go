package message

import (
	"slices"
	"strings"
	"time"
)

// Class is what a received mail is.
type Class string

// The classes. A soft bounce says that one mail did not arrive or is late; a bounce, that the address takes none.
const (
	HumanReply     Class = "reply"
	AutomaticReply Class = "automatic"
	HardBounce     Class = "bounce"
	SoftBounce     Class = "soft_bounce"
	Complaint      Class = "complaint"
	Unrelated      Class = "unrelated"
)

// Classes lists those that are shown, in the order of filters; unrelated mail is not kept.
func Classes() []Class {
	return []Class{HumanReply, AutomaticReply, HardBounce, SoftBounce, Complaint}
}

// Label gives a class as people read it.
func (c Class) Label() string {
	switch c {
	case HumanReply:
		return "Reply"
	case AutomaticReply:
		return "Automatic reply"
	case HardBounce:
		return "Bounce"
	case SoftBounce:
		return "Soft bounce"
	case Complaint:
		return "Complaint"
	case Unrelated:
		return "Unrelated"
	}
	return string(c)
}

// Reading is what a mail says about itself.
type Reading struct {
	// Class is what it is if it belongs to a mail of ours. A mail that nobody asked for reads as a HumanReply, too: only its
	// thread can tell.
	Class Class
	// Originals are the Message-IDs that it may be about, the likeliest first.
	Originals []string
	// Failures are the recipients that a bounce is about, or the one that complains.
	Failures []Failure
	// Returns is the day on which the writer of an automatic reply is back; zero when it does not say.
	Returns time.Time
}

// Failure is one recipient of a bounce.
type Failure struct {
	// Address is "" when the bounce does not say.
	Address string
	// Status is the code of RFC 3463, such as 5.1.1; "" when there is none.
	Status string
	// Detail is the server's answer.
	Detail string
	// Hard tells that the address takes no mail.
	Hard bool
}

const (
	failuresMax = 50
	detailMax   = 500
)

// Classify tells what a received mail is. It trusts nothing but the mail's own words, so it is the caller's to check that
// what a mail is about was really sent.
func Classify(in Incoming) Reading {
	r := Reading{Class: HumanReply}
	kind, params := contentType(in)
	report := ""
	if kind == "multipart/report" {
		report = strings.ToLower(params["report-type"])
	}
	switch {
	case report == "feedback-report" || hasPart(in, "message/feedback-report"):
		r.complaint(in)
	case report == "disposition-notification" || hasPart(in, "message/disposition-notification"): // a receipt (RFC 8098)
		r.Class = AutomaticReply
	case report == "delivery-status" || (fromMachine(in) && (hasPart(in, "message/delivery-status") || hasPart(in, "message/global-delivery-status"))):
		r.bounce(in, deliveryStatus(in))
	case fromMachine(in) || in.Header("X-Failed-Recipients") != "":
		if failures, ok := spokenBounce(in); ok {
			r.bounce(in, failures)
			break
		}
		r.Class = AutomaticReply
	case automatic(in):
		r.Class = AutomaticReply
	}
	if r.Class == AutomaticReply {
		r.Returns = returnDay(in)
	}
	r.originals(in)
	return r
}

// bounce takes over what a report says. The worst of its recipients gives the class.
func (r *Reading) bounce(in Incoming, failures []Failure) {
	r.Failures = failures
	switch {
	case slices.ContainsFunc(failures, func(f Failure) bool { return f.Hard }):
		r.Class = HardBounce
	case len(failures) > 0:
		r.Class = SoftBounce
	default: // it arrived, or was handed on (RFC 3464, 2.3.3)
		r.Class = Unrelated
	}
}

// originals collects the ids that the mail may be about: those of the mail that came back in a report, then those of its
// header, then those that its text names.
func (r *Reading) originals(in Incoming) {
	add := func(ids ...string) {
		for _, id := range ids {
			if id != "" && id != in.MessageID && len(r.Originals) < referencesMax && !slices.Contains(r.Originals, id) {
				r.Originals = append(r.Originals, id)
			}
		}
	}
	reports := r.Class == HardBounce || r.Class == SoftBounce || r.Class == Complaint
	if reports {
		for _, h := range returned(in) {
			add(idList(h.value("message-id"))...)
		}
	}
	add(in.InReplyTo)
	for _, id := range slices.Backward(in.References) { // the latest is last (RFC 5322, 3.6.4)
		add(id)
	}
	if reports {
		add(spokenIDs(in.Text)...)
	}
}

// contentType reads the type of the whole mail.
func contentType(in Incoming) (kind string, params map[string]string) {
	return readMediaType(in.Header("Content-Type"))
}

func hasPart(in Incoming, kind string) bool {
	return slices.ContainsFunc(in.Attachments, func(a Attachment) bool { return a.Type == kind })
}

// fromMachine tells that a mail comes from a mail server: its return path is empty (RFC 5321, 4.5.5), or its sender is one
// of the names that servers use.
func fromMachine(in Incoming) bool {
	for _, h := range in.Headers {
		if sameName(h.Name, "Return-Path") {
			if strings.Join(strings.Fields(h.Value), "") == "<>" {
				// Out-of-office mail has an empty return path, too (RFC 3834, 3.3), but says what it is.
				return !automatic(in) || daemon(in.From.Email)
			}
			break
		}
	}
	return daemon(in.From.Email)
}

func daemon(email string) bool {
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch local {
	case "mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mailerdaemon", "mdaemon":
		return true
	}
	return strings.HasPrefix(local, "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e") // the sender of Exchange's reports
}
