package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// sharingForm is the state of the question who sees a sequence.
type sharingForm struct {
	Seq      action.SequenceView
	Sharing  access.Sharing
	Team     string
	Teams    []store.Team
	Problems problems
}

func (s *Server) showSharing(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	return s.askSharing(w, r, 0, sharingForm{Seq: seq, Sharing: seq.Sharing, Team: seq.SharedTeam.String()})
}

func (s *Server) askSharing(w http.ResponseWriter, r *http.Request, status int, f sharingForm) (err error) {
	if f.Teams, err = s.app.ListTeams(r.Context(), actorOf(r)); err != nil {
		return err
	}
	return s.askAbout(w, r, status, f.Seq, "sharing", "Who sees “"+f.Seq.Name+"”?", func(q question) templ.Component { return sharingBody(q, f) })
}

func (s *Server) saveSharing(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f := sharingForm{Seq: seq, Sharing: access.Sharing(text(r, "sharing")), Team: text(r, "team")}
	if _, err := s.app.ShareSequence(r.Context(), actorOf(r), seq.ID, readSharing(f.Sharing, f.Team)); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askSharing(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Sharing saved.")
	return s.redirect(w, r, sequencePath(seq.ID))
}

// sharingOptions are the ways to share, each with who sees the sequence then.
func sharingOptions(s store.Sequence) []ui.Option {
	owner := s.OwnerName
	switch {
	case s.OwnerTeam != 0:
		owner = "The members of " + owner
	case owner == "":
		owner = "Its owner"
	}
	return []ui.Option{
		{Value: string(access.SharedWithAll), Label: "Everybody", Hint: "All users see it, and can connect records and copy it."},
		{Value: string(access.SharedWithTeam), Label: "A team", Hint: "The members of the team that you choose. " + owner + " and admins see it, too."},
		{Value: string(access.Private), Label: "Private", Hint: owner + " and admins only."},
	}
}

// teamOptions are the teams for a select.
func teamOptions(teams []store.Team, group string) []ui.Option {
	var options []ui.Option
	for _, t := range teams {
		options = append(options, ui.Option{Value: t.ID.String(), Label: t.Name, Group: group})
	}
	return options
}

// titleBadges say at the head of a sequence's pages how it stands, who has it and what it is about.
func titleBadges(seq action.SequenceView) []ui.BadgeProps {
	return slices.Concat(statusBadges(seq.SequenceRow), heldBadges(seq.Sequence), tagBadges(seq.Tags))
}

// heldBadges say who has a sequence and, where not everybody does, who sees it.
func heldBadges(s store.Sequence) []ui.BadgeProps {
	var badges []ui.BadgeProps
	if s.OwnerName != "" {
		owner := ui.BadgeProps{Text: s.OwnerName, Tone: ui.Neutral, Icon: "user", Title: "Owned by " + s.OwnerName}
		if s.OwnerTeam != 0 {
			owner.Icon, owner.Title = "users-group", "Owned by the team "+s.OwnerName
		}
		badges = append(badges, owner)
	}
	return append(badges, sharingBadges(s)...)
}

// sharingBadges say that not everybody sees a sequence; none where everybody does.
func sharingBadges(s store.Sequence) []ui.BadgeProps {
	switch s.Sharing {
	case access.Private:
		return []ui.BadgeProps{{Text: "Private", Tone: ui.Neutral, Icon: "lock", Title: "Only its owner and admins see it."}}
	case access.SharedWithTeam:
		return []ui.BadgeProps{{Text: "Shared with " + s.SharedName, Tone: ui.Neutral, Icon: "eye", Title: "Only the members of the team " + s.SharedName + ", its owner and admins see it."}}
	case access.SharedWithAll:
	}
	return nil
}

// ownedByMine is the value of the filter of owners for one's own teams.
const ownedByMine = "teams"

// readOwner reads the filter of owners: a user, one's teams, or one of the teams.
func readOwner(r *http.Request, q *store.SequenceQuery) {
	value, team := text(r, "owner"), ident.Team(0)
	switch {
	case value == ownedByMine:
		q.Teams = append([]ident.Team{}, actorOf(r).Teams...)
	case value != "" && readID(value, &team) == nil:
		q.Teams = []ident.Team{team}
	case readID(value, &q.Owner) != nil:
		q.Owner = 0
	}
}

// ownerOptions are whose sequences can be listed.
func (l sequenceList) ownerOptions(v view) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Anybody"}, {Value: v.Actor.ID.String(), Label: "Me"}}
	if len(l.Teams) > 0 {
		options = append(options, ui.Option{Value: ownedByMine, Label: "My teams"})
		options = append(options, teamOptions(l.Teams, "Teams")...)
	}
	for _, u := range l.Owners {
		if u.ID != v.Actor.ID {
			options = append(options, ui.Option{Value: u.ID.String(), Label: u.Name, Group: "Users"})
		}
	}
	return options
}
