package action

import (
	"net/url"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Place is a page on which something is looked at or changed. Whoever is told of one may open it.
type Place struct {
	// Kind is record, sequence, enrollment, activity, message, mailbox, sending, holidays, time_off, outbox, suppressions or connect, which asks to which
	// sequence a record is put; "" for nowhere.
	Kind string
	// ID names the thing, outward; that of a mailbox is its user's, and of suppressions the address. "" for the kinds that there is one of.
	ID string
}

func placeOf[T ident.Thing](kind string, id ident.ID[T]) Place {
	return Place{Kind: kind, ID: id.String()}
}

// Path is the address of the page on the server; "" for nowhere.
func (p Place) Path() string {
	switch p.Kind {
	case "record", "sequence", "enrollment":
		return "/" + p.Kind + "s/" + p.ID
	case "activity":
		return "/work/" + p.ID
	case "message":
		return "/outbox/" + p.ID
	case "mailbox":
		return "/mailboxes/" + p.ID
	case "sending", "holidays":
		return "/settings/" + p.Kind
	case "time_off":
		return "/team"
	case "outbox":
		return "/outbox"
	case "suppressions":
		return "/suppressions?q=" + url.QueryEscape(p.ID)
	case "connect":
		return "/records/" + p.ID + "/connect"
	}
	return ""
}

// placeOfSequence is the page of the sequence, for who sees it.
func (x Explanation) placeOfSequence() Place {
	if !x.SeesSequence {
		return Place{}
	}
	return placeOf("sequence", x.Enrollment.Sequence)
}

// placeToConnect is where a record is put on a sequence, for who may do that.
func placeToConnect(reader access.Actor, r store.Record) Place {
	if !mayMove(reader, r.Owner, 0) {
		return Place{}
	}
	return placeOf("connect", r.ID)
}

// placeOfBlocker is where that can be changed which the gate holds a message for.
func (x Explanation) placeOfBlocker(m store.Message) Place {
	switch m.Blocker {
	case store.BlockWindow:
		if x.ownWindows() {
			return x.placeOfSequence()
		}
		if access.May(x.reader, access.ManageSettings) {
			return Place{Kind: "sending"}
		}
		return Place{}
	case store.BlockHoliday:
		return Place{Kind: "holidays"}
	case store.BlockGap, store.BlockHourCap, store.BlockDayCap, store.BlockTurn, store.BlockPaused, store.BlockGuard, store.BlockGrant, store.BlockShutOut, store.BlockUnreached, store.BlockNoBox, store.BlockBoxGone:
		if access.MayOn(x.reader, access.UseMailbox, m.User) {
			return placeOf("mailbox", m.User)
		}
		return Place{}
	case store.BlockRestored:
		return Place{Kind: "outbox"}
	case store.BlockAway:
		return Place{Kind: "time_off"}
	case store.BlockAddress, store.BlockUnwanted, store.BlockSuppressed:
		return placeOf("record", m.Record)
	case store.BlockContent, store.BlockTooLate, store.BlockRefused, store.NotBlocked:
	}
	return placeOf("message", m.ID)
}

// ownWindows tells that the sequence has send windows of its own.
func (x Explanation) ownWindows() bool {
	return x.Version != nil && x.Version.Def.Options.Sending == flow.InOwnWindows
}
