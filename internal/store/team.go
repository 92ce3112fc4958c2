package store

import (
	"database/sql"
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// Team is users who own sequences together, and with whom sequences are shared.
type Team struct {
	ID   ident.Team
	Name string
	// Members are by name; those without access to Cadenza are among them.
	Members []TeamMember
}

// TeamMember is a user in a team.
type TeamMember struct {
	ID     ident.User
	Name   string
	Email  string
	Active bool
}

// LockTeams keeps teams as they are until the transaction ends, so that none is deleted while something is handed over to it.
func (tx *Tx) LockTeams() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select pg_advisory_xact_lock(8472054)`); err != nil {
		return fmt.Errorf("lock teams: %w", err)
	}
	return nil
}

// ListTeams lists every team by name with its members: there are dozens at most.
func (tx *Tx) ListTeams() ([]Team, error) {
	type row struct {
		team   Team
		member TeamMember
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) {
		return r, rows.Scan(&r.team.ID, &r.team.Name, &r.member.ID, &r.member.Name, &r.member.Email, &r.member.Active)
	}, `select t.id, t.name, coalesce(u.id, 0), coalesce(u.name, ''), coalesce(u.email, ''), coalesce(u.active, false)
		from teams t left join team_members m on m.team_id = t.id left join users u on u.id = m.user_id
		order by lower(t.name), t.id, lower(u.name), u.id`)
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	var list []Team
	for _, r := range rows {
		if len(list) == 0 || list[len(list)-1].ID != r.team.ID {
			list = append(list, r.team)
		}
		if r.member.ID != 0 {
			t := &list[len(list)-1]
			t.Members = append(t.Members, r.member)
		}
	}
	return list, nil
}

// GetTeam gives one team.
func (tx *Tx) GetTeam(id ident.Team) (Team, error) {
	list, err := tx.ListTeams()
	if err != nil {
		return Team{}, err
	}
	for _, t := range list {
		if t.ID == id {
			return t, nil
		}
	}
	return Team{}, fmt.Errorf("get team: %w", missing(sql.ErrNoRows, "team"))
}

// InsertTeam writes a new team without members.
func (tx *Tx) InsertTeam(name string) (ident.Team, error) {
	id, err := tx.insert(`insert into teams (name, created_at) values ($1, $2) on conflict do nothing`, name, tx.Now.UnixMicro())
	if err == sql.ErrNoRows {
		return 0, TeamTaken(name)
	}
	if err != nil {
		return 0, fmt.Errorf("insert team: %w", err)
	}
	return ident.Team(id), nil
}

// TeamTaken is the refusal of a name that another team has.
func TeamTaken(name string) error {
	return fault.Field("name", "taken", fmt.Sprintf("There is a team %q already. Choose another name.", name))
}

// RenameTeam gives a team another name, which the transaction has found to be free under LockTeams.
func (tx *Tx) RenameTeam(id ident.Team, name string) error {
	if _, err := tx.exec(`update teams set name = $2 where id = $1`, int64(id), name); err != nil {
		return fmt.Errorf("rename team: %w", err)
	}
	return nil
}

// SetTeamMembers gives a team these members and no others.
func (tx *Tx) SetTeamMembers(id ident.Team, members []ident.User) error {
	if _, err := tx.exec(`delete from team_members where team_id = $1`, int64(id)); err != nil {
		return fmt.Errorf("take members out: %w", err)
	}
	for _, u := range members {
		if _, err := tx.exec(`insert into team_members (team_id, user_id) values ($1, $2)`, int64(id), int64(u)); err != nil {
			return fmt.Errorf("put member in: %w", err)
		}
	}
	return nil
}

// TeamSequences gives the names of the sequences that a team owns, and of those that are shared with it, archived ones included.
// Deleting a team asks.
func (tx *Tx) TeamSequences(id ident.Team) (owned, shared []string, err error) {
	type row struct {
		name  string
		owned bool
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.name, &r.owned) },
		`select s.name, coalesce(s.owner_team_id = $1, false) from sequences s
		where s.deleted_at is null and (s.owner_team_id = $1 or s.shared_team_id = $1) order by lower(s.name)`, int64(id))
	if err != nil {
		return nil, nil, fmt.Errorf("list sequences of team: %w", err)
	}
	for _, r := range rows {
		if r.owned {
			owned = append(owned, r.name)
		} else {
			shared = append(shared, r.name)
		}
	}
	return owned, shared, nil
}

// DeleteTeam takes a team away that no sequence needs any more; deleted sequences let go of it.
func (tx *Tx) DeleteTeam(id ident.Team) error {
	for _, query := range []string{
		`update sequences set owner_team_id = null where owner_team_id = $1 and deleted_at is not null`,
		`update sequences set shared_team_id = null where shared_team_id = $1 and deleted_at is not null`,
		`delete from team_members where team_id = $1`,
		`delete from teams where id = $1`,
	} {
		if _, err := tx.exec(query, int64(id)); err != nil {
			return fmt.Errorf("delete team: %w", err)
		}
	}
	return nil
}

// membersOf gives the members of a team who have access.
func (tx *Tx) membersOf(id ident.Team) ([]ident.User, error) {
	list, err := collect(tx, func(rows oneRow) (u ident.User, err error) { return u, rows.Scan(&u) },
		`select u.id from team_members m join users u on u.id = m.user_id where m.team_id = $1 and u.active order by u.id`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("list members of team: %w", err)
	}
	return list, nil
}
