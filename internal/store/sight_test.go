package store_test

import (
	"fmt"
	"slices"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestSight holds the store's condition against access.MaySee: every role in a team, in another one and in none, against every
// ownership and way to share, by every way to read.
func TestSight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		actors, made := h.sharedHouse()
		for _, who := range actors {
			h.read(func(tx *store.Tx) error {
				v := tx.For(who)
				var want []string
				for _, s := range made {
					sees := access.MaySee(who, s.Holding)
					if sees {
						want = append(want, s.Name)
					}
					_, byID := v.GetSequence(s.ID)
					_, byName := v.SequenceByName(s.Name)
					there, err := v.Sees(s.ID)
					if err != nil || there != sees || (byID == nil) != sees || (byName == nil) != sees || (v.Must(s.ID) == nil) != sees {
						t.Errorf("%s and %s: %v, by id %v, by name %v, %v; want %v", who.Name, s.Name, there, byID, byName, err, sees)
					}
					if !sees && (!fault.Is(byID, fault.NotFound) || !fault.Is(byName, fault.NotFound)) {
						t.Errorf("%s and %s: %v, %v", who.Name, s.Name, byID, byName)
					}
				}
				all, err := v.AllSequences()
				if err != nil {
					return err
				}
				list, err := v.ListSequences(store.SequenceQuery{Sort: "name"})
				if err != nil {
					return err
				}
				active, err := v.ActiveSequences(record.Lead)
				var listed, opened []string
				for _, s := range list {
					listed = append(listed, s.Name)
				}
				for _, s := range active {
					opened = append(opened, s.Name)
				}
				if names := namesOf(all); !slices.Equal(names, want) || !slices.Equal(listed, want) || !slices.Equal(opened, want) {
					t.Errorf("%s sees %q, lists %q, may choose %q; want %q", who.Name, names, listed, opened, want)
				}
				return err
			})
		}
	})
}

func namesOf(list []store.Sequence) (names []string) {
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names
}

// sharedHouse makes users and active sequences in every combination, and gives them by name.
func (h *house) sharedHouse() (actors []access.Actor, made []store.Sequence) {
	actors = []access.Actor{access.System(), {Name: "nobody"}}
	h.write(func(tx *store.Tx) error {
		var teams []ident.Team
		for _, name := range []string{"North", "South"} {
			id, err := tx.InsertTeam(name)
			if err != nil {
				return err
			}
			teams = append(teams, id)
		}
		members := map[ident.Team][]ident.User{}
		for _, role := range access.Roles() {
			for n, in := range [][]ident.Team{nil, teams[:1], teams} {
				name := fmt.Sprintf("%s in %d teams", role, n)
				u, err := tx.InsertUser(store.User{Name: name, Email: fmt.Sprintf("%s-%d@test.local", role, n), Role: role, Zone: "UTC", Active: true})
				if err != nil {
					return err
				}
				for _, team := range in {
					members[team] = append(members[team], u.ID)
				}
				actors = append(actors, access.Actor{ID: u.ID, Name: name, Role: role})
			}
		}
		for _, team := range teams {
			if err := tx.SetTeamMembers(team, members[team]); err != nil {
				return err
			}
		}
		for i, a := range actors {
			if a.ID != 0 {
				u, err := tx.GetUser(a.ID)
				if err != nil {
					return err
				}
				actors[i].Teams = u.Teams
			}
		}
		var err error
		made, err = everyHolding(tx, teams, []ident.User{0, actors[2].ID, actors[len(actors)-3].ID})
		return err
	})
	return actors, made
}

// everyHolding makes an active sequence of each owner and team, shared in each way.
func everyHolding(tx *store.Tx, teams []ident.Team, owners []ident.User) (made []store.Sequence, err error) {
	holders := []access.Holding{{OwnerTeam: teams[0]}, {OwnerTeam: teams[1]}}
	for _, u := range owners {
		holders = append(holders, access.Holding{Owner: u})
	}
	for i, held := range holders {
		for j, sharing := range []access.Sharing{access.SharedWithAll, access.Private, access.SharedWithTeam, access.SharedWithTeam} {
			var with ident.Team
			if j >= 2 {
				with = teams[j-2]
			}
			def := flow.Sequence{Name: fmt.Sprintf("S%d%d", i, j), Record: record.Lead, Options: flow.DefaultOptions()}
			s, err := tx.InsertSequence(def, 0)
			if err != nil {
				return nil, err
			}
			if err := tx.SetSequenceOwner(s.ID, held.Owner, held.OwnerTeam); err != nil {
				return nil, err
			}
			if err := tx.SetSequenceSharing(s.ID, sharing, with); err != nil {
				return nil, err
			}
			version, err := tx.InsertVersion(s.ID, 1, def, "", 0)
			if err != nil {
				return nil, err
			}
			if err := tx.SetSequenceActive(s.ID, version, 1); err != nil {
				return nil, err
			}
			if s, err = tx.GetSequence(s.ID); err != nil {
				return nil, err
			}
			made = append(made, s)
		}
	}
	return made, nil
}
