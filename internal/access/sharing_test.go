package access

import (
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/ident"
)

// TestSharing holds who sees and who may change a sequence, for every role, ownership and way to share, as people agreed on it.
func TestSharing(t *testing.T) {
	t.Parallel()
	const (
		me, other          = ident.User(1), ident.User(2)
		mine, theirs, none = ident.Team(10), ident.Team(20), ident.Team(0)
	)
	owners := []struct {
		name string
		h    Holding
		held bool
	}{
		{"me", Holding{Owner: me}, true},
		{"another", Holding{Owner: other}, false},
		{"my team", Holding{OwnerTeam: mine}, true},
		{"another team", Holding{OwnerTeam: theirs}, false},
		{"nobody", Holding{}, false},
	}
	shares := []struct {
		name    string
		sharing Sharing
		team    ident.Team
		reached bool
	}{
		{"all", SharedWithAll, none, true},
		{"my team", SharedWithTeam, mine, true},
		{"another team", SharedWithTeam, theirs, false},
		{"private", Private, none, false},
		{"nonsense", "everyone", mine, false},
	}
	for _, role := range append(Roles(), "boss", "") {
		actor := Actor{ID: me, Role: role, Teams: []ident.Team{30, mine}}
		for _, o := range owners {
			for _, s := range shares {
				h := o.h
				h.Sharing, h.SharedTeam = s.sharing, s.team
				sees := role.Known() && (role == Admin || s.reached || o.held && s.sharing.Known())
				changes := sees && (o.held || o.name == "nobody" || strings.Contains("admin sequence_manager", string(role)))
				at := fmt.Sprintf("%s, owned by %s, shared with %s", role, o.name, s.name)
				if got := MaySee(actor, h); got != sees {
					t.Errorf("%s: sees %v, want %v", at, got, sees)
				}
				if got := MayWith(actor, EditSequences, h); got != changes {
					t.Errorf("%s: changes %v, want %v", at, got, changes)
				}
				if !MaySee(System(), h) || !MayWith(System(), EditSequences, h) {
					t.Errorf("%s: the system does not", at)
				}
				if MaySee(Actor{}, h) || MaySee(Actor{Role: Admin}, h) || MaySee(Actor{Teams: []ident.Team{mine}}, h) {
					t.Errorf("%s: nobody sees it", at)
				}
			}
		}
	}
}

// TestTodaysRights holds that nothing changed for what a user owns and everybody sees: MayWith is MayOn then.
func TestTodaysRights(t *testing.T) {
	t.Parallel()
	for verb := range rights {
		for _, role := range Roles() {
			for _, owner := range []ident.User{0, 1, 2} {
				a := Actor{ID: 1, Role: role}
				if got, want := MayWith(a, verb, Holding{Owner: owner, Sharing: SharedWithAll}), MayOn(a, verb, owner); got != want {
					t.Errorf("%s, %s, owner %d: %v, want %v", role, verb, owner, got, want)
				}
			}
		}
	}
}
