package message

import "strings"

// Dead tells whether a server that refuses a recipient says that the address takes no mail, for good. It believes less than a
// report of a bounce is believed: a server that is asked to relay speaks of the sender and of its own policy in the same place.
// By RFC 3463, section 3.2, 5.1.1 is a mailbox, 5.1.2 a domain that there is not, 5.1.6 a mailbox that has moved, 5.2.1 one that is
// disabled; 5.1.10 is a domain that takes no mail at all (RFC 7505). A refusal by policy (5.7.x) says nothing about the address.
func Dead(status, text string) bool {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(status, "4"), strings.HasPrefix(status, "5.7."), strings.Contains(lower, "sender"):
		return false
	}
	switch status {
	case "5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	return containsAny(lower, nobodyThere)
}

// nobodyThere and noRoomThere are what servers say whose codes say less, in words that are about nothing else.
var (
	nobodyThere = []string{
		"user unknown", "unknown user", "no such user", "no such recipient", "no mailbox here", "does not exist", "doesn't exist", "unknown recipient",
		"recipient unknown", "user not found", "mailbox not found",
	}
	noRoomThere = []string{"mailbox full", "mailbox is full", "over quota", "overquota", "mailbox quota"}
)

// FullMailbox tells whether a server says that the recipient's mailbox is full: by RFC 3463, x.2.2, or in words.
func FullMailbox(status, text string) bool {
	return strings.HasSuffix(status, ".2.2") || containsAny(strings.ToLower(text), noRoomThere)
}
