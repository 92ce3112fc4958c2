package calendar

import (
	"slices"

	"cadenza/internal/ident"
)

// Leave is time off of a user: whole days, from the first to the last. Substitute does the work meanwhile; zero for nobody,
// and for one who cannot (has no access any more).
type Leave struct {
	User, Substitute ident.User
	From, To         Date
	// MailWaits tells that automated emails of the user wait for the return.
	MailWaits bool
}

// Roster says who is away on a day, and who stands in. The zero Roster has nobody away.
type Roster struct {
	byUser map[ident.User][]Leave
}

// NewRoster takes leaves in any order; a user's may touch and overlap.
func NewRoster(list []Leave) Roster {
	r := Roster{byUser: map[ident.User][]Leave{}}
	for _, l := range list {
		if l.From <= l.To {
			r.byUser[l.User] = append(r.byUser[l.User], l)
		}
	}
	return r
}

// Leaves gives a user's leaves.
func (r Roster) Leaves(u ident.User) []Leave { return r.byUser[u] }

// Away tells whether a user has time off on a date. Of several leaves the one with a substitute counts.
func (r Roster) Away(u ident.User, d Date) (Leave, bool) {
	var found Leave
	ok := false
	for _, l := range r.byUser[u] {
		if l.From <= d && d <= l.To && (!ok || found.Substitute == 0) {
			found, ok = l, true
		}
	}
	return found, ok
}

// StandIn is who does the work of a user that is away on a date: the substitute, or when that one is away, the substitute's,
// and so on. ok is false when the user is not away, and when nobody is left: a chain that ends or comes round in a circle.
func (r Roster) StandIn(u ident.User, d Date) (who ident.User, ok bool) {
	seen := []ident.User{u}
	l, away := r.Away(u, d)
	for away {
		who = l.Substitute
		if who == 0 || slices.Contains(seen, who) {
			return 0, false
		}
		seen = append(seen, who)
		l, away = r.Away(who, d)
	}
	return who, who != 0
}

// Off tells whether nobody does a user's work on a date: the user is away, and nobody stands in. A hand-over keeps the clock
// running, in the hours of the one who is away.
func (r Roster) Off(u ident.User, d Date) bool {
	if len(r.byUser[u]) == 0 {
		return false
	}
	if _, away := r.Away(u, d); !away {
		return false
	}
	_, ok := r.StandIn(u, d)
	return !ok
}

// Last is the last day of the time off that a date falls into, leaves that follow without a day between taken together.
func (r Roster) Last(u ident.User, d Date) Date {
	for again := true; again; {
		again = false
		for _, l := range r.byUser[u] {
			if l.From <= d+1 && l.To > d {
				d, again = l.To, true
			}
		}
	}
	return d
}

// MailWaits tells whether automated emails of a user wait on a date.
func (r Roster) MailWaits(u ident.User, d Date) bool {
	return slices.ContainsFunc(r.byUser[u], func(l Leave) bool { return l.MailWaits && l.From <= d && d <= l.To })
}
