package access

import (
	"slices"

	"cadenza/internal/ident"
)

// Sharing says who sees a thing besides those who own it.
type Sharing string

// The ways to share. Admins see everything.
const (
	SharedWithAll  Sharing = "all"
	SharedWithTeam Sharing = "team"
	Private        Sharing = "private"
)

// Sharings lists every way in the order in which people choose from them.
func Sharings() []Sharing { return []Sharing{SharedWithAll, SharedWithTeam, Private} }

// Known tells whether it is one of Sharings.
func (s Sharing) Known() bool { return slices.Contains(Sharings(), s) }

// Holding says whose a thing is, a user's or a team's or nobody's, and how it is shared. At most one of Owner and OwnerTeam is set.
type Holding struct {
	Owner     ident.User
	OwnerTeam ident.Team
	Sharing   Sharing
	// SharedTeam is the team that sees it by SharedWithTeam.
	SharedTeam ident.Team
}

// Unowned tells that the thing belongs to nobody.
func (h Holding) Unowned() bool { return h.Owner == 0 && h.OwnerTeam == 0 }

// heldBy tells whether the actor owns the thing, alone or as a member of the team that does.
func (h Holding) heldBy(a Actor) bool {
	return a.ID != 0 && h.Owner == a.ID || h.OwnerTeam != 0 && slices.Contains(a.Teams, h.OwnerTeam)
}

// SeesAll tells whether the actor sees things however they are shared.
func SeesAll(a Actor) bool { return a.System || a.ID != 0 && a.Role == Admin }

// MaySee tells whether there is such a thing for the actor. The store narrows its lists by the same rule; a test holds the two
// against each other.
func MaySee(a Actor, h Holding) bool {
	if SeesAll(a) {
		return true
	}
	if a.ID == 0 || !a.Role.Known() {
		return false
	}
	switch h.Sharing {
	case SharedWithAll:
		return true
	case SharedWithTeam:
		return h.heldBy(a) || h.SharedTeam != 0 && slices.Contains(a.Teams, h.SharedTeam)
	case Private:
		return h.heldBy(a)
	}
	return false
}

// MayWith is MayOn for a thing that a team may own and that not everybody sees. What somebody does not see they may do nothing to.
func MayWith(a Actor, verb Verb, h Holding) bool {
	switch {
	case !MaySee(a, h):
		return false
	case h.heldBy(a) || h.Unowned():
		return May(a, verb)
	case h.OwnerTeam != 0:
		w, narrowed := wider[verb]
		return May(a, verb) && (!narrowed || May(a, w))
	}
	return MayOn(a, verb, h.Owner)
}
