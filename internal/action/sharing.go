package action

import (
	"context"
	"fmt"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Owner is to whom sequences are handed over: a user or a team, not both.
type Owner struct {
	User ident.User
	Team ident.Team
}

// named looks the new owner up: somebody with access, or a team that stays until the transaction ends.
func (o Owner) named(tx *store.Tx) (string, error) {
	if o.Team != 0 {
		return teamToChoose(tx, o.Team, "team")
	}
	if err := activeUser(tx, o.User, "to"); err != nil {
		return "", err
	}
	u, err := tx.GetUser(o.User)
	return u.Name, err
}

// teamToChoose gives the name of a team that stays until the transaction ends; field is where it was chosen.
func teamToChoose(tx *store.Tx, id ident.Team, field string) (string, error) {
	if err := tx.LockTeams(); err != nil {
		return "", err
	}
	t, err := tx.GetTeam(id)
	if fault.Is(err, fault.NotFound) {
		return "", fault.Field(field, "unknown", "There is no such team. Choose one from the list.")
	}
	return t.Name, err
}

// SharingInput says who sees a sequence besides its owner.
type SharingInput struct {
	Sharing access.Sharing
	// Team is needed by access.SharedWithTeam, and by nothing else.
	Team ident.Team
}

func (in SharingInput) check() error {
	switch {
	case !in.Sharing.Known():
		return fault.Field("sharing", "unknown", "Sharing is all, team or private.")
	case in.Sharing == access.SharedWithTeam && in.Team == 0:
		return fault.Field("team", "required", "Choose the team that is to see it.")
	case in.Sharing != access.SharedWithTeam && in.Team != 0:
		return fault.Field("team", "unexpected", "A team is chosen with the sharing team only.")
	}
	return nil
}

// ShareSequence says who sees a sequence besides its owner and admins. It takes effect at once, but for records that are on it: they go
// on, and who works on them still sees its steps. Nobody shares something out of their own sight.
func (a *App) ShareSequence(ctx context.Context, actor access.Actor, id ident.Sequence, in SharingInput) (SequenceView, error) {
	if err := may(actor, access.EditSequences); err != nil {
		return SequenceView{}, err
	}
	if err := in.check(); err != nil {
		return SequenceView{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (SequenceView, error) {
		s, err := lockManaged(tx, actor, id)
		if err != nil {
			return SequenceView{}, err
		}
		if _, err := share(tx, actor, s, in); err != nil {
			return SequenceView{}, err
		}
		return a.viewSequence(tx, actor, id)
	})
}

// ShareSequences is ShareSequence for several, or for none of them where one cannot be shared so. It counts those that were shared otherwise before.
func (a *App) ShareSequences(ctx context.Context, actor access.Actor, ids []ident.Sequence, in SharingInput) (changed int, err error) {
	if err := in.check(); err != nil {
		return 0, err
	}
	return a.eachManaged(ctx, actor, ids, func(tx *store.Tx, s store.Sequence) (bool, error) { return share(tx, actor, s, in) })
}

// share shares a locked sequence, and tells whether it was shared otherwise before.
func share(tx *store.Tx, actor access.Actor, s store.Sequence, in SharingInput) (bool, error) {
	detail := string(in.Sharing)
	if in.Team != 0 {
		name, err := teamToChoose(tx, in.Team, "team")
		if err != nil {
			return false, err
		}
		detail += " " + name
	}
	now := s.Holding
	now.Sharing, now.SharedTeam = in.Sharing, in.Team
	switch {
	case now == s.Holding:
		return false, nil
	case s.Unowned() && in.Sharing != access.SharedWithAll:
		return false, fault.Field("sharing", "no_owner", fmt.Sprintf("%q belongs to nobody, so nobody but admins would keep it. Hand it over first.", s.Name))
	case !access.MaySee(actor, now):
		return false, fault.Field("sharing", "unseen", fmt.Sprintf("You would not see %q any more. Ask %s to share it so, or an admin.", s.Name, ownerText(s)))
	}
	if err := tx.SetSequenceSharing(s.ID, in.Sharing, in.Team); err != nil {
		return false, err
	}
	return true, tx.Audit(actor.ID, "share", "sequence", int64(s.ID), s.Name+": "+detail)
}
